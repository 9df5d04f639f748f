/* read_file.c - the top level of a configuration file (spec 02 sections 4.1 to 4.3). */
#include <stdio.h>

#include <natsd/clock.h>
#include <natsd/duration.h>
#include <natsd/memory.h>
#include <natsd/worker.h>

#include "options/reading.h"

enum {
    MAX_SUB_TOKENS_LARGEST = 255,
    WORKERS_LARGEST = NNET_WORKERS_MAX,
};

#define LAME_DUCK_DURATION_MIN_NS (30 * NB_NS_PER_S)

/* One small reader per key; the table below names them. */

#define READER(name, call)                                               \
    static void name(struct reading *r, const struct nconf_value *value) \
    {                                                                    \
        (void)call; /* a fault is in the report */                       \
    }

READER(read_client_advertise, nserver__read_text(r, value, &r->opts->client_advertise))
READER(read_host, nserver__read_text(r, value, &r->opts->host))
READER(read_listen, nserver__read_address(r, value, &r->opts->host, &r->opts->port))
READER(read_max_subscriptions, nserver__read_int(r, value, &r->opts->max_subscriptions))
READER(read_max_pending, nserver__read_int(r, value, &r->opts->max_pending))
READER(read_max_closed_clients, nserver__read_int(r, value, &r->opts->max_closed_clients))
READER(read_ping_interval, nserver__read_duration(r, value, &r->opts->ping_interval_ns))
READER(read_write_deadline, nserver__read_duration(r, value, &r->opts->write_deadline_ns))
READER(read_no_header_support, nserver__read_bool(r, value, &r->opts->no_header_support))
READER(read_no_sublist_cache, nserver__read_bool(r, value, &r->opts->no_sublist_cache))
READER(read_no_fast_producer_stall, nserver__read_bool(r, value, &r->opts->no_fast_producer_stall))
READER(read_proxy_protocol, nserver__read_bool(r, value, &r->opts->proxy_protocol))
READER(read_allow_non_tls, nserver__read_bool(r, value, &r->opts->allow_non_tls))
READER(read_no_auth_user, nserver__read_text(r, value, &r->opts->no_auth_user))
READER(read_debug, nserver__read_choice(r, value, &r->opts->debug))
READER(read_trace, nserver__read_choice(r, value, &r->opts->trace))
READER(read_logtime, nserver__read_choice(r, value, &r->opts->logtime))
READER(read_logtime_utc, nserver__read_choice(r, value, &r->opts->logtime_utc))
READER(read_syslog, nserver__read_choice(r, value, &r->opts->syslog))
READER(read_remote_syslog, nserver__read_text(r, value, &r->opts->remote_syslog))
READER(read_max_traced_msg_len, nserver__read_int(r, value, &r->opts->max_traced_msg_len))
READER(read_log_file, nserver__read_text(r, value, &r->opts->log_file))
READER(read_log_size_limit, nserver__read_int(r, value, &r->opts->log_size_limit))
READER(read_log_max_num, nserver__read_int(r, value, &r->opts->log_max_num))
READER(read_pid_file, nserver__read_text(r, value, &r->opts->pid_file))
READER(read_ports_file_dir, nserver__read_text(r, value, &r->opts->ports_file_dir))
READER(read_http, nserver__read_address(r, value, &r->opts->http_host, &r->opts->http_port))
READER(read_https, nserver__read_address(r, value, &r->opts->http_host, &r->opts->https_port))
READER(read_http_base_path, nserver__read_text(r, value, &r->opts->http_base_path))
#undef READER

static void read_port_into(struct reading *r, const struct nconf_value *value, int *port)
{
    int64_t number;

    if (!nserver__read_int(r, value, &number)) {
        return;
    }
    if (number < -1 || number > UINT16_MAX) {
        nserver__read_error(r, value, "invalid port %lld", (long long)number);
        return;
    }
    *port = (int)number;
}

static void read_port(struct reading *r, const struct nconf_value *value)
{
    read_port_into(r, value, &r->opts->port);
}

static void read_http_port(struct reading *r, const struct nconf_value *value)
{
    read_port_into(r, value, &r->opts->http_port);
}

static void read_https_port(struct reading *r, const struct nconf_value *value)
{
    read_port_into(r, value, &r->opts->https_port);
}

static void read_server_name(struct reading *r, const struct nconf_value *value)
{
    if (nserver__read_text(r, value, &r->opts->server_name) && r->opts->server_name != NULL &&
        strchr(r->opts->server_name, ' ') != NULL) {
        nserver__read_error(r, value, "server name cannot contain spaces");
    }
}

// 0 is stored as -1: nobody may connect.
static void read_max_connections(struct reading *r, const struct nconf_value *value)
{
    if (nserver__read_int(r, value, &r->opts->max_connections) && r->opts->max_connections <= 0) {
        r->opts->max_connections = -1;
    }
}

static void read_int32(struct reading *r, const struct nconf_value *value, int64_t *out)
{
    int64_t number;

    if (!nserver__read_int(r, value, &number)) {
        return;
    }
    if (number > INT32_MAX) {
        nserver__read_error(r, value, "%.*s value is too big", NB_SLICE_ARGS(value->key));
        return;
    }
    *out = number;
}

static void read_max_control_line(struct reading *r, const struct nconf_value *value)
{
    read_int32(r, value, &r->opts->max_control_line);
}

static void read_max_payload(struct reading *r, const struct nconf_value *value)
{
    read_int32(r, value, &r->opts->max_payload);
}

static void read_max_sub_tokens(struct reading *r, const struct nconf_value *value)
{
    int64_t number;

    if (!nserver__read_int(r, value, &number)) {
        return;
    }
    if (number > MAX_SUB_TOKENS_LARGEST) {
        nserver__read_error(r, value, "%.*s value is too big", NB_SLICE_ARGS(value->key));
    } else if (number <= 0) {
        nserver__read_error(r, value, "%.*s value can not be negative", NB_SLICE_ARGS(value->key));
    } else {
        r->opts->max_sub_tokens = number;
    }
}

static void read_ping_max(struct reading *r, const struct nconf_value *value)
{
    r->opts->has_ping_max = nserver__read_int(r, value, &r->opts->ping_max);
}

static void read_workers(struct reading *r, const struct nconf_value *value)
{
    int64_t number;

    if (!nserver__read_int(r, value, &number)) {
        return;
    }
    if (number < 1 || number > WORKERS_LARGEST) {
        nserver__read_error(r, value, "workers must be between 1 and %d", WORKERS_LARGEST);
        return;
    }
    r->opts->workers = number;
}

static void read_write_timeout(struct reading *r, const struct nconf_value *value)
{
    static const struct {
        const char *name;
        enum nserver_write_timeout policy;
    } policies[] = {{"default", NSERVER_WRITE_TIMEOUT_DEFAULT},
                    {"close", NSERVER_WRITE_TIMEOUT_CLOSE},
                    {"retry", NSERVER_WRITE_TIMEOUT_RETRY}};
    struct nb_diag diag;
    struct slice text;

    if (nconf_read_string(value, &text, &diag) != NB_OK) {
        nserver__read_error(r, value, "%s", diag.text);
        return;
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(policies); i++) {
        if (nb_slice_is(text, policies[i].name)) {
            r->opts->write_timeout = policies[i].policy;
            return;
        }
    }
    nserver__read_error(r, value, "write_timeout must be 'default', 'close' or 'retry'");
}

static void read_lame_duck_duration(struct reading *r, const struct nconf_value *value)
{
    struct nb_buf text;

    if (!nserver__read_strict_duration(r, value, &r->opts->lame_duck_duration_ns) ||
        r->opts->lame_duck_duration_ns >= LAME_DUCK_DURATION_MIN_NS) {
        return;
    }
    nb_buf_init(&text, 64);
    nb_duration_format(r->opts->lame_duck_duration_ns, &text);
    nserver__read_error(r, value, "invalid lame_duck_duration of %.*s, minimum is 30 seconds",
                        NB_SLICE_ARGS(nb_buf_slice(&text)));
    nb_buf_fini(&text);
}

static void read_lame_duck_grace_period(struct reading *r, const struct nconf_value *value)
{
    if (!nserver__read_strict_duration(r, value, &r->opts->lame_duck_grace_ns)) {
        return;
    }
    r->opts->has_lame_duck_grace = true;
    if (r->opts->lame_duck_grace_ns < 0) {
        nserver__read_error(r, value, "invalid lame_duck_grace_period, needs to be positive");
    }
}

// These two set trace as well (spec 02 section 4.2).
static void read_trace_verbose(struct reading *r, const struct nconf_value *value)
{
    if (nserver__read_choice(r, value, &r->opts->trace_verbose)) {
        r->opts->trace = r->opts->trace_verbose;
    }
}

static void read_trace_headers(struct reading *r, const struct nconf_value *value)
{
    if (nserver__read_choice(r, value, &r->opts->trace_headers)) {
        r->opts->trace = r->opts->trace_headers;
    }
}

/* Tags and metadata. */

static void lower(char *text)
{
    for (; *text != '\0'; text++) {
        *text = (char)(*text >= 'A' && *text <= 'Z' ? *text + ('a' - 'A') : *text);
    }
}

static bool has_tag(const struct nserver_options *opts, const char *tag)
{
    for (size_t i = 0; i < opts->tag_count; i++) {
        if (strcmp(opts->tags[i], tag) == 0) {
            return true;
        }
    }
    return false;
}

static void add_tag(struct nserver_options *opts, const char *text)
{
    char *tag = nb_slice_cstr(nb_slice_trim(nb_slice_of(text)));

    lower(tag);
    if (tag[0] == '\0' || has_tag(opts, tag)) {
        nb_free(tag);
        return;
    }
    opts->tags = nb_realloc(opts->tags, (opts->tag_count + 1) * sizeof(*opts->tags));
    opts->tags[opts->tag_count++] = tag;
}

static void read_server_tags(struct reading *r, const struct nconf_value *value)
{
    char **texts = NULL;
    size_t count = 0;

    if (value->type != NCONF_STRING && value->type != NCONF_ARRAY) {
        nserver__read_error(r, value, "error parsing tags: unsupported type %s",
                            nconf_type_name(value->type));
        return;
    }
    (void)nserver__read_texts(r, value, &texts, &count); // a fault is in the report
    for (size_t i = 0; i < count; i++) {
        add_tag(r->opts, texts[i]);
        nb_free(texts[i]);
    }
    nb_free(texts);
}

static void read_server_metadata(struct reading *r, const struct nconf_value *value)
{
    if (value->type != NCONF_MAP) {
        nserver__read_error(r, value, "error parsing metadata: unsupported type %s",
                            nconf_type_name(value->type));
        return;
    }
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        struct nserver_text_pair pair = {0};

        if (!nserver__read_text(r, item, &pair.value)) {
            continue;
        }
        pair.key = nb_slice_cstr(item->key);
        if (pair.value == NULL) {
            pair.value = nb_strdup("");
        }
        r->opts->metadata =
            nb_realloc(r->opts->metadata, (r->opts->metadata_count + 1) * sizeof(pair));
        r->opts->metadata[r->opts->metadata_count++] = pair;
    }
}

static void read_mappings(struct reading *r, const struct nconf_value *value)
{
    nserver__read_mappings(r, value, &r->opts->mappings, &r->opts->mapping_count);
}

static void read_system_account(struct reading *r, const struct nconf_value *value)
{
    if (value->type != NCONF_STRING) {
        nserver__read_error(r, value, "system account name must be a string");
        return;
    }
    nserver_options_set_text(&r->opts->system_account, value->text);
}

static const struct nserver__key keys[] = {
    {"listen", read_listen},
    {"host", read_host},
    {"net", read_host},
    {"port", read_port},
    {"client_advertise", read_client_advertise},
    {"server_name", read_server_name},
    {"server_tags", read_server_tags},
    {"server_metadata", read_server_metadata},
    {"workers", read_workers},
    {"max_connections", read_max_connections},
    {"max_conn", read_max_connections},
    {"max_subscriptions", read_max_subscriptions},
    {"max_subs", read_max_subscriptions},
    {"max_sub_tokens", read_max_sub_tokens},
    {"max_subscription_tokens", read_max_sub_tokens},
    {"max_control_line", read_max_control_line},
    {"max_payload", read_max_payload},
    {"max_pending", read_max_pending},
    {"max_closed_clients", read_max_closed_clients},
    {"ping_interval", read_ping_interval},
    {"ping_max", read_ping_max},
    {"write_deadline", read_write_deadline},
    {"write_timeout", read_write_timeout},
    {"lame_duck_duration", read_lame_duck_duration},
    {"lame_duck_grace_period", read_lame_duck_grace_period},
    {"no_auth_user", read_no_auth_user},
    {"no_header_support", read_no_header_support},
    {"disable_sublist_cache", read_no_sublist_cache},
    {"no_sublist_cache", read_no_sublist_cache},
    {"no_fast_producer_stall", read_no_fast_producer_stall},
    {"proxy_protocol", read_proxy_protocol},
    {"allow_non_tls", read_allow_non_tls},
    {"tls", nserver__read_tls},
    {"authorization", nserver__read_authorization},
    {"accounts", nserver__read_accounts},
    {"system_account", read_system_account},
    {"system", read_system_account},
    {"mappings", read_mappings},
    {"maps", read_mappings},
    {"debug", read_debug},
    {"trace", read_trace},
    {"trace_verbose", read_trace_verbose},
    {"trace_headers", read_trace_headers},
    {"max_traced_msg_len", read_max_traced_msg_len},
    {"logtime", read_logtime},
    {"logtime_utc", read_logtime_utc},
    {"log_file", read_log_file},
    {"logfile", read_log_file},
    {"log_size_limit", read_log_size_limit},
    {"logfile_size_limit", read_log_size_limit},
    {"log_max_num", read_log_max_num},
    {"logfile_max_num", read_log_max_num},
    {"syslog", read_syslog},
    {"remote_syslog", read_remote_syslog},
    {"pid_file", read_pid_file},
    {"pidfile", read_pid_file},
    {"ports_file_dir", read_ports_file_dir},
    {"http", read_http},
    {"http_port", read_http_port},
    {"monitor_port", read_http_port},
    {"https", read_https},
    {"https_port", read_https_port},
    {"http_base_path", read_http_base_path},
    // of capabilities still to come
    {"cluster", nserver__read_later},
    {"gateway", nserver__read_later},
    {"leafnodes", nserver__read_later},
    {"leaf", nserver__read_later},
    {"websocket", nserver__read_later},
    {"ws", nserver__read_later},
    {"mqtt", nserver__read_later},
    {"jetstream", nserver__read_later},
    {"ocsp", nserver__read_later},
    {"ocsp_cache", nserver__read_later},
    {"proxies", nserver__read_later},
    {"feature_flags", nserver__read_later},
    {"operator", nserver__read_later},
    {"operators", nserver__read_later},
    {"root", nserver__read_later},
    {"roots", nserver__read_later},
    {"root_operator", nserver__read_later},
    {"root_operators", nserver__read_later},
    {"trusted", nserver__read_later},
    {"trusted_keys", nserver__read_later},
    {"resolver", nserver__read_later},
    {"account_resolver", nserver__read_later},
    {"accounts_resolver", nserver__read_later},
    {"resolver_tls", nserver__read_later},
    {"resolver_preload", nserver__read_later},
    {"resolver_pinned_accounts", nserver__read_later},
    {"no_system_account", nserver__read_later},
    {"no_system", nserver__read_later},
    {"no_sys_acc", nserver__read_later},
    {"default_js_domain", nserver__read_later},
    {"default_sentinel", nserver__read_later},
    {"connect_error_reports", nserver__read_later},
    {"reconnect_error_reports", nserver__read_later},
    {"prof_port", nserver__read_later},
    {"prof_block_rate", nserver__read_later},
};

static void read_document(struct reading *r, const struct nconf_doc *doc, const char *path)
{
    if (doc->root->count == 0) {
        nserver__read_warning(r, NULL, "%s: config has no values or is empty", path);
    }
    nserver__read_keys(r, doc->root, keys, NB_ARRAY_LEN(keys));
}

int nserver_options_read_file(struct nserver_options *opts, const char *path,
                              struct nserver_option_report *report)
{
    struct reading r = {opts, report};
    struct nconf_doc doc = {0};
    struct nb_buf message;
    char digest[NCONF_DIGEST_BYTES + 1];
    int rc;

    nb_buf_init(&message, NCONF_MESSAGE_MAX_BYTES);
    rc = nconf_parse_file(&nconf_source_system, path, &doc, &message);
    if (rc != NB_OK) {
        nserver__report_add(&report->errors, nb_buf_slice(&message)); // it has its own form
        nb_buf_fini(&message);
        return rc;
    }
    nb_buf_fini(&message);
    nconf_digest(&doc, digest);
    nserver_options_set_text(&opts->config_file, nb_slice_of(path));
    nserver_options_set_text(&opts->config_digest, nb_slice_of(digest));
    read_document(&r, &doc, path);
    nconf_doc_fini(&doc);
    return nb_buf_slice(&report->errors).n > 0 ? NB_EMALFORMED : NB_OK;
}
