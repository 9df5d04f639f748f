/* sign_claims.h - JWTs of any claims, signed by keys made of a number: no fuzzer finds a signature. */
#pragma once

#include <natsd/base64.h>
#include <natsd/jwt.h>

#include <assert.h>

static inline struct nauth_nkey sign_key(enum nauth_nkey_type type, uint8_t number)
{
    uint8_t seed[NAUTH_NKEY_RAW_BYTES] = {number};
    struct nauth_nkey key;
    int rc = nauth_nkey_create_from(type, seed, &key);

    assert(rc == NB_OK);
    return key;
}

static inline void sign_part(struct slice part, struct nb_buf *out)
{
    int rc = nauth_base64url_encode(part, out);

    assert(rc == NB_OK); // there is room
}

// Replaces what is in `out`. The claims are taken as they are.
static inline void sign_claims(struct slice claims, const struct nauth_nkey *signer,
                               struct nb_buf *out)
{
    uint8_t signature[NAUTH_NKEY_SIGNATURE_BYTES];
    int rc;

    nb_buf_clear(out);
    sign_part(NB_SLICE("{\"typ\":\"JWT\",\"alg\":\"ed25519-nkey\"}"), out);
    nb_buf_must_text(out, ".");
    sign_part(claims, out);
    rc = nauth_nkey_sign(signer, nb_buf_slice(out), signature);
    assert(rc == NB_OK);
    nb_buf_must_text(out, ".");
    sign_part(nb_slice_make(signature, sizeof(signature)), out);
}
