/* tls_transport.h - the inside of a connection's TLS: shared by its input, output and handshake.
 * Threads: [owner].
 */
#pragma once

#include "ocsp_check.h"
#include "tls_context.h"
#include "transport.h"

#include <openssl/ssl.h>

// HANDSHAKE --> OPEN, or FAILED: then the user was told and closes.
enum tls_state { TLS_HANDSHAKE, TLS_OPEN, TLS_FAILED };

// Is the peer's chain free of revoked certificates?
enum tls_check {
    TLS_CHECK_NONE,    // not asked yet
    TLS_CHECK_PENDING, // nothing is read meanwhile
    TLS_CHECK_GOOD,
    TLS_CHECK_BAD,
};

struct nnet_transport {
    struct nnet_conn *conn;
    struct nnet_tls_context *context;
    SSL *ssl;
    enum tls_state state;
    bool is_shut;       // close_notify was made
    bool has_input;     // the first byte came
    bool has_alert;     // the handshake failed and the peer is told why
    bool has_bad_name;  // the server's name is none that a certificate can have
    struct slice begun; // owned: ciphertext that was read and waits: by the user before it began,
                        // or during a check
    enum tls_check check_state;
    struct nnet__ocsp_check *check; // under way
    long verify_error;              // X509_V_ERR_*, where we verify ourselves
    struct slice in;                // borrowed during a call: ciphertext that SSL did not take yet
    struct nb_buf out;              // ciphertext that did not leave yet
    size_t out_sent;                // of it
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

// tls_check.c: the handshake waits for a check.
void nnet__tls_hold(struct nnet_conn *conn);
void nnet__tls_cancel_check(struct nnet_transport *t);
