/* natsd/claims.h - what a JWT of NATS says (spec 03 section 4), and whether it makes sense
 * (section 5). See natsd/jwt.h for where it comes from.
 *
 * Lists are arrays with a count, borrowed like all texts: from the arena of decoded claims, or
 * from whoever builds them. Times are Unix seconds, durations nanoseconds; 0 is "not set".
 * Limits: -1 is "no limit", and what is absent in version 2 is 0: nothing.
 * Threads: claims that don't change: [any].
 */
#pragma once

#include <natsd/arena.h>
#include <natsd/buf.h>
#include <natsd/json_writer.h>
#include <natsd/permissions.h>

#ifdef __cplusplus
extern "C" {
#endif

enum nauth_claims_kind {
    NAUTH_CLAIMS_GENERIC,
    NAUTH_CLAIMS_OPERATOR,
    NAUTH_CLAIMS_ACCOUNT,
    NAUTH_CLAIMS_USER,
    NAUTH_CLAIMS_ACTIVATION,
    NAUTH_CLAIMS_AUTH_REQUEST,
    NAUTH_CLAIMS_AUTH_RESPONSE,
};

struct nauth_operator_claims {
    struct nauth_texts signing_keys;
    struct slice account_server_url;
    struct nauth_texts service_urls;
    struct slice system_account;
    struct slice assert_server_version;
    bool strict_signing_key_usage;
};

// Section 4.4, also the template of a scope.
struct nauth_user_limits {
    struct nauth_permissions permissions;
    bool has_any_list;      // one of the lists is there, if only empty
    struct nauth_texts src; // networks
    struct nauth_time_range {
        struct slice start, end; // "HH:MM:SS"
    } const *times;
    size_t time_count;
    struct slice times_location; // zone name; empty: local time
    int64_t subs, data, payload;
    bool bearer_token;
    bool proxy_required;
    struct nauth_texts connection_types;
};

struct nauth_user_claims {
    struct nauth_user_limits limits;
    struct slice issuer_account;
};

struct nauth_activation_claims {
    struct slice subject;
    bool is_service;
    struct slice kind; // as written
    struct slice issuer_account;
};

struct nauth_revocation {
    struct slice key; // or "*"
    int64_t at;
};

struct nauth_revocations {
    const struct nauth_revocation *items;
    size_t count;
};

enum nauth_response_type {
    NAUTH_RESPONSE_SINGLETON,
    NAUTH_RESPONSE_STREAM,
    NAUTH_RESPONSE_CHUNKED,
};

struct nauth_export_claims {
    struct slice name, subject;
    bool is_service;
    struct slice type; // as written
    bool token_required;
    struct nauth_revocations revocations;
    struct slice response_type; // as written; see nauth_response_type_of()
    int64_t response_threshold_ns;
    bool has_latency;
    int64_t latency_sampling; // 0: headers
    struct slice latency_results;
    int64_t account_token_position;
    bool advertise, allow_trace;
    struct slice description, info_url;
};

struct nauth_import_claims {
    struct slice name, subject, account;
    struct slice token; // activation JWT
    struct slice to;    // deprecated
    struct slice local_subject;
    bool is_service;
    struct slice type; // as written
    bool share, allow_trace;
};

struct nauth_jetstream_limits {
    int64_t mem_storage, disk_storage, streams, consumer, max_ack_pending;
    int64_t mem_max_stream_bytes, disk_max_stream_bytes;
    bool max_bytes_required;
};

struct nauth_signing_key {
    struct slice key;
    bool is_scoped;
    struct slice role, description;
    struct nauth_user_limits scope; // of a scoped key
};

struct nauth_account_claims {
    const struct nauth_import_claims *imports;
    size_t import_count;
    const struct nauth_export_claims *exports;
    size_t export_count;
    struct {
        int64_t subs, data, payload, imports, exports, conn, leaf;
        bool wildcards, disallow_bearer;
        struct nauth_jetstream_limits jetstream;
        const struct nauth_tier {
            struct slice name;
            struct nauth_jetstream_limits limits;
        } * tiers;
        size_t tier_count;
    } limits;
    const struct nauth_signing_key *signing_keys;
    size_t signing_key_count;
    struct nauth_revocations revocations; // of users
    struct nauth_permissions default_permissions;
    const struct nauth_mapping_claims {
        struct slice subject;
        const struct nauth_weighted_mapping {
            struct slice subject, cluster;
            int64_t weight; // 0 counts as 100
        } * dests;
        size_t dest_count;
    } * mappings; // in the order of the text
    size_t mapping_count;
    struct {
        struct nauth_texts auth_users, allowed_accounts;
        struct slice xkey;
    } authorization;
    bool has_trace;
    struct slice trace_dest;
    int64_t trace_sampling;
    struct slice cluster_traffic, description, info_url;
};

struct nauth_auth_request_claims {
    struct {
        struct slice name, host, id, version, cluster, xkey;
        struct nauth_texts tags;
    } server;
    struct slice user_nkey;
    struct {
        struct slice host, user, name, name_tag, kind, type, mqtt_id, nonce;
        uint64_t id;
        struct nauth_texts tags;
    } client;
    struct {
        struct slice jwt, nkey, sig, auth_token, user, pass, name, lang, version;
        int64_t protocol;
    } connect;
    bool has_tls;
    struct {
        struct slice version, cipher;
        struct nauth_texts certs; // PEM
        const struct nauth_texts *verified_chains;
        size_t verified_chain_count;
    } tls;
    struct slice request_nonce;
};

struct nauth_auth_response_claims {
    struct slice jwt, error, issuer_account;
};

struct nauth_claims {
    enum nauth_claims_kind kind;
    int64_t version;
    struct slice audience, id, issuer, name, subject;
    int64_t expires, issued_at, not_before;
    struct nauth_texts tags;
    union {
        struct nauth_operator_claims op;
        struct nauth_account_claims account;
        struct nauth_user_claims user;
        struct nauth_activation_claims activation;
        struct nauth_auth_request_claims request;
        struct nauth_auth_response_claims response;
        struct slice generic; // the JSON of "nats"
    };
    // private
    struct nb_arena arena;
};

void nauth_claims_fini(struct nauth_claims *claims); // fine on zeroed, and twice

// As the payload of a token has them: an object. Not for generic ones.
void nauth_claims_write(const struct nauth_claims *claims, struct nb_json_writer *w);

enum nauth_issue_level {
    NAUTH_ISSUE_WARNING,
    NAUTH_ISSUE_TIME, // expired, or not yet valid
    NAUTH_ISSUE_ERROR,
};

struct nauth_issue {
    enum nauth_issue_level level;
    struct slice text; // owned
};

struct nauth_issues {
    struct nauth_issue *items;
    size_t count;
};

void nauth_issues_fini(struct nauth_issues *issues); // fine on zeroed, and twice
// Is there one of this level or above? NAUTH_ISSUE_ERROR: "blocking"; NAUTH_ISSUE_TIME: "blocking
// with time checks"; NAUTH_ISSUE_WARNING: any.
bool nauth_issues_have(const struct nauth_issues *issues, enum nauth_issue_level level);

// Every rule of section 5 for this kind; adds to *issues, which the caller has zeroed.
void nauth_claims_validate(const struct nauth_claims *claims, int64_t now_unix_s,
                           struct nauth_issues *issues);
// Section 5, import token: the activation that `import` of `account` (its key) carries. Whether it
// has expired is another question: nauth_claims_validate() of the token.
void nauth_import_validate_token(const struct nauth_import_claims *import, struct slice account,
                                 struct nauth_issues *issues);
// Section 5, scoped signer validation: NB_EINVALID with its text.
NB_MUST_USE int nauth_scope_check_user(const struct nauth_signing_key *scope,
                                       const struct nauth_claims *user, struct nb_diag *diag);
// Section 12.7: the scope's template for this user; the lists of *out are in `arena`.
NB_MUST_USE int nauth_scope_permissions(const struct nauth_signing_key *scope,
                                        const struct nauth_claims *user,
                                        const struct nauth_claims *account, struct nb_arena *arena,
                                        struct nauth_permissions *out, struct nb_diag *diag);
// Section 19.3.
bool nauth_is_revoked(const struct nauth_revocations *revocations, struct slice key,
                      int64_t issued_at);
// Section 10.6: `host` is the address as text.
bool nauth_src_allows(const struct nauth_texts *src, struct slice host);
// Section 10.7: *left_s is how long it stays so; INT64_MAX without times. Reads the file of the
// zone, some 2 KiB, for users who have times.
bool nauth_times_allow(const struct nauth_user_limits *limits, int64_t now_unix_s, int64_t *left_s);
bool nauth_response_type_of(struct slice text, enum nauth_response_type *out);
// Section 4.5, HashID: the name under which tools keep an activation.
NB_MUST_USE int nauth_activation_hash_id(const struct nauth_claims *activation, struct nb_buf *out);

#ifdef __cplusplus
}
#endif
