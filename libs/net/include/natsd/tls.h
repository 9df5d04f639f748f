/* natsd/tls.h - TLS configurations (BoringSSL), 1.2 and 1.3. Spec 02 section 4.4, 01 section 2.3.
 *
 * A context is made from files once, shared by reference count, and replaced as a whole at a
 * reload; connections keep the one they began with.
 *
 * Threads: create blocks (reads files): [pool] or before the start; ref and unref [any].
 */
#pragma once

#include <natsd/slice.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nnet_tls_context;
struct nnet_ocsp_peer; // natsd/ocsp_peer.h

enum {
    NNET_TLS_PIN_BYTES = 32,
};

struct nnet_tls_cert_files {
    const char *cert_file; // PEM, chain allowed
    const char *key_file;
};

struct nnet_tls_opts {
    bool is_server;
    const struct nnet_tls_cert_files *certs; // several: chosen by key type and server name
    size_t cert_count;
    const char *ca_file;  // NULL: the system's roots for clients, none for servers
    bool verify_peer;     // server: require and verify a client certificate; client: verify the
                          // server's chain and name (default on for clients: set it)
    uint16_t min_version; // 0: TLS 1.2; else 0x0303 or 0x0304
    const char *const *cipher_suites; // IANA names as the reference's configuration has them; NULL:
    size_t cipher_suite_count;        // default. Those that BoringSSL lacks are skipped
    const char *const
        *curves; // the reference's names; NULL: default; unknown to BoringSSL: skipped
    size_t curve_count;
    const uint8_t (
        *pins)[NNET_TLS_PIN_BYTES]; // SHA-256 of the peer's SubjectPublicKeyInfo: one must match
    size_t pin_count;
};

// Errors: NB_EIO for unreadable files, NB_EMALFORMED for their content, NB_EINVALID; diag has
// the reason in the reference's words (spec 02 section 4.4) without a position.
NB_MUST_USE int nnet_tls_context_create(const struct nnet_tls_opts *opts,
                                        struct nnet_tls_context **out, struct nb_diag *diag);
struct nnet_tls_context *nnet_tls_context_ref(struct nnet_tls_context *context);
void nnet_tls_context_unref(struct nnet_tls_context *context); // NULL is fine
// NotAfter of the first certificate, seconds since 1970; 0 without one.
int64_t nnet_tls_context_not_after(const struct nnet_tls_context *context);

// By which rules a peer's certificates are asked about, in a context that verifies its peers;
// before its first connection. Referenced.
void nnet_tls_context_set_ocsp_peer(struct nnet_tls_context *context, struct nnet_ocsp_peer *rules);
// [any] The OCSP response that a server presents with its first certificate, from now on. Copied;
// empty: none.
void nnet_tls_context_set_staple(struct nnet_tls_context *context, struct slice response);
// The same response as another context's, if that has the same first certificate.
void nnet_tls_context_copy_staple(struct nnet_tls_context *to, struct nnet_tls_context *from);
// The first certificate, borrowed from the context; false without one.
bool nnet_tls_context_cert(const struct nnet_tls_context *context, struct slice *der);
// Who issued it: the second certificate of its file, or one of the roots (opts.ca_file, or the
// system's). Owned. NB_ENOTFOUND, NB_EINVALID (it may not issue any); diag has the reason in the
// reference's words. [pool] or before the start: it may read files.
NB_MUST_USE int nnet_tls_context_find_issuer(const struct nnet_tls_context *context,
                                             struct slice *issuer, struct nb_diag *diag);

// Is this a name of the reference's configuration (both columns of spec 02 section 4.4)?
bool nnet_tls_is_cipher_name(const char *name, bool *is_insecure);
bool nnet_tls_is_curve_name(const char *name);
// All names in the reference's order, NULL-terminated.
const char *const *nnet_tls_cipher_names(void);
const char *const *nnet_tls_curve_names(void);

#ifdef __cplusplus
}
#endif
