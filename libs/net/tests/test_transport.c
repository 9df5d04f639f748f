#include "net_certs.h"
#include "net_rig.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

// What all tests use: made once, because keys are slow to make.
static struct {
    struct certs files;
    struct cert ca;
    struct cert other_ca;
    struct cert server;     // for "server.test" and 127.0.0.1
    struct cert server_rsa; // for "rsa.test"
    struct cert client;
    struct cert stranger;    // of the other CA
    struct cert server_only; // not for clients
    struct cert expired;
} made;

static int make_certs(void **state NB_UNUSED)
{
    certs_init(&made.files);
    certs_make(&made.files, &(struct cert_opts){.name = "ca", .is_ca = true}, &made.ca);
    certs_make(&made.files, &(struct cert_opts){.name = "other-ca", .is_ca = true}, &made.other_ca);
    certs_make(&made.files,
               &(struct cert_opts){.name = "server",
                                   .issuer = &made.ca,
                                   .alt_names = "DNS:server.test,IP:127.0.0.1"},
               &made.server);
    certs_make(&made.files,
               &(struct cert_opts){.name = "server-rsa",
                                   .issuer = &made.ca,
                                   .alt_names = "DNS:rsa.test",
                                   .key_type = EVP_PKEY_RSA},
               &made.server_rsa);
    certs_make(&made.files,
               &(struct cert_opts){.name = "client", .issuer = &made.ca, .key_usage = "clientAuth"},
               &made.client);
    certs_make(&made.files, &(struct cert_opts){.name = "stranger", .issuer = &made.other_ca},
               &made.stranger);
    certs_make(
        &made.files,
        &(struct cert_opts){.name = "server-only", .issuer = &made.ca, .key_usage = "serverAuth"},
        &made.server_only);
    certs_make(&made.files,
               &(struct cert_opts){.name = "expired", .issuer = &made.ca, .is_expired = true},
               &made.expired);
    return 0;
}

static int drop_certs(void **state NB_UNUSED)
{
    struct cert *const all[] = {&made.ca,     &made.other_ca, &made.server,      &made.server_rsa,
                                &made.client, &made.stranger, &made.server_only, &made.expired};

    for (size_t i = 0; i < NB_ARRAY_LEN(all); i++) {
        cert_fini(all[i]);
    }
    certs_fini(&made.files);
    return 0;
}

static struct nnet_tls_context *make_context(const struct nnet_tls_opts *opts)
{
    struct nnet_tls_context *context = NULL;
    struct nb_diag diag = {.text = ""};

    if (nnet_tls_context_create(opts, &context, &diag) != NB_OK) {
        fail_msg("%s", diag.text);
    }
    return context;
}

static struct nnet_tls_cert_files files_of(const struct cert *cert)
{
    return (struct nnet_tls_cert_files){.cert_file = cert->cert_file, .key_file = cert->key_file};
}

// Server and client on two workers.
struct tls_pair {
    struct rig rig;
    struct rig_peer *server;
    struct rig_peer *client;
    struct nnet_tls_context *server_context;
    struct nnet_tls_context *client_context;
    const char *server_name;
    int64_t timeout_ns;
};

static void pair_prepare(struct tls_pair *pair, struct nnet_tls_opts *server,
                         struct nnet_tls_opts *client, bool small)
{
    int fds[2];

    server->is_server = true;
    rig_start(&pair->rig, 2);
    rig_tcp_pair(fds, small);
    pair->server = rig_peer_create(fds[0]);
    pair->client = rig_peer_create(fds[1]);
    pair->server_context = make_context(server);
    pair->client_context = make_context(client);
    pair->timeout_ns = RIG_DEADLINE_S * NB_NS_PER_S;
    rig_peer_open(pair->server, nnet_group_worker(pair->rig.group, 0));
    rig_peer_open(pair->client, nnet_group_worker(pair->rig.group, 1));
}

static void do_start_server(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    struct tls_pair *pair = arg;

    nnet_conn_start_tls(&pair->server->conn, pair->server_context, nb_slice_make(NULL, 0), NULL,
                        pair->timeout_ns);
}

static void do_start_client(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    struct tls_pair *pair = arg;

    nnet_conn_start_tls(&pair->client->conn, pair->client_context, nb_slice_make(NULL, 0),
                        pair->server_name, pair->timeout_ns);
}

static void pair_shake(struct tls_pair *pair)
{
    rig_call(pair->server->conn.worker, do_start_server, pair);
    rig_call(pair->client->conn.worker, do_start_client, pair);
    rig_wait(pair->server, pair->server->tls_count == 1);
    rig_wait(pair->client, pair->client->tls_count == 1);
}

static void pair_end(struct tls_pair *pair)
{
    rig_peer_destroy(&pair->client);
    rig_peer_destroy(&pair->server);
    nnet_tls_context_unref(pair->server_context);
    nnet_tls_context_unref(pair->client_context);
    rig_stop(&pair->rig);
}

struct text_output {
    struct rig_peer *peer;
    struct slice bytes;
};

static void do_append(void *arg, struct nnet_worker *worker)
{
    struct text_output *output = arg;

    nnet_out_append(worker, &output->peer->conn, output->bytes);
}

static void say(struct rig_peer *peer, const char *text)
{
    struct text_output output = {.peer = peer, .bytes = nb_slice_of(text)};

    rig_call(peer->conn.worker, do_append, &output);
}

static void expect_dialogue(struct tls_pair *pair)
{
    pair->server->echoes = true;
    say(pair->client, "hello");
    rig_wait(pair->client, nb_slice_is(nb_buf_slice(&pair->client->got), "hello"));
}

static void both_sides_know_what_they_speak(void **state NB_UNUSED)
{
    struct nnet_tls_cert_files files = files_of(&made.server);
    struct tls_pair pair = {.server_name = "server.test"};
    struct nnet_tls_opts server = {.certs = &files, .cert_count = 1};
    struct nnet_tls_opts client = {.ca_file = made.ca.cert_file, .verify_peer = true};
    struct slice der = {.p = NULL};

    pair_prepare(&pair, &server, &client, false);
    assert_false(nnet_conn_has_tls(&pair.client->conn));
    assert_null(nnet_conn_tls_version(&pair.client->conn));
    assert_null(nnet_conn_tls_cipher(&pair.client->conn));
    pair_shake(&pair);
    assert_string_equal(pair.server->tls_text, "");
    assert_string_equal(pair.client->tls_text, "");
    expect_dialogue(&pair);
    assert_true(nnet_conn_has_tls(&pair.client->conn));
    assert_string_equal(nnet_conn_tls_version(&pair.server->conn), "1.3");
    assert_string_equal(nnet_conn_tls_version(&pair.client->conn), "1.3");
    assert_non_null(strstr(nnet_conn_tls_cipher(&pair.client->conn), "TLS_"));
    assert_string_equal(nnet_conn_tls_cipher(&pair.client->conn),
                        nnet_conn_tls_cipher(&pair.server->conn));
    assert_true(nnet_conn_tls_peer_cert(&pair.client->conn, 0, &der));
    assert_true(der.n > 100);
    assert_false(nnet_conn_tls_peer_cert(&pair.client->conn, 1, &der));
    assert_false(nnet_conn_tls_peer_cert(&pair.server->conn, 0, &der)); // none was asked for
    pair_end(&pair);
}

// Who may talk to whom.

struct trust_case {
    const char *name;
    const struct cert *server;
    const struct cert *server_ca; // trusts clients of it, and demands one
    const struct cert *client;
    const struct cert *client_ca;
    const char *server_name;
    const struct cert *server_pin;
    const struct cert *client_pin;
    bool client_trusts_all;
    const char *server_text; // NULL: it succeeds
    const char *client_text;
};

// Each side's pins name the other's key.
static void do_weigh_pins(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    const struct tls_pair *pair = arg;

    assert_true(nnet_conn_tls_fits_pins(&pair->server->conn, pair->server_context));
    assert_false(nnet_conn_tls_fits_pins(&pair->server->conn, pair->client_context));
}

static void run_trust_case(const struct trust_case *c)
{
    struct tls_pair pair = {.server_name = c->server_name};
    struct nnet_tls_cert_files server_files = files_of(c->server);
    struct nnet_tls_cert_files client_files = {0};
    uint8_t pins[2][1][NNET_TLS_PIN_BYTES] = {{{0}}};
    struct nnet_tls_opts server = {.certs = &server_files, .cert_count = 1};
    struct nnet_tls_opts client = {.ca_file = c->client_ca != NULL ? c->client_ca->cert_file : NULL,
                                   .verify_peer = !c->client_trusts_all};

    if (c->server_ca != NULL) {
        server.ca_file = c->server_ca->cert_file;
        server.verify_peer = true;
    }
    if (c->client != NULL) {
        client_files = files_of(c->client);
        client.certs = &client_files;
        client.cert_count = 1;
    }
    if (c->server_pin != NULL) {
        cert_pin(c->server_pin, pins[0][0]);
        server.pins = (const uint8_t(*)[NNET_TLS_PIN_BYTES])pins[0];
        server.pin_count = 1;
    }
    if (c->client_pin != NULL) {
        cert_pin(c->client_pin, pins[1][0]);
        client.pins = (const uint8_t(*)[NNET_TLS_PIN_BYTES])pins[1];
        client.pin_count = 1;
    }
    pair_prepare(&pair, &server, &client, false);
    pair_shake(&pair);
    if ((pair.server->tls_rc == NB_OK) != (c->server_text == NULL) ||
        (c->server_text != NULL && strstr(pair.server->tls_text, c->server_text) == NULL)) {
        fail_msg("%s: the server has %d %s", c->name, pair.server->tls_rc, pair.server->tls_text);
    }
    if ((pair.client->tls_rc == NB_OK) != (c->client_text == NULL) ||
        (c->client_text != NULL && strstr(pair.client->tls_text, c->client_text) == NULL)) {
        fail_msg("%s: the client has %d %s", c->name, pair.client->tls_rc, pair.client->tls_text);
    }
    if (c->server_text == NULL && c->client_text == NULL) {
        expect_dialogue(&pair);
        if (c->server_pin != NULL) {
            rig_call(pair.server->conn.worker, do_weigh_pins, &pair);
        }
    }
    pair_end(&pair);
}

static void each_side_trusts_whom_it_was_told_to(void **state NB_UNUSED)
{
    const struct trust_case cases[] = {
        {.name = "a server with a good name",
         .server = &made.server,
         .client_ca = &made.ca,
         .server_name = "server.test"},
        {.name = "a server with a good address",
         .server = &made.server,
         .client_ca = &made.ca,
         .server_name = "127.0.0.1"},
        {.name = "another name",
         .server = &made.server,
         .client_ca = &made.ca,
         .server_name = "other.test",
         .server_text = "remote error: tls: ",
         .client_text = "ostname mismatch"},
        {.name = "another address",
         .server = &made.server,
         .client_ca = &made.ca,
         .server_name = "127.0.0.2",
         .server_text = "remote error: tls: ",
         .client_text = "IP address mismatch"},
        {.name = "the common name alone is no name",
         .server = &made.stranger,
         .client_ca = &made.other_ca,
         .server_name = "stranger",
         .server_text = "remote error: tls: ",
         .client_text = "ostname mismatch"},
        {.name = "a name that no host has",
         .server = &made.server,
         .client_ca = &made.ca,
         .server_name = "",
         .server_text = "EOF",
         .client_text = "name is not valid"},
        {.name = "a server of another CA",
         .server = &made.server,
         .client_ca = &made.other_ca,
         .server_name = "server.test",
         .server_text = "remote error: tls: unknown",
         .client_text = "unable to get local issuer certificate"},
        {.name = "an expired server",
         .server = &made.expired,
         .client_ca = &made.ca,
         .server_text = "remote error: tls: certificate expired",
         .client_text = "certificate has expired"},
        {.name = "a client that trusts anybody",
         .server = &made.expired,
         .client_trusts_all = true,
         .server_name = "whatever"},
        {.name = "a client with a certificate",
         .server = &made.server,
         .server_ca = &made.ca,
         .client = &made.client,
         .client_ca = &made.ca},
        {.name = "a client with a pinned certificate, and a pinned server",
         .server = &made.server,
         .server_ca = &made.ca,
         .client = &made.client,
         .client_ca = &made.ca,
         .server_pin = &made.client,
         .client_pin = &made.server},
        {.name = "a server that is not pinned",
         .server = &made.server,
         .client_trusts_all = true,
         .client_pin = &made.client,
         .server_text = NULL,
         .client_text = "certificate not pinned"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        run_trust_case(&cases[i]);
    }
}

// In TLS 1.3 a client is done before the server has judged it: it learns by an alert, or by
// the end. What matters is that the server refuses.
static void a_server_refuses_bad_clients(void **state NB_UNUSED)
{
    const struct {
        const char *name;
        const struct cert *client;
        const struct cert *pin;
        const char *text;
    } cases[] = {
        {"no certificate", NULL, NULL, "peer did not return a certificate"},
        {"a certificate of another CA", &made.stranger, NULL, "unable to get"},
        {"a certificate that is not for clients", &made.server_only, NULL, "purpose"},
        {"an expired certificate", &made.expired, NULL, "certificate has expired"},
        {"a certificate that is not pinned", &made.client, &made.stranger, "not pinned"},
    };
    struct nnet_tls_cert_files server_files = files_of(&made.server);

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct tls_pair pair = {.server_name = NULL};
        struct nnet_tls_cert_files client_files;
        uint8_t pins[1][NNET_TLS_PIN_BYTES];
        struct nnet_tls_opts server = {.certs = &server_files,
                                       .cert_count = 1,
                                       .ca_file = made.ca.cert_file,
                                       .verify_peer = true};
        struct nnet_tls_opts client = {.is_server = false};

        if (cases[i].client != NULL) {
            client_files = files_of(cases[i].client);
            client.certs = &client_files;
            client.cert_count = 1;
        }
        if (cases[i].pin != NULL) {
            cert_pin(cases[i].pin, pins[0]);
            server.pins = (const uint8_t(*)[NNET_TLS_PIN_BYTES])pins;
            server.pin_count = 1;
        }
        pair_prepare(&pair, &server, &client, false);
        rig_call(pair.server->conn.worker, do_start_server, &pair);
        rig_call(pair.client->conn.worker, do_start_client, &pair);
        rig_wait(pair.server, pair.server->tls_count == 1);
        rig_wait(pair.client, pair.client->closed_count == 1); // one way or the other
        assert_int_equal(pair.server->tls_rc, NB_ECRYPTO);
        if (strstr(pair.server->tls_text, cases[i].text) == NULL) {
            fail_msg("%s: %s", cases[i].name, pair.server->tls_text);
        }
        assert_int_equal(nb_buf_slice(&pair.server->got).n, 0);
        pair_end(&pair);
    }
}

struct pins_question {
    struct nnet_conn *conn;
    const struct nnet_tls_context *context;
    bool fits;
};

static void do_ask_pins(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    struct pins_question *question = arg;

    question->fits = nnet_conn_tls_fits_pins(question->conn, question->context);
}

static bool fits_pin_of(const struct rig_peer *peer, const struct cert *cert)
{
    uint8_t pins[1][NNET_TLS_PIN_BYTES];
    struct nnet_tls_opts opts = {.is_server = true};
    struct pins_question question = {.conn = (struct nnet_conn *)&peer->conn};
    struct nnet_tls_context *context;

    if (cert != NULL) {
        cert_pin(cert, pins[0]);
        opts.pins = (const uint8_t(*)[NNET_TLS_PIN_BYTES])pins;
        opts.pin_count = 1;
    }
    context = make_context(&opts);
    question.context = context;
    rig_call(peer->conn.worker, do_ask_pins, &question);
    nnet_tls_context_unref(context);
    return question.fits;
}

static void an_open_connection_is_held_against_other_pins(void **state NB_UNUSED)
{
    struct nnet_tls_cert_files server_files = files_of(&made.server);
    struct nnet_tls_cert_files client_files = files_of(&made.client);
    struct nnet_tls_opts server = {
        .certs = &server_files, .cert_count = 1, .ca_file = made.ca.cert_file, .verify_peer = true};
    struct nnet_tls_opts client = {.certs = &client_files, .cert_count = 1};
    struct tls_pair pair = {.server_name = NULL};

    pair_prepare(&pair, &server, &client, false);
    assert_true(fits_pin_of(pair.server, &made.stranger)); // no TLS on it yet
    pair_shake(&pair);
    assert_true(fits_pin_of(pair.server, NULL));
    assert_true(fits_pin_of(pair.server, &made.client));
    assert_false(fits_pin_of(pair.server, &made.server));
    pair_end(&pair);
}

// A client of BoringSSL's own, blocking, that speaks at most TLS 1.2.
struct old_client {
    SSL_CTX *ctx;
    SSL *ssl;
    struct tls_pair pair;
    int fd;
};

static void old_client_start(struct old_client *client, uint16_t min_version)
{
    struct nnet_tls_cert_files files = files_of(&made.server);
    struct nnet_tls_opts opts = {
        .is_server = true, .certs = &files, .cert_count = 1, .min_version = min_version};
    int fds[2];

    memset(client, 0, sizeof(*client));
    rig_start(&client->pair.rig, 1);
    rig_tcp_pair(fds, false);
    client->fd = fds[1];
    client->pair.server = rig_peer_create(fds[0]);
    client->pair.server->echoes = true;
    client->pair.server_context = make_context(&opts);
    client->pair.timeout_ns = RIG_DEADLINE_S * NB_NS_PER_S;
    rig_peer_open(client->pair.server, nnet_group_worker(client->pair.rig.group, 0));
    rig_call(client->pair.server->conn.worker, do_start_server, &client->pair);
    client->ctx = SSL_CTX_new(TLS_method());
    assert_int_equal(SSL_CTX_set_max_proto_version(client->ctx, TLS1_2_VERSION), 1);
    client->ssl = SSL_new(client->ctx);
    assert_int_equal(SSL_set_fd(client->ssl, client->fd), 1);
}

static void old_client_end(struct old_client *client)
{
    SSL_free(client->ssl);
    SSL_CTX_free(client->ctx);
    close(client->fd);
    rig_peer_destroy(&client->pair.server);
    nnet_tls_context_unref(client->pair.server_context);
    rig_stop(&client->pair.rig);
}

static void a_client_of_tls_1_2_is_served(void **state NB_UNUSED)
{
    struct old_client client;
    char answer[5];

    old_client_start(&client, 0);
    assert_int_equal(SSL_connect(client.ssl), 1);
    assert_int_equal(SSL_write(client.ssl, "hello", 5), 5);
    assert_int_equal(SSL_read(client.ssl, answer, 5), 5);
    assert_memory_equal(answer, "hello", 5);
    rig_call(client.pair.server->conn.worker, rig_do_nothing, NULL);
    assert_string_equal(nnet_conn_tls_version(&client.pair.server->conn), "1.2");
    assert_string_equal(nnet_conn_tls_cipher(&client.pair.server->conn),
                        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
    // A close is told before the end of the stream.
    rig_call(client.pair.server->conn.worker, rig_do_close_flush, client.pair.server);
    assert_int_equal(SSL_read(client.ssl, answer, 1), 0);
    assert_int_equal(SSL_get_error(client.ssl, 0), SSL_ERROR_ZERO_RETURN);
    old_client_end(&client);
}

static void a_peers_close_notify_is_the_end(void **state NB_UNUSED)
{
    struct old_client client;

    old_client_start(&client, 0);
    assert_int_equal(SSL_connect(client.ssl), 1);
    assert_int_equal(SSL_write(client.ssl, "bye", 3), 3);
    (void)SSL_shutdown(client.ssl);
    rig_wait(client.pair.server, client.pair.server->closed_count == 1);
    assert_int_equal(client.pair.server->ended_how, NNET_END_EOF);
    assert_true(nb_slice_is(nb_buf_slice(&client.pair.server->got), "bye"));
    old_client_end(&client);
}

static void versions_that_do_not_meet_fail(void **state NB_UNUSED)
{
    struct old_client client;

    old_client_start(&client, TLS1_3_VERSION);
    assert_int_not_equal(SSL_connect(client.ssl), 1);
    ERR_clear_error();
    rig_wait(client.pair.server, client.pair.server->tls_count == 1);
    assert_int_equal(client.pair.server->tls_rc, NB_ECRYPTO);
    assert_string_equal(client.pair.server->tls_text, "tls: unsupported protocol");
    old_client_end(&client);
}

static void the_certificate_fits_the_name_asked_for(void **state NB_UNUSED)
{
    static const struct {
        const char *server_name;
        const struct cert *want;
    } cases[] = {
        {"server.test", &made.server}, {"rsa.test", &made.server_rsa}, {NULL, &made.server}};
    const struct nnet_tls_cert_files files[2] = {files_of(&made.server),
                                                 files_of(&made.server_rsa)};

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct tls_pair pair = {.server_name = cases[i].server_name};
        struct nnet_tls_opts server = {.certs = files, .cert_count = 2};
        struct nnet_tls_opts client = {.ca_file = made.ca.cert_file, .verify_peer = true};
        struct slice der = {.p = NULL};
        uint8_t *want = NULL;
        int want_n;

        pair_prepare(&pair, &server, &client, false);
        pair_shake(&pair);
        assert_string_equal(pair.client->tls_text, "");
        assert_true(nnet_conn_tls_peer_cert(&pair.client->conn, 0, &der));
        want_n = i2d_X509(cases[i].want->x509, &want);
        assert_int_equal(der.n, want_n);
        assert_memory_equal(der.p, want, der.n);
        OPENSSL_free(want);
        pair_end(&pair);
    }
}

// Bytes.

static void do_output_pattern(void *arg, struct nnet_worker *worker)
{
    struct text_output *output = arg;
    size_t left = output->bytes.n;
    const uint8_t *p = output->bytes.p;

    for (size_t piece = 1; left > 0; piece = piece * 5 % 20011) {
        size_t n = left < piece ? left : piece;

        nnet_out_append(worker, &output->peer->conn, nb_slice_make(p, n));
        p += n;
        left -= n;
    }
}

static void a_large_stream_arrives_whole(void **state NB_UNUSED)
{
    enum { TOTAL = 8 * 1024 * 1024 };
    struct nnet_tls_cert_files files = files_of(&made.server);

    for (unsigned small = 0; small < 2; small++) {
        size_t total = small == 1 ? TOTAL / 8 : TOTAL;
        uint8_t *block = nb_alloc(total);
        struct tls_pair pair = {.server_name = NULL};
        struct nnet_tls_opts server = {.certs = &files, .cert_count = 1};
        struct nnet_tls_opts client = {.is_server = false};
        struct text_output output;

        rig_fill(block, total, 0);
        pair_prepare(&pair, &server, &client, small == 1);
        pair_shake(&pair);
        output = (struct text_output){.peer = pair.server, .bytes = nb_slice_make(block, total)};
        rig_call(pair.server->conn.worker, do_output_pattern, &output);
        rig_wait(pair.client, nb_buf_slice(&pair.client->got).n == total);
        assert_memory_equal(nb_buf_slice(&pair.client->got).p, block, total);
        rig_call(pair.server->conn.worker, rig_do_nothing, NULL);
        rig_wait(pair.server, atomic_load(&pair.server->conn.pending_bytes) == 0);
        pair_end(&pair);
        nb_free(block);
    }
}

static void want_block(struct rig_peer *peer, struct nb_chunk *chunk NB_UNUSED, struct slice bytes)
{
    if (bytes.p[0] == 'L') {
        peer->wanted = (struct nnet_room){.p = peer->user, .n = 300000};
    }
}

static void a_wanted_place_is_filled_first(void **state NB_UNUSED)
{
    struct nnet_tls_cert_files files = files_of(&made.server);
    struct tls_pair pair = {.server_name = NULL};
    struct nnet_tls_opts server = {.certs = &files, .cert_count = 1};
    struct nnet_tls_opts client = {.is_server = false};
    uint8_t *block = nb_alloc(300005);
    uint8_t *place = nb_alloc(300000);
    struct text_output output;

    pair_prepare(&pair, &server, &client, false);
    pair.server->on_received = want_block;
    pair.server->user = place;
    pair_shake(&pair);
    say(pair.client, "L");
    rig_wait(pair.server, nb_buf_slice(&pair.server->got).n == 1);
    rig_fill(block, 300000, 0);
    memcpy(block + 300000, "after", 5);
    output = (struct text_output){.peer = pair.client, .bytes = nb_slice_make(block, 300005)};
    rig_call(pair.client->conn.worker, do_append, &output);
    rig_wait(pair.server, nb_slice_is(nb_buf_slice(&pair.server->got), "Lafter"));
    assert_memory_equal(block, place, 300000);
    pair_end(&pair);
    nb_free(block);
    nb_free(place);
}

static void bye_on_tls(struct rig_peer *peer)
{
    nnet_out_append(peer->conn.worker, &peer->conn, NB_SLICE("bye"));
    nnet_conn_close(&peer->conn, NNET_CLOSE_FLUSH);
}

static void what_was_queued_leaves_encrypted_before_the_close(void **state NB_UNUSED)
{
    struct nnet_tls_cert_files files = files_of(&made.server);
    struct tls_pair pair = {.server_name = NULL};
    struct nnet_tls_opts server = {.certs = &files, .cert_count = 1};
    struct nnet_tls_opts client = {.is_server = false};

    pair_prepare(&pair, &server, &client, false);
    pair.server->on_tls = bye_on_tls;
    pair_shake(&pair);
    rig_wait(pair.client, pair.client->closed_count == 1);
    assert_true(nb_slice_is(nb_buf_slice(&pair.client->got), "bye"));
    assert_int_equal(pair.client->ended_how, NNET_END_EOF);
    rig_wait(pair.server, pair.server->closed_count == 1);
    pair_end(&pair);
}

// INFO in clear, then the handshake on the same connection, while more is queued already.
static void do_queue_then_start(void *arg, struct nnet_worker *worker)
{
    struct tls_pair *pair = arg;

    nnet_out_append(worker, &pair->server->conn, NB_SLICE("clear"));
    do_start_server(arg, worker);
    nnet_out_append(worker, &pair->server->conn, NB_SLICE("secret"));
}

static void clear_bytes_go_first_and_later_ones_wait(void **state NB_UNUSED)
{
    struct nnet_tls_cert_files files = files_of(&made.server);
    struct tls_pair pair = {.server_name = NULL};
    struct nnet_tls_opts server = {.certs = &files, .cert_count = 1};
    struct nnet_tls_opts client = {.is_server = false};

    pair_prepare(&pair, &server, &client, false);
    rig_call(pair.server->conn.worker, do_queue_then_start, &pair);
    rig_wait(pair.client, nb_slice_is(nb_buf_slice(&pair.client->got), "clear"));
    rig_call(pair.client->conn.worker, do_start_client, &pair);
    rig_wait(pair.client, nb_slice_is(nb_buf_slice(&pair.client->got), "clearsecret"));
    assert_int_equal(pair.client->tls_rc, NB_OK);
    pair_end(&pair);
}

// More in clear than the socket takes: the rest goes before the handshake, too.
static void do_queue_much_then_start(void *arg, struct nnet_worker *worker)
{
    struct tls_pair *pair = arg;
    uint8_t *block = nb_alloc(1000000);

    rig_fill(block, 1000000, 0);
    nnet_out_append(worker, &pair->server->conn, nb_slice_make(block, 1000000));
    nb_free(block);
    do_start_server(arg, worker);
}

static void clear_bytes_that_were_stuck_go_first(void **state NB_UNUSED)
{
    struct nnet_tls_cert_files files = files_of(&made.server);
    struct tls_pair pair = {.server_name = NULL};
    struct nnet_tls_opts server = {.certs = &files, .cert_count = 1};
    struct nnet_tls_opts client = {.is_server = false};

    pair_prepare(&pair, &server, &client, true);
    rig_call(pair.server->conn.worker, do_queue_much_then_start, &pair);
    rig_wait(pair.client, nb_buf_slice(&pair.client->got).n == 1000000);
    rig_call(pair.client->conn.worker, do_start_client, &pair);
    rig_wait(pair.server, pair.server->tls_count == 1);
    assert_int_equal(pair.server->tls_rc, NB_OK);
    for (size_t i = 0; i < 1000000; i++) {
        assert_int_equal(nb_buf_slice(&pair.client->got).p[i], rig_byte(i));
    }
    pair_end(&pair);
}

// The user has read the beginning of the hello already.
static void begin_with_bytes(struct rig_peer *peer, struct nb_chunk *chunk NB_UNUSED,
                             struct slice bytes)
{
    struct tls_pair *pair = peer->user;

    nnet_conn_start_tls(&peer->conn, pair->server_context, bytes, NULL, pair->timeout_ns);
}

static void a_handshake_may_begin_with_bytes_read_before(void **state NB_UNUSED)
{
    struct nnet_tls_cert_files files = files_of(&made.server);
    struct tls_pair pair = {.server_name = NULL};
    struct nnet_tls_opts server = {.certs = &files, .cert_count = 1};
    struct nnet_tls_opts client = {.is_server = false};

    pair_prepare(&pair, &server, &client, false);
    pair.server->on_received = begin_with_bytes;
    pair.server->user = &pair;
    rig_call(pair.client->conn.worker, do_start_client, &pair);
    rig_wait(pair.server, pair.server->tls_count == 1);
    assert_int_equal(pair.server->tls_rc, NB_OK);
    pair_end(&pair);
}

// Failures.

// A server peer, and the test at the other end in clear.
struct clear_client {
    struct tls_pair pair;
    int fd;
};

static void clear_client_start(struct clear_client *client, int64_t timeout_ns)
{
    struct nnet_tls_cert_files files = files_of(&made.server);
    struct nnet_tls_opts opts = {.is_server = true, .certs = &files, .cert_count = 1};
    int fds[2];

    memset(client, 0, sizeof(*client));
    rig_start(&client->pair.rig, 1);
    rig_tcp_pair(fds, false);
    client->fd = fds[1];
    client->pair.server = rig_peer_create(fds[0]);
    client->pair.server_context = make_context(&opts);
    client->pair.timeout_ns = timeout_ns;
    rig_peer_open(client->pair.server, nnet_group_worker(client->pair.rig.group, 0));
    rig_call(client->pair.server->conn.worker, do_start_server, &client->pair);
}

static void clear_client_end(struct clear_client *client)
{
    close(client->fd);
    rig_peer_destroy(&client->pair.server);
    nnet_tls_context_unref(client->pair.server_context);
    rig_stop(&client->pair.rig);
}

static void a_handshake_has_a_deadline(void **state NB_UNUSED)
{
    static const char hello[] = {0x16, 0x03, 0x01, 0x02, 0x00, 0x01}; // and no more

    for (size_t n = 0; n <= sizeof(hello); n++) {
        struct clear_client client;

        clear_client_start(&client, 10 * NB_NS_PER_MS);
        rig_send(client.fd, hello, n);
        rig_wait(client.pair.server, client.pair.server->tls_count == 1);
        assert_int_equal(client.pair.server->tls_rc, NB_ETIMEDOUT);
        clear_client_end(&client);
    }
}

static void a_client_in_clear_is_told_apart(void **state NB_UNUSED)
{
    static const char *const texts[] = {"CONNECT {}\r\n", "GET / HTTP/1.1\r\n\r\n", "\x80", "x"};

    for (size_t i = 0; i < NB_ARRAY_LEN(texts); i++) {
        struct clear_client client;

        clear_client_start(&client, RIG_DEADLINE_S * NB_NS_PER_S);
        rig_send_text(client.fd, texts[i]);
        rig_wait(client.pair.server, client.pair.server->tls_count == 1);
        assert_int_equal(client.pair.server->tls_rc, NB_EMALFORMED);
        rig_expect_end(client.fd);
        clear_client_end(&client);
    }
}

static void garbage_in_a_record_fails_with_an_alert(void **state NB_UNUSED)
{
    static const uint8_t garbage[] = {0x16, 3, 1, 0, 4, 0xFF, 0, 0, 0};
    struct clear_client client;
    uint8_t alert[7];

    clear_client_start(&client, RIG_DEADLINE_S * NB_NS_PER_S);
    rig_send(client.fd, garbage, sizeof(garbage));
    rig_recv(client.fd, alert, sizeof(alert));
    assert_int_equal(alert[0], 0x15);
    rig_expect_end(client.fd);
    rig_wait(client.pair.server, client.pair.server->tls_count == 1);
    assert_int_equal(client.pair.server->tls_rc, NB_ECRYPTO);
    clear_client_end(&client);
}

// A reset, for bytes that nobody read, would destroy the alert.
static void the_alert_arrives_though_more_input_is_there(void **state NB_UNUSED)
{
    static const uint8_t garbage[64 * 1024] = {0x16, 3, 1, 0, 4, 0xFF, 0, 0, 0};
    struct clear_client client;
    uint8_t alert[7];

    clear_client_start(&client, RIG_DEADLINE_S * NB_NS_PER_S);
    rig_send(client.fd, garbage, sizeof(garbage));
    rig_wait(client.pair.server, client.pair.server->tls_count == 1);
    rig_recv(client.fd, alert, sizeof(alert));
    assert_int_equal(alert[0], 0x15);
    rig_expect_end(client.fd); // and no reset
    clear_client_end(&client);
}

static void a_peer_that_leaves_in_the_handshake_is_told(void **state NB_UNUSED)
{
    struct clear_client client;

    clear_client_start(&client, RIG_DEADLINE_S * NB_NS_PER_S);
    shutdown(client.fd, SHUT_WR);
    rig_wait(client.pair.server, client.pair.server->tls_count == 1);
    assert_int_equal(client.pair.server->tls_rc, NB_ECLOSED);
    assert_string_equal(client.pair.server->tls_text, "EOF");
    clear_client_end(&client);
}

static void a_connection_may_close_in_the_handshake(void **state NB_UNUSED)
{
    for (unsigned flush = 0; flush < 2; flush++) {
        struct clear_client client;

        clear_client_start(&client, RIG_DEADLINE_S * NB_NS_PER_S);
        say(client.pair.server, "never sent in clear");
        rig_call(client.pair.server->conn.worker,
                 flush == 1 ? rig_do_close_flush : rig_do_close_now, client.pair.server);
        rig_expect_end(client.fd);
        clear_client_end(&client);
    }
}

// Ciphertext that was changed on its way ends the connection, and is never handed out.
static void a_stream_that_breaks_the_protocol_ends(void **state NB_UNUSED)
{
    struct nnet_tls_cert_files files = files_of(&made.server);
    struct tls_pair pair = {.server_name = NULL};
    struct nnet_tls_opts server = {.certs = &files, .cert_count = 1};
    struct nnet_tls_opts client = {.is_server = false};
    static const uint8_t record[] = {0x17, 3, 3, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8,
                                     9,    0, 1, 2, 3,  4, 5, 6, 7, 8, 9, 0};

    pair_prepare(&pair, &server, &client, false);
    pair_shake(&pair);
    rig_send(pair.client->conn.fd, record, sizeof(record)); // behind the transport's back
    rig_wait(pair.server, pair.server->closed_count == 1);
    assert_int_equal(pair.server->ended_how, NNET_END_READ);
    assert_int_equal(pair.server->ended_error, EPROTO);
    assert_int_equal(nb_buf_slice(&pair.server->got).n, 0);
    pair_end(&pair);
}

static void a_context_outlives_its_owner(void **state NB_UNUSED)
{
    struct nnet_tls_cert_files files = files_of(&made.server);
    struct tls_pair pair = {.server_name = NULL};
    struct nnet_tls_opts server = {.certs = &files, .cert_count = 1};
    struct nnet_tls_opts client = {.is_server = false};

    pair_prepare(&pair, &server, &client, false);
    pair_shake(&pair);
    nnet_tls_context_unref(pair.server_context);
    pair.server_context = NULL;
    expect_dialogue(&pair);
    pair_end(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_know_what_they_speak),
        cmocka_unit_test(each_side_trusts_whom_it_was_told_to),
        cmocka_unit_test(a_server_refuses_bad_clients),
        cmocka_unit_test(an_open_connection_is_held_against_other_pins),
        cmocka_unit_test(a_client_of_tls_1_2_is_served),
        cmocka_unit_test(a_peers_close_notify_is_the_end),
        cmocka_unit_test(versions_that_do_not_meet_fail),
        cmocka_unit_test(the_certificate_fits_the_name_asked_for),
        cmocka_unit_test(a_large_stream_arrives_whole),
        cmocka_unit_test(a_wanted_place_is_filled_first),
        cmocka_unit_test(what_was_queued_leaves_encrypted_before_the_close),
        cmocka_unit_test(clear_bytes_go_first_and_later_ones_wait),
        cmocka_unit_test(clear_bytes_that_were_stuck_go_first),
        cmocka_unit_test(a_handshake_may_begin_with_bytes_read_before),
        cmocka_unit_test(a_handshake_has_a_deadline),
        cmocka_unit_test(a_client_in_clear_is_told_apart),
        cmocka_unit_test(garbage_in_a_record_fails_with_an_alert),
        cmocka_unit_test(the_alert_arrives_though_more_input_is_there),
        cmocka_unit_test(a_peer_that_leaves_in_the_handshake_is_told),
        cmocka_unit_test(a_connection_may_close_in_the_handshake),
        cmocka_unit_test(a_stream_that_breaks_the_protocol_ends),
        cmocka_unit_test(a_context_outlives_its_owner),
    };
    return cmocka_run_group_tests_name("transport", tests, make_certs, drop_certs);
}
