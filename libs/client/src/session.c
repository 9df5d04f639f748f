#include "state.h"

#include "connect_text.h"
#include "server_error.h"

#include <stdio.h>
#include <unistd.h>

#define WAIT_MAX_NS (20 * NB_NS_PER_S)

enum {
    ERROR_TEXT_MAX_BYTES = 256, // of an -ERR, as it is shown
    CONNECT_MAX_BYTES = 1024 * 1024,
};

static void go_next(struct nclient *client);

// -- one attempt -----------------------------------------------------------------------------

static void on_dialed(void *ctx, int rc, int fd, const char *text);

static void dial(struct nclient *client)
{
    const struct nclient__server *server = nclient__pool_current(&client->pool);

    client->attempt_start = nnet_worker_now(client->worker);
    client->dial = nnet_dial_start(client->worker, server->url.host, server->url.port,
                                   client->config.opts.connect_timeout_ns, on_dialed, client);
}

static void try_current(struct nclient *client)
{
    client->phase = NCLIENT__DIALING;
    if (nclient__tls_is_wanted(client) && !nclient__tls_prepare(client)) {
        return; // nclient__session_on_tls_ready() goes on
    }
    dial(client);
}

int64_t nclient__session_time_left(const struct nclient *client)
{
    int64_t left_ns = client->config.opts.connect_timeout_ns -
                      nb_mono_since(nnet_worker_now(client->worker), client->attempt_start);

    return left_ns > 0 ? left_ns : 0;
}

// In the first round each server is named with its cause, otherwise only the last one.
static void note_failure(struct nclient *client, int rc, const char *text)
{
    const struct nclient__server *server = nclient__pool_current(&client->pool);
    size_t used = client->was_online ? 0 : strlen(client->why.text);

    client->why_rc = rc;
    if (used + 1 < sizeof(client->why.text)) {
        snprintf(client->why.text + used, sizeof(client->why.text) - used, "%s%s: %s",
                 used > 0 ? "; " : "", server->label, text);
    }
}

static void fail_attempt(struct nclient *client, int rc, const char *text)
{
    struct nclient__server *server = nclient__pool_current(&client->pool);

    nnet_timer_disarm(client->worker, &client->phase_timer);
    nclient__link_drop(client, NNET_CLOSE_NOW);
    server->failures++;
    note_failure(client, rc, text);
    if (!client->was_online && client->round_left == 0) {
        nclient__begin_close(client);
        return;
    }
    if (client->was_online && client->config.opts.reconnects_max >= 0 &&
        server->failures >= (unsigned)client->config.opts.reconnects_max) {
        nclient__pool_drop_current(&client->pool);
    } else {
        nclient__pool_rotate(&client->pool);
    }
    if (client->pool.count == 0) {
        nclient__begin_close(client);
    } else {
        go_next(client);
    }
}

static void on_dialed(void *ctx, int rc, int fd, const char *text)
{
    struct nclient *client = ctx;

    client->dial = NULL;
    if (nclient__is_ending(client)) {
        if (fd >= 0) {
            (void)close(fd); // nothing was sent
        }
        nclient__check_gone(client);
    } else if (rc != NB_OK) {
        fail_attempt(client, rc, text);
    } else {
        client->phase = NCLIENT__GREETING;
        nclient__link_open(client, fd);
        nnet_timer_arm(client->worker, &client->phase_timer, nclient__session_time_left(client));
        if (client->config.opts.tls_first) {
            nclient__link_start_tls(client->link, (struct slice){0});
        }
    }
}

void nclient__session_on_tls_ready(struct nclient *client, int rc, const char *text)
{
    if (rc != NB_OK) {
        nclient__set_why(client, rc, text);
        nclient__begin_close(client);
    } else if (client->phase == NCLIENT__DIALING && client->dial == NULL) {
        dial(client);
    } else if (client->phase == NCLIENT__GREETING && client->link->has_info &&
               !client->link->has_begun_tls) {
        nnet_conn_resume(&client->link->conn);
        nclient__link_start_tls(client->link, (struct slice){0});
    }
}

// -- the greeting ----------------------------------------------------------------------------

static void join(struct nclient *client)
{
    const struct nclient__greeting greeting = {.nonce = client->link->nonce,
                                               .has_headers = client->server_info.has_headers,
                                               .has_tls = client->link->has_begun_tls};
    struct nb_diag diag = {""};
    struct nb_buf buf;
    int rc;

    nb_buf_init(&buf, CONNECT_MAX_BYTES);
    rc = nclient__connect_write(&client->config, &nclient__pool_current(&client->pool)->url,
                                &greeting, &buf, &diag);
    if (rc == NB_OK) {
        client->phase = NCLIENT__JOINING;
        nclient__link_write(client, nb_buf_slice(&buf));
    } else {
        fail_attempt(client, rc, diag.text);
    }
    nb_buf_wipe_fini(&buf);
}

void nclient__session_on_tls_done(struct nclient *client, int rc, const char *text)
{
    if (rc != NB_OK) {
        fail_attempt(client, rc, text);
    } else if (client->link->has_info) {
        join(client);
    }
}

// The first INFO of a connection.
static void greet(struct nclient *client, const struct nproto_info *info, struct slice behind)
{
    struct nclient__link *link = client->link;

    link->has_info = true;
    link->nonce = nb_slice_dup(info->nonce);
    if (link->has_begun_tls || !(nclient__tls_is_wanted(client) || info->tls_required)) {
        join(client);
    } else if (!info->tls_required && !info->tls_available) {
        fail_attempt(client, NB_EUNSUPPORTED, "secure connection not available");
    } else if (nclient__tls_prepare(client)) {
        nclient__link_start_tls(link, behind);
    } else if (behind.n > 0) {
        fail_attempt(client, NB_EMALFORMED, "unexpected bytes before the TLS handshake");
    } else {
        nnet_conn_pause(&link->conn); // the server waits for us, too
    }
}

void nclient__session_on_info(struct nclient *client, struct slice json, struct slice behind)
{
    struct nb_json_doc doc = {0};
    struct nproto_info info = {0};
    struct slice *urls = NULL;
    struct nb_random *random =
        client->config.opts.keep_server_order ? NULL : nnet_worker_random(client->worker);

    if (nproto_info_read(json, &doc, &info, &urls, NULL) != NB_OK) {
        nclient__session_on_end(client, NB_EMALFORMED, "malformed INFO");
        return;
    }
    nclient__server_info_set(client, &info, json);
    if (info.connect_url_count > 0 || info.ldm) {
        nclient__pool_discover(&client->pool, info.connect_urls, info.connect_url_count, random);
    }
    if (info.ldm && client->phase == NCLIENT__ONLINE) {
        nclient__emit(client, NCLIENT_LAME_DUCK, "");
    }
    if (!client->link->has_info) {
        greet(client, &info, behind);
    }
    nb_free(urls);
    nb_json_doc_fini(&doc);
}

// -- online ----------------------------------------------------------------------------------

static void go_online(struct nclient *client)
{
    struct nclient__server *server = nclient__pool_current(&client->pool);
    bool is_first = !client->was_online;

    nnet_timer_disarm(client->worker, &client->phase_timer);
    server->failures = 0;
    nclient__server_set_auth_error(server, NULL);
    client->phase = NCLIENT__ONLINE;
    client->was_online = true;
    client->online_since = nnet_worker_now(client->worker);
    nclient__outbox_set_conn(&client->outbox, &client->link->conn);
    nclient__server_info_set_tls(client, nnet_conn_has_tls(&client->link->conn));
    nclient__subs_renew(client);
    nclient__send_held(client);
    nclient__flush_on_online(client);
    nclient__keepalive_start(client);
    if (!is_first) {
        atomic_fetch_add_explicit(&client->reconnects, 1, memory_order_relaxed);
    }
    nclient__emit(client, is_first ? NCLIENT_CONNECTED : NCLIENT_RECONNECTED, "");
    if (client->connect_waiter != NULL) {
        nclient__waiter_signal(client->connect_waiter, NB_OK, "");
        client->connect_waiter = NULL;
    }
}

void nclient__session_on_pong(struct nclient *client)
{
    if (client->phase == NCLIENT__JOINING) {
        go_online(client);
    } else if (client->phase == NCLIENT__ONLINE) {
        nclient__flush_on_pong(client);
    }
}

// A connection that did not last is followed by a pause, so that one that is refused right
// after it was accepted doesn't become a busy loop.
static void lose(struct nclient *client, int rc, const char *text)
{
    int64_t lived_ns = nb_mono_since(nnet_worker_now(client->worker), client->online_since);
    bool has_lasted = lived_ns >= client->config.opts.reconnect_wait_ns;

    client->phase = NCLIENT__WAITING;
    nclient__set_why(client, rc, text);
    nclient__link_drop(client, NNET_CLOSE_NOW);
    nclient__keepalive_stop(client);
    nclient__flush_on_loss(client);
    nclient__emit(client, NCLIENT_DISCONNECTED, text);
    if (client->config.opts.no_reconnect) {
        nclient__begin_close(client);
        return;
    }
    client->wait_count = has_lasted ? 0 : client->wait_count;
    client->round_left = has_lasted ? client->pool.count - 1 : 0;
    nclient__pool_rotate(&client->pool);
    go_next(client);
}

void nclient__session_on_end(struct nclient *client, int rc, const char *text)
{
    if (client->phase == NCLIENT__ONLINE) {
        lose(client, rc, text);
    } else {
        fail_attempt(client, rc, text);
    }
}

// -- what the server complains of ------------------------------------------------------------

static bool is_second_auth_error(const struct nclient *client, const char *text)
{
    const struct nclient__server *server = nclient__pool_current(&client->pool);

    return client->was_online && !client->config.opts.ignore_auth_errors &&
           server->auth_error != NULL && strcmp(server->auth_error, text) == 0;
}

static void on_auth_error(struct nclient *client, const char *text)
{
    if (is_second_auth_error(client, text)) {
        nclient__set_why(client, NB_EDENIED, text);
        nclient__begin_close(client);
        return;
    }
    nclient__server_set_auth_error(nclient__pool_current(&client->pool), text);
    nclient__session_on_end(client, NB_EDENIED, text);
}

static void on_other_error(struct nclient *client, enum nclient__server_error kind,
                           const char *text)
{
    if (client->phase != NCLIENT__ONLINE || kind == NCLIENT__SERVER_ERROR_RECONNECT) {
        nclient__session_on_end(client, NB_EREFUSED, text);
    } else if (kind == NCLIENT__SERVER_ERROR_FATAL) {
        nclient__set_why(client, NB_EREFUSED, text);
        nclient__begin_close(client);
    }
}

// For people and logs: as it came, without control characters.
static void copy_printable(struct slice text, char out[ERROR_TEXT_MAX_BYTES + 1])
{
    size_t n = text.n < ERROR_TEXT_MAX_BYTES ? text.n : ERROR_TEXT_MAX_BYTES;

    for (size_t i = 0; i < n; i++) {
        out[i] = text.p[i] < ' ' || text.p[i] == 0x7f ? '?' : (char)text.p[i];
    }
    out[n] = '\0';
}

void nclient__session_on_error(struct nclient *client, struct slice arg)
{
    struct slice text = nclient__server_error_text(arg);
    enum nclient__server_error kind = nclient__server_error_kind(text);
    char shown[ERROR_TEXT_MAX_BYTES + 1];

    copy_printable(text, shown);
    if (client->phase == NCLIENT__ONLINE) {
        nclient__emit(client, NCLIENT_ERROR, shown);
    }
    if (kind == NCLIENT__SERVER_ERROR_AUTH) {
        on_auth_error(client, shown);
    } else {
        on_other_error(client, kind, shown);
    }
}

// -- from one server to the next -------------------------------------------------------------

static void on_phase_timer(struct nnet_timer *timer)
{
    struct nclient *client = nb_container_of(timer, struct nclient, phase_timer);

    if (client->phase == NCLIENT__WAITING) {
        client->round_left = client->pool.count;
        go_next(client);
    } else {
        fail_attempt(client, NB_ETIMEDOUT, "no answer in time");
    }
}

// Many clients lose the same server at the same moment.
static void wait_a_while(struct nclient *client)
{
    struct nb_random *random = nnet_worker_random(client->worker);
    int64_t base_ns = client->config.opts.reconnect_wait_ns;
    int64_t max_ns = base_ns > WAIT_MAX_NS ? base_ns : WAIT_MAX_NS;
    int64_t wait_ns = base_ns;

    for (unsigned i = 0; i < client->wait_count && wait_ns < max_ns; i++) {
        wait_ns += wait_ns / 2;
    }
    wait_ns = wait_ns < max_ns ? wait_ns : max_ns;
    client->wait_count++;
    client->phase = NCLIENT__WAITING;
    wait_ns = wait_ns / 2 + wait_ns / 1000 * (int64_t)nb_random_below(random, 1000);
    nnet_timer_arm(client->worker, &client->phase_timer, wait_ns);
}

static void go_next(struct nclient *client)
{
    if (client->round_left == 0) {
        wait_a_while(client);
        return;
    }
    client->round_left--;
    try_current(client);
}

void nclient__session_begin(struct nclient *client)
{
    if (!client->config.opts.keep_server_order) {
        nclient__pool_shuffle(&client->pool, nnet_worker_random(client->worker));
    }
    client->phase_timer.fire = on_phase_timer;
    client->round_left = client->pool.count;
    go_next(client);
}

void nclient__session_stop(struct nclient *client)
{
    if (client->dial != NULL) {
        nnet_dial_cancel(client->dial); // on_dialed() still comes
    }
    nnet_timer_disarm(client->worker, &client->phase_timer);
}
