/* reload_protocols.c - what listeners of other protocols cannot change while they run (spec 02
 * section 11.3).
 */
#include <stddef.h>

#include "options/reload_check.h"

#define FIELD(name, kind, member)                                                          \
    {                                                                                      \
        name, NSERVER__FIELD_##kind, offsetof(struct nserver_websocket_options, member), 0 \
    }
#define LIST(name, kind, member, count)                                                  \
    {                                                                                    \
        name, NSERVER__FIELD_##kind, offsetof(struct nserver_websocket_options, member), \
            offsetof(struct nserver_websocket_options, count)                            \
    }

static const struct nserver__field websocket_fields[] = {
    FIELD("host", TEXT, host),
    FIELD("port", PORT, port),
    FIELD("advertise", TEXT, advertise),
    FIELD("no_tls", BOOL, no_tls),
    FIELD("same_origin", BOOL, same_origin),
    LIST("allowed_origins", NAMES, allowed_origins, allowed_origin_count),
    FIELD("handshake_timeout", DURATION, handshake_timeout_ns),
    FIELD("compression", BOOL, compression),
    FIELD("user", TEXT, username),
    FIELD("password", SECRET, password),
    FIELD("token", SECRET, token),
    FIELD("timeout", SECONDS, auth_timeout_s),
    FIELD("jwt_cookie", TEXT, jwt_cookie),
    FIELD("user_cookie", TEXT, user_cookie),
    FIELD("pass_cookie", TEXT, pass_cookie),
    FIELD("token_cookie", TEXT, token_cookie),
    FIELD("no_auth_user", TEXT, no_auth_user),
    LIST("headers", PAIRS, headers, header_count),
    FIELD("ping_interval", DURATION, ping_interval_ns),
    FIELD("tls", BOOL, tls.is_set),
    FIELD("tls verify_and_map", BOOL, tls.verify_and_map),
    FIELD("tls pinned_certs", PINS, tls),
};

#undef FIELD
#undef LIST
#define FIELD(name, kind, member)                                                     \
    {                                                                                 \
        name, NSERVER__FIELD_##kind, offsetof(struct nserver_mqtt_options, member), 0 \
    }

static const struct nserver__field mqtt_fields[] = {
    FIELD("host", TEXT, host),
    FIELD("port", PORT, port),
    FIELD("user", TEXT, username),
    FIELD("password", SECRET, password),
    FIELD("token", SECRET, token),
    FIELD("timeout", SECONDS, auth_timeout_s),
    FIELD("no_auth_user", TEXT, no_auth_user),
    FIELD("js_api_timeout", DURATION, js_api_timeout_ns),
    FIELD("js_domain", TEXT, js_domain),
    FIELD("reject_qos2_publish", BOOL, reject_qos2_publish),
    FIELD("downgrade_qos2_subscribe", BOOL, downgrade_qos2_subscribe),
    FIELD("tls", BOOL, tls.is_set),
    FIELD("tls timeout", SECONDS, tls.timeout_s),
    FIELD("tls verify_and_map", BOOL, tls.verify_and_map),
    FIELD("tls pinned_certs", PINS, tls),
};

#undef FIELD

void nserver__change_check_protocols(struct nserver__change *change,
                                     const struct nserver_options *was,
                                     const struct nserver_options *is)
{
    nserver__change_check_block(change, "Websocket", websocket_fields,
                                NB_ARRAY_LEN(websocket_fields), &was->websocket, &is->websocket);
    nserver__change_check_block(change, "MQTT", mqtt_fields, NB_ARRAY_LEN(mqtt_fields), &was->mqtt,
                                &is->mqtt);
}
