#include "bench/subscriber.h"

#include "bench/load.h"
#include "bench/script.h"

#define QUIET_MAX_NS (1 * NB_NS_PER_S)     // without a message: the rest was lost
#define LOOK_PERIOD_NS (20 * NB_NS_PER_MS) // whether the others of a group have it

struct subscriber {
    struct bench_session session;
    struct bench_goal *goal;
    const char *subject;
    const char *queue;
    // of this round
    uint64_t base_msgs; // of the stream, when it began
    uint64_t base_bytes;
    uint64_t counted; // what the goal knows of
    uint64_t first_ns;
    uint64_t last_ns;
    uint64_t settle_ns; // 0: not yet
};

static struct subscriber *subscriber_of(struct bench_session *session)
{
    return nb_container_of(session, struct subscriber, session);
}

static void finish(struct subscriber *subscriber)
{
    struct bench_session *session = &subscriber->session;
    struct bench_client *client = session->client;

    client->msgs = session->stream.msgs - subscriber->base_msgs;
    client->bytes = session->stream.bytes - subscriber->base_bytes;
    client->started_ns = (int64_t)subscriber->first_ns;
    client->ended_ns = (int64_t)subscriber->last_ns;
    bench_session_finish(session);
}

static bool is_reached(const struct bench_goal *goal)
{
    return atomic_load_explicit(&goal->msgs, memory_order_relaxed) >=
           atomic_load_explicit(&goal->goal, memory_order_relaxed);
}

static void check_goal(struct subscriber *subscriber)
{
    if (!is_reached(subscriber->goal)) {
        return;
    }
    if (subscriber->goal->is_shared && !subscriber->session.worker->load->has_drivers) {
        bench_load_complete(subscriber->session.worker->load); // for all of the group
    } else {
        finish(subscriber);
    }
}

// hot: once per read.
static void on_received(struct bench_session *session, uint64_t now_ns)
{
    struct subscriber *subscriber = subscriber_of(session);
    uint64_t msgs = session->stream.msgs - subscriber->base_msgs;

    if (session->is_finished || msgs == subscriber->counted) {
        return;
    }
    if (subscriber->first_ns == 0) {
        subscriber->first_ns = now_ns;
    }
    subscriber->last_ns = now_ns;
    atomic_fetch_add_explicit(&subscriber->goal->msgs, msgs - subscriber->counted,
                              memory_order_relaxed);
    subscriber->counted = msgs;
    atomic_store_explicit(&session->done, msgs, memory_order_relaxed);
    check_goal(subscriber);
}

static void on_head(struct bench_stream *stream, const uint8_t *head, size_t n)
{
    struct bench_session *session = bench_session_of(stream);
    uint64_t due_ns = n >= BENCH_STAMP_MIN_BYTES ? bench_stamp_get(head) : 0;

    if (due_ns == 0 || session->is_finished || due_ns > session->read_ns) {
        return; // no stamp, or of another machine
    }
    bench_histogram_record(&session->client->latency, session->read_ns - due_ns);
    if (n >= BENCH_STAMP_BYTES && session->worker->load->has_rate) {
        bench_histogram_record(&session->client->uncorrected,
                               session->read_ns - bench_stamp_get(head + BENCH_STAMP_MIN_BYTES));
    }
}

// -- the role --------------------------------------------------------------------------------

static void on_prepare(struct bench_session *session)
{
    const struct subscriber *subscriber = subscriber_of(session);

    bench_session_write(session, NB_SLICE("SUB "));
    bench_session_write(session, nb_slice_of(subscriber->subject));
    if (subscriber->queue != NULL) {
        bench_session_write(session, NB_SLICE(" "));
        bench_session_write(session, nb_slice_of(subscriber->queue));
    }
    bench_session_write(session, NB_SLICE(" 1\r\n"));
}

static void on_start(struct bench_session *session)
{
    struct subscriber *subscriber = subscriber_of(session);

    subscriber->base_msgs = session->stream.msgs;
    subscriber->base_bytes = session->stream.bytes;
    subscriber->counted = 0;
    subscriber->first_ns = 0;
    subscriber->last_ns = 0;
    subscriber->settle_ns = 0;
    if (session->client->has_latency) {
        bench_histogram_clear(&session->client->latency);
        bench_histogram_clear(&session->client->uncorrected);
    }
}

static void on_stop(struct bench_session *session)
{
    finish(subscriber_of(session));
}

static void on_settle(struct bench_session *session)
{
    subscriber_of(session)->settle_ns = nb_mono_now().ns;
    bench_session_ping(session);
}

// What was published on the same server is here now. What comes from other servers may need a
// moment more.
static void look_again(struct subscriber *subscriber, uint64_t now_ns)
{
    struct bench_session *session = &subscriber->session;
    uint64_t goal = atomic_load_explicit(&subscriber->goal->goal, memory_order_relaxed);

    uint64_t quiet_ns =
        subscriber->last_ns > subscriber->settle_ns ? subscriber->last_ns : subscriber->settle_ns;
    if (is_reached(subscriber->goal) || goal == UINT64_MAX ||
        now_ns > quiet_ns + (uint64_t)QUIET_MAX_NS) {
        finish(subscriber);
    } else {
        bench_worker_set_due(session->worker, session, now_ns + (uint64_t)LOOK_PERIOD_NS);
    }
}

static void on_pong(struct bench_session *session)
{
    struct subscriber *subscriber = subscriber_of(session);

    on_received(session, session->read_ns); // messages before it, in the same read
    if (subscriber->settle_ns > 0 && !session->is_finished) {
        look_again(subscriber, session->read_ns);
    }
}

static void on_due(struct bench_session *session, uint64_t now_ns)
{
    if (!session->is_finished) {
        look_again(subscriber_of(session), now_ns);
    }
}

static void on_lost(struct bench_session *session)
{
    finish(subscriber_of(session));
}

static void destroy(struct bench_session *session)
{
    nb_free(subscriber_of(session));
}

static const struct bench_stream_handler counting = {.control = bench_session_control};
static const struct bench_stream_handler timing = {.control = bench_session_control,
                                                   .head = on_head};

#define SUBSCRIBER_OPS(handler)                                                          \
    {                                                                                    \
        .stream = &(handler), .prepare = on_prepare, .start = on_start, .stop = on_stop, \
        .settle = on_settle, .pong = on_pong, .received = on_received, .due = on_due,    \
        .lost = on_lost, .destroy = destroy,                                             \
    }

static const struct bench_role_ops counting_ops = SUBSCRIBER_OPS(counting);
static const struct bench_role_ops timing_ops = SUBSCRIBER_OPS(timing);

struct bench_session *bench_subscriber_create(const struct bench_subscriber_opts *opts)
{
    struct subscriber *subscriber = nb_zalloc(sizeof(*subscriber));

    subscriber->session.ops = opts->client->has_latency ? &timing_ops : &counting_ops;
    subscriber->session.client = opts->client;
    subscriber->goal = opts->goal;
    subscriber->subject = opts->subject;
    subscriber->queue = opts->queue;
    return &subscriber->session;
}
