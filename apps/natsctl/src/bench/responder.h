/* bench/responder.h - a client that answers requests: with what was asked, or with a payload of its
 * own. The answers to all requests of a read leave together.
 *
 * Threads: made by [main].
 */
#pragma once

#include "bench/tally.h"

struct bench_responder_opts {
    struct bench_client *client;
    struct bench_goal *goal; // outlives it, like the texts
    const char *subject;
    const char *queue;    // NULL: none
    struct slice payload; // what is answered, when `is_echo` is not set
    bool is_echo;
    int64_t sleep_ns; // before each answer
};

struct bench_session *bench_responder_create(const struct bench_responder_opts *opts);
