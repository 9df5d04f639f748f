/* ocsp_replies.h - OCSP responses for tests, made and signed on the spot. What is wrong with them
 * is chosen in the options. A failure here is the test's own and ends it.
 */
#pragma once

#include "net_certs.h"

#include <natsd/clock.h>
#include <natsd/ocsp.h>

#include <openssl/bytestring.h>
#include <openssl/mem.h>

struct reply_opts {
    const struct cert *cert;
    const struct cert *issuer;
    const struct cert *signer; // NULL: the issuer; another one is embedded
    enum nnet_ocsp_status status;
    int64_t this_update_s;
    int64_t next_update_s; // 0: none
    uint8_t refusal;       // instead of an answer
    bool names_by_sha256;
    bool signs_with_sha1;
    bool hides_signer; // not embedded
    bool has_bad_signature;
    bool is_about_another;
};

static inline int64_t reply_now_s(void)
{
    return nb_wall_now().ns / NB_NS_PER_S;
}

static inline struct slice reply_hash(struct slice bytes, const EVP_MD *md, uint8_t *out)
{
    unsigned n;

    assert_int_equal(EVP_Digest(bytes.p, bytes.n, out, &n, md, NULL), 1);
    return nb_slice_make(out, n);
}

static inline void reply_add(CBB *parent, unsigned tag, struct slice bytes)
{
    CBB child;

    assert_true(CBB_add_asn1(parent, &child, tag) && CBB_add_bytes(&child, bytes.p, bytes.n) &&
                CBB_flush(parent));
}

static inline void reply_add_time(CBB *parent, int64_t seconds)
{
    time_t t = (time_t)seconds;
    struct tm tm;
    char text[32];

    assert_non_null(gmtime_r(&t, &tm));
    assert_int_equal(strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", &tm), 15);
    reply_add(parent, CBS_ASN1_GENERALIZEDTIME, nb_slice_of(text));
}

static inline void reply_add_algorithm(CBB *parent, int nid)
{
    CBB algorithm;

    assert_true(CBB_add_asn1(parent, &algorithm, CBS_ASN1_SEQUENCE) &&
                OBJ_nid2cbb(&algorithm, nid) && CBB_flush(parent));
}

static inline void reply_add_id(CBB *parent, const struct reply_opts *opts)
{
    const EVP_MD *md = opts->names_by_sha256 ? EVP_sha256() : EVP_sha1();
    const ASN1_BIT_STRING *key = X509_get0_pubkey_bitstr(opts->issuer->x509);
    uint8_t *number = NULL;
    int number_n = i2d_ASN1_INTEGER(X509_get0_serialNumber(opts->cert->x509), &number);
    uint8_t *name = NULL;
    int name_n = i2d_X509_NAME(X509_get_subject_name(opts->issuer->x509), &name);
    uint8_t digest[EVP_MAX_MD_SIZE];
    CBB id;

    assert_true(name_n > 0);
    assert_true(CBB_add_asn1(parent, &id, CBS_ASN1_SEQUENCE));
    reply_add_algorithm(&id, EVP_MD_type(md));
    reply_add(&id, CBS_ASN1_OCTETSTRING,
              reply_hash(nb_slice_make(name, (size_t)name_n), md, digest));
    reply_add(&id, CBS_ASN1_OCTETSTRING,
              reply_hash(nb_slice_make(key->data, (size_t)key->length), md, digest));
    if (opts->is_about_another) {
        reply_add(&id, CBS_ASN1_INTEGER, NB_SLICE("\x07"));
    } else {
        assert_true(number_n > 0 && CBB_add_bytes(&id, number, (size_t)number_n));
    }
    assert_true(CBB_flush(parent));
    OPENSSL_free(number);
    OPENSSL_free(name);
}

static inline void reply_add_single(CBB *parent, const struct reply_opts *opts)
{
    CBB single;
    CBB child;

    assert_true(CBB_add_asn1(parent, &single, CBS_ASN1_SEQUENCE));
    reply_add_id(&single, opts);
    if (opts->status == NNET_OCSP_REVOKED) {
        assert_true(
            CBB_add_asn1(&single, &child, CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 1));
        reply_add_time(&child, opts->this_update_s);
    } else {
        reply_add(&single, CBS_ASN1_CONTEXT_SPECIFIC | (opts->status == NNET_OCSP_GOOD ? 0u : 2u),
                  nb_slice_make("", 0));
    }
    reply_add_time(&single, opts->this_update_s);
    if (opts->next_update_s != 0) {
        assert_true(
            CBB_add_asn1(&single, &child, CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 0));
        reply_add_time(&child, opts->next_update_s);
    }
    assert_true(CBB_flush(parent));
}

static inline struct slice reply_make_tbs(const struct reply_opts *opts)
{
    uint8_t *der = NULL;
    size_t n;
    CBB root;
    CBB data;
    CBB child;
    struct slice tbs;

    assert_true(CBB_init(&root, 256) && CBB_add_asn1(&root, &data, CBS_ASN1_SEQUENCE));
    assert_true(CBB_add_asn1(&data, &child, CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 2));
    reply_add(&child, CBS_ASN1_OCTETSTRING, NB_SLICE("01234567890123456789")); // nobody looks
    reply_add_time(&data, opts->this_update_s);
    assert_true(CBB_add_asn1(&data, &child, CBS_ASN1_SEQUENCE));
    reply_add_single(&child, opts);
    assert_true(CBB_finish(&root, &der, &n));
    tbs = nb_slice_dup(nb_slice_make(der, n));
    OPENSSL_free(der);
    return tbs;
}

static inline void reply_add_signature(CBB *basic, struct slice tbs, const struct reply_opts *opts)
{
    const struct cert *signer = opts->signer != NULL ? opts->signer : opts->issuer;
    const EVP_MD *md = opts->signs_with_sha1 ? EVP_sha1() : EVP_sha256();
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    uint8_t signature[1 + 512] = {0}; // no unused bits
    size_t n = sizeof(signature) - 1;
    int nid;

    assert_true(OBJ_find_sigid_by_algs(&nid, EVP_MD_type(md), EVP_PKEY_id(signer->key)));
    reply_add_algorithm(basic, nid);
    assert_int_equal(EVP_DigestSignInit(ctx, NULL, md, NULL, signer->key), 1);
    assert_int_equal(EVP_DigestSign(ctx, signature + 1, &n, tbs.p, tbs.n), 1);
    if (opts->has_bad_signature) {
        signature[n] ^= 1; // the last byte
    }
    reply_add(basic, CBS_ASN1_BITSTRING, nb_slice_make(signature, n + 1));
    EVP_MD_CTX_free(ctx);
}

static inline void reply_add_basic(CBB *parent, const struct reply_opts *opts)
{
    struct slice tbs = reply_make_tbs(opts);
    CBB basic;
    CBB wrapped;
    CBB certs;

    assert_true(CBB_add_asn1(parent, &basic, CBS_ASN1_SEQUENCE));
    assert_true(CBB_add_bytes(&basic, tbs.p, tbs.n));
    reply_add_signature(&basic, tbs, opts);
    if (opts->signer != NULL && !opts->hides_signer) {
        struct slice der = cert_der(opts->signer);

        assert_true(
            CBB_add_asn1(&basic, &wrapped, CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 0) &&
            CBB_add_asn1(&wrapped, &certs, CBS_ASN1_SEQUENCE) &&
            CBB_add_bytes(&certs, der.p, der.n));
        nb_slice_free(&der);
    }
    assert_true(CBB_flush(parent));
    nb_slice_free(&tbs);
}

// Owned.
static inline struct slice reply_make(const struct reply_opts *opts)
{
    static const uint8_t basic_oid[] = {0x2B, 6, 1, 5, 5, 7, 0x30, 1, 1};
    uint8_t *der = NULL;
    size_t n;
    CBB root;
    CBB outer;
    CBB wrapped;
    CBB bytes;
    CBB octets;
    struct slice response;

    assert_true(CBB_init(&root, 1024) && CBB_add_asn1(&root, &outer, CBS_ASN1_SEQUENCE));
    reply_add(&outer, CBS_ASN1_ENUMERATED, nb_slice_make(&opts->refusal, 1));
    if (opts->refusal == 0) {
        assert_true(
            CBB_add_asn1(&outer, &wrapped, CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 0) &&
            CBB_add_asn1(&wrapped, &bytes, CBS_ASN1_SEQUENCE));
        reply_add(&bytes, CBS_ASN1_OBJECT, nb_slice_make(basic_oid, sizeof(basic_oid)));
        assert_true(CBB_add_asn1(&bytes, &octets, CBS_ASN1_OCTETSTRING));
        reply_add_basic(&octets, opts);
    }
    assert_true(CBB_finish(&root, &der, &n));
    response = nb_slice_dup(nb_slice_make(der, n));
    OPENSSL_free(der);
    return response;
}
