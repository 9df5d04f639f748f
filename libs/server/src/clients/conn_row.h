/* conn_row.h - what monitoring shows of one connection, copied out of it.
 *
 * Made by the connection's owner, then passed around freely; owns its texts.
 */
#pragma once

#include <natsd/clock.h>
#include <natsd/conn.h>
#include <natsd/slice.h>

#include "clients/close_reason.h"

struct nserver__sub_row {
    struct slice subject, queue, sid; // inside the row's text block
    uint64_t msgs;
    uint64_t max;
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
    struct slice name, lang, version; // owned
    struct slice user;                // owned; as /connz shows it with auth
    struct slice account;             // owned
    struct slice account_tag;         // owned; its friendly name, empty: none
    struct slice jwt, issuer_key;     // owned; of a user JWT
    struct slice *tags;               // owned, one block with their texts; of a user JWT
    size_t tag_count;
    struct slice proxy_key;               // owned; of the proxy that vouches
    const char *tls_version, *tls_cipher; // constants, or NULL
    bool is_tls_first;
    struct nserver__sub_row *subs; // owned, one block with their texts; NULL: not asked for
    size_t subs_size;              // of that block
};

void nserver__conn_row_fini(struct nserver__conn_row *row);
