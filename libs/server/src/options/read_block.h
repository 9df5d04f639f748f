/* read_block.h - blocks of options read by table: one row per key, and the readers that several
 * blocks share. Faults are reported and reading goes on (reading.h).
 */
#pragma once

#include "options/reading.h"

enum nserver__option_kind {
    NSERVER__OPTION_OWN_TEXT, // char *, the options' own: nserver_options_set_text()
    NSERVER__OPTION_TEXT,     // char *, in the memory of the options
    NSERVER__OPTION_BOOL,
    NSERVER__OPTION_CHOICE,
    NSERVER__OPTION_INT,
    NSERVER__OPTION_PORT,     // int
    NSERVER__OPTION_DURATION, // int64_t, `dur` of spec 02 section 1
    NSERVER__OPTION_WRITE_TIMEOUT,
    NSERVER__OPTION_COMPRESSION,
    NSERVER__OPTION_SPECIAL, // `read`
};

struct nserver__option {
    const char *name;
    enum nserver__option_kind kind;
    size_t member; // its offset in the block
    void (*read)(struct reading *r, const struct nconf_value *value, void *block);
    const char *shown; // in messages of durations, instead of the key
};

// False when there is no such key.
bool nserver__read_option(struct reading *r, const struct nconf_value *value,
                          const struct nserver__option *options, size_t count, void *block);
// Every entry of a map; unknown ones are reported.
void nserver__read_block(struct reading *r, const struct nconf_value *map,
                         const struct nserver__option *options, size_t count, void *block);

// A duration whose messages name it `shown`.
bool nserver__read_named_duration(struct reading *r, const struct nconf_value *value,
                                  const char *shown, int64_t *ns);
// `addr` into the memory of the options.
bool nserver__read_kept_address(struct reading *r, const struct nconf_value *value, char **host,
                                int *port);
void nserver__read_write_timeout(struct reading *r, const struct nconf_value *value,
                                 enum nserver_write_timeout *out);
// read_compression.c
void nserver__read_compression(struct reading *r, const struct nconf_value *value,
                               struct nserver_compression_options *out);

// One text or a list of them; what it was before is replaced. `error parsing <what>: unsupported
// type integer`.
struct nserver__text_list {
    char ***texts;
    size_t *count;
};
bool nserver__read_text_list(struct reading *r, const struct nconf_value *value, const char *what,
                             struct nserver__text_list out);

// A name of a cluster or a gateway. `cluster name cannot contain spaces`, `... is reserved`.
void nserver__read_cluster_name(struct reading *r, const struct nconf_value *value,
                                const char *what, char **out);

// read_urls.c. `what` for messages: "route", "gateway", "leafnode".
struct nserver__url_list {
    struct nserver_url **urls;
    size_t *count;
};
void nserver__read_url(struct reading *r, const struct nconf_value *value, const char *what,
                       struct nserver__url_list out);
// An array; a URL that is there already is left out, with a warning.
void nserver__read_urls(struct reading *r, const struct nconf_value *value, const char *what,
                        struct nserver__url_list out);

// read_tls.c: where a tls block stands decides what may be in it.
enum nserver__tls_place {
    NSERVER__TLS_CLIENTS, // the block of the top level
    NSERVER__TLS_PEERS,   // of clusters and gateways
    NSERVER__TLS_OTHERS,
};
// Replaces what was there. False when there was a fault.
bool nserver__read_tls_block(struct reading *r, const struct nconf_value *value,
                             enum nserver__tls_place place, struct nserver_tls_options *tls);

// read_peer_auth.c: who may connect to a listener for other servers, or for another protocol.
struct nserver__peer_auth {
    char **username, **password;
    double *timeout_s;
    struct nauth_permissions **permissions; // NULL: none are looked at
};
// `what`: "Cluster", "Gateway".
void nserver__read_peer_auth(struct reading *r, const struct nconf_value *value, const char *what,
                             const struct nserver__peer_auth *out);
struct nserver__protocol_auth {
    char **username, **password, **token;
    double *timeout_s;
};
void nserver__read_protocol_auth(struct reading *r, const struct nconf_value *value,
                                 const struct nserver__protocol_auth *out);
// A timeout of authentication, with a warning above a minute. `block` as nserver__read_seconds().
bool nserver__read_auth_timeout(struct reading *r, const struct nconf_value *value,
                                const char *block, double *timeout_s);

// The blocks.
void nserver__read_cluster(struct reading *r, const struct nconf_value *value);
void nserver__read_gateway(struct reading *r, const struct nconf_value *value);
void nserver__read_leafnodes(struct reading *r, const struct nconf_value *value);
void nserver__read_remotes(struct reading *r, const struct nconf_value *value);
void nserver__read_leaf_auth(struct reading *r, const struct nconf_value *value);
void nserver__read_leaf_proxy(struct reading *r, const struct nconf_value *value,
                              struct nserver_leaf_proxy *out);
// Once its remote is known whole.
void nserver__check_leaf_proxy(struct reading *r, const struct nconf_value *value,
                               const struct nserver_leaf_remote *remote);
void nserver__read_websocket(struct reading *r, const struct nconf_value *value);
void nserver__read_mqtt(struct reading *r, const struct nconf_value *value);
void nserver__read_jetstream(struct reading *r, const struct nconf_value *value);
void nserver__read_jetstream_limits(struct reading *r, const struct nconf_value *value,
                                    struct nserver_jetstream_limits *limits);
void nserver__read_store_dir(struct reading *r, const struct nconf_value *value);
void nserver__read_ocsp(struct reading *r, const struct nconf_value *value);
void nserver__read_ocsp_cache(struct reading *r, const struct nconf_value *value);
bool nserver__read_ocsp_peer(struct reading *r, const struct nconf_value *value,
                             struct nserver_ocsp_peer_options *out);
void nserver__read_feature_flags(struct reading *r, const struct nconf_value *value);
void nserver__read_default_js_domain(struct reading *r, const struct nconf_value *value);
