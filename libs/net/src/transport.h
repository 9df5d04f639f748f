/* transport.h - what TLS adds to a connection (conn->transport). Threads: [owner]. */
#pragma once

#include "conn.h"

// One read of ciphertext, decrypted and handed out; or a step of the handshake.
enum nnet__io nnet__tls_read(struct nnet_conn *conn);
// Encrypts and writes what is queued, as far as the socket takes it.
enum nnet__io nnet__tls_write(struct nnet_conn *conn);

// The connection closes with a flush: what can't be encrypted any more is dropped.
void nnet__tls_close(struct nnet_conn *conn);
void nnet__tls_stop(struct nnet_conn *conn); // the socket is gone
void nnet__tls_free(struct nnet_conn *conn);

// read.c
void nnet__conn_report_end(struct nnet_conn *conn, enum nnet_end how, int error_number);
void nnet__conn_hand_out(struct nnet_conn *conn, size_t filled, const uint8_t *p, size_t n);
