/* natsd/account_options.h - what is configured about users, accounts and operators (spec 03
 * sections 7, 8, 13 and 14). A part of natsd/server_options.h, whose rules for ownership hold.
 *
 * Accounts that come as JWTs are turned into the same structs, so that the server knows one
 * model of an account.
 */
#pragma once

#include <natsd/claims.h>
#include <natsd/permissions.h>
#include <natsd/slice.h>
#include <natsd/tls_options.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nserver_text_pair {
    char *key;
    char *value;
};

struct nserver_user {
    char *name;                            // NULL: an nkey user
    char *nkey;                            // NULL: a user with a name
    char *password;                        // plain or bcrypt; "" for none
    char *account;                         // NULL: $G
    struct nauth_permissions *permissions; // NULL: none are set
    uint32_t connection_types;             // natsd/connection_type.h; 0: all
    bool proxy_required;
};

struct nserver_mapping {
    char *source;
    struct nserver_mapping_dest {
        char *subject;
        uint8_t weight;
        char *cluster; // NULL: everywhere
    } * dests;
    size_t dest_count;
};

struct nserver_export {
    bool is_service;
    char *subject;
    bool is_restricted; // to the accounts
    char **accounts;
    size_t account_count;
    uint32_t account_token_position; // from 1; 0: none
    // services
    enum nauth_response_type response_type;
    int64_t response_threshold_ns; // 0: default
    char *latency_subject;         // NULL: no latency tracking
    int latency_sampling;          // percent; 0: by headers
    bool allow_trace;
    // JWT
    bool token_required;
    struct nserver_revocation {
        char *key;
        int64_t at;
    } * revocations;
    size_t revocation_count;
};

struct nserver_import {
    bool is_service;
    char *account; // exporter
    char *subject; // exporter's
    char *prefix;  // stream: local subject = prefix + "." + subject; NULL: none
    char *to;      // local subject; NULL: as `subject`
    bool share;
    bool allow_trace;
    char *token; // JWT: activation
};

enum nserver_account_jetstream {
    NSERVER_ACCOUNT_JETSTREAM_UNSET,
    NSERVER_ACCOUNT_JETSTREAM_OFF,
    NSERVER_ACCOUNT_JETSTREAM_ON,
};

// An account of the `accounts` block; its users stand in nserver_options.users.
struct nserver_account_options {
    char *name;
    char *nkey;
    struct nserver_mapping *mappings;
    size_t mapping_count;
    struct nserver_export *exports;
    size_t export_count;
    struct nserver_import *imports;
    size_t import_count;
    // -1: no limit
    int64_t max_connections, max_subscriptions, max_payload, max_leafnodes;
    enum nserver_account_jetstream jetstream;
    struct nserver_jetstream_account_limits {
        int64_t max_memory, max_store, max_streams, max_consumers; // -1: no limit
        int64_t memory_max_stream_bytes, disk_max_stream_bytes, max_ack_pending;
        bool max_bytes_required;
        char *cluster_traffic; // NULL, "system" or "owner"
    } jetstream_limits;
    char *trace_dest;
    int trace_sampling; // percent; 0: no trace_dest
};

// Nothing in it, and no limit.
void nserver_account_options_init(struct nserver_account_options *account);

struct nserver_auth_callout {
    bool is_set;
    char *issuer;
    char *account; // NULL: $G
    char **auth_users;
    size_t auth_user_count;
    char *xkey;
    char **allowed_accounts;
    size_t allowed_account_count;
};

enum nserver_resolver_kind {
    NSERVER_RESOLVER_NONE,
    NSERVER_RESOLVER_MEMORY,
    NSERVER_RESOLVER_URL,
    NSERVER_RESOLVER_FULL,
    NSERVER_RESOLVER_CACHE,
};

struct nserver_resolver_options {
    enum nserver_resolver_kind kind;
    char *url; // ends with "/"
    char *dir;
    int64_t limit; // 0: none
    bool allow_delete, hard_delete;
    int64_t interval_ns, ttl_ns, timeout_ns; // 0: default
};

struct nserver_operator_options {
    char **jwts; // operator JWTs; they could be decoded when they were read
    size_t jwt_count;
    char **trusted_keys;
    size_t trusted_key_count;
    struct nserver_resolver_options resolver;
    struct nserver_tls_options resolver_tls; // of a client, for a URL
    struct nserver_text_pair *preloads;      // account key, account JWT
    size_t preload_count;
    char **pinned_accounts; // beside the system account; none: all may log in
    size_t pinned_account_count;
    char *default_sentinel;
};

#ifdef __cplusplus
}
#endif
