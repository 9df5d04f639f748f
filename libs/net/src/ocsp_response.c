#include "certificate_fields.h"
#include "ocsp_message.h"

#include <natsd/ocsp.h>

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

enum {
    TAG_0 = CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 0,
    TAG_1 = CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 1,
    TAG_2 = CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 2,
    TAG_GOOD = CBS_ASN1_CONTEXT_SPECIFIC | 0,
    TAG_REVOKED = TAG_1,
    TAG_UNKNOWN = CBS_ASN1_CONTEXT_SPECIFIC | 2,
    SIGNERS_MAX = 8, // certificates in a response that are tried
};

static const struct slice oid_basic = {(const uint8_t *)"\x2B\x06\x01\x05\x05\x07\x30\x01\x01", 9};
static const struct slice oid_key_usage = {(const uint8_t *)"\x55\x1D\x25", 3};
static const struct slice oid_ocsp_signing = {(const uint8_t *)"\x2B\x06\x01\x05\x05\x07\x03\x09",
                                              8};

// A response, taken apart as far as its signature covers it.
struct response {
    struct slice tbs; // with its header
    CBS singles;
    struct slice algorithm;
    struct slice signature;
    CBS certs;
};

static int fail(struct nb_diag *diag, int rc, const char *text)
{
    nb_diag_set(diag, "%s", text);
    return rc;
}

// Frame.

static const char *refusal_text(uint8_t code)
{
    static const char *const texts[] = {
        [1] = "malformed", [2] = "internal error",     [3] = "try later",
        [4] = NULL,        [5] = "signature required", [6] = "unauthorized",
    };

    return code < NB_ARRAY_LEN(texts) && texts[code] != NULL ? texts[code] : "unknown error";
}

static int read_frame(struct slice der, CBS *basic, struct nb_diag *diag)
{
    CBS outer = nnet__slice_cbs(der);
    CBS body;
    CBS code;
    CBS wrapped;
    CBS bytes;
    CBS oid;
    CBS octets;
    uint8_t refusal;

    if (!CBS_get_asn1(&outer, &body, CBS_ASN1_SEQUENCE) || CBS_len(&outer) != 0 ||
        !CBS_get_asn1(&body, &code, CBS_ASN1_ENUMERATED) || !CBS_get_u8(&code, &refusal) ||
        CBS_len(&code) != 0) {
        return fail(diag, NB_EMALFORMED, "ocsp: malformed response");
    }
    if (refusal != 0) {
        nb_diag_set(diag, "ocsp: error from server: %s", refusal_text(refusal));
        return NB_ENOTFOUND;
    }
    if (!CBS_get_asn1(&body, &wrapped, TAG_0) ||
        !CBS_get_asn1(&wrapped, &bytes, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(&bytes, &oid, CBS_ASN1_OBJECT) ||
        !CBS_get_asn1(&bytes, &octets, CBS_ASN1_OCTETSTRING) ||
        !nb_slice_equal(nnet__cbs_slice(&oid), oid_basic) ||
        !CBS_get_asn1(&octets, basic, CBS_ASN1_SEQUENCE) || CBS_len(&octets) != 0) {
        return fail(diag, NB_EMALFORMED, "ocsp: malformed response");
    }
    return NB_OK;
}

static bool read_tbs(struct slice tbs, CBS *singles)
{
    CBS outer = nnet__slice_cbs(tbs);
    CBS data;
    unsigned responder_tag;
    CBS responder;

    return CBS_get_asn1(&outer, &data, CBS_ASN1_SEQUENCE) &&
           CBS_get_optional_asn1(&data, NULL, NULL, TAG_0) && // version
           CBS_get_any_asn1(&data, &responder, &responder_tag) &&
           (responder_tag == TAG_1 || responder_tag == TAG_2) &&
           CBS_get_asn1(&data, NULL, CBS_ASN1_GENERALIZEDTIME) &&
           CBS_get_asn1(&data, singles, CBS_ASN1_SEQUENCE);
}

static bool read_basic(CBS *basic, struct response *out)
{
    CBS tbs;
    CBS algorithm;
    CBS signature;
    CBS wrapped;
    uint8_t unused;
    int has_certs = 0;

    CBS_init(&out->certs, NULL, 0);
    if (!CBS_get_asn1_element(basic, &tbs, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(basic, &algorithm, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(basic, &signature, CBS_ASN1_BITSTRING) || !CBS_get_u8(&signature, &unused) ||
        unused != 0 || !CBS_get_optional_asn1(basic, &wrapped, &has_certs, TAG_0) ||
        (has_certs != 0 && !CBS_get_asn1(&wrapped, &out->certs, CBS_ASN1_SEQUENCE))) {
        return false;
    }
    out->tbs = nnet__cbs_slice(&tbs);
    out->algorithm = nnet__cbs_slice(&algorithm);
    out->signature = nnet__cbs_slice(&signature);
    return read_tbs(out->tbs, &out->singles);
}

// The one among the answers that is about the certificate.

static struct slice digest_of(struct slice bytes, bool is_sha256, uint8_t out[SHA256_DIGEST_LENGTH])
{
    if (is_sha256) {
        SHA256(bytes.p, bytes.n, out);
        return nb_slice_make(out, SHA256_DIGEST_LENGTH);
    }
    SHA1(bytes.p, bytes.n, out);
    return nb_slice_make(out, SHA_DIGEST_LENGTH);
}

static bool is_about(CBS id, const struct nnet__certificate *cert,
                     const struct nnet__certificate *issuer)
{
    uint8_t digest[SHA256_DIGEST_LENGTH];
    CBS algorithm;
    CBS oid;
    CBS name;
    CBS key;
    CBS serial;
    bool is_sha256;

    if (!CBS_get_asn1(&id, &algorithm, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(&algorithm, &oid, CBS_ASN1_OBJECT) ||
        !CBS_get_asn1(&id, &name, CBS_ASN1_OCTETSTRING) ||
        !CBS_get_asn1(&id, &key, CBS_ASN1_OCTETSTRING) ||
        !CBS_get_asn1(&id, &serial, CBS_ASN1_INTEGER)) {
        return false;
    }
    is_sha256 = nb_slice_equal(nnet__cbs_slice(&oid), nnet__ocsp_oid_sha256);
    return (is_sha256 || nb_slice_equal(nnet__cbs_slice(&oid), nnet__ocsp_oid_sha1)) &&
           nb_slice_equal(nnet__cbs_slice(&serial), cert->serial) &&
           nb_slice_equal(nnet__cbs_slice(&name), digest_of(issuer->subject, is_sha256, digest)) &&
           nb_slice_equal(nnet__cbs_slice(&key), digest_of(issuer->key_bits, is_sha256, digest));
}

static bool read_time(CBS *cbs, int64_t *seconds)
{
    CBS time;

    return CBS_get_asn1(cbs, &time, CBS_ASN1_GENERALIZEDTIME) &&
           nnet__ocsp_read_time(nnet__cbs_slice(&time), seconds);
}

static bool read_status(CBS *single, struct nnet_ocsp_answer *answer)
{
    CBS status;
    unsigned tag;

    if (!CBS_get_any_asn1(single, &status, &tag)) {
        return false;
    }
    switch (tag) {
    case TAG_GOOD:
        answer->status = NNET_OCSP_GOOD;
        return true;
    case TAG_REVOKED:
        answer->status = NNET_OCSP_REVOKED;
        return read_time(&status, &answer->revoked_at_s);
    case TAG_UNKNOWN:
        answer->status = NNET_OCSP_UNKNOWN;
        return true;
    default:
        return false;
    }
}

static bool read_single(CBS *single, struct nnet_ocsp_answer *answer)
{
    CBS wrapped;
    int has_next = 0;

    return read_status(single, answer) && read_time(single, &answer->this_update_s) &&
           CBS_get_optional_asn1(single, &wrapped, &has_next, TAG_0) &&
           (has_next == 0 || read_time(&wrapped, &answer->next_update_s));
}

static int find_answer(CBS singles, const struct nnet__certificate *cert,
                       const struct nnet__certificate *issuer, struct nnet_ocsp_answer *answer,
                       struct nb_diag *diag)
{
    while (CBS_len(&singles) > 0) {
        CBS single;
        CBS id;

        if (!CBS_get_asn1(&singles, &single, CBS_ASN1_SEQUENCE) ||
            !CBS_get_asn1(&single, &id, CBS_ASN1_SEQUENCE)) {
            return fail(diag, NB_EMALFORMED, "ocsp: malformed response");
        }
        if (is_about(id, cert, issuer)) {
            return read_single(&single, answer)
                       ? NB_OK
                       : fail(diag, NB_EMALFORMED, "ocsp: malformed response");
        }
    }
    return fail(diag, NB_ENOTFOUND, "ocsp: no response matching the supplied certificate");
}

// Who signed.

static bool may_sign_responses(const struct nnet__certificate *signer)
{
    struct slice value;
    CBS outer;
    CBS usages;
    CBS usage;

    if (!nnet__certificate_find_extension(signer, oid_key_usage, &value)) {
        return false;
    }
    outer = nnet__slice_cbs(value);
    if (!CBS_get_asn1(&outer, &usages, CBS_ASN1_SEQUENCE)) {
        return false;
    }
    while (CBS_get_asn1(&usages, &usage, CBS_ASN1_OBJECT)) {
        if (nb_slice_equal(nnet__cbs_slice(&usage), oid_ocsp_signing)) {
            return true;
        }
    }
    return false;
}

// Is the signer's certificate issued by the issuer, and now valid?
static bool is_issued_by(struct slice signer_der, const struct nnet__certificate *issuer,
                         int64_t now_s)
{
    const uint8_t *p = signer_der.p;
    CBS key_info = nnet__slice_cbs(issuer->key_info);
    X509 *signer = d2i_X509(NULL, &p, (long)signer_der.n);
    EVP_PKEY *key = EVP_parse_public_key(&key_info);
    time_t now = (time_t)now_s;
    bool is_issued = signer != NULL && key != NULL && X509_verify(signer, key) == 1 &&
                     X509_cmp_time(X509_get0_notBefore(signer), &now) < 0 &&
                     X509_cmp_time(X509_get0_notAfter(signer), &now) > 0;

    X509_free(signer);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return is_issued;
}

static int check_delegate(const struct response *response, struct slice signer_der,
                          const struct nnet__certificate *issuer, int64_t now_s,
                          struct nb_diag *diag)
{
    struct nnet__certificate signer;

    if (nnet__certificate_read(signer_der, &signer) != NB_OK ||
        !nnet__ocsp_is_signed(response->tbs, response->algorithm, response->signature,
                              signer.key_info)) {
        return fail(diag, NB_ECRYPTO, "bad OCSP signature");
    }
    if (!nb_slice_equal(signer.issuer, issuer->subject) ||
        !is_issued_by(signer_der, issuer, now_s)) {
        return fail(diag, NB_ECRYPTO, "bad signature on embedded certificate");
    }
    if (!may_sign_responses(&signer)) {
        return fail(diag, NB_EDENIED,
                    "OCSP staple's signer missing authorization by CA to act as OCSP signer");
    }
    return NB_OK;
}

static int check_signature(const struct response *response, const struct nnet__certificate *issuer,
                           int64_t now_s, bool *is_delegated, struct nb_diag *diag)
{
    CBS certs = response->certs;
    CBS signer;
    int rc;

    *is_delegated = false;
    if (nnet__ocsp_is_signed(response->tbs, response->algorithm, response->signature,
                             issuer->key_info)) {
        return NB_OK;
    }
    rc = fail(diag, NB_ECRYPTO, "bad OCSP signature");
    for (unsigned i = 0;
         i < SIGNERS_MAX && rc != NB_OK && CBS_get_asn1_element(&certs, &signer, CBS_ASN1_SEQUENCE);
         i++) {
        rc = check_delegate(response, nnet__cbs_slice(&signer), issuer, now_s, diag);
    }
    *is_delegated = rc == NB_OK;
    return rc;
}

int nnet_ocsp_read_response(struct slice der, struct slice cert_der, struct slice issuer_der,
                            int64_t now_s, struct nnet_ocsp_answer *out, struct nb_diag *diag)
{
    struct nnet_ocsp_answer answer = {.next_update_s = 0};
    struct nnet__certificate cert;
    struct nnet__certificate issuer;
    struct response response;
    CBS basic;
    int rc;

    if (nnet__certificate_read(cert_der, &cert) != NB_OK ||
        nnet__certificate_read(issuer_der, &issuer) != NB_OK) {
        return fail(diag, NB_EMALFORMED, "x509: malformed certificate");
    }
    rc = read_frame(der, &basic, diag);
    if (rc != NB_OK) {
        return rc;
    }
    if (!read_basic(&basic, &response)) {
        return fail(diag, NB_EMALFORMED, "ocsp: malformed response");
    }
    rc = find_answer(response.singles, &cert, &issuer, &answer, diag);
    if (rc == NB_OK) {
        rc = check_signature(&response, &issuer, now_s, &answer.is_delegated, diag);
    }
    if (rc == NB_OK) {
        *out = answer;
    }
    return rc;
}

const char *nnet_ocsp_status_text(enum nnet_ocsp_status status)
{
    static const char *const texts[] = {[NNET_OCSP_GOOD] = "good",
                                        [NNET_OCSP_REVOKED] = "revoked",
                                        [NNET_OCSP_UNKNOWN] = "unknown"};

    return texts[status];
}

bool nnet_ocsp_is_current(const struct nnet_ocsp_answer *answer, int64_t now_s, int64_t skew_s,
                          int64_t ttl_s)
{
    if (answer->this_update_s > now_s + skew_s) {
        return false;
    }
    if (answer->next_update_s != 0) {
        return now_s - skew_s <= answer->next_update_s;
    }
    return ttl_s < 0 || now_s - skew_s <= answer->this_update_s + ttl_s;
}
