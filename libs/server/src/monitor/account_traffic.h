/* account_traffic.h - what the connections of accounts have sent and got.
 *
 * Nobody counts it for each message: it is the sum over the connections that are open, of which
 * each worker adds its own, and what those had that were closed.
 *
 * Threads: [control].
 */
#pragma once

#include <natsd/json_writer.h>

struct nserver;
struct nserver__account;

struct nserver__account_stat {
    struct nserver__account *account;
    int64_t connection_count;
    uint64_t in_msgs, in_bytes, out_msgs, out_bytes;
    uint64_t slow_consumers;
};

struct nserver__account_stats {
    struct nserver__account_stat *items; // in the order of their names
    size_t count;
};

// Counts all accounts, later: `done` runs with stats that are its to free.
typedef void (*nserver__account_stats_fn)(void *ctx, struct nserver__account_stats *stats);
void nserver__account_stats_gather(struct nserver *server, nserver__account_stats_fn done,
                                   void *ctx);
void nserver__account_stats_fini(struct nserver__account_stats *stats);
const struct nserver__account_stat *nserver__account_stats_find(
    const struct nserver__account_stats *stats, const struct nserver__account *account);

// The members of AccountStat (spec 04 section 3.9), without braces.
void nserver__account_stat_write(const struct nserver__account_stat *stat,
                                 struct nb_json_writer *w);
