/* tls_files.h - certificates and keys from PEM files. Blocks. */
#pragma once

#include <natsd/tls.h>

#include <openssl/ssl.h>
#include <openssl/x509.h>

struct nnet__tls_pair {
    X509 *leaf;             // owned
    STACK_OF(X509) * chain; // owned: what follows the leaf in the file
    EVP_PKEY *key;          // owned
};

void nnet__tls_pair_fini(struct nnet__tls_pair *pair);

// Errors: NB_EIO or NB_EMALFORMED with the reason in diag, without the context.
NB_MUST_USE int nnet__tls_load_pair(const struct nnet_tls_cert_files *files,
                                    struct nnet__tls_pair *out, struct nb_diag *diag);
// Adds the file's certificates to what is trusted, and to `names` unless NULL.
NB_MUST_USE int nnet__tls_load_roots(const char *path, X509_STORE *store,
                                     STACK_OF(X509_NAME) * names, struct nb_diag *diag);
// The system's roots; none is not an error here: nothing verifies then.
// Owned.
struct slice nnet__x509_der(X509 *cert);

void nnet__tls_load_system_roots(X509_STORE *store);
