/* natsd/jwt.h - JWTs of NATS: decoding and verifying, validating, signing (spec 03 sections 3 to
 * 5). Version 2, and version 1 on input.
 *
 * Decoding checks form, version, signature and the type of the issuer, in the order of section
 * 3.2; neither expiry nor meaning: that is nauth_claims_validate(). Whether the issuer is trusted
 * is the caller's business.
 *
 * Ownership: decoded claims own all their texts (one arena); nauth_claims_fini() frees. Claims
 *   that somebody builds borrow theirs and need no fini.
 * Threads: [any].
 * Errors:  NB_EMALFORMED, NB_ECRYPTO, NB_ELIMIT, NB_EUNSUPPORTED with the reference's text in
 *   diag. On any error *out is untouched.
 */
#pragma once

#include <natsd/claims.h>
#include <natsd/nkey.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NAUTH_JWT_MAX_BYTES = 1024 * 1024,
};

// `want` is the kind that is expected: for another one "not user claim" and the like. With
// NAUTH_CLAIMS_GENERIC: section 3.2, generic decode, for a token of any kind. Both have the limit of
// size, which the reference's generic decode lacks.
NB_MUST_USE int nauth_jwt_decode(struct slice token, enum nauth_claims_kind want,
                                 struct nauth_claims *out, struct nb_diag *diag);

// Sets version 2, the issuer, the time of issue unless it is set, and the id (section 3.3), checks
// that issuer and subject are of the types that belong to the kind, and appends the token.
NB_MUST_USE int nauth_jwt_encode(const struct nauth_claims *claims, const struct nauth_nkey *signer,
                                 int64_t now_unix_s, struct nb_buf *out, struct nb_diag *diag);

// A JWT in a file: decorated or plain (section 2.2). Borrowed from `text`.
struct slice nauth_jwt_of_file(struct slice text);

#ifdef __cplusplus
}
#endif
