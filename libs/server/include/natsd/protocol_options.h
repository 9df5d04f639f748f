/* natsd/protocol_options.h - what is configured about other protocols for clients: WebSocket and
 * MQTT (spec 02 sections 4.14 and 4.15). A part of natsd/server_options.h, whose rules for
 * ownership hold. Zero and NULL mean "not set" where a default exists.
 */
#pragma once

#include <natsd/account_options.h>
#include <natsd/tls_options.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nserver_websocket_options {
    bool is_set;
    char *host;
    int port; // 0: none; -1: the system chooses
    char *advertise;
    bool no_tls; // ignored when there is a tls block
    bool same_origin;
    char **allowed_origins;
    size_t allowed_origin_count;
    int64_t handshake_timeout_ns;
    bool compression;
    char *username, *password, *token; // instead of those of the authorization block
    double auth_timeout_s;
    char *jwt_cookie, *user_cookie, *pass_cookie, *token_cookie; // names
    char *no_auth_user;
    struct nserver_text_pair *headers;
    size_t header_count;
    int64_t ping_interval_ns;
    struct nserver_tls_options tls;
};

struct nserver_mqtt_options {
    bool is_set;
    char *host;
    int port; // 0: none; -1: the system chooses
    char *username, *password, *token;
    double auth_timeout_s;
    char *no_auth_user;
    int64_t ack_wait_ns;
    int64_t js_api_timeout_ns;
    int64_t max_ack_pending;
    char *js_domain;
    int64_t stream_replicas; // 0: by the size of the cluster
    bool consumer_memory_storage;
    int64_t consumer_inactive_threshold_ns;
    bool reject_qos2_publish;
    bool downgrade_qos2_subscribe;
    struct nserver_tls_options tls;
};

#define NSERVER_MQTT_ACK_WAIT_DEFAULT_NS (INT64_C(30) * 1000000000)
#define NSERVER_MQTT_API_TIMEOUT_DEFAULT_NS (INT64_C(5) * 1000000000)

enum {
    NSERVER_MQTT_ACK_PENDING_DEFAULT = 1024,
    NSERVER_MQTT_ACK_PENDING_MAX = 65535,
};

#ifdef __cplusplus
}
#endif
