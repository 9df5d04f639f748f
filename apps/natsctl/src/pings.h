/* pings.h - the time from a PING to its PONG, several times. Taken in the client's own thread. */
#pragma once

#include "connection.h"

struct pings {
    unsigned count;
    int64_t min_ns;
    int64_t max_ns;
    int64_t sum_ns;
};

enum {
    PINGS_MAX = 1000 * 1000,
};

// NB_OK, or what came instead of a PONG. 1 <= count <= PINGS_MAX.
NB_MUST_USE int pings_take(struct connection *connection, unsigned count, struct pings *out);
static inline int64_t pings_average_ns(const struct pings *pings)
{
    return pings->count > 0 ? pings->sum_ns / pings->count : 0;
}
