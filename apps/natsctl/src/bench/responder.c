#include "bench/responder.h"

#include "bench/load.h"
#include "bench/subscriber.h"

#include <natsd/number.h>

// Answers that requesters don't take: then no more requests are read.
#define QUEUED_MAX_BYTES ((size_t)8 * 1024 * 1024)

enum {
    ANSWER_MAX_BYTES = 128 * 1024 * 1024, // with its line
};

struct responder {
    struct bench_session session;
    struct bench_tally tally;
    const char *subject;
    const char *queue;
    struct slice payload; // borrowed
    bool is_echo;
    int64_t sleep_ns;
    struct nb_buf answer; // that waits until the sleep is over
    // of the request being read
    bool has_reply;
    size_t header_left; // which is not echoed
    bool is_stalled;    // too much is queued
};

static struct responder *responder_of(struct bench_session *session)
{
    return nb_container_of(session, struct responder, session);
}

// -- answers ---------------------------------------------------------------------------------

static void put(struct responder *responder, struct slice bytes)
{
    if (responder->sleep_ns == 0) {
        bench_session_write(&responder->session, bytes);
    } else if (nb_buf_append(&responder->answer, bytes) != NB_OK) {
        responder->session.client->errors++;
        responder->has_reply = false;
        nb_buf_clear(&responder->answer);
    }
}

static void put_line(struct responder *responder, struct slice reply, size_t size)
{
    char digits[NB_U64_TEXT_MAX_BYTES];
    size_t n = nb_format_u64(size, digits);

    put(responder, NB_SLICE("PUB "));
    put(responder, reply);
    put(responder, NB_SLICE(" "));
    put(responder, nb_slice_make(digits, n));
    put(responder, NB_SLICE("\r\n"));
}

static void on_begin(struct bench_stream *stream, const struct bench_message *message)
{
    struct responder *responder = responder_of(bench_session_of(stream));

    responder->has_reply = message->reply.n > 0;
    responder->header_left = message->header_bytes;
    if (!responder->has_reply) {
        responder->session.client->errors++; // that is no request
    } else if (responder->is_echo) {
        put_line(responder, message->reply, message->bytes - message->header_bytes);
    } else {
        put_line(responder, message->reply, responder->payload.n);
        put(responder, responder->payload);
    }
}

static void on_body(struct bench_stream *stream, struct slice piece)
{
    struct responder *responder = responder_of(bench_session_of(stream));
    struct slice payload = nb_slice_sub(piece, responder->header_left, piece.n);

    responder->header_left -= piece.n - payload.n;
    if (responder->has_reply && responder->is_echo) {
        put(responder, payload);
    }
}

static bool on_end(struct bench_stream *stream)
{
    struct responder *responder = responder_of(bench_session_of(stream));
    struct bench_session *session = &responder->session;

    if (responder->has_reply) {
        put(responder, NB_SLICE("\r\n"));
    }
    if (responder->sleep_ns == 0) {
        return true;
    }
    bench_session_hold(session);
    bench_worker_set_due(session->worker, session,
                         nb_mono_now().ns + (uint64_t)responder->sleep_ns);
    return false;
}

static void send_answer(struct responder *responder)
{
    bench_session_write(&responder->session, nb_buf_slice(&responder->answer));
    nb_buf_clear(&responder->answer);
    bench_session_resume(&responder->session);
}

// -- the role --------------------------------------------------------------------------------

static void on_received(struct bench_session *session)
{
    struct responder *responder = responder_of(session);

    bench_tally_count(&responder->tally, session);
    if (nnet_conn_backlog_bytes(&session->conn) > QUEUED_MAX_BYTES && !session->is_held) {
        responder->is_stalled = true;
        nnet_conn_pause(&session->conn);
    }
}

static void on_drained(struct bench_session *session)
{
    struct responder *responder = responder_of(session);

    if (responder->is_stalled) {
        responder->is_stalled = false;
        nnet_conn_resume(&session->conn);
    }
}

static void on_prepare(struct bench_session *session)
{
    const struct responder *responder = responder_of(session);

    bench_subscriber_write(session, responder->subject, responder->queue);
}

static void on_start(struct bench_session *session)
{
    struct responder *responder = responder_of(session);

    bench_tally_start(&responder->tally, session);
    send_answer(responder); // of the round before
}

static void on_due(struct bench_session *session, uint64_t now_ns NB_UNUSED)
{
    send_answer(responder_of(session));
}

static void on_resume(struct bench_session *session)
{
    struct responder *responder = responder_of(session);

    nb_buf_clear(&responder->answer);
    responder->is_stalled = false;
}

static void on_note(struct bench_session *session)
{
    struct responder *responder = responder_of(session);

    if (session->state == BENCH_SESSION_READY) { // who waits for it shall have it
        bench_session_write(session, nb_buf_slice(&responder->answer));
        nb_buf_clear(&responder->answer);
    }
    bench_tally_note(&responder_of(session)->tally, session);
}

static void destroy(struct bench_session *session)
{
    struct responder *responder = responder_of(session);

    nb_buf_fini(&responder->answer);
    nb_free(responder);
}

static const struct bench_stream_handler stream_handler = {
    .control = bench_session_control, .begin = on_begin, .body = on_body, .end = on_end};

static const struct bench_role_ops ops = {
    .stream = &stream_handler,
    .prepare = on_prepare,
    .start = on_start,
    .stop = bench_session_finish,
    .settle = bench_session_finish, // who asked has all answers
    .received = on_received,
    .drained = on_drained,
    .due = on_due,
    .resume = on_resume,
    .note = on_note,
    .destroy = destroy,
};

struct bench_session *bench_responder_create(const struct bench_responder_opts *opts)
{
    struct responder *responder = nb_zalloc(sizeof(*responder));

    responder->session.ops = &ops;
    responder->session.client = opts->client;
    responder->tally.goal = opts->goal;
    responder->subject = opts->subject;
    responder->queue = opts->queue;
    responder->payload = opts->payload;
    responder->is_echo = opts->is_echo;
    responder->sleep_ns = opts->sleep_ns;
    nb_buf_init(&responder->answer, ANSWER_MAX_BYTES);
    return &responder->session;
}
