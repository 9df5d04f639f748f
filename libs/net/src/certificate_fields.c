#include "certificate_fields.h"

enum {
    TAG_VERSION = CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 0,
    TAG_ISSUER_ID = CBS_ASN1_CONTEXT_SPECIFIC | 1,
    TAG_SUBJECT_ID = CBS_ASN1_CONTEXT_SPECIFIC | 2,
    TAG_EXTENSIONS = CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 3,
};

static bool read_key_info(struct slice key_info, struct slice *bits)
{
    CBS outer = nnet__slice_cbs(key_info);
    CBS info;
    CBS key;
    uint8_t unused;

    if (!CBS_get_asn1(&outer, &info, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(&info, NULL, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(&info, &key, CBS_ASN1_BITSTRING) || !CBS_get_u8(&key, &unused) ||
        unused != 0) {
        return false;
    }
    *bits = nnet__cbs_slice(&key);
    return true;
}

// What stands behind the key: two identifiers that nobody uses, and the extensions.
static bool read_tail(CBS *tbs, struct nnet__certificate *cert)
{
    CBS wrapped;
    CBS extensions;
    int is_there = 0;

    if (!CBS_get_optional_asn1(tbs, NULL, NULL, TAG_ISSUER_ID) ||
        !CBS_get_optional_asn1(tbs, NULL, NULL, TAG_SUBJECT_ID) ||
        !CBS_get_optional_asn1(tbs, &wrapped, &is_there, TAG_EXTENSIONS)) {
        return false;
    }
    if (is_there == 0) {
        return CBS_len(tbs) == 0;
    }
    if (!CBS_get_asn1(&wrapped, &extensions, CBS_ASN1_SEQUENCE) || CBS_len(&wrapped) != 0) {
        return false;
    }
    cert->extensions = nnet__cbs_slice(&extensions);
    return CBS_len(tbs) == 0;
}

static bool read_tbs(CBS *tbs, struct nnet__certificate *cert)
{
    CBS serial;
    CBS issuer;
    CBS subject;
    CBS key_info;

    if (!CBS_get_optional_asn1(tbs, NULL, NULL, TAG_VERSION) ||
        !CBS_get_asn1(tbs, &serial, CBS_ASN1_INTEGER) ||
        !CBS_get_asn1(tbs, NULL, CBS_ASN1_SEQUENCE) || // signature algorithm
        !CBS_get_asn1_element(tbs, &issuer, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(tbs, NULL, CBS_ASN1_SEQUENCE) || // validity
        !CBS_get_asn1_element(tbs, &subject, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1_element(tbs, &key_info, CBS_ASN1_SEQUENCE)) {
        return false;
    }
    cert->serial = nnet__cbs_slice(&serial);
    cert->issuer = nnet__cbs_slice(&issuer);
    cert->subject = nnet__cbs_slice(&subject);
    cert->key_info = nnet__cbs_slice(&key_info);
    return read_key_info(cert->key_info, &cert->key_bits) && read_tail(tbs, cert);
}

int nnet__certificate_read(struct slice der, struct nnet__certificate *out)
{
    struct nnet__certificate cert = {.serial = {.n = 0}};
    CBS outer = nnet__slice_cbs(der);
    CBS body;
    CBS tbs;

    if (!CBS_get_asn1(&outer, &body, CBS_ASN1_SEQUENCE) || CBS_len(&outer) != 0 ||
        !CBS_get_asn1(&body, &tbs, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(&body, NULL, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(&body, NULL, CBS_ASN1_BITSTRING) || CBS_len(&body) != 0 ||
        !read_tbs(&tbs, &cert)) {
        return NB_EMALFORMED;
    }
    *out = cert;
    return NB_OK;
}

bool nnet__certificate_find_extension(const struct nnet__certificate *cert, struct slice oid,
                                      struct slice *value)
{
    CBS extensions = nnet__slice_cbs(cert->extensions);
    CBS extension;
    CBS id;
    CBS content;

    while (CBS_get_asn1(&extensions, &extension, CBS_ASN1_SEQUENCE)) {
        if (!CBS_get_asn1(&extension, &id, CBS_ASN1_OBJECT) ||
            !CBS_get_optional_asn1(&extension, NULL, NULL, CBS_ASN1_BOOLEAN) ||
            !CBS_get_asn1(&extension, &content, CBS_ASN1_OCTETSTRING)) {
            return false;
        }
        if (nb_slice_equal(nnet__cbs_slice(&id), oid)) {
            *value = nnet__cbs_slice(&content);
            return true;
        }
    }
    return false;
}
