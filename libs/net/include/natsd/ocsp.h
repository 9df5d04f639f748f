/* natsd/ocsp.h - is a certificate revoked? The messages between those who ask and the authority's
 * responder (RFC 6960), and what a certificate says about them. Spec 03 section 22.
 *
 * Pure functions over DER bytes, which may be anybody's: an answer counts only when it is about
 * this certificate and signed by its issuer, or by whom the issuer appointed for that.
 *
 * Ownership: slices that come out are owned where it says so.
 * Threads:   [any].
 */
#pragma once

#include <natsd/slice.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum nnet_ocsp_status {
    NNET_OCSP_GOOD,
    NNET_OCSP_REVOKED,
    NNET_OCSP_UNKNOWN,
};

const char *nnet_ocsp_status_text(enum nnet_ocsp_status status); // "good", "revoked", "unknown"

struct nnet_ocsp_answer {
    enum nnet_ocsp_status status;
    int64_t this_update_s; // seconds since 1970
    int64_t next_update_s; // 0: it does not say
    int64_t revoked_at_s;  // REVOKED
    bool is_delegated;     // signed by somebody whom the issuer appointed
};

// A request about one certificate. NB_EMALFORMED. *out is owned.
NB_MUST_USE int nnet_ocsp_make_request(struct slice cert, struct slice issuer, struct slice *out);

// Reads and verifies a response. NB_EMALFORMED; NB_ENOTFOUND: the responder refuses, or speaks of
// other certificates; NB_ECRYPTO: the signature is wrong; NB_EDENIED: the issuer did not appoint
// its maker for that; diag has the reason. now_s: for the appointed signer's own certificate.
NB_MUST_USE int nnet_ocsp_read_response(struct slice response, struct slice cert,
                                        struct slice issuer, int64_t now_s,
                                        struct nnet_ocsp_answer *out, struct nb_diag *diag);

// Is now between the answer's times, each moved outwards by skew_s? Without a next update it is
// good for ttl_s; a negative ttl_s: without end.
bool nnet_ocsp_is_current(const struct nnet_ocsp_answer *answer, int64_t now_s, int64_t skew_s,
                          int64_t ttl_s);

// Must whoever presents the certificate staple a response (RFC 7633)?
bool nnet_certificate_must_staple(struct slice cert);
// The n-th http or https URL of a responder; false past the last. Borrowed from cert.
bool nnet_certificate_ocsp_url(struct slice cert, unsigned n, struct slice *url);
// May it sign other certificates?
bool nnet_certificate_is_ca(struct slice cert);
// SHA-256 of the certificate.
void nnet_certificate_digest(struct slice cert, uint8_t out[32]);

#ifdef __cplusplus
}
#endif
