/* validate_mqtt.c - spec 02 section 3.7, 10. */
#include "options/validate.h"

static bool has_others(const struct nserver_options *opts)
{
    return opts->cluster.port != 0 || opts->gateway.name != NULL || opts->leafnodes.port != 0 ||
           opts->leafnodes.remote_count > 0;
}

int nserver__validate_mqtt(const struct nserver_options *opts, struct nb_diag *diag)
{
    const struct nserver_mqtt_options *mqtt = &opts->mqtt;

    if (mqtt->port == 0) {
        return NB_OK;
    }
    if (opts->server_name == NULL && (opts->cluster.port != 0 || opts->gateway.name != NULL)) {
        return nserver__refuse(diag, "mqtt requires server name to be explicitly set");
    }
    if (nserver__validate_no_auth_user(opts, mqtt->no_auth_user, diag) != NB_OK) {
        return NB_EINVALID;
    }
    if (opts->user_count > 0 && mqtt->username != NULL) {
        return nserver__refuse(
            diag, "mqtt authentication username not compatible with presence of users/nkeys");
    }
    if (opts->user_count > 0 && mqtt->token != NULL) {
        return nserver__refuse(
            diag, "mqtt authentication token not compatible with presence of users/nkeys");
    }
    if (mqtt->ack_wait_ns < 0) {
        return nserver__refuse(diag, "ack wait must be a positive value");
    }
    if (mqtt->js_api_timeout_ns < 0) {
        return nserver__refuse(diag, "JS API timeout must be a positive value");
    }
    if (!opts->jetstream.is_on && !has_others(opts)) {
        return nserver__refuse(
            diag, "mqtt requires JetStream to be enabled if running in standalone mode");
    }
    return NB_OK;
}
