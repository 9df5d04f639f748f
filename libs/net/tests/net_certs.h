/* net_certs.h - certificates for tests, made on the spot, as PEM files in a directory of their
 * own. A failure here is the test's own and ends it.
 */
#pragma once

#include "nb_test.h"

#include <natsd/memory.h>
#include <natsd/random.h>
#include <natsd/slice.h>

#include <ftw.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    CERTS_PATH_MAX = 256,
};

struct cert { // a certificate with its key, in memory and in files
    X509 *x509;
    EVP_PKEY *key;
    char cert_file[CERTS_PATH_MAX];
    char key_file[CERTS_PATH_MAX];
};

struct cert_opts {
    const char *name;          // of the files, and the common name
    const struct cert *issuer; // NULL: signs itself
    const char *alt_names;     // "DNS:a,IP:127.0.0.1", or NULL
    const char *key_usage;     // extended: "clientAuth", or NULL
    const char *ocsp_url;      // of a responder, or NULL
    bool must_staple;
    int key_type; // EVP_PKEY_EC, EVP_PKEY_RSA
    bool is_ca;
    bool is_expired;
};

struct certs {
    char dir[64];
};

static inline void certs_init(struct certs *certs)
{
    snprintf(certs->dir, sizeof(certs->dir), "/tmp/natsd-certs-XXXXXX");
    assert_non_null(mkdtemp(certs->dir));
}

static inline int certs_remove_one(const char *path, const struct stat *stat, int type,
                                   struct FTW *ftw)
{
    (void)stat;
    (void)type;
    (void)ftw;
    return remove(path);
}

static inline void certs_fini(struct certs *certs)
{
    assert_int_equal(nftw(certs->dir, certs_remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static inline EVP_PKEY *certs_make_key(int type)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(type, NULL);
    EVP_PKEY *key = NULL;

    assert_non_null(ctx);
    assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
    if (type == EVP_PKEY_EC) {
        assert_int_equal(EVP_PKEY_CTX_set_ec_paramgen_curve_nid(ctx, NID_X9_62_prime256v1), 1);
    } else {
        assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 2048), 1);
    }
    assert_int_equal(EVP_PKEY_keygen(ctx, &key), 1);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static inline void certs_extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509_EXTENSION *extension;

    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    extension = X509V3_EXT_nconf_nid(NULL, &ctx, nid, (char *)(uintptr_t)value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(cert, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static inline void certs_write_file(const char *path, struct slice text)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(text.p, 1, text.n, file), text.n);
    assert_int_equal(fclose(file), 0);
}

static inline void certs_save(struct certs *certs, struct cert *cert, const char *name)
{
    FILE *file;

    snprintf(cert->cert_file, sizeof(cert->cert_file), "%s/%s.pem", certs->dir, name);
    snprintf(cert->key_file, sizeof(cert->key_file), "%s/%s-key.pem", certs->dir, name);
    file = fopen(cert->cert_file, "wb");
    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, cert->x509), 1);
    assert_int_equal(fclose(file), 0);
    file = fopen(cert->key_file, "wb");
    assert_non_null(file);
    assert_int_equal(PEM_write_PrivateKey(file, cert->key, NULL, NULL, 0, NULL, NULL), 1);
    assert_int_equal(fclose(file), 0);
}

static inline void certs_set_times(X509 *cert, bool is_expired)
{
    const long day = 24 * 60 * 60;

    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(cert), -2 * day));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(cert), is_expired ? -day : 30 * day));
}

// Contents of the extension of RFC 7633: status_request.
static inline void certs_must_staple(X509 *cert)
{
    static const uint8_t feature[] = {0x30, 3, 2, 1, 5};
    ASN1_OBJECT *oid = OBJ_txt2obj("1.3.6.1.5.5.7.1.24", 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    X509_EXTENSION *extension;

    assert_int_equal(ASN1_OCTET_STRING_set(value, feature, sizeof(feature)), 1);
    extension = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, value);
    assert_int_equal(X509_add_ext(cert, extension, -1), 1);
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(oid);
}

static inline void certs_name_responder(X509 *cert, X509 *issuer, const char *url)
{
    char value[256];

    snprintf(value, sizeof(value), "OCSP;URI:%s", url);
    certs_extend(cert, issuer, NID_info_access, value);
}

static inline void certs_make(struct certs *certs, const struct cert_opts *opts, struct cert *out)
{
    X509 *x509 = X509_new();
    EVP_PKEY *key = certs_make_key(opts->key_type != 0 ? opts->key_type : EVP_PKEY_EC);
    X509 *issuer = opts->issuer != NULL ? opts->issuer->x509 : x509;
    EVP_PKEY *issuer_key = opts->issuer != NULL ? opts->issuer->key : key;
    X509_NAME *name = X509_get_subject_name(x509);
    uint64_t serial;

    assert_int_equal(X509_set_version(x509, 2), 1);
    nb_random_secure(&serial, sizeof(serial));
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(x509), (long)(serial >> 2)), 1);
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                                (const uint8_t *)opts->name, -1, -1, 0),
                     1);
    assert_int_equal(X509_set_issuer_name(x509, X509_get_subject_name(issuer)), 1);
    certs_set_times(x509, opts->is_expired);
    assert_int_equal(X509_set_pubkey(x509, key), 1);
    certs_extend(x509, issuer, NID_basic_constraints,
                 opts->is_ca ? "critical,CA:TRUE" : "CA:FALSE");
    if (opts->alt_names != NULL) {
        certs_extend(x509, issuer, NID_subject_alt_name, opts->alt_names);
    }
    if (opts->key_usage != NULL) {
        certs_extend(x509, issuer, NID_ext_key_usage, opts->key_usage);
    }
    if (opts->ocsp_url != NULL) {
        certs_name_responder(x509, issuer, opts->ocsp_url);
    }
    if (opts->must_staple) {
        certs_must_staple(x509);
    }
    assert_true(X509_sign(x509, issuer_key, EVP_sha256()) > 0);
    out->x509 = x509;
    out->key = key;
    certs_save(certs, out, opts->name);
}

static inline struct slice cert_der(const struct cert *cert) // owned, of its exact size
{
    uint8_t *p = NULL;
    int n = i2d_X509(cert->x509, &p);
    struct slice der;

    assert_true(n > 0);
    der = nb_slice_dup(nb_slice_make(p, (size_t)n));
    OPENSSL_free(p);
    return der;
}

static inline void cert_fini(struct cert *cert)
{
    X509_free(cert->x509);
    EVP_PKEY_free(cert->key);
}

static inline void cert_pin(const struct cert *cert, uint8_t out[SHA256_DIGEST_LENGTH])
{
    uint8_t *der = NULL;
    int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert->x509), &der);

    assert_true(n > 0);
    SHA256(der, (size_t)n, out);
    OPENSSL_free(der);
}
