/* bench/subscriber.h - a client that subscribes and counts.
 *
 * Its time is that from its first to its last message. It ends when the goal is reached; in a
 * run with publishers also when all of them are done and nothing more comes.
 *
 * Threads: made by [main].
 */
#pragma once

#include "bench/session.h"

// What one or several subscribers (of a queue group) are to receive together.
struct bench_goal {
    _Atomic uint64_t msgs; // relaxed: received in this round
    _Atomic uint64_t goal; // relaxed: UINT64_MAX: not known
    bool is_shared;
};

struct bench_subscriber_opts {
    struct bench_client *client; // has_latency: messages have stamps
    struct bench_goal *goal;     // outlives it
    const char *subject;         // outlives it
    const char *queue;           // the same; NULL: none
};

struct bench_session *bench_subscriber_create(const struct bench_subscriber_opts *opts);
