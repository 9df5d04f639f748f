#include "lifecycle/capabilities.h"

#include "options/host_port.h"

/* What is missing. */

static bool wants_cluster(const struct nserver_options *opts)
{
    return opts->cluster.port != 0 || opts->cluster.route_count > 0;
}

static bool wants_gateway(const struct nserver_options *opts)
{
    return opts->gateway.port != 0;
}

static bool wants_leafnodes(const struct nserver_options *opts)
{
    return opts->leafnodes.port != 0 || opts->leafnodes.remote_count > 0;
}

static bool wants_websocket(const struct nserver_options *opts)
{
    return opts->websocket.port != 0;
}

static bool wants_mqtt(const struct nserver_options *opts)
{
    return opts->mqtt.port != 0;
}

static bool wants_jetstream(const struct nserver_options *opts)
{
    return opts->jetstream.is_on;
}

void nserver__warn_of_missing(const struct nb_logger *log, const struct nserver_options *was,
                              const struct nserver_options *is)
{
    static const struct {
        const char *block;
        const char *capability;
        bool (*wants)(const struct nserver_options *opts);
    } missing[] = {
        {"cluster", "clustering", wants_cluster},
        {"gateway", "gateways", wants_gateway},
        {"leafnodes", "leaf nodes", wants_leafnodes},
        {"websocket", "WebSocket listener", wants_websocket},
        {"mqtt", "MQTT listener", wants_mqtt},
        {"jetstream", "JetStream", wants_jetstream},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(missing); i++) {
        if (missing[i].wants(is) && (was == NULL || !missing[i].wants(was))) {
            nb_log_warn(log, "%s is configured, but this version of natsd has no %s: it is ignored",
                        missing[i].block, missing[i].capability);
        }
    }
}

/* Addresses to tell others. */

int nserver__check_advertised(const struct nserver_options *opts, struct nb_diag *diag)
{
    const struct {
        const char *advertise;
        int port;
        const char *what;
        const char *name;
    } addresses[] = {
        {opts->gateway.advertise, opts->gateway.port, "gateway", "Gateway.Advertise"},
        {opts->leafnodes.advertise, opts->leafnodes.port, "leafnode", "LeafNode.Advertise"},
        {opts->cluster.advertise, opts->cluster.port, "route", "Cluster.Advertise"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(addresses); i++) {
        struct nb_diag reason = {0};
        int rc = NB_OK;

        if (addresses[i].port != 0 && addresses[i].advertise != NULL) {
            rc = nserver__check_advertise(addresses[i].advertise, &reason);
        }
        if (rc != NB_OK) {
            nb_diag_set(diag, "Error setting %s INFO with %s value of %.160s, err=%.200s",
                        addresses[i].what, addresses[i].name, addresses[i].advertise, reason.text);
            return rc;
        }
    }
    return NB_OK;
}
