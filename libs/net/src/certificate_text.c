#include "certificate_fields.h"
#include "dn.h"

#include <natsd/certificate.h>

#include <assert.h>
#include <openssl/base64.h>
#include <openssl/sha.h>

enum {
    NAME_MAX_BYTES = NNET_CERTIFICATE_MAX_BYTES,
    PEM_LINE_BYTES = 48,
    PEM_LINE_CHARS = 64,
};

static int print_name(struct slice name, struct nb_buf *out)
{
    struct nb_buf subject;
    struct nb_buf domains;
    int rc;

    nb_buf_init(&subject, NAME_MAX_BYTES);
    nb_buf_init(&domains, NAME_MAX_BYTES);
    rc = nnet__dn_print_subject(name, &subject, &domains);
    if (rc == NB_OK) {
        rc = nb_buf_append(out, nb_buf_slice(&subject));
    }
    nb_buf_fini(&subject);
    nb_buf_fini(&domains);
    return rc == NB_EMALFORMED ? NB_OK : rc;
}

int nnet_certificate_print_subject(struct slice der, struct nb_buf *out)
{
    struct nnet__certificate cert;

    return nnet__certificate_read(der, &cert) == NB_OK ? print_name(cert.subject, out) : NB_OK;
}

int nnet_certificate_print_issuer(struct slice der, struct nb_buf *out)
{
    struct nnet__certificate cert;

    return nnet__certificate_read(der, &cert) == NB_OK ? print_name(cert.issuer, out) : NB_OK;
}

int nnet_certificate_fingerprint(struct slice der, struct nnet_certificate_fingerprints *out)
{
    struct nnet__certificate cert;
    int rc = nnet__certificate_read(der, &cert);

    static_assert(sizeof(out->whole) == SHA256_DIGEST_LENGTH, "room for a digest");
    if (rc == NB_OK) {
        SHA256(der.p, der.n, out->whole);
        SHA256(cert.key_info.p, cert.key_info.n, out->key);
    }
    return rc;
}

int nnet_certificate_to_pem(struct slice der, struct nb_buf *out)
{
    static const struct slice begin = {(const uint8_t *)"-----BEGIN CERTIFICATE-----\n", 28};
    static const struct slice end = {(const uint8_t *)"-----END CERTIFICATE-----\n", 26};
    uint8_t line[PEM_LINE_CHARS + 1];
    int rc = nb_buf_append(out, begin);

    for (size_t at = 0; at < der.n && rc == NB_OK; at += PEM_LINE_BYTES) {
        struct slice piece = nb_slice_sub(der, at, PEM_LINE_BYTES);
        size_t n = EVP_EncodeBlock(line, piece.p, piece.n);

        line[n] = '\n';
        rc = nb_buf_append(out, nb_slice_make(line, n + 1));
    }
    return rc == NB_OK ? nb_buf_append(out, end) : rc;
}

void nnet_cert_chain_fini(struct nnet_cert_chain *chain)
{
    for (size_t i = 0; i < chain->count; i++) {
        nb_slice_free(&chain->certs[i]);
    }
    nb_free(chain->certs);
    *chain = (struct nnet_cert_chain){.count = 0};
}
