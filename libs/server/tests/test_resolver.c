/* Accounts of operator mode in a directory: pushed, deleted, fetched from others, reloaded. */
#include "server_rig.h"

#include <dirent.h>
#include <pthread.h>

#include "options_fixture.h"
#include "token_fixture.h"

enum {
    SYSTEM = 100, // the number of its key; those of other accounts are smaller
    TEXT_MAX_BYTES = 16 * 1024,
};

struct world {
    struct rig rig;
    struct rig_client system;
    char dir[64];
};

/* Tokens. */

static struct slice account_token(unsigned number, const char *name)
{
    struct fixture_key key = fixture_key(NAUTH_NKEY_ACCOUNT, number);

    return fixture_account(&key, name, FIXTURE_NOW_S, 0);
}

static struct slice operator_token(void)
{
    struct fixture_key op = fixture_key(NAUTH_NKEY_OPERATOR, 1);
    struct fixture_key system = fixture_key(NAUTH_NKEY_ACCOUNT, SYSTEM);
    struct nauth_claims claims = {
        .kind = NAUTH_CLAIMS_OPERATOR,
        .subject = nb_slice_of(op.text),
        .name = NB_SLICE("op"),
        .op.system_account = nb_slice_of(system.text),
    };

    return fixture_sign(&claims, &op);
}

// Who has it needs no signature.
static struct slice user_token(unsigned account)
{
    struct fixture_key key = fixture_key(NAUTH_NKEY_ACCOUNT, account);
    struct fixture_key user = fixture_key(NAUTH_NKEY_USER, account);
    struct nauth_claims claims = {
        .kind = NAUTH_CLAIMS_USER,
        .subject = nb_slice_of(user.text),
        .name = NB_SLICE("u"),
        .user.limits = {.subs = -1, .data = -1, .payload = -1, .bearer_token = true},
    };

    return fixture_sign(&claims, &key);
}

static struct slice deletion_of(unsigned account)
{
    struct fixture_key op = fixture_key(NAUTH_NKEY_OPERATOR, 1);
    struct fixture_key key = fixture_key(NAUTH_NKEY_ACCOUNT, account);
    char nats[128];
    struct nauth_claims claims = {
        .kind = NAUTH_CLAIMS_GENERIC,
        .subject = nb_slice_of(op.text),
        .generic = nb_slice_make(nats, 0),
    };

    claims.generic.n = (size_t)snprintf(nats, sizeof(nats), "{\"accounts\":[\"%s\"]}", key.text);
    return fixture_sign(&claims, &op);
}

/* Clients. */

// What comes behind CONNECT: "PONG", or the error.
static const char *try_login(struct rig_client *c, const struct rig *rig, unsigned account)
{
    struct slice token = user_token(account);
    char text[TEXT_MAX_BYTES];
    const char *line;

    rig_connect(c, rig);
    snprintf(text, sizeof(text),
             "CONNECT {\"jwt\":\"%.*s\",\"verbose\":false,\"headers\":true,"
             "\"no_responders\":true}\r\nPING\r\n",
             NB_SLICE_ARGS(token));
    nb_slice_free(&token);
    rig_say(c, text);
    do {
        line = rig_line(c);
    } while (strncmp(line, "INFO ", 5) == 0);
    return line;
}

static void login(struct rig_client *c, const struct rig *rig, unsigned account)
{
    assert_string_equal(try_login(c, rig, account), "PONG");
}

static void expect_refused(const struct rig *rig, unsigned account)
{
    struct rig_client c;

    assert_string_equal(try_login(&c, rig, account), "-ERR 'Authorization Violation'");
    rig_close(&c);
}

static void publish(struct rig_client *c, const char *subject, const char *reply,
                    struct slice payload)
{
    char text[TEXT_MAX_BYTES];

    snprintf(text, sizeof(text), "PUB %s %s %zu\r\n%.*s\r\n", subject, reply, payload.n,
             NB_SLICE_ARGS(payload));
    rig_say(c, text);
}

// Those in other subscriptions of this client are dropped.
static const char *answer(struct rig_client *c)
{
    while (strncmp(rig_line(c), "MSG answer 1 ", 13) != 0) {
    }
    return rig_line(c);
}

static const char *ask(struct world *world, const char *subject, struct slice payload)
{
    publish(&world->system, subject, "answer", payload);
    return answer(&world->system);
}

static void expect_part(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("no %s in %s", part, text);
    }
}

static void push(struct world *world, struct slice token)
{
    expect_part(ask(world, "$SYS.REQ.CLAIMS.UPDATE", token),
                "\"code\":200,\"message\":\"jwt updated\"");
}

static const char *look_up(struct world *world, unsigned account)
{
    struct fixture_key key = fixture_key(NAUTH_NKEY_ACCOUNT, account);
    char subject[128];

    snprintf(subject, sizeof(subject), "$SYS.REQ.ACCOUNT.%s.CLAIMS.LOOKUP", key.text);
    return ask(world, subject, (struct slice){0});
}

/* The server. */

static struct nserver_options options_of(const char *resolver, unsigned preloaded)
{
    struct fixture_key system = fixture_key(NAUTH_NKEY_ACCOUNT, SYSTEM);
    struct fixture_key key = fixture_key(NAUTH_NKEY_ACCOUNT, preloaded);
    struct slice op = operator_token();
    struct slice system_token = account_token(SYSTEM, "SYS");
    struct slice token = account_token(preloaded, "A");
    struct nserver_options opts;
    char text[TEXT_MAX_BYTES];

    snprintf(text, sizeof(text),
             "operator: %.*s\nsystem_account: %s\nresolver: %s\n"
             "resolver_preload { %s: %.*s, %s: %.*s }\n",
             NB_SLICE_ARGS(op), system.text, resolver, system.text, NB_SLICE_ARGS(system_token),
             key.text, NB_SLICE_ARGS(token));
    opts = read_good(text);
    opts.workers = 2;
    nb_slice_free(&op);
    nb_slice_free(&system_token);
    nb_slice_free(&token);
    return opts;
}

static struct nserver_options directory_options(const struct world *world, const char *more)
{
    char resolver[256];

    snprintf(resolver, sizeof(resolver), "{ type: full, dir: \"%s\", allow_delete: true %s }",
             world->dir, more);
    return options_of(resolver, 1);
}

// Account 1 is there.
static void start(struct world *world, const char *more)
{
    struct nserver_options opts;

    snprintf(world->dir, sizeof(world->dir), "/tmp/natsd-resolver-XXXXXX");
    assert_non_null(mkdtemp(world->dir));
    opts = directory_options(world, more);
    rig_start(&world->rig, &opts);
    login(&world->system, &world->rig, SYSTEM);
    rig_say(&world->system, "SUB answer 1\r\n");
}

static void stop(struct world *world)
{
    DIR *dir = opendir(world->dir);
    struct dirent *file;

    rig_close(&world->system);
    rig_stop(&world->rig);
    assert_non_null(dir);
    while ((file = readdir(dir)) != NULL) {
        (void)unlinkat(dirfd(dir), file->d_name, 0);
    }
    closedir(dir);
    assert_int_equal(rmdir(world->dir), 0);
}

static void reload(struct world *world, struct nserver_options opts)
{
    struct nb_diag diag = {""};

    nserver_options_set_text(&opts.host, NB_SLICE("127.0.0.1"));
    opts.port = -1;
    if (nserver_reload(world->rig.server, &opts, &diag) != NB_OK) {
        fail_msg("%s", diag.text);
    }
    nserver_options_fini(&opts);
}

/* The tests. */

static void the_same_token_revives_a_deleted_account(void **state NB_UNUSED)
{
    struct world world;
    struct rig_client c;
    struct slice token = account_token(1, "A");
    struct slice deletion = deletion_of(1);

    start(&world, "");
    login(&c, &world.rig, 1);
    expect_part(ask(&world, "$SYS.REQ.CLAIMS.DELETE", deletion), "deleted 1 accounts");
    rig_expect(&c, "-ERR 'Account Authentication Expired'");
    rig_close(&c);
    assert_string_equal(look_up(&world, 1), "");
    expect_refused(&world.rig, 1);
    push(&world, token);
    login(&c, &world.rig, 1);
    rig_close(&c);
    stop(&world);
    nb_slice_free(&token);
    nb_slice_free(&deletion);
}

// What the system's client has sent was heard; it hears no more from its second subscription.
static void settle(struct world *world)
{
    rig_say(&world->system, "UNSUB 2\r\nPING\r\n");
    while (strcmp(rig_line(&world->system), "PONG") != 0) {
    }
}

// The head of the next message to this subscription of the system's client: its reply.
static void take_reply(struct world *world, const char *subject, char *reply, size_t room)
{
    char format[256];
    const char *line;

    snprintf(format, sizeof(format), "MSG %s 2 ", subject);
    do {
        line = rig_line(&world->system);
    } while (strncmp(line, format, strlen(format)) != 0);
    snprintf(reply, room, "%.*s", (int)strcspn(line + strlen(format), " "), line + strlen(format));
}

// A peer that is asked for its JWTs sends one that this server lacks, and one that is older.
static void what_a_peer_has_is_merged(void **state NB_UNUSED)
{
    struct fixture_key key = fixture_key(NAUTH_NKEY_ACCOUNT, 2);
    struct fixture_key known = fixture_key(NAUTH_NKEY_ACCOUNT, 1);
    struct slice token = account_token(2, "B");
    struct slice older = fixture_account(&known, "old", FIXTURE_NOW_S - 1, 0);
    struct slice known_token = account_token(1, "A");
    char entries[TEXT_MAX_BYTES];
    char reply[128];
    struct world world;
    struct rig_client c;

    start(&world, ", interval: 50ms");
    expect_refused(&world.rig, 2);
    rig_say(&world.system, "SUB $SYS.REQ.CLAIMS.PACK responder 2\r\n");
    take_reply(&world, "$SYS.REQ.CLAIMS.PACK", reply, sizeof(reply));
    assert_memory_equal(reply, "$SYS._INBOX.", 12);
    snprintf(entries, sizeof(entries), "%s|%.*s\n../../x|y\n%s|%.*s", known.text,
             NB_SLICE_ARGS(older), key.text, NB_SLICE_ARGS(token));
    publish(&world.system, reply, "", nb_slice_of(entries));
    settle(&world);
    login(&c, &world.rig, 2); // all that is done with files keeps its order
    assert_true(nb_slice_is(known_token, look_up(&world, 1)));
    rig_close(&c);
    stop(&world);
    nb_slice_free(&token);
    nb_slice_free(&older);
    nb_slice_free(&known_token);
}

struct asking {
    const struct rig *rig;
    unsigned account;
    char line[256];
    pthread_t thread;
};

static void *log_in(void *arg)
{
    struct asking *asking = arg;
    struct rig_client c;

    snprintf(asking->line, sizeof(asking->line), "%s", try_login(&c, asking->rig, asking->account));
    rig_close(&c);
    return NULL;
}

// A peer hears a question for account 2 and answers it.
static void expect_login_when_told(struct world *world, struct slice said, const char *want)
{
    struct fixture_key key = fixture_key(NAUTH_NKEY_ACCOUNT, 2);
    struct asking asking = {.rig = &world->rig, .account = 2};
    char subject[128];
    char reply[128];

    assert_int_equal(pthread_create(&asking.thread, NULL, log_in, &asking), 0);
    snprintf(subject, sizeof(subject), "$SYS.REQ.ACCOUNT.%s.CLAIMS.LOOKUP", key.text);
    take_reply(world, subject, reply, sizeof(reply));
    publish(&world->system, reply, "", said);
    assert_int_equal(pthread_join(asking.thread, NULL), 0);
    assert_string_equal(asking.line, want);
}

static void accounts_are_looked_up_at_peers(void **state NB_UNUSED)
{
    struct slice token = account_token(2, "B");
    struct slice others = account_token(1, "A");
    struct world world;

    start(&world, ", timeout: 60s");
    expect_refused(&world.rig, 2); // at once: there is nobody to ask
    rig_say(&world.system, "SUB $SYS.REQ.ACCOUNT.*.CLAIMS.LOOKUP 2\r\nPING\r\n");
    rig_expect(&world.system, "PONG");
    expect_login_when_told(&world, (struct slice){0}, "-ERR 'Authorization Violation'");
    expect_login_when_told(&world, others, "-ERR 'Authorization Violation'");
    expect_login_when_told(&world, NB_SLICE("x"), "-ERR 'Authorization Violation'");
    expect_login_when_told(&world, token, "PONG");
    rig_say(&world.system, "UNSUB 2\r\n");
    assert_true(nb_slice_is(token, look_up(&world, 2))); // it was stored
    stop(&world);
    nb_slice_free(&token);
    nb_slice_free(&others);
}

// Who waits for an answer that never comes is no obstacle.
static void a_question_may_be_open_when_the_server_stops(void **state NB_UNUSED)
{
    struct asking asking = {.account = 2};
    struct world world;
    char reply[128];
    char subject[128];
    struct fixture_key key = fixture_key(NAUTH_NKEY_ACCOUNT, 2);

    start(&world, ", timeout: 60s");
    asking.rig = &world.rig;
    rig_say(&world.system, "SUB $SYS.REQ.ACCOUNT.*.CLAIMS.LOOKUP 2\r\nPING\r\n");
    rig_expect(&world.system, "PONG");
    assert_int_equal(pthread_create(&asking.thread, NULL, log_in, &asking), 0);
    snprintf(subject, sizeof(subject), "$SYS.REQ.ACCOUNT.%s.CLAIMS.LOOKUP", key.text);
    take_reply(&world, subject, reply, sizeof(reply));
    nserver_stop(world.rig.server);
    assert_int_equal(pthread_join(asking.thread, NULL), 0);
    assert_memory_equal(asking.line, "-ERR ", 5);
    stop(&world);
}

static void a_reload_may_bring_a_resolver_of_another_kind(void **state NB_UNUSED)
{
    struct slice token = account_token(2, "B");
    struct rig_client c;
    struct world world;

    start(&world, "");
    push(&world, token);
    reload(&world, options_of("MEMORY", 1));
    expect_refused(&world.rig, 2);
    publish(&world.system, "$SYS.REQ.CLAIMS.LIST", "answer", (struct slice){0});
    assert_memory_equal(rig_line(&world.system), "HMSG answer 1 ", 14); // nobody serves it
    reload(&world, directory_options(&world, ""));
    login(&c, &world.rig, 2);
    rig_close(&c);
    stop(&world);
    nb_slice_free(&token);
}

static void a_server_without_operators_skips_updates(void **state NB_UNUSED)
{
    struct slice token = account_token(1, "A");
    struct fixture_key key = fixture_key(NAUTH_NKEY_ACCOUNT, 1);
    struct nserver_options opts =
        read_good("system_account: S\naccounts { S { users [ { user: s, password: p } ] } }\n");
    struct rig_client c;
    char subject[128];
    struct rig rig;

    opts.workers = 1;
    rig_start(&rig, &opts);
    rig_connect(&c, &rig);
    rig_say(&c, "CONNECT {\"user\":\"s\",\"pass\":\"p\",\"verbose\":false}\r\nSUB answer 1\r\n");
    snprintf(subject, sizeof(subject), "$SYS.REQ.ACCOUNT.%s.CLAIMS.UPDATE", key.text);
    publish(&c, subject, "answer", token);
    expect_part(answer(&c), "\"message\":\"jwt update skipped\"");
    publish(&c, subject, "answer", (struct slice){0});
    expect_part(answer(&c), "\"description\":\"jwt update error - request body is empty\"");
    rig_close(&c);
    rig_stop(&rig);
    nb_slice_free(&token);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_token_revives_a_deleted_account),
        cmocka_unit_test(what_a_peer_has_is_merged),
        cmocka_unit_test(accounts_are_looked_up_at_peers),
        cmocka_unit_test(a_question_may_be_open_when_the_server_stops),
        cmocka_unit_test(a_reload_may_bring_a_resolver_of_another_kind),
        cmocka_unit_test(a_server_without_operators_skips_updates),
    };
    return cmocka_run_group_tests_name("resolver", tests, NULL, NULL);
}
