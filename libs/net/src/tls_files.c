#include "tls_files.h"

#include <natsd/memory.h>

#include <assert.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    FILE_MAX_BYTES = 16 * 1024 * 1024,
};

void nnet__tls_pair_fini(struct nnet__tls_pair *pair)
{
    X509_free(pair->leaf);
    sk_X509_pop_free(pair->chain, X509_free);
    EVP_PKEY_free(pair->key);
    *pair = (struct nnet__tls_pair){0};
}

static int fail_file(const char *path, int error_number, struct nb_diag *diag)
{
    char text[128];

    nb_diag_set(diag, "open %s: %s", path, nb_errno_text(error_number, text, sizeof(text)));
    return NB_EIO;
}

// The whole file, in memory that BIO_free wipes with the BIO.
static int read_file(const char *path, BIO **out, struct nb_diag *diag)
{
    FILE *file = fopen(path, "rbe");
    BIO *bio = NULL;
    uint8_t block[4096];
    size_t total = 0;
    size_t n;
    int rc;

    if (file == NULL) {
        return fail_file(path, errno, diag);
    }
    bio = BIO_new(BIO_s_mem());
    while ((n = fread(block, 1, sizeof(block), file)) > 0 && total <= FILE_MAX_BYTES) {
        total += n;
        if (BIO_write_all(bio, block, n) != 1) {
            NB_UNREACHABLE("out of memory");
        }
    }
    nb_wipe(block, sizeof(block));
    if (ferror(file) != 0 || total > FILE_MAX_BYTES) {
        rc = fail_file(path, ferror(file) != 0 ? errno : EFBIG, diag);
        goto fail;
    }
    (void)fclose(file); // it was only read
    *out = bio;
    return NB_OK;

fail:
    (void)fclose(file);
    BIO_free(bio);
    return rc;
}

static int no_password(char *buf NB_UNUSED, int size NB_UNUSED, int for_writing NB_UNUSED,
                       void *ctx NB_UNUSED)
{
    return 0; // an encrypted key is refused, nobody is asked
}

// All certificates of the file, in order; refuses what looks like one and is not.
static int read_certs(BIO *bio, STACK_OF(X509) * certs)
{
    X509 *cert;
    uint32_t error;

    while ((cert = PEM_read_bio_X509(bio, NULL, no_password, NULL)) != NULL) {
        if (sk_X509_push(certs, cert) == 0) {
            NB_UNREACHABLE("out of memory");
        }
    }
    error = ERR_peek_last_error();
    ERR_clear_error();
    if (ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE) {
        return NB_OK; // the end
    }
    return NB_EMALFORMED;
}

static int read_chain(const char *path, struct nnet__tls_pair *pair, struct nb_diag *diag)
{
    BIO *bio = NULL;
    int rc = read_file(path, &bio, diag);

    if (rc != NB_OK) {
        return rc;
    }
    pair->chain = sk_X509_new_null();
    rc = read_certs(bio, pair->chain);
    BIO_free(bio);
    if (rc != NB_OK) {
        nb_diag_set(diag, "x509: malformed certificate");
        return rc;
    }
    pair->leaf = sk_X509_shift(pair->chain);
    if (pair->leaf == NULL) {
        nb_diag_set(diag, "tls: failed to find any PEM data in certificate input");
        return NB_EMALFORMED;
    }
    return NB_OK;
}

static int read_key(const char *path, struct nnet__tls_pair *pair, struct nb_diag *diag)
{
    BIO *bio = NULL;
    int rc = read_file(path, &bio, diag);

    if (rc != NB_OK) {
        return rc;
    }
    pair->key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
    BIO_free(bio);
    ERR_clear_error();
    if (pair->key == NULL) {
        nb_diag_set(diag, "tls: failed to parse private key");
        return NB_EMALFORMED;
    }
    return NB_OK;
}

int nnet__tls_load_pair(const struct nnet_tls_cert_files *files, struct nnet__tls_pair *out,
                        struct nb_diag *diag)
{
    struct nnet__tls_pair pair = {0};
    int rc = read_chain(files->cert_file, &pair, diag);

    if (rc == NB_OK) {
        rc = read_key(files->key_file, &pair, diag);
    }
    if (rc == NB_OK && X509_check_private_key(pair.leaf, pair.key) != 1) {
        ERR_clear_error();
        nb_diag_set(diag, "tls: private key does not match public key");
        rc = NB_EMALFORMED;
    }
    if (rc != NB_OK) {
        nnet__tls_pair_fini(&pair);
        return rc;
    }
    *out = pair;
    return NB_OK;
}

struct slice nnet__x509_der(X509 *cert)
{
    uint8_t *p = NULL;
    int n = i2d_X509(cert, &p);
    struct slice der;

    if (n <= 0) {
        NB_UNREACHABLE("a certificate that was read is written");
    }
    der = nb_slice_dup(nb_slice_make(p, (size_t)n));
    OPENSSL_free(p);
    return der;
}

static void trust(X509 *cert, X509_STORE *store, STACK_OF(X509_NAME) * names)
{
    if (X509_STORE_add_cert(store, cert) != 1) {
        ERR_clear_error(); // a bundle may have one twice
    }
    if (names != NULL) {
        X509_NAME *name = X509_NAME_dup(X509_get_subject_name(cert));

        if (name == NULL || sk_X509_NAME_push(names, name) == 0) {
            NB_UNREACHABLE("out of memory");
        }
    }
}

int nnet__tls_load_roots(const char *path, X509_STORE *store, STACK_OF(X509_NAME) * names,
                         struct nb_diag *diag)
{
    STACK_OF(X509) *certs = NULL;
    BIO *bio = NULL;
    int rc = read_file(path, &bio, diag);

    if (rc != NB_OK) {
        return rc;
    }
    certs = sk_X509_new_null();
    // Like the reference: what can't be read is passed over, as long as something can.
    (void)read_certs(bio, certs);
    BIO_free(bio);
    for (size_t i = 0; i < sk_X509_num(certs); i++) {
        trust(sk_X509_value(certs, i), store, names);
    }
    if (sk_X509_num(certs) == 0) {
        nb_diag_set(diag, "failed to parse root ca certificate");
        rc = NB_EMALFORMED;
    }
    sk_X509_pop_free(certs, X509_free);
    return rc;
}

void nnet__tls_load_system_roots(X509_STORE *store)
{
    static const char *const places[] = {
        "/etc/ssl/certs/ca-certificates.crt", // Debian and its relatives
        "/etc/pki/tls/certs/ca-bundle.crt",   // Fedora
        "/etc/ssl/ca-bundle.pem",             // openSUSE
        "/etc/ssl/cert.pem",                  // Alpine
    };
    const char *chosen = getenv("SSL_CERT_FILE"); // the variable that others honour, too

    if (chosen != NULL && nnet__tls_load_roots(chosen, store, NULL, NULL) == NB_OK) {
        return;
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(places); i++) {
        if (nnet__tls_load_roots(places[i], store, NULL, NULL) == NB_OK) {
            return;
        }
    }
}
