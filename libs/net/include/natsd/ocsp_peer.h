/* natsd/ocsp_peer.h - the rules by which a TLS configuration takes or refuses peers whose
 * certificates may be revoked. Spec 03 section 22.2.
 *
 * Given to a TLS context (natsd/tls.h), they are applied in each handshake after the peer's chain
 * was verified, while the handshake waits: all links of the chain that name a responder must be
 * good.
 *
 * Threads: create, ref and unref [any]. The events come from the worker of the connection.
 */
#pragma once

#include <natsd/ocsp_cache.h>
#include <natsd/tls.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NNET_OCSP_URLS_MAX = 8, // of one certificate that are asked
};

struct nnet_ocsp_peer;

// All mandatory. Certificates are DER, borrowed during the call, as the reason is.
struct nnet_ocsp_peer_events {
    // `link`, of the peer's chain, is not good. May be called for a peer that is taken all the
    // same (warns_only).
    void (*link_invalid)(void *ctx, struct slice peer, struct slice link, const char *reason);
    // The handshake fails. reason: "client not OCSP valid" or "server not OCSP valid".
    void (*rejected)(void *ctx, struct slice peer, const char *reason);
    // Something was let through by one of the rules below: a line for the log.
    void (*warned)(void *ctx, const char *text);
};

struct nnet_ocsp_peer_opts {
    int64_t timeout_ns;   // for each question to a responder; > 0
    int64_t clock_skew_s; // by which the times of an answer may be off
    int64_t ttl_s;        // of answers without a next update
    bool warns_only;
    bool unknown_is_good;
    bool allows_unreachable;       // no answer is good, unless a revocation is remembered
    struct nnet_ocsp_cache *cache; // referenced; NULL: none
    struct nnet_tls_context *tls;  // for responders over https: a client's, referenced; NULL: none
    const struct nnet_ocsp_peer_events *events; // lives as long as the server
    void *events_ctx;                           // the same
};

struct nnet_ocsp_peer *nnet_ocsp_peer_create(const struct nnet_ocsp_peer_opts *opts);
struct nnet_ocsp_peer *nnet_ocsp_peer_ref(struct nnet_ocsp_peer *peer);
void nnet_ocsp_peer_unref(struct nnet_ocsp_peer *peer); // NULL is fine

#ifdef __cplusplus
}
#endif
