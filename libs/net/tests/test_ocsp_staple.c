#include "net_rig.h"
#include "ocsp_replies.h"

#include <natsd/http.h>
#include <natsd/ocsp_staple.h>

#include <openssl/ssl.h>

// One worker; the responder, and the staple, on the control worker.
struct scene {
    struct rig rig;
    struct nnet_http_server *responder;
    uint16_t port;
    sem_t closed;
    sem_t late_came;
    struct nnet_http_request *late; // [owner]
    atomic_bool holds;              // answers come when the responder closes
    atomic_bool refuses_post;
    struct reply_opts reply;
    atomic_uint posted;
    atomic_uint gotten;

    struct certs files;
    struct cert ca;
    struct cert server;
    struct cert other; // of the same CA
    char url[64];
    char dir[CERTS_PATH_MAX];

    struct nnet_tls_context *context;
    struct nnet_staple_opts opts;
    struct nnet_staple *staple;
    sem_t updated;
    sem_t stopped;
    int rc; // of the last update; read after `updated`
    enum nnet_ocsp_status status;
    int64_t next_update_s;
    int64_t next_check_s;
    char text[256];
};

// The responder.

static void respond(struct scene *scene, struct nnet_http_request *request)
{
    struct slice reply = reply_make(&scene->reply);
    struct nnet_http_answer answer = {
        .status = 200, .content_type = "application/ocsp-response", .body = reply};

    if (scene->refuses_post && nb_slice_is(nnet_http_method(request), "POST")) {
        answer.status = 405;
    }
    nnet_http_respond(request, &answer);
    nb_slice_free(&reply);
}

static void serve(void *ctx, struct nnet_http_request *request)
{
    struct scene *scene = ctx;

    atomic_fetch_add(
        nb_slice_is(nnet_http_method(request), "POST") ? &scene->posted : &scene->gotten, 1);
    if (scene->holds) {
        scene->late = request;
        sem_post(&scene->late_came);
    } else {
        respond(scene, request);
    }
}

static void do_open_responder(void *arg, struct nnet_worker *worker)
{
    struct scene *scene = arg;
    struct nnet_http_opts opts = {.host = "127.0.0.1", .port = -1, .serve = serve, .ctx = scene};
    struct nb_diag diag;

    assert_int_equal(nnet_http_open(worker, &opts, &scene->responder, &diag), NB_OK);
    scene->port = nnet_http_port(scene->responder);
}

static void on_responder_closed(void *ctx)
{
    struct scene *scene = ctx;

    sem_post(&scene->closed);
}

static void do_close_responder(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    struct scene *scene = arg;

    if (scene->late != NULL) {
        respond(scene, scene->late);
    }
    nnet_http_close(scene->responder, on_responder_closed, scene);
}

// The scene.

static struct nnet_tls_context *make_context(const struct scene *scene, const char *ca_file,
                                             size_t count)
{
    const struct nnet_tls_cert_files files[2] = {
        {.cert_file = scene->server.cert_file, .key_file = scene->server.key_file},
        {.cert_file = scene->other.cert_file, .key_file = scene->other.key_file}};
    struct nnet_tls_opts opts = {
        .is_server = true, .certs = files, .cert_count = count, .ca_file = ca_file};
    struct nnet_tls_context *context = NULL;

    assert_int_equal(nnet_tls_context_create(&opts, &context, NULL), NB_OK);
    return context;
}

static void on_updated(void *ctx, const struct nnet_staple_status *status)
{
    struct scene *scene = ctx;

    scene->rc = status->rc;
    scene->status = status->status;
    scene->next_update_s = status->next_update_s;
    scene->next_check_s = status->next_check_s;
    snprintf(scene->text, sizeof(scene->text), "%s", status->text);
    sem_post(&scene->updated);
}

static void scene_start(struct scene *scene)
{
    int64_t now = reply_now_s();

    memset(scene, 0, sizeof(*scene));
    rig_start(&scene->rig, 1);
    sem_init(&scene->closed, 0, 0);
    sem_init(&scene->late_came, 0, 0);
    sem_init(&scene->updated, 0, 0);
    sem_init(&scene->stopped, 0, 0);
    rig_call(nnet_group_control(scene->rig.group), do_open_responder, scene);
    snprintf(scene->url, sizeof(scene->url), "http://127.0.0.1:%u", scene->port);
    certs_init(&scene->files);
    snprintf(scene->dir, sizeof(scene->dir), "%s/store/ocsp", scene->files.dir);
    certs_make(&scene->files, &(struct cert_opts){.name = "ca", .is_ca = true}, &scene->ca);
    certs_make(&scene->files,
               &(struct cert_opts){.name = "server",
                                   .issuer = &scene->ca,
                                   .alt_names = "DNS:server.test",
                                   .ocsp_url = scene->url},
               &scene->server);
    certs_make(
        &scene->files,
        &(struct cert_opts){.name = "other", .issuer = &scene->ca, .alt_names = "DNS:other.test"},
        &scene->other);
    scene->reply = (struct reply_opts){.cert = &scene->server,
                                       .issuer = &scene->ca,
                                       .this_update_s = now - 60,
                                       .next_update_s = now + 600};
    scene->context = make_context(scene, scene->ca.cert_file, 1);
    scene->opts = (struct nnet_staple_opts){.dir = scene->dir, .updated = on_updated, .ctx = scene};
}

static void scene_end(struct scene *scene)
{
    rig_call(nnet_group_control(scene->rig.group), do_close_responder, scene);
    rig_wait_sem(&scene->closed);
    rig_stop(&scene->rig);
    nnet_tls_context_unref(scene->context);
    cert_fini(&scene->ca);
    cert_fini(&scene->server);
    cert_fini(&scene->other);
    certs_fini(&scene->files);
    sem_destroy(&scene->closed);
    sem_destroy(&scene->late_came);
    sem_destroy(&scene->updated);
    sem_destroy(&scene->stopped);
}

static void do_start(void *arg, struct nnet_worker *worker)
{
    struct scene *scene = arg;

    scene->opts.context = scene->context;
    scene->staple = nnet_staple_start(worker, &scene->opts);
}

static void on_stopped(void *ctx)
{
    struct scene *scene = ctx;

    sem_post(&scene->stopped);
}

static void do_stop(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    struct scene *scene = arg;

    nnet_staple_stop(scene->staple, on_stopped, scene);
}

static void staple_start(struct scene *scene)
{
    rig_call(nnet_group_control(scene->rig.group), do_start, scene);
}

static void staple_stop(struct scene *scene)
{
    rig_call(nnet_group_control(scene->rig.group), do_stop, scene);
    rig_wait_sem(&scene->stopped);
}

// What a client is presented that asks for this name. Owned.

struct presented {
    struct scene *scene;
    struct rig_peer *peer;
};

static void do_start_tls(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    struct presented *presented = arg;

    nnet_conn_start_tls(&presented->peer->conn, presented->scene->context, nb_slice_make(NULL, 0),
                        NULL, RIG_DEADLINE_S * NB_NS_PER_S);
}

static struct slice staple_presented(struct scene *scene, const char *name)
{
    struct presented presented = {.scene = scene};
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl = SSL_new(ctx);
    const uint8_t *p = NULL;
    size_t n = 0;
    struct slice staple;
    int fds[2];

    rig_tcp_pair(fds, false);
    presented.peer = rig_peer_create(fds[0]);
    rig_peer_open(presented.peer, nnet_group_worker(scene->rig.group, 0));
    rig_call(presented.peer->conn.worker, do_start_tls, &presented);
    SSL_enable_ocsp_stapling(ssl);
    assert_int_equal(SSL_set_tlsext_host_name(ssl, name), 1);
    assert_int_equal(SSL_set_fd(ssl, fds[1]), 1);
    assert_int_equal(SSL_connect(ssl), 1);
    SSL_get0_ocsp_response(ssl, &p, &n);
    staple = nb_slice_dup(nb_slice_make(p, n));
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    close(fds[1]);
    rig_peer_destroy(&presented.peer);
    return staple;
}

static enum nnet_ocsp_status presented_status(struct scene *scene)
{
    struct slice staple = staple_presented(scene, "server.test");
    struct slice cert = cert_der(&scene->server);
    struct slice issuer = cert_der(&scene->ca);
    struct nnet_ocsp_answer answer;

    assert_int_equal(nnet_ocsp_read_response(staple, cert, issuer, reply_now_s(), &answer, NULL),
                     NB_OK);
    nb_slice_free(&staple);
    nb_slice_free(&cert);
    nb_slice_free(&issuer);
    return answer.status;
}

static bool presents_nothing(struct scene *scene)
{
    struct slice staple = staple_presented(scene, "server.test");
    bool is_empty = staple.n == 0;

    nb_slice_free(&staple);
    return is_empty;
}

static void a_response_is_fetched_presented_and_kept(void **state NB_UNUSED)
{
    struct scene scene;

    scene_start(&scene);
    assert_true(presents_nothing(&scene));
    staple_start(&scene);
    rig_wait_sem(&scene.updated);
    assert_int_equal(scene.rc, NB_OK);
    assert_int_equal(scene.status, NNET_OCSP_GOOD);
    assert_int_equal(scene.next_update_s, scene.reply.next_update_s);
    assert_in_range(scene.next_check_s, 240, 300); // half of ten minutes
    assert_int_equal(presented_status(&scene), NNET_OCSP_GOOD);
    assert_int_equal(scene.posted, 1);
    assert_int_equal(scene.gotten, 0);
    staple_stop(&scene);
    // Another run finds the file.
    nnet_tls_context_unref(scene.context);
    scene.context = make_context(&scene, scene.ca.cert_file, 1);
    scene.reply.status = NNET_OCSP_REVOKED;
    staple_start(&scene);
    rig_wait_sem(&scene.updated);
    assert_int_equal(scene.rc, NB_OK);
    assert_int_equal(scene.posted, 1);
    assert_int_equal(presented_status(&scene), NNET_OCSP_GOOD);
    staple_stop(&scene);
    scene_end(&scene);
}

static void a_responder_without_post_is_asked_with_get(void **state NB_UNUSED)
{
    const char *urls[2] = {"http://127.0.0.1:1/", NULL};
    struct scene scene;

    scene_start(&scene);
    urls[1] = scene.url;
    scene.opts.urls = urls;
    scene.opts.url_count = 2;
    scene.opts.dir = NULL;
    scene.refuses_post = true;
    scene.reply.status = NNET_OCSP_REVOKED;
    staple_start(&scene);
    rig_wait_sem(&scene.updated);
    assert_int_equal(scene.rc, NB_OK);
    assert_int_equal(scene.status, NNET_OCSP_REVOKED);
    assert_int_equal(scene.posted, 1);
    assert_int_equal(scene.gotten, 1);
    assert_int_equal(presented_status(&scene), NNET_OCSP_REVOKED);
    staple_stop(&scene);
    scene_end(&scene);
}

static void failures_are_told(void **state NB_UNUSED)
{
    static const struct {
        const char *name;
        const char *url; // NULL: none, "": the responder
        bool is_old;
        bool has_no_issuer;
        int rc;
        const char *text; // a part of it
    } cases[] = {
        {"no responder", NULL, false, false, NB_ENOTFOUND, "no available ocsp servers"},
        {"nobody there", "http://127.0.0.1:1", false, false, NB_EIO,
         "exhausted ocsp servers: Post \"http://127.0.0.1:1\": dial tcp"},
        {"no URL", "what?", false, false, NB_EIO,
         "exhausted ocsp servers: Post \"what?\": invalid URL"},
        {"an old answer", "", true, false, NB_EIO, "\": OCSP response is not current"},
        {"no issuer", "", false, true, NB_ENOTFOUND, "no issuers found"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        const char *url = cases[i].url;
        struct scene scene;

        scene_start(&scene);
        if (cases[i].is_old) {
            scene.reply.next_update_s = reply_now_s() - 1;
        }
        if (url != NULL && url[0] == '\0') {
            url = scene.url;
        }
        scene.opts.urls = &url;
        scene.opts.url_count = 1;
        if (url == NULL) { // a certificate that names none
            struct cert named = scene.server;

            scene.server = scene.other;
            scene.other = named;
            scene.opts.url_count = 0;
        }
        nnet_tls_context_unref(scene.context);
        scene.context = make_context(
            &scene, cases[i].has_no_issuer ? scene.other.cert_file : scene.ca.cert_file, 1);
        staple_start(&scene);
        rig_wait_sem(&scene.updated);
        if (scene.rc != cases[i].rc || strstr(scene.text, cases[i].text) == NULL) {
            fail_msg("%s: %d %s", cases[i].name, scene.rc, scene.text);
        }
        assert_true(presents_nothing(&scene));
        staple_stop(&scene);
        scene_end(&scene);
    }
}

static void it_is_asked_again_in_time(void **state NB_UNUSED)
{
    struct scene scene;

    scene_start(&scene);
    scene.reply.next_update_s = reply_now_s() + 3; // half of that is at most a second and a half
    staple_start(&scene);
    rig_wait_sem(&scene.updated);
    assert_int_equal(scene.posted, 1);
    rig_wait_sem(&scene.updated);
    assert_int_equal(scene.rc, NB_OK);
    assert_int_equal(scene.posted, 2);
    staple_stop(&scene);
    scene_end(&scene);
}

static void it_stops_in_every_state(void **state NB_UNUSED)
{
    for (unsigned asking = 0; asking < 2; asking++) {
        struct scene scene;

        scene_start(&scene);
        scene.holds = true;
        staple_start(&scene);
        if (asking == 1) {
            rig_wait_sem(&scene.late_came);
        }
        staple_stop(&scene);
        scene_end(&scene);
    }
}

static void another_certificate_has_no_staple(void **state NB_UNUSED)
{
    struct scene scene;
    struct slice staple;

    scene_start(&scene);
    nnet_tls_context_unref(scene.context);
    scene.context = make_context(&scene, scene.ca.cert_file, 2);
    nnet_tls_context_set_staple(scene.context, NB_SLICE("response"));
    staple = staple_presented(&scene, "other.test");
    assert_int_equal(staple.n, 0);
    nb_slice_free(&staple);
    staple = staple_presented(&scene, "server.test");
    assert_true(nb_slice_is(staple, "response"));
    nb_slice_free(&staple);
    staple = staple_presented(&scene, "nobody.test"); // the first of all
    assert_true(nb_slice_is(staple, "response"));
    nb_slice_free(&staple);
    // After a reload, with the same certificate or another.
    for (size_t i = 0; i < 2; i++) {
        struct nnet_tls_context *old = scene.context;
        struct cert first = scene.server;

        if (i == 1) {
            scene.server = scene.other;
            scene.other = first;
        }
        scene.context = make_context(&scene, scene.ca.cert_file, 1);
        nnet_tls_context_copy_staple(scene.context, old);
        assert_true(presents_nothing(&scene) == (i == 1));
        nnet_tls_context_unref(old);
    }
    nnet_tls_context_set_staple(scene.context, nb_slice_make(NULL, 0));
    assert_true(presents_nothing(&scene));
    scene_end(&scene);
}

static void the_issuer_must_be_an_authority(void **state NB_UNUSED)
{
    struct nnet_tls_cert_files files;
    struct nnet_tls_opts opts = {.is_server = true, .certs = &files, .cert_count = 1};
    struct nnet_tls_context *context = NULL;
    struct scene scene;
    struct cert child;
    char chain[CERTS_PATH_MAX];
    struct slice issuer;
    struct nb_diag diag;
    FILE *file;

    scene_start(&scene);
    certs_make(&scene.files, &(struct cert_opts){.name = "child", .issuer = &scene.server}, &child);
    snprintf(chain, sizeof(chain), "%s/chain.pem", scene.files.dir);
    file = fopen(chain, "wb");
    assert_int_equal(PEM_write_X509(file, child.x509), 1);
    assert_int_equal(PEM_write_X509(file, scene.server.x509), 1);
    fclose(file);
    files = (struct nnet_tls_cert_files){.cert_file = chain, .key_file = child.key_file};
    assert_int_equal(nnet_tls_context_create(&opts, &context, NULL), NB_OK);
    assert_int_equal(nnet_tls_context_find_issuer(context, &issuer, &diag), NB_EINVALID);
    assert_string_equal(diag.text, "CN=server invalid ca basic constraints: is not ca");
    nnet_tls_context_unref(context);
    cert_fini(&child);
    scene_end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_response_is_fetched_presented_and_kept),
        cmocka_unit_test(a_responder_without_post_is_asked_with_get),
        cmocka_unit_test(failures_are_told),
        cmocka_unit_test(it_is_asked_again_in_time),
        cmocka_unit_test(it_stops_in_every_state),
        cmocka_unit_test(another_certificate_has_no_staple),
        cmocka_unit_test(the_issuer_must_be_an_authority),
    };
    return cmocka_run_group_tests_name("ocsp_staple", tests, NULL, NULL);
}
