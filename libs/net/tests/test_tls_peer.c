#include "net_certs.h"
#include "net_rig.h"

#include <openssl/ssl.h>

static struct {
    struct certs files;
    struct cert ca;
    struct cert server;
    struct cert client;
} made;

static int make_certs(void **state NB_UNUSED)
{
    certs_init(&made.files);
    certs_make(&made.files, &(struct cert_opts){.name = "ca", .is_ca = true}, &made.ca);
    certs_make(&made.files, &(struct cert_opts){.name = "server", .issuer = &made.ca},
               &made.server);
    certs_make(&made.files, &(struct cert_opts){.name = "client", .issuer = &made.ca},
               &made.client);
    return 0;
}

static int drop_certs(void **state NB_UNUSED)
{
    cert_fini(&made.ca);
    cert_fini(&made.server);
    cert_fini(&made.client);
    certs_fini(&made.files);
    return 0;
}

static struct nnet_tls_context *make_context(bool verifies)
{
    struct nnet_tls_cert_files files = {.cert_file = made.server.cert_file,
                                        .key_file = made.server.key_file};
    struct nnet_tls_opts opts = {.is_server = true,
                                 .certs = &files,
                                 .cert_count = 1,
                                 .ca_file = made.ca.cert_file,
                                 .verify_peer = verifies};
    struct nnet_tls_context *context = NULL;

    assert_int_equal(nnet_tls_context_create(&opts, &context, NULL), NB_OK);
    return context;
}

// A connection of the library's, and a blocking client of BoringSSL's own.
struct visit {
    struct rig rig;
    struct rig_peer *server;
    struct nnet_tls_context *context;
    SSL *ssl;
    int fd;
};

static void do_start_tls(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    struct visit *visit = arg;

    nnet_conn_start_tls(&visit->server->conn, visit->context, nb_slice_make(NULL, 0), NULL,
                        RIG_DEADLINE_S * NB_NS_PER_S);
}

static SSL_CTX *make_client(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());

    assert_int_equal(SSL_CTX_use_certificate(ctx, made.client.x509), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(ctx, made.client.key), 1);
    return ctx;
}

static void visit_start(struct visit *visit, struct nnet_tls_context *context, SSL_CTX *ctx)
{
    int fds[2];

    *visit = (struct visit){.context = context, .ssl = SSL_new(ctx)};
    rig_start(&visit->rig, 1);
    rig_tcp_pair(fds, false);
    visit->fd = fds[1];
    visit->server = rig_peer_create(fds[0]);
    visit->server->echoes = true;
    rig_peer_open(visit->server, nnet_group_worker(visit->rig.group, 0));
    assert_int_equal(SSL_set_fd(visit->ssl, visit->fd), 1);
}

static void visit_shake(struct visit *visit)
{
    char answer;

    rig_call(visit->server->conn.worker, do_start_tls, visit);
    assert_int_equal(SSL_connect(visit->ssl), 1);
    assert_int_equal(SSL_write(visit->ssl, "x", 1), 1);
    assert_int_equal(SSL_read(visit->ssl, &answer, 1), 1);
}

static void visit_end(struct visit *visit)
{
    (void)SSL_shutdown(visit->ssl);
    SSL_free(visit->ssl);
    close(visit->fd);
    rig_peer_destroy(&visit->server);
    rig_stop(&visit->rig);
}

// With `session`, if it is not NULL; the one that comes of it replaces it. Was it resumed?
static bool connect_with_session(struct nnet_tls_context *context, SSL_CTX *ctx,
                                 SSL_SESSION **session)
{
    struct visit visit;
    bool is_resumed;

    visit_start(&visit, context, ctx);
    if (*session != NULL) {
        assert_int_equal(SSL_set_session(visit.ssl, *session), 1);
    }
    visit_shake(&visit);
    is_resumed = SSL_session_reused(visit.ssl) != 0;
    SSL_SESSION_free(*session);
    *session = SSL_get1_session(visit.ssl);
    visit_end(&visit);
    return is_resumed;
}

static void a_session_belongs_to_one_context(void **state NB_UNUSED)
{
    struct nnet_tls_context *first = make_context(true);
    struct nnet_tls_context *second = make_context(true); // as after a reload
    SSL_CTX *ctx = make_client();
    SSL_SESSION *session = NULL;

    // Where a session is known at the end of the handshake.
    assert_int_equal(SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION), 1);
    assert_false(connect_with_session(first, ctx, &session));
    assert_true(connect_with_session(first, ctx, &session));
    assert_false(connect_with_session(second, ctx, &session));
    assert_true(connect_with_session(second, ctx, &session));
    SSL_SESSION_free(session);
    SSL_CTX_free(ctx);
    nnet_tls_context_unref(first);
    nnet_tls_context_unref(second);
}

struct question {
    const struct nnet_conn *conn;
    int identity_rc;
    struct nnet_identity identity;
    int chain_rc;
    struct nnet_cert_chain chain;
};

static void do_ask(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    struct question *question = arg;

    question->identity_rc = nnet_conn_tls_identity(question->conn, &question->identity);
    question->chain_rc = nnet_conn_tls_verified_chain(question->conn, &question->chain);
}

static void a_verified_peer_has_names_and_a_chain(void **state NB_UNUSED)
{
    for (unsigned verifies = 0; verifies < 2; verifies++) {
        struct nnet_tls_context *context = make_context(verifies == 1);
        SSL_CTX *ctx = make_client();
        struct slice ca = cert_der(&made.ca);
        struct question question = {.conn = NULL};
        struct visit visit;

        visit_start(&visit, context, ctx);
        question.conn = &visit.server->conn;
        rig_call(visit.server->conn.worker, do_ask, &question); // no TLS yet
        assert_int_equal(question.identity_rc, NB_ENOTFOUND);
        assert_int_equal(question.chain_rc, NB_ENOTFOUND);
        visit_shake(&visit);
        rig_call(visit.server->conn.worker, do_ask, &question);
        if (verifies == 1) {
            assert_int_equal(question.identity_rc, NB_OK);
            assert_true(nb_slice_is(question.identity.names[0].text, "CN=client"));
            assert_int_equal(question.chain_rc, NB_OK);
            assert_int_equal(question.chain.count, 2);
            assert_true(nb_slice_equal(question.chain.certs[1], ca));
        } else { // nobody asked for a certificate
            assert_int_equal(question.identity_rc, NB_ENOTFOUND);
            assert_int_equal(question.chain_rc, NB_ENOTFOUND);
        }
        nnet_identity_fini(&question.identity);
        nnet_cert_chain_fini(&question.chain);
        visit_end(&visit);
        nb_slice_free(&ca);
        SSL_CTX_free(ctx);
        nnet_tls_context_unref(context);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_belongs_to_one_context),
        cmocka_unit_test(a_verified_peer_has_names_and_a_chain),
    };
    return cmocka_run_group_tests_name("tls_peer", tests, make_certs, drop_certs);
}
