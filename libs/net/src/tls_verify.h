/* tls_verify.h - the peer's certificates, and the chain from them to a trusted root.
 *
 * Threads: [owner] of the connection.
 */
#pragma once

#include "tls_context.h"

#include <natsd/certificate.h>

// DER of what the peer sent, leaf first; false past the last. Also during the handshake.
bool nnet__tls_peer_cert(const SSL *ssl, unsigned index, struct slice *der);

// As BoringSSL itself verifies it. NB_ENOTFOUND: no certificate; NB_ECRYPTO: *error is X509_V_ERR_*.
NB_MUST_USE int nnet__tls_verify_peer(SSL *ssl, const struct nnet_tls_context *context,
                                      struct nnet_cert_chain *out, long *error);
