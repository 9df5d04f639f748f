#include "bench/interest.h"

#include "bench/load.h"

#include <natsd/number.h>

enum {
    LINE_MAX_BYTES = 4096 + 2 * NB_U64_TEXT_MAX_BYTES + 16,
    LINES_AT_ONCE = 1024, // then it is another client's turn
};

// As with publishers.
#define QUEUED_MAX_BYTES ((size_t)384 * 1024)

struct interest {
    struct bench_session session;
    struct bench_tally tally;
    struct slice subject;
    uint64_t subs;
    unsigned turns;
    unsigned turn;
    // of this round
    uint64_t next; // its number among all
    uint64_t written;
    bool is_stalled; // the socket is full
    bool has_pinged; // all is written
    uint64_t end_ns;
};

static struct interest *interest_of(struct bench_session *session)
{
    return nb_container_of(session, struct interest, session);
}

// -- lines -----------------------------------------------------------------------------------

static uint8_t *put(uint8_t *out, struct slice part)
{
    memcpy(out, part.p, part.n);
    return out + part.n;
}

// "SUB <subject>.<n> <n + 1>", "UNSUB <n + 1>"
static void write_line(struct interest *interest, bool is_insert)
{
    struct bench_session *session = &interest->session;
    struct nnet_worker *thread = session->worker->worker;
    uint8_t *out = nnet_out_reserve(thread, &session->conn, LINE_MAX_BYTES);
    uint8_t *at = put(out, is_insert ? NB_SLICE("SUB ") : NB_SLICE("UNSUB "));

    if (is_insert) {
        at = put(at, interest->subject);
        *at++ = '.';
        at += nb_format_u64(interest->next, (char *)at);
        *at++ = ' ';
    }
    at += nb_format_u64(interest->next + 1, (char *)at);
    at = put(at, NB_SLICE("\r\n"));
    nnet_out_commit(thread, &session->conn, (size_t)(at - out), 0, 0);
    interest->next += interest->turns;
    interest->written++;
}

static void write_more(struct interest *interest, uint64_t now_ns, bool is_insert)
{
    struct bench_session *session = &interest->session;

    for (unsigned i = 0; i < LINES_AT_ONCE && interest->next < interest->subs; i++) {
        interest->is_stalled = nnet_conn_backlog_bytes(&session->conn) >= QUEUED_MAX_BYTES;
        if (interest->is_stalled) {
            session->worker->was_blocked = true;
            return; // until there is room
        }
        write_line(interest, is_insert);
    }
    atomic_store_explicit(&session->done, interest->written, memory_order_relaxed);
    if (interest->next < interest->subs) {
        bench_worker_set_due(session->worker, session, now_ns + 1);
    } else {
        interest->has_pinged = true;
        bench_session_ping(session);
    }
}

static void insert_more(struct bench_session *session, uint64_t now_ns)
{
    if (!interest_of(session)->has_pinged) {
        write_more(interest_of(session), now_ns, true);
    }
}

static void remove_more(struct bench_session *session, uint64_t now_ns)
{
    if (!interest_of(session)->has_pinged) {
        write_more(interest_of(session), now_ns, false);
    }
}

// -- the roles -------------------------------------------------------------------------------

static void on_start(struct bench_session *session)
{
    struct interest *interest = interest_of(session);

    interest->next = interest->turn;
    interest->written = 0;
    interest->is_stalled = false;
    interest->has_pinged = false;
    session->ops->due(session, session->worker->load->round_start_ns);
}

static void on_stop(struct bench_session *session)
{
    struct interest *interest = interest_of(session);

    if (!interest->has_pinged) {
        interest->has_pinged = true;
        bench_session_ping(session);
    }
}

static void on_pong(struct bench_session *session)
{
    if (interest_of(session)->has_pinged) {
        bench_session_finish(session);
    }
}

static void on_drained(struct bench_session *session)
{
    struct interest *interest = interest_of(session);

    if (interest->is_stalled && !session->is_finished) {
        interest->is_stalled = false;
        session->ops->due(session, nb_mono_now().ns);
    }
}

static void on_note(struct bench_session *session)
{
    struct bench_client *client = session->client;

    client->msgs = interest_of(session)->written;
    client->started_ns = (int64_t)session->worker->load->round_start_ns;
    client->ended_ns = (int64_t)nb_mono_now().ns;
}

static void destroy(struct bench_session *session)
{
    nb_free(interest_of(session));
}

static void on_match_start(struct bench_session *session)
{
    bench_tally_start(&interest_of(session)->tally, session);
}

static void on_match(struct bench_session *session)
{
    bench_tally_count(&interest_of(session)->tally, session);
}

static void on_settle(struct bench_session *session)
{
    bench_session_ping(session); // what matched is before the PONG
}

static void on_settled(struct bench_session *session)
{
    bench_tally_count(&interest_of(session)->tally, session);
    bench_session_finish(session);
}

static const struct bench_stream_handler stream_handler = {.control = bench_session_control};

static const struct bench_role_ops insert_ops = {
    .stream = &stream_handler,
    .is_driver = true,
    .start = on_start,
    .stop = on_stop,
    .pong = on_pong,
    .drained = on_drained,
    .due = insert_more,
    .note = on_note,
    .destroy = destroy,
};

static const struct bench_role_ops match_ops = {
    .stream = &stream_handler,
    .start = on_match_start,
    .stop = bench_session_finish,
    .settle = on_settle,
    .pong = on_settled,
    .received = on_match,
    .destroy = destroy,
};

static const struct bench_role_ops remove_ops = {
    .stream = &stream_handler,
    .is_driver = true,
    .start = on_start,
    .stop = on_stop,
    .pong = on_pong,
    .drained = on_drained,
    .due = remove_more,
    .note = on_note,
    .destroy = destroy,
};

struct bench_session *bench_interest_create(const struct bench_interest_opts *opts)
{
    struct interest *interest = nb_zalloc(sizeof(*interest));

    interest->session.ops = &insert_ops;
    interest->session.client = opts->client;
    interest->tally.goal = opts->goal;
    interest->subject = nb_slice_of(opts->subject);
    interest->subs = opts->subs;
    interest->turns = opts->turns;
    interest->turn = opts->turn;
    return &interest->session;
}

void bench_interest_set_phase(struct bench_session *session, enum bench_interest_phase phase,
                              struct bench_client *client)
{
    static const struct bench_role_ops *const ops[] = {[BENCH_INTEREST_INSERT] = &insert_ops,
                                                       [BENCH_INTEREST_MATCH] = &match_ops,
                                                       [BENCH_INTEREST_REMOVE] = &remove_ops};

    session->ops = ops[phase];
    session->client = client;
}
