#include "certificate_fields.h"

#include <natsd/http_client.h>
#include <natsd/ocsp.h>

#include <openssl/sha.h>

enum {
    TAG_URI = CBS_ASN1_CONTEXT_SPECIFIC | 6,
    FEATURE_STATUS_REQUEST = 5,
    URLS_TRIED_MAX = 64, // entries of one extension that are looked at
};

static const struct slice oid_tls_feature = {(const uint8_t *)"\x2B\x06\x01\x05\x05\x07\x01\x18",
                                             8};
static const struct slice oid_info_access = {(const uint8_t *)"\x2B\x06\x01\x05\x05\x07\x01\x01",
                                             8};
static const struct slice oid_ocsp = {(const uint8_t *)"\x2B\x06\x01\x05\x05\x07\x30\x01", 8};
static const struct slice oid_basic_constraints = {(const uint8_t *)"\x55\x1D\x13", 3};

// The entries of an extension that is a sequence; none when it is not there.
static CBS entries_of(struct slice der, struct slice oid)
{
    struct nnet__certificate cert;
    struct slice value;
    CBS entries = {.data = NULL, .len = 0};
    CBS outer;

    if (nnet__certificate_read(der, &cert) == NB_OK &&
        nnet__certificate_find_extension(&cert, oid, &value)) {
        outer = nnet__slice_cbs(value);
        if (!CBS_get_asn1(&outer, &entries, CBS_ASN1_SEQUENCE)) {
            CBS_init(&entries, NULL, 0);
        }
    }
    return entries;
}

bool nnet_certificate_must_staple(struct slice cert)
{
    CBS features = entries_of(cert, oid_tls_feature);
    uint64_t feature;

    while (CBS_get_asn1_uint64(&features, &feature)) {
        if (feature == FEATURE_STATUS_REQUEST) {
            return true;
        }
    }
    return false;
}

bool nnet_certificate_ocsp_url(struct slice cert, unsigned n, struct slice *url)
{
    CBS descriptions = entries_of(cert, oid_info_access);
    CBS description;
    CBS method;
    CBS uri;

    for (unsigned i = 0;
         i < URLS_TRIED_MAX && CBS_get_asn1(&descriptions, &description, CBS_ASN1_SEQUENCE); i++) {
        if (!CBS_get_asn1(&description, &method, CBS_ASN1_OBJECT) ||
            !nb_slice_equal(nnet__cbs_slice(&method), oid_ocsp) ||
            !CBS_get_asn1(&description, &uri, TAG_URI) ||
            nnet_fetch_check_url(nnet__cbs_slice(&uri)) != NB_OK) {
            continue;
        }
        if (n == 0) {
            *url = nnet__cbs_slice(&uri);
            return true;
        }
        n--;
    }
    return false;
}

bool nnet_certificate_is_ca(struct slice cert)
{
    CBS constraints = entries_of(cert, oid_basic_constraints);
    CBS is_ca;
    uint8_t value;

    return CBS_get_asn1(&constraints, &is_ca, CBS_ASN1_BOOLEAN) && CBS_get_u8(&is_ca, &value) &&
           value != 0;
}

void nnet_certificate_digest(struct slice cert, uint8_t out[32])
{
    SHA256(cert.p, cert.n, out);
}
