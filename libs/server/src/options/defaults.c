/* defaults.c - what holds when nothing is said (spec 02 section 3.6). */
#include <natsd/clock.h>
#include <natsd/memory.h>
#include <natsd/parser.h>
#include <natsd/server_options.h>

#define PING_INTERVAL_DEFAULT_NS (120 * NB_NS_PER_S)
#define WRITE_DEADLINE_DEFAULT_NS (10 * NB_NS_PER_S)
#define LAME_DUCK_DURATION_DEFAULT_NS (120 * NB_NS_PER_S)
#define LAME_DUCK_GRACE_DEFAULT_NS (10 * NB_NS_PER_S)
#define LEAF_RECONNECT_DEFAULT_NS NB_NS_PER_S
#define LEAF_DIAL_TIMEOUT_DEFAULT_NS NB_NS_PER_S
#define SYNC_INTERVAL_DEFAULT_NS (120 * NB_NS_PER_S)

enum {
    PORT_DEFAULT = 4222,
    MAX_CONNECTIONS_DEFAULT = 65536,
    MAX_PENDING_DEFAULT_BYTES = 64 * 1024 * 1024,
    MAX_CLOSED_CLIENTS_DEFAULT = 10000,
    PING_MAX_DEFAULT = 2,
    CONNECT_ERROR_REPORTS_DEFAULT = 3600,
    RECONNECT_ERROR_REPORTS_DEFAULT = 1,
    CLUSTER_POOL_SIZE_DEFAULT = 3,
    TIMEOUT_DEFAULT_S = 2, // of TLS handshakes, and of authentication
};

static void set_default(int64_t *field, int64_t value)
{
    if (*field == 0) {
        *field = value;
    }
}

static void set_seconds(double *field, double value)
{
    if (*field <= 0) {
        *field = value;
    }
}

static const char any_host[] = "0.0.0.0";

// Of a listener for others than clients, when it is on.
struct listener {
    char **host;
    int port;
    struct nserver_tls_options *tls;
    double *auth_timeout_s; // NULL: it has none
};

static void set_listener(const struct listener *listener)
{
    if (listener->port == 0) {
        return;
    }
    if (*listener->host == NULL) {
        *listener->host = (char *)any_host; // as all that options point to: nobody writes to it
    }
    set_seconds(&listener->tls->timeout_s, TIMEOUT_DEFAULT_S);
    if (listener->auth_timeout_s != NULL) {
        set_seconds(listener->auth_timeout_s,
                    listener->tls->is_set ? listener->tls->timeout_s + 1 : TIMEOUT_DEFAULT_S);
    }
}

static void set_listeners(struct nserver_options *opts)
{
    const struct listener listeners[] = {
        {&opts->cluster.host, opts->cluster.port, &opts->cluster.tls,
         &opts->cluster.auth_timeout_s},
        {&opts->gateway.host, opts->gateway.port, &opts->gateway.tls,
         &opts->gateway.auth_timeout_s},
        {&opts->leafnodes.host, opts->leafnodes.port, &opts->leafnodes.tls,
         &opts->leafnodes.auth_timeout_s},
        {&opts->websocket.host, opts->websocket.port, &opts->websocket.tls, NULL},
        {&opts->mqtt.host, opts->mqtt.port, &opts->mqtt.tls, NULL},
    };

    set_seconds(&opts->tls.timeout_s, TIMEOUT_DEFAULT_S);
    set_seconds(&opts->auth_timeout_s,
                opts->tls.is_set ? opts->tls.timeout_s + 1 : TIMEOUT_DEFAULT_S);
    for (size_t i = 0; i < NB_ARRAY_LEN(listeners); i++) {
        set_listener(&listeners[i]);
    }
}

static void set_peers(struct nserver_options *opts)
{
    set_default(&opts->cluster.pool_size, CLUSTER_POOL_SIZE_DEFAULT);
    if (opts->cluster.ping_interval_ns > NSERVER_CLUSTER_PING_INTERVAL_MAX_NS) {
        opts->cluster.ping_interval_ns = NSERVER_CLUSTER_PING_INTERVAL_MAX_NS;
    }
    if (opts->cluster.name == NULL) {
        opts->cluster.name = opts->gateway.name;
    }
    set_default(&opts->leafnodes.reconnect_ns, LEAF_RECONNECT_DEFAULT_NS);
    set_default(&opts->leafnodes.dial_timeout_ns, LEAF_DIAL_TIMEOUT_DEFAULT_NS);
    set_default(&opts->mqtt.ack_wait_ns, NSERVER_MQTT_ACK_WAIT_DEFAULT_NS);
    set_default(&opts->mqtt.js_api_timeout_ns, NSERVER_MQTT_API_TIMEOUT_DEFAULT_NS);
    set_default(&opts->mqtt.max_ack_pending, NSERVER_MQTT_ACK_PENDING_DEFAULT);
}

static void set_positive(int64_t *field, int64_t value)
{
    if (*field <= 0) {
        *field = value;
    }
}

static void set_jetstream(struct nserver_jetstream_options *js)
{
    if (!js->has_max_memory) {
        js->max_memory = -1;
    }
    if (!js->has_max_store) {
        js->max_store = -1;
    }
    if (!js->sync_is_set || js->sync_always) {
        js->sync_interval_ns = SYNC_INTERVAL_DEFAULT_NS;
    }
    set_default(&js->limits.default_max_consumers, NSERVER_JETSTREAM_DEFAULT_MAX_CONSUMERS);
    set_positive(&js->request_queue_limit, NSERVER_JETSTREAM_QUEUE_LIMIT_DEFAULT);
    set_positive(&js->info_queue_limit, js->request_queue_limit);
    set_positive(&js->max_concurrent_io, NSERVER_JETSTREAM_IO_DEFAULT);
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
    set_listeners(opts);
    set_peers(opts);
    set_jetstream(&opts->jetstream);
}
