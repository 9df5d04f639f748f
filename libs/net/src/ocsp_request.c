#include "certificate_fields.h"
#include "ocsp_message.h"

#include <natsd/ocsp.h>

#include <openssl/mem.h>
#include <openssl/sha.h>

enum {
    REQUEST_GUESS_BYTES = 128,
};

const struct slice nnet__ocsp_oid_sha1 = {(const uint8_t *)"\x2B\x0E\x03\x02\x1A", 5};
const struct slice nnet__ocsp_oid_sha256 = {(const uint8_t *)"\x60\x86\x48\x01\x65\x03\x04\x02\x01",
                                            9};

static bool add_bytes(CBB *parent, unsigned tag, struct slice bytes)
{
    CBB child;

    return CBB_add_asn1(parent, &child, tag) && CBB_add_bytes(&child, bytes.p, bytes.n) &&
           CBB_flush(parent);
}

static bool add_algorithm(CBB *parent)
{
    CBB algorithm;

    return CBB_add_asn1(parent, &algorithm, CBS_ASN1_SEQUENCE) &&
           add_bytes(&algorithm, CBS_ASN1_OBJECT, nnet__ocsp_oid_sha1) &&
           add_bytes(&algorithm, CBS_ASN1_NULL, nb_slice_make("", 0)) && CBB_flush(parent);
}

// SHA-1 is what all responders know; it only finds the certificate, nothing hangs from it.
static bool add_cert_id(CBB *parent, const struct nnet__certificate *cert,
                        const struct nnet__certificate *issuer)
{
    uint8_t name[SHA_DIGEST_LENGTH];
    uint8_t key[SHA_DIGEST_LENGTH];
    CBB id;

    SHA1(issuer->subject.p, issuer->subject.n, name);
    SHA1(issuer->key_bits.p, issuer->key_bits.n, key);
    return CBB_add_asn1(parent, &id, CBS_ASN1_SEQUENCE) && add_algorithm(&id) &&
           add_bytes(&id, CBS_ASN1_OCTETSTRING, nb_slice_make(name, sizeof(name))) &&
           add_bytes(&id, CBS_ASN1_OCTETSTRING, nb_slice_make(key, sizeof(key))) &&
           add_bytes(&id, CBS_ASN1_INTEGER, cert->serial) && CBB_flush(parent);
}

int nnet_ocsp_make_request(struct slice cert_der, struct slice issuer_der, struct slice *out)
{
    struct nnet__certificate cert;
    struct nnet__certificate issuer;
    CBB root;
    CBB outer;
    CBB tbs;
    CBB list;
    CBB request;
    uint8_t *der = NULL;
    size_t n;

    if (nnet__certificate_read(cert_der, &cert) != NB_OK ||
        nnet__certificate_read(issuer_der, &issuer) != NB_OK) {
        return NB_EMALFORMED;
    }
    if (!CBB_init(&root, REQUEST_GUESS_BYTES) || !CBB_add_asn1(&root, &outer, CBS_ASN1_SEQUENCE) ||
        !CBB_add_asn1(&outer, &tbs, CBS_ASN1_SEQUENCE) ||
        !CBB_add_asn1(&tbs, &list, CBS_ASN1_SEQUENCE) ||
        !CBB_add_asn1(&list, &request, CBS_ASN1_SEQUENCE) ||
        !add_cert_id(&request, &cert, &issuer) || !CBB_finish(&root, &der, &n)) {
        NB_UNREACHABLE("out of memory");
    }
    *out = nb_slice_dup(nb_slice_make(der, n));
    OPENSSL_free(der);
    return NB_OK;
}
