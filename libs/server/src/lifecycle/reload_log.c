#include "lifecycle/reload_log.h"

#include <natsd/conf.h>
#include <natsd/duration.h>

#include "options/fields.h"
#include "options/url.h"

static void log_int(const struct nb_logger *log, const char *name, int64_t was, int64_t is)
{
    if (was != is) {
        nb_log_info(log, "Reloaded: %s = %lld", name, (long long)is);
    }
}

static const char *truth(bool is_true)
{
    return is_true ? "true" : "false";
}

static void log_choice(const struct nb_logger *log, const char *name, enum nserver_choice was,
                       enum nserver_choice is, bool otherwise)
{
    if (nserver_choice_is(was, otherwise) != nserver_choice_is(is, otherwise)) {
        nb_log_info(log, "Reloaded: %s = %s", name, truth(nserver_choice_is(is, otherwise)));
    }
}

static void log_text(const struct nb_logger *log, const char *name, const char *was, const char *is)
{
    if (!nserver__same_text(was, is)) {
        nb_log_info(log, "Reloaded: %s = %s", name, is != NULL ? is : "");
    }
}

static void log_url(const struct nb_logger *log, const char *name, const char *was, const char *is)
{
    struct nb_buf text;

    if (nserver__same_text(was, is)) {
        return;
    }
    nb_buf_init(&text, NSERVER_URL_MAX_BYTES);
    if (nserver__url_hide(nb_slice_of(is != NULL ? is : ""), &text) == NB_OK) {
        nb_log_info(log, "Reloaded: %s = %.*s", name, NB_SLICE_ARGS(nb_buf_slice(&text)));
    }
    nb_buf_fini(&text);
}

// `name` with what stands between it and the value.
static void log_duration(const struct nb_logger *log, const char *name, int64_t was_ns,
                         int64_t is_ns)
{
    struct nb_buf text;

    if (was_ns == is_ns) {
        return;
    }
    nb_buf_init(&text, 64);
    nb_duration_format(is_ns, &text);
    nb_log_info(log, "Reloaded: %s%.*s", name, NB_SLICE_ARGS(nb_buf_slice(&text)));
    nb_buf_fini(&text);
}

// With as many digits as it needs, as a configuration's value is shown.
static void log_seconds(const struct nb_logger *log, const char *name, double was, double is)
{
    const struct nconf_value value = {.type = NCONF_FLOAT, .number = is};
    struct nb_buf text;

    if (was == is) {
        return;
    }
    nb_buf_init(&text, 64);
    if (nconf_value_format(&value, &text) == NB_OK) {
        nb_log_info(log, "Reloaded: %s = %.*s", name, NB_SLICE_ARGS(nb_buf_slice(&text)));
    }
    nb_buf_fini(&text);
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

static void log_limit_changes(const struct nb_logger *log, const struct nserver_options *was,
                              const struct nserver_options *is)
{
    log_duration(log, "ping_interval = ", was->ping_interval_ns, is->ping_interval_ns);
    log_int(log, "ping_max", was->ping_max, is->ping_max);
    log_seconds(log, "authorization timeout", was->auth_timeout_s, is->auth_timeout_s);
    log_int(log, "max_control_line", was->max_control_line, is->max_control_line);
    log_int(log, "max_payload", was->max_payload, is->max_payload);
    if (was->no_fast_producer_stall != is->no_fast_producer_stall) {
        nb_log_info(log, "Reloaded: fast producers will %sbe stalled",
                    is->no_fast_producer_stall ? "not " : "");
    }
}

static void log_file_changes(const struct nb_logger *log, const struct nserver_options *was,
                             const struct nserver_options *is)
{
    log_int(log, "prof_block_rate", was->prof_block_rate, is->prof_block_rate);
    if (is->pid_file != NULL) { // else the old file stays, and nothing is done
        log_text(log, "pid_file", was->pid_file, is->pid_file);
    }
    log_text(log, "ports_file_dir", was->ports_file_dir, is->ports_file_dir);
    log_text(log, "log_file", was->log_file, is->log_file);
    log_choice(log, "syslog", was->syslog, is->syslog, false);
    log_url(log, "remote_syslog", was->remote_syslog, is->remote_syslog);
}

/* TLS. */

// Beside what has lines of its own. Files count by what is in them.
static bool same_tls(const struct nserver__config *was, const struct nserver__config *is)
{
    struct nserver_tls_options a = was->opts.tls;
    struct nserver_tls_options b = is->opts.tls;

    b.timeout_s = a.timeout_s;
    b.pins = a.pins;
    b.pin_count = a.pin_count;
    b.handshake_first = a.handshake_first;
    b.handshake_first_fallback_ns = a.handshake_first_fallback_ns;
    a.cert_file = b.cert_file = NULL;
    a.key_file = b.key_file = NULL;
    a.ca_file = b.ca_file = NULL;
    a.cert_count = b.cert_count = 0;
    return was->certificates_hash == is->certificates_hash && nserver__same_tls(&a, &b);
}

static void log_tls_changes(const struct nb_logger *log, const struct nserver__config *was,
                            const struct nserver__config *is)
{
    const struct nserver_tls_options *a = &was->opts.tls;
    const struct nserver_tls_options *b = &is->opts.tls;

    log_seconds(log, "tls timeout", a->timeout_s, b->timeout_s);
    if (!same_tls(was, is)) {
        nb_log_info(log, "Reloaded: tls = %s", b->is_set ? "enabled" : "disabled");
    }
    if (!nserver__same_pins(a, b)) {
        nb_log_info(log, "Reloaded: %zu pinned_certs", b->pin_count);
    }
    if (a->handshake_first != b->handshake_first) {
        nb_log_info(log, "Reloaded: Client TLS handshake first: %s", truth(b->handshake_first));
    }
    log_duration(log, "Client TLS handshake first fallback delay: ", a->handshake_first_fallback_ns,
                 b->handshake_first_fallback_ns);
}

/* Labels. */

static void log_label_changes(const struct nb_logger *log, const struct nserver_options *was,
                              const struct nserver_options *is)
{
    if (!nserver__same_texts(was->tags, was->tag_count, is->tags, is->tag_count)) {
        nb_log_info(log, "Reloaded: tags");
    }
    if (!nserver__same_pairs(was->metadata, was->metadata_count, is->metadata,
                             is->metadata_count)) {
        nb_log_info(log, "Reloaded: metadata");
    }
}

void nserver__log_changes(const struct nb_logger *log, const struct nserver__config *was_config,
                          const struct nserver__config *is_config, int64_t surplus)
{
    const struct nserver_options *was = &was_config->opts;
    const struct nserver_options *is = &is_config->opts;

    if (!nserver__same_text(was->client_advertise, is->client_advertise)) {
        nb_log_info(log, "Reload: client_advertise = %s",
                    is->client_advertise != NULL ? is->client_advertise : "");
    }
    log_log_changes(log, was, is);
    if (surplus > 0) {
        nb_log_info(log, "Closed %lld connections to fall within max_connections",
                    (long long)surplus);
    }
    log_int(log, "max_connections", was->max_connections, is->max_connections);
    nserver__log_auth_changes(log, was, is);
    log_limit_changes(log, was, is);
    nserver__log_cluster_change(log, was, is);
    nserver__log_leaf_changes(log, was, is);
    nserver__log_jetstream_changes(log, was, is);
    nserver__log_mqtt_change(log, was, is);
    log_file_changes(log, was, is);
    nserver__log_route_change(log, was, is);
    log_tls_changes(log, was_config, is_config);
    log_duration(log, "write_deadline = ", was->write_deadline_ns, is->write_deadline_ns);
    log_int(log, "max_traced_msg_len", was->max_traced_msg_len, is->max_traced_msg_len);
    nserver__log_resolver_changes(log, was, is);
    log_int(log, "connect_error_reports", was->connect_error_reports, is->connect_error_reports);
    log_int(log, "reconnect_error_reports", was->reconnect_error_reports,
            is->reconnect_error_reports);
    log_label_changes(log, was, is);
    nserver__log_ocsp_change(log, was, is);
    nserver__log_proxy_changes(log, was, is);
    nserver__log_ocsp_cache_change(log, was, is);
}
