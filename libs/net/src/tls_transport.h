/* tls_transport.h - the inside of a connection's TLS: shared by its input, output and handshake.
 * Threads: [owner].
 */
#pragma once

#include "tls_context.h"
#include "transport.h"

#include <openssl/ssl.h>

// HANDSHAKE --> OPEN, or FAILED: then the user was told and closes.
enum tls_state { TLS_HANDSHAKE, TLS_OPEN, TLS_FAILED };

struct nnet_transport {
    struct nnet_conn *conn;
    struct nnet_tls_context *context;
    SSL *ssl;
    enum tls_state state;
    bool is_shut;       // close_notify was made
    bool has_input;     // the first byte came
    bool has_alert;     // the handshake failed and the peer is told why
    bool has_bad_name;  // the server's name is none that a certificate can have
    struct slice begun; // owned: ciphertext that the user had read
    struct slice in;    // borrowed during a call: ciphertext that SSL did not take yet
    struct nb_buf out;  // ciphertext that did not leave yet
    size_t out_sent;    // of it
    struct nnet_timer timeout;
};

enum {
    NNET__TLS_OUT_MAX_BYTES = 1024 * 1024, // flights of a handshake, or the records of one write
};

// tls_output.c
void nnet__tls_borrow_out(struct nnet_transport *t); // before SSL may write

// tls_handshake.c
void nnet__tls_prepare_handshake(struct nnet_transport *t, const char *server_name);
// With what is in t->in. Calls tls_done at the end.
void nnet__tls_step_handshake(struct nnet_conn *conn);
void nnet__tls_fail_handshake(struct nnet_conn *conn, int rc, const char *text);
