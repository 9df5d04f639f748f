#include "tls_context.h"

#include <openssl/bytestring.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

// What a ClientHello says about the certificates that its sender can take.
struct hello {
    const char *server_name; // NULL: none
    CBS signature_algorithms;
    CBS ciphers;
};

static bool has_signature_for(CBS algorithms, int key_type)
{
    uint16_t value;

    while (CBS_get_u16(&algorithms, &value)) {
        switch (value) {
        case SSL_SIGN_RSA_PKCS1_SHA1:
        case SSL_SIGN_RSA_PKCS1_SHA256:
        case SSL_SIGN_RSA_PKCS1_SHA384:
        case SSL_SIGN_RSA_PKCS1_SHA512:
        case SSL_SIGN_RSA_PSS_RSAE_SHA256:
        case SSL_SIGN_RSA_PSS_RSAE_SHA384:
        case SSL_SIGN_RSA_PSS_RSAE_SHA512:
            if (key_type == EVP_PKEY_RSA) {
                return true;
            }
            break;
        case SSL_SIGN_ECDSA_SECP256R1_SHA256:
        case SSL_SIGN_ECDSA_SECP384R1_SHA384:
        case SSL_SIGN_ECDSA_SECP521R1_SHA512:
            if (key_type == EVP_PKEY_EC) {
                return true;
            }
            break;
        case SSL_SIGN_ED25519:
            if (key_type == EVP_PKEY_ED25519) {
                return true;
            }
            break;
        default: // values of other people's
            break;
        }
    }
    return false;
}

// TLS 1.3 suites go with any key.
static bool has_cipher_for(CBS ciphers, int key_type)
{
    int wanted = key_type == EVP_PKEY_RSA ? NID_auth_rsa : NID_auth_ecdsa;
    uint16_t value;

    while (CBS_get_u16(&ciphers, &value)) {
        const SSL_CIPHER *cipher = nnet__ssl.SSL_get_cipher_by_value(value);
        int nid = cipher != NULL ? nnet__ssl.SSL_CIPHER_get_auth_nid(cipher) : NID_undef;

        if (nid == NID_auth_any || nid == wanted) {
            return true;
        }
    }
    return false;
}

static bool suits(const struct hello *hello, const struct nnet__tls_pair *pair)
{
    int key_type = EVP_PKEY_id(pair->key);

    if (hello->server_name != NULL &&
        X509_check_host(pair->leaf, hello->server_name, strlen(hello->server_name),
                        X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, NULL) != 1) {
        return false;
    }
    return has_signature_for(hello->signature_algorithms, key_type) &&
           has_cipher_for(hello->ciphers, key_type);
}

static void read_hello(const SSL_CLIENT_HELLO *client_hello, struct hello *out)
{
    const uint8_t *data = NULL;
    size_t n = 0;
    CBS extension;

    memset(out, 0, sizeof(*out));
    out->server_name = nnet__ssl.SSL_get_servername(client_hello->ssl, TLSEXT_NAMETYPE_host_name);
    CBS_init(&out->ciphers, client_hello->cipher_suites, client_hello->cipher_suites_len);
    if (nnet__ssl.SSL_early_callback_ctx_extension_get(
            client_hello, TLSEXT_TYPE_signature_algorithms, &data, &n) == 1) {
        CBS_init(&extension, data, n);
        // Malformed: the handshake itself will refuse it.
        (void)CBS_get_u16_length_prefixed(&extension, &out->signature_algorithms);
    }
}

// The first that suits, as the reference does; the first of all if none does.
static enum ssl_select_cert_result_t on_client_hello(const SSL_CLIENT_HELLO *client_hello)
{
    SSL *ssl = client_hello->ssl;
    struct nnet_tls_context *context =
        nnet__ssl.SSL_CTX_get_ex_data(nnet__ssl.SSL_get_SSL_CTX(ssl), NNET__TLS_APP_DATA);
    struct hello hello;

    read_hello(client_hello, &hello);
    for (size_t i = 0; i < context->pair_count; i++) {
        const struct nnet__tls_pair *pair = &context->pairs[i];

        if (!suits(&hello, pair)) {
            continue;
        }
        nnet__ssl.SSL_certs_clear(ssl);
        if (nnet__ssl.SSL_use_certificate(ssl, pair->leaf) != 1 ||
            nnet__ssl.SSL_set1_chain(ssl, pair->chain) != 1 ||
            nnet__ssl.SSL_use_PrivateKey(ssl, pair->key) != 1) {
            return ssl_select_cert_error;
        }
        if (i == 0) {
            nnet__tls_put_staple(context, ssl); // it is about this one
        }
        return ssl_select_cert_success;
    }
    nnet__tls_put_staple(context, ssl);
    return ssl_select_cert_success;
}

void nnet__tls_select_certificates(struct nnet_tls_context *context)
{
    nnet__ssl.SSL_CTX_set_ex_data(context->ctx, NNET__TLS_APP_DATA, context);
    nnet__ssl.SSL_CTX_set_select_certificate_cb(context->ctx, on_client_hello);
}
