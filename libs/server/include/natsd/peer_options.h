/* natsd/peer_options.h - what is configured about other servers: clusters, gateways and leaf nodes
 * (spec 02 sections 4.10 to 4.13). A part of natsd/server_options.h, whose rules for ownership
 * hold. Zero and NULL mean "not set" where a default exists.
 */
#pragma once

#include <natsd/permissions.h>
#include <natsd/tls_options.h>
#include <natsd/url_options.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum nserver_write_timeout {
    NSERVER_WRITE_TIMEOUT_DEFAULT,
    NSERVER_WRITE_TIMEOUT_CLOSE,
    NSERVER_WRITE_TIMEOUT_RETRY,
};

// Set by the file or a flag, and to what: a file's "false" is not the same as nothing.
enum nserver_choice {
    NSERVER_UNSET,
    NSERVER_NO,
    NSERVER_YES,
};

/* Compression, section 4.11. */

enum {
    NSERVER_RTT_THRESHOLDS_MAX = 4,
};

// As written.
struct nserver_compression_options {
    char *mode; // NULL: the default
    int64_t *rtt_thresholds_ns;
    size_t rtt_threshold_count;
};

enum nserver_compression_mode {
    NSERVER_COMPRESSION_NOT_SUPPORTED,
    NSERVER_COMPRESSION_OFF,
    NSERVER_COMPRESSION_ACCEPT,
    NSERVER_COMPRESSION_S2_AUTO,
    NSERVER_COMPRESSION_S2_UNCOMPRESSED,
    NSERVER_COMPRESSION_S2_FAST,
    NSERVER_COMPRESSION_S2_BETTER,
    NSERVER_COMPRESSION_S2_BEST,
};

// What it means.
struct nserver_compression {
    enum nserver_compression_mode mode;
    // S2_AUTO: up to the first uncompressed, up to the second fast, better, best; 0 skips a level
    int64_t rtt_thresholds_ns[NSERVER_RTT_THRESHOLDS_MAX];
    size_t rtt_threshold_count;
};

// `on` is what "on" means in that place. NB_EINVALID with `unsupported compression mode "x"` and
// the like; `otherwise` is the mode when none is set.
NB_MUST_USE int nserver_compression_resolve(const struct nserver_compression_options *options,
                                            enum nserver_compression_mode on,
                                            enum nserver_compression_mode otherwise,
                                            struct nserver_compression *out, struct nb_diag *diag);
// "s2_fast" and so on, as INFO and monitoring have it.
const char *nserver_compression_name(enum nserver_compression_mode mode);

/* Clusters, section 4.10. */

struct nserver_cluster_options {
    bool is_set;
    char *name; // NULL: made at the start, or another server's
    char *host;
    int port; // 0: no clustering; -1: the system chooses
    char *advertise;
    enum nserver_choice no_advertise;
    int64_t connect_retries;
    bool connect_backoff;
    char *username, *password; // NULL: not asked for
    double auth_timeout_s;
    struct nauth_permissions *permissions; // publish is import, subscribe is export; NULL: all
    struct nserver_url *routes;
    size_t route_count;
    int64_t pool_size; // -1: no pool
    char **accounts;   // with routes of their own
    size_t account_count;
    struct nserver_compression_options compression;
    int64_t ping_interval_ns; // 0: the clients', at most 30 s
    int64_t ping_max;         // 0: the clients'
    int64_t write_deadline_ns;
    enum nserver_write_timeout write_timeout;
    struct nserver_tls_options tls;
};

#define NSERVER_CLUSTER_PING_INTERVAL_MAX_NS (INT64_C(30) * 1000000000)

/* Gateways, section 4.12. */

struct nserver_gateway_remote {
    char *name;
    struct nserver_url *urls;
    size_t url_count;
    struct nserver_tls_options tls;
};

struct nserver_gateway_options {
    bool is_set;
    char *name;
    char *host;
    int port; // 0: none; -1: the system chooses
    char *advertise;
    char *username, *password;
    double auth_timeout_s;
    int64_t connect_retries;
    bool connect_backoff;
    bool reject_unknown;
    struct nserver_gateway_remote *remotes;
    size_t remote_count;
    int64_t write_deadline_ns;
    enum nserver_write_timeout write_timeout;
    struct nserver_tls_options tls;
};

/* Leaf nodes, section 4.13. */

struct nserver_leaf_user {
    char *name, *password, *account;
    bool proxy_required;
};

// An HTTP proxy between a leaf node and its hub.
struct nserver_leaf_proxy {
    bool is_set;
    char *url; // NULL: none
    char *username, *password;
    int64_t timeout_ns;
    struct nserver_tls_options tls;
};

struct nserver_leaf_remote {
    struct nserver_url *urls;
    size_t url_count;
    bool no_randomize;
    char *account;     // NULL: $G
    char *credentials; // path, with ~ and variables replaced
    char *nkey;        // a seed; secret
    bool hub;
    struct nauth_texts deny_imports, deny_exports;
    bool ws_compression;
    bool ws_no_masking;
    bool jetstream_cluster_migrate;
    int64_t jetstream_migrate_delay_ns;
    bool isolate; // isolate_leafnode_interest
    bool request_isolation;
    struct nserver_compression_options compression;
    int64_t first_info_timeout_ns;
    int64_t dial_timeout_ns;
    bool disabled;
    bool ignore_discovered_servers;
    struct nserver_tls_options tls;
    struct nserver_leaf_proxy proxy;
};

struct nserver_leafnode_options {
    bool is_set;
    char *host;
    int port; // 0: none; -1: the system chooses
    char *advertise;
    enum nserver_choice no_advertise;
    char *username, *password, *nkey, *account; // of the one that may connect
    bool proxy_required;
    double auth_timeout_s;
    struct nserver_leaf_user *users;
    size_t user_count;
    int64_t reconnect_ns;
    int64_t dial_timeout_ns;
    char *min_version;
    struct nserver_compression_options compression;
    bool isolate;
    int64_t write_deadline_ns;
    enum nserver_write_timeout write_timeout;
    struct nserver_leaf_remote *remotes;
    size_t remote_count;
    struct nserver_tls_options tls;
};

// Is it the same remote, whatever else is configured about it: URLs, account, credentials.
bool nserver_leaf_remote_same(const struct nserver_leaf_remote *a,
                              const struct nserver_leaf_remote *b);
// Appends its URLs without secrets: `["nats://a:1" "nats://b:1"]`. NB_ELIMIT when out is full.
NB_MUST_USE int nserver_leaf_remote_urls(const struct nserver_leaf_remote *remote,
                                         struct nb_buf *out);
// Appends what tells a remote from others, without secrets: `urls=["nats://a:1"], account="$G"`.
// NB_ELIMIT when out is full.
NB_MUST_USE int nserver_leaf_remote_name(const struct nserver_leaf_remote *remote,
                                         struct nb_buf *out);

#ifdef __cplusplus
}
#endif
