/* tls_context.h - the inside of a TLS configuration. */
#pragma once

#include "tls_files.h"
#include "tls_library.h"

#include <natsd/lock.h>
#include <natsd/tls.h>

#include <openssl/bio.h>
#include <stdatomic.h>

enum {
    NNET__TLS_APP_DATA = 0, // the place in an SSL or SSL_CTX that is its user's
};

struct nnet_tls_context {
    _Atomic uint32_t refs;
    bool is_server;
    bool verify_peer;
    SSL_CTX *ctx;
    BIO_METHOD *bio_method; // of transport.c
    struct nnet__tls_pair *pairs;
    size_t pair_count;
    uint8_t (*pins)[NNET_TLS_PIN_BYTES];
    size_t pin_count;
    int64_t not_after;
    struct slice leaf; // owned: DER of the first certificate
    bool has_roots;    // of a file
    struct nnet_ocsp_peer *ocsp_peer;
    struct nb_mutex staple_lock;
    struct slice staple NB_GUARDED_BY(staple_lock); // owned
};

// transport.c
BIO_METHOD *nnet__tls_make_bio_method(void);

// tls_staple.c: lets the server present its response with this connection's certificate.
void nnet__tls_put_staple(struct nnet_tls_context *context, SSL *ssl);

// tls_check.c: verifies the peer, and asks about its certificates.
enum ssl_verify_result_t nnet__tls_on_verify(SSL *ssl, uint8_t *out_alert);

// tls_select.c: lets the server choose among several certificates.
void nnet__tls_select_certificates(struct nnet_tls_context *context);
