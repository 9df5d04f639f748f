/* claims_kind.h - what belongs to each kind of claims: its name in a token, who may sign it and
 * what it is about (the table of spec 03 section 3.2). Threads: [any].
 */
#pragma once

#include <natsd/claims.h>
#include <natsd/nkey.h>

enum {
    NAUTH__VERSION_GENERIC = -1,
    NAUTH__VERSION_LATEST = 2,
};

// The kind of this name; NAUTH_CLAIMS_GENERIC for any other.
enum nauth_claims_kind nauth__kind_of(struct slice name);
const char *nauth__kind_name(enum nauth_claims_kind kind);       // "" for generic
const char *nauth__kind_mismatch(enum nauth_claims_kind wanted); // "not user claim"
// Does the version have to be one that is known?
bool nauth__kind_has_version(enum nauth_claims_kind kind);
// `unable to validate expected prefixes - [...]` in diag unless a key of that type may sign.
NB_MUST_USE int nauth__kind_check_issuer(enum nauth_claims_kind kind, enum nauth_nkey_type issuer,
                                         struct nb_diag *diag);
// `expected subject to be ...` in diag.
NB_MUST_USE int nauth__kind_check_subject(enum nauth_claims_kind kind, struct slice subject,
                                          struct nb_diag *diag);
