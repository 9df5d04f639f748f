/* bench/requester.h - a client that asks, one request at a time, as fast as answers come or at a
 * rate.
 *
 * Replies come to a subscription to all of an inbox, as with real clients; a request that is not
 * answered in time counts as an error. Latency is that from the moment a request was due, and, at
 * a rate, also from the moment it was sent.
 *
 * Threads: made by [main].
 */
#pragma once

#include "bench/schedule.h"
#include "bench/script.h"

struct bench_requester_opts {
    struct bench_client *client;              // has_latency
    const struct bench_script_opts *messages; // copied; without a reply
    const char *inbox_prefix;
    uint64_t msgs;                  // UINT64_MAX: until it is stopped
    struct bench_schedule schedule; // rate 0: none; its start is the round's
    int64_t timeout_ns;
};

struct bench_session *bench_requester_create(const struct bench_requester_opts *opts);
