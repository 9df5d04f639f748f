/* conn_row.h - what monitoring shows of one connection, copied out of it.
 *
 * Made by the connection's owner, then passed around freely; owns its texts.
 */
#pragma once

#include <natsd/certificate.h>
#include <natsd/clock.h>
#include <natsd/conn.h>
#include <natsd/slice.h>

#include "clients/close_reason.h"

struct nserver__sub_row {
    struct slice subject, queue, sid; // inside the row's text block
    uint64_t msgs;
    uint64_t max;
};

struct nserver__peer_cert {
    struct slice subject; // as the reference prints it
    struct nnet_certificate_fingerprints fingerprints;
};

struct nserver__conn_row {
    uint64_t cid;
    struct nnet_address peer;
    struct nb_wall started_at;
    struct nb_wall last_activity_at;
    struct nb_wall stopped_at; // 0: open
    enum nserver__reason reason;
    int64_t rtt_ns; // 0: unknown
    uint64_t pending_bytes;
    uint64_t in_msgs, out_msgs, in_bytes, out_bytes;
    uint64_t stalls;
    uint32_t sub_count;
    // All texts are in the block `texts` once the row owns them.
    struct slice name, lang, version;
    struct slice user; // as /connz shows it with auth
    struct slice account;
    struct slice account_tag;               // its friendly name, empty: none
    struct slice user_tag, jwt, issuer_key; // of a user JWT
    const struct slice *tags;               // of a user JWT
    size_t tag_count;
    const struct nserver__peer_cert *peer_certs; // leaf first
    size_t peer_cert_count;
    struct slice proxy_key;               // of the proxy that vouches
    const char *tls_version, *tls_cipher; // constants, or NULL
    bool is_tls_first;
    void *texts;                   // owned
    struct nserver__sub_row *subs; // owned, one block with their texts; NULL: not asked for
    size_t subs_size;              // of that block
};

// Makes the row's texts, which were borrowed, its own; not the subscriptions'.
void nserver__conn_row_own(struct nserver__conn_row *row);
// `out` owns copies of all.
void nserver__conn_row_copy(const struct nserver__conn_row *row, struct nserver__conn_row *out);
void nserver__conn_row_fini(struct nserver__conn_row *row);
