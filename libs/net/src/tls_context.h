/* tls_context.h - the inside of a TLS configuration. */
#pragma once

#include "tls_files.h"
#include "tls_library.h"

#include <natsd/tls.h>

#include <openssl/bio.h>
#include <stdatomic.h>

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
};

// transport.c
BIO_METHOD *nnet__tls_make_bio_method(void);

// tls_select.c: lets the server choose among several certificates.
void nnet__tls_select_certificates(struct nnet_tls_context *context);
