/* varz.c - /varz: the server at a glance (spec 04 section 3.2). */
#include <unistd.h>

#include "accounts/operators.h"
#include "lifecycle/state.h"
#include "monitor/monitor.h"
#include "monitor/monitor_text.h"
#include "monitor/process_load.h"
#include "monitor/totals.h"

static void write_identity(const struct nserver *server, const struct nserver__config *config,
                           struct nb_json_writer *w)
{
    const struct nserver_options *opts = &config->opts;

    nb_json_put_text(w, "server_id", server->id);
    nb_json_put_str(w, "server_name", server->name);
    nb_json_put_text(w, "version", NSERVER_REFERENCE_VERSION);
    nb_json_put_text(w, "natsd_version", NSERVER_VERSION);
    nb_json_put_i64(w, "proto", 1);
    nb_json_put_text(w, "go", "natsd " NSERVER_VERSION);
    nb_json_put_str(w, "host", config->info_host);
    nb_json_put_i64(w, "port", config->info_port);
    nb_json_opt_bool(w, "auth_required", config->auth_required);
    nb_json_opt_bool(w, "tls_required", config->tls != NULL && !opts->allow_non_tls);
    nb_json_opt_bool(w, "tls_verify", config->tls != NULL && opts->tls.verify);
}

static void write_limits(const struct nserver_options *opts, struct nb_json_writer *w)
{
    nb_json_put_i64(w, "max_connections", opts->max_connections);
    nb_json_opt_i64(w, "max_subscriptions", opts->max_subscriptions);
    nb_json_put_i64(w, "ping_interval", opts->ping_interval_ns);
    nb_json_put_i64(w, "ping_max", opts->ping_max);
    nb_json_put_text(w, "http_host", opts->http_host);
    nb_json_put_i64(w, "http_port", opts->http_port);
    nb_json_put_text(w, "http_base_path", opts->http_base_path != NULL ? opts->http_base_path : "");
    nb_json_put_i64(w, "https_port", opts->https_port);
    nb_json_put_double(w, "auth_timeout", opts->auth_timeout_s);
    nb_json_put_i64(w, "max_control_line", opts->max_control_line);
    nb_json_put_i64(w, "max_payload", opts->max_payload);
    nb_json_put_i64(w, "max_pending", opts->max_pending);
}

static void write_empty(struct nb_json_writer *w, const char *key)
{
    nb_json_key(w, key);
    nb_json_object(w);
    nb_json_object_end(w);
}

static void write_operators(const struct nserver__config *config, struct nb_json_writer *w)
{
    const struct nserver__operators *operators = config->operators;
    const struct nserver_options *opts = &config->opts;

    if (operators == NULL || operators->count == 0) {
        return;
    }
    nb_json_key(w, "trusted_operators_jwt");
    nb_json_array(w);
    for (size_t i = 0; i < opts->operators.jwt_count; i++) {
        nb_json_str(w, nb_slice_of(opts->operators.jwts[i]));
    }
    nb_json_array_end(w);
    nb_json_key(w, "trusted_operators_claim");
    nb_json_array(w);
    for (size_t i = 0; i < operators->count; i++) {
        nauth_claims_write(&operators->claims[i], w);
    }
    nb_json_array_end(w);
}

static void write_proxies(const struct nserver_options *opts, struct nb_json_writer *w)
{
    if (!opts->has_proxies) {
        return;
    }
    nb_json_key(w, "proxies");
    nb_json_object(w);
    if (opts->trusted_proxy_count > 0) {
        nb_json_key(w, "trusted");
        nb_json_array(w);
        for (size_t i = 0; i < opts->trusted_proxy_count; i++) {
            nb_json_object(w);
            nb_json_put_text(w, "key", opts->trusted_proxies[i]);
            nb_json_object_end(w);
        }
        nb_json_array_end(w);
    }
    nb_json_object_end(w);
}

static void write_deadlines(const struct nserver_options *opts, struct nb_json_writer *w)
{
    nb_json_put_double(w, "tls_timeout", opts->tls.timeout_s);
    nb_json_put_i64(w, "write_deadline", opts->write_deadline_ns);
    if (opts->write_timeout != NSERVER_WRITE_TIMEOUT_DEFAULT) {
        nb_json_put_text(w, "write_timeout",
                         opts->write_timeout == NSERVER_WRITE_TIMEOUT_CLOSE ? "close" : "retry");
    }
}

static void write_process(const struct nserver *server, struct nb_json_writer *w)
{
    struct nb_wall now = nb_wall_now();

    nserver__write_time(w, "start", server->started_at);
    nserver__write_time(w, "now", now);
    nserver__write_uptime(w, "uptime", now.ns - server->started_at.ns);
    nb_json_put_u64(w, "mem", nserver__process_rss_bytes());
    nb_json_put_i64(w, "cores", sysconf(_SC_NPROCESSORS_ONLN));
    nb_json_put_u64(w, "gomaxprocs", server->worker_count);
    nb_json_put_double(w, "cpu", server->load.cpu_percent);
}

static void write_traffic(struct nserver *server, const struct nserver__totals *t,
                          struct nb_json_writer *w)
{
    nb_json_put_i64(w, "connections", atomic_load(&server->connection_count));
    nb_json_put_u64(w, "total_connections", atomic_load(&server->connections_total));
    nb_json_put_u64(w, "routes", 0);
    nb_json_put_u64(w, "remotes", 0);
    nb_json_put_u64(w, "leafnodes", 0);
    // Clients are the only kind of connection so far: their share is all of it.
    nb_json_put_u64(w, "in_msgs", t->in_msgs);
    nb_json_put_u64(w, "in_bytes", t->in_bytes);
    nb_json_put_u64(w, "in_client_msgs", t->in_msgs);
    nb_json_put_u64(w, "in_client_bytes", t->in_bytes);
    nb_json_put_u64(w, "out_msgs", t->out_msgs);
    nb_json_put_u64(w, "out_bytes", t->out_bytes);
    nb_json_put_u64(w, "out_client_msgs", t->out_msgs);
    nb_json_put_u64(w, "out_client_bytes", t->out_bytes);
    nb_json_put_u64(w, "slow_consumers", t->slow_consumers);
    nb_json_put_u64(w, "stale_connections", t->stale_connections);
    nb_json_put_u64(w, "stalled_clients", t->stalls);
    nb_json_opt_u64(w, "pinned_account_fails", atomic_load(&server->pinned_account_fails));
}

static void write_disk_waits(struct nb_json_writer *w)
{
    nb_json_key(w, "disk_io_wait_stats");
    nb_json_object(w);
    nb_json_put_i64(w, "waiters", 0);
    nb_json_put_u64(w, "waits", 0);
    nb_json_put_u64(w, "wait_time", 0);
    nb_json_put_u64(w, "max_wait_time", 0);
    nb_json_object_end(w);
}

void nserver__varz(struct nserver__report *report)
{
    struct nserver *server = report->server;
    struct nb_json_writer *w = &report->w;
    const struct nserver__config *config = nserver__config(server);
    struct nserver__totals totals = nserver__totals(server);

    nb_json_object(w);
    write_identity(server, config, w);
    write_limits(&config->opts, w);
    write_empty(w, "cluster");
    write_empty(w, "gateway");
    write_empty(w, "leaf");
    write_empty(w, "mqtt");
    write_empty(w, "websocket");
    write_empty(w, "jetstream");
    write_deadlines(&config->opts, w);
    write_process(server, w);
    write_traffic(server, &totals, w);
    nb_json_put_u64(w, "subscriptions", nserver__count_subscriptions(server));
    nserver__monitor_write_counts(server, w);
    nserver__write_time(w, "config_load_time", (struct nb_wall){config->loaded_at_ns});
    nb_json_put_text(w, "config_digest",
                     config->opts.config_digest != NULL ? config->opts.config_digest : "");
    nserver__write_feature_flags(w, &config->opts);
    write_operators(config, w);
    nserver__write_system_account(w, &config->opts);
    nserver__write_labels(w, &config->opts);
    nserver__write_kinds(w, "slow_consumer_stats", totals.slow_consumers);
    nserver__write_kinds(w, "stale_connection_stats", totals.stale_connections);
    write_disk_waits(w);
    if (config->tls != NULL && nnet_tls_context_not_after(config->tls) != 0) {
        nserver__write_time(
            w, "tls_cert_not_after",
            (struct nb_wall){nnet_tls_context_not_after(config->tls) * NB_NS_PER_S});
    }
    write_proxies(&config->opts, w);
    nb_json_object_end(w);
    nserver__report_end(report);
}
