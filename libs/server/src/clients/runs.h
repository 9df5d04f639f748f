/* runs.h - deliveries to subscriptions of other workers, while one client's input is taken.
 *
 * What is counted for each message is written by the subscription's own worker, too: both would
 * wait for the other's cache at every message. So a run of deliveries looks at the subscription
 * once, and is counted once, at its end. As many runs go on at a time as there are places; a
 * subscription's place follows from its address.
 *
 * Threads: [owner] of the worker that delivers.
 */
#pragma once

#include "clients/subscription.h"

enum {
    NSERVER__RUNS_MAX = 64,
};

struct nserver__runs {
    uint64_t used; // bit i: place i
    struct nserver__run {
        struct nserver__sub *sub;
        uint64_t count;
    } at[NSERVER__RUNS_MAX];
};

static inline unsigned nserver__runs_place(const struct nserver__sub *sub)
{
    return (unsigned)(((uint64_t)(uintptr_t)sub >> 3) * UINT64_C(0x9E3779B97F4A7C15) >> 58);
}

// hot: NULL: there is no run of it.
static inline struct nserver__run *nserver__runs_find(struct nserver__runs *runs,
                                                      const struct nserver__sub *sub)
{
    struct nserver__run *run = &runs->at[nserver__runs_place(sub)];

    return run->sub == sub ? run : NULL;
}
