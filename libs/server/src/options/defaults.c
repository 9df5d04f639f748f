/* defaults.c - what holds when nothing is said (spec 02 section 3.6). */
#include <natsd/clock.h>
#include <natsd/memory.h>
#include <natsd/parser.h>
#include <natsd/server_options.h>

#define PING_INTERVAL_DEFAULT_NS (120 * NB_NS_PER_S)
#define WRITE_DEADLINE_DEFAULT_NS (10 * NB_NS_PER_S)
#define LAME_DUCK_DURATION_DEFAULT_NS (120 * NB_NS_PER_S)
#define LAME_DUCK_GRACE_DEFAULT_NS (10 * NB_NS_PER_S)

enum {
    PORT_DEFAULT = 4222,
    MAX_CONNECTIONS_DEFAULT = 65536,
    MAX_PENDING_DEFAULT_BYTES = 64 * 1024 * 1024,
    MAX_CLOSED_CLIENTS_DEFAULT = 10000,
    PING_MAX_DEFAULT = 2,
    CONNECT_ERROR_REPORTS_DEFAULT = 3600,
    RECONNECT_ERROR_REPORTS_DEFAULT = 1,
    TIMEOUT_DEFAULT_S = 2, // of TLS handshakes, and of authentication
};

static void set_default(int64_t *field, int64_t value)
{
    if (*field == 0) {
        *field = value;
    }
}

static void set_timeouts(struct nserver_options *opts)
{
    if (opts->tls.timeout_s <= 0) {
        opts->tls.timeout_s = TIMEOUT_DEFAULT_S;
    }
    if (opts->auth_timeout_s <= 0) {
        opts->auth_timeout_s = opts->tls.is_set ? opts->tls.timeout_s + 1 : TIMEOUT_DEFAULT_S;
    }
}

void nserver_options_defaults(struct nserver_options *opts)
{
    if (opts->host == NULL) {
        opts->host = nb_strdup("0.0.0.0");
    }
    if (opts->http_host == NULL) {
        opts->http_host = nb_strdup(opts->host);
    }
    if (opts->port == 0) {
        opts->port = PORT_DEFAULT;
    }
    set_default(&opts->max_connections, MAX_CONNECTIONS_DEFAULT);
    set_default(&opts->max_control_line, NPROTO_CONTROL_LINE_DEFAULT_BYTES);
    set_default(&opts->max_payload, NPROTO_PAYLOAD_DEFAULT_BYTES);
    set_default(&opts->max_pending, MAX_PENDING_DEFAULT_BYTES);
    set_default(&opts->max_closed_clients, MAX_CLOSED_CLIENTS_DEFAULT);
    set_default(&opts->ping_interval_ns, PING_INTERVAL_DEFAULT_NS);
    set_default(&opts->write_deadline_ns, WRITE_DEADLINE_DEFAULT_NS);
    set_default(&opts->lame_duck_duration_ns, LAME_DUCK_DURATION_DEFAULT_NS);
    set_default(&opts->lame_duck_grace_ns, LAME_DUCK_GRACE_DEFAULT_NS);
    set_default(&opts->ping_max, PING_MAX_DEFAULT);
    set_default(&opts->connect_error_reports, CONNECT_ERROR_REPORTS_DEFAULT);
    set_default(&opts->reconnect_error_reports, RECONNECT_ERROR_REPORTS_DEFAULT);
    set_timeouts(opts);
}
