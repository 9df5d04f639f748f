#include "net_rig.h"
#include "ocsp_replies.h"

#include <natsd/http.h>
#include <natsd/ocsp_peer.h>

#include <openssl/ssl.h>

enum reply_kind {
    REPLY_GOOD,
    REPLY_REVOKED,
    REPLY_UNKNOWN,
    REPLY_OLD,         // its next update is past
    REPLY_FUTURE,      // not yet valid
    REPLY_UNAPPOINTED, // signed by somebody who may not
    REPLY_GARBAGE,
    REPLY_ERROR, // status 500
    REPLY_NONE,  // never
};

// Two workers, the responder on the control worker, and a server and a client that shake hands.
struct scene {
    struct rig rig;
    struct nnet_http_server *responder;
    uint16_t port;
    sem_t closed;
    enum reply_kind kind;
    atomic_uint asked;
    struct nnet_http_request *late; // [owner]
    sem_t late_came;

    struct certs files;
    struct cert ca;
    struct cert server;
    struct cert client;
    struct cert silent; // names no responder
    struct cert unreachable;

    struct nnet_ocsp_peer_opts rules;
    struct rig_peer *peers[2]; // server, client
    struct nnet_tls_context *contexts[2];
    uint16_t tls_version;

    pthread_mutex_t mutex; // of what the events say
    unsigned link_count;
    unsigned rejected_count;
    unsigned warned_count;
    char link_subject[64];
    char link_reason[128];
    char rejected_reason[128];
};

// The responder.

static struct slice make_reply(const struct scene *scene)
{
    int64_t now = reply_now_s();
    struct reply_opts opts = {.cert = &scene->client,
                              .issuer = &scene->ca,
                              .this_update_s = now - 60,
                              .next_update_s = now + 600};

    switch (scene->kind) {
    case REPLY_REVOKED:
        opts.status = NNET_OCSP_REVOKED;
        break;
    case REPLY_UNKNOWN:
        opts.status = NNET_OCSP_UNKNOWN;
        break;
    case REPLY_OLD:
        opts.this_update_s = now - 600;
        opts.next_update_s = now - 300;
        break;
    case REPLY_FUTURE:
        opts.this_update_s = now + 300;
        break;
    case REPLY_UNAPPOINTED:
        opts.signer = &scene->server;
        break;
    default:
        break;
    }
    return scene->kind == REPLY_GARBAGE ? nb_slice_dup(NB_SLICE("garbage")) : reply_make(&opts);
}

static void respond(struct scene *scene, struct nnet_http_request *request)
{
    struct slice reply = make_reply(scene);
    struct nnet_http_answer answer = {.status = scene->kind == REPLY_ERROR ? 500 : 200,
                                      .content_type = "application/ocsp-response",
                                      .body = reply};

    nnet_http_respond(request, &answer);
    nb_slice_free(&reply);
}

static void serve(void *ctx, struct nnet_http_request *request)
{
    struct scene *scene = ctx;

    atomic_fetch_add(&scene->asked, 1);
    if (scene->kind == REPLY_NONE) {
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

// Events.

static void on_link_invalid(void *ctx, struct slice peer, struct slice link, const char *reason)
{
    struct scene *scene = ctx;
    struct nb_buf subject;

    assert_true(peer.n > 0);
    nb_buf_init(&subject, 64);
    assert_int_equal(nnet_certificate_print_subject(link, &subject), NB_OK);
    pthread_mutex_lock(&scene->mutex);
    scene->link_count++;
    snprintf(scene->link_subject, sizeof(scene->link_subject), "%.*s",
             NB_SLICE_ARGS(nb_buf_slice(&subject)));
    snprintf(scene->link_reason, sizeof(scene->link_reason), "%s", reason);
    pthread_mutex_unlock(&scene->mutex);
    nb_buf_fini(&subject);
}

static void on_rejected(void *ctx, struct slice peer, const char *reason)
{
    struct scene *scene = ctx;

    assert_true(peer.n > 0);
    pthread_mutex_lock(&scene->mutex);
    scene->rejected_count++;
    snprintf(scene->rejected_reason, sizeof(scene->rejected_reason), "%s", reason);
    pthread_mutex_unlock(&scene->mutex);
}

static void on_warned(void *ctx, const char *text)
{
    struct scene *scene = ctx;

    assert_true(strlen(text) > 0);
    pthread_mutex_lock(&scene->mutex);
    scene->warned_count++;
    pthread_mutex_unlock(&scene->mutex);
}

static const struct nnet_ocsp_peer_events events = {
    .link_invalid = on_link_invalid, .rejected = on_rejected, .warned = on_warned};

// Certificates.

static void make_certs(struct scene *scene)
{
    char url[64];

    snprintf(url, sizeof(url), "http://127.0.0.1:%u/ocsp/", scene->port);
    certs_init(&scene->files);
    certs_make(&scene->files, &(struct cert_opts){.name = "ca", .is_ca = true}, &scene->ca);
    certs_make(
        &scene->files,
        &(struct cert_opts){.name = "server", .issuer = &scene->ca, .alt_names = "DNS:server.test"},
        &scene->server);
    certs_make(&scene->files,
               &(struct cert_opts){.name = "client",
                                   .issuer = &scene->ca,
                                   .alt_names = "DNS:server.test",
                                   .ocsp_url = url},
               &scene->client);
    certs_make(&scene->files, &(struct cert_opts){.name = "silent", .issuer = &scene->ca},
               &scene->silent);
    certs_make(&scene->files,
               &(struct cert_opts){
                   .name = "unreachable", .issuer = &scene->ca, .ocsp_url = "http://127.0.0.1:1/"},
               &scene->unreachable);
}

static void scene_start(struct scene *scene)
{
    memset(scene, 0, sizeof(*scene));
    rig_start(&scene->rig, 2);
    sem_init(&scene->closed, 0, 0);
    sem_init(&scene->late_came, 0, 0);
    pthread_mutex_init(&scene->mutex, NULL);
    rig_call(nnet_group_control(scene->rig.group), do_open_responder, scene);
    make_certs(scene);
    scene->rules = (struct nnet_ocsp_peer_opts){.timeout_ns = RIG_DEADLINE_S * NB_NS_PER_S,
                                                .clock_skew_s = 30,
                                                .ttl_s = 3600,
                                                .events = &events,
                                                .events_ctx = scene};
}

static void scene_end(struct scene *scene)
{
    struct cert *const all[] = {&scene->ca, &scene->server, &scene->client, &scene->silent,
                                &scene->unreachable};

    rig_call(nnet_group_control(scene->rig.group), do_close_responder, scene);
    rig_wait_sem(&scene->closed);
    rig_stop(&scene->rig);
    for (size_t i = 0; i < NB_ARRAY_LEN(all); i++) {
        cert_fini(all[i]);
    }
    certs_fini(&scene->files);
    sem_destroy(&scene->closed);
    sem_destroy(&scene->late_came);
    pthread_mutex_destroy(&scene->mutex);
}

// Handshakes.

static struct nnet_tls_context *make_context(const struct scene *scene, bool is_server,
                                             const struct cert *cert, bool asks)
{
    struct nnet_tls_cert_files files = {.cert_file = cert->cert_file, .key_file = cert->key_file};
    struct nnet_tls_opts opts = {.is_server = is_server,
                                 .certs = &files,
                                 .cert_count = 1,
                                 .ca_file = scene->ca.cert_file,
                                 .verify_peer = true,
                                 .min_version = scene->tls_version};
    struct nnet_tls_context *context = NULL;

    assert_int_equal(nnet_tls_context_create(&opts, &context, NULL), NB_OK);
    if (asks) {
        struct nnet_ocsp_peer *rules = nnet_ocsp_peer_create(&scene->rules);

        nnet_tls_context_set_ocsp_peer(context, rules);
        nnet_ocsp_peer_unref(rules);
    }
    return context;
}

static void do_start_tls(void *arg, struct nnet_worker *worker)
{
    struct scene *scene = arg;
    unsigned i = nnet_worker_index(worker);

    nnet_conn_start_tls(&scene->peers[i]->conn, scene->contexts[i], nb_slice_make(NULL, 0),
                        i == 1 ? "server.test" : NULL, RIG_DEADLINE_S * NB_NS_PER_S);
}

static void hello_on_tls(struct rig_peer *peer)
{
    nnet_out_append(peer->conn.worker, &peer->conn, NB_SLICE("hello"));
}

// The server asks about `cert` of the client, or the client about that of the server.
static void shake_start(struct scene *scene, const struct cert *cert, bool server_asks)
{
    int fds[2];

    rig_tcp_pair(fds, false);
    scene->contexts[0] =
        make_context(scene, true, server_asks ? &scene->server : cert, server_asks);
    scene->contexts[1] =
        make_context(scene, false, server_asks ? cert : &scene->server, !server_asks);
    for (unsigned i = 0; i < 2; i++) {
        scene->peers[i] = rig_peer_create(fds[i]);
        scene->peers[i]->on_tls = hello_on_tls;
        rig_peer_open(scene->peers[i], nnet_group_worker(scene->rig.group, i));
    }
    for (unsigned i = 0; i < 2; i++) {
        rig_call(scene->peers[i]->conn.worker, do_start_tls, scene);
    }
}

static void shake_end(struct scene *scene)
{
    for (unsigned i = 0; i < 2; i++) {
        rig_peer_destroy(&scene->peers[i]);
        nnet_tls_context_unref(scene->contexts[i]);
    }
}

// Whether whoever asks takes the other one; then both hear each other.
static bool shake(struct scene *scene, const struct cert *cert, bool server_asks)
{
    struct rig_peer *asking;
    bool is_taken;

    shake_start(scene, cert, server_asks);
    asking = scene->peers[server_asks ? 0 : 1];
    rig_wait(asking, asking->tls_count == 1);
    is_taken = asking->tls_rc == NB_OK;
    if (is_taken) {
        for (unsigned i = 0; i < 2; i++) {
            rig_wait(scene->peers[i], nb_buf_slice(&scene->peers[i]->got).n == 5);
        }
    } else {
        assert_int_equal(asking->tls_rc, NB_ECRYPTO);
        assert_string_equal(asking->tls_text,
                            server_asks ? "client not OCSP valid" : "server not OCSP valid");
    }
    shake_end(scene);
    return is_taken;
}

static void the_rules_decide_on_each_answer(void **state NB_UNUSED)
{
    static const struct {
        const char *name;
        enum reply_kind kind;
        bool warns_only;
        bool unknown_is_good;
        bool allows_unreachable;
        bool is_taken;
        const char *reason; // of the link's event; NULL: none
        unsigned warnings;
    } cases[] = {
        {"good", REPLY_GOOD, false, false, false, true, NULL, 0},
        {"revoked", REPLY_REVOKED, false, false, false, false,
         "Invalid OCSP response status: revoked", 0},
        {"revoked, warned", REPLY_REVOKED, true, false, false, true,
         "Invalid OCSP response status: revoked", 1},
        {"revoked, though much is allowed", REPLY_REVOKED, false, true, true, false,
         "Invalid OCSP response status: revoked", 0},
        {"unknown", REPLY_UNKNOWN, false, false, false, false,
         "Invalid OCSP response status: unknown", 0},
        {"unknown is good", REPLY_UNKNOWN, false, true, false, true, NULL, 0},
        {"old", REPLY_OLD, false, false, true, false, "OCSP response not in effectivity window", 0},
        {"of the future", REPLY_FUTURE, false, false, true, false,
         "OCSP response not in effectivity window", 0},
        {"unappointed", REPLY_UNAPPOINTED, false, false, true, false,
         "Invalid OCSP response delegation: OCSP staple's signer missing authorization by CA to "
         "act as OCSP signer",
         0},
        {"garbage", REPLY_GARBAGE, false, false, true, false, "Failed OCSP response parse", 0},
        {"an error", REPLY_ERROR, false, false, false, false, "Failed OCSP response fetch", 0},
        {"an error, allowed", REPLY_ERROR, false, false, true, true, NULL, 1},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases) * 2; i++) {
        size_t k = i / 2;
        bool server_asks = i % 2 == 0;
        struct scene scene;

        scene_start(&scene);
        scene.kind = cases[k].kind;
        scene.tls_version = k % 2 == 0 ? TLS1_3_VERSION : TLS1_2_VERSION;
        scene.rules.warns_only = cases[k].warns_only;
        scene.rules.unknown_is_good = cases[k].unknown_is_good;
        scene.rules.allows_unreachable = cases[k].allows_unreachable;
        if (shake(&scene, &scene.client, server_asks) != cases[k].is_taken ||
            scene.warned_count != cases[k].warnings ||
            scene.rejected_count != (cases[k].is_taken ? 0 : 1) ||
            strcmp(scene.link_reason, cases[k].reason != NULL ? cases[k].reason : "") != 0) {
            fail_msg("%s: %u warnings, %u rejections, link %s", cases[k].name, scene.warned_count,
                     scene.rejected_count, scene.link_reason);
        }
        assert_int_equal(scene.asked, 1);
        if (cases[k].reason != NULL) {
            assert_string_equal(scene.link_subject, "CN=client");
        }
        if (!cases[k].is_taken) {
            assert_string_equal(scene.rejected_reason,
                                server_asks ? "client not OCSP valid" : "server not OCSP valid");
        }
        scene_end(&scene);
    }
}

static void who_names_no_responder_is_taken(void **state NB_UNUSED)
{
    struct scene scene;

    scene_start(&scene);
    assert_true(shake(&scene, &scene.silent, true));
    assert_int_equal(scene.asked, 0);
    scene_end(&scene);
}

static void a_responder_that_is_away_is_no_answer(void **state NB_UNUSED)
{
    for (unsigned allowed = 0; allowed < 2; allowed++) {
        struct scene scene;

        scene_start(&scene);
        scene.rules.allows_unreachable = allowed == 1;
        assert_int_equal(shake(&scene, &scene.unreachable, true), allowed == 1);
        assert_string_equal(scene.link_reason, allowed == 1 ? "" : "Failed OCSP response fetch");
        scene_end(&scene);
    }
}

static void a_responder_that_never_answers_is_given_up(void **state NB_UNUSED)
{
    struct scene scene;

    scene_start(&scene);
    scene.kind = REPLY_NONE;
    scene.rules.timeout_ns = 50 * NB_NS_PER_MS;
    assert_false(shake(&scene, &scene.client, true));
    assert_string_equal(scene.link_reason, "Failed OCSP response fetch");
    scene_end(&scene);
}

static void answers_are_remembered(void **state NB_UNUSED)
{
    struct nnet_ocsp_cache_opts opts = {.dir = NULL};
    struct scene scene;

    scene_start(&scene);
    scene.rules.cache = nnet_ocsp_cache_create(&opts);
    assert_true(shake(&scene, &scene.client, true));
    scene.kind = REPLY_REVOKED; // too late
    assert_true(shake(&scene, &scene.client, true));
    assert_int_equal(scene.asked, 1);
    nnet_ocsp_cache_unref(scene.rules.cache);
    scene_end(&scene);
}

static void put_reply(struct scene *scene, struct slice response)
{
    struct slice der = cert_der(&scene->client);

    nnet_ocsp_cache_put(scene->rules.cache, der, response, NNET_OCSP_REVOKED, 0, 0);
    nb_slice_free(&der);
}

// What is remembered and no longer current, or was never true, is asked for again.
static void old_memories_are_asked_for_again(void **state NB_UNUSED)
{
    struct nnet_ocsp_cache_opts opts = {.dir = NULL};

    for (unsigned i = 0; i < 3; i++) {
        int64_t now = reply_now_s();
        struct scene scene;
        struct slice response;

        scene_start(&scene);
        struct reply_opts reply = {.cert = &scene.client,
                                   .issuer = &scene.ca,
                                   .status = NNET_OCSP_REVOKED,
                                   .this_update_s = now - 600,
                                   .next_update_s = i == 0 ? now - 300 : now + 300,
                                   .has_bad_signature = i == 1};

        response = i < 2 ? reply_make(&reply) : nb_slice_dup(NB_SLICE("garbage"));
        scene.rules.cache = nnet_ocsp_cache_create(&opts);
        put_reply(&scene, response);
        assert_true(shake(&scene, &scene.client, true));
        assert_int_equal(scene.asked, 1);
        nb_slice_free(&response);
        nnet_ocsp_cache_unref(scene.rules.cache);
        scene_end(&scene);
    }
}

static void a_remembered_revocation_outweighs_silence(void **state NB_UNUSED)
{
    struct nnet_ocsp_cache_opts opts = {.dir = NULL};
    struct scene scene;
    struct slice response;

    scene_start(&scene);
    struct reply_opts reply = {.cert = &scene.client,
                               .issuer = &scene.ca,
                               .status = NNET_OCSP_REVOKED,
                               .this_update_s = reply_now_s() - 600,
                               .next_update_s = reply_now_s() - 300};

    response = reply_make(&reply);
    scene.kind = REPLY_ERROR;
    scene.rules.allows_unreachable = true;
    scene.rules.cache = nnet_ocsp_cache_create(&opts);
    put_reply(&scene, response);
    assert_false(shake(&scene, &scene.client, true));
    nb_slice_free(&response);
    nnet_ocsp_cache_unref(scene.rules.cache);
    scene_end(&scene);
}

// A connection may go while a responder is asked: it ends when that has ended.
static void a_connection_may_close_while_somebody_is_asked(void **state NB_UNUSED)
{
    for (unsigned flush = 0; flush < 2; flush++) {
        struct scene scene;

        scene_start(&scene);
        scene.kind = REPLY_NONE;
        shake_start(&scene, &scene.client, true);
        rig_wait_sem(&scene.late_came);
        rig_call(scene.peers[0]->conn.worker, flush == 1 ? rig_do_close_flush : rig_do_close_now,
                 scene.peers[0]);
        shake_end(&scene);
        assert_int_equal(scene.rejected_count, 0);
        scene_end(&scene);
    }
}

// The deadline of the handshake holds while a responder is asked.
static void do_start_short_tls(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    struct scene *scene = arg;

    nnet_conn_start_tls(&scene->peers[0]->conn, scene->contexts[0], nb_slice_make(NULL, 0), NULL,
                        200 * NB_NS_PER_MS);
}

static void the_handshake_may_end_while_somebody_is_asked(void **state NB_UNUSED)
{
    struct scene scene;
    int fds[2];

    scene_start(&scene);
    scene.kind = REPLY_NONE;
    rig_tcp_pair(fds, false);
    scene.contexts[0] = make_context(&scene, true, &scene.server, true);
    scene.contexts[1] = make_context(&scene, false, &scene.client, false);
    for (unsigned i = 0; i < 2; i++) {
        scene.peers[i] = rig_peer_create(fds[i]);
        rig_peer_open(scene.peers[i], nnet_group_worker(scene.rig.group, i));
    }
    rig_call(scene.peers[0]->conn.worker, do_start_short_tls, &scene);
    rig_call(scene.peers[1]->conn.worker, do_start_tls, &scene);
    rig_wait(scene.peers[0], scene.peers[0]->tls_count == 1);
    assert_int_equal(scene.peers[0]->tls_rc, NB_ETIMEDOUT);
    shake_end(&scene);
    scene_end(&scene);
}

static void strangers_are_refused_before_anybody_is_asked(void **state NB_UNUSED)
{
    struct scene scene;
    struct cert other_ca;
    struct cert stranger;
    char url[64];

    scene_start(&scene);
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/", scene.port);
    certs_make(&scene.files, &(struct cert_opts){.name = "other-ca", .is_ca = true}, &other_ca);
    certs_make(&scene.files,
               &(struct cert_opts){.name = "stranger", .issuer = &other_ca, .ocsp_url = url},
               &stranger);
    shake_start(&scene, &stranger, true);
    rig_wait(scene.peers[0], scene.peers[0]->tls_count == 1);
    assert_int_equal(scene.peers[0]->tls_rc, NB_ECRYPTO);
    assert_non_null(
        strstr(scene.peers[0]->tls_text, "tls: failed to verify certificate: unable to get"));
    assert_int_equal(scene.asked, 0);
    assert_int_equal(scene.rejected_count, 0);
    shake_end(&scene);
    cert_fini(&other_ca);
    cert_fini(&stranger);
    scene_end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rules_decide_on_each_answer),
        cmocka_unit_test(who_names_no_responder_is_taken),
        cmocka_unit_test(a_responder_that_is_away_is_no_answer),
        cmocka_unit_test(a_responder_that_never_answers_is_given_up),
        cmocka_unit_test(answers_are_remembered),
        cmocka_unit_test(old_memories_are_asked_for_again),
        cmocka_unit_test(a_remembered_revocation_outweighs_silence),
        cmocka_unit_test(a_connection_may_close_while_somebody_is_asked),
        cmocka_unit_test(the_handshake_may_end_while_somebody_is_asked),
        cmocka_unit_test(strangers_are_refused_before_anybody_is_asked),
    };
    return cmocka_run_group_tests_name("ocsp_peer", tests, NULL, NULL);
}
