/* totals.h - counts of the whole server, added up over its workers. Threads: [any]. */
#pragma once

#include <stdint.h>

struct nserver;

struct nserver__totals {
    uint64_t in_msgs, in_bytes, out_msgs, out_bytes;
    uint64_t slow_consumers, stale_connections, stalls;
};

struct nserver__totals nserver__totals(const struct nserver *server);
// Of all accounts.
uint64_t nserver__count_subscriptions(struct nserver *server);
