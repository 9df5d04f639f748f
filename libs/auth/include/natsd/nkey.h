/* natsd/nkey.h - nkeys: Ed25519 key pairs (and X25519 ones, type X) as text that tells its
 * type by the first letter and protects itself by a checksum. Implements spec 03 section 1.1
 * and 1.2.
 *
 * A struct nauth_nkey is a public key, or a whole pair when it has the seed. Whoever holds a
 * seed calls nauth_nkey_fini(); for a public key alone that is allowed, not needed. Stricter
 * than the reference in one point: a text of another length than a key has is refused at
 * once, not only when its signature is checked.
 *
 * Threads: [any]; a key is plain data.
 * Errors:  NB_EMALFORMED with the reference's text in diag, which may be NULL. On any error
 *          *out is untouched and no copy of a secret is left in memory.
 */
#pragma once

#include <natsd/slice.h>

#ifdef __cplusplus
extern "C" {
#endif

enum nauth_nkey_type { // the first byte of a public key
    NAUTH_NKEY_ACCOUNT = 0x00,
    NAUTH_NKEY_CLUSTER = 0x10,
    NAUTH_NKEY_SERVER = 0x68,
    NAUTH_NKEY_OPERATOR = 0x70,
    NAUTH_NKEY_USER = 0xA0,
    NAUTH_NKEY_CURVE = 0xB8,
};

enum {
    NAUTH_NKEY_RAW_BYTES = 32,         // a public key, or a seed
    NAUTH_NKEY_PUBLIC_TEXT_BYTES = 56, // without the terminator
    NAUTH_NKEY_SEED_TEXT_BYTES = 58,   // without the terminator
    NAUTH_NKEY_SIGNATURE_BYTES = 64,
};

struct nauth_nkey {
    enum nauth_nkey_type type;
    bool has_seed; // can sign, if it is no curve key
    uint8_t public_key[NAUTH_NKEY_RAW_BYTES];
    uint8_t seed[NAUTH_NKEY_RAW_BYTES]; // secret
};

// A new pair from the system's random numbers. NB_EINVALID for a value that is no type.
NB_MUST_USE int nauth_nkey_create(enum nauth_nkey_type type, struct nauth_nkey *out);
// The pair that belongs to a seed. NB_EINVALID likewise.
NB_MUST_USE int nauth_nkey_create_from(enum nauth_nkey_type type,
                                       const uint8_t seed[NAUTH_NKEY_RAW_BYTES],
                                       struct nauth_nkey *out);
// Wipes. Fine on a zeroed key, and twice.
void nauth_nkey_fini(struct nauth_nkey *key);

// "SU...", "SA..." and so on.
NB_MUST_USE int nauth_nkey_parse_seed(struct slice text, struct nauth_nkey *out,
                                      struct nb_diag *diag);
// A public key of any type; all bits of the first byte count.
NB_MUST_USE int nauth_nkey_parse_public(struct slice text, struct nauth_nkey *out,
                                        struct nb_diag *diag);

// Would nauth_nkey_parse_public() take it?
bool nauth_nkey_is_public(struct slice text);
// Is it a public key of that type? The lowest three bits of its first byte are ignored here,
// as the reference does; they are zero in every key that anybody makes.
bool nauth_nkey_is_public_of(struct slice text, enum nauth_nkey_type type);

void nauth_nkey_public_text(const struct nauth_nkey *key,
                            char out[NAUTH_NKEY_PUBLIC_TEXT_BYTES + 1]);
// Secret: wipe it. Asserts that the key has a seed.
void nauth_nkey_seed_text(const struct nauth_nkey *key, char out[NAUTH_NKEY_SEED_TEXT_BYTES + 1]);

// NB_EINVALID for a curve key or one without a seed.
NB_MUST_USE int nauth_nkey_sign(const struct nauth_nkey *key, struct slice message,
                                uint8_t out[NAUTH_NKEY_SIGNATURE_BYTES]);
// NB_EINVALID for a curve key, NB_ECRYPTO for a signature that is not of this key and message
// or not of the right length.
NB_MUST_USE int nauth_nkey_verify(const struct nauth_nkey *key, struct slice message,
                                  struct slice signature);

#ifdef __cplusplus
}
#endif
