/* tls_names.h - the names of a configuration as BoringSSL takes them. */
#pragma once

#include "tls_library.h"

#include <natsd/tls.h>

// Sets the suites and curves of the options; those that BoringSSL lacks are left out.
void nnet__tls_set_ciphers(SSL_CTX *ctx, const struct nnet_tls_opts *opts);
void nnet__tls_set_curves(SSL_CTX *ctx, const struct nnet_tls_opts *opts);
