#include <natsd/jwt.h>

#include "base32.h"
#include "claims_kind.h"
#include "claims_write.h"
#include "generic.h"

#include <natsd/base64.h>

#include <openssl/sha.h>

enum {
    ID_TEXT_BYTES = (SHA512_256_DIGEST_LENGTH * 8 + 4) / 5, // of base32
};

// Section 3.3: a hash of the standard claims alone, without an id.
static int make_id(const struct nauth_claims *claims, char out[ID_TEXT_BYTES])
{
    struct nauth_claims without = *claims;
    uint8_t digest[SHA512_256_DIGEST_LENGTH];
    struct nb_json_writer w;
    struct nb_buf text;
    int rc;

    without.id.n = 0;
    nb_buf_init(&text, NAUTH_JWT_MAX_BYTES);
    nb_json_begin(&w, &text, NB_JSON_COMPACT); // escapes as the reference does
    nb_json_object(&w);
    nauth__write_standard(&w, &without);
    nb_json_object_end(&w);
    rc = nb_json_end(&w);
    if (rc == NB_OK) {
        SHA512_256(nb_buf_slice(&text).p, nb_buf_slice(&text).n, digest);
        nauth__base32_encode(nb_slice_make(digest, sizeof(digest)), out);
    }
    nb_buf_fini(&text);
    return rc;
}

static int write_payload(const struct nauth_claims *claims, struct nb_buf *out,
                         struct nb_diag *diag)
{
    struct nb_json_writer w;

    nb_json_begin(&w, out, NB_JSON_COMPACT);
    nb_json_object(&w);
    nauth__write_standard(&w, claims);
    nb_json_key(&w, "nats");
    if (claims->kind == NAUTH_CLAIMS_GENERIC) {
        int rc = nauth__generic_write(&w, claims->generic, diag);

        if (rc < 0) {
            return rc;
        }
    } else {
        nauth__write_nats(&w, claims, NAUTH__VERSION_LATEST);
    }
    nb_json_object_end(&w);
    return nb_json_end(&w);
}

static int sign(struct slice payload, const struct nauth_nkey *signer, struct nb_buf *token)
{
    uint8_t signature[NAUTH_NKEY_SIGNATURE_BYTES];
    int rc = nauth_base64url_encode(NB_SLICE("{\"typ\":\"JWT\",\"alg\":\"ed25519-nkey\"}"), token);

    if (rc == NB_OK) {
        rc = nb_buf_append(token, NB_SLICE("."));
    }
    if (rc == NB_OK) {
        rc = nauth_base64url_encode(payload, token);
    }
    if (rc == NB_OK) {
        rc = nauth_nkey_sign(signer, nb_buf_slice(token), signature);
    }
    if (rc == NB_OK) {
        rc = nb_buf_append(token, NB_SLICE("."));
    }
    return rc < 0 ? rc : nauth_base64url_encode(nb_slice_make(signature, sizeof(signature)), token);
}

static int encode(const struct nauth_claims *claims, const struct nauth_nkey *signer,
                  struct nb_buf *out, struct nb_diag *diag)
{
    struct nb_buf payload;
    struct nb_buf token; // so that `out` has all or nothing
    int rc;

    nb_buf_init(&payload, NAUTH_JWT_MAX_BYTES);
    nb_buf_init(&token, NAUTH_JWT_MAX_BYTES);
    rc = write_payload(claims, &payload, diag);
    if (rc == NB_OK) {
        rc = sign(nb_buf_slice(&payload), signer, &token);
    }
    if (rc == NB_OK) {
        rc = nb_buf_append(out, nb_buf_slice(&token));
    }
    if (rc == NB_ELIMIT) {
        nb_diag_set(diag, "token too large");
    }
    nb_buf_wipe_fini(&payload); // there are passwords in a request
    nb_buf_wipe_fini(&token);
    return rc;
}

int nauth_jwt_encode(const struct nauth_claims *claims, const struct nauth_nkey *signer,
                     int64_t now_unix_s, struct nb_buf *out, struct nb_diag *diag)
{
    char issuer[NAUTH_NKEY_PUBLIC_TEXT_BYTES + 1];
    char id[ID_TEXT_BYTES];
    struct nauth_claims signed_claims = *claims;
    int rc = nauth__kind_check_issuer(claims->kind, signer->type, diag);

    if (rc == NB_OK) {
        rc = nauth__kind_check_subject(claims->kind, claims->subject, diag);
    }
    if (rc < 0) {
        return rc;
    }
    nauth_nkey_public_text(signer, issuer);
    signed_claims.issuer = nb_slice_of(issuer);
    if (signed_claims.issued_at == 0) {
        signed_claims.issued_at = now_unix_s;
    }
    rc = make_id(&signed_claims, id);
    if (rc == NB_OK) {
        signed_claims.id = nb_slice_make(id, sizeof(id));
        rc = encode(&signed_claims, signer, out, diag);
    }
    return rc;
}
