#include "tls_transport.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <stdio.h>

enum {
    TLS_RECORD_HANDSHAKE = 0x16,
    PEER_ALERT_REASON_MIN = 1000, // SSL_R_SSLV3_ALERT_*: the alert's number is behind it
    TEXT_MAX_BYTES = 256,
};

void nnet__tls_fail_handshake(struct nnet_conn *conn, int rc, const char *text)
{
    struct nnet_transport *t = conn->transport;

    t->state = TLS_FAILED;
    t->has_alert = nb_buf_slice(&t->out).n > t->out_sent;
    nnet_timer_disarm(conn->worker, &t->timeout);
    conn->is_paused = true; // nothing that comes makes sense
    nnet__conn_update_poll(conn);
    if (conn->write_error == 0) {
        nnet__conn_write(conn); // an alert for the peer
    }
    if (conn->state == CONN_OPEN) {
        conn->handler->tls_done(conn, rc, text);
    }
}

static void on_timeout(struct nnet_timer *timer)
{
    struct nnet_transport *t = nb_container_of(timer, struct nnet_transport, timeout);

    nnet__tls_fail_handshake(t->conn, NB_ETIMEDOUT, "TLS handshake timeout");
}

// False for a name that no host has.
static bool set_server_name(SSL *ssl, const struct nnet_tls_context *context, const char *name)
{
    X509_VERIFY_PARAM *param = nnet__ssl.SSL_get0_param(ssl);
    struct in6_addr address;
    bool is_ip =
        inet_pton(AF_INET, name, &address) == 1 || inet_pton(AF_INET6, name, &address) == 1;
    int ok = 1;

    if (!is_ip) {
        ok = nnet__ssl.SSL_set_tlsext_host_name(ssl, name);
    }
    if (ok == 1 && context->verify_peer) {
        X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
        ok = is_ip ? X509_VERIFY_PARAM_set1_ip_asc(param, name)
                   : X509_VERIFY_PARAM_set1_host(param, name, strlen(name));
    }
    ERR_clear_error();
    return ok == 1;
}

void nnet__tls_prepare_handshake(struct nnet_transport *t, const char *server_name)
{
    t->timeout.fire = on_timeout;
    if (t->context->is_server) {
        nnet__ssl.SSL_set_accept_state(t->ssl);
        return;
    }
    nnet__ssl.SSL_set_connect_state(t->ssl);
    if (server_name != NULL) {
        t->has_bad_name = !set_server_name(t->ssl, t->context, server_name);
    }
}

// Why the last call failed, as a person may want to read it. Empties the thread's error queue.
static void error_text(const struct nnet_transport *t, char *out, size_t size)
{
    uint32_t error = ERR_get_error();
    int reason = ERR_GET_REASON(error);
    const char *text = ERR_reason_error_string(error);

    ERR_clear_error();
    if (ERR_GET_LIB(error) == ERR_LIB_SSL && reason >= PEER_ALERT_REASON_MIN) {
        snprintf(out, size, "remote error: tls: %s",
                 nnet__ssl.SSL_alert_desc_string_long(reason - PEER_ALERT_REASON_MIN));
        return;
    }
    if (ERR_GET_LIB(error) == ERR_LIB_SSL && reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
        long why = t->context->ocsp_peer != NULL ? t->verify_error
                                                 : nnet__ssl.SSL_get_verify_result(t->ssl);

        if (why == X509_V_OK) {
            snprintf(out, size, "%s", nnet__ocsp_rejection(t->context->is_server));
            return;
        }
        snprintf(out, size, "tls: failed to verify certificate: %s",
                 X509_verify_cert_error_string(why));
        return;
    }
    snprintf(out, size, "tls: %s", text != NULL ? text : "internal error");
    for (char *p = out; *p != '\0'; p++) { // BoringSSL's are in capitals with underscores
        *p = *p == '_' ? ' ' : (char)tolower((unsigned char)*p);
    }
}

static bool peer_is_pinned(SSL *ssl, const struct nnet_tls_context *context)
{
    uint8_t digest[SHA256_DIGEST_LENGTH];
    X509 *leaf = nnet__ssl.SSL_get_peer_certificate(ssl);
    uint8_t *der = NULL;
    int n = leaf != NULL ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(leaf), &der) : -1;
    bool found = false;

    static_assert(SHA256_DIGEST_LENGTH == NNET_TLS_PIN_BYTES, "a pin is a SHA-256");
    if (n > 0) {
        SHA256(der, (size_t)n, digest);
        for (size_t i = 0; i < context->pin_count && !found; i++) {
            found = memcmp(context->pins[i], digest, sizeof(digest)) == 0;
        }
    }
    OPENSSL_free(der);
    X509_free(leaf);
    return found;
}

bool nnet_conn_tls_fits_pins(const struct nnet_conn *conn, const struct nnet_tls_context *context)
{
    return !nnet_conn_has_tls(conn) || context->pin_count == 0 ||
           peer_is_pinned(conn->transport->ssl, context);
}

static void finish_handshake(struct nnet_conn *conn)
{
    struct nnet_transport *t = conn->transport;

    if (t->context->pin_count > 0 && !peer_is_pinned(t->ssl, t->context)) {
        nnet__tls_fail_handshake(conn, NB_ECRYPTO, "tls: certificate not pinned");
        return;
    }
    t->state = TLS_OPEN;
    nnet_timer_disarm(conn->worker, &t->timeout);
    conn->handler->tls_done(conn, NB_OK, "");
    if (conn->state == CONN_OPEN && conn->write_error == 0 && !conn->is_blocked &&
        nnet__conn_pending(conn) > 0) {
        nnet__conn_mark_dirty(conn); // what was queued meanwhile
        nnet__conn_set_out_limit(conn);
    }
}

// The first byte tells what is no TLS at all: a probe, or a client in clear.
static bool looks_like_tls(struct nnet_transport *t)
{
    if (t->has_input || t->in.n == 0 || !t->context->is_server) {
        return true;
    }
    t->has_input = true;
    return t->in.p[0] == TLS_RECORD_HANDSHAKE;
}

void nnet__tls_step_handshake(struct nnet_conn *conn)
{
    struct nnet_transport *t = conn->transport;
    char text[TEXT_MAX_BYTES];
    int rc;
    int error;

    if (!looks_like_tls(t)) {
        nnet__tls_fail_handshake(conn, NB_EMALFORMED,
                                 "tls: first record does not look like a TLS handshake");
        return;
    }
    nnet__tls_borrow_out(t);
    ERR_clear_error();
    rc = nnet__ssl.SSL_do_handshake(t->ssl);
    error = nnet__ssl.SSL_get_error(t->ssl, rc);
    if (rc == 1) {
        finish_handshake(conn);
    } else if (error == SSL_ERROR_WANT_CERTIFICATE_VERIFY) {
        nnet__tls_hold(conn);
    } else if (error != SSL_ERROR_WANT_READ) {
        error_text(t, text, sizeof(text));
        nnet__tls_fail_handshake(conn, NB_ECRYPTO, text);
    }
    if (conn->state == CONN_OPEN && conn->write_error == 0 && !conn->is_blocked) {
        nnet__conn_write(conn); // our flight; and gives the buffer back
    }
}
