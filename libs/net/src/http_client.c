#include <natsd/http_client.h>

#include "hex_digit.h"
#include "http_response.h"
#include "url.h"
#include "worker.h"

#include <natsd/listener.h>

#include <openssl/base64.h>
#include <unistd.h>

/* DIALING --> SHAKING (https) --> WAITING --> OVER: `done` is called when nothing is left open.
 * Any of them leads to OVER directly: a failure, the deadline, a cancel.
 */
enum fetch_state {
    FETCH_DIALING, // the dial is under way, or not begun: then the timer tells what is wrong
    FETCH_SHAKING, // TLS
    FETCH_WAITING, // for the rest of the answer
    FETCH_OVER,    // the result is known
};

enum {
    HEAD_MAX_BYTES = 256 * 1024, // of the request: URL and credentials, each encoded
    TEXT_MAX_BYTES = 256,
    STATUS_TEXT_MAX_BYTES = NNET__HTTP_REASON_MAX_BYTES + 16,
};

struct nnet_fetch {
    struct nnet_conn conn;
    struct nnet_worker *worker;
    enum fetch_state state;
    struct slice url_text; // owned
    struct nnet__url url;  // of url_text
    struct nb_buf request;
    struct nnet_tls_context *tls;
    struct nnet_dial *dial; // NULL: not under way
    bool is_open;           // conn is, or closes
    struct nnet_timer timer;
    struct nnet__http_response response;
    int rc;
    char text[TEXT_MAX_BYTES];
    nnet_fetch_done_fn done;
    void *ctx;
};

// The end.

static void report(struct nnet_fetch *fetch)
{
    struct nnet_fetch_result result = {.rc = fetch->rc, .text = fetch->text};
    char status[STATUS_TEXT_MAX_BYTES];

    if (fetch->rc == NB_OK) {
        int n;

        result.status = nnet__http_response_status(&fetch->response);
        n = snprintf(status, sizeof(status), "%d %.*s", result.status,
                     (int)fetch->response.reason_size, fetch->response.reason);
        assert(n > 0 && (size_t)n < sizeof(status));
        result.status_text = nb_slice_trim(nb_slice_make(status, (size_t)n));
        result.body = nb_buf_slice(&fetch->response.body);
    }
    fetch->done(fetch->ctx, &result);
}

// Nothing refers to it any more.
static void end_fetch(struct nnet_fetch *fetch)
{
    assert(fetch->state == FETCH_OVER && fetch->dial == NULL && !fetch->is_open);
    report(fetch);
    nnet__http_response_fini(&fetch->response);
    nb_buf_wipe_fini(&fetch->request);
    nb_slice_wipe_free(&fetch->url_text);
    nnet_tls_context_unref(fetch->tls);
    nb_free(fetch);
}

static void finish(struct nnet_fetch *fetch, int rc, const char *text)
{
    assert(fetch->state != FETCH_OVER);
    fetch->state = FETCH_OVER;
    fetch->rc = rc;
    snprintf(fetch->text, sizeof(fetch->text), "%s", text);
    nnet_timer_disarm(fetch->worker, &fetch->timer);
    if (fetch->dial != NULL) {
        nnet_dial_cancel(fetch->dial);
    } else if (fetch->is_open) {
        nnet_conn_close(&fetch->conn, NNET_CLOSE_NOW);
    } else {
        nnet_timer_arm(fetch->worker, &fetch->timer, 0); // never from inside a call
    }
}

static void on_timer(struct nnet_timer *timer)
{
    struct nnet_fetch *fetch = nb_container_of(timer, struct nnet_fetch, timer);

    if (fetch->state == FETCH_OVER) {
        end_fetch(fetch);
    } else {
        finish(fetch, NB_ETIMEDOUT, "timeout");
    }
}

// The connection.

static struct nnet_fetch *fetch_of(struct nnet_conn *conn)
{
    return nb_container_of(conn, struct nnet_fetch, conn);
}

static void on_received(struct nnet_conn *conn, struct nb_chunk *chunk NB_UNUSED,
                        struct slice bytes)
{
    struct nnet_fetch *fetch = fetch_of(conn);
    int rc = nnet__http_response_feed(&fetch->response, bytes);

    if (rc == NB_OK) {
        finish(fetch, NB_OK, "");
    } else if (rc != NB_EAGAIN) {
        finish(fetch, rc, rc == NB_ELIMIT ? "response too large" : "malformed HTTP response");
    }
}

static struct nnet_room on_wanted(struct nnet_conn *conn NB_UNUSED)
{
    return (struct nnet_room){.n = 0};
}

static void on_filled(struct nnet_conn *conn NB_UNUSED, size_t n NB_UNUSED)
{
}

static void on_ended(struct nnet_conn *conn, enum nnet_end how, int error_number)
{
    struct nnet_fetch *fetch = fetch_of(conn);
    char text[TEXT_MAX_BYTES];

    if (how == NNET_END_EOF && nnet__http_response_end(&fetch->response) == NB_OK) {
        finish(fetch, NB_OK, "");
    } else {
        finish(fetch, NB_ECLOSED,
               how == NNET_END_EOF ? "EOF" : nb_errno_text(error_number, text, sizeof(text)));
    }
}

static void send_request(struct nnet_fetch *fetch)
{
    fetch->state = FETCH_WAITING;
    nnet_out_append(fetch->worker, &fetch->conn, nb_buf_slice(&fetch->request));
}

static void on_tls_done(struct nnet_conn *conn, int rc, const char *text)
{
    struct nnet_fetch *fetch = fetch_of(conn);

    if (rc == NB_OK) {
        send_request(fetch);
    } else {
        finish(fetch, rc == NB_ECLOSED ? NB_ECLOSED : NB_ECRYPTO, text);
    }
}

static void on_stalled(struct nnet_conn *conn, size_t written NB_UNUSED)
{
    finish(fetch_of(conn), NB_ETIMEDOUT, "timeout");
}

static void on_output_full(struct nnet_conn *conn)
{
    finish(fetch_of(conn), NB_ELIMIT, "request too large");
}

static void on_drained(struct nnet_conn *conn NB_UNUSED)
{
}

static void on_closed(struct nnet_conn *conn)
{
    struct nnet_fetch *fetch = fetch_of(conn);

    fetch->is_open = false;
    end_fetch(fetch);
}

static const struct nnet_conn_handler handler = {.received = on_received,
                                                 .wanted = on_wanted,
                                                 .filled = on_filled,
                                                 .ended = on_ended,
                                                 .tls_done = on_tls_done,
                                                 .write_stalled = on_stalled,
                                                 .drained = on_drained,
                                                 .output_full = on_output_full,
                                                 .closed = on_closed};

static void begin_exchange(struct nnet_fetch *fetch, int fd)
{
    char *host;

    fetch->is_open = true;
    fetch->conn.handler = &handler; // no deadline for writes: there is one for everything
    nnet_conn_open(&fetch->conn, fetch->worker, fd);
    if (!fetch->url.is_tls) {
        send_request(fetch);
        return;
    }
    fetch->state = FETCH_SHAKING;
    host = nb_slice_cstr(fetch->url.host);
    nnet_conn_start_tls(&fetch->conn, fetch->tls, nb_slice_make(NULL, 0), host, 0);
    nb_free(host);
}

static void on_dialed(void *ctx, int rc, int fd, const char *text)
{
    struct nnet_fetch *fetch = ctx;

    fetch->dial = NULL;
    if (fetch->state == FETCH_OVER) { // it was canceled
        if (fd >= 0) {
            (void)close(fd); // nothing was sent
        }
        end_fetch(fetch);
    } else if (rc != NB_OK) {
        finish(fetch, rc, text);
    } else {
        begin_exchange(fetch, fd);
    }
}

// The request.

// Percent-decoded; what is no escape stays.
static void append_decoded(struct slice s, struct nb_buf *out)
{
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];

        if (c == '%' && s.n - i > 2 && nnet__hex_digit(s.p[i + 1]) >= 0 &&
            nnet__hex_digit(s.p[i + 2]) >= 0) {
            c = (uint8_t)(nnet__hex_digit(s.p[i + 1]) << 4 | nnet__hex_digit(s.p[i + 2]));
            i += 2;
        }
        nb_buf_must(out, nb_slice_make(&c, 1));
    }
}

static void append_authorization(const struct nnet__url *url, struct nb_buf *out)
{
    struct nb_buf plain;
    struct slice credentials;
    uint8_t *encoded;
    size_t n;

    if (!url->has_user) {
        return;
    }
    nb_buf_init(&plain, NNET_FETCH_URL_MAX_BYTES);
    append_decoded(url->user, &plain);
    nb_buf_must_text(&plain, ":");
    append_decoded(url->password, &plain);
    credentials = nb_buf_slice(&plain);
    encoded = nb_alloc(credentials.n / 3 * 4 + 5); // whole groups, and a terminator
    n = EVP_EncodeBlock(encoded, credentials.p, credentials.n);
    nb_buf_must_text(out, "Authorization: Basic ");
    nb_buf_must(out, nb_slice_make(encoded, n));
    nb_buf_must_text(out, "\r\n");
    nb_wipe(encoded, n);
    nb_free(encoded);
    nb_buf_wipe_fini(&plain);
}

static void make_request(struct nnet_fetch *fetch, const struct nnet_fetch_opts *opts)
{
    struct nb_buf *out = &fetch->request;

    nb_buf_init(out, HEAD_MAX_BYTES + opts->body.n);
    nb_buf_must_text(out, opts->is_post ? "POST " : "GET ");
    if (!nb_slice_starts(fetch->url.target, "/")) {
        nb_buf_must_text(out, "/");
    }
    nb_buf_must(out, fetch->url.target);
    nb_buf_must_text(out, " HTTP/1.1\r\nHost: ");
    nb_buf_must(out, fetch->url.authority);
    nb_buf_must_text(out, "\r\nUser-Agent: natsd\r\nConnection: close\r\n");
    append_authorization(&fetch->url, out);
    if (opts->accept != NULL) {
        nb_buf_must_format(out, "Accept: %s\r\n", opts->accept);
    }
    if (opts->content_type != NULL) {
        nb_buf_must_format(out, "Content-Type: %s\r\n", opts->content_type);
    }
    if (opts->is_post) {
        nb_buf_must_format(out, "Content-Length: %zu\r\n", opts->body.n);
    }
    nb_buf_must_text(out, "\r\n");
    nb_buf_must(out, opts->body);
}

static int check_opts(struct nnet_fetch *fetch)
{
    int rc = nnet__url_parse(fetch->url_text, &fetch->url);

    return rc == NB_OK && fetch->url.is_tls && fetch->tls == NULL ? NB_EUNSUPPORTED : rc;
}

static const char *url_error_text(int rc)
{
    if (rc == NB_ELIMIT) {
        return "URL too long";
    }
    return rc == NB_EUNSUPPORTED ? "unsupported protocol scheme" : "invalid URL";
}

struct nnet_fetch *nnet_fetch_start(struct nnet_worker *worker, const struct nnet_fetch_opts *opts,
                                    nnet_fetch_done_fn done, void *ctx)
{
    struct nnet_fetch *fetch = nb_zalloc(sizeof(*fetch));
    char *host;
    int rc;

    nnet__assert_owner(worker);
    assert(opts->timeout_ns > 0 && (opts->is_post || opts->body.n == 0));
    fetch->worker = worker;
    fetch->done = done;
    fetch->ctx = ctx;
    fetch->timer.fire = on_timer;
    fetch->tls = opts->tls != NULL ? nnet_tls_context_ref(opts->tls) : NULL;
    fetch->url_text = nb_slice_dup(opts->url);
    nnet__http_response_init(&fetch->response, opts->body_max_bytes > 0
                                                   ? opts->body_max_bytes
                                                   : NNET_FETCH_BODY_MAX_BYTES);
    rc = check_opts(fetch);
    if (rc != NB_OK) {
        finish(fetch, rc, url_error_text(rc));
        return fetch;
    }
    make_request(fetch, opts);
    nnet_timer_arm(worker, &fetch->timer, opts->timeout_ns);
    host = nb_slice_cstr(fetch->url.host);
    fetch->dial =
        nnet_dial_start(worker, host, fetch->url.port, opts->timeout_ns, on_dialed, fetch);
    nb_free(host);
    return fetch;
}

void nnet_fetch_cancel(struct nnet_fetch *fetch)
{
    nnet__assert_owner(fetch->worker);
    if (fetch->state != FETCH_OVER) {
        finish(fetch, NB_ECANCELED, nb_error_text(NB_ECANCELED));
    }
}
