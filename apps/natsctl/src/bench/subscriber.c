#include "bench/subscriber.h"

#include "bench/load.h"
#include "bench/script.h"

#define QUIET_MAX_NS (1 * NB_NS_PER_S)     // without a message: the rest was lost
#define LOOK_PERIOD_NS (20 * NB_NS_PER_MS) // whether the others of a group have it

struct subscriber {
    struct bench_session session;
    struct bench_tally tally;
    const char *subject;
    const char *queue;
    int64_t sleep_ns;
    uint64_t settle_ns; // when all that this round has for it was sent; 0: not yet
};

static struct subscriber *subscriber_of(struct bench_session *session)
{
    return nb_container_of(session, struct subscriber, session);
}

// -- messages --------------------------------------------------------------------------------

static void on_received(struct bench_session *session)
{
    bench_tally_count(&subscriber_of(session)->tally, session);
}

// hot: once per message, when latencies are wanted.
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

static void on_begin(struct bench_stream *stream NB_UNUSED,
                     const struct bench_message *message NB_UNUSED)
{
}

static void on_body(struct bench_stream *stream NB_UNUSED, struct slice piece NB_UNUSED)
{
}

// A slow consumer.
static bool on_end(struct bench_stream *stream)
{
    struct bench_session *session = bench_session_of(stream);

    if (session->is_finished) {
        return true;
    }
    bench_session_hold(session);
    bench_worker_set_due(session->worker, session,
                         nb_mono_now().ns + (uint64_t)subscriber_of(session)->sleep_ns);
    return false;
}

// -- the role --------------------------------------------------------------------------------

void bench_subscriber_write(struct bench_session *session, const char *subject, const char *queue)
{
    bench_session_write(session, NB_SLICE("SUB "));
    bench_session_write(session, nb_slice_of(subject));
    if (queue != NULL) {
        bench_session_write(session, NB_SLICE(" "));
        bench_session_write(session, nb_slice_of(queue));
    }
    bench_session_write(session, NB_SLICE(" 1\r\n"));
}

static void on_prepare(struct bench_session *session)
{
    const struct subscriber *subscriber = subscriber_of(session);

    bench_subscriber_write(session, subscriber->subject, subscriber->queue);
}

static void on_start(struct bench_session *session)
{
    struct subscriber *subscriber = subscriber_of(session);

    bench_tally_start(&subscriber->tally, session);
    subscriber->settle_ns = 0;
    if (session->client->has_latency) {
        bench_histogram_clear(&session->client->latency);
        bench_histogram_clear(&session->client->uncorrected);
    }
    bench_session_resume(session);
}

static void on_settle(struct bench_session *session)
{
    subscriber_of(session)->settle_ns = nb_mono_now().ns;
    bench_session_ping(session);
}

// What was published on the same server is here now. What comes from other servers may need a
// moment more, and so do those who sleep.
static void look_again(struct subscriber *subscriber, uint64_t now_ns)
{
    struct bench_session *session = &subscriber->session;
    const struct bench_tally *tally = &subscriber->tally;
    uint64_t goal = atomic_load_explicit(&tally->goal->goal, memory_order_relaxed);
    uint64_t quiet_ns =
        tally->last_ns > subscriber->settle_ns ? tally->last_ns : subscriber->settle_ns;

    if (bench_goal_is_reached(tally->goal) || goal == UINT64_MAX ||
        now_ns > quiet_ns + (uint64_t)QUIET_MAX_NS) {
        bench_session_finish(session);
    } else {
        bench_worker_set_due(session->worker, session, now_ns + (uint64_t)LOOK_PERIOD_NS);
    }
}

static void on_pong(struct bench_session *session)
{
    struct subscriber *subscriber = subscriber_of(session);

    bench_tally_count(&subscriber->tally, session); // messages before it, in the same read
    if (subscriber->settle_ns > 0 && !session->is_finished) {
        look_again(subscriber, session->read_ns);
    }
}

static void on_due(struct bench_session *session, uint64_t now_ns)
{
    struct subscriber *subscriber = subscriber_of(session);

    if (subscriber->sleep_ns > 0) {
        bench_session_resume(session);
    } else if (!session->is_finished) {
        look_again(subscriber, now_ns);
    }
}

static void on_resume(struct bench_session *session)
{
    if (subscriber_of(session)->settle_ns > 0) { // the answer to its PING is lost
        bench_session_finish(session);
    }
}

static void on_note(struct bench_session *session)
{
    bench_tally_note(&subscriber_of(session)->tally, session);
}

static void destroy(struct bench_session *session)
{
    nb_free(subscriber_of(session));
}

static const struct bench_stream_handler counting = {.control = bench_session_control};
static const struct bench_stream_handler timing = {.control = bench_session_control,
                                                   .head = on_head};
static const struct bench_stream_handler sleeping = {
    .control = bench_session_control, .begin = on_begin, .body = on_body, .end = on_end};

#define SUBSCRIBER_OPS(handler)                                                       \
    {                                                                                 \
        .stream = &(handler), .prepare = on_prepare, .start = on_start,               \
        .stop = bench_session_finish, .settle = on_settle, .pong = on_pong,           \
        .received = on_received, .due = on_due, .resume = on_resume, .note = on_note, \
        .destroy = destroy,                                                           \
    }

static const struct bench_role_ops counting_ops = SUBSCRIBER_OPS(counting);
static const struct bench_role_ops timing_ops = SUBSCRIBER_OPS(timing);
static const struct bench_role_ops sleeping_ops = SUBSCRIBER_OPS(sleeping);

struct bench_session *bench_subscriber_create(const struct bench_subscriber_opts *opts)
{
    struct subscriber *subscriber = nb_zalloc(sizeof(*subscriber));

    subscriber->session.ops = opts->client->has_latency ? &timing_ops : &counting_ops;
    if (opts->sleep_ns > 0) {
        subscriber->session.ops = &sleeping_ops;
    }
    subscriber->session.client = opts->client;
    subscriber->tally.goal = opts->goal;
    subscriber->subject = opts->subject;
    subscriber->queue = opts->queue;
    subscriber->sleep_ns = opts->sleep_ns;
    return &subscriber->session;
}
