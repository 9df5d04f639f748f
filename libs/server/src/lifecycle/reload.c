/* reload.c - new options for a server that runs: all of them or none (spec 02 section 11). */
#include <errno.h>
#include <semaphore.h>

#include <natsd/memory.h>
#include <natsd/server.h>

#include "accounts/change.h"
#include "clients/client.h"
#include "lifecycle/capabilities.h"
#include "lifecycle/reload_log.h"
#include "lifecycle/state.h"
#include "lifecycle/visit.h"
#include "monitor/monitor.h"
#include "ocsp/ocsp.h"
#include "resolver/resolver.h"
#include "sharing/shadows.h"

struct reload {
    const struct nserver_options *wanted; // with defaults
    struct nb_diag *diag;
    int rc;
    sem_t settled; // what the resolver had to read again is in force
};

/* What each client has to know. */

static void update_client(struct nserver__client *c, const struct nserver_options *opts)
{
    c->parser.control_line_max = (uint32_t)opts->max_control_line;
    nserver__client_reauthenticate(c);
    if (c->phase != CLIENT_CLOSED) {
        nserver__client_take_limits(c);
        nserver__shadows_renew(c);
    }
}

static void update_clients(struct nserver__worker *worker, void *arg NB_UNUSED)
{
    const struct nserver_options *opts = &nserver__config(worker->server)->opts;

    NB_LIST_FOREACH (link, &worker->clients) {
        struct nserver__client *c = nb_container_of(link, struct nserver__client, link);

        if (c->phase != CLIENT_CLOSED) {
            update_client(c, opts);
        }
    }
}

/* A lower max_connections: some have to go. */

struct surplus {
    _Atomic int64_t left;
};

static void close_surplus(struct nserver__worker *worker, void *arg)
{
    struct surplus *surplus = arg;

    NB_LIST_FOREACH (link, &worker->clients) {
        struct nserver__client *c = nb_container_of(link, struct nserver__client, link);

        if (c->phase == CLIENT_CLOSED || !c->is_registered) {
            continue;
        }
        if (atomic_fetch_sub(&surplus->left, 1) <= 0) {
            return;
        }
        nserver__client_refuse(c, "maximum connections exceeded", NSERVER__REASON_MAX_CONNECTIONS);
    }
}

static void free_surplus(struct nserver *server NB_UNUSED, void *arg)
{
    nb_free(arg);
}

static int64_t count_surplus(const struct nserver *server, const struct nserver__config *config)
{
    int64_t max = config->opts.max_connections;
    int64_t surplus = atomic_load(&server->connection_count) - (max > 0 ? max : 0);

    return surplus > 0 ? surplus : 0;
}

static void end_surplus(struct nserver *server, int64_t count)
{
    struct surplus *surplus = nb_zalloc(sizeof(*surplus));

    atomic_store(&surplus->left, count);
    nserver__visit_workers(server, close_surplus, free_surplus, surplus);
}

/* Other pinned certificates: who doesn't match them has to go. */

struct unpinned {
    struct nnet_tls_context *tls; // owned
    _Atomic uint64_t count;
};

static void close_unpinned(struct nserver__worker *worker, void *arg)
{
    struct unpinned *unpinned = arg;

    NB_LIST_FOREACH (link, &worker->clients) {
        struct nserver__client *c = nb_container_of(link, struct nserver__client, link);

        if (c->phase != CLIENT_CLOSED && !nnet_conn_tls_fits_pins(&c->conn, unpinned->tls)) {
            atomic_fetch_add(&unpinned->count, 1);
            nserver__client_close(c, NSERVER__REASON_TLS_HANDSHAKE);
        }
    }
}

static void report_unpinned(struct nserver *server, void *arg)
{
    struct unpinned *unpinned = arg;
    uint64_t count = atomic_load(&unpinned->count);

    if (count > 0) {
        nb_log_info(server->log, "Disconnect %llu clients due to pinned certs reload",
                    (unsigned long long)count);
    }
    nnet_tls_context_unref(unpinned->tls);
    nb_free(unpinned);
}

static void end_unpinned(struct nserver *server, const struct nserver__config *config)
{
    struct unpinned *unpinned;

    if (config->opts.tls.pin_count == 0) {
        return;
    }
    unpinned = nb_zalloc(sizeof(*unpinned));
    unpinned->tls = nnet_tls_context_ref(config->tls);
    nserver__visit_workers(server, close_unpinned, report_unpinned, unpinned);
}

/* The exchange. */

static void reclaim_config(struct nb_epoch_item *item)
{
    struct nserver__config *config = nb_container_of(item, struct nserver__config, retired);

    nserver__config_destroy(&config);
}

static void publish(struct nserver *server, struct nserver__config *config,
                    struct nserver__account_plan *plan)
{
    struct nserver__config *old_config;

    config->number = nserver__config(server)->number + 1;
    nserver__account_plan_apply(server, plan); // accounts before their users
    old_config = atomic_exchange(&server->config, config);
    nnet_worker_retire(nnet_group_control(server->group), &old_config->retired, reclaim_config);
    nserver__monitor_reload_tls(server);
}

// With the port that is listened on. A shallow copy: nothing in it is to be freed.
static int check_change(const struct nserver *server, const struct nserver_options *wanted,
                        struct nb_diag *diag)
{
    struct nserver_options running = nserver__config(server)->opts;

    running.port = server->client_port;
    return nserver_options_check_reload(&running, wanted, diag);
}

static int prepare(struct nserver *server, const struct nserver_options *wanted,
                   struct nserver__config **config, struct nserver__resolver **resolver,
                   struct nserver__account_plan *plan, struct nb_diag *diag)
{
    struct nb_diag reason = {0};
    int rc = check_change(server, wanted, diag);

    if (rc == NB_OK) {
        rc = nserver__config_create(wanted, config, diag);
    }
    if (rc == NB_OK) {
        rc = nserver__ocsp_prepare(server->ocsp, *config, diag);
    }
    if (rc != NB_OK) {
        return rc;
    }
    rc = nserver__config_set_info_address(*config, &reason);
    if (rc != NB_OK) {
        nb_diag_set(diag, "invalid ClientAdvertise value of %.200s, err=%s",
                    wanted->client_advertise, reason.text);
        return rc;
    }
    nserver__config_set_own_port(*config, server->client_port);
    rc = nserver__resolver_prepare(server, wanted, resolver, diag);
    return rc == NB_OK ? nserver__account_plan_create(wanted, plan, diag) : rc;
}

static void note_settled(void *ctx)
{
    struct reload *reload = ctx;

    sem_post(&reload->settled);
}

static void wait_until_settled(struct reload *reload)
{
    while (sem_wait(&reload->settled) != 0 && errno == EINTR) {
        // a signal
    }
}

static void reload_in_control(struct nserver *server, void *arg)
{
    struct reload *reload = arg;
    struct nserver__config *config = NULL;
    struct nserver__resolver *resolver = NULL;
    struct nserver__account_plan plan = {0};
    int64_t surplus;

    reload->rc = prepare(server, reload->wanted, &config, &resolver, &plan, reload->diag);
    if (reload->rc != NB_OK) {
        nserver__resolver_destroy(&resolver);
        nserver__config_destroy(&config);
        return;
    }
    surplus = count_surplus(server, config);
    nserver__log_changes(server->log, nserver__config(server), config, surplus);
    nserver__warn_of_missing(server->log, &nserver__config(server)->opts, &config->opts);
    nserver__ocsp_reload(server->ocsp, nserver__config(server), config);
    publish(server, config, &plan);
    nserver__account_plan_fini(&plan);
    nserver__resolver_reload(server, resolver, note_settled, reload);
    nserver__visit_workers(server, update_clients, NULL, NULL);
    nserver__accounts_end_surplus(server);
    if (surplus > 0) {
        end_surplus(server, surplus);
    }
    end_unpinned(server, config);
}

/* Levels of the logger. */

static void note_level(struct nserver__worker *worker, void *arg NB_UNUSED)
{
    bool is_traced = nb_log_is_on(worker->server->log, NB_LOG_TRACE);

    NB_LIST_FOREACH (link, &worker->clients) {
        nb_container_of(link, struct nserver__client, link)->sender.is_traced = is_traced;
    }
}

static void note_levels_in_control(struct nserver *server, void *arg NB_UNUSED)
{
    nserver__visit_workers(server, note_level, NULL, NULL);
}

void nserver_note_log_levels(struct nserver *server)
{
    nserver__call_control(server, note_levels_in_control, NULL);
}

int nserver_reload(struct nserver *server, const struct nserver_options *opts, struct nb_diag *diag)
{
    struct nserver_options wanted;
    struct reload reload = {.wanted = &wanted, .diag = diag};

    nserver_options_copy(&wanted, opts);
    nserver_options_defaults(&wanted);
    sem_init(&reload.settled, 0, 0);
    reload.rc = nserver_options_validate(&wanted, diag);
    if (reload.rc == NB_OK) {
        nserver__call_control(server, reload_in_control, &reload);
    }
    if (reload.rc == NB_OK) {
        wait_until_settled(&reload);
    }
    sem_destroy(&reload.settled);
    nserver_options_fini(&wanted);
    return reload.rc;
}
