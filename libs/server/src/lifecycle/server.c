/* server.c - create, start, stop, destroy. */
#include <natsd/server.h>

#include <assert.h>
#include <stdio.h>
#include <unistd.h>

#include <natsd/memory.h>
#include <natsd/nkey.h>

#include "clients/client.h"
#include "clients/deliver.h"
#include "events/services.h"
#include "events/statsz.h"
#include "lifecycle/announce_operators.h"
#include "lifecycle/capabilities.h"
#include "lifecycle/lame_duck.h"
#include "lifecycle/state.h"
#include "lifecycle/visit.h"
#include "monitor/monitor.h"
#include "ocsp/ocsp.h"
#include "resolver/resolver.h"
#include "sharing/response_names.h"
#include "sharing/responses.h"

#define SHUTDOWN_FLUSH_MAX_NS NB_NS_PER_S

/* The workers' life. */

static void on_worker_start(void *ctx, struct nnet_worker *net)
{
    struct nserver *server = ctx;

    if (!nnet_worker_is_control(net)) {
        nnet_worker_set_user(net, &server->workers[nnet_worker_index(net)]);
    }
}

static void on_pass_end(void *ctx NB_UNUSED, struct nnet_worker *net)
{
    struct nserver__worker *worker = nnet_worker_user(net);

    if (worker == NULL) { // the control worker has none
        return;
    }
    nserver__deliver_end(worker);
    while (worker->used_views != NULL) {
        struct nserver__account_view *view = worker->used_views;

        worker->used_views = view->used_next;
        view->is_used = false;
        nsub_match_cache_trim(atomic_load_explicit(&view->cache, memory_order_relaxed));
    }
    nserver__worker_retire_subs(worker);
}

static void on_worker_stop(void *ctx NB_UNUSED, struct nnet_worker *net)
{
    struct nserver__worker *worker = nnet_worker_user(net);

    if (worker != NULL) {
        for (unsigned i = 0; i < NSERVER__ROOMS_MAX; i++) {
            nb_free(worker->rooms[i]);
        }
        nb_u64map_fini(&worker->clients_by_cid);
    }
}

/* Create. */

static void make_anonymous(struct nserver *server)
{
    struct nserver__random_tokens stock = {0};
    char letters[2 * RESPONSE_TOKEN_BYTES];

    nserver__random_token(&stock, letters);
    nserver__random_token(&stock, letters + RESPONSE_TOKEN_BYTES);
    snprintf(server->anonymous, sizeof(server->anonymous), "nats-%.8s", letters);
}

static int make_identity(struct nserver *server)
{
    int rc = nauth_nkey_create(NAUTH_NKEY_SERVER, &server->key);

    if (rc == NB_OK) {
        rc = nauth_nkey_create(NAUTH_NKEY_CURVE, &server->curve);
    }
    if (rc == NB_OK) {
        nauth_nkey_public_text(&server->key, server->id);
        nauth_nkey_public_text(&server->curve, server->xkey);
        make_anonymous(server);
    }
    return rc;
}

static unsigned count_workers(const struct nserver_options *opts)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int64_t count = opts->workers > 0 ? opts->workers : cores;

    if (count < 1) {
        return 1;
    }
    return count > NNET_WORKERS_MAX ? NNET_WORKERS_MAX : (unsigned)count;
}

static int set_up(struct nserver *server, struct nb_diag *diag)
{
    struct nserver__config *config = NULL;
    struct nserver__account_plan plan = {0};
    int rc;

    rc = nserver_options_validate(&server->given, diag);
    if (rc == NB_OK) {
        rc = make_identity(server);
    }
    if (rc == NB_OK) {
        rc = nserver__config_create(&server->given, &config, diag);
    }
    if (rc != NB_OK) {
        return rc;
    }
    atomic_store(&server->config, config);
    server->name =
        nb_slice_of(server->given.server_name != NULL ? server->given.server_name : server->id);
    rc = nserver__ocsp_prepare(server->ocsp, config, diag);
    if (rc != NB_OK) {
        return rc;
    }
    rc = nserver__account_plan_create(&server->given, &plan, diag);
    if (rc == NB_OK) {
        nserver__registry_init(&server->accounts, server->worker_count,
                               !server->given.no_sublist_cache);
        nserver__account_plan_apply(server, &plan);
        nserver__account_plan_fini(&plan);
        nserver__services_create(server);
    }
    if (rc == NB_OK) {
        rc = nserver__resolver_create(server, &server->given, &server->resolver, diag);
    }
    return rc;
}

int nserver_create(const struct nserver_options *opts, const struct nb_logger *log,
                   struct nserver **out, struct nb_diag *diag)
{
    struct nserver *server = nb_zalloc(sizeof(*server));
    int rc;

    server->log = log;
    server->ocsp = nserver__ocsp_create(server);
    nb_mutex_init(&server->stop_lock);
    nb_list_init(&server->response_tables);
    pthread_cond_init(&server->stop_changed, NULL);
    atomic_store(&server->cid_last, NSERVER__CID_FIRST);
    nserver_options_copy(&server->given, opts);
    nserver_options_defaults(&server->given);
    server->worker_count = count_workers(&server->given);
    nserver__closed_ring_init(&server->closed, (size_t)server->given.max_closed_clients);
    rc = set_up(server, diag);
    if (rc != NB_OK) {
        nserver_destroy(&server);
        return rc;
    }
    *out = server;
    return NB_OK;
}

static void make_workers(struct nserver *server)
{
    server->workers = nb_aligned_zalloc(_Alignof(struct nserver__worker),
                                        server->worker_count * sizeof(*server->workers));
    for (unsigned i = 0; i < server->worker_count; i++) {
        struct nserver__worker *worker = &server->workers[i];

        worker->server = server;
        worker->index = i;
        nb_list_init(&worker->clients);
    }
}

static void free_workers(struct nserver *server)
{
    for (unsigned i = 0; i < server->worker_count; i++) {
        nb_slab_pool_fini(&server->workers[i].sub_pool);
    }
    nb_free(server->workers);
    server->workers = NULL;
}

/* Stop. */

static void note_worker_idle(struct nserver *server)
{
    nb_mutex_lock(&server->stop_lock);
    server->workers_busy--;
    pthread_cond_signal(&server->stop_changed);
    nb_mutex_unlock(&server->stop_lock);
}

void nserver__worker_client_gone(struct nserver__worker *worker)
{
    uint32_t left = atomic_fetch_sub(&worker->client_count, 1) - 1;

    if (left == 0 && worker->is_stopping) {
        note_worker_idle(worker->server);
    }
}

// The control worker accepts nothing any more: no client can come after this but those whose
// task is on its way, and they are counted.
static void close_clients(struct nserver__worker *worker, void *arg NB_UNUSED)
{
    worker->is_stopping = true;
    if (atomic_load(&worker->client_count) == 0) {
        note_worker_idle(worker->server);
        return;
    }
    NB_LIST_FOREACH (link, &worker->clients) {
        struct nserver__client *c = nb_container_of(link, struct nserver__client, link);

        if (c->conn.write_deadline_ns == 0 || c->conn.write_deadline_ns > SHUTDOWN_FLUSH_MAX_NS) {
            c->conn.write_deadline_ns = SHUTDOWN_FLUSH_MAX_NS;
        }
        if (c->phase == CLIENT_CLOSED) { // it was refused, and its socket is still there
            nnet_conn_hasten_close(&c->conn, SHUTDOWN_FLUSH_MAX_NS);
        }
        nserver__client_close(c, NSERVER__REASON_SERVER_SHUTDOWN);
    }
}

static void on_http_closed(void *ctx)
{
    struct nserver *server = ctx;

    nb_mutex_lock(&server->stop_lock);
    server->http_busy = false;
    pthread_cond_signal(&server->stop_changed);
    nb_mutex_unlock(&server->stop_lock);
}

// Every worker has been told, and none is inside the visit any more.
static void on_clients_told(struct nserver *server, void *arg NB_UNUSED)
{
    nb_mutex_lock(&server->stop_lock);
    server->is_telling = false;
    pthread_cond_signal(&server->stop_changed);
    nb_mutex_unlock(&server->stop_lock);
}

static void on_ocsp_stopped(struct nserver *server)
{
    nb_mutex_lock(&server->stop_lock);
    server->ocsp_busy = false;
    pthread_cond_signal(&server->stop_changed);
    nb_mutex_unlock(&server->stop_lock);
}

// Those who listen hear of the end before they are closed.
static void tell_shutdown(struct nserver__worker *worker, void *arg NB_UNUSED)
{
    if (worker->index == 0) {
        nserver__tell_shutdown(worker);
    }
}

static void tell_clients(struct nserver *server, void *arg NB_UNUSED)
{
    nserver__visit_workers(server, close_clients, on_clients_told, NULL);
}

static void stop_in_control(struct nserver *server, void *arg NB_UNUSED)
{
    atomic_store(&server->is_stopping, true);
    nserver__lame_duck_end(server);
    nserver__loader_stop(server);
    if (server->listener != NULL) {
        nb_log_debug(server->log, "Client accept loop exiting..");
        nnet_listener_close(&server->listener);
    }
    nb_mutex_lock(&server->stop_lock);
    server->workers_busy = server->worker_count;
    server->http_busy = true;
    server->is_telling = true;
    server->ocsp_busy = true;
    nb_mutex_unlock(&server->stop_lock);
    nserver__services_stop(server);
    nserver__responses_stop(server);
    nserver__visit_workers(server, tell_shutdown, tell_clients, NULL);
    nserver__monitor_stop(server, on_http_closed, server);
    nserver__ocsp_stop(server->ocsp, on_ocsp_stopped);
}

static void end_threads(struct nserver *server)
{
    struct nnet_group *group = server->group;

    nserver__call_control(server, stop_in_control, NULL);
    nb_mutex_lock(&server->stop_lock);
    while (server->workers_busy > 0 || server->http_busy || server->is_telling ||
           server->ocsp_busy || !nserver__services_are_idle(server)) {
        pthread_cond_wait(&server->stop_changed, &server->stop_lock.mutex);
    }
    nb_mutex_unlock(&server->stop_lock);
    nnet_group_destroy(&group);
    server->group = NULL; // not before the threads have ended
    nserver__ocsp_end(server->ocsp);
    free_workers(server);
    server->is_running = false;
}

void nserver_stop(struct nserver *server)
{
    if (!server->is_running) {
        return;
    }
    nb_log_info(server->log, "Initiating Shutdown...");
    end_threads(server);
    if (server->system_account != NULL) {
        nb_log_debug(server->log, "SYSTEM - System connection closed: Client Closed");
    }
    nb_log_info(server->log, "Server Exiting..");
}

/* Start. */

static void log_surroundings(const struct nserver *server, const struct nserver_options *opts)
{
    if (opts->config_file != NULL) {
        nb_log_info(server->log, "Using configuration file: %s (%s)", opts->config_file,
                    opts->config_digest != NULL ? opts->config_digest : "");
    }
    nserver__announce_operators(nserver__config(server)->operators, opts->system_account,
                                server->log);
    if (opts->max_payload > NSERVER_MAX_PAYLOAD_ADVISED_BYTES) {
        nb_log_warn(server->log,
                    "Maximum payloads over 8.00 MB are generally discouraged and could "
                    "lead to poor performance");
    }
    if (opts->prof_port != 0 || opts->prof_block_rate > 0) {
        nb_log_warn(server->log, "There is no profiler here, prof_port and prof_block_rate have "
                                 "no effect");
    }
    if (opts->default_js_domain_count > 0) {
        nb_log_warn(server->log, "The option `default_js_domain` is a temporary backwards "
                                 "compatibility measure and will be removed");
    }
    nserver__warn_of_missing(server->log, NULL, opts);
}

void nserver_announce(struct nserver *server)
{
    const struct nserver_options *opts = &server->given;

    if (server->is_announced) {
        return;
    }
    server->is_announced = true;
    nb_log_info(server->log, "Starting nats-server");
    nb_log_info(server->log, "  Version:  %s+natsd.%s", NSERVER_REFERENCE_VERSION, NSERVER_VERSION);
    nb_log_info(server->log, "  Git:      [not set]");
    nb_log_debug(server->log, "  Go build: natsd, C compiler " __VERSION__);
    nb_log_info(server->log, "  Name:     %.*s", NB_SLICE_ARGS(server->name));
    nb_log_info(server->log, "  ID:       %s", server->id);
    nserver__log_feature_flags(server->log, opts);
    if (nserver_options_has_plain_password(opts)) {
        nb_log_warn(server->log, "Plaintext passwords detected, use nkeys or bcrypt");
    }
    log_surroundings(server, opts);
}

static void on_accepted(void *ctx, int fd, const struct nnet_address *peer)
{
    nserver__accept(ctx, fd, peer);
}

struct start {
    struct nb_diag *diag;
    int rc;
};

static const char *bracketed(const char *host, char *out, size_t room)
{
    snprintf(out, room, strchr(host, ':') != NULL ? "[%s]" : "%s", host);
    return out;
}

static int set_info_address(struct nserver__config *config, struct nb_diag *diag)
{
    struct nb_diag reason = {0};
    int rc = nserver__config_set_info_address(config, &reason);

    if (rc != NB_OK) {
        nb_diag_set(diag, "Error setting server INFO with ClientAdvertise value of %.200s, err=%s",
                    config->opts.client_advertise, reason.text);
    }
    return rc;
}

static void log_tls(const struct nserver *server, const struct nserver_options *opts)
{
    bool is_always_first = opts->tls.handshake_first && opts->tls.handshake_first_fallback_ns == 0;

    nb_log_info(server->log, "TLS %s for client connections",
                opts->allow_non_tls && !is_always_first ? "available" : "required");
    if (is_always_first) {
        nb_log_warn(server->log, "Clients that are not using \"TLS Handshake First\" option will "
                                 "fail to connect");
    }
}

static int listen_for_clients(struct nserver *server, struct nb_diag *diag)
{
    struct nserver__config *config = atomic_load(&server->config); // nobody has seen it yet
    const struct nserver_options *opts = &config->opts;
    struct nb_diag reason = {0};
    char host[280];
    int rc = set_info_address(config, diag); // before anyone can connect

    if (rc != NB_OK) {
        return rc;
    }
    rc = nnet_listener_open(nnet_group_control(server->group), opts->host, opts->port, on_accepted,
                            server, &server->listener, &reason);
    bracketed(opts->host, host, sizeof(host));
    if (rc != NB_OK) {
        nb_diag_set(diag, "Error listening on port: %s:%d, \"%s\"", host,
                    opts->port > 0 ? opts->port : 0, reason.text);
        return rc;
    }
    server->client_port = nnet_listener_port(server->listener);
    nserver__config_set_own_port(config, server->client_port);
    nb_log_info(server->log, "Listening for client connections on %s:%u", host,
                server->client_port);
    if (opts->proxy_protocol) {
        nb_log_info(server->log, "PROXY protocol enabled for client connections");
    }
    if (config->tls != NULL) {
        log_tls(server, opts);
    }
    return NB_OK;
}

static void start_in_control(struct nserver *server, void *arg)
{
    struct start *start = arg;

    start->rc = nserver__monitor_start(server, start->diag);
    if (start->rc == NB_OK) {
        start->rc = nserver__check_advertised(&server->given, start->diag);
    }
    if (start->rc == NB_OK) {
        start->rc = listen_for_clients(server, start->diag);
    }
    if (start->rc == NB_OK) {
        nserver__services_start(server);
        nserver__ocsp_announce(server->ocsp, nserver__config(server));
        nb_log_info(server->log, "Server is ready");
        if (server->on_listening != NULL) { // connections wait: their thread is this one
            server->on_listening(server->on_listening_ctx);
        }
    }
}

void nserver_set_on_listening(struct nserver *server, void (*fn)(void *ctx), void *ctx)
{
    assert(!server->is_running);
    server->on_listening = fn;
    server->on_listening_ctx = ctx;
}

void nserver_set_on_revoked(struct nserver *server, void (*fn)(void *ctx), void *ctx)
{
    assert(!server->is_running);
    server->on_revoked = fn;
    server->on_revoked_ctx = ctx;
}

int nserver_start(struct nserver *server, struct nb_diag *diag)
{
    struct nnet_group_opts group_opts = {
        .worker_count = server->worker_count,
        .log = server->log,
        .start = on_worker_start,
        .pass_end = on_pass_end,
        .stop = on_worker_stop,
        .ctx = server,
    };
    struct start start = {.diag = diag};
    int rc;

    assert(!server->is_running);
    nserver_announce(server);
    if (nserver__makes_system_account(&server->given)) {
        nb_log_debug(server->log, "Created system account: \"" NSERVER__SYSTEM_ACCOUNT "\"");
    }
    server->started_at = nb_wall_now();
    make_workers(server);
    rc = nnet_group_create(&group_opts, &server->group);
    if (rc != NB_OK) {
        free_workers(server);
        nb_diag_set(diag, "Can't start the worker threads: %s", nb_error_text(rc));
        return rc;
    }
    server->is_running = true;
    for (unsigned i = 0; i < server->worker_count; i++) { // before anything is posted to them
        server->workers[i].net = nnet_group_worker(server->group, i);
    }
    start.rc = nserver__loader_start(server, diag);
    if (start.rc == NB_OK) {
        start.rc = nserver__ocsp_start(server->ocsp, diag);
    }
    if (start.rc == NB_OK) {
        nserver__call_control(server, start_in_control, &start);
    }
    if (start.rc != NB_OK) {
        end_threads(server);
    }
    return start.rc;
}

void nserver_destroy(struct nserver **server)
{
    struct nserver *s = *server;
    struct nserver__config *config;

    if (s == NULL) {
        return;
    }
    nserver_stop(s);
    nserver__lame_duck_fini(s);
    nserver__monitor_fini(s);
    nserver__loader_fini(s);
    nserver__registry_fini(&s->accounts);
    nserver__services_destroy(s);
    nserver__closed_ring_fini(&s->closed);
    config = atomic_load(&s->config);
    nserver__config_destroy(&config);
    nserver__ocsp_destroy(&s->ocsp);
    nserver_options_fini(&s->given);
    nauth_nkey_fini(&s->key);
    nauth_nkey_fini(&s->curve);
    nb_mutex_fini(&s->stop_lock);
    pthread_cond_destroy(&s->stop_changed);
    nb_free(s);
    *server = NULL;
}

uint16_t nserver_client_port(const struct nserver *server)
{
    return server->client_port;
}

uint16_t nserver_http_port(const struct nserver *server)
{
    return server->http_port;
}

const char *nserver_id(const struct nserver *server)
{
    return server->id;
}

const char *nserver_name(const struct nserver *server)
{
    return (const char *)server->name.p;
}

bool nserver_is_lame_duck(const struct nserver *server)
{
    return atomic_load(&server->is_lame_duck);
}
