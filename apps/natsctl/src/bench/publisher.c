#include "bench/publisher.h"

#include "bench/load.h"

enum {
    BATCHES_AT_ONCE = 4,   // then it is another client's turn
    SINGLES_AT_ONCE = 512, // the same for messages that are sent one by one
};

// What waits for a socket: enough for it never to run dry, small enough to stay in the cache.
#define QUEUED_MAX_BYTES ((size_t)384 * 1024)

struct publisher {
    struct bench_session session;
    const struct bench_script *script;
    uint64_t msgs;
    struct bench_schedule schedule;
    int64_t sleep_ns;
    // of this round
    uint64_t goal;
    uint64_t sent;
    size_t batch;    // the next one
    bool is_stalled; // the socket is full
    bool has_pinged; // all is sent
};

static struct publisher *publisher_of(struct bench_session *session)
{
    return nb_container_of(session, struct publisher, session);
}

static bool is_full(struct publisher *publisher)
{
    publisher->is_stalled = nnet_conn_backlog_bytes(&publisher->session.conn) >= QUEUED_MAX_BYTES;
    if (publisher->is_stalled) {
        publisher->session.worker->was_blocked = true;
    }
    return publisher->is_stalled;
}

static void send_one(struct publisher *publisher, uint64_t due_ns, uint64_t now_ns)
{
    const struct bench_send send = {.index = publisher->sent, .due_ns = due_ns, .sent_ns = now_ns};

    bench_script_send(publisher->script, &publisher->session, &send);
    publisher->sent++;
}

// hot: once per some 100 KB.
static void send_batch(struct publisher *publisher)
{
    const struct bench_script *script = publisher->script;
    const struct bench_batch *batch = &script->batches[publisher->batch];
    uint64_t left;
    unsigned n;

    if (script->has_stamps) { // one of many has the time
        uint64_t now_ns = nb_mono_now().ns;

        send_one(publisher, now_ns, now_ns);
    }
    left = publisher->goal - publisher->sent;
    n = left < batch->count ? (unsigned)left : batch->count;
    if (n > 0) {
        nnet_out_append_ref(publisher->session.worker->worker, &publisher->session.conn,
                            batch->chunk, nb_slice_make(batch->chunk->data, batch->ends[n - 1]));
    }
    publisher->sent += n;
    publisher->batch = (publisher->batch + 1) % script->batch_count;
}

// As much as there is room for, or is due.
static void send_freely(struct publisher *publisher)
{
    bool has_batches = publisher->script->batch_count > 0;

    for (unsigned i = 0; i < (has_batches ? BATCHES_AT_ONCE : SINGLES_AT_ONCE); i++) {
        if (publisher->sent == publisher->goal || is_full(publisher)) {
            return;
        }
        if (has_batches) {
            send_batch(publisher);
        } else {
            uint64_t now_ns = publisher->script->has_stamps ? nb_mono_now().ns : 0;

            send_one(publisher, now_ns, now_ns);
        }
    }
}

static void send_due(struct publisher *publisher, uint64_t now_ns)
{
    struct bench_worker *worker = publisher->session.worker;

    for (unsigned i = 0; i < SINGLES_AT_ONCE; i++) {
        uint64_t due_ns;

        if (publisher->sent == publisher->goal || is_full(publisher)) {
            return;
        }
        due_ns = bench_schedule_due_ns(&publisher->schedule, publisher->sent);
        if (due_ns > now_ns) {
            return;
        }
        if (now_ns - due_ns > worker->late_ns) {
            worker->late_ns = now_ns - due_ns;
        }
        send_one(publisher, due_ns, now_ns);
    }
}

static void plan_next(struct publisher *publisher, uint64_t now_ns)
{
    struct bench_session *session = &publisher->session;
    uint64_t next_ns = now_ns + 1; // in the next pass

    if (publisher->is_stalled) {
        return; // until there is room
    }
    if (publisher->schedule.rate > 0) {
        next_ns = bench_schedule_due_ns(&publisher->schedule, publisher->sent);
        next_ns = next_ns > now_ns ? next_ns : now_ns + 1;
    } else if (publisher->sleep_ns > 0) {
        next_ns = now_ns + (uint64_t)publisher->sleep_ns;
    }
    bench_worker_set_due(session->worker, session, next_ns);
}

static void send_more(struct publisher *publisher, uint64_t now_ns)
{
    struct bench_session *session = &publisher->session;

    if (publisher->has_pinged) {
        return;
    }
    if (publisher->schedule.rate > 0) {
        send_due(publisher, now_ns);
    } else if (publisher->sleep_ns > 0) {
        send_one(publisher, now_ns, now_ns);
    } else {
        send_freely(publisher);
    }
    atomic_store_explicit(&session->done, publisher->sent, memory_order_relaxed);
    if (publisher->sent == publisher->goal) {
        publisher->has_pinged = true;
        bench_session_ping(session);
    } else {
        plan_next(publisher, now_ns);
    }
}

// -- the role --------------------------------------------------------------------------------

static void on_start(struct bench_session *session)
{
    struct publisher *publisher = publisher_of(session);
    const struct bench_load *load = session->worker->load;

    publisher->goal = load->is_warm_up ? UINT64_MAX : publisher->msgs;
    publisher->sent = 0;
    publisher->batch = 0;
    publisher->is_stalled = false;
    publisher->has_pinged = false;
    publisher->schedule.start_ns = load->round_start_ns;
    if (publisher->goal == 0) {
        publisher->has_pinged = true;
        bench_session_ping(session);
    } else {
        bench_worker_set_due(session->worker, session,
                             publisher->schedule.rate > 0
                                 ? bench_schedule_due_ns(&publisher->schedule, 0)
                                 : load->round_start_ns);
    }
}

static void on_stop(struct bench_session *session)
{
    struct publisher *publisher = publisher_of(session);

    if (!publisher->has_pinged) {
        publisher->goal = publisher->sent;
        publisher->has_pinged = true;
        bench_session_ping(session);
    }
}

static void on_note(struct bench_session *session)
{
    const struct publisher *publisher = publisher_of(session);
    struct bench_client *client = session->client;

    client->msgs = publisher->sent;
    client->bytes = publisher->sent * publisher->script->message_bytes;
    client->started_ns = (int64_t)session->worker->load->round_start_ns;
    client->ended_ns = (int64_t)nb_mono_now().ns;
}

static void on_pong(struct bench_session *session)
{
    if (publisher_of(session)->has_pinged) {
        bench_session_finish(session);
    }
}

static void on_drained(struct bench_session *session)
{
    struct publisher *publisher = publisher_of(session);

    if (!session->is_finished && publisher->is_stalled) {
        publisher->is_stalled = false;
        send_more(publisher, nb_mono_now().ns);
    }
}

static void on_due(struct bench_session *session, uint64_t now_ns)
{
    if (!session->is_finished) {
        send_more(publisher_of(session), now_ns);
    }
}

// What was queued is lost, and counts as sent.
static void on_resume(struct bench_session *session)
{
    struct publisher *publisher = publisher_of(session);

    publisher->is_stalled = false;
    if (publisher->has_pinged) {
        bench_session_ping(session);
    } else {
        send_more(publisher, nb_mono_now().ns);
    }
}

static void destroy(struct bench_session *session)
{
    nb_free(publisher_of(session));
}

static const struct bench_stream_handler stream = {.control = bench_session_control};

static const struct bench_role_ops ops = {
    .stream = &stream,
    .is_driver = true,
    .start = on_start,
    .stop = on_stop,
    .pong = on_pong,
    .drained = on_drained,
    .due = on_due,
    .resume = on_resume,
    .note = on_note,
    .destroy = destroy,
};

struct bench_session *bench_publisher_create(const struct bench_publisher_opts *opts)
{
    struct publisher *publisher = nb_zalloc(sizeof(*publisher));

    publisher->session.ops = &ops;
    publisher->session.client = opts->client;
    publisher->script = opts->script;
    publisher->msgs = opts->msgs;
    publisher->schedule = opts->schedule;
    publisher->sleep_ns = opts->sleep_ns;
    return &publisher->session;
}

void bench_publisher_set_task(struct bench_session *session, uint64_t msgs,
                              struct bench_client *client)
{
    publisher_of(session)->msgs = msgs;
    session->client = client;
}
