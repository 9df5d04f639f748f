/* process_load.h - CPU and memory of this process, as /varz shows them (spec 04 section 3.2.7).
 * [control] A sample each second while the HTTP port is open, otherwise when it is asked for.
 */
#pragma once

#include <natsd/timer.h>

#include <stdint.h>

struct nserver;

struct nserver__process_load {
    struct nserver *server;
    struct nnet_timer timer;
    uint64_t ticks;
    uint64_t uptime_s;
    double cpu_percent; // one decimal, summed over the cores
};

void nserver__process_load_start(struct nserver *server);
void nserver__process_load_stop(struct nserver *server);
// When nobody else does; nothing happens more often than once a second.
void nserver__process_load_sample(struct nserver__process_load *load);
uint64_t nserver__process_rss_bytes(void);
