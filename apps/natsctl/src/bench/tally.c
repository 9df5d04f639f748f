#include "bench/tally.h"

#include "bench/load.h"

void bench_goal_set(struct bench_goal *goal, uint64_t msgs)
{
    atomic_store_explicit(&goal->msgs, 0, memory_order_relaxed);
    atomic_store_explicit(&goal->goal, msgs, memory_order_relaxed);
}

void bench_goal_change(struct bench_goal *goal, uint64_t msgs)
{
    atomic_store_explicit(&goal->goal, msgs, memory_order_relaxed);
}

bool bench_goal_is_reached(const struct bench_goal *goal)
{
    return atomic_load_explicit(&goal->msgs, memory_order_relaxed) >=
           atomic_load_explicit(&goal->goal, memory_order_relaxed);
}

void bench_tally_start(struct bench_tally *tally, struct bench_session *session)
{
    *tally = (struct bench_tally){.goal = tally->goal,
                                  .base_msgs = session->stream.msgs,
                                  .base_bytes = session->stream.bytes};
}

void bench_tally_count(struct bench_tally *tally, struct bench_session *session)
{
    uint64_t msgs = session->stream.msgs - tally->base_msgs;

    if (session->is_finished || msgs == tally->counted) {
        return;
    }
    if (tally->first_ns == 0) {
        tally->first_ns = session->read_ns;
    }
    tally->last_ns = session->read_ns;
    atomic_fetch_add_explicit(&tally->goal->msgs, msgs - tally->counted, memory_order_relaxed);
    tally->counted = msgs;
    atomic_store_explicit(&session->done, msgs, memory_order_relaxed);
    if (!bench_goal_is_reached(tally->goal)) {
        return;
    }
    if (tally->goal->is_shared && !session->worker->load->has_drivers) {
        bench_load_complete(session->worker->load); // for all of the group
    } else {
        bench_session_finish(session);
    }
}

void bench_tally_note(const struct bench_tally *tally, struct bench_session *session)
{
    struct bench_client *client = session->client;

    client->msgs = session->stream.msgs - tally->base_msgs;
    client->bytes = session->stream.bytes - tally->base_bytes;
    client->started_ns = (int64_t)tally->first_ns;
    client->ended_ns = (int64_t)tally->last_ns;
}
