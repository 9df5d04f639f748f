/* `natsctl auth` with servers: natsd, and the reference server where it is installed. What is made
 * here must let in whom it should, and nobody else.
 */
#include "program.h"

#include "auth_store.h"

#define REFERENCE "/usr/local/bin/nats-server"

struct server {
    struct program program;
    char url[64];
};

static void server_start(struct server *server, const char *path)
{
    static const char said[] = "Listening for client connections on ";
    const char *at;

    write_file("server.conf", "listen: \"127.0.0.1:-1\"\ninclude \"./operator.conf\"\n");
    program_start_file(&server->program, path, "-c|server.conf");
    program_await_error(&server->program, "Server is ready");
    at = strstr(server->program.err_text, said);
    assert_non_null(at);
    at += strlen(said);
    snprintf(server->url, sizeof(server->url), "nats://%.*s", (int)strcspn(at, " \r\n"), at);
    setenv("NATS_URL", server->url, 1);
}

static void server_stop(struct server *server)
{
    kill(server->program.pid, SIGKILL);
    program_end(&server->program);
}

// An operator with two accounts, a role, three users; and what the server has to know.
static void set_up(const char *resolver)
{
    char line[128];

    ok("auth|operator|add|O");
    ok("auth|account|add|A");
    ok("auth|account|add|B");
    ok("auth|account|keys|add|A|reader|--sub-allow|x.>,_INBOX.>|--pub-deny|>");
    ok("auth|user|add|ann|A|--credential|ann.creds");
    ok("auth|user|add|rob|A|--key|reader|--credential|rob.creds");
    ok("auth|user|add|bea|B|--credential|bea.creds");
    ok("auth|user|add|sys|SYSTEM|--credential|sys.creds");
    snprintf(line, sizeof(line), "auth|operator|config|--resolver|%s|--output|operator.conf",
             resolver);
    ok(line);
}

enum {
    TRIES_MAX = 100,
    TRY_MS = 100,
};

// The first ones may be sent before the subscription is there.
static void publish_until_seen(const char *line, struct program *program, const char *text)
{
    for (int i = 0; i < TRIES_MAX && strstr(program->out_text, text) == NULL; i++) {
        struct pollfd entry = {.fd = program->out, .events = POLLIN};

        ok(line);
        if (poll(&entry, 1, TRY_MS) == 1) {
            assert_true(read_some(program->out, program->out_text, sizeof(program->out_text)));
        }
    }
    expect_in(program->out_text, text);
}

static void await_disconnect(struct program *program, const char *why)
{
    program_await_error(program, why);
    kill(program->pid, SIGKILL);
    program_end(program);
}

// -- the story, with one server or the other --------------------------------------------------

static void play_full(const char *path)
{
    struct server server;
    struct program ann;
    struct program rob;

    set_up("full");
    server_start(&server, path);
    refused("pub|x.1|m|--creds|ann.creds", 1, "Authorization Violation"); // not pushed yet
    shows("auth|push|A|--temp-user", "jwt updated");
    shows("auth|push|B|--creds|sys.creds|--json", "\"result\": \"ok\"");
    // Whom it lets in, and what they may do.
    program_start(&rob, "sub|x.>|--raw|--creds|rob.creds");
    program_start(&ann, "sub|>|--raw|--creds|ann.creds");
    program_await_error(&rob, "Subscribing on x.>");
    program_await_error(&ann, "Subscribing on >");
    publish_until_seen("pub|x.1|hello|--creds|ann.creds", &ann, "hello");
    publish_until_seen("pub|x.1|hello|--creds|ann.creds", &rob, "hello");
    ok("pub|x.1|other|--creds|bea.creds"); // the other account: nobody sees it
    publish_until_seen("pub|x.1|last|--creds|ann.creds", &rob, "last");
    kill(rob.pid, SIGKILL);
    program_end(&rob);
    assert_null(strstr(rob.out_text, "other"));
    refused("pub|x.1|m|--creds|rob.creds", 1, "Permissions Violation");
    // Revoked, and thrown out.
    ok("auth|account|revoke|user|A|ann");
    ok("auth|push|A|--temp-user");
    await_disconnect(&ann, "User Authentication Revoked");
    refused("pub|x.1|m|--creds|ann.creds", 1, "Authorization Violation");
    server_stop(&server);
}

static void play_resolver(const char *path)
{
    struct server server;

    set_up("full");
    server_start(&server, path);
    ok("auth|push|--all|--temp-user");
    shows("auth|resolver|ls|--temp-user", "A");
    ok("auth|resolver|diff|--temp-user");
    shows("auth|pull|--all|--temp-user", "the same");
    shows("auth|account|query|A|--temp-user", "the same");
    ok("auth|account|edit|A|--description|newer|--expiry|1y");
    shows("auth|pull|A|--temp-user|--overwrite-newer", "stored");
    refused("auth|push|A|--temp-user|--expect|2|--timeout|1s", 6, "1 of 2 servers answered");
    refused("auth|push|A|--creds|bea.creds|--timeout|2s", 5, "nobody answers to");
    refused("auth|push|A|--creds|rob.creds|--timeout|2s", 5, "use credentials of the system");
    refused("auth|resolver|rm|B|--temp-user", 7, "refusing to take 1 account(s)");
    refused("auth|resolver|rm|SYSTEM|--temp-user|-f", 2, "never taken from servers");
    shows("auth|resolver|rm|B|--temp-user|-f", "deleted 1 accounts");
    refused("auth|pull|B|--temp-user", 4, "no server has the account");
    refused("pub|x|m|--creds|bea.creds", 1, "Authorization Violation");
    ok("auth|push|B|--temp-user");
    ok("auth|account|rm|B|-f");
    shows("auth|resolver|prune|--temp-user|-f", "deleted 1 accounts");
    server_stop(&server);
}

static void play_memory(const char *path)
{
    struct server server;

    set_up("memory");
    server_start(&server, path);
    ok("pub|x.1|m|--creds|ann.creds");
    ok("pub|x.1|m|--creds|nsc://O/A/ann");
    ok("auth|account|revoke|user|A|*");
    shows("auth|push|A|--temp-user", "jwt updated");
    refused("pub|x.1|m|--creds|ann.creds", 1, "Authorization Violation");
    refused("auth|resolver|ls|--temp-user|--timeout|1s", 5, "nobody answers to");
    server_stop(&server);
}

static void need_reference(void)
{
    if (access(REFERENCE, X_OK) != 0) {
        skip();
    }
}

static void natsd_takes_what_is_made_and_pushed(void **state NB_UNUSED)
{
    play_full(NATSD_PROGRAM);
}

static void natsd_shows_and_drops_accounts(void **state NB_UNUSED)
{
    play_resolver(NATSD_PROGRAM);
}

static void natsd_takes_accounts_of_its_file(void **state NB_UNUSED)
{
    play_memory(NATSD_PROGRAM);
}

static void the_reference_takes_what_is_made_and_pushed(void **state NB_UNUSED)
{
    need_reference();
    play_full(REFERENCE);
}

static void the_reference_shows_and_drops_accounts(void **state NB_UNUSED)
{
    need_reference();
    play_resolver(REFERENCE);
}

static void the_reference_takes_accounts_of_its_file(void **state NB_UNUSED)
{
    need_reference();
    play_memory(REFERENCE);
}

int main(void)
{
#define IN_A_PLACE(test) cmocka_unit_test_setup_teardown(test, place_open, place_close)
    const struct CMUnitTest tests[] = {
        IN_A_PLACE(the_reference_takes_what_is_made_and_pushed),
        IN_A_PLACE(the_reference_shows_and_drops_accounts),
        IN_A_PLACE(the_reference_takes_accounts_of_its_file),
        IN_A_PLACE(natsd_takes_what_is_made_and_pushed),
        IN_A_PLACE(natsd_shows_and_drops_accounts),
        IN_A_PLACE(natsd_takes_accounts_of_its_file),
    };

    return cmocka_run_group_tests_name("natsctl auth with servers", tests, NULL, NULL);
}
