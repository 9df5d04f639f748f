#include "net_certs.h"
#include "net_rig.h"

#include <natsd/http.h>
#include <natsd/http_client.h>

// A fetch on a worker and, at the other end, the test itself with a blocking socket.
struct visit {
    struct rig rig;
    int listening;
    uint16_t port;
    struct nnet_fetch_opts opts;
    char url[512];
    struct nnet_fetch *fetch; // [owner]
    sem_t over;
    int rc;
    int status;
    struct slice status_text; // owned
    struct slice body;        // owned
    char text[256];
};

static void visit_start(struct visit *visit)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);

    memset(visit, 0, sizeof(*visit));
    rig_start(&visit->rig, 1);
    sem_init(&visit->over, 0, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    visit->listening = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(visit->listening, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(visit->listening, 4), 0);
    assert_int_equal(getsockname(visit->listening, (struct sockaddr *)&address, &size), 0);
    visit->port = ntohs(address.sin_port);
    visit->opts.timeout_ns = RIG_DEADLINE_S * NB_NS_PER_S;
}

static void visit_end(struct visit *visit)
{
    close(visit->listening);
    rig_stop(&visit->rig);
    sem_destroy(&visit->over);
    nb_slice_free(&visit->status_text);
    nb_slice_free(&visit->body);
}

static void on_done(void *ctx, const struct nnet_fetch_result *result)
{
    struct visit *visit = ctx;

    visit->rc = result->rc;
    visit->status = result->status;
    nb_slice_free(&visit->status_text);
    nb_slice_free(&visit->body);
    visit->status_text = nb_slice_dup(result->status_text);
    visit->body = nb_slice_dup(result->body);
    snprintf(visit->text, sizeof(visit->text), "%s", result->text);
    sem_post(&visit->over);
}

static void do_start(void *arg, struct nnet_worker *worker)
{
    struct visit *visit = arg;

    visit->fetch = nnet_fetch_start(worker, &visit->opts, on_done, visit);
}

static void do_cancel(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    struct visit *visit = arg;

    nnet_fetch_cancel(visit->fetch);
}

static struct nnet_worker *worker_of(struct visit *visit)
{
    return nnet_group_worker(visit->rig.group, 0);
}

static void fetch_url(struct visit *visit, const char *url)
{
    visit->opts.url = nb_slice_of(url);
    rig_call(worker_of(visit), do_start, visit);
}

// "%u" is the port.
static void fetch_here(struct visit *visit, const char *before, const char *behind)
{
    snprintf(visit->url, sizeof(visit->url), "%s:%u%s", before, visit->port, behind);
    fetch_url(visit, visit->url);
}

static void wait_over(struct visit *visit)
{
    rig_wait_sem(&visit->over);
}

static int accept_one(struct visit *visit)
{
    int fd;

    rig_await(visit->listening, POLLIN);
    fd = accept(visit->listening, NULL, NULL);
    assert_true(fd >= 0);
    return fd;
}

static void requests_are_written_as_the_options_say(void **state NB_UNUSED)
{
    static const struct {
        const char *before;
        const char *behind;
        bool is_post;
        const char *want; // %u: the port
    } cases[] = {
        {"http://127.0.0.1", "", false,
         "GET / HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUser-Agent: natsd\r\nConnection: close\r\n\r\n"},
        {"http://u:p%%40@127.0.0.1", "/a/b?c#d", false,
         "GET /a/b?c HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUser-Agent: natsd\r\nConnection: close\r\n"
         "Authorization: Basic dTpwJUA=\r\n\r\n"},
        {"http://u:p%40@127.0.0.1", "?c", false,
         "GET /?c HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUser-Agent: natsd\r\nConnection: close\r\n"
         "Authorization: Basic dTpwQA==\r\n\r\n"},
        {"http://localhost", "/", true,
         "POST / HTTP/1.1\r\nHost: localhost:%u\r\nUser-Agent: natsd\r\nConnection: close\r\n"
         "Accept: a/b\r\nContent-Type: c/d\r\nContent-Length: 4\r\n\r\nbody"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct visit visit;
        char want[512];
        int fd;

        visit_start(&visit);
        if (cases[i].is_post) {
            visit.opts.is_post = true;
            visit.opts.body = NB_SLICE("body");
            visit.opts.accept = "a/b";
            visit.opts.content_type = "c/d";
        }
        fetch_here(&visit, cases[i].before, cases[i].behind);
        fd = accept_one(&visit);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(want, sizeof(want), cases[i].want, visit.port);
#pragma GCC diagnostic pop
        rig_expect(fd, want);
        rig_send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        wait_over(&visit);
        assert_int_equal(visit.rc, NB_OK);
        assert_int_equal(visit.status, 200);
        assert_true(nb_slice_is(visit.status_text, "200 OK"));
        assert_true(nb_slice_is(visit.body, "hello"));
        rig_expect_end(fd);
        close(fd);
        visit_end(&visit);
    }
}

static void answers_of_all_kinds_are_told(void **state NB_UNUSED)
{
    static const struct {
        const char *name;
        const char *answer; // then the end
        int rc;
        const char *status_text;
        const char *body;
        const char *text;
    } cases[] = {
        {"chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
         NB_OK, "200 OK", "ab", ""},
        {"up to the end", "HTTP/1.0 200 OK\r\n\r\nab", NB_OK, "200 OK", "ab", ""},
        {"not found", "HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nx", NB_OK,
         "404 Not Found", "x", ""},
        {"a redirect is not followed",
         "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", NB_OK,
         "302 Found", "", ""},
        {"no reason", "HTTP/1.1 500\r\nContent-Length: 0\r\n\r\n", NB_OK, "500", "", ""},
        {"nothing", "", NB_ECLOSED, "", "", "EOF"},
        {"half an answer", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na", NB_ECLOSED, "", "",
         "EOF"},
        {"garbage", "INFO {\"server_id\":\"x\"}\r\n", NB_EMALFORMED, "", "",
         "malformed HTTP response"},
        {"too large by its head", "HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n", NB_ELIMIT,
         "", "", "response too large"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct visit visit;
        int fd;

        visit_start(&visit);
        fetch_here(&visit, "http://127.0.0.1", "/");
        fd = accept_one(&visit);
        rig_send_text(fd, cases[i].answer);
        shutdown(fd, SHUT_WR);
        wait_over(&visit);
        if (visit.rc != cases[i].rc || !nb_slice_is(visit.status_text, cases[i].status_text) ||
            !nb_slice_is(visit.body, cases[i].body) || strcmp(visit.text, cases[i].text) != 0) {
            fail_msg("%s: %d %.*s %s", cases[i].name, visit.rc, NB_SLICE_ARGS(visit.status_text),
                     visit.text);
        }
        close(fd);
        visit_end(&visit);
    }
}

// Hostile servers (spec 13, 5.34).

static void a_server_that_never_answers_is_given_up(void **state NB_UNUSED)
{
    static const char *const said[] = {"", "HTTP/1.1 200 OK\r\n",
                                       "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"};

    for (size_t i = 0; i < NB_ARRAY_LEN(said); i++) {
        struct visit visit;
        int fd;

        visit_start(&visit);
        visit.opts.timeout_ns = 50 * NB_NS_PER_MS;
        fetch_here(&visit, "http://127.0.0.1", "/");
        fd = accept_one(&visit);
        rig_send_text(fd, said[i]);
        wait_over(&visit);
        assert_int_equal(visit.rc, NB_ETIMEDOUT);
        assert_string_equal(visit.text, "timeout");
        close(fd);
        visit_end(&visit);
    }
}

static void an_endless_body_is_cut_off(void **state NB_UNUSED)
{
    struct visit visit;
    char block[64 * 1024];
    size_t sent = 0;
    int fd;

    memset(block, 'x', sizeof(block));
    visit_start(&visit);
    fetch_here(&visit, "http://127.0.0.1", "/");
    fd = accept_one(&visit);
    rig_send_text(fd, "HTTP/1.1 200 OK\r\n\r\n");
    for (;;) {
        ssize_t n;

        rig_await(fd, POLLOUT);
        n = send(fd, block, sizeof(block), MSG_NOSIGNAL);
        if (n < 0) {
            break;
        }
        sent += (size_t)n;
    }
    wait_over(&visit);
    assert_int_equal(visit.rc, NB_ELIMIT);
    assert_true(sent > NNET_FETCH_BODY_MAX_BYTES);
    close(fd);
    visit_end(&visit);
}

static void a_body_at_the_limit_is_taken(void **state NB_UNUSED)
{
    for (size_t more = 0; more < 2; more++) {
        struct visit visit;
        uint8_t *block = nb_zalloc(100 + more);
        int fd;

        visit_start(&visit);
        visit.opts.body_max_bytes = 100;
        fetch_here(&visit, "http://127.0.0.1", "/");
        fd = accept_one(&visit);
        rig_send_text(fd, "HTTP/1.1 200 OK\r\n\r\n");
        rig_send(fd, block, 100 + more);
        shutdown(fd, SHUT_WR);
        wait_over(&visit);
        assert_int_equal(visit.rc, more == 0 ? NB_OK : NB_ELIMIT);
        nb_free(block);
        close(fd);
        visit_end(&visit);
    }
}

static void what_cannot_be_fetched_is_told_later(void **state NB_UNUSED)
{
    static const struct {
        const char *url;
        int rc;
        const char *text;
    } cases[] = {
        {"nothing", NB_EMALFORMED, "invalid URL"},
        {"file:///etc/passwd", NB_EUNSUPPORTED, "unsupported protocol scheme"},
        {"https://127.0.0.1/", NB_EUNSUPPORTED, "unsupported protocol scheme"}, // no context
        {"http://u:secret@127.0.0.1:1/", NB_EREFUSED, "connection refused"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct visit visit;

        visit_start(&visit);
        fetch_url(&visit, cases[i].url);
        wait_over(&visit);
        if (visit.rc != cases[i].rc || strstr(visit.text, cases[i].text) == NULL ||
            strstr(visit.text, "secret") != NULL) {
            fail_msg("%s: %d %s", cases[i].url, visit.rc, visit.text);
        }
        visit_end(&visit);
    }
}

static void a_fetch_is_canceled_in_every_state(void **state NB_UNUSED)
{
    for (unsigned step = 0; step < 3; step++) {
        struct visit visit;
        int fd = -1;

        visit_start(&visit);
        fetch_here(&visit, step == 0 ? "http://localhost" : "http://127.0.0.1", "/");
        if (step == 2) {
            fd = accept_one(&visit);
            rig_send_text(fd, "HTTP/1.1 200 OK\r\n");
        }
        rig_call(worker_of(&visit), do_cancel, &visit);
        wait_over(&visit);
        assert_int_equal(visit.rc, NB_ECANCELED);
        if (fd >= 0) {
            close(fd);
        }
        visit_end(&visit);
    }
}

// https.

static struct {
    struct certs files;
    struct cert ca;
    struct cert other_ca;
    struct cert server; // for 127.0.0.1
} made;

static int make_certs(void **state NB_UNUSED)
{
    certs_init(&made.files);
    certs_make(&made.files, &(struct cert_opts){.name = "ca", .is_ca = true}, &made.ca);
    certs_make(&made.files, &(struct cert_opts){.name = "other", .is_ca = true}, &made.other_ca);
    certs_make(
        &made.files,
        &(struct cert_opts){.name = "server", .issuer = &made.ca, .alt_names = "IP:127.0.0.1"},
        &made.server);
    return 0;
}

static int drop_certs(void **state NB_UNUSED)
{
    cert_fini(&made.ca);
    cert_fini(&made.other_ca);
    cert_fini(&made.server);
    certs_fini(&made.files);
    return 0;
}

struct site {
    struct nnet_http_server *server;
    struct nnet_tls_context *tls;
    uint16_t port;
    sem_t closed;
};

static void serve(void *ctx NB_UNUSED, struct nnet_http_request *request)
{
    struct nnet_http_answer answer = {
        .status = 200, .content_type = "text/plain", .body = nnet_http_path(request)};

    nnet_http_respond(request, &answer);
}

static void do_open_site(void *arg, struct nnet_worker *worker)
{
    struct site *site = arg;
    struct nnet_http_opts opts = {
        .host = "127.0.0.1", .port = -1, .tls = site->tls, .serve = serve};
    struct nb_diag diag;

    assert_int_equal(nnet_http_open(worker, &opts, &site->server, &diag), NB_OK);
    site->port = nnet_http_port(site->server);
}

static void on_site_closed(void *ctx)
{
    struct site *site = ctx;

    sem_post(&site->closed);
}

static void do_close_site(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    struct site *site = arg;

    nnet_http_close(site->server, on_site_closed, site);
}

static void https_servers_are_verified(void **state NB_UNUSED)
{
    const struct nnet_tls_cert_files files = {.cert_file = made.server.cert_file,
                                              .key_file = made.server.key_file};
    const struct {
        const char *ca_file;
        const char *host;
        int rc;
    } cases[] = {
        {made.ca.cert_file, "https://127.0.0.1", NB_OK},
        {made.other_ca.cert_file, "https://127.0.0.1", NB_ECRYPTO},
        {made.ca.cert_file, "https://localhost", NB_ECRYPTO}, // another name
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nnet_tls_opts server = {.is_server = true, .certs = &files, .cert_count = 1};
        struct nnet_tls_opts client = {.ca_file = cases[i].ca_file, .verify_peer = true};
        struct site site = {.server = NULL};
        struct visit visit;

        visit_start(&visit);
        sem_init(&site.closed, 0, 0);
        assert_int_equal(nnet_tls_context_create(&server, &site.tls, NULL), NB_OK);
        assert_int_equal(nnet_tls_context_create(&client, &visit.opts.tls, NULL), NB_OK);
        rig_call(nnet_group_control(visit.rig.group), do_open_site, &site);
        visit.port = site.port;
        fetch_here(&visit, cases[i].host, "/jwt/A");
        wait_over(&visit);
        assert_int_equal(visit.rc, cases[i].rc);
        assert_true(nb_slice_is(visit.body, cases[i].rc == NB_OK ? "/jwt/A" : ""));
        rig_call(nnet_group_control(visit.rig.group), do_close_site, &site);
        rig_wait_sem(&site.closed);
        nnet_tls_context_unref(site.tls);
        nnet_tls_context_unref(visit.opts.tls);
        sem_destroy(&site.closed);
        visit_end(&visit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_written_as_the_options_say),
        cmocka_unit_test(answers_of_all_kinds_are_told),
        cmocka_unit_test(a_server_that_never_answers_is_given_up),
        cmocka_unit_test(an_endless_body_is_cut_off),
        cmocka_unit_test(a_body_at_the_limit_is_taken),
        cmocka_unit_test(what_cannot_be_fetched_is_told_later),
        cmocka_unit_test(a_fetch_is_canceled_in_every_state),
        cmocka_unit_test(https_servers_are_verified),
    };
    return cmocka_run_group_tests_name("http_client", tests, make_certs, drop_certs);
}
