#include <natsd/http.h>

#include "http_answer.h"
#include "http_reader.h"
#include "http_target.h"
#include "worker.h"

#include <natsd/listener.h>

#include <unistd.h>

/* A connection reads one request, stops reading until that is answered, and goes on: answers
 * come in order by themselves, and a client can't make us hold more than one.
 *
 * READING --request complete--> SERVING --answered--> READING, or ENDED when it was the last
 */
enum http_state {
    HTTP_READING,
    HTTP_SERVING, // a request waits for its answer; input is paused, what came is in `rest`
    HTTP_ENDED,   // the connection is closing
};

enum {
    CONNECTIONS_MAX = 1024,
    REST_MAX_BYTES = 128 * 1024,          // behind a request: about what one read brings
    REQUEST_MEMORY_MAX = 4 * 1024 * 1024, // decoded path and parameters
};

#define HEAD_TIMEOUT_NS (5 * NB_NS_PER_S)
#define IDLE_TIMEOUT_NS (60 * NB_NS_PER_S) // between requests, and for each piece of a body
#define STALL_NS (60 * NB_NS_PER_S)        // for a client that takes nothing of an answer

struct nnet_http_server {
    struct nnet_worker *worker;
    struct nnet_listener *listener;
    struct nnet_tls_context *tls;
    nnet_http_fn serve;
    void *ctx;
    struct nb_link connections;
    size_t connection_count;
    size_t request_count; // not answered
    uint16_t port;
    bool is_closing;
    struct nnet_timer end; // to call `closed` from the loop
    void (*closed)(void *ctx);
    void *closed_ctx;
};

// What the timer is for.
enum http_wait {
    WAIT_NOTHING,
    WAIT_HEAD, // all of it, from its first byte on; of the first request from the beginning on
    WAIT_BODY, // the next bytes of it
    WAIT_IDLE, // another request
    WAIT_TURN, // to go on reading from the loop, after an answer
};

struct http_connection {
    struct nnet_conn conn;
    struct nb_link link;
    struct nnet_http_server *server;
    struct nnet__http_reader reader;
    enum http_state state;
    bool is_reading;    // inside read_requests(): an answer need not start it again
    struct nb_buf rest; // input that came while a request was served
    enum http_wait wait;
    struct nnet_timer timer;
    struct nnet_http_request *request;
};

struct nnet_http_request {
    struct nnet_http_server *server;
    struct http_connection *connection; // NULL: it ended
    struct nb_arena *arena;             // owned: what is decoded, when it is asked for
    struct slice method;
    struct slice path;
    struct slice query; // raw
};

static struct http_connection *connection_of(struct nnet_conn *conn)
{
    return nb_container_of(conn, struct http_connection, conn);
}

// The last thing of a server: called from the loop.
static void check_end(struct nnet_http_server *server)
{
    if (server->is_closing && server->connection_count == 0 && server->request_count == 0) {
        nnet_timer_arm(server->worker, &server->end, 0);
    }
}

static void on_end(struct nnet_timer *timer)
{
    struct nnet_http_server *server = nb_container_of(timer, struct nnet_http_server, end);
    void (*closed)(void *ctx) = server->closed;
    void *ctx = server->closed_ctx;

    nnet_tls_context_unref(server->tls);
    nb_free(server);
    closed(ctx);
}

static void end_connection(struct http_connection *connection, enum nnet_close how)
{
    connection->state = HTTP_ENDED;
    nnet_timer_disarm(connection->conn.worker, &connection->timer);
    nnet_conn_close(&connection->conn, how);
}

// Answers.

static void send_answer(struct http_connection *connection, const struct nnet__http_head *head,
                        struct slice body)
{
    struct nnet_worker *worker = connection->conn.worker;
    struct nb_buf text;

    nb_buf_init(&text, NNET__HTTP_HEAD_BYTES_MAX);
    nnet__http_head_format(head, &text);
    nnet_out_append(worker, &connection->conn, nb_buf_slice(&text));
    nnet_out_append(worker, &connection->conn, body);
    nb_buf_fini(&text);
}

// To a client that does not keep to the protocol: then it is over.
static void refuse(struct http_connection *connection, int status)
{
    struct nnet__http_head head = {
        .status = status, .content_type = "text/plain; charset=utf-8", .now = nb_wall_now()};
    char body[128];
    int n =
        snprintf(body, sizeof(body), "%d %s", status, http_status_str((enum http_status)status));

    assert(n > 0 && (size_t)n < sizeof(body));
    head.body_bytes = (size_t)n;
    send_answer(connection, &head, nb_slice_make(body, (size_t)n));
    end_connection(connection, NNET_CLOSE_FLUSH);
}

// Requests.

static void free_request(struct nnet_http_request *request)
{
    nb_arena_fini(request->arena);
    nb_free(request->arena);
    nb_free(request);
}

// NULL when its target can't be decoded.
static struct nnet_http_request *make_request(struct http_connection *connection)
{
    const struct nnet__http_reader *reader = &connection->reader;
    struct nnet_http_request *request = nb_zalloc(sizeof(*request));
    struct slice path;
    struct slice query;

    request->arena = nb_alloc(sizeof(*request->arena));
    nb_arena_init(request->arena, REQUEST_MEMORY_MAX);
    request->server = connection->server;
    request->connection = connection;
    request->method = nb_slice_of(nnet__http_reader_method(reader));
    nnet__http_target_split(nnet__http_reader_target(reader), &path, &query);
    request->query = nb_arena_dup(request->arena, query);
    if (nnet__http_decode_path(path, request->arena, &request->path) != NB_OK) {
        free_request(request);
        return NULL;
    }
    return request;
}

static void serve_request(struct http_connection *connection)
{
    struct nnet_http_server *server = connection->server;
    struct nnet_http_request *request = make_request(connection);

    if (request == NULL) {
        refuse(connection, 400);
        return;
    }
    connection->request = request;
    connection->state = HTTP_SERVING;
    server->request_count++;
    connection->wait = WAIT_NOTHING;
    nnet_timer_disarm(connection->conn.worker, &connection->timer);
    server->serve(server->ctx, request); // it may be answered now
}

static void wait_for(struct http_connection *connection, enum http_wait wait, int64_t time_ns)
{
    connection->wait = wait;
    nnet_timer_arm(connection->conn.worker, &connection->timer, time_ns);
}

// How long the next bytes may take.
static void arm_read_timer(struct http_connection *connection)
{
    const struct nnet__http_reader *reader = &connection->reader;

    if (!reader->has_begun) {
        if (connection->wait != WAIT_HEAD) { // the first request has that from the beginning on
            wait_for(connection, WAIT_IDLE, IDLE_TIMEOUT_NS);
        }
    } else if (reader->has_head) {
        wait_for(connection, WAIT_BODY, IDLE_TIMEOUT_NS);
    } else if (connection->wait != WAIT_HEAD) {
        wait_for(connection, WAIT_HEAD, HEAD_TIMEOUT_NS);
    }
}

static void on_event(struct http_connection *connection, enum nnet__http_read event)
{
    switch (event) {
    case HTTP_READ_MORE:
        return;
    case HTTP_READ_REQUEST:
        serve_request(connection);
        return;
    case HTTP_READ_BAD:
        refuse(connection, 400);
        return;
    case HTTP_READ_TOO_LARGE:
        refuse(connection, 431);
        return;
    case HTTP_READ_VERSION:
        refuse(connection, 505);
        return;
    }
    NB_UNREACHABLE("http event");
}

static void keep_rest(struct http_connection *connection, struct slice bytes)
{
    if (nb_buf_append(&connection->rest, bytes) != NB_OK) { // a pause stops that: can't be
        end_connection(connection, NNET_CLOSE_NOW);
    }
}

static void read_requests(struct http_connection *connection, struct slice bytes)
{
    connection->is_reading = true;
    while (connection->state == HTTP_READING && bytes.n > 0) {
        on_event(connection, nnet__http_reader_feed(&connection->reader, &bytes));
    }
    connection->is_reading = false;
    if (connection->state == HTTP_READING) {
        arm_read_timer(connection);
        nnet_conn_resume(&connection->conn);
    } else if (connection->state == HTTP_SERVING) {
        nnet_conn_pause(&connection->conn);
        keep_rest(connection, bytes);
    }
}

static void on_timer(struct nnet_timer *timer)
{
    struct http_connection *connection = nb_container_of(timer, struct http_connection, timer);
    struct slice rest;

    if (connection->wait != WAIT_TURN) { // too slow, or idle for too long
        end_connection(connection, NNET_CLOSE_FLUSH);
        return;
    }
    connection->wait = WAIT_NOTHING;
    rest = nb_buf_take(&connection->rest);
    read_requests(connection, rest);
    nb_slice_free(&rest);
}

// The connection's part of an answer.
static void answer_connection(struct http_connection *connection,
                              const struct nnet_http_answer *answer)
{
    struct nnet__http_reader *reader = &connection->reader;
    bool is_head = strcmp(nnet__http_reader_method(reader), "HEAD") == 0;
    struct nnet__http_head head = {
        .status = answer->status,
        .content_type = answer->content_type,
        .extra_headers = answer->extra_headers,
        .body_bytes = answer->body.n,
        .is_version_1_0 = !reader->is_version_1,
        .keeps_alive = reader->keeps_alive && !connection->server->is_closing,
        .now = nb_wall_now(),
    };

    send_answer(connection, &head, is_head ? nb_slice_make(NULL, 0) : answer->body);
    connection->request = NULL;
    if (!head.keeps_alive) {
        end_connection(connection, NNET_CLOSE_FLUSH);
        return;
    }
    connection->state = HTTP_READING;
    nnet__http_reader_next(reader);
    if (!connection->is_reading) {
        wait_for(connection, WAIT_TURN, 0);
    }
}

void nnet_http_respond(struct nnet_http_request *request, const struct nnet_http_answer *answer)
{
    struct nnet_http_server *server = request->server;

    nnet__assert_owner(server->worker);
    if (request->connection != NULL) {
        answer_connection(request->connection, answer);
    }
    free_request(request);
    server->request_count--;
    check_end(server);
}

// The connection's own callbacks.

static void on_received(struct nnet_conn *conn, struct nb_chunk *chunk NB_UNUSED,
                        struct slice bytes)
{
    struct http_connection *connection = connection_of(conn);

    if (connection->state == HTTP_READING && connection->wait != WAIT_TURN) {
        read_requests(connection, bytes);
    } else {
        keep_rest(connection, bytes);
    }
}

static struct nnet_room on_wanted(struct nnet_conn *conn NB_UNUSED)
{
    return (struct nnet_room){.n = 0};
}

static void on_filled(struct nnet_conn *conn NB_UNUSED, size_t n NB_UNUSED)
{
    NB_UNREACHABLE("no place was wanted");
}

static void on_ended(struct nnet_conn *conn, enum nnet_end how, int error_number NB_UNUSED)
{
    end_connection(connection_of(conn), how == NNET_END_EOF ? NNET_CLOSE_FLUSH : NNET_CLOSE_NOW);
}

static void on_tls_done(struct nnet_conn *conn, int rc, const char *text)
{
    struct http_connection *connection = connection_of(conn);

    if (rc != NB_OK) {
        nb_log_debug(conn->worker->group->opts.log, "monitoring handshake failed error=\"%s\"",
                     text);
        end_connection(connection, NNET_CLOSE_FLUSH);
        return;
    }
    wait_for(connection, WAIT_HEAD, HEAD_TIMEOUT_NS);
}

static void on_stalled(struct nnet_conn *conn, size_t written)
{
    if (written == 0) {
        end_connection(connection_of(conn), NNET_CLOSE_NOW);
    }
}

static void on_drained(struct nnet_conn *conn NB_UNUSED)
{
    // The next request is read in any case.
}

static void on_output_full(struct nnet_conn *conn NB_UNUSED)
{
    NB_UNREACHABLE("an answer has no limit");
}

static void on_closed(struct nnet_conn *conn)
{
    struct http_connection *connection = connection_of(conn);
    struct nnet_http_server *server = connection->server;

    if (connection->request != NULL) {
        connection->request->connection = NULL;
    }
    nb_link_remove(&connection->link);
    server->connection_count--;
    nnet__http_reader_fini(&connection->reader);
    nb_buf_fini(&connection->rest);
    nb_free(connection);
    check_end(server);
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

static void on_accepted(void *ctx, int fd, const struct nnet_address *peer NB_UNUSED)
{
    struct nnet_http_server *server = ctx;
    struct http_connection *connection;

    if (server->connection_count >= CONNECTIONS_MAX) {
        (void)close(fd);
        return;
    }
    connection = nb_zalloc(sizeof(*connection));
    connection->server = server;
    connection->conn.handler = &handler;
    connection->conn.write_deadline_ns = STALL_NS;
    connection->timer.fire = on_timer;
    nb_buf_init(&connection->rest, REST_MAX_BYTES);
    nnet__http_reader_init(&connection->reader);
    nb_list_append(&server->connections, &connection->link);
    server->connection_count++;
    nnet_conn_open(&connection->conn, server->worker, fd);
    if (server->tls != NULL) {
        nnet_conn_start_tls(&connection->conn, server->tls, nb_slice_make(NULL, 0), NULL,
                            HEAD_TIMEOUT_NS);
    } else {
        wait_for(connection, WAIT_HEAD, HEAD_TIMEOUT_NS);
    }
}

// The server.

int nnet_http_open(struct nnet_worker *worker, const struct nnet_http_opts *opts,
                   struct nnet_http_server **out, struct nb_diag *diag)
{
    struct nnet_http_server *server = nb_zalloc(sizeof(*server));
    int rc = nnet_listener_open(worker, opts->host, opts->port, on_accepted, server,
                                &server->listener, diag);

    if (rc != NB_OK) {
        nb_free(server);
        return rc;
    }
    server->worker = worker;
    server->port = nnet_listener_port(server->listener);
    server->tls = opts->tls != NULL ? nnet_tls_context_ref(opts->tls) : NULL;
    server->serve = opts->serve;
    server->ctx = opts->ctx;
    server->end.fire = on_end;
    nb_list_init(&server->connections);
    *out = server;
    return NB_OK;
}

void nnet_http_close(struct nnet_http_server *server, void (*closed)(void *ctx), void *ctx)
{
    nnet__assert_owner(server->worker);
    assert(!server->is_closing);
    server->is_closing = true;
    server->closed = closed;
    server->closed_ctx = ctx;
    nnet_listener_close(&server->listener);
    NB_LIST_FOREACH (link, &server->connections) {
        struct http_connection *connection = nb_container_of(link, struct http_connection, link);
        size_t pending =
            atomic_load_explicit(&connection->conn.pending_bytes, memory_order_relaxed);

        if (connection->state == HTTP_READING) { // one that is served ends with its answer
            end_connection(connection, pending > 0 ? NNET_CLOSE_FLUSH : NNET_CLOSE_NOW);
        }
    }
    check_end(server);
}

uint16_t nnet_http_port(const struct nnet_http_server *server)
{
    return server->port;
}

void nnet_http_set_tls(struct nnet_http_server *server, struct nnet_tls_context *tls)
{
    nnet__assert_owner(server->worker);
    if (tls != NULL) {
        nnet_tls_context_ref(tls);
    }
    nnet_tls_context_unref(server->tls);
    server->tls = tls;
}

struct slice nnet_http_method(const struct nnet_http_request *request)
{
    return request->method;
}

struct slice nnet_http_path(const struct nnet_http_request *request)
{
    return request->path;
}

bool nnet_http_param(const struct nnet_http_request *request, const char *name, struct slice *out)
{
    return nnet__http_query_find(request->query, nb_slice_of(name), request->arena, out);
}
