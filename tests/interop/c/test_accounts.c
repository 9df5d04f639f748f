// Keys and JWTs instead of passwords; what accounts share, and who is cut off.
#include "scene.h"

#include <signal.h>
#include <string.h>

#define PLAIN "authorization { user: alice, password: secret, timeout: 5 }"

// A file that ../keys has made: its path, and its text.
static const char *key_file(char path[PATH_MAX], const char *name)
{
    snprintf(path, PATH_MAX, "%s/%s", setting("INTEROP_KEYS"), name);
    return path;
}

static char *key_text(char text[static 16384], const char *name)
{
    char path[PATH_MAX];
    FILE *file = fopen(key_file(path, name), "r");
    size_t n;

    assert_non_null(file);
    n = fread(text, 1, 16383, file);
    assert_true(n > 0 && n < 16383);
    fclose(file);
    text[n] = '\0';
    return text;
}

static struct server *key_server(struct scene *scene, const char *name)
{
    char text[16384];

    return scene_server(scene, key_text(text, name));
}

static natsOptions *with_creds(struct scene *scene, const struct server *server, const char *name)
{
    natsOptions *options = scene_options(scene, server);
    char path[PATH_MAX];

    WELL(natsOptions_SetUserCredentialsFromFiles(options, key_file(path, name), NULL));
    return options;
}

static struct link *connect_with(struct scene *scene, const struct server *server, const char *name)
{
    return scene_connect(scene, server, with_creds(scene, server, name));
}

// Makes creds that hold for so many seconds.
static void make_expiring(const char *seconds, const char *name)
{
    char command[3 * PATH_MAX];

    snprintf(command, sizeof(command), "'%s' '%s' expiring %s %s", setting("INTEROP_MAKE_KEYS"),
             setting("INTEROP_KEYS"), seconds, name);
    assert_int_equal(system(command), 0);
}

// Gives the running server this configuration.
static void reload(const struct server *server, const char *config)
{
    server_configure(server, config);
    assert_int_equal(kill(server->pid, SIGHUP), 0);
}

static natsOptions *with_nkey(struct scene *scene, const struct server *server, const char *public,
                              const char *seed)
{
    natsOptions *options = scene_options(scene, server);
    char path[PATH_MAX], text[16384];

    WELL(natsOptions_SetNKeyFromSeed(options, key_text(text, public), key_file(path, seed)));
    return options;
}

static void nkey_signs_the_nonce(void **state)
{
    struct scene *scene = *state;
    char text[16384], config[16500];
    struct server *server;

    snprintf(config, sizeof(config), "authorization { users: [{ nkey: %s }] }",
             key_text(text, "device.pub"));
    server = scene_server(scene, config);
    want_exchange(
        scene, scene_connect(scene, server, with_nkey(scene, server, "device.pub", "device.nk")));
    assert_int_equal(
        scene_refused(scene, server, with_nkey(scene, server, "stranger.pub", "stranger.nk")),
        NATS_CONNECTION_AUTH_FAILED);
    assert_int_equal(
        scene_refused(scene, server, with_nkey(scene, server, "device.pub", "stranger.nk")),
        NATS_CONNECTION_AUTH_FAILED);
}

static void creds_files_are_judged(void **state)
{
    struct scene *scene = *state;
    struct server *server = key_server(scene, "operator.conf");

    want_exchange(scene, connect_with(scene, server, "alice.creds"));
    assert_int_equal(scene_refused(scene, server, with_creds(scene, server, "outsider.creds")),
                     NATS_CONNECTION_AUTH_FAILED);
    assert_int_equal(scene_refused(scene, server, NULL), NATS_CONNECTION_AUTH_FAILED);
}

static natsStatus give_bearer(char **jwt, char **error, void *closure)
{
    char text[16384];

    (void)error;
    (void)closure;
    *jwt = strdup(key_text(text, "bearer.jwt")); // the library frees it
    return NATS_OK;
}

static natsStatus sign_nothing(char **error, unsigned char **signature, int *length,
                               const char *nonce, void *closure)
{
    (void)error;
    (void)nonce;
    (void)closure;
    *signature = calloc(1, 1);
    *length = 0;
    return NATS_OK;
}

static void bearer_needs_no_key(void **state)
{
    struct scene *scene = *state;
    struct server *server = key_server(scene, "operator.conf");
    natsOptions *options = scene_options(scene, server);

    WELL(natsOptions_SetUserCredentialsCallbacks(options, give_bearer, NULL, sign_nothing, NULL));
    want_exchange(scene, scene_connect(scene, server, options));
}

static void who_says_nothing_is_the_no_auth_user(void **state)
{
    struct scene *scene = *state;
    struct server *server =
        scene_server(scene, "accounts {\n"
                            "PUBLIC { users: [{ user: guest, password: none,\n"
                            "  permissions: { publish: { deny: \"forbidden.>\" } } }] }\n"
                            "STAFF { users: [{ user: alice, password: secret }] }\n"
                            "}\n"
                            "no_auth_user: guest");
    struct link *guest = scene_connect(scene, server, NULL), *alice;
    natsSubscription *sub = scene_subscribe(scene, guest, "subject");
    natsOptions *options = scene_options(scene, server);

    WELL(natsOptions_SetUserInfo(options, "alice", "secret"));
    alice = scene_connect(scene, server, options);
    publish(alice, "subject", "of another account");
    flush(alice);
    flush(guest);
    want_no_more(sub);
    publish(guest, "forbidden.x", "");
    assert_int_equal(bell_await(&guest->errors, "the violation"), NATS_NOT_PERMITTED);
    want_exchange(scene, guest);
}

static void violations_are_reported_and_the_connection_goes_on(void **state)
{
    struct scene *scene = *state;
    struct link *link = connect_with(scene, key_server(scene, "operator.conf"), "alice.creds");
    const char *text = NULL;

    publish(link, "forbidden.x", "");
    assert_int_equal(bell_await(&link->errors, "the violation"), NATS_NOT_PERMITTED);
    assert_int_equal(natsConnection_GetLastError(link->nc, &text), NATS_NOT_PERMITTED);
    assert_non_null(strcasestr(text, "permissions violation for publish to \"forbidden.x\""));
    scene_subscribe(scene, link, "forbidden.y");
    assert_int_equal(bell_await(&link->errors, "the other violation"), NATS_NOT_PERMITTED);
    natsConnection_GetLastError(link->nc, &text);
    assert_non_null(strcasestr(text, "permissions violation for subscription to \"forbidden.y\""));
    want_exchange(scene, link);
}

static void tell(natsConnection *nc, natsSubscription *sub, natsMsg *msg, void *closure)
{
    (void)sub;
    (void)closure;
    natsConnection_PublishString(nc, natsMsg_GetReply(msg), "noon");
    natsMsg_Destroy(msg);
}

static void accounts_are_apart_but_for_what_they_share(void **state)
{
    struct scene *scene = *state;
    struct server *server = key_server(scene, "operator.conf");
    struct link *alice = connect_with(scene, server, "alice.creds");
    struct link *bob = connect_with(scene, server, "bob.creds");
    natsSubscription *all = scene_subscribe(scene, alice, "news.>");
    natsSubscription *imported = scene_subscribe(scene, alice, "ops.news.>");
    natsMsg *answer = NULL;

    publish(bob, "news.today", "rain");
    want_next(imported, "rain");
    want_no_more(all);

    assert_int_equal(natsConnection_RequestString(&answer, alice->nc, "ops.time", "", DEADLINE_MS),
                     NATS_NO_RESPONDERS);
    scene_handle(scene, bob, "time", tell, NULL);
    WELL(natsConnection_RequestString(&answer, alice->nc, "ops.time", "", DEADLINE_MS));
    assert_string_equal(natsMsg_GetData(answer), "noon");
    natsMsg_Destroy(answer);
    assert_int_equal(natsConnection_RequestString(&answer, alice->nc, "time", "", DEADLINE_MS),
                     NATS_NO_RESPONDERS);
}

// The library reads the file again, and comes back.
static void new_credentials_are_taken_when_the_old_expire(void **state)
{
    struct scene *scene = *state;
    struct server *server = key_server(scene, "operator.conf");
    struct link *link;

    make_expiring("2", "c-brief");
    link = connect_with(scene, server, "c-brief.creds");
    make_expiring("1000", "c-brief");
    bell_await(&link->disconnected, "the end of the credentials");
    bell_await(&link->reconnected, "the reconnect");
    want_exchange(scene, link);
}

// Refused twice, the library gives up.
static void revoked_users_are_cut_off(void **state)
{
    struct scene *scene = *state;
    struct server *server = key_server(scene, "operator.conf");
    struct link *alice = connect_with(scene, server, "alice.creds");
    struct link *bob = connect_with(scene, server, "bob.creds");
    char text[16384];

    reload(server, key_text(text, "revoked.conf"));
    bell_await(&alice->closed, "the end of the connection");
    want_exchange(scene, bob);
    assert_int_equal(scene_refused(scene, server, with_creds(scene, server, "alice.creds")),
                     NATS_CONNECTION_AUTH_FAILED);
}

// This version of the library has no way to ignore a second refusal: it has to be right at once.
static void client_comes_back_once_its_password_is_right(void **state)
{
    struct scene *scene = *state;
    struct server *server = scene_server(scene, PLAIN);
    natsOptions *options = scene_options(scene, server);
    struct link *link;

    WELL(natsOptions_SetUserInfo(options, "alice", "secret"));
    WELL(natsOptions_SetReconnectWait(options, 500));
    link = scene_connect(scene, server, options);
    reload(server, "authorization { user: alice, password: changed }");
    bell_await(&link->disconnected, "the refusal");
    reload(server, PLAIN);
    bell_await(&link->reconnected, "the reconnect");
    want_exchange(scene, link);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(nkey_signs_the_nonce),
        SCENE_TEST(creds_files_are_judged),
        SCENE_TEST(bearer_needs_no_key),
        SCENE_TEST(who_says_nothing_is_the_no_auth_user),
        SCENE_TEST(violations_are_reported_and_the_connection_goes_on),
        SCENE_TEST(accounts_are_apart_but_for_what_they_share),
        SCENE_TEST(new_credentials_are_taken_when_the_old_expire),
        SCENE_TEST(revoked_users_are_cut_off),
        SCENE_TEST(client_comes_back_once_its_password_is_right),
    };
    return cmocka_run_group_tests_name("accounts", tests, NULL, NULL);
}
