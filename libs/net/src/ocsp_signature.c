#include "certificate_fields.h"
#include "ocsp_message.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/nid.h>
#include <openssl/obj.h>

// The digest of the algorithm, if it is one for keys of this type. *digest is NULL for those that
// hash by themselves.
static bool find_digest(struct slice algorithm, int key_type, const EVP_MD **digest)
{
    CBS cbs = nnet__slice_cbs(algorithm);
    CBS oid;
    int digest_nid;
    int key_nid;

    if (!CBS_get_asn1(&cbs, &oid, CBS_ASN1_OBJECT) ||
        !OBJ_find_sigid_algs(OBJ_cbs2nid(&oid), &digest_nid, &key_nid) || key_nid != key_type) {
        return false;
    }
    *digest = NULL;
    switch (digest_nid) {
    case NID_undef: // Ed25519
        return key_type == EVP_PKEY_ED25519;
    case NID_sha256:
    case NID_sha384:
    case NID_sha512:
        *digest = EVP_get_digestbynid(digest_nid);
        return *digest != NULL;
    default: // MD5 and SHA-1 can be forged
        return false;
    }
}

bool nnet__ocsp_is_signed(struct slice data, struct slice algorithm, struct slice signature,
                          struct slice key_info)
{
    CBS cbs = nnet__slice_cbs(key_info);
    EVP_PKEY *key = EVP_parse_public_key(&cbs);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    const EVP_MD *digest = NULL;
    bool is_signed = false;

    if (key != NULL && CBS_len(&cbs) == 0 && find_digest(algorithm, EVP_PKEY_id(key), &digest)) {
        is_signed = EVP_DigestVerifyInit(ctx, NULL, digest, NULL, key) == 1 &&
                    EVP_DigestVerify(ctx, signature.p, signature.n, data.p, data.n) == 1;
    }
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return is_signed;
}
