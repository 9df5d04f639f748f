#include "fake_server.h"

#include "net_certs.h"

#include <natsd/listener.h>

/* A server that speaks TLS, on a worker of its own: it greets as told, keeps what the client
 * says and answers each PING.
 */
struct tls_server {
    struct nnet_group *group;
    struct nnet_listener *listener;
    struct nnet_tls_context *context; // NULL: none
    const char *info;                 // in clear, or behind the handshake when that is first
    bool is_tls_first;
    struct nnet_task start_task;
    struct nnet_task stop_task;
    struct watcher watcher; // marks: started, stopped
    uint16_t port;
    pthread_mutex_t mutex;
    char heard[8192]; // in TLS
    size_t heard_size;
};

struct tls_peer {
    struct nnet_conn conn;
    struct tls_server *server;
};

static void say(struct nnet_conn *conn, const char *line)
{
    nnet_out_append(conn->worker, conn, text(line));
}

static void begin_tls(struct nnet_conn *conn, struct slice begun)
{
    struct tls_peer *peer = nb_container_of(conn, struct tls_peer, conn);

    nnet_conn_start_tls(conn, peer->server->context, begun, NULL, 10 * NB_NS_PER_S);
}

static void hear(struct nnet_conn *conn, struct slice bytes)
{
    struct tls_server *server = nb_container_of(conn, struct tls_peer, conn)->server;

    pthread_mutex_lock(&server->mutex);
    assert_true(bytes.n < sizeof(server->heard) - server->heard_size);
    memcpy(server->heard + server->heard_size, bytes.p, bytes.n);
    server->heard_size += bytes.n;
    pthread_mutex_unlock(&server->mutex);
    if (nb_slice_ends(bytes, "PING\r\n")) {
        say(conn, "PONG\r\n");
    }
}

static void on_received(struct nnet_conn *conn, struct nb_chunk *chunk NB_UNUSED,
                        struct slice bytes)
{
    struct tls_peer *peer = nb_container_of(conn, struct tls_peer, conn);

    if (nnet_conn_has_tls(conn) || peer->server->context == NULL) {
        hear(conn, bytes);
    } else {
        begin_tls(conn, bytes);
    }
}

static struct nnet_room on_wanted(struct nnet_conn *conn NB_UNUSED)
{
    return (struct nnet_room){.n = 0};
}

static void on_filled(struct nnet_conn *conn NB_UNUSED, size_t n NB_UNUSED)
{
}

static void on_ended(struct nnet_conn *conn, enum nnet_end how NB_UNUSED, int error NB_UNUSED)
{
    nnet_conn_close(conn, NNET_CLOSE_NOW);
}

static void on_tls_done(struct nnet_conn *conn, int rc, const char *why NB_UNUSED)
{
    struct tls_server *server = nb_container_of(conn, struct tls_peer, conn)->server;

    if (rc != NB_OK) {
        nnet_conn_close(conn, NNET_CLOSE_NOW);
    } else if (server->is_tls_first) {
        say(conn, server->info);
    }
}

static void on_stalled(struct nnet_conn *conn, size_t written NB_UNUSED)
{
    nnet_conn_close(conn, NNET_CLOSE_NOW);
}

static void on_output_full(struct nnet_conn *conn)
{
    nnet_conn_close(conn, NNET_CLOSE_NOW);
}

static void on_drained(struct nnet_conn *conn NB_UNUSED)
{
}

static void on_closed(struct nnet_conn *conn)
{
    nb_free(nb_container_of(conn, struct tls_peer, conn));
}

static const struct nnet_conn_handler handler = {.received = on_received,
                                                 .wanted = on_wanted,
                                                 .filled = on_filled,
                                                 .ended = on_ended,
                                                 .tls_done = on_tls_done,
                                                 .write_stalled = on_stalled,
                                                 .output_full = on_output_full,
                                                 .drained = on_drained,
                                                 .closed = on_closed};

static void on_accepted(void *ctx, int fd, const struct nnet_address *address NB_UNUSED)
{
    struct tls_server *server = ctx;
    struct tls_peer *peer = nb_zalloc(sizeof(*peer));

    peer->server = server;
    peer->conn.handler = &handler;
    nnet_conn_open(&peer->conn, nnet_group_control(server->group), fd);
    if (server->is_tls_first) {
        begin_tls(&peer->conn, (struct slice){0});
    } else {
        say(&peer->conn, server->info);
    }
}

static void on_start(struct nnet_task *task, struct nnet_worker *worker)
{
    struct tls_server *server = nb_container_of(task, struct tls_server, start_task);

    assert_int_equal(
        nnet_listener_open(worker, "127.0.0.1", 0, on_accepted, server, &server->listener, NULL),
        NB_OK);
    server->port = nnet_listener_port(server->listener);
    watcher_mark(&server->watcher);
}

static void on_stop(struct nnet_task *task, struct nnet_worker *worker NB_UNUSED)
{
    struct tls_server *server = nb_container_of(task, struct tls_server, stop_task);

    nnet_listener_close(&server->listener);
    watcher_mark(&server->watcher);
}

static void server_start(struct tls_server *server)
{
    static const struct nb_logger log;
    const struct nnet_group_opts opts = {.worker_count = 1, .log = &log};

    watcher_init(&server->watcher);
    pthread_mutex_init(&server->mutex, NULL);
    server->start_task.run = on_start;
    server->stop_task.run = on_stop;
    assert_int_equal(nnet_group_create(&opts, &server->group), NB_OK);
    nnet_worker_post(nnet_group_control(server->group), &server->start_task);
    watcher_await_mark(&server->watcher);
}

// The clients are gone.
static void server_stop(struct tls_server *server)
{
    nnet_worker_post(nnet_group_control(server->group), &server->stop_task);
    watcher_await_mark(&server->watcher);
    nnet_group_destroy(&server->group);
    watcher_fini(&server->watcher);
    pthread_mutex_destroy(&server->mutex);
}

// -- certificates ----------------------------------------------------------------------------

static struct certs certs;
static struct cert ca;
static struct cert server_cert;
static struct cert client_cert;

static int make_certs(void **state NB_UNUSED)
{
    certs_init(&certs);
    certs_make(&certs, &(struct cert_opts){.name = "ca", .is_ca = true}, &ca);
    certs_make(&certs,
               &(struct cert_opts){
                   .name = "server", .issuer = &ca, .alt_names = "IP:127.0.0.1,DNS:server.test"},
               &server_cert);
    certs_make(&certs,
               &(struct cert_opts){.name = "client", .issuer = &ca, .key_usage = "clientAuth"},
               &client_cert);
    return 0;
}

static int remove_certs(void **state NB_UNUSED)
{
    cert_fini(&ca);
    cert_fini(&server_cert);
    cert_fini(&client_cert);
    certs_fini(&certs);
    return 0;
}

static struct nnet_tls_context *server_context(bool verify_peer)
{
    const struct nnet_tls_cert_files files = {.cert_file = server_cert.cert_file,
                                              .key_file = server_cert.key_file};
    const struct nnet_tls_opts opts = {.is_server = true,
                                       .certs = &files,
                                       .cert_count = 1,
                                       .ca_file = ca.cert_file,
                                       .verify_peer = verify_peer};
    struct nnet_tls_context *context;

    assert_int_equal(nnet_tls_context_create(&opts, &context, NULL), NB_OK);
    return context;
}

// -- cases -----------------------------------------------------------------------------------

#define INFO_WITH(keys) "INFO {\"headers\":true,\"max_payload\":99" keys "} \r\n"

struct tls_case {
    const char *name;
    const char *scheme;
    const char *info;
    struct nclient_opts opts; // "ca", "cert" and "key" stand for the files
    bool server_has_no_tls;
    bool server_is_tls_first;
    bool server_verifies;
    int want;
    bool wants_tls;
    const char *why; // part of the text of a failure
};

static const struct tls_case cases[] = {
    {.name = "required by the server",
     .scheme = "nats",
     .info = INFO_WITH(",\"tls_required\":true"),
     .opts = {.tls_ca_file = "ca"},
     .wants_tls = true},
    {.name = "wanted by the URL, available",
     .scheme = "tls",
     .info = INFO_WITH(",\"tls_available\":true"),
     .opts = {.tls_ca_file = "ca"},
     .wants_tls = true},
    {.name = "required, nothing said by the client, unknown CA",
     .scheme = "nats",
     .info = INFO_WITH(",\"tls_required\":true"),
     .want = NB_ECRYPTO,
     .why = "tls: "},
    {.name = "available, not wanted",
     .scheme = "nats",
     .info = INFO_WITH(",\"tls_available\":true"),
     .server_has_no_tls = true,
     .wants_tls = false},
    {.name = "not verified",
     .scheme = "tls",
     .info = INFO_WITH(",\"tls_required\":true"),
     .opts = {.tls_skip_verify = true},
     .wants_tls = true},
    {.name = "by name",
     .scheme = "tls",
     .info = INFO_WITH(",\"tls_required\":true"),
     .opts = {.tls_ca_file = "ca", .tls_server_name = "server.test"},
     .wants_tls = true},
    {.name = "by a wrong name",
     .scheme = "tls",
     .info = INFO_WITH(",\"tls_required\":true"),
     .opts = {.tls_ca_file = "ca", .tls_server_name = "other.test"},
     .want = NB_ECRYPTO,
     .why = "tls: "},
    {.name = "first",
     .scheme = "tls",
     .info = INFO_WITH(",\"tls_required\":true"),
     .opts = {.tls_ca_file = "ca", .tls_first = true},
     .server_is_tls_first = true,
     .wants_tls = true},
    {.name = "wanted, not there",
     .scheme = "tls",
     .info = INFO_WITH(""),
     .server_has_no_tls = true,
     .want = NB_EUNSUPPORTED,
     .why = "secure connection not available"},
    {.name = "with a client's certificate",
     .scheme = "tls",
     .info = INFO_WITH(",\"tls_required\":true,\"tls_verify\":true"),
     .opts = {.tls_ca_file = "ca", .tls_cert_file = "cert", .tls_key_file = "key"},
     .server_verifies = true,
     .wants_tls = true},
    {.name = "no such file",
     .scheme = "tls",
     .info = INFO_WITH(",\"tls_required\":true"),
     .opts = {.tls_ca_file = "/nonexistent"},
     .want = NB_EIO,
     .why = "/nonexistent"},
    {.name = "bytes between INFO and handshake",
     .scheme = "nats",
     .info = INFO_WITH(",\"tls_required\":true") "-ERR 'not from the server'\r\n",
     .opts = {.tls_ca_file = "ca"},
     .want = NB_ECRYPTO,
     .why = "tls: "},
};

static const char *file_of(const char *name)
{
    if (name == NULL || name[0] == '/') {
        return name;
    }
    if (strcmp(name, "ca") == 0) {
        return ca.cert_file;
    }
    return strcmp(name, "cert") == 0 ? client_cert.cert_file : client_cert.key_file;
}

static void check_connected(const struct tls_case *it, struct tls_server *server,
                            struct nclient *client)
{
    struct nclient_server_info info;

    assert_int_equal(nclient_publish(client, text("secret"), text("x")), NB_OK);
    assert_int_equal(nclient_flush_wait(client, 10 * NB_NS_PER_S), NB_OK);
    assert_int_equal(nclient_server_info(client, &info), NB_OK);
    assert_int_equal(info.has_tls, it->wants_tls);
    nclient_close_wait(client);
    pthread_mutex_lock(&server->mutex);
    assert_non_null(
        strstr(server->heard, it->wants_tls ? "\"tls_required\":true" : "\"tls_required\":false"));
    assert_non_null(strstr(server->heard, "PUB secret 1\r\nx\r\nPING\r\n"));
    pthread_mutex_unlock(&server->mutex);
}

static void run_case(const struct tls_case *it)
{
    struct tls_server server = {.info = it->info, .is_tls_first = it->server_is_tls_first};
    struct nclient_opts opts = it->opts;
    struct nb_diag diag = {""};
    struct nclient *client;
    char url[64];
    int rc;

    server.context = it->server_has_no_tls ? NULL : server_context(it->server_verifies);
    server_start(&server);
    snprintf(url, sizeof(url), "%s://127.0.0.1:%u", it->scheme, server.port);
    opts.urls = url;
    opts.tls_ca_file = file_of(opts.tls_ca_file);
    opts.tls_cert_file = file_of(opts.tls_cert_file);
    opts.tls_key_file = file_of(opts.tls_key_file);
    opts.connect_timeout_ns = 20 * NB_NS_PER_S; // keys are slow under sanitizers
    rc = nclient_connect_wait(&opts, &client, &diag);
    if (rc != it->want || (it->why != NULL && strstr(diag.text, it->why) == NULL)) {
        fail_msg("%s: %d %s", it->name, rc, diag.text);
    }
    if (rc == NB_OK) {
        check_connected(it, &server, client);
    }
    server_stop(&server);
    nnet_tls_context_unref(server.context);
}

static void connect_uses_tls_as_wanted(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        run_case(&cases[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connect_uses_tls_as_wanted),
    };
    return cmocka_run_group_tests_name("tls", tests, make_certs, remove_certs);
}
