// TLS on the server's INFO; this version of the library has no handshake before it.
#include "scene.h"

static const char *pem(char path[PATH_MAX], const char *name, const char *suffix)
{
    snprintf(path, PATH_MAX, "%s/%s%s.pem", setting("INTEROP_PKI"), name, suffix);
    return path;
}

// A server with the test's certificates and these further lines in its configuration.
static struct server *tls_server(struct scene *scene, const char *in_tls, const char *lines)
{
    const char *folder = setting("INTEROP_PKI");
    char config[4 * PATH_MAX];

    snprintf(config, sizeof(config),
             "tls {\ncert_file: \"%s/server.pem\"\nkey_file: \"%s/server-key.pem\"\n"
             "ca_file: \"%s/ca.pem\"\ntimeout: 5\n%s\n}\n%s",
             folder, folder, folder, in_tls, lines);
    return scene_server(scene, config);
}

// Options of a client that trusts this authority and shows this certificate, if any.
static natsOptions *with_tls(struct scene *scene, const struct server *server,
                             const char *authority, const char *client)
{
    natsOptions *options = scene_options(scene, server);
    char path[PATH_MAX], key[PATH_MAX];

    WELL(natsOptions_SetSecure(options, true));
    WELL(natsOptions_LoadCATrustedCertificates(options, pem(path, authority, "")));
    if (client != NULL) {
        WELL(natsOptions_LoadCertificatesChain(options, pem(path, client, ""),
                                               pem(key, client, "-key")));
    }
    return options;
}

static void tls_carries_a_connection(void **state)
{
    struct scene *scene = *state;
    struct server *server = tls_server(scene, "", "");

    want_exchange(scene, scene_connect(scene, server, with_tls(scene, server, "ca", NULL)));
}

static void tls_carries_large_payloads(void **state)
{
    struct scene *scene = *state;
    struct server *server = tls_server(scene, "", "");

    want_large_payloads(scene, scene_connect(scene, server, with_tls(scene, server, "ca", NULL)),
                        scene_connect(scene, server, with_tls(scene, server, "ca", NULL)));
}

static void unknown_authority_is_refused_by_the_client(void **state)
{
    struct scene *scene = *state;
    struct server *server = tls_server(scene, "", "");

    assert_int_equal(scene_refused(scene, server, with_tls(scene, server, "other", NULL)),
                     NATS_SSL_ERROR);
    // Without options of its own it upgrades all the same, and trusts the system's authorities.
    assert_int_equal(scene_refused(scene, server, NULL), NATS_SSL_ERROR);
    // A failed handshake does no harm to others.
    want_exchange(scene, scene_connect(scene, server, with_tls(scene, server, "ca", NULL)));
}

static void tls_is_not_had_from_a_plain_server(void **state)
{
    struct scene *scene = *state;
    struct server *server = scene_server(scene, "");

    assert_int_equal(scene_refused(scene, server, with_tls(scene, server, "ca", NULL)),
                     NATS_SECURE_CONNECTION_WANTED);
}

static void client_certificate_is_verified(void **state)
{
    struct scene *scene = *state;
    struct server *server = tls_server(scene, "verify: true", "");

    want_exchange(scene, scene_connect(scene, server, with_tls(scene, server, "ca", "client")));
    scene_refused(scene, server, with_tls(scene, server, "ca", NULL));
    scene_refused(scene, server, with_tls(scene, server, "ca", "stranger"));
}

static void password_is_asked_inside_tls(void **state)
{
    struct scene *scene = *state;
    struct server *server =
        tls_server(scene, "", "authorization { user: alice, password: secret }");
    natsOptions *right = with_tls(scene, server, "ca", NULL);
    natsOptions *wrong = with_tls(scene, server, "ca", NULL);

    WELL(natsOptions_SetUserInfo(right, "alice", "secret"));
    WELL(natsOptions_SetUserInfo(wrong, "alice", "Secret"));
    want_exchange(scene, scene_connect(scene, server, right));
    assert_int_equal(scene_refused(scene, server, wrong), NATS_CONNECTION_AUTH_FAILED);
}

static void certificate_names_the_user(void **state)
{
    struct scene *scene = *state;
    struct server *server =
        tls_server(scene, "verify_and_map: true",
                   "authorization { users: [{ user: \"CN=client,O=natsd interop\", "
                   "permissions: { publish: { deny: x } } }] }");
    struct server *other = tls_server(scene, "verify_and_map: true",
                                      "authorization { users: [{ user: \"CN=somebody else\" }] }");
    struct link *link = scene_connect(scene, server, with_tls(scene, server, "ca", "client"));

    publish(link, "x", "");
    assert_int_equal(bell_await(&link->errors, "the violation"), NATS_NOT_PERMITTED);
    want_exchange(scene, link);
    assert_int_equal(scene_refused(scene, other, with_tls(scene, other, "ca", "client")),
                     NATS_CONNECTION_AUTH_FAILED);
}

static void ordinary_client_is_served_where_handshakes_may_come_first(void **state)
{
    struct scene *scene = *state;
    const char *const settings[] = {"handshake_first: auto", "handshake_first: \"300ms\""};

    for (int i = 0; i < 2; i++) {
        struct server *server = tls_server(scene, settings[i], "");

        want_exchange(scene, scene_connect(scene, server, with_tls(scene, server, "ca", NULL)));
    }
}

static void tls_connections_return_after_a_restart(void **state)
{
    struct scene *scene = *state;
    struct server *server = tls_server(scene, "verify: true", "");
    struct link *link = scene_connect(scene, server, with_tls(scene, server, "ca", "client"));
    natsSubscription *sub = scene_subscribe(scene, link, "subject");

    server_stop(server);
    server_start(server);
    bell_await(&link->reconnected, "the reconnect");
    publish(link, "subject", "hello");
    want_next(sub, "hello");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(tls_carries_a_connection),
        SCENE_TEST(tls_carries_large_payloads),
        SCENE_TEST(unknown_authority_is_refused_by_the_client),
        SCENE_TEST(tls_is_not_had_from_a_plain_server),
        SCENE_TEST(client_certificate_is_verified),
        SCENE_TEST(password_is_asked_inside_tls),
        SCENE_TEST(certificate_names_the_user),
        SCENE_TEST(ordinary_client_is_served_where_handshakes_may_come_first),
        SCENE_TEST(tls_connections_return_after_a_restart),
    };
    return cmocka_run_group_tests_name("tls", tests, NULL, NULL);
}
