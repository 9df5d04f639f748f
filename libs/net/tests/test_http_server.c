#include "net_certs.h"
#include "net_rig.h"

#include <natsd/http.h>

#include <openssl/ssl.h>

struct site {
    struct rig rig;
    struct nnet_http_server *server;
    struct nnet_tls_context *tls;
    struct nnet_http_request *late[16]; // [owner]
    unsigned late_count;                // [owner]
    sem_t late_came;
    sem_t closed;
    uint16_t port;
};

static void respond_text(struct nnet_http_request *request, int status, const char *text)
{
    struct nnet_http_answer answer = {
        .status = status, .content_type = "text/plain", .body = nb_slice_of(text)};

    nnet_http_respond(request, &answer);
}

static void respond_echo(struct nnet_http_request *request)
{
    struct nnet_http_answer answer = {
        .status = 200, .content_type = "text/plain", .extra_headers = "X-Extra: yes\r\n"};
    struct slice method = nnet_http_method(request);
    struct slice path = nnet_http_path(request);
    struct slice param = {.n = 0};
    struct nb_buf body;

    nb_buf_init(&body, 4096);
    nb_buf_must(&body, method);
    nb_buf_must_text(&body, " ");
    nb_buf_must(&body, path);
    if (nnet_http_param(request, "x", &param)) {
        nb_buf_must_text(&body, " x=");
        nb_buf_must(&body, param);
    }
    answer.body = nb_buf_slice(&body);
    nnet_http_respond(request, &answer);
    nb_buf_fini(&body);
}

static void respond_large(struct nnet_http_request *request)
{
    uint8_t *body = nb_alloc(3000000);
    struct nnet_http_answer answer = {
        .status = 200, .content_type = "a/b", .body = nb_slice_make(body, 3000000)};

    rig_fill(body, 3000000, 0);
    nnet_http_respond(request, &answer);
    nb_free(body);
}

static void serve(void *ctx, struct nnet_http_request *request)
{
    struct site *site = ctx;
    struct slice path = nnet_http_path(request);

    if (nb_slice_is(path, "/late")) {
        assert_true(site->late_count < NB_ARRAY_LEN(site->late));
        site->late[site->late_count++] = request;
        sem_post(&site->late_came);
    } else if (nb_slice_is(path, "/large")) {
        respond_large(request);
    } else if (nb_slice_is(path, "/none")) {
        respond_text(request, 404, "404 page not found\n");
    } else {
        respond_echo(request);
    }
}

static void do_open(void *arg, struct nnet_worker *worker)
{
    struct site *site = arg;
    struct nnet_http_opts opts = {
        .host = "127.0.0.1", .port = -1, .tls = site->tls, .serve = serve, .ctx = site};
    struct nb_diag diag;

    assert_int_equal(nnet_http_open(worker, &opts, &site->server, &diag), NB_OK);
    site->port = nnet_http_port(site->server);
}

static void on_closed(void *ctx)
{
    struct site *site = ctx;

    sem_post(&site->closed);
}

static void do_close(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    struct site *site = arg;

    nnet_http_close(site->server, on_closed, site);
}

static void site_open(struct site *site)
{
    memset(site, 0, sizeof(*site));
    rig_start(&site->rig, 1);
    sem_init(&site->late_came, 0, 0);
    sem_init(&site->closed, 0, 0);
    rig_call(nnet_group_control(site->rig.group), do_open, site);
}

static void site_close(struct site *site)
{
    rig_call(nnet_group_control(site->rig.group), do_close, site);
    rig_wait_sem(&site->closed);
    rig_stop(&site->rig);
    sem_destroy(&site->late_came);
    sem_destroy(&site->closed);
}

static void do_answer_late(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    struct site *site = arg;

    for (unsigned i = 0; i < site->late_count; i++) {
        respond_text(site->late[i], 200, "late");
    }
    site->late_count = 0;
}

// The client's side.

struct answer {
    int status;
    char head[4096];
    size_t body_n;
};

static void read_head(int fd, struct answer *answer)
{
    const char *length;
    size_t n = 0;

    memset(answer, 0, sizeof(*answer));
    while (n < 4 || memcmp(answer->head + n - 4, "\r\n\r\n", 4) != 0) {
        assert_true(n + 1 < sizeof(answer->head));
        rig_recv(fd, answer->head + n, 1);
        n++;
    }
    answer->status = (int)strtol(answer->head + 9, NULL, 10);
    length = strstr(answer->head, "Content-Length: ");
    assert_non_null(length);
    answer->body_n = strtoul(length + 16, NULL, 10);
}

static void expect_answer(int fd, int status, const char *body)
{
    struct answer answer;

    read_head(fd, &answer);
    assert_int_equal(answer.status, status);
    assert_int_equal(answer.body_n, strlen(body));
    rig_expect(fd, body);
}

static void a_connection_serves_many_requests(void **state NB_UNUSED)
{
    struct site site;
    int fd;

    site_open(&site);
    fd = rig_connect(site.port);
    for (unsigned i = 0; i < 10; i++) {
        struct answer answer;

        rig_send_text(fd, "GET /a%20b?y=1&x=v%31 HTTP/1.1\r\nHost: h\r\n\r\n");
        read_head(fd, &answer);
        assert_int_equal(answer.status, 200);
        assert_non_null(strstr(answer.head, "HTTP/1.1 200 OK\r\n"));
        assert_non_null(strstr(answer.head, "\r\nContent-Type: text/plain\r\n"));
        assert_non_null(strstr(answer.head, "\r\nX-Extra: yes\r\n"));
        assert_non_null(strstr(answer.head, "\r\nDate: "));
        assert_null(strstr(answer.head, "Connection:"));
        rig_expect(fd, "GET /a b x=v1");
    }
    rig_send_text(fd, "GET /none HTTP/1.1\r\n\r\n");
    expect_answer(fd, 404, "404 page not found\n");
    close(fd);
    site_close(&site);
}

static void a_request_may_come_byte_by_byte(void **state NB_UNUSED)
{
    static const char text[] = "POST /p HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc";
    struct site site;
    int fd;

    site_open(&site);
    fd = rig_connect(site.port);
    for (size_t i = 0; i < sizeof(text) - 1; i++) {
        rig_send(fd, text + i, 1);
        rig_call(nnet_group_control(site.rig.group), rig_do_nothing, NULL);
    }
    expect_answer(fd, 200, "POST /p");
    close(fd);
    site_close(&site);
}

static void head_gets_the_head_alone(void **state NB_UNUSED)
{
    struct site site;
    struct answer answer;
    int fd;

    site_open(&site);
    fd = rig_connect(site.port);
    rig_send_text(fd, "HEAD /x HTTP/1.1\r\n\r\nGET /y HTTP/1.1\r\n\r\n");
    read_head(fd, &answer);
    assert_int_equal(answer.status, 200);
    assert_int_equal(answer.body_n, strlen("HEAD /x"));
    expect_answer(fd, 200, "GET /y");
    close(fd);
    site_close(&site);
}

static void requests_sent_at_once_are_answered_in_order(void **state NB_UNUSED)
{
    struct site site;
    struct nb_buf text;
    char body[32];
    int fd;

    site_open(&site);
    nb_buf_init(&text, 1024 * 1024);
    for (unsigned i = 0; i < 1000; i++) {
        nb_buf_must_format(&text, "GET /%u HTTP/1.1\r\n\r\n", i);
    }
    fd = rig_connect(site.port);
    rig_send(fd, nb_buf_slice(&text).p, nb_buf_slice(&text).n);
    for (unsigned i = 0; i < 1000; i++) {
        snprintf(body, sizeof(body), "GET /%u", i);
        expect_answer(fd, 200, body);
    }
    nb_buf_fini(&text);
    close(fd);
    site_close(&site);
}

static void a_late_answer_holds_up_those_behind_it(void **state NB_UNUSED)
{
    struct site site;
    struct pollfd pollfd;
    int fd;

    site_open(&site);
    fd = rig_connect(site.port);
    rig_send_text(fd, "GET /late HTTP/1.1\r\n\r\nGET /late HTTP/1.1\r\n\r\n"
                      "GET /next HTTP/1.1\r\n\r\n");
    for (unsigned i = 0; i < 2; i++) {
        rig_wait_sem(&site.late_came);
        pollfd = (struct pollfd){.fd = fd, .events = POLLIN};
        assert_int_equal(poll(&pollfd, 1, 0), 0); // nothing overtakes it
        rig_call(nnet_group_control(site.rig.group), do_answer_late, &site);
        expect_answer(fd, 200, "late");
    }
    expect_answer(fd, 200, "GET /next");
    close(fd);
    site_close(&site);
}

static void an_answer_may_come_after_the_connection_went(void **state NB_UNUSED)
{
    struct site site;
    int fd;

    site_open(&site);
    fd = rig_connect(site.port);
    rig_send_text(fd, "GET /late HTTP/1.1\r\n\r\n");
    rig_wait_sem(&site.late_came);
    close(fd);
    for (unsigned i = 0; i < 20; i++) {
        rig_call(nnet_group_control(site.rig.group), rig_do_nothing, NULL);
    }
    rig_call(nnet_group_control(site.rig.group), do_answer_late, &site);
    fd = rig_connect(site.port); // others are served
    rig_send_text(fd, "GET /ok HTTP/1.1\r\n\r\n");
    expect_answer(fd, 200, "GET /ok");
    close(fd);
    site_close(&site);
}

// It breaks while an earlier answer is being written, so that it is noticed at once.
static void an_answer_may_come_after_the_connection_broke(void **state NB_UNUSED)
{
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    struct site site;
    int fd;

    site_open(&site);
    fd = rig_connect(site.port);
    rig_send_text(fd, "GET /large HTTP/1.1\r\n\r\nGET /large HTTP/1.1\r\n\r\n"
                      "GET /late HTTP/1.1\r\n\r\n");
    rig_wait_sem(&site.late_came);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)), 0);
    close(fd);
    for (unsigned i = 0; i < 50; i++) {
        rig_call(nnet_group_control(site.rig.group), rig_do_nothing, NULL);
    }
    rig_call(nnet_group_control(site.rig.group), do_answer_late, &site);
    site_close(&site);
}

static void closing_waits_for_answers(void **state NB_UNUSED)
{
    struct site site;
    struct answer answer;
    int fd;

    site_open(&site);
    fd = rig_connect(site.port);
    rig_send_text(fd, "GET /late HTTP/1.1\r\n\r\nGET /never HTTP/1.1\r\n\r\n");
    rig_wait_sem(&site.late_came);
    rig_call(nnet_group_control(site.rig.group), do_close, &site);
    for (unsigned i = 0; i < 20; i++) {
        rig_call(nnet_group_control(site.rig.group), rig_do_nothing, NULL);
    }
    assert_int_not_equal(sem_trywait(&site.closed), 0);
    rig_call(nnet_group_control(site.rig.group), do_answer_late, &site);
    read_head(fd, &answer);
    assert_non_null(strstr(answer.head, "\r\nConnection: close\r\n"));
    rig_expect(fd, "late");
    rig_expect_end(fd);
    close(fd);
    rig_wait_sem(&site.closed);
    rig_stop(&site.rig);
    sem_destroy(&site.late_came);
    sem_destroy(&site.closed);
}

static void idle_connections_close_with_the_server(void **state NB_UNUSED)
{
    struct site site;
    int idle;
    int used;
    int begun;

    site_open(&site);
    idle = rig_connect(site.port);
    used = rig_connect(site.port);
    begun = rig_connect(site.port);
    rig_send_text(used, "GET / HTTP/1.1\r\n\r\n");
    expect_answer(used, 200, "GET /");
    rig_send_text(begun, "GET / HT");
    site_close(&site);
    close(idle);
    close(used);
    close(begun);
}

static void a_client_may_ask_to_close(void **state NB_UNUSED)
{
    static const struct {
        const char *request;
        const char *line;
        bool closes;
    } cases[] = {
        {"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "\r\nConnection: close\r\n", true},
        {"GET / HTTP/1.0\r\n\r\n", "HTTP/1.0 200 OK\r\n", true},
        {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "\r\nConnection: keep-alive\r\n",
         false},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct site site;
        struct answer answer;
        int fd;

        site_open(&site);
        fd = rig_connect(site.port);
        rig_send_text(fd, cases[i].request);
        read_head(fd, &answer);
        assert_non_null(strstr(answer.head, cases[i].line));
        rig_expect(fd, "GET /");
        if (cases[i].closes) {
            rig_expect_end(fd);
        } else {
            rig_send_text(fd, "GET /2 HTTP/1.1\r\n\r\n");
            expect_answer(fd, 200, "GET /2");
        }
        close(fd);
        site_close(&site);
    }
}

static void what_is_no_http_is_refused(void **state NB_UNUSED)
{
    static const struct {
        const char *request;
        int status;
        const char *body;
    } cases[] = {
        {"hello\r\n", 400, "400 Bad Request"},
        {"CONNECT {}\r\nPING\r\n", 400, "400 Bad Request"},
        {"GET /%zz HTTP/1.1\r\n\r\n", 400, "400 Bad Request"},
        {"GET / HTTP/2.0\r\n\r\n", 505, "505 HTTP Version Not Supported"},
        {"GET / HTTP/1.1\r\n\r\nbroken\r\n", 200, "GET /"}, // and then
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct site site;
        int fd;

        site_open(&site);
        fd = rig_connect(site.port);
        rig_send_text(fd, cases[i].request);
        expect_answer(fd, cases[i].status, cases[i].body);
        if (cases[i].status == 200) {
            expect_answer(fd, 400, "400 Bad Request");
        }
        rig_expect_end(fd);
        close(fd);
        site_close(&site);
    }
}

static void a_head_that_is_too_large_is_refused(void **state NB_UNUSED)
{
    struct site site;
    size_t n = 1024 * 1024 + 100;
    char *block = nb_alloc(n);
    int fd;

    site_open(&site);
    memset(block, 'x', n);
    memcpy(block, "GET / HTTP/1.1\r\nX: ", 19);
    fd = rig_connect(site.port);
    rig_send(fd, block, n);
    expect_answer(fd, 431, "431 Request Header Fields Too Large");
    rig_expect_end(fd);
    close(fd);
    nb_free(block);
    site_close(&site);
}

// In real time: five seconds, for a connection that says nothing and one that says it slowly.
static void a_head_must_come_in_time(void **state NB_UNUSED)
{
    struct site site;
    uint64_t began_ns = nb_mono_now().ns;
    int silent;
    int slow;

    site_open(&site);
    silent = rig_connect(site.port);
    slow = rig_connect(site.port);
    rig_send_text(slow, "GET / HTTP/1.1\r\nX: ");
    rig_expect_end(silent);
    rig_expect_end(slow);
    assert_true(nb_mono_now().ns - began_ns >= 5 * (uint64_t)NB_NS_PER_S);
    close(silent);
    close(slow);
    site_close(&site);
}

static void a_large_answer_arrives_whole(void **state NB_UNUSED)
{
    struct site site;
    struct answer answer;
    int fd;

    site_open(&site);
    fd = rig_connect(site.port);
    for (unsigned i = 0; i < 2; i++) {
        rig_send_text(fd, i == 0 ? "GET /large HTTP/1.1\r\n\r\n"
                                 : "GET /large HTTP/1.1\r\nConnection: close\r\n\r\n");
        read_head(fd, &answer);
        assert_int_equal(answer.body_n, 3000000);
        rig_expect_pattern(fd, 0, 3000000);
    }
    rig_expect_end(fd);
    close(fd);
    site_close(&site);
}

static void a_client_that_shut_its_side_is_answered(void **state NB_UNUSED)
{
    struct site site;
    int fd;

    site_open(&site);
    fd = rig_connect(site.port);
    rig_send_text(fd, "GET /x HTTP/1.1\r\n\r\n");
    shutdown(fd, SHUT_WR);
    expect_answer(fd, 200, "GET /x");
    rig_expect_end(fd);
    close(fd);
    site_close(&site);
}

struct second {
    struct site *site;
    int rc;
};

static void do_open_second(void *arg, struct nnet_worker *worker)
{
    struct second *second = arg;
    struct nnet_http_opts opts = {
        .host = "127.0.0.1", .port = second->site->port, .serve = serve, .ctx = second->site};
    struct nnet_http_server *server = NULL;
    struct nb_diag diag;

    second->rc = nnet_http_open(worker, &opts, &server, &diag);
}

static void a_port_in_use_is_an_error(void **state NB_UNUSED)
{
    struct site site;
    struct second second = {.site = &site};

    site_open(&site);
    rig_call(nnet_group_control(site.rig.group), do_open_second, &second);
    assert_int_equal(second.rc, NB_EADDRINUSE);
    site_close(&site);
}

// TLS, and its replacement for new connections.

static void do_set_tls(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    struct site *site = arg;

    nnet_http_set_tls(site->server, site->tls);
}

static void get_over_tls(uint16_t port)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl = SSL_new(ctx);
    int fd = rig_connect(port);
    char block[1024];
    int n;

    assert_int_equal(SSL_set_fd(ssl, fd), 1);
    assert_int_equal(SSL_connect(ssl), 1);
    assert_true(SSL_write(ssl, "GET /tls HTTP/1.1\r\nConnection: close\r\n\r\n", 40) == 40);
    n = SSL_read(ssl, block, sizeof(block) - 1);
    assert_true(n > 0);
    block[n] = '\0';
    assert_non_null(strstr(block, "HTTP/1.1 200 OK\r\n"));
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    close(fd);
}

static void monitoring_may_be_over_tls(void **state NB_UNUSED)
{
    struct certs files;
    struct cert cert;
    struct nnet_tls_cert_files cert_files;
    struct nnet_tls_opts opts = {.is_server = true, .cert_count = 1};
    struct site site;
    int fd;

    certs_init(&files);
    certs_make(&files, &(struct cert_opts){.name = "server"}, &cert);
    cert_files =
        (struct nnet_tls_cert_files){.cert_file = cert.cert_file, .key_file = cert.key_file};
    opts.certs = &cert_files;
    site_open(&site);
    assert_int_equal(nnet_tls_context_create(&opts, &site.tls, NULL), NB_OK);
    fd = rig_connect(site.port);
    rig_send_text(fd, "GET /clear HTTP/1.1\r\n\r\n");
    expect_answer(fd, 200, "GET /clear");
    rig_call(nnet_group_control(site.rig.group), do_set_tls, &site);
    nnet_tls_context_unref(site.tls);
    rig_send_text(fd, "GET /still HTTP/1.1\r\n\r\n"); // it keeps what it began with
    expect_answer(fd, 200, "GET /still");
    close(fd);
    get_over_tls(site.port);
    fd = rig_connect(site.port);
    rig_send_text(fd, "GET /clear HTTP/1.1\r\n\r\n");
    rig_expect_end(fd);
    close(fd);
    site_close(&site);
    cert_fini(&cert);
    certs_fini(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_serves_many_requests),
        cmocka_unit_test(a_request_may_come_byte_by_byte),
        cmocka_unit_test(head_gets_the_head_alone),
        cmocka_unit_test(requests_sent_at_once_are_answered_in_order),
        cmocka_unit_test(a_late_answer_holds_up_those_behind_it),
        cmocka_unit_test(an_answer_may_come_after_the_connection_went),
        cmocka_unit_test(an_answer_may_come_after_the_connection_broke),
        cmocka_unit_test(closing_waits_for_answers),
        cmocka_unit_test(idle_connections_close_with_the_server),
        cmocka_unit_test(a_client_may_ask_to_close),
        cmocka_unit_test(what_is_no_http_is_refused),
        cmocka_unit_test(a_head_that_is_too_large_is_refused),
        cmocka_unit_test(a_head_must_come_in_time),
        cmocka_unit_test(a_large_answer_arrives_whole),
        cmocka_unit_test(a_client_that_shut_its_side_is_answered),
        cmocka_unit_test(a_port_in_use_is_an_error),
        cmocka_unit_test(monitoring_may_be_over_tls),
    };
    return cmocka_run_group_tests_name("http_server", tests, NULL, NULL);
}
