#include "bench/host.h"

#include <sched.h>
#include <stdio.h>
#include <unistd.h>

static unsigned count_cores(void)
{
    cpu_set_t set;
    long online = sysconf(_SC_NPROCESSORS_ONLN);

    if (sched_getaffinity(0, sizeof(set), &set) == 0) { // fails with more cores than the set holds
        return (unsigned)CPU_COUNT(&set);
    }
    return online > 0 ? (unsigned)online : 1;
}

void bench_host_read(struct bench_host *host)
{
    *host = (struct bench_host){.cores = count_cores()};
    if (uname(&host->names) != 0) {
        snprintf(host->names.nodename, sizeof(host->names.nodename), "unknown");
    }
}
