/* token_fixture.h - keys made of a number, and JWTs of accounts that they sign; keys and tokens of
 * spec 03 sections 6.1 and 6.4.
 */
#pragma once

#include <natsd/jwt.h>

#include "nb_test.h"

#define O_KEY "OAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3QZVT"
#define A_KEY "AAU2ZOXBIG6MV4FSFYNJJU2NBPDTMHSSNUF74EWIS6KLZEZCSZW5OICT"
#define U_KEY "UASUHOJP6EEVKEKHNLOIG2O3NXOJGNTFUEMXRXNBIBHOCBTMVFKZ3BWH"
#define ASK_KEY "ADVEU3DD4KOFECV66VIHWEZOYX4ZKR3WV27L464SIIPOU2IUI3JCZW22"

#define JWT_OPERATOR                                                                             \
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.eyJqdGkiOiJLSUlNUDNWUVg0V1lYTjdEVlFTTVNMTUl" \
    "TWjUzUFhPUlVWNUVYRlpZVkkyM0lVVEVKTUJBIiwiaWF0IjoxNzAwMDAwMDAwLCJpc3MiOiJPQUIyQ0I1NzZQSEJCU" \
    "FE1T0RPUlJaMkxZQ01XUFpHV0dDTjJLREs3RFhPSU1aQVNLVVkzUVpWVCIsIm5hbWUiOiJURVNUT1AiLCJzdWIiOiJ" \
    "PQUIyQ0I1NzZQSEJCUFE1T0RPUlJaMkxZQ01XUFpHV0dDTjJLREs3RFhPSU1aQVNLVVkzUVpWVCIsIm5hdHMiOnsic" \
    "3lzdGVtX2FjY291bnQiOiJBQVUyWk9YQklHNk1WNEZTRllOSkpVMk5CUERUTUhTU05VRjc0RVdJUzZLTFpFWkNTWlc" \
    "1T0lDVCIsInR5cGUiOiJvcGVyYXRvciIsInZlcnNpb24iOjJ9fQ.BRk1SQMy1NZ2HBHgYdqOHEHB5hHcqSBsZZQsA_" \
    "eZIWixBKgL0Er9BSf_COCEWpT1WrW4v-hwRQxGp9PwzkYcDw"

#define JWT_ACCOUNT                                                                              \
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.eyJqdGkiOiJJWkJENU00REhYSzRFSTZWSk9KR09FRUt" \
    "TSVYzTEw1MkZYRFlHNElVVldFTFlFM0RGTFpBIiwiaWF0IjoxNzAwMDAwMDAwLCJpc3MiOiJPQUIyQ0I1NzZQSEJCU" \
    "FE1T0RPUlJaMkxZQ01XUFpHV0dDTjJLREs3RFhPSU1aQVNLVVkzUVpWVCIsIm5hbWUiOiJURVNUQUNDIiwic3ViIjo" \
    "iQUFVMlpPWEJJRzZNVjRGU0ZZTkpKVTJOQlBEVE1IU1NOVUY3NEVXSVM2S0xaRVpDU1pXNU9JQ1QiLCJuYXRzIjp7I" \
    "mxpbWl0cyI6eyJzdWJzIjotMSwiZGF0YSI6LTEsInBheWxvYWQiOi0xLCJpbXBvcnRzIjotMSwiZXhwb3J0cyI6LTE" \
    "sIndpbGRjYXJkcyI6dHJ1ZSwiY29ubiI6LTEsImxlYWYiOi0xfSwiZGVmYXVsdF9wZXJtaXNzaW9ucyI6eyJwdWIiO" \
    "nt9LCJzdWIiOnt9fSwiYXV0aG9yaXphdGlvbiI6e30sInR5cGUiOiJhY2NvdW50IiwidmVyc2lvbiI6Mn19.OXzWes" \
    "E42ZJkZKzMv8uWZVldJY7HmLHcXsKnljjnOzLS8TBAfJaN-IR58NW89c1HGRlY9xE5ZMWfIwXW_EKCDg"

#define FIXTURE_NOW_S INT64_C(1700000000)

struct fixture_key {
    struct nauth_nkey key;
    char text[NAUTH_NKEY_PUBLIC_TEXT_BYTES + 1];
};

// The same number makes the same key.
static inline struct fixture_key fixture_key(enum nauth_nkey_type type, unsigned number)
{
    uint8_t seed[NAUTH_NKEY_RAW_BYTES] = {(uint8_t)number, (uint8_t)(number >> 8)};
    struct fixture_key made;

    assert_int_equal(nauth_nkey_create_from(type, seed, &made.key), NB_OK);
    nauth_nkey_public_text(&made.key, made.text);
    return made;
}

// Owned.
static inline struct slice fixture_sign(struct nauth_claims *claims,
                                        const struct fixture_key *signer)
{
    struct nb_diag diag = {""};
    struct nb_buf out;

    nb_buf_init(&out, NAUTH_JWT_MAX_BYTES);
    if (nauth_jwt_encode(claims, &signer->key, FIXTURE_NOW_S, &out, &diag) != NB_OK) {
        fail_msg("%s", diag.text);
    }
    return nb_buf_take(&out);
}

// Owned. Signed by operator 1.
static inline struct slice fixture_account(const struct fixture_key *account, const char *name,
                                           int64_t issued_at, int64_t expires)
{
    struct fixture_key op = fixture_key(NAUTH_NKEY_OPERATOR, 1);
    struct nauth_claims claims = {
        .kind = NAUTH_CLAIMS_ACCOUNT,
        .subject = nb_slice_of(account->text),
        .name = nb_slice_of(name),
        .issued_at = issued_at,
        .expires = expires,
        .account.limits = {.subs = -1,
                           .data = -1,
                           .payload = -1,
                           .imports = -1,
                           .exports = -1,
                           .conn = -1,
                           .leaf = -1,
                           .wildcards = true},
    };

    return fixture_sign(&claims, &op);
}
