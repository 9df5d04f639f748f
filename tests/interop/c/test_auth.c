// Credentials, right and wrong.
#include "scene.h"

// Hashes of "secret".
#define HASH_A "$2a$11$HCuSUsSDTSGAiOWLIvmsQ.D97A4uNCskx9wzuHgDD.k9rPAvy6oTa"
#define HASH_Y "$2y$05$HCuSUsSDTSGAiOWLIvmsQ.fluBAeGMbdbRWx4xUecoQWN./RdMp9y"

#define PLAIN "authorization { user: alice, password: secret, timeout: 5 }"
#define HASHED "authorization { user: alice, password: \"" HASH_A "\" }"
#define USERS                                                     \
    "authorization { users: [{ user: alice, password: secret }, " \
    "{ user: bob, password: \"" HASH_Y "\" }] }"
#define TOKEN "authorization { token: \"a token\" }"

static const struct {
    const char *name;
    const char *config;
    const char *user; // with the password, or none
    const char *password;
    const char *token;
    bool accepted;
} cases[] = {
    {"user", PLAIN, "alice", "secret", NULL, true},
    {"hashed password", HASHED, "alice", "secret", NULL, true},
    {"first of users", USERS, "alice", "secret", NULL, true},
    {"second of users, hashed", USERS, "bob", "secret", NULL, true},
    {"token", TOKEN, NULL, NULL, "a token", true},
    {"wrong password", PLAIN, "alice", "Secret", NULL, false},
    {"wrong user", PLAIN, "bob", "secret", NULL, false},
    {"no credentials", PLAIN, NULL, NULL, NULL, false},
    {"wrong password, hashed", HASHED, "alice", "Secret", NULL, false},
    {"the hash as password", HASHED, "alice", HASH_A, NULL, false},
    {"none of the users", USERS, "dave", "secret", NULL, false},
    {"one of users, wrong password", USERS, "bob", "Secret", NULL, false},
    {"wrong token", TOKEN, NULL, NULL, "another token", false},
    {"user for a token", TOKEN, "alice", "a token", NULL, false},
};

static natsOptions *showing(struct scene *scene, const struct server *server, size_t i)
{
    natsOptions *options = scene_options(scene, server);

    if (cases[i].user != NULL) {
        WELL(natsOptions_SetUserInfo(options, cases[i].user, cases[i].password));
    }
    if (cases[i].token != NULL) {
        WELL(natsOptions_SetToken(options, cases[i].token));
    }
    return options;
}

static void credentials_are_judged(void **state)
{
    struct scene *scene = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct server *server = scene_server(scene, cases[i].config);

        print_message("           %s\n", cases[i].name);
        if (cases[i].accepted) {
            want_exchange(scene, scene_connect(scene, server, showing(scene, server, i)));
        } else {
            assert_int_equal(scene_refused(scene, server, showing(scene, server, i)),
                             NATS_CONNECTION_AUTH_FAILED);
        }
    }
}

static void credentials_may_stand_in_the_url(void **state)
{
    struct scene *scene = *state;
    const char *const configs[][2] = {{PLAIN, "alice:secret"},
                                      {"authorization { token: tok }", "tok"}};

    for (int i = 0; i < 2; i++) {
        struct server *server = scene_server(scene, configs[i][0]);
        natsOptions *options = scene_options(scene, server);
        char url[128];

        snprintf(url, sizeof(url), "nats://%s@127.0.0.1:%d", configs[i][1], server->port);
        WELL(natsOptions_SetURL(options, url));
        want_exchange(scene, scene_connect(scene, server, options));
    }
}

static struct link *connect_as(struct scene *scene, struct server *server, const char *user)
{
    natsOptions *options = scene_options(scene, server);

    WELL(natsOptions_SetUserInfo(options, user, "secret"));
    return scene_connect(scene, server, options);
}

static void users_share_one_subject_space(void **state)
{
    struct scene *scene = *state;
    struct server *server = scene_server(scene, USERS);
    natsSubscription *sub = scene_subscribe(scene, connect_as(scene, server, "bob"), "subject");

    publish(connect_as(scene, server, "alice"), "subject", "hello");
    want_next(sub, "hello");
}

// Refused twice, the library gives up.
static void reconnect_with_an_old_password_is_refused(void **state)
{
    struct scene *scene = *state;
    struct server *server = scene_server(scene, PLAIN);
    struct link *link = connect_as(scene, server, "alice");
    const char *text = NULL;

    server_stop(server);
    server_configure(server, "authorization { user: alice, password: changed }");
    server_start(server);
    bell_await(&link->closed, "the end of the connection");
    assert_int_equal(natsConnection_GetLastError(link->nc, &text), NATS_CONNECTION_AUTH_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(credentials_are_judged),
        SCENE_TEST(credentials_may_stand_in_the_url),
        SCENE_TEST(users_share_one_subject_space),
        SCENE_TEST(reconnect_with_an_old_password_is_refused),
    };
    return cmocka_run_group_tests_name("auth", tests, NULL, NULL);
}
