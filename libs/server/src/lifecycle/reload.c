/* reload.c - new options for a server that runs: all of them or none (spec 02 section 11). */
#include <natsd/duration.h>
#include <natsd/memory.h>
#include <natsd/server.h>

#include "clients/client.h"
#include "lifecycle/state.h"
#include "lifecycle/visit.h"
#include "monitor/monitor.h"

struct reload {
    const struct nserver_options *wanted; // with defaults
    struct nb_diag *diag;
    int rc;
};

/* What each client has to know. */

static void update_client(struct nserver__client *c, const struct nserver_options *opts)
{
    c->is_traced = nb_log_is_on(c->server->log, NB_LOG_TRACE);
    c->parser.control_line_max = (uint32_t)opts->max_control_line;
    c->parser.payload_max = (uint32_t)opts->max_payload;
    nserver__client_reauthenticate(c);
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

static void enforce_max_connections(struct nserver *server, int64_t max)
{
    int64_t surplus_count = atomic_load(&server->connection_count) - (max > 0 ? max : 0);
    struct surplus *surplus;

    if (surplus_count <= 0) {
        return;
    }
    nb_log_info(server->log, "Closed %lld connections to fall within max_connections",
                (long long)surplus_count);
    surplus = nb_zalloc(sizeof(*surplus));
    atomic_store(&surplus->left, surplus_count);
    nserver__visit_workers(server, close_surplus, free_surplus, surplus);
}

/* One line in the log for each change. */

static bool same_text(const char *a, const char *b)
{
    return nb_slice_equal(nb_slice_of(a), nb_slice_of(b));
}

static void log_int(const struct nb_logger *log, const char *name, int64_t was, int64_t is)
{
    if (was != is) {
        nb_log_info(log, "Reloaded: %s = %lld", name, (long long)is);
    }
}

static void log_choice(const struct nb_logger *log, const char *name, enum nserver_choice was,
                       enum nserver_choice is, bool otherwise)
{
    if (nserver_choice_is(was, otherwise) != nserver_choice_is(is, otherwise)) {
        nb_log_info(log, "Reloaded: %s = %s", name,
                    nserver_choice_is(is, otherwise) ? "true" : "false");
    }
}

static void log_text(const struct nb_logger *log, const char *name, const char *was, const char *is)
{
    if (!same_text(was, is)) {
        nb_log_info(log, "Reloaded: %s = %s", name, is != NULL ? is : "");
    }
}

static void log_duration(const struct nb_logger *log, const char *name, int64_t was_ns,
                         int64_t is_ns)
{
    struct nb_buf text;

    if (was_ns == is_ns) {
        return;
    }
    nb_buf_init(&text, 64);
    nb_duration_format(is_ns, &text);
    nb_log_info(log, "Reloaded: %s = %.*s", name, NB_SLICE_ARGS(nb_buf_slice(&text)));
    nb_buf_fini(&text);
}

static void log_secret(const struct nb_logger *log, const char *name, const char *was,
                       const char *is)
{
    if (!same_text(was, is)) {
        nb_log_info(log, "Reloaded: authorization %s", name);
    }
}

static void log_log_changes(const struct nb_logger *log, const struct nserver_options *was,
                            const struct nserver_options *is)
{
    log_choice(log, "trace", was->trace, is->trace, false);
    log_choice(log, "debug", was->debug, is->debug, false);
    log_choice(log, "trace_verbose", was->trace_verbose, is->trace_verbose, false);
    log_choice(log, "trace_headers", was->trace_headers, is->trace_headers, false);
    log_choice(log, "logtime", was->logtime, is->logtime, true);
    log_choice(log, "logtime_utc", was->logtime_utc, is->logtime_utc, false);
}

static void log_tls_changes(const struct nb_logger *log, const struct nserver_options *was,
                            const struct nserver_options *is)
{
    if (was->tls.is_set || is->tls.is_set) {
        nb_log_info(log, "Reloaded: tls = %s", is->tls.is_set ? "enabled" : "disabled");
    }
}

static void log_changes(const struct nb_logger *log, const struct nserver_options *was,
                        const struct nserver_options *is)
{
    if (!same_text(was->client_advertise, is->client_advertise)) {
        nb_log_info(log, "Reload: client_advertise = %s",
                    is->client_advertise != NULL ? is->client_advertise : "");
    }
    log_log_changes(log, was, is);
    log_int(log, "max_connections", was->max_connections, is->max_connections);
    nb_log_info(log, "Reloaded: authorization users");
    nb_log_info(log, "Reloaded: accounts");
    log_secret(log, "username", was->username, is->username);
    log_secret(log, "password", was->password, is->password);
    log_secret(log, "token", was->token, is->token);
    log_duration(log, "ping_interval", was->ping_interval_ns, is->ping_interval_ns);
    log_int(log, "ping_max", was->ping_max, is->ping_max);
    if (was->auth_timeout_s != is->auth_timeout_s) {
        nb_log_info(log, "Reloaded: authorization timeout = %g", is->auth_timeout_s);
    }
    log_int(log, "max_control_line", was->max_control_line, is->max_control_line);
    log_int(log, "max_payload", was->max_payload, is->max_payload);
    if (was->no_fast_producer_stall != is->no_fast_producer_stall) {
        nb_log_info(log, "Reloaded: fast producers will %sbe stalled",
                    is->no_fast_producer_stall ? "not " : "");
    }
    log_text(log, "pid_file", was->pid_file, is->pid_file);
    log_text(log, "ports_file_dir", was->ports_file_dir, is->ports_file_dir);
    log_text(log, "log_file", was->log_file, is->log_file);
    log_choice(log, "syslog", was->syslog, is->syslog, false);
    log_text(log, "remote_syslog", was->remote_syslog, is->remote_syslog);
    log_tls_changes(log, was, is);
    log_duration(log, "write_deadline", was->write_deadline_ns, is->write_deadline_ns);
    log_int(log, "max_traced_msg_len", was->max_traced_msg_len, is->max_traced_msg_len);
}

/* The exchange. */

static void reclaim_config(struct nb_epoch_item *item)
{
    struct nserver__config *config = nb_container_of(item, struct nserver__config, retired);

    nserver__config_destroy(&config);
}

static void reclaim_mappings(struct nb_epoch_item *item)
{
    struct nserver__mapping_table *table =
        nb_container_of(item, struct nserver__mapping_table, retired);

    nsub_mappings_destroy(&table->mappings);
    nb_free(table);
}

static void retire_mappings(struct nserver *server, struct nserver__mapping_table *table)
{
    nnet_worker_retire(nnet_group_control(server->group), &table->retired, reclaim_mappings);
}

static void publish(struct nserver *server, struct nserver__config *config,
                    struct nserver__account_plan *plan)
{
    struct nserver__config *old_config;

    nserver__account_plan_apply(server, plan, retire_mappings); // accounts before their users
    old_config = atomic_exchange(&server->config, config);
    nnet_worker_retire(nnet_group_control(server->group), &old_config->retired, reclaim_config);
    nserver__monitor_reload_tls(server);
}

static void reload_in_control(struct nserver *server, void *arg)
{
    struct reload *reload = arg;
    const struct nserver_options *running = &nserver__config(server)->opts;
    struct nserver__config *config = NULL;
    struct nserver__account_plan plan = {0};

    reload->rc = nserver_options_check_reload(running, reload->wanted, reload->diag);
    if (reload->rc == NB_OK) {
        reload->rc = nserver__config_create(reload->wanted, &config, reload->diag);
    }
    if (reload->rc == NB_OK) {
        reload->rc = nserver__account_plan_create(reload->wanted, &plan, reload->diag);
    }
    if (reload->rc != NB_OK) {
        nserver__config_destroy(&config);
        return;
    }
    log_changes(server->log, running, reload->wanted);
    publish(server, config, &plan);
    nserver__account_plan_fini(&plan);
    nserver__visit_workers(server, update_clients, NULL, NULL);
    if (config->opts.max_connections > 0) {
        enforce_max_connections(server, config->opts.max_connections);
    }
}

int nserver_reload(struct nserver *server, const struct nserver_options *opts, struct nb_diag *diag)
{
    struct nserver_options wanted;
    struct reload reload = {.wanted = &wanted, .diag = diag};

    nserver_options_copy(&wanted, opts);
    nserver_options_defaults(&wanted);
    reload.rc = nserver_options_validate(&wanted, diag);
    if (reload.rc == NB_OK) {
        nserver__call_control(server, reload_in_control, &reload);
    }
    nserver_options_fini(&wanted);
    return reload.rc;
}
