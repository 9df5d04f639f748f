/* read_file.c - the top level of a configuration file (spec 02 sections 4.1 to 4.3). */
#include <stddef.h>

#include <natsd/clock.h>
#include <natsd/duration.h>
#include <natsd/worker.h>

#include "options/read_block.h"

enum {
    MAX_SUB_TOKENS_LARGEST = 255,
    WORKERS_LARGEST = NNET_WORKERS_MAX,
    SCRATCH_MAX_BYTES = 64 * 1024 * 1024,
};

#define LAME_DUCK_DURATION_MIN_NS (30 * NB_NS_PER_S)

/* Keys whose value is taken as it is. */

#define MEMBER(name) offsetof(struct nserver_options, name)

static const struct nserver__option plain_options[] = {
    {"host", NSERVER__OPTION_OWN_TEXT, MEMBER(host), NULL, NULL},
    {"net", NSERVER__OPTION_OWN_TEXT, MEMBER(host), NULL, NULL},
    {"port", NSERVER__OPTION_PORT, MEMBER(port), NULL, NULL},
    {"client_advertise", NSERVER__OPTION_OWN_TEXT, MEMBER(client_advertise), NULL, NULL},
    {"max_subscriptions", NSERVER__OPTION_INT, MEMBER(max_subscriptions), NULL, NULL},
    {"max_subs", NSERVER__OPTION_INT, MEMBER(max_subscriptions), NULL, NULL},
    {"max_pending", NSERVER__OPTION_INT, MEMBER(max_pending), NULL, NULL},
    {"max_closed_clients", NSERVER__OPTION_INT, MEMBER(max_closed_clients), NULL, NULL},
    {"ping_interval", NSERVER__OPTION_DURATION, MEMBER(ping_interval_ns), NULL, NULL},
    {"ping_max", NSERVER__OPTION_INT, MEMBER(ping_max), NULL, NULL},
    {"write_deadline", NSERVER__OPTION_DURATION, MEMBER(write_deadline_ns), NULL, NULL},
    {"connect_error_reports", NSERVER__OPTION_INT, MEMBER(connect_error_reports), NULL, NULL},
    {"reconnect_error_reports", NSERVER__OPTION_INT, MEMBER(reconnect_error_reports), NULL, NULL},
    {"no_auth_user", NSERVER__OPTION_OWN_TEXT, MEMBER(no_auth_user), NULL, NULL},
    {"no_header_support", NSERVER__OPTION_BOOL, MEMBER(no_header_support), NULL, NULL},
    {"disable_sublist_cache", NSERVER__OPTION_BOOL, MEMBER(no_sublist_cache), NULL, NULL},
    {"no_sublist_cache", NSERVER__OPTION_BOOL, MEMBER(no_sublist_cache), NULL, NULL},
    {"no_fast_producer_stall", NSERVER__OPTION_BOOL, MEMBER(no_fast_producer_stall), NULL, NULL},
    {"proxy_protocol", NSERVER__OPTION_BOOL, MEMBER(proxy_protocol), NULL, NULL},
    {"allow_non_tls", NSERVER__OPTION_BOOL, MEMBER(allow_non_tls), NULL, NULL},
    {"no_system_account", NSERVER__OPTION_BOOL, MEMBER(no_system_account), NULL, NULL},
    {"no_system", NSERVER__OPTION_BOOL, MEMBER(no_system_account), NULL, NULL},
    {"no_sys_acc", NSERVER__OPTION_BOOL, MEMBER(no_system_account), NULL, NULL},
    {"debug", NSERVER__OPTION_CHOICE, MEMBER(debug), NULL, NULL},
    {"trace", NSERVER__OPTION_CHOICE, MEMBER(trace), NULL, NULL},
    {"max_traced_msg_len", NSERVER__OPTION_INT, MEMBER(max_traced_msg_len), NULL, NULL},
    {"logtime", NSERVER__OPTION_CHOICE, MEMBER(logtime), NULL, NULL},
    {"logtime_utc", NSERVER__OPTION_CHOICE, MEMBER(logtime_utc), NULL, NULL},
    {"log_file", NSERVER__OPTION_OWN_TEXT, MEMBER(log_file), NULL, NULL},
    {"logfile", NSERVER__OPTION_OWN_TEXT, MEMBER(log_file), NULL, NULL},
    {"log_size_limit", NSERVER__OPTION_INT, MEMBER(log_size_limit), NULL, NULL},
    {"logfile_size_limit", NSERVER__OPTION_INT, MEMBER(log_size_limit), NULL, NULL},
    {"log_max_num", NSERVER__OPTION_INT, MEMBER(log_max_num), NULL, NULL},
    {"logfile_max_num", NSERVER__OPTION_INT, MEMBER(log_max_num), NULL, NULL},
    {"syslog", NSERVER__OPTION_CHOICE, MEMBER(syslog), NULL, NULL},
    {"remote_syslog", NSERVER__OPTION_OWN_TEXT, MEMBER(remote_syslog), NULL, NULL},
    {"pid_file", NSERVER__OPTION_OWN_TEXT, MEMBER(pid_file), NULL, NULL},
    {"pidfile", NSERVER__OPTION_OWN_TEXT, MEMBER(pid_file), NULL, NULL},
    {"ports_file_dir", NSERVER__OPTION_OWN_TEXT, MEMBER(ports_file_dir), NULL, NULL},
    {"http_port", NSERVER__OPTION_PORT, MEMBER(http_port), NULL, NULL},
    {"monitor_port", NSERVER__OPTION_PORT, MEMBER(http_port), NULL, NULL},
    {"https_port", NSERVER__OPTION_PORT, MEMBER(https_port), NULL, NULL},
    {"http_base_path", NSERVER__OPTION_OWN_TEXT, MEMBER(http_base_path), NULL, NULL},
    {"prof_port", NSERVER__OPTION_INT, MEMBER(prof_port), NULL, NULL},
    {"prof_block_rate", NSERVER__OPTION_INT, MEMBER(prof_block_rate), NULL, NULL},
    {"write_timeout", NSERVER__OPTION_WRITE_TIMEOUT, MEMBER(write_timeout), NULL, NULL},
};

/* Addresses. */

static void read_listen(struct reading *r, const struct nconf_value *value)
{
    (void)nserver__read_address(r, value, &r->opts->host, &r->opts->port);
}

static void read_http(struct reading *r, const struct nconf_value *value)
{
    (void)nserver__read_address(r, value, &r->opts->http_host, &r->opts->http_port);
}

static void read_https(struct reading *r, const struct nconf_value *value)
{
    (void)nserver__read_address(r, value, &r->opts->http_host, &r->opts->https_port);
}

static void read_server_name(struct reading *r, const struct nconf_value *value)
{
    if (nserver__read_text(r, value, &r->opts->server_name) &&
        nb_slice_find_byte(value->text, ' ') < value->text.n) {
        nserver__read_error(r, value, "server name cannot contain spaces");
    }
}

/* Limits. */

// 0 is stored as -1: nobody may connect.
static void read_max_connections(struct reading *r, const struct nconf_value *value)
{
    if (nserver__read_int(r, value, &r->opts->max_connections) && r->opts->max_connections == 0) {
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
        nserver__read_error(r, value, "%s value is too big", nserver__key_text(value));
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
        nserver__read_error(r, value, "%s value is too big", nserver__key_text(value));
    } else if (number <= 0) {
        nserver__read_error(r, value, "%s value can not be negative", nserver__key_text(value));
    } else {
        r->opts->max_sub_tokens = number;
    }
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

/* Lame duck mode. */

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
    if (nserver__read_strict_duration(r, value, &r->opts->lame_duck_grace_ns) &&
        r->opts->lame_duck_grace_ns < 0) {
        nserver__read_error(r, value, "invalid lame_duck_grace_period, needs to be positive");
    }
}

/* Two ways of tracing, which switch it on and off as well (spec 02 section 4.2). */

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

/* Accounts. */

static void read_mappings(struct reading *r, const struct nconf_value *value)
{
    nserver__read_mappings(r, value, &r->opts->mappings, &r->opts->mapping_count);
}

// Before everything else, and only where the key is in lower case, as the reference has it.
static void read_system_account(struct reading *r, const struct nconf_value *root)
{
    const struct nconf_value *value = nconf_find_exact(root, NB_SLICE("system_account"));

    if (value == NULL) {
        value = nconf_find_exact(root, NB_SLICE("system"));
    }
    if (value == NULL) {
        return;
    }
    if (value->type == NCONF_STRING) {
        nserver_options_set_text(&r->opts->system_account, value->text);
    } else {
        nserver__read_error(r, value, "system account name must be a string");
    }
}

static void skip(struct reading *r NB_UNUSED, const struct nconf_value *value NB_UNUSED)
{
}

/* The file. */

static const struct nserver__key keys[] = {
    {"listen", read_listen},
    {"http", read_http},
    {"https", read_https},
    {"server_name", read_server_name},
    {"server_tags", nserver__read_server_tags},
    {"server_metadata", nserver__read_server_metadata},
    {"workers", read_workers},
    {"max_connections", read_max_connections},
    {"max_conn", read_max_connections},
    {"max_sub_tokens", read_max_sub_tokens},
    {"max_subscription_tokens", read_max_sub_tokens},
    {"max_control_line", read_max_control_line},
    {"max_payload", read_max_payload},
    {"lame_duck_duration", read_lame_duck_duration},
    {"lame_duck_grace_period", read_lame_duck_grace_period},
    {"trace_verbose", read_trace_verbose},
    {"trace_headers", read_trace_headers},
    {"tls", nserver__read_tls},
    {"authorization", nserver__read_authorization},
    {"accounts", nserver__read_accounts},
    {"mappings", read_mappings},
    {"maps", read_mappings},
    // read before
    {"system_account", skip},
    {"system", skip},
    // of capabilities still to come
    {"cluster", nserver__read_cluster},
    {"gateway", nserver__read_gateway},
    {"leafnodes", nserver__read_leafnodes},
    {"leaf", nserver__read_leafnodes},
    {"websocket", nserver__read_websocket},
    {"ws", nserver__read_websocket},
    {"mqtt", nserver__read_mqtt},
    {"jetstream", nserver__read_jetstream},
    {"store_dir", nserver__read_store_dir},
    {"storedir", nserver__read_store_dir},
    {"ocsp", nserver__read_ocsp},
    {"ocsp_cache", nserver__read_ocsp_cache},
    {"proxies", nserver__read_proxies},
    {"feature_flags", nserver__read_feature_flags},
    {"operator", nserver__read_operators},
    {"operators", nserver__read_operators},
    {"root", nserver__read_operators},
    {"roots", nserver__read_operators},
    {"root_operator", nserver__read_operators},
    {"root_operators", nserver__read_operators},
    {"trusted", nserver__read_trusted_keys},
    {"trusted_keys", nserver__read_trusted_keys},
    {"resolver", nserver__read_resolver},
    {"account_resolver", nserver__read_resolver},
    {"accounts_resolver", nserver__read_resolver},
    {"resolver_tls", nserver__read_resolver_tls},
    {"resolver_preload", nserver__read_resolver_preload},
    {"resolver_pinned_accounts", nserver__read_pinned_accounts},
    {"default_js_domain", nserver__read_default_js_domain},
    {"default_sentinel", nserver__read_default_sentinel},
};

static void read_document(struct reading *r, const struct nconf_value *root, const char *path)
{
    if (root->count == 0) {
        nserver__read_warning(r, NULL, "%s: config has no values or is empty", path);
    }
    read_system_account(r, root);
    for (const struct nconf_value *value = root->first; value != NULL; value = value->next) {
        if (!nserver__read_option(r, value, plain_options, NB_ARRAY_LEN(plain_options), r->opts)) {
            nserver__read_key(r, value, keys, NB_ARRAY_LEN(keys));
        }
    }
    nserver__finish_operators(r);
    nserver__check_allowed_accounts(r);
    nserver__check_sharing(r);
}

// Those that are there before.
static void index_accounts(struct reading *r)
{
    for (size_t i = 0; i < r->opts->account_count; i++) {
        char *name = r->opts->accounts[i].name;

        (void)nb_map_insert(&r->accounts, nb_slice_of(name), name); // each has its own
    }
}

static void read_options(struct nserver_options *opts, const struct nconf_doc *doc,
                         const char *path, struct nserver_option_report *report)
{
    struct reading r = {.opts = opts, .report = report};
    char digest[NCONF_DIGEST_BYTES + 1];

    nconf_digest(doc, digest);
    nserver_options_set_text(&opts->config_file, nb_slice_of(path));
    nserver_options_set_text(&opts->config_digest, nb_slice_of(digest));
    nb_arena_init(&r.scratch, SCRATCH_MAX_BYTES);
    index_accounts(&r);
    read_document(&r, doc->root, path);
    nb_map_fini(&r.users);
    nb_map_fini(&r.accounts);
    nb_arena_fini(&r.scratch);
}

// With what the language made of it, or why it made nothing.
static int finish(struct nserver_options *opts, const char *path, int rc, struct nconf_doc *doc,
                  struct nb_buf *message, struct nserver_option_report *report)
{
    if (rc == NB_OK) {
        read_options(opts, doc, path, report);
        nconf_doc_fini(doc);
        rc = nb_buf_slice(&report->errors).n > 0 ? NB_EMALFORMED : NB_OK;
    } else {
        nserver__report_add(&report->errors, nb_buf_slice(message)); // it has its own form
    }
    nb_buf_fini(message);
    return rc;
}

int nserver_options_read_file(struct nserver_options *opts, const char *path,
                              struct nserver_option_report *report)
{
    struct nconf_doc doc = {0};
    struct nb_buf message;
    int rc;

    nb_buf_init(&message, NCONF_MESSAGE_MAX_BYTES);
    rc = nconf_parse_file(&nconf_source_system, path, &doc, &message);
    return finish(opts, path, rc, &doc, &message, report);
}

int nserver_options_read_text(struct nserver_options *opts, const char *name, struct slice text,
                              struct nserver_option_report *report)
{
    struct nconf_doc doc = {0};
    struct nb_buf message;
    int rc;

    nb_buf_init(&message, NCONF_MESSAGE_MAX_BYTES);
    rc = nconf_parse_text(&nconf_source_system, name, text, &doc, &message);
    return finish(opts, name, rc, &doc, &message, report);
}
