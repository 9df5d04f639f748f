/* bench/subscriber.h - a client that subscribes and counts.
 *
 * Its time is that from its first to its last message. It ends when the goal is reached; in a
 * run with publishers also when all of them are done and nothing more comes.
 *
 * Threads: made by [main].
 */
#pragma once

#include "bench/tally.h"

struct bench_subscriber_opts {
    struct bench_client *client; // has_latency: messages have stamps
    struct bench_goal *goal;     // outlives it, like the texts
    const char *subject;
    const char *queue; // NULL: none
    int64_t sleep_ns;  // after each message; then their stamps are not looked at
};

struct bench_session *bench_subscriber_create(const struct bench_subscriber_opts *opts);
// "SUB <subject> [<queue> ]1"
void bench_subscriber_write(struct bench_session *session, const char *subject, const char *queue);
