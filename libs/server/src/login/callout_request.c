#include "login/callout_request.h"

#include <natsd/certificate.h>
#include <natsd/jwt.h>
#include <natsd/memory.h>

#include "accounts/operators.h"
#include "clients/client.h"
#include "login/login.h"

#define REQUEST_AUDIENCE "nats-authorization-request"

enum {
    PEM_MAX_BYTES = 1024 * 1024, // of all certificates
    CERTS_MAX = 32,
};

/* The client's certificates. */

struct certificates {
    struct slice pem[CERTS_MAX]; // owned
    struct nauth_texts chain;
    size_t count;
};

static void add_certificate(struct certificates *certificates, struct slice der)
{
    struct nb_buf pem;

    if (certificates->count == CERTS_MAX) {
        return;
    }
    nb_buf_init(&pem, PEM_MAX_BYTES);
    if (nnet_certificate_to_pem(der, &pem) == NB_OK) {
        certificates->pem[certificates->count++] = nb_buf_take(&pem);
    }
    nb_buf_fini(&pem);
}

static void put_tls(const struct nserver__client *c, struct certificates *certificates,
                    struct nauth_auth_request_claims *request)
{
    struct nnet_cert_chain chain = {0};
    struct slice der;
    const char *version = nnet_conn_tls_version(&c->conn);

    request->has_tls = true;
    request->tls.version = nb_slice_of(version);
    request->tls.cipher = nb_slice_of(nnet_conn_tls_cipher(&c->conn));
    if (nnet_conn_tls_verified_chain(&c->conn, &chain) == NB_OK) {
        for (size_t i = 0; i < chain.count; i++) {
            add_certificate(certificates, chain.certs[i]);
        }
        certificates->chain =
            (struct nauth_texts){.items = certificates->pem, .count = certificates->count};
        request->tls.verified_chains = &certificates->chain;
        request->tls.verified_chain_count = 1;
        nnet_cert_chain_fini(&chain);
        return;
    }
    for (unsigned i = 0; nnet_conn_tls_peer_cert(&c->conn, i, &der); i++) {
        add_certificate(certificates, der);
    }
    request->tls.certs =
        (struct nauth_texts){.items = certificates->pem, .count = certificates->count};
}

/* Server, client, CONNECT. */

static void put_server(const struct nserver *server, bool is_sealed, struct slice *tags,
                       struct nauth_auth_request_claims *request)
{
    const struct nserver__config *config = nserver__config(server);

    request->server.name = server->name;
    request->server.host = config->info_host;
    request->server.id = nb_slice_of(server->id);
    request->server.version = NB_SLICE(NSERVER_REFERENCE_VERSION);
    if (is_sealed) {
        request->server.xkey = nb_slice_of(server->xkey);
    }
    for (size_t i = 0; i < config->opts.tag_count; i++) {
        tags[i] = nb_slice_of(config->opts.tags[i]);
    }
    request->server.tags = (struct nauth_texts){.items = tags, .count = config->opts.tag_count};
}

static void put_client(const struct nserver__login *login,
                       struct nauth_auth_request_claims *request)
{
    const struct nserver__client *c = login->c;
    const struct nproto_connect *connect = login->connect;

    request->client.host = nb_slice_of(c->peer.ip);
    request->client.id = c->cid;
    request->client.user = nserver__login_raw_user(login);
    request->client.name = connect->name;
    request->client.kind = NB_SLICE("Client");
    request->client.type = NB_SLICE("nats");
    if (connect->sig.n > 0) {
        request->client.nonce = nb_slice_of(c->nonce);
    }
    request->connect.jwt =
        login->is_sentinel ? nb_slice_of(nserver__config(c->server)->operators->default_sentinel)
                           : connect->jwt;
    request->connect.nkey = connect->nkey;
    request->connect.sig = connect->sig;
    request->connect.auth_token = connect->auth_token;
    request->connect.user = connect->user;
    request->connect.pass = connect->pass;
    request->connect.name = connect->name;
    request->connect.lang = connect->lang;
    request->connect.version = connect->version;
    request->connect.protocol = connect->protocol;
}

int nserver__callout_write_request(const struct nserver__login *login, struct slice asker,
                                   struct slice user_key, bool is_sealed, struct nb_buf *out,
                                   struct nb_diag *diag)
{
    const struct nserver *server = login->c->server;
    const struct nserver_options *opts = &nserver__config(server)->opts;
    int64_t now = nb_wall_now().ns / NB_NS_PER_S;
    struct slice *tags = nb_calloc(opts->tag_count + 1, sizeof(*tags));
    struct certificates certificates = {0};
    struct nauth_claims claims = {
        .kind = NAUTH_CLAIMS_AUTH_REQUEST,
        .subject = asker,
        .audience = NB_SLICE(REQUEST_AUDIENCE),
        .expires = now + (int64_t)(opts->auth_timeout_s + 0.5),
    };
    int rc;

    claims.request.user_nkey = user_key;
    put_server(server, is_sealed, tags, &claims.request);
    put_client(login, &claims.request);
    if (nnet_conn_has_tls(&login->c->conn)) {
        put_tls(login->c, &certificates, &claims.request);
    }
    rc = nauth_jwt_encode(&claims, &server->key, now, out, diag);
    for (size_t i = 0; i < certificates.count; i++) {
        nb_slice_free(&certificates.pem[i]);
    }
    nb_free(tags);
    return rc;
}
