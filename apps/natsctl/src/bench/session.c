#include "bench/session.h"

#include "bench/load.h"
#include "bench/worker.h"

#include <assert.h>
#include <stdio.h>
#include <unistd.h>

#define RECONNECT_WAIT_NS (500 * NB_NS_PER_MS) // times 0.5 to 1.5

enum {
    TEXT_MAX_BYTES = 256, // of an -ERR, as it is shown
    CONNECT_MAX_BYTES = 1024 * 1024,
    HELD_MAX_BYTES = 1024 * 1024, // of some reads
};

static struct bench_session *session_of(struct nnet_conn *conn)
{
    return nb_container_of(conn, struct bench_session, conn);
}

static struct bench_load *load_of(const struct bench_session *session)
{
    return session->worker->load;
}

void bench_session_write(struct bench_session *session, struct slice bytes)
{
    nnet_out_append(session->conn.worker, &session->conn, bytes);
}

void bench_session_ping(struct bench_session *session)
{
    bench_session_write(session, NB_SLICE("PING\r\n"));
}

void bench_session_finish(struct bench_session *session)
{
    if (!session->is_finished) {
        session->is_finished = true;
        if (session->ops->note != NULL) {
            session->ops->note(session);
        }
        bench_worker_on_finished(session->worker, session);
    }
}

// -- the end of an attempt -------------------------------------------------------------------

static void drop(struct bench_session *session, enum nnet_close how)
{
    nnet_timer_disarm(session->worker->worker, &session->timer);
    if (session->dial != NULL) {
        nnet_dial_cancel(session->dial); // on_dialed() still comes
    } else if (session->is_open && !session->conn.is_closing) {
        nnet_conn_close(&session->conn, how);
    }
}

static void fail_attempt(struct bench_session *session, const char *text)
{
    struct nclient_login_server server;

    nclient_login_server(load_of(session)->login, session->server, &server);
    session->state = BENCH_SESSION_ENDED;
    bench_worker_on_failed(session->worker, session, server.label, text);
    drop(session, NNET_CLOSE_NOW);
}

// It will connect again; until then it does nothing.
static void lose(struct bench_session *session, const char *text)
{
    session->state = BENCH_SESSION_ENDED;
    bench_load_note_loss(load_of(session), session->client, text);
    drop(session, NNET_CLOSE_NOW);
    if (!session->is_finished) {
        session->client->errors++;
    }
    if (session->ops->resume == NULL) {
        bench_session_finish(session);
    }
}

static void end(struct bench_session *session, const char *text)
{
    if (session->state == BENCH_SESSION_READY) {
        lose(session, text);
    } else if (session->state != BENCH_SESSION_ENDED) {
        fail_attempt(session, text);
    }
}

// -- connecting ------------------------------------------------------------------------------

static void on_timer(struct nnet_timer *timer)
{
    end(nb_container_of(timer, struct bench_session, timer), "no answer in time");
}

static void start_tls(struct bench_session *session, struct slice begun)
{
    struct nb_diag diag = {""};
    struct nnet_tls_context *tls = bench_load_tls(load_of(session), &diag);
    struct nclient_login_server server;

    if (tls == NULL) {
        end(session, diag.text);
        return;
    }
    nclient_login_server(load_of(session)->login, session->server, &server);
    session->has_begun_tls = true;
    nnet_conn_start_tls(&session->conn, tls, begun, server.tls_name,
                        cli_timeout_ns(load_of(session)->cli));
}

static void join(struct bench_session *session)
{
    struct bench_load *load = load_of(session);
    struct nb_json_doc doc = {0};
    struct nproto_info info = {0};
    struct slice *urls = NULL;
    struct nb_diag diag = {"malformed INFO"};
    struct nb_buf buf;
    int rc = nproto_info_read(session->info, &doc, &info, &urls, NULL);

    nb_buf_init(&buf, CONNECT_MAX_BYTES);
    if (rc == NB_OK) {
        rc = nclient_login_write(load->login, session->server, &info, session->has_begun_tls, &buf,
                                 &diag);
    }
    if (rc == NB_OK) {
        bench_load_note_server(load, session->server, &info, session->has_begun_tls);
        session->state = BENCH_SESSION_JOINING;
        bench_session_write(session, nb_buf_slice(&buf));
    } else {
        end(session, diag.text);
    }
    nb_buf_wipe_fini(&buf);
    nb_slice_free(&session->info);
    nb_free(urls);
    nb_json_doc_fini(&doc);
}

// The first INFO. `behind` is what came with it. True when the reading goes on.
static bool greet(struct bench_session *session, struct slice json)
{
    struct nb_json_doc doc = {0};
    struct nproto_info info = {0};
    struct slice *urls = NULL;
    struct nclient_login_server server;
    int rc = nproto_info_read(json, &doc, &info, &urls, NULL);

    session->info = nb_slice_dup(json);
    nclient_login_server(load_of(session)->login, session->server, &server);
    session->wants_tls =
        !session->has_begun_tls && (server.wants_tls || (rc == NB_OK && info.tls_required));
    if (rc != NB_OK) {
        end(session, "malformed INFO");
    } else if (session->wants_tls && !info.tls_required && !info.tls_available) {
        end(session, "secure connection not available");
    } else if (!session->wants_tls) {
        join(session);
    }
    nb_free(urls);
    nb_json_doc_fini(&doc);
    return session->state == BENCH_SESSION_JOINING;
}

static void become_ready(struct bench_session *session)
{
    bool is_first = !session->was_ready;

    nnet_timer_disarm(session->worker->worker, &session->timer);
    session->state = BENCH_SESSION_READY;
    session->was_ready = true;
    if (is_first && session->ops->ready != NULL) {
        session->ops->ready(session);
    }
    bench_worker_on_ready(session->worker, is_first);
    if (!is_first) {
        session->client->reconnects++;
    }
    if (!is_first && !session->is_finished) {
        session->ops->resume(session);
    }
}

static void on_pong(struct bench_session *session)
{
    if (session->state == BENCH_SESSION_READY) {
        if (session->ops->pong != NULL) {
            session->ops->pong(session);
        }
    } else if (session->state == BENCH_SESSION_JOINING && !session->has_joined) {
        session->has_joined = true;
        if (session->ops->prepare == NULL) {
            become_ready(session);
            return;
        }
        session->ops->prepare(session);
        bench_session_ping(session);
    } else if (session->state == BENCH_SESSION_JOINING) {
        become_ready(session);
    }
}

// -- what the server sends -------------------------------------------------------------------

static void on_error(struct bench_session *session, struct slice argument)
{
    char text[TEXT_MAX_BYTES + 1];
    size_t n;

    if (nb_slice_wrapped(argument, "'", "'")) {
        argument = nb_slice_sub(argument, 1, argument.n - 2);
    }
    n = argument.n < TEXT_MAX_BYTES ? argument.n : TEXT_MAX_BYTES;
    for (size_t i = 0; i < n; i++) {
        text[i] = argument.p[i] < ' ' || argument.p[i] >= 0x7f ? '?' : (char)argument.p[i];
    }
    text[n] = '\0';
    if (session->state == BENCH_SESSION_READY) {
        bench_load_warn(load_of(session), "the server says: %s", text);
        session->client->errors++;
    } else {
        end(session, text);
    }
}

bool bench_session_control(struct bench_stream *stream, enum bench_op op, struct slice argument)
{
    struct bench_session *session = bench_session_of(stream);

    switch (op) {
    case BENCH_OP_INFO:
        return session->state != BENCH_SESSION_GREETING || greet(session, argument);
    case BENCH_OP_PING:
        bench_session_write(session, NB_SLICE("PONG\r\n"));
        break;
    case BENCH_OP_PONG:
        on_pong(session);
        break;
    case BENCH_OP_ERR:
        on_error(session, argument);
        break;
    case BENCH_OP_OK:
        break;
    }
    return session->state != BENCH_SESSION_ENDED;
}

// What is read while the reading is held is at most what one read of the socket brought.
static void parse(struct bench_session *session, struct slice bytes)
{
    int rc = bench_stream_read(&session->stream, &bytes);

    if (rc == NB_OK && session->is_held && bytes.n > 0) {
        rc = nb_buf_append(&session->held, bytes);
    }
    if (rc != NB_OK) {
        end(session, "protocol error of the server");
    } else if (session->state == BENCH_SESSION_READY && session->ops->received != NULL) {
        session->ops->received(session);
    } else if (session->wants_tls && !session->has_begun_tls) {
        start_tls(session, bytes);
    }
}

static void on_received(struct nnet_conn *conn, struct nb_chunk *chunk NB_UNUSED,
                        struct slice bytes)
{
    struct bench_session *session = session_of(conn);

    session->read_ns = nb_mono_now().ns;
    if (session->is_held) { // it was paused in the middle of the loop's turn
        if (nb_buf_append(&session->held, bytes) != NB_OK) {
            end(session, "more was sent than there is room for");
        }
        return;
    }
    parse(session, bytes);
}

void bench_session_hold(struct bench_session *session)
{
    session->is_held = true;
    nnet_conn_pause(&session->conn);
}

void bench_session_resume(struct bench_session *session)
{
    struct slice held;

    if (!session->is_held || session->state != BENCH_SESSION_READY) {
        return;
    }
    session->is_held = false;
    session->read_ns = nb_mono_now().ns;
    held = nb_buf_take(&session->held);
    parse(session, held);
    nb_slice_free(&held);
    if (!session->is_held && session->state == BENCH_SESSION_READY) {
        nnet_conn_resume(&session->conn);
    }
}

// -- the connection --------------------------------------------------------------------------

static struct nnet_room on_wanted(struct nnet_conn *conn NB_UNUSED)
{
    return (struct nnet_room){.n = 0};
}

static void on_filled(struct nnet_conn *conn NB_UNUSED, size_t n NB_UNUSED)
{
}

static void on_ended(struct nnet_conn *conn, enum nnet_end how, int error_number)
{
    char why[96];
    char text[128];

    if (how == NNET_END_EOF) {
        end(session_of(conn), "the server closed it");
        return;
    }
    snprintf(text, sizeof(text), "%s: %s", how == NNET_END_READ ? "read" : "write",
             nb_errno_text(error_number, why, sizeof(why)));
    end(session_of(conn), text);
}

static void on_tls_done(struct nnet_conn *conn, int rc, const char *text)
{
    struct bench_session *session = session_of(conn);

    if (rc != NB_OK) {
        end(session, text);
    } else if (session->info.n > 0) {
        join(session);
    }
}

static void on_write_stalled(struct nnet_conn *conn NB_UNUSED, size_t written NB_UNUSED)
{
    NB_UNREACHABLE("there is no deadline for writing");
}

static void on_output_full(struct nnet_conn *conn NB_UNUSED)
{
    NB_UNREACHABLE("the output has no limit: roles don't queue without end");
}

static void on_drained(struct nnet_conn *conn)
{
    struct bench_session *session = session_of(conn);

    if (session->state == BENCH_SESSION_READY && session->ops->drained != NULL) {
        session->ops->drained(session);
    }
}

static void on_closed(struct nnet_conn *conn)
{
    struct bench_session *session = session_of(conn);

    session->is_open = false;
    bench_stream_fini(&session->stream);
    nb_buf_fini(&session->held);
    nb_slice_free(&session->info);
    bench_worker_on_closed(session->worker, session);
}

static const struct nnet_conn_handler handler = {.received = on_received,
                                                 .wanted = on_wanted,
                                                 .filled = on_filled,
                                                 .ended = on_ended,
                                                 .tls_done = on_tls_done,
                                                 .write_stalled = on_write_stalled,
                                                 .drained = on_drained,
                                                 .output_full = on_output_full,
                                                 .closed = on_closed};

static void on_dialed(void *ctx, int rc, int fd, const char *text)
{
    struct bench_session *session = ctx;

    session->dial = NULL;
    if (session->state == BENCH_SESSION_ENDED) {
        if (fd >= 0) {
            (void)close(fd); // nothing was sent
        }
        bench_worker_on_closed(session->worker, session);
        return;
    }
    if (rc != NB_OK) {
        fail_attempt(session, text);
        bench_worker_on_closed(session->worker, session);
        return;
    }
    session->state = BENCH_SESSION_GREETING;
    session->is_open = true;
    session->conn = (struct nnet_conn){.handler = &handler};
    bench_stream_reset(&session->stream, session->ops->stream);
    nb_buf_init(&session->held, HELD_MAX_BYTES);
    session->is_held = false;
    nnet_conn_open(&session->conn, session->worker->worker, fd);
    if (nclient_login_is_tls_first(load_of(session)->login)) {
        start_tls(session, (struct slice){0});
    }
}

void bench_session_connect(struct bench_session *session)
{
    struct bench_load *load = load_of(session);
    int64_t timeout_ns = cli_timeout_ns(load->cli);
    struct nclient_login_server server;

    nclient_login_server(load->login, session->server, &server);
    session->state = BENCH_SESSION_DIALING;
    session->has_begun_tls = session->wants_tls = session->has_joined = false;
    session->timer.fire = on_timer;
    session->attempt_ns = session->tries == 0 ? nb_mono_now().ns : session->attempt_ns;
    nnet_timer_arm(session->worker->worker, &session->timer, timeout_ns);
    session->dial = nnet_dial_start(session->worker->worker, server.host, server.port, timeout_ns,
                                    on_dialed, session);
}

static void on_reconnect(struct nnet_timer *timer)
{
    struct bench_session *session = nb_container_of(timer, struct bench_session, timer);

    session->tries = 0;
    bench_worker_connect(session->worker, session);
}

// Many lose the same server at the same moment.
void bench_session_reconnect(struct bench_session *session)
{
    struct nnet_worker *thread = session->worker->worker;
    int64_t wait_ns =
        RECONNECT_WAIT_NS / 1000 * (500 + nb_random_below(nnet_worker_random(thread), 1000));

    session->state = BENCH_SESSION_WAITING;
    session->timer.fire = on_reconnect;
    nnet_timer_arm(thread, &session->timer, wait_ns);
}

void bench_session_close(struct bench_session *session)
{
    if (session->state != BENCH_SESSION_ENDED) {
        session->state = BENCH_SESSION_ENDED;
        drop(session,
             nnet_conn_backlog_bytes(&session->conn) > 0 ? NNET_CLOSE_FLUSH : NNET_CLOSE_NOW);
    }
}
