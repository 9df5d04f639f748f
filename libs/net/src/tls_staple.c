#include "tls_context.h"

#include <natsd/certificate.h>
#include <natsd/ocsp.h>

#include <assert.h>

#include <openssl/err.h>
#include <openssl/x509.h>

void nnet_tls_context_set_staple(struct nnet_tls_context *context, struct slice response)
{
    struct slice copy = response.n > 0 ? nb_slice_dup(response) : nb_slice_make(NULL, 0);
    struct slice old;

    nb_mutex_lock(&context->staple_lock);
    old = context->staple;
    context->staple = copy;
    nb_mutex_unlock(&context->staple_lock);
    nb_slice_free(&old);
}

void nnet_tls_context_copy_staple(struct nnet_tls_context *to, struct nnet_tls_context *from)
{
    struct slice staple = {.n = 0};

    if (!nb_slice_equal(to->leaf, from->leaf)) {
        return;
    }
    nb_mutex_lock(&from->staple_lock);
    if (from->staple.n > 0) {
        staple = nb_slice_dup(from->staple);
    }
    nb_mutex_unlock(&from->staple_lock);
    nnet_tls_context_set_staple(to, staple);
    nb_slice_free(&staple);
}

// Into the connection: the configuration behind it is other threads', too. Where certificates are
// chosen, that happens when the first one was.
void nnet__tls_put_staple(struct nnet_tls_context *context, SSL *ssl)
{
    int ok = 1;

    if (!context->is_server) {
        return;
    }
    nb_mutex_lock(&context->staple_lock);
    if (context->staple.n > 0) {
        ok = nnet__ssl.SSL_set_ocsp_response(ssl, context->staple.p, context->staple.n);
    }
    nb_mutex_unlock(&context->staple_lock);
    if (ok != 1) {
        NB_UNREACHABLE("out of memory");
    }
}

bool nnet_tls_context_cert(const struct nnet_tls_context *context, struct slice *der)
{
    *der = context->leaf;
    return context->leaf.n > 0;
}

// In the configured roots, or the system's. NULL, or owned.
static X509 *find_root(const struct nnet_tls_context *context, X509 *leaf)
{
    X509_STORE *store =
        context->has_roots ? nnet__ssl.SSL_CTX_get_cert_store(context->ctx) : X509_STORE_new();
    X509_STORE_CTX *search = X509_STORE_CTX_new();
    X509 *issuer = NULL;

    if (!context->has_roots) {
        nnet__tls_load_system_roots(store);
    }
    if (X509_STORE_CTX_init(search, store, leaf, NULL) != 1 ||
        X509_STORE_CTX_get1_issuer(&issuer, search, leaf) != 1) {
        issuer = NULL;
    }
    X509_STORE_CTX_free(search);
    if (!context->has_roots) {
        X509_STORE_free(store);
    }
    ERR_clear_error();
    return issuer;
}

static bool has_signed(X509 *issuer, X509 *leaf)
{
    EVP_PKEY *key = X509_get_pubkey(issuer);
    bool has = key != NULL && X509_verify(leaf, key) == 1;

    EVP_PKEY_free(key);
    ERR_clear_error();
    return has;
}

int nnet_tls_context_find_issuer(const struct nnet_tls_context *context, struct slice *issuer,
                                 struct nb_diag *diag)
{
    const struct nnet__tls_pair *pair = &context->pairs[0];
    X509 *found = NULL;
    struct slice der;

    assert(context->pair_count > 0);
    if (sk_X509_num(pair->chain) > 0) {
        found = sk_X509_value(pair->chain, 0);
        X509_up_ref(found);
    } else {
        found = find_root(context, pair->leaf);
    }
    if (found == NULL || !has_signed(found, pair->leaf)) {
        X509_free(found);
        nb_diag_set(diag, "no issuers found");
        return NB_ENOTFOUND;
    }
    der = nnet__x509_der(found);
    X509_free(found);
    if (!nnet_certificate_is_ca(der)) {
        struct nb_buf subject;

        nb_buf_init(&subject, 4096);
        if (nnet_certificate_print_subject(der, &subject) != NB_OK) {
            nb_buf_clear(&subject);
        }
        nb_diag_set(diag, "%.*s invalid ca basic constraints: is not ca",
                    NB_SLICE_ARGS(nb_buf_slice(&subject)));
        nb_buf_fini(&subject);
        nb_slice_free(&der);
        return NB_EINVALID;
    }
    *issuer = der;
    return NB_OK;
}
