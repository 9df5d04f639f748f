/* bench/schedule.h - when a message is due at a given rate (spec 12 section 19.2).
 *
 * The clients of a run take turns: message i of the client `turn` among `turns` is number
 * i * turns + turn of all, and due at start + number / rate. It does not matter when those before
 * it were really sent. Threads: [any].
 */
#pragma once

#include <natsd/clock.h>

struct bench_schedule {
    uint64_t start_ns;
    uint64_t rate; // messages per second of all clients; 0: no schedule
    uint64_t turns;
    uint64_t turn;
};

static inline uint64_t bench_schedule_due_ns(const struct bench_schedule *schedule, uint64_t i)
{
    unsigned __int128 number = (unsigned __int128)i * schedule->turns + schedule->turn;
    unsigned __int128 after_ns = number * (uint64_t)NB_NS_PER_S / schedule->rate;

    return after_ns < UINT64_MAX - schedule->start_ns ? schedule->start_ns + (uint64_t)after_ns
                                                      : UINT64_MAX;
}
