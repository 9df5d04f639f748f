/* read_mqtt.c - the mqtt block (spec 02 section 4.15). */
#include <stddef.h>

#include "options/read_block.h"

static void read_listen(struct reading *r, const struct nconf_value *value, void *block)
{
    struct nserver_mqtt_options *mqtt = block;

    (void)nserver__read_kept_address(r, value, &mqtt->host, &mqtt->port);
}

static void read_tls(struct reading *r, const struct nconf_value *value, void *block)
{
    (void)nserver__read_tls_block(r, value, NSERVER__TLS_OTHERS,
                                  &((struct nserver_mqtt_options *)block)->tls);
}

static void read_authorization(struct reading *r, const struct nconf_value *value, void *block)
{
    struct nserver_mqtt_options *mqtt = block;
    struct nserver__protocol_auth auth = {&mqtt->username, &mqtt->password, &mqtt->token,
                                          &mqtt->auth_timeout_s};

    nserver__read_protocol_auth(r, value, &auth);
}

static void read_max_ack_pending(struct reading *r, const struct nconf_value *value, void *block)
{
    int64_t number;

    if (!nserver__read_int(r, value, &number)) {
        return;
    }
    if (number < 0 || number > NSERVER_MQTT_ACK_PENDING_MAX) {
        nserver__read_error(r, value, "invalid value %lld, should in [0..%d] range",
                            (long long)number, NSERVER_MQTT_ACK_PENDING_MAX);
        return;
    }
    ((struct nserver_mqtt_options *)block)->max_ack_pending = number;
}

static void warn_of_consumer_replicas(struct reading *r, const struct nconf_value *value,
                                      void *block NB_UNUSED)
{
    nserver__read_warning(r, value,
                          "invalid use of field %s: consumer replicas setting ignored in this "
                          "server version",
                          nserver__quoted(r, value->key));
}

#define MEMBER(name) offsetof(struct nserver_mqtt_options, name)

static const struct nserver__option options[] = {
    {"listen", NSERVER__OPTION_SPECIAL, 0, read_listen, NULL},
    {"host", NSERVER__OPTION_TEXT, MEMBER(host), NULL, NULL},
    {"net", NSERVER__OPTION_TEXT, MEMBER(host), NULL, NULL},
    {"port", NSERVER__OPTION_PORT, MEMBER(port), NULL, NULL},
    {"tls", NSERVER__OPTION_SPECIAL, 0, read_tls, NULL},
    {"authorization", NSERVER__OPTION_SPECIAL, 0, read_authorization, NULL},
    {"authentication", NSERVER__OPTION_SPECIAL, 0, read_authorization, NULL},
    {"no_auth_user", NSERVER__OPTION_TEXT, MEMBER(no_auth_user), NULL, NULL},
    {"ack_wait", NSERVER__OPTION_DURATION, MEMBER(ack_wait_ns), NULL, NULL},
    {"ackwait", NSERVER__OPTION_DURATION, MEMBER(ack_wait_ns), NULL, "ack_wait"},
    {"js_api_timeout", NSERVER__OPTION_DURATION, MEMBER(js_api_timeout_ns), NULL, NULL},
    {"api_timeout", NSERVER__OPTION_DURATION, MEMBER(js_api_timeout_ns), NULL, "js_api_timeout"},
    {"max_ack_pending", NSERVER__OPTION_SPECIAL, 0, read_max_ack_pending, NULL},
    {"max_pending", NSERVER__OPTION_SPECIAL, 0, read_max_ack_pending, NULL},
    {"max_inflight", NSERVER__OPTION_SPECIAL, 0, read_max_ack_pending, NULL},
    {"js_domain", NSERVER__OPTION_TEXT, MEMBER(js_domain), NULL, NULL},
    {"stream_replicas", NSERVER__OPTION_INT, MEMBER(stream_replicas), NULL, NULL},
    {"consumer_replicas", NSERVER__OPTION_SPECIAL, 0, warn_of_consumer_replicas, NULL},
    {"consumer_memory_storage", NSERVER__OPTION_BOOL, MEMBER(consumer_memory_storage), NULL, NULL},
    {"consumer_inactive_threshold", NSERVER__OPTION_DURATION,
     MEMBER(consumer_inactive_threshold_ns), NULL, NULL},
    {"consumer_auto_cleanup", NSERVER__OPTION_DURATION, MEMBER(consumer_inactive_threshold_ns),
     NULL, "consumer_inactive_threshold"},
    {"reject_qos2_publish", NSERVER__OPTION_BOOL, MEMBER(reject_qos2_publish), NULL, NULL},
    {"downgrade_qos2_subscribe", NSERVER__OPTION_BOOL, MEMBER(downgrade_qos2_subscribe), NULL,
     NULL},
};

void nserver__read_mqtt(struct reading *r, const struct nconf_value *value)
{
    if (value->type != NCONF_MAP) {
        nserver__read_error(r, value, "Expected mqtt to be a map, got %s",
                            nconf_type_name(value->type));
        return;
    }
    r->opts->mqtt.is_set = true;
    nserver__read_block(r, value, options, NB_ARRAY_LEN(options), &r->opts->mqtt);
}
