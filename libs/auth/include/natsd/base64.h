/* natsd/base64.h - the two forms of base64 (RFC 4648) that NATS uses: base64url without
 * padding, in JWTs and for signatures, and standard base64 with padding, which is accepted
 * for signatures, too.
 *
 * Decoding follows the reference: CR and LF inside are skipped, unused bits of the last
 * character are not looked at, anything else is refused.
 *
 * Threads: [any].
 * Errors:  NB_EMALFORMED, NB_ELIMIT when `out` is full. On any error `out` is unchanged.
 */
#pragma once

#include <natsd/buf.h>

#ifdef __cplusplus
extern "C" {
#endif

// Both append to `out`.
NB_MUST_USE int nauth_base64url_encode(struct slice bytes, struct nb_buf *out);
NB_MUST_USE int nauth_base64url_decode(struct slice text, struct nb_buf *out);
// With padding, the alphabet with + and /.
NB_MUST_USE int nauth_base64_decode(struct slice text, struct nb_buf *out);

#ifdef __cplusplus
}
#endif
