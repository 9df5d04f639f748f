/* accept.c - from an accepted socket to a client that is served (spec 01 section 2). */
#include <assert.h>
#include <unistd.h>

#include <natsd/base64.h>
#include <natsd/duration.h>
#include <natsd/memory.h>
#include <natsd/proxy_protocol.h>
#include <natsd/random.h>

#include "clients/client.h"

#define PROXY_HEADER_MAX_NS (5 * NB_NS_PER_S)
#define THROTTLE_WINDOW_NS NB_NS_PER_S

enum {
    TLS_RECORD_HANDSHAKE = 0x16,
};

static void land(struct nserver__client *c);
static void serve(struct nserver__client *c);

static int64_t tls_timeout_ns(const struct nserver__client *c)
{
    return (int64_t)(nserver__config(c->server)->opts.tls.timeout_s * (double)NB_NS_PER_S);
}

/* What the transport tells. */

static void on_received(struct nnet_conn *conn, struct nb_chunk *chunk, struct slice bytes);

static struct nnet_room on_wanted(struct nnet_conn *conn)
{
    const struct nserver__client *c = nserver__client_of(conn);
    struct nproto_room room = {0};

    if (c->phase == CLIENT_OPEN) {
        room = nproto_parser_wanted(&c->parser);
    }
    return (struct nnet_room){.p = room.p, .n = room.n};
}

static void on_filled(struct nnet_conn *conn, size_t n)
{
    struct nserver__client *c = nserver__client_of(conn);

    nproto_parser_filled(&c->parser, n);
    nserver__client_input(c, NULL, (struct slice){0});
}

static void on_ended(struct nnet_conn *conn, enum nnet_end how, int error_number NB_UNUSED)
{
    struct nserver__client *c = nserver__client_of(conn);

    switch (how) {
    case NNET_END_EOF:
        nserver__client_close(c, NSERVER__REASON_CLIENT_CLOSED);
        return;
    case NNET_END_READ:
        nserver__client_close(c, NSERVER__REASON_READ_ERROR);
        return;
    case NNET_END_WRITE:
        nserver__client_close(c, NSERVER__REASON_WRITE_ERROR);
        return;
    }
    NB_UNREACHABLE("end of a connection");
}

static void on_tls_done(struct nnet_conn *conn, int rc, const char *text)
{
    struct nserver__client *c = nserver__client_of(conn);

    if (rc != NB_OK) {
        nserver__client_log(c, rc == NB_ETIMEDOUT ? NB_LOG_DEBUG : NB_LOG_ERROR,
                            "TLS handshake error: %s", text);
        nserver__client_close(c, NSERVER__REASON_TLS_HANDSHAKE);
        return;
    }
    nserver__client_log(c, NB_LOG_DEBUG, "TLS handshake complete");
    serve(c);
}

// A write did not get through within the deadline (spec 16.3).
static void on_write_stalled(struct nnet_conn *conn, size_t written)
{
    struct nserver__client *c = nserver__client_of(conn);
    const struct nserver_options *opts = &nserver__config(c->server)->opts;
    struct nb_buf deadline;
    bool retries = opts->write_timeout == NSERVER_WRITE_TIMEOUT_RETRY && written > 0;

    if (c->is_auth_expected && !nnet_conn_has_tls(conn)) {
        nserver__client_close(c, NSERVER__REASON_SLOW_DEADLINE);
        return;
    }
    nserver__count(&c->worker->counters.slow_consumers, 1);
    nb_buf_init(&deadline, 64);
    nb_duration_format(conn->write_deadline_ns, &deadline);
    nserver__client_log(c, NB_LOG_INFO,
                        "%s WriteDeadline of %.*s exceeded with %u chunks of %zu total bytes.",
                        c->is_slow_counted ? "Slow Consumer State:" : "Slow Consumer Detected:",
                        NB_SLICE_ARGS(nb_buf_slice(&deadline)), nnet_conn_segment_count(conn),
                        atomic_load_explicit(&conn->pending_bytes, memory_order_relaxed));
    nb_buf_fini(&deadline);
    if (!retries) {
        nserver__client_close(c, NSERVER__REASON_SLOW_DEADLINE);
        return;
    }
    c->is_slow_counted = true;
}

static void on_drained(struct nnet_conn *conn)
{
    struct nserver__client *c = nserver__client_of(conn);

    if (c->is_slow_counted) {
        c->is_slow_counted = false;
        nserver__client_log(c, NB_LOG_INFO,
                            "Slow Consumer Recovered: all pending bytes were flushed");
    }
}

static void on_output_full(struct nnet_conn *conn)
{
    struct nserver__client *c = nserver__client_of(conn);

    nserver__count(&c->worker->counters.slow_consumers, 1);
    nserver__client_log(c, NB_LOG_INFO, "Slow Consumer Detected: MaxPending of %zu Exceeded",
                        conn->output_max);
    nserver__client_close(c, NSERVER__REASON_SLOW_PENDING);
}

static void reclaim_client(struct nb_epoch_item *item)
{
    struct nserver__client *c = nb_container_of(item, struct nserver__client, retired);

    nproto_parser_fini(&c->parser);
    if (c->connect != NULL) {
        nproto_connect_fini(c->connect);
        nb_free(c->connect);
    }
    nb_free(atomic_load(&c->label));
    nb_free(c->held);
    nserver__client_fini_rules(c);
    nserver__identity_destroy(&c->identity);
    nserver_options_set_text(&c->proxy_key, (struct slice){0});
    nb_u64map_fini(&c->shadows);
    nb_free(c);
}

static void on_closed(struct nnet_conn *conn)
{
    struct nserver__client *c = nserver__client_of(conn);

    nb_link_remove(&c->link);
    nb_u64map_remove(&c->worker->clients_by_cid, c->cid);
    nserver__worker_client_gone(c->worker);
    nnet_worker_retire(c->worker->net, &c->retired, reclaim_client);
}

static const struct nnet_conn_handler handler = {
    .received = on_received,
    .wanted = on_wanted,
    .filled = on_filled,
    .ended = on_ended,
    .tls_done = on_tls_done,
    .write_stalled = on_write_stalled,
    .drained = on_drained,
    .output_full = on_output_full,
    .closed = on_closed,
};

/* The way in, step by step. */

static void start_tls(struct nserver__client *c, struct slice begun)
{
    const struct nserver__config *config = nserver__config(c->server);

    nnet_timer_disarm(c->worker->net, &c->gate_timer);
    if (config->tls == NULL) { // a reload has just taken TLS away
        nserver__client_close(c, NSERVER__REASON_TLS_HANDSHAKE);
        return;
    }
    c->phase = CLIENT_HANDSHAKE;
    nserver__client_log(c, NB_LOG_DEBUG, "Starting TLS client connection handshake");
    nnet_conn_start_tls(&c->conn, config->tls, begun, NULL, tls_timeout_ns(c));
}

static void on_auth_timeout(struct nnet_timer *timer)
{
    struct nserver__client *c = nb_container_of(timer, struct nserver__client, gate_timer);

    nserver__client_refuse(c, "Authentication Timeout", NSERVER__REASON_AUTH_TIMEOUT);
}

// The transport is as it will stay: the protocol begins.
static void serve(struct nserver__client *c)
{
    const struct nserver_options *opts = &nserver__config(c->server)->opts;

    c->phase = CLIENT_OPEN;
    if (c->is_tls_first) {
        nserver__client_send_info(c, true);
    }
    if (c->is_auth_expected) {
        c->gate_timer.fire = on_auth_timeout;
        nnet_timer_arm(c->worker->net, &c->gate_timer,
                       (int64_t)(opts->auth_timeout_s * (double)NB_NS_PER_S));
    }
    nserver__client_arm_first_ping(c, false);
}

// With what was received so far: the first byte tells TLS from text (spec 2.4).
static void sniff(struct nserver__client *c, struct nb_chunk *chunk, struct slice bytes)
{
    if (bytes.p[0] == TLS_RECORD_HANDSHAKE) {
        start_tls(c, bytes);
        return;
    }
    nnet_timer_disarm(c->worker->net, &c->gate_timer);
    serve(c);
    nserver__client_input(c, chunk, bytes);
}

static void on_sniff_timeout(struct nnet_timer *timer)
{
    serve(nb_container_of(timer, struct nserver__client, gate_timer));
}

// After INFO and the PROXY header: what does the configuration want of the transport?
static void choose_transport(struct nserver__client *c, struct nb_chunk *chunk, struct slice rest)
{
    const struct nserver__config *config = nserver__config(c->server);

    if (config->tls == NULL) {
        serve(c);
        if (rest.n > 0) {
            nserver__client_input(c, chunk, rest);
        }
    } else if (!config->opts.allow_non_tls || c->is_tls_first) {
        start_tls(c, rest);
    } else if (rest.n > 0) {
        sniff(c, chunk, rest);
    } else {
        c->phase = CLIENT_SNIFFING;
        c->gate_timer.fire = on_sniff_timeout;
        nnet_timer_arm(c->worker->net, &c->gate_timer, tls_timeout_ns(c));
    }
}

static void refuse_proxy_header(struct nserver__client *c, const char *why)
{
    nserver__client_log(c, NB_LOG_ERROR, "Error reading PROXY protocol header from %s:%u: %s",
                        c->peer.ip, c->peer.port, why);
    nserver__client_close(c, NSERVER__REASON_PROTOCOL_VIOLATION);
}

static void on_proxy_timeout(struct nnet_timer *timer)
{
    struct nserver__client *c = nb_container_of(timer, struct nserver__client, gate_timer);

    refuse_proxy_header(c, "timeout reading PROXY protocol header");
}

static void take_proxied_address(struct nserver__client *c, const struct nproto_proxy *proxy)
{
    if (!proxy->has_address) {
        return;
    }
    memcpy(c->peer.ip, proxy->src_ip, sizeof(c->peer.ip));
    c->peer.port = proxy->src_port;
    nserver__client_relabel(c);
}

// With all that came so far. False: more is needed.
static bool read_proxy_header(struct nserver__client *c, struct nb_chunk *chunk, struct slice all)
{
    struct nproto_proxy proxy;
    struct nb_diag diag = {0};
    size_t consumed = 0;
    int rc = nproto_proxy_read(all, &proxy, &consumed, &diag);

    if (rc == NB_EAGAIN) {
        return false;
    }
    nnet_timer_disarm(c->worker->net, &c->gate_timer);
    if (rc != NB_OK) {
        refuse_proxy_header(c, diag.text);
        return true;
    }
    take_proxied_address(c, &proxy);
    choose_transport(c, chunk, nb_slice_sub(all, consumed, all.n));
    return true;
}

// The header may arrive in pieces; until it is whole they are held. What is read is taken out
// of the client first: what follows the header may have to be held anew.
static void on_proxy_bytes(struct nserver__client *c, struct nb_chunk *chunk, struct slice bytes)
{
    uint8_t *held = NULL;

    if (c->held_size > 0) {
        nserver__client_hold_input(c, bytes);
        held = c->held;
        bytes = nb_slice_make(held, c->held_size);
        chunk = NULL;
        c->held = NULL;
        c->held_size = 0;
    }
    if (c->phase == CLIENT_LANDING && !read_proxy_header(c, chunk, bytes)) {
        nserver__client_hold_input(c, bytes);
    }
    nb_free(held);
}

// handshake_first with a fallback: silence gets INFO in clear (spec 2.3).
static void on_first_silence(struct nnet_timer *timer)
{
    struct nserver__client *c = nb_container_of(timer, struct nserver__client, gate_timer);

    c->is_tls_first = false;
    nserver__client_send_info(c, true);
    land(c);
}

static void on_received(struct nnet_conn *conn, struct nb_chunk *chunk, struct slice bytes)
{
    struct nserver__client *c = nserver__client_of(conn);

    switch (c->phase) {
    case CLIENT_OPEN:
        nserver__client_input(c, chunk, bytes);
        return;
    case CLIENT_LANDING:
        on_proxy_bytes(c, chunk, bytes);
        return;
    case CLIENT_WAITING:
        start_tls(c, bytes);
        return;
    case CLIENT_SNIFFING:
        sniff(c, chunk, bytes);
        return;
    case CLIENT_CHECKING:
        nserver__client_hold_input(c, bytes);
        return;
    case CLIENT_HANDSHAKE:
    case CLIENT_CLOSED:
        return;
    }
    NB_UNREACHABLE("client phase");
}

// After INFO, or instead of it.
static void land(struct nserver__client *c)
{
    if (nserver__config(c->server)->opts.proxy_protocol) {
        c->phase = CLIENT_LANDING;
        c->gate_timer.fire = on_proxy_timeout;
        nnet_timer_arm(c->worker->net, &c->gate_timer, PROXY_HEADER_MAX_NS);
        return;
    }
    choose_transport(c, NULL, (struct slice){0});
}

static void wait_for_first_bytes(struct nserver__client *c, int64_t fallback_ns)
{
    c->phase = CLIENT_WAITING;
    c->gate_timer.fire = on_first_silence;
    nnet_timer_arm(c->worker->net, &c->gate_timer, fallback_ns);
}

static void greet(struct nserver__client *c)
{
    const struct nserver__config *config = nserver__config(c->server);

    c->is_tls_first = config->tls != NULL && config->opts.tls.handshake_first;
    if (!c->is_tls_first) {
        nserver__client_send_info(c, true);
        nnet_conn_flush(&c->conn); // by itself: a refusal behind it is not read along with it
    }
    switch (c->welcome) {
    case WELCOME_SERVE:
        break;
    case WELCOME_TOO_MANY:
        nserver__client_refuse(c, "maximum connections exceeded", NSERVER__REASON_MAX_CONNECTIONS);
        return;
    case WELCOME_THROTTLED:
        nserver__client_refuse(c, "Connection throttling is active. Please try again later.",
                               NSERVER__REASON_MAX_CONNECTIONS);
        return;
    case WELCOME_UNSERVED:
        nserver__client_close(c, NSERVER__REASON_SERVER_SHUTDOWN);
        return;
    }
    if (c->is_tls_first && config->opts.tls.handshake_first_fallback_ns > 0) {
        wait_for_first_bytes(c, config->opts.tls.handshake_first_fallback_ns);
        return;
    }
    land(c);
}

static size_t stall_gate(int64_t max_pending)
{
    return (size_t)(max_pending / 4 * 3);
}

// 11 random bytes as base64url.
static void make_nonce(char out[NSERVER__NONCE_BYTES + 1])
{
    uint8_t bytes[11];
    struct nb_buf text;
    int rc;

    nb_random_secure(bytes, sizeof(bytes));
    nb_buf_init(&text, NSERVER__NONCE_BYTES + 1);
    rc = nauth_base64url_encode(nb_slice_make(bytes, sizeof(bytes)), &text);
    assert(rc == NB_OK && nb_buf_slice(&text).n == NSERVER__NONCE_BYTES);
    (void)rc;
    memcpy(out, nb_buf_slice(&text).p, NSERVER__NONCE_BYTES);
    nb_buf_fini(&text);
}

static void open_client(struct nnet_task *task, struct nnet_worker *net)
{
    struct nserver__client *c = nb_container_of(task, struct nserver__client, task);
    const struct nserver__config *config = nserver__config(c->server);
    const struct nserver_options *opts = &config->opts;

    c->worker = nserver__worker_of(net);
    c->sender.worker = c->worker;
    c->sender.client = c;
    c->max_subscriptions = opts->max_subscriptions > 0 ? opts->max_subscriptions : -1;
    c->accepted_at = nnet_worker_now(net);
    c->active_at = c->accepted_at;
    c->ping_active_at = c->accepted_at;
    c->is_verbose = true;
    c->is_pedantic = true;
    c->has_echo = true;
    c->is_auth_expected = config->auth_required;
    c->sender.is_traced = nb_log_is_on(c->server->log, NB_LOG_TRACE);
    c->stall_gate_bytes = stall_gate(opts->max_pending);
    nproto_parser_init(&c->parser, NPROTO_PEER_CLIENT);
    c->parser.control_line_max = (uint32_t)opts->max_control_line;
    c->parser.payload_max = (uint32_t)opts->max_payload;
    c->parser.is_gated = c->is_auth_expected;
    nserver__client_bind(c, c->server->accounts.global);
    if (config->wants_nonce) {
        make_nonce(c->nonce);
    }
    c->conn.handler = &handler;
    c->conn.output_max = (size_t)opts->max_pending;
    c->conn.write_deadline_ns = opts->write_deadline_ns;
    nb_list_append(&c->worker->clients, &c->link);
    nb_u64map_insert(&c->worker->clients_by_cid, c->cid, c);
    nserver__client_relabel(c);
    nnet_conn_open(&c->conn, net, c->fd);
    nserver__client_log(c, NB_LOG_DEBUG, "Client connection created");
    if (c->worker->is_stopping) {
        nserver__client_close(c, NSERVER__REASON_SERVER_SHUTDOWN);
        return;
    }
    greet(c);
}

/* The control worker's part. */

// At most `limit` handshakes in the second that begins with the first (spec 2.3).
static bool is_throttled(struct nserver *server, int64_t limit)
{
    struct nserver__tls_throttle *throttle = &server->tls_throttle;
    struct nb_mono now = nb_mono_now();

    if (throttle->window_began.ns == 0 ||
        nb_mono_since(now, throttle->window_began) >= THROTTLE_WINDOW_NS) {
        throttle->window_began = now;
        throttle->count = 0;
        return false;
    }
    if (++throttle->count < limit) {
        return false;
    }
    throttle->rejected++;
    if (nb_mono_since(now, throttle->logged_at) >= THROTTLE_WINDOW_NS) {
        nb_log_warn(server->log, "Rejected %llu connections due to TLS rate limiting",
                    (unsigned long long)throttle->rejected);
        throttle->rejected = 0;
        throttle->logged_at = now;
    }
    return true;
}

static enum nserver__welcome decide(struct nserver *server)
{
    const struct nserver__config *config = nserver__config(server);
    const struct nserver_options *opts = &config->opts;
    int64_t count = atomic_load_explicit(&server->connection_count, memory_order_relaxed);

    if (atomic_load(&server->is_lame_duck)) {
        return WELCOME_UNSERVED;
    }
    if (opts->max_connections < 0 || count >= opts->max_connections) {
        return WELCOME_TOO_MANY;
    }
    if (config->tls != NULL && opts->tls.connection_rate_limit > 0 &&
        is_throttled(server, opts->tls.connection_rate_limit)) {
        return WELCOME_THROTTLED;
    }
    return WELCOME_SERVE;
}

static uint32_t client_count(const struct nserver__worker *worker)
{
    return atomic_load_explicit(&worker->client_count, memory_order_relaxed);
}

// The one with the fewest; but clients that come one after the other often talk to each other,
// which is cheapest on one worker: so the last one's, as long as it has hardly more.
static struct nserver__worker *choose_worker(struct nserver *server)
{
    struct nserver__worker *best = &server->workers[0];
    struct nserver__worker *last = &server->workers[server->last_chosen];

    for (unsigned i = 1; i < server->worker_count; i++) {
        if (client_count(&server->workers[i]) < client_count(best)) {
            best = &server->workers[i];
        }
    }
    if (client_count(last) <= client_count(best) + 1) {
        best = last;
    }
    server->last_chosen = best->index;
    return best;
}

void nserver__accept(struct nserver *server, int fd, const struct nnet_address *peer)
{
    struct nserver__client *c;
    struct nserver__worker *worker;

    if (atomic_load(&server->is_stopping)) {
        close(fd);
        return;
    }
    c = nb_zalloc(sizeof(*c));
    c->server = server;
    c->cid = atomic_fetch_add(&server->cid_last, 1) + 1;
    c->fd = fd;
    c->peer = *peer;
    c->accepted_wall = nb_wall_now();
    c->welcome = decide(server);
    c->task.run = open_client;
    atomic_fetch_add_explicit(&server->connections_total, 1, memory_order_relaxed);
    if (c->welcome == WELCOME_SERVE) {
        c->is_registered = true;
        atomic_fetch_add_explicit(&server->connection_count, 1, memory_order_relaxed);
    }
    worker = choose_worker(server);
    atomic_fetch_add_explicit(&worker->client_count, 1, memory_order_relaxed);
    nnet_worker_post(worker->net, &c->task);
}
