/* natsd/info.h - INFO and CONNECT, the two JSON operations. Spec 01 section 4.
 *
 * INFO is written key by key in the reference's order; CONNECT is read with its rules: keys in
 * any case, wrong types refused, omitted keys keep their value. And the reverse for clients.
 *
 * Threads: [any] on distinct objects.
 */
#pragma once

#include <natsd/buf.h>
#include <natsd/json_reader.h>
#include <natsd/slice.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// What a server tells. Slices are borrowed; empty ones and zeros are left out where spec 4.1
// says so.
struct nproto_info {
    struct slice server_id;
    struct slice server_name;
    struct slice version;
    int proto;
    struct slice git_commit;
    struct slice go;
    struct slice host;
    int port;
    bool headers;
    bool auth_required;
    bool tls_required;
    bool tls_verify;
    bool tls_available;
    int64_t max_payload;
    bool jetstream;
    uint64_t client_id;
    struct slice client_ip;
    struct slice nonce;
    struct slice cluster;
    struct slice domain;
    const struct slice *connect_urls;
    size_t connect_url_count;
    bool ldm;
    bool connect_info;
    struct slice remote_account;
    bool acc_is_sys;
    int api_lvl;
    struct slice xkey;
};

// "INFO {...} \r\n" (mind the space).
NB_MUST_USE int nproto_info_write(const struct nproto_info *info, struct nb_buf *out);
// The JSON object alone.
NB_MUST_USE int nproto_info_write_json(const struct nproto_info *info, struct nb_buf *out);

enum {
    NPROTO_CONNECT_URLS_MAX = 4096,
};

// What a client reads: keys in any case, unknown ones ignored, null and what is missing is zero.
// The slices live as long as `doc`, which owns them all; `urls` is an array of
// info->connect_url_count slices or NULL, freed with nb_free. NB_EMALFORMED or NB_ELIMIT.
NB_MUST_USE int nproto_info_read(struct slice json, struct nb_json_doc *doc,
                                 struct nproto_info *info, struct slice **urls,
                                 struct nb_diag *diag);

// What a client tells. Owned texts; begin with nproto_connect_init().
struct nproto_connect {
    bool verbose; // true until a CONNECT says otherwise
    bool pedantic;
    bool echo;
    bool tls_required;
    bool headers;
    bool no_responders;
    bool new_account;
    int64_t protocol;
    struct slice name, lang, version;
    struct slice user, pass, auth_token, nkey, jwt, sig, proxy_sig; // secrets among them
    struct slice account;
    struct slice remote_account;
};

void nproto_connect_init(struct nproto_connect *connect);
void nproto_connect_fini(struct nproto_connect *connect); // wipes; fine on zeroed, and twice
// Merges a CONNECT's JSON over the current values: all of it or, on an error, nothing.
// NB_EMALFORMED (diag says why) or NB_ELIMIT.
NB_MUST_USE int nproto_connect_merge(struct nproto_connect *connect, struct slice json,
                                     struct nb_diag *diag);
// "CONNECT {...}\r\n" for a client; empty texts are left out.
NB_MUST_USE int nproto_connect_write(const struct nproto_connect *connect, struct nb_buf *out);

// A CONNECT's argument for a trace: what looks like a secret becomes [REDACTED], by the textual
// rules of spec 02 section 8, also in malformed JSON; of a JWT only the signature (spec 13
// section 3.1). Control bytes stay as they are.
NB_MUST_USE int nproto_connect_redact(struct slice arg, struct nb_buf *out);

#ifdef __cplusplus
}
#endif
