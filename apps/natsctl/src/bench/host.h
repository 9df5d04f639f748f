/* bench/host.h - the machine that a run was made on, as its result names it. Threads: [any]. */
#pragma once

#include <sys/utsname.h>

struct bench_host {
    struct utsname names; // nodename, sysname, release, machine
    unsigned cores;       // that this process may use
};

void bench_host_read(struct bench_host *host);
