/* transport.h - what TLS adds to a connection (conn->transport): SSL between memory buffers.
 *
 * Ciphertext is read into the worker's buffer and decrypted from there; ciphertext to be sent
 * lies in a buffer that the transport borrows from its worker, and keeps only while the socket
 * does not take it. conn->pending_bytes counts both what is queued and what is encrypted.
 *
 * Threads: [owner].
 */
#pragma once

#include "conn.h"

// One read of ciphertext, decrypted and handed out; or a step of the handshake.
void nnet__tls_read(struct nnet_conn *conn);
// Encrypts and writes what is queued, as far as the socket takes it.
enum nnet__io nnet__tls_write(struct nnet_conn *conn);

void nnet__tls_begin(struct nnet_conn *conn); // from the loop, after nnet_conn_start_tls()
// The connection closes with a flush: what can't be encrypted any more is dropped.
void nnet__tls_close(struct nnet_conn *conn);
// Is somebody asked about the peer's certificates? nnet__conn_end() is called when that is over.
bool nnet__tls_is_checking(const struct nnet_conn *conn);
// Did the handshake fail with an alert that the peer may not have read yet?
bool nnet__tls_owes_alert(const struct nnet_conn *conn);
void nnet__tls_stop(struct nnet_conn *conn); // the socket is gone
void nnet__tls_free(struct nnet_conn *conn);
