#include "tls_verify.h"

#include "tls_transport.h"

bool nnet_conn_has_tls(const struct nnet_conn *conn)
{
    return conn->transport != NULL && conn->transport->state == TLS_OPEN;
}

const char *nnet_conn_tls_version(const struct nnet_conn *conn)
{
    if (!nnet_conn_has_tls(conn)) {
        return NULL;
    }
    return nnet__ssl.SSL_version(conn->transport->ssl) == TLS1_3_VERSION ? "1.3" : "1.2";
}

const char *nnet_conn_tls_cipher(const struct nnet_conn *conn)
{
    if (!nnet_conn_has_tls(conn)) {
        return NULL;
    }
    return nnet__ssl.SSL_CIPHER_standard_name(
        nnet__ssl.SSL_get_current_cipher(conn->transport->ssl));
}

bool nnet_conn_tls_peer_cert(const struct nnet_conn *conn, unsigned index, struct slice *der)
{
    return nnet_conn_has_tls(conn) && nnet__tls_peer_cert(conn->transport->ssl, index, der);
}

int nnet_conn_tls_identity(const struct nnet_conn *conn, struct nnet_identity *out)
{
    struct slice der;

    if (!nnet_conn_tls_peer_cert(conn, 0, &der)) {
        return NB_ENOTFOUND;
    }
    return nnet_identity_read(der, out);
}

int nnet_conn_tls_verified_chain(const struct nnet_conn *conn, struct nnet_cert_chain *out)
{
    const struct nnet_transport *t = conn->transport;
    long error;

    if (!nnet_conn_has_tls(conn) || !t->context->verify_peer) {
        return NB_ENOTFOUND;
    }
    return nnet__tls_verify_peer(t->ssl, t->context, out, &error) == NB_OK ? NB_OK : NB_ENOTFOUND;
}
