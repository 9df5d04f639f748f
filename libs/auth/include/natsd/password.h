/* natsd/password.h - passwords and tokens against what is configured for them, which is
 * either the secret itself or its bcrypt hash. Implements spec 03 section 10.2.
 *
 * Threads: [any], but a bcrypt hash costs what its author wanted, from a millisecond to hours:
 *          check those in [pool].
 */
#pragma once

#include <natsd/slice.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NAUTH_PASSWORD_BCRYPT_MAX_BYTES = 72, // of a password; bcrypt does not see what follows
    NAUTH_PASSWORD_HASH_BYTES = 60,       // without the terminator
    NAUTH_PASSWORD_COST_MIN = 4,
    NAUTH_PASSWORD_COST_MAX = 31,
};

// Begins as a bcrypt hash does: $2a$, $2b$, $2x$ or $2y$, two digits, $.
bool nauth_password_is_bcrypt(struct slice stored);

// Does `given` match? A hash that is malformed matches nothing, nor does a password with a NUL
// inside match a hash. Plain secrets are compared in constant time for equal lengths; an empty
// one is matched by an empty one.
bool nauth_password_check(struct slice stored, struct slice given);

// [pool] A hash for a configuration ($2a$) with a salt from the system's random numbers.
// NB_EINVALID for a cost out of range, a NUL in the password, or one longer than bcrypt sees.
NB_MUST_USE int nauth_password_hash(struct slice password, unsigned cost,
                                    char out[NAUTH_PASSWORD_HASH_BYTES + 1]);

#ifdef __cplusplus
}
#endif
