/* bench/interest.h - a client with very many subscriptions: puts them in place, receives what
 * matches, ends them. Each is a round.
 *
 * Client `turn` of `turns` has the subjects <subject>.<n> with n % turns == turn.
 *
 * Threads: made by [main], which changes the phase between rounds.
 */
#pragma once

#include "bench/tally.h"

enum bench_interest_phase {
    BENCH_INTEREST_INSERT,
    BENCH_INTEREST_MATCH,
    BENCH_INTEREST_REMOVE,
};

struct bench_interest_opts {
    struct bench_client *client; // the inserter
    const char *subject;         // outlives it, like the goal
    uint64_t subs;               // of all clients
    unsigned turns;
    unsigned turn;
    struct bench_goal *goal; // of what matches
};

struct bench_session *bench_interest_create(const struct bench_interest_opts *opts);
// The results of the round go to `client`; a match has none of its own.
void bench_interest_set_phase(struct bench_session *session, enum bench_interest_phase phase,
                              struct bench_client *client);
