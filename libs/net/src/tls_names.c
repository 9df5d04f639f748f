#include "tls_names.h"

#include <natsd/buf.h>

#include <assert.h>
#include <openssl/err.h>
#include <string.h>

enum {
    NAMES_MAX_BYTES = 4096, // all names together, joined
};

static const struct {
    const char *name;
    bool is_insecure;
} ciphers[] = {
#define NNET_TLS_CIPHER(name, is_insecure) {name, is_insecure},
#include "tls_names.def"
#undef NNET_TLS_CIPHER
};

static const struct {
    const char *name;
    const char *ssl_name;
} curves[] = {
#define NNET_TLS_CURVE(name, ssl_name) {name, ssl_name},
#include "tls_names.def"
#undef NNET_TLS_CURVE
};

static const char *const cipher_names[] = {
#define NNET_TLS_CIPHER(name, is_insecure) name,
#include "tls_names.def"
#undef NNET_TLS_CIPHER
    NULL};

static const char *const curve_names[] = {
#define NNET_TLS_CURVE(name, ssl_name) name,
#include "tls_names.def"
#undef NNET_TLS_CURVE
    NULL};

bool nnet_tls_is_cipher_name(const char *name, bool *is_insecure)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(ciphers); i++) {
        if (strcmp(ciphers[i].name, name) == 0) {
            *is_insecure = ciphers[i].is_insecure;
            return true;
        }
    }
    return false;
}

bool nnet_tls_is_curve_name(const char *name)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(curves); i++) {
        if (strcmp(curves[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

const char *const *nnet_tls_cipher_names(void)
{
    return cipher_names;
}

const char *const *nnet_tls_curve_names(void)
{
    return curve_names;
}

static bool contains(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static void add_name(struct nb_buf *list, const char *name)
{
    if (nb_buf_slice(list).n > 0) {
        nb_buf_must_text(list, ":");
    }
    nb_buf_must_text(list, name);
}

static bool is_aead(const char *name)
{
    return strstr(name, "_GCM_") != NULL || strstr(name, "_CHACHA20_") != NULL;
}

static bool is_wanted_cipher(const struct nnet_tls_opts *opts, size_t i)
{
    if (opts->cipher_suites == NULL) {
        return !ciphers[i].is_insecure;
    }
    return contains(opts->cipher_suites, opts->cipher_suite_count, ciphers[i].name);
}

// Like the reference, the order of a configuration is not kept: better suites are preferred.
static void add_ciphers(SSL_CTX *ctx, const struct nnet_tls_opts *opts, bool aead,
                        struct nb_buf *list)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(ciphers); i++) {
        const char *name = ciphers[i].name;

        // The only way to ask BoringSSL what it knows. Those of TLS 1.3 can't be chosen.
        if (is_aead(name) == aead && is_wanted_cipher(opts, i) &&
            nnet__ssl.SSL_CTX_set_strict_cipher_list(ctx, name) == 1) {
            add_name(list, name);
        }
    }
    ERR_clear_error();
}

void nnet__tls_set_ciphers(SSL_CTX *ctx, const struct nnet_tls_opts *opts)
{
    struct nb_buf list;
    int ok;

    nb_buf_init(&list, NAMES_MAX_BYTES);
    add_ciphers(ctx, opts, true, &list);
    add_ciphers(ctx, opts, false, &list);
    if (nb_buf_slice(&list).n == 0) { // only TLS 1.3 has what was asked for
        ok = nnet__ssl.SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
    } else {
        nb_buf_must(&list, nb_slice_make("", 1));
        ok = nnet__ssl.SSL_CTX_set_strict_cipher_list(ctx, (const char *)nb_buf_slice(&list).p);
    }
    assert(ok == 1);
    nb_buf_fini(&list);
}

void nnet__tls_set_curves(SSL_CTX *ctx, const struct nnet_tls_opts *opts)
{
    struct nb_buf list;

    nb_buf_init(&list, NAMES_MAX_BYTES);
    for (size_t i = 0; i < NB_ARRAY_LEN(curves); i++) {
        if ((opts->curves == NULL || contains(opts->curves, opts->curve_count, curves[i].name)) &&
            nnet__ssl.SSL_CTX_set1_curves_list(ctx, curves[i].ssl_name) == 1) {
            add_name(&list, curves[i].ssl_name);
        }
    }
    if (nb_buf_slice(&list).n == 0) { // none is known here: whatever BoringSSL prefers
        add_name(&list, "X25519:P-256:P-384");
    }
    nb_buf_must(&list, nb_slice_make("", 1));
    if (nnet__ssl.SSL_CTX_set1_curves_list(ctx, (const char *)nb_buf_slice(&list).p) != 1) {
        NB_UNREACHABLE("each of these curves was accepted alone");
    }
    ERR_clear_error();
    nb_buf_fini(&list);
}
