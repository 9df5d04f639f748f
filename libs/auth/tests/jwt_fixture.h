/* jwt_fixture.h - tokens of any header and payload, signed by the keys of the specification. */
#pragma once

#include <natsd/base64.h>
#include <natsd/jwt.h>

#include "jwt_vectors.h"
#include "nb_test.h"

#define V2_HEADER "{\"typ\":\"JWT\",\"alg\":\"ed25519-nkey\"}"

static inline void sign_part(struct nb_buf *token, struct slice message, const char *seed)
{
    uint8_t signature[NAUTH_NKEY_SIGNATURE_BYTES];
    struct nauth_nkey key = {0};

    assert_int_equal(nauth_nkey_parse_seed(nb_slice_of(seed), &key, NULL), NB_OK);
    assert_int_equal(nauth_nkey_sign(&key, message, signature), NB_OK);
    nb_buf_must_text(token, ".");
    assert_int_equal(nauth_base64url_encode(nb_slice_make(signature, sizeof(signature)), token),
                     NB_OK);
    nauth_nkey_fini(&key);
}

// Owned. Signed as version 2: over header and payload.
static inline struct slice token_with_header(const char *header, struct slice payload,
                                             const char *seed)
{
    struct nb_buf token;
    struct slice copy;

    nb_buf_init(&token, 4 * NAUTH_JWT_MAX_BYTES);
    assert_int_equal(nauth_base64url_encode(nb_slice_of(header), &token), NB_OK);
    nb_buf_must_text(&token, ".");
    assert_int_equal(nauth_base64url_encode(payload, &token), NB_OK);
    copy = nb_slice_dup(nb_buf_slice(&token));
    sign_part(&token, copy, seed);
    nb_slice_free(&copy);
    return nb_buf_take(&token);
}

// Owned. Signed as version 1: over the payload alone.
static inline struct slice v1_token_of(const char *payload, const char *seed)
{
    struct nb_buf encoded;
    struct nb_buf token;

    nb_buf_init(&encoded, NAUTH_JWT_MAX_BYTES);
    nb_buf_init(&token, NAUTH_JWT_MAX_BYTES);
    assert_int_equal(nauth_base64url_encode(nb_slice_of(payload), &encoded), NB_OK);
    assert_int_equal(
        nauth_base64url_encode(NB_SLICE("{\"typ\":\"jwt\",\"alg\":\"ed25519\"}"), &token), NB_OK);
    nb_buf_must_text(&token, ".");
    nb_buf_must(&token, nb_buf_slice(&encoded));
    sign_part(&token, nb_buf_slice(&encoded), seed);
    nb_buf_fini(&encoded);
    return nb_buf_take(&token);
}

static inline struct slice token_of(const char *payload, const char *seed)
{
    return token_with_header(V2_HEADER, nb_slice_of(payload), seed);
}

// Decodes a payload that has to be fine; claims are the caller's to fini.
static inline struct nauth_claims claims_of(enum nauth_claims_kind kind, const char *payload,
                                            const char *seed)
{
    struct slice token = token_of(payload, seed);
    struct nauth_claims claims = {.kind = NAUTH_CLAIMS_GENERIC};
    struct nb_diag diag = {""};

    if (nauth_jwt_decode(token, kind, &claims, &diag) < 0) {
        fail_msg("%s: %s", payload, diag.text);
    }
    nb_slice_free(&token);
    return claims;
}

#define USER_OF(nats)                                                               \
    "{\"iss\":\"" A_KEY "\",\"sub\":\"" U_KEY "\",\"name\":\"bob\",\"nats\":{" nats \
    "\"type\":\"user\",\"version\":2}}"
#define ACCOUNT_OF(nats)                                                             \
    "{\"iss\":\"" O_KEY "\",\"sub\":\"" A_KEY "\",\"name\":\"acme\",\"nats\":{" nats \
    "\"type\":\"account\",\"version\":2}}"
#define OPERATOR_OF(nats)                                                          \
    "{\"iss\":\"" O_KEY "\",\"sub\":\"" O_KEY "\",\"name\":\"op\",\"nats\":{" nats \
    "\"type\":\"operator\",\"version\":2}}"
