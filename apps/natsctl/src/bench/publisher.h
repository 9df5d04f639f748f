/* bench/publisher.h - a client that publishes, as fast as the server takes it or at a rate.
 *
 * It ends with the PONG behind its last message. Threads: made by [main].
 */
#pragma once

#include "bench/schedule.h"
#include "bench/script.h"

struct bench_publisher_opts {
    struct bench_client *client;
    const struct bench_script *script; // outlives it
    uint64_t msgs;                     // UINT64_MAX: until it is stopped
    struct bench_schedule schedule;    // rate 0: none; its start is the round's
    int64_t sleep_ns;                  // between messages; 0: none. Not beside a rate
};

struct bench_session *bench_publisher_create(const struct bench_publisher_opts *opts);
// Between rounds: how many from now on, and whose results they are.
void bench_publisher_set_task(struct bench_session *session, uint64_t msgs,
                              struct bench_client *client);
