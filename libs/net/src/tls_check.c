#include "tls_verify.h"

#include "tls_transport.h"

/* BoringSSL asks for a verdict on the peer's certificates; while a responder is asked, the answer
 * is "later", the handshake stops there, and nothing is read. What was read with the certificate
 * is kept, and the handshake goes on with it from the loop.
 */

static void on_checked(void *ctx, enum nnet__ocsp_verdict verdict)
{
    struct nnet_transport *t = ctx;
    struct nnet_conn *conn = t->conn;

    t->check = NULL;
    t->check_state = verdict == NNET__OCSP_GOOD ? TLS_CHECK_GOOD : TLS_CHECK_BAD;
    conn->is_held = false;
    if (conn->state == CONN_OPEN) {
        nnet__conn_update_poll(conn);
        nnet__conn_set_due(conn, CONN_DUE_TLS);
    } else if (conn->state == CONN_CLOSED && conn->poll == NULL) {
        nnet__conn_end(conn); // it waited for this
    }
}

static enum nnet__ocsp_verdict begin(struct nnet_transport *t, SSL *ssl)
{
    struct nnet_cert_chain chain = {.count = 0};

    if (nnet__tls_verify_peer(ssl, t->context, &chain, &t->verify_error) != NB_OK) {
        return NNET__OCSP_BAD;
    }
    t->verify_error = X509_V_OK;
    return nnet__ocsp_check_begin(t->context->ocsp_peer, t->conn->worker, &chain,
                                  t->context->is_server, on_checked, t, &t->check);
}

static enum ssl_verify_result_t result_of(const struct nnet_transport *t, uint8_t *out_alert)
{
    switch (t->check_state) {
    case TLS_CHECK_GOOD:
        return ssl_verify_ok;
    case TLS_CHECK_BAD:
        *out_alert = t->verify_error != X509_V_OK
                         ? (uint8_t)nnet__ssl.SSL_alert_from_verify_result(t->verify_error)
                         : SSL_AD_BAD_CERTIFICATE;
        return ssl_verify_invalid;
    case TLS_CHECK_NONE:
    case TLS_CHECK_PENDING:
        return ssl_verify_retry;
    }
    NB_UNREACHABLE("check state");
}

enum ssl_verify_result_t nnet__tls_on_verify(SSL *ssl, uint8_t *out_alert)
{
    static const enum tls_check states[] = {[NNET__OCSP_GOOD] = TLS_CHECK_GOOD,
                                            [NNET__OCSP_BAD] = TLS_CHECK_BAD,
                                            [NNET__OCSP_PENDING] = TLS_CHECK_PENDING};
    struct nnet_transport *t = nnet__ssl.SSL_get_ex_data(ssl, NNET__TLS_APP_DATA);

    if (t->check_state == TLS_CHECK_NONE) {
        t->check_state = states[begin(t, ssl)];
    }
    return result_of(t, out_alert);
}

void nnet__tls_hold(struct nnet_conn *conn)
{
    struct nnet_transport *t = conn->transport;

    assert(t->check_state == TLS_CHECK_PENDING);
    if (t->in.n > 0) { // what follows the certificate
        assert(t->begun.n == 0);
        t->begun = nb_slice_dup(t->in);
    }
    conn->is_held = true;
    nnet__conn_update_poll(conn);
}

bool nnet__tls_is_checking(const struct nnet_conn *conn)
{
    return conn->transport != NULL && conn->transport->check != NULL;
}

void nnet__tls_cancel_check(struct nnet_transport *t)
{
    if (t->check != NULL) {
        nnet__ocsp_check_cancel(t->check);
    }
}
