/* bench/tally.h - what a session received in a round: how much, between when and when, and whether
 * that is what it, or its group, was to receive.
 *
 * Threads: a tally [owner] of its session, a goal [any].
 */
#pragma once

#include "bench/session.h"

// Of one session or of several (of a queue group).
struct bench_goal {
    _Atomic uint64_t msgs; // relaxed: received in this round
    _Atomic uint64_t goal; // relaxed; UINT64_MAX: not known
    bool is_shared;        // constant
};

struct bench_tally {
    struct bench_goal *goal; // outlives it
    // private: of this round
    uint64_t base_msgs; // of the stream, when it began
    uint64_t base_bytes;
    uint64_t counted; // what the goal knows of
    uint64_t first_ns;
    uint64_t last_ns;
};

void bench_tally_start(struct bench_tally *tally, struct bench_session *session);
// hot: once per read. Ends the session, or all of the group, when the goal is reached.
void bench_tally_count(struct bench_tally *tally, struct bench_session *session);
void bench_tally_note(const struct bench_tally *tally, struct bench_session *session);
bool bench_goal_is_reached(const struct bench_goal *goal);
void bench_goal_set(struct bench_goal *goal, uint64_t msgs);    // for a round, and nothing received
void bench_goal_change(struct bench_goal *goal, uint64_t msgs); // in a round
