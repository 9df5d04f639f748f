#include "bench/requester.h"

#include "bench/load.h"

#include <natsd/nuid.h>
#include <natsd/number.h>

#include <stdio.h>

enum {
    INBOX_MAX_BYTES = NCLIENT_INBOX_PREFIX_MAX_BYTES + NB_NUID_BYTES + 4,
};

static const char no_responders[] = "NATS/1.0 503";

enum {
    NOTICE_BYTES = sizeof(no_responders) - 1,
};

struct requester {
    struct bench_session session;
    struct bench_script script;
    char inbox[INBOX_MAX_BYTES]; // "_INBOX.<id>."
    uint64_t msgs;
    struct bench_schedule schedule;
    int64_t timeout_ns;
    struct nnet_timer timer; // looks for a request without an answer
    uint64_t token;          // of the last request: never used again
    // of this round
    uint64_t goal;
    uint64_t sent;
    uint64_t answered;
    bool is_waiting; // for the answer to the last one
    uint64_t due_ns; // its times
    uint64_t sent_ns;
    uint64_t first_ns;
    uint64_t last_ns;
    // of the message being read
    bool is_answer;
    bool may_be_notice;
    char notice[NOTICE_BYTES];
    size_t notice_size;
};

static struct requester *requester_of(struct bench_session *session)
{
    return nb_container_of(session, struct requester, session);
}

// -- asking ----------------------------------------------------------------------------------

static void ask(struct requester *requester, uint64_t due_ns)
{
    struct bench_send send = {.index = requester->sent, .token = ++requester->token};

    requester->sent_ns = nb_mono_now().ns;
    requester->due_ns = requester->schedule.rate > 0 ? due_ns : requester->sent_ns;
    requester->is_waiting = true;
    requester->sent++;
    bench_script_send(&requester->script, &requester->session, &send);
}

static void ask_next(struct requester *requester)
{
    struct bench_session *session = &requester->session;
    uint64_t due_ns = 0;

    if (requester->is_waiting || session->is_finished) {
        return;
    }
    if (requester->sent >= requester->goal) {
        bench_session_finish(session);
        return;
    }
    if (requester->schedule.rate > 0) {
        due_ns = bench_schedule_due_ns(&requester->schedule, requester->sent);
        if (due_ns > nb_mono_now().ns) {
            bench_worker_set_due(session->worker, session, due_ns);
            return;
        }
    }
    ask(requester, due_ns);
}

static void on_timer(struct nnet_timer *timer)
{
    struct requester *requester = nb_container_of(timer, struct requester, timer);
    struct bench_session *session = &requester->session;

    if (session->is_finished) {
        return;
    }
    if (requester->is_waiting && session->state == BENCH_SESSION_READY &&
        nb_mono_now().ns - requester->sent_ns > (uint64_t)requester->timeout_ns) {
        requester->is_waiting = false;
        session->client->errors++;
        bench_load_warn(session->worker->load, "requests were not answered in time");
        ask_next(requester);
    }
    if (!session->is_finished) {
        nnet_timer_arm(session->worker->worker, timer, requester->timeout_ns / 4);
    }
}

// -- answers ---------------------------------------------------------------------------------

// Of another one than the last request it comes too late.
static bool has_token(const struct requester *requester, struct slice subject)
{
    uint64_t token;

    return subject.n > BENCH_TOKEN_DIGITS &&
           nb_parse_u64(nb_slice_sub(subject, subject.n - BENCH_TOKEN_DIGITS, BENCH_TOKEN_DIGITS),
                        UINT64_MAX, &token) == NB_OK &&
           token == requester->token;
}

static void on_begin(struct bench_stream *stream, const struct bench_message *message)
{
    struct requester *requester = requester_of(bench_session_of(stream));

    requester->is_answer = requester->is_waiting && has_token(requester, message->subject);
    requester->may_be_notice = message->header_bytes > 0 && message->header_bytes == message->bytes;
    requester->notice_size = 0;
}

static void on_body(struct bench_stream *stream, struct slice piece)
{
    struct requester *requester = requester_of(bench_session_of(stream));

    if (requester->may_be_notice) {
        struct slice part = nb_slice_sub(piece, 0, NOTICE_BYTES - requester->notice_size);

        memcpy(requester->notice + requester->notice_size, part.p, part.n);
        requester->notice_size += part.n;
    }
}

static bool is_notice(const struct requester *requester)
{
    return requester->may_be_notice && requester->notice_size == NOTICE_BYTES &&
           memcmp(requester->notice, no_responders, NOTICE_BYTES) == 0;
}

static void count_answer(struct requester *requester)
{
    struct bench_client *client = requester->session.client;
    uint64_t now_ns = requester->session.read_ns;

    requester->answered++;
    requester->last_ns = now_ns;
    bench_histogram_record(&client->latency, now_ns - requester->due_ns);
    if (requester->schedule.rate > 0) {
        bench_histogram_record(&client->uncorrected, now_ns - requester->sent_ns);
    }
    atomic_store_explicit(&requester->session.done, requester->answered, memory_order_relaxed);
}

// hot: once per answer.
static bool on_end(struct bench_stream *stream)
{
    struct bench_session *session = bench_session_of(stream);
    struct requester *requester = requester_of(session);

    if (!requester->is_answer || session->is_finished) {
        return true;
    }
    requester->is_waiting = false;
    if (!is_notice(requester)) {
        count_answer(requester);
    } else {
        session->client->errors++;
        if (requester->answered == 0) {
            bench_load_fail(session->worker->load, "no responders");
            return true;
        }
    }
    ask_next(requester);
    return true;
}

// -- the role --------------------------------------------------------------------------------

static void on_prepare(struct bench_session *session)
{
    bench_session_write(session, NB_SLICE("SUB "));
    bench_session_write(session, nb_slice_of(requester_of(session)->inbox));
    bench_session_write(session, NB_SLICE("* 1\r\n"));
}

static void on_start(struct bench_session *session)
{
    struct requester *requester = requester_of(session);
    const struct bench_load *load = session->worker->load;

    requester->goal = load->is_warm_up ? UINT64_MAX : requester->msgs;
    requester->sent = 0;
    requester->answered = 0;
    requester->is_waiting = false;
    requester->last_ns = load->round_start_ns;
    requester->schedule.start_ns = load->round_start_ns;
    bench_histogram_clear(&session->client->latency);
    bench_histogram_clear(&session->client->uncorrected);
    nnet_timer_arm(session->worker->worker, &requester->timer, requester->timeout_ns / 4);
    ask_next(requester);
}

static void on_stop(struct bench_session *session)
{
    struct requester *requester = requester_of(session);

    requester->goal = requester->sent;
    if (!requester->is_waiting) {
        bench_session_finish(session);
    }
}

static void on_due(struct bench_session *session, uint64_t now_ns NB_UNUSED)
{
    ask_next(requester_of(session));
}

static void on_resume(struct bench_session *session)
{
    struct requester *requester = requester_of(session);

    requester->is_waiting = false;
    ask_next(requester);
}

static void on_note(struct bench_session *session)
{
    struct requester *requester = requester_of(session);
    struct bench_client *client = session->client;

    nnet_timer_disarm(session->worker->worker, &requester->timer);
    client->msgs = requester->answered;
    client->bytes = requester->answered * requester->script.message_bytes;
    client->started_ns = (int64_t)session->worker->load->round_start_ns;
    client->ended_ns = (int64_t)requester->last_ns;
}

static void destroy(struct bench_session *session)
{
    struct requester *requester = requester_of(session);

    bench_script_fini(&requester->script);
    nb_free(requester);
}

static const struct bench_stream_handler stream_handler = {
    .control = bench_session_control, .begin = on_begin, .body = on_body, .end = on_end};

static const struct bench_role_ops ops = {
    .stream = &stream_handler,
    .is_driver = true,
    .prepare = on_prepare,
    .start = on_start,
    .stop = on_stop,
    .due = on_due,
    .resume = on_resume,
    .note = on_note,
    .destroy = destroy,
};

struct bench_session *bench_requester_create(const struct bench_requester_opts *opts)
{
    struct requester *requester = nb_zalloc(sizeof(*requester));
    struct bench_script_opts messages = *opts->messages;
    char id[NB_NUID_BYTES + 1];
    struct nb_nuid nuid;

    nb_nuid_init(&nuid);
    nb_nuid_next(&nuid, id);
    snprintf(requester->inbox, sizeof(requester->inbox), "%s.%s.", opts->inbox_prefix, id);
    messages.reply = requester->inbox;
    bench_script_init(&requester->script, &messages);
    requester->session.ops = &ops;
    requester->session.client = opts->client;
    requester->msgs = opts->msgs;
    requester->schedule = opts->schedule;
    requester->timeout_ns = opts->timeout_ns;
    requester->timer.fire = on_timer;
    return &requester->session;
}
