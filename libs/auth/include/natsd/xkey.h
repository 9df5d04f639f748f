/* natsd/xkey.h - sealed boxes between curve keys (spec 03 section 1.3): crypto_box of libsodium
 * behind "xkv1" and a nonce.
 *
 * Threads: [any].
 * Errors:  NB_EMALFORMED, NB_ECRYPTO or NB_EINVALID with the reference's text in diag, which may
 *   be NULL. A shared key of zeroes is refused. On any error `out` is unchanged.
 */
#pragma once

#include <natsd/buf.h>
#include <natsd/nkey.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NAUTH_XKEY_OVERHEAD_BYTES = 4 + 24 + 16,
};

// `own` has a seed. Both append to `out`, whose limit holds; `own` and `other` are type CURVE.
NB_MUST_USE int nauth_xkey_seal(const struct nauth_nkey *own, const struct nauth_nkey *other,
                                struct slice plain, struct nb_buf *out, struct nb_diag *diag);
NB_MUST_USE int nauth_xkey_open(const struct nauth_nkey *own, const struct nauth_nkey *other,
                                struct slice sealed, struct nb_buf *out, struct nb_diag *diag);

#ifdef __cplusplus
}
#endif
