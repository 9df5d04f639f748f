#include "tls_verify.h"

#include <natsd/memory.h>

#include <openssl/err.h>
#include <openssl/pool.h>
#include <openssl/x509v3.h>

bool nnet__tls_peer_cert(const SSL *ssl, unsigned index, struct slice *der)
{
    const STACK_OF(CRYPTO_BUFFER) *certs = nnet__ssl.SSL_get0_peer_certificates(ssl);
    const CRYPTO_BUFFER *cert;

    if (certs == NULL || index >= sk_CRYPTO_BUFFER_num(certs)) {
        return false;
    }
    cert = sk_CRYPTO_BUFFER_value(certs, index);
    *der = nb_slice_make(CRYPTO_BUFFER_data(cert), CRYPTO_BUFFER_len(cert));
    return true;
}

// Owned, leaf first; NULL when there is none, or one that can't be read.
static STACK_OF(X509) * peer_certs(const SSL *ssl)
{
    const STACK_OF(CRYPTO_BUFFER) *sent = nnet__ssl.SSL_get0_peer_certificates(ssl);
    STACK_OF(X509) *certs = sk_X509_new_null();
    size_t count = sent != NULL ? sk_CRYPTO_BUFFER_num(sent) : 0;

    for (size_t i = 0; i < count; i++) {
        X509 *cert = X509_parse_from_buffer(sk_CRYPTO_BUFFER_value(sent, i));

        if (cert == NULL) {
            count = 0;
        } else if (sk_X509_push(certs, cert) == 0) {
            NB_UNREACHABLE("out of memory");
        }
    }
    if (count == 0) {
        ERR_clear_error();
        sk_X509_pop_free(certs, X509_free);
        return NULL;
    }
    return certs;
}

static void copy_chain(X509_STORE_CTX *verification, struct nnet_cert_chain *out)
{
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(verification);

    out->count = sk_X509_num(chain);
    out->certs = nb_calloc(out->count, sizeof(*out->certs));
    for (size_t i = 0; i < out->count; i++) {
        out->certs[i] = nnet__x509_der(sk_X509_value(chain, i));
    }
}

int nnet__tls_verify_peer(SSL *ssl, const struct nnet_tls_context *context,
                          struct nnet_cert_chain *out, long *error)
{
    X509_STORE_CTX *verification = NULL;
    STACK_OF(X509) *certs = peer_certs(ssl);
    int rc = NB_ECRYPTO;

    *error = X509_V_ERR_UNSPECIFIED;
    if (certs == NULL) {
        return NB_ENOTFOUND;
    }
    verification = X509_STORE_CTX_new();
    if (verification == NULL ||
        X509_STORE_CTX_init(verification, nnet__ssl.SSL_CTX_get_cert_store(context->ctx),
                            sk_X509_value(certs, 0), certs) != 1 ||
        X509_STORE_CTX_set_default(verification,
                                   context->is_server ? "ssl_client" : "ssl_server") != 1 ||
        X509_VERIFY_PARAM_set1(X509_STORE_CTX_get0_param(verification),
                               nnet__ssl.SSL_get0_param(ssl)) != 1) {
        goto out;
    }
    if (X509_verify_cert(verification) == 1) {
        copy_chain(verification, out);
        rc = NB_OK;
    } else {
        *error = X509_STORE_CTX_get_error(verification);
    }

out:
    ERR_clear_error();
    X509_STORE_CTX_free(verification);
    sk_X509_pop_free(certs, X509_free);
    return rc;
}
