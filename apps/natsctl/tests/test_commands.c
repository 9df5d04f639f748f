/* The program itself, from outside: what it says to a server, on its outputs, and how it ends. */
#include "program.h"

// -- a server --------------------------------------------------------------------------------

static int open_server(void **state)
{
    struct fake *fake = test_calloc(1, sizeof(*fake));

    fake_open(fake);
    program_use_server(fake->url);
    *state = fake;
    return 0;
}

static int close_server(void **state)
{
    fake_close(*state);
    test_free(*state);
    return 0;
}

static void start_greeted(struct program *program, struct peer *peer, const struct fake *fake,
                          const char *line)
{
    program_start(program, line);
    peer_greet(peer, fake);
}

static void end_closed(struct program *program, struct peer *peer)
{
    peer_expect_end(peer);
    peer_close(peer);
    program_end(program);
}

// -- without a server ------------------------------------------------------------------------

static void usage_errors_end_with_two(void **state NB_UNUSED)
{
    static const struct {
        const char *line;
        const char *why;
        const char *hint;
    } cases[] = {
        {"sub|--foo|x", "natsctl: error: unknown option --foo", "try 'natsctl sub --help'"},
        {"nope", "unknown command \"nope\"", "try 'natsctl --help'"},
        {"server|nope", "unknown command \"nope\"", "try 'natsctl server --help'"},
        {"pub", "an argument is missing: <subject> [body]", "try 'natsctl pub --help'"},
        {"pub|a|b|c", "unexpected argument \"c\"", "try 'natsctl pub --help'"},
        {"rtt|x", "invalid number of PINGs", "try 'natsctl rtt --help'"},
        {"reply|a", "one of a body, --echo and --command is needed", "try 'natsctl reply --help'"},
        {"pub|a|b|--server|http://x", "unknown scheme", "try 'natsctl pub --help'"},
        {"server|check", "a command is missing", "try 'natsctl server check --help'"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct program program;

        run(&program, cases[i].line);
        expect_code(&program, 2);
        expect_in(program.err_text, cases[i].why);
        expect_in(program.err_text, cases[i].hint);
        assert_string_equal(program.out_text, "");
    }
}

static void every_command_has_help(void **state NB_UNUSED)
{
    static const char *const lines[] = {"--help",
                                        "pub|--help",
                                        "sub|-h",
                                        "request|--help",
                                        "reply|--help",
                                        "rtt|--help",
                                        "server|--help",
                                        "server|info|--help",
                                        "server|ping|-h",
                                        "server|check|--help",
                                        "version|--help",
                                        "server|check|connection|--help",
                                        "bench|--help",
                                        "bench|pub|-h",
                                        "bench|sub|-h",
                                        "bench|pubsub|-h",
                                        "bench|request|-h",
                                        "bench|reply|-h",
                                        "bench|serve|-h",
                                        "bench|connect|-h",
                                        "bench|interest|-h",
                                        "bench|service|-h",
                                        "bench|service|request|-h",
                                        "bench|service|serve|-h"};

    for (size_t i = 0; i < NB_ARRAY_LEN(lines); i++) {
        struct program program;

        run(&program, lines[i]);
        expect_code(&program, 0);
        expect_in(program.out_text, "Usage:");
        expect_in(program.out_text, "Exit codes:");
        assert_string_equal(program.err_text, "");
    }
}

static void failing_to_connect_ends_with_one(void **state NB_UNUSED)
{
    struct program program;
    struct fake dead;
    char line[128];

    fake_open(&dead);
    shutdown(dead.fd, SHUT_RDWR);
    snprintf(line, sizeof(line), "pub|a|b|-j|-s|%s", dead.url);
    run(&program, line);
    expect_code(&program, 1);
    expect_in(program.err_text, dead.url);
    expect_in(program.err_text, "connection refused");
    expect_in(program.err_text, "{\"error\":{\"exit\":1,\"description\":");
    snprintf(line, sizeof(line), "server|check|connection|-s|%s", dead.url);
    run(&program, line);
    expect_code(&program, 2); // CRITICAL
    assert_int_equal(strncmp(program.out_text, "CRITICAL Connection", 19), 0);
    fake_close(&dead);
}

static void shells_are_told_what_may_follow(void **state NB_UNUSED)
{
    struct program program;

    run(&program, "__complete|1|natsctl|re");
    assert_string_equal(program.out_text, "request\tAsks and prints what is answered.\n"
                                          "reply\tAnswers requests.\n");
    run(&program, "__complete|4|natsctl|--server|x|sub|--qu");
    expect_in(program.out_text, "--queue\t");
    expect_in(program.out_text, "--quiet\t");
    run(&program, "__complete|3|natsctl|pub|--send-on|");
    assert_string_equal(program.out_text, "eof\t\nnewline\t\n");
    run(&program, "__complete|3|natsctl|server|check|");
    assert_string_equal(program.out_text, "connection\tChecks connecting, PING and a delivery.\n");
    run(&program, "__complete|2|natsctl|bench|pu");
    assert_string_equal(program.out_text,
                        "pub\tPublishes as fast as the server takes it, or at a rate.\n"
                        "pubsub\tPublishes and receives in one process.\n");
    run(&program, "__complete|5|natsctl|bench|pub|--payload-kind|x|--multi");
    expect_in(program.out_text, "--multisubjectmax\t");
    run(&program, "__complete|9|natsctl");
    expect_code(&program, 0);
}

// -- pub -------------------------------------------------------------------------------------

static void pub_sends_count_messages_with_headers(void **state)
{
    struct program program;
    struct peer peer;

    start_greeted(&program, &peer, *state,
                  "pub|s.{{Count}}|n={{Count}}|--count|2|-H|A: b {{Count}}|--reply|r");
    peer_expect(&peer, "HPUB s.1 r 20 23\r\nNATS/1.0\r\nA: b 1\r\n\r\nn=1\r\n"
                       "HPUB s.2 r 20 23\r\nNATS/1.0\r\nA: b 2\r\n\r\nn=2\r\nPING\r\n");
    peer_send(&peer, "PONG\r\n");
    end_closed(&program, &peer);
    expect_code(&program, 0);
    expect_in(program.err_text, "Published 3 bytes to \"s.2\"");
    assert_string_equal(program.out_text, "");
}

static void pub_reads_standard_input(void **state)
{
    struct program program;
    struct peer peer;

    program_start(&program, "pub|s|--no-templates|-j");
    program_write(&program, "{{a\nb\n");
    program_close_input(&program);
    peer_greet(&peer, *state);
    peer_expect(&peer, "PUB s 6\r\n{{a\nb\n\r\nPING\r\n");
    peer_send(&peer, "PONG\r\n");
    end_closed(&program, &peer);
    expect_code(&program, 0);
    assert_string_equal(program.out_text,
                        "{\n  \"subject\": \"s\",\n  \"messages\": 1,\n  \"bytes\": 6\n}\n");
    program_start(&program, "pub|s|--send-on|newline");
    program_write(&program, "a\nb\n");
    program_close_input(&program);
    peer_greet(&peer, *state);
    peer_expect(&peer, "PUB s 1\r\na\r\nPUB s 1\r\nb\r\nPING\r\n");
    peer_send(&peer, "PONG\r\n");
    end_closed(&program, &peer);
    expect_code(&program, 0);
}

static void pub_fails_when_it_is_not_permitted(void **state)
{
    struct program program;
    struct peer peer;

    start_greeted(&program, &peer, *state, "pub|s|x");
    peer_expect(&peer, "PUB s 1\r\nx\r\nPING\r\n");
    peer_send(&peer, "-ERR 'Permissions Violation for Publish to \"s\"'\r\nPONG\r\n");
    end_closed(&program, &peer);
    expect_code(&program, 1);
    expect_in(program.err_text, "natsctl: error: Permissions Violation for Publish to \"s\"");
}

static void pub_refuses_a_bad_subject(void **state)
{
    struct program program;
    struct peer peer;

    start_greeted(&program, &peer, *state, "pub|a b|x");
    end_closed(&program, &peer);
    expect_code(&program, 2);
}

// -- sub -------------------------------------------------------------------------------------

static void sub_prints_messages_in_each_form(void **state)
{
    static const struct {
        const char *line;
        const char *want;
    } cases[] = {
        {"sub|s|--count|2", "[#1] Received on \"s\" with reply \"r\"\nA: b\nA: c\n\nbo\\x1bdy\n\n"
                            "[#2] Received on \"s\"\n\\xff\n\n"},
        {"sub|s|--count|2|--raw", "bo\x1b"
                                  "dy\n\xff\n"},
        {"sub|s|--count|2|--headers-only", "[#1] Received on \"s\" with reply \"r\"\nA: b\nA: c\n\n"
                                           "[#2] Received on \"s\"\n"},
        {"sub|s|--count|2|--subjects-only", "s\ns\n"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct program program;
        struct peer peer;

        start_greeted(&program, &peer, *state, cases[i].line);
        peer_expect(&peer, "SUB s 1\r\nPING\r\n");
        peer_send(&peer, "PONG\r\nHMSG s 1 r 24 29\r\nNATS/1.0\r\nA: b\r\nA: c\r\n\r\nbo\x1b"
                         "dy\r\nMSG s 1 1\r\n\xff\r\n");
        end_closed(&program, &peer);
        expect_code(&program, 0);
        assert_string_equal(program.out_text, cases[i].want);
    }
}

static void sub_prints_a_line_of_json_for_each_message(void **state)
{
    struct program program;
    struct peer peer;

    start_greeted(&program, &peer, *state, "sub|s|--count|2|--format|jsonl");
    peer_expect(&peer, "SUB s 1\r\nPING\r\n");
    peer_send(&peer, "PONG\r\nHMSG s 1 r 24 25\r\nNATS/1.0\r\nA: b\r\nA: c\r\n\r\nx\r\n"
                     "MSG s 1 2\r\n\xff\xfe\r\n");
    end_closed(&program, &peer);
    expect_code(&program, 0);
    expect_in(program.out_text, "{\"subject\":\"s\",\"reply\":\"r\",\"time\":\"");
    expect_in(program.out_text, "\"headers\":{\"A\":[\"b\",\"c\"]},\"data\":\"x\","
                                "\"encoding\":\"utf8\",\"size\":1}\n");
    expect_in(program.out_text, "\"data\":\"//4=\",\"encoding\":\"base64\",\"size\":2}\n");
}

static void sub_ends_well_when_interrupted(void **state)
{
    struct program program;
    struct peer peer;

    start_greeted(&program, &peer, *state, "sub|a|b|--queue|q");
    peer_expect(&peer, "SUB a q 1\r\nSUB b q 2\r\nPING\r\n");
    peer_send(&peer, "PONG\r\nMSG a 1 1\r\nx\r\n");
    program_await(&program, "[#1] Received on \"a\"");
    assert_int_equal(kill(program.pid, SIGINT), 0);
    end_closed(&program, &peer);
    expect_code(&program, 0);
}

static void sub_ends_after_silence(void **state)
{
    struct program program;
    struct peer peer;

    start_greeted(&program, &peer, *state, "sub|a|--wait|50ms");
    peer_expect(&peer, "SUB a 1\r\nPING\r\n");
    peer_send(&peer, "PONG\r\n");
    end_closed(&program, &peer);
    expect_code(&program, 0);
}

static void sub_reconnects_and_subscribes_anew(void **state)
{
    struct program program;
    struct peer peer;

    start_greeted(&program, &peer, *state, "sub|a|--count|1|--raw");
    peer_expect(&peer, "SUB a 1\r\nPING\r\n");
    peer_send(&peer, "PONG\r\n");
    peer_close(&peer);
    peer_greet(&peer, *state);
    peer_expect(&peer, "SUB a 1\r\n");
    peer_send(&peer, "MSG a 1 1\r\nx\r\n");
    end_closed(&program, &peer);
    expect_code(&program, 0);
    assert_string_equal(program.out_text, "x\n");
    expect_in(program.err_text, "reconnecting");
}

static void sub_fails_when_it_is_not_permitted(void **state)
{
    struct program program;
    struct peer peer;

    start_greeted(&program, &peer, *state, "sub|a");
    peer_expect(&peer, "SUB a 1\r\nPING\r\n");
    peer_send(&peer, "-ERR 'Permissions Violation for Subscription to \"a\"'\r\nPONG\r\n");
    end_closed(&program, &peer);
    expect_code(&program, 1);
}

// -- request and reply -----------------------------------------------------------------------

// Reads what a request sends; its reply subject.
static void read_request(struct peer *peer, char reply[256])
{
    char inbox[256];

    assert_int_equal(sscanf(peer_line(peer), "SUB %255s 1", inbox), 1);
    assert_int_equal(sscanf(peer_line(peer), "PUB q %255s 1", reply), 1);
    assert_int_equal(strncmp(inbox, reply, strlen(inbox) - 1), 0);
    peer_expect(peer, "?\r\n");
}

static void request_prints_the_reply(void **state)
{
    struct program program;
    struct peer peer;
    char reply[256];
    char bytes[512];

    start_greeted(&program, &peer, *state, "request|q|?|--raw|--timeout|1h");
    read_request(&peer, reply);
    snprintf(bytes, sizeof(bytes), "MSG %s 1 3\r\nyes\r\n", reply);
    peer_send(&peer, bytes);
    end_closed(&program, &peer);
    expect_code(&program, 0);
    assert_string_equal(program.out_text, "yes\n");
    assert_string_equal(program.err_text, "");
}

static void request_takes_several_replies(void **state)
{
    struct program program;
    struct peer peer;
    char reply[256];
    char bytes[1024];

    start_greeted(&program, &peer, *state, "request|q|?|--raw|--replies|5|--reply-timeout|50ms");
    read_request(&peer, reply);
    snprintf(bytes, sizeof(bytes), "MSG %s 1 1\r\na\r\nMSG %s 1 1\r\nb\r\n", reply, reply);
    peer_send(&peer, bytes);
    end_closed(&program, &peer); // two of five, and then nothing for a while
    expect_code(&program, 0);
    assert_string_equal(program.out_text, "a\nb\n");
}

static void request_fails_without_responders(void **state)
{
    struct program program;
    struct peer peer;
    char reply[256];
    char bytes[512];

    start_greeted(&program, &peer, *state, "request|q|?");
    read_request(&peer, reply);
    snprintf(bytes, sizeof(bytes), "HMSG %s 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n", reply);
    peer_send(&peer, bytes);
    end_closed(&program, &peer);
    expect_code(&program, 1);
    expect_in(program.err_text, "natsctl: error: request q: no responders");
}

static void request_fails_when_the_time_is_over(void **state)
{
    struct program program;
    struct peer peer;
    char reply[256];

    start_greeted(&program, &peer, *state, "request|q|?|--timeout|300ms");
    read_request(&peer, reply);
    end_closed(&program, &peer);
    expect_code(&program, 1);
    expect_in(program.err_text, "request q: no answer in time");
}

static void reply_answers(void **state)
{
    static const struct {
        const char *line;
        const char *want;
    } cases[] = {
        {"reply|q.*|got {{Request}} {{Count}}|--count|1|-q|g", "PUB r 7\r\ngot ? 1\r\n"},
        {"reply|q.*|--echo|--count|1|-q|g",
         "HPUB r 35 36\r\nNATS/1.0\r\nNATS-Reply-Counter: 0\r\n\r\n?\r\n"},
        {"reply|q.*|--command|echo {{1}}|--count|1|-q|g", "PUB r 5\r\nname\n\r\n"},
        {"reply|q.*|--command|printenv NATS_REQUEST_BODY|--count|1|-q|g", "PUB r 2\r\n?\n\r\n"},
        {"reply|q.*|--command|false|--count|1|-q|g", ""},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct program program;
        struct peer peer;

        start_greeted(&program, &peer, *state, cases[i].line);
        peer_expect(&peer, "SUB q.* g 1\r\nPING\r\n");
        peer_send(&peer, "PONG\r\nMSG q.name 1 r 1\r\n?\r\n");
        peer_expect(&peer, cases[i].want);
        peer_expect(&peer, "PING\r\n");
        peer_send(&peer, "PONG\r\n");
        end_closed(&program, &peer);
        expect_code(&program, 0);
    }
}

// -- rtt and server --------------------------------------------------------------------------

static void answer_pings(struct peer *peer, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        peer_expect(peer, "PING\r\n");
        peer_send(peer, "PONG\r\n");
    }
}

static void rtt_measures_each_server(void **state)
{
    const struct fake *fake = *state;
    struct program program;
    struct peer peer;

    start_greeted(&program, &peer, fake, "rtt|3");
    answer_pings(&peer, 1 + 3); // the first is not counted
    end_closed(&program, &peer);
    expect_code(&program, 0);
    assert_int_equal(strncmp(program.out_text, "Server  ", 8), 0);
    expect_in(program.out_text, fake->url);
    start_greeted(&program, &peer, fake, "rtt|2|--json");
    answer_pings(&peer, 1 + 2);
    end_closed(&program, &peer);
    expect_in(program.out_text, "\"pings\": 2,");
}

static void server_info_shows_what_the_server_tells(void **state)
{
    struct program program;
    struct peer peer;

    start_greeted(&program, &peer, *state, "server|info");
    answer_pings(&peer, 1 + 3);
    end_closed(&program, &peer);
    expect_code(&program, 0);
    expect_in(program.out_text, "Name: fake\n");
    expect_in(program.out_text, "Max payload: 1.0 MiB\n");
    start_greeted(&program, &peer, *state, "server|info|-j");
    peer_send(&peer, "INFO {\"server_name\":\"n\\u001b[31m\",\"max_payload\":9,"
                     "\"new\":12345678901234567890} \r\n");
    answer_pings(&peer, 1 + 3);
    end_closed(&program, &peer);
    assert_string_equal(program.out_text,
                        "{\n  \"server_name\": \"n\\u001b[31m\",\n  \"max_payload\": 9,\n"
                        "  \"new\": 12345678901234567890\n}\n");
}

static void server_ping_names_who_answers(void **state)
{
    struct program program;
    struct peer peer;

    start_greeted(&program, &peer, *state, "server|ping");
    answer_pings(&peer, 1 + 1);
    end_closed(&program, &peer);
    expect_code(&program, 0);
    assert_int_equal(strncmp(program.out_text, "fake rtt=", 9), 0);
    expect_in(program.out_text, "1 server(s), rtt max=");
}

static void server_check_connection_is_for_nagios(void **state)
{
    struct program program;
    struct peer peer;
    char inbox[256];
    char bytes[512];

    start_greeted(&program, &peer, *state, "server|check|connection");
    answer_pings(&peer, 1 + 1);
    assert_int_equal(sscanf(peer_line(&peer), "SUB %255s 1", inbox), 1);
    peer_expect(&peer, "UNSUB 1 1\r\nPUB ");
    peer_expect(&peer, inbox);
    peer_expect(&peer, " 7\r\nnatsctl\r\n");
    snprintf(bytes, sizeof(bytes), "MSG %s 1 7\r\nnatsctl\r\n", inbox);
    peer_send(&peer, bytes);
    end_closed(&program, &peer);
    expect_code(&program, 0);
    assert_int_equal(strncmp(program.out_text, "OK Connection OK:connected to ", 30), 0);
    expect_in(program.out_text, "connect_time=0.");
    expect_in(program.out_text, "s;0.5000;1.0000");
}

static void output_nobody_reads_ends_it_quietly(void **state)
{
    struct program program;
    struct peer peer;

    start_greeted(&program, &peer, *state, "sub|a|-q|g");
    peer_expect(&peer, "SUB a g 1\r\nPING\r\n");
    peer_send(&peer, "PONG\r\n");
    close(program.out);
    program.out = open("/dev/null", O_RDONLY | O_CLOEXEC);
    peer_send(&peer, "MSG a 1 1\r\nx\r\n");
    end_closed(&program, &peer);
    expect_code(&program, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usage_errors_end_with_two),
        cmocka_unit_test(every_command_has_help),
        cmocka_unit_test(failing_to_connect_ends_with_one),
        cmocka_unit_test(shells_are_told_what_may_follow),
        cmocka_unit_test(pub_sends_count_messages_with_headers),
        cmocka_unit_test(pub_reads_standard_input),
        cmocka_unit_test(pub_fails_when_it_is_not_permitted),
        cmocka_unit_test(pub_refuses_a_bad_subject),
        cmocka_unit_test(sub_prints_messages_in_each_form),
        cmocka_unit_test(sub_prints_a_line_of_json_for_each_message),
        cmocka_unit_test(sub_ends_well_when_interrupted),
        cmocka_unit_test(sub_ends_after_silence),
        cmocka_unit_test(sub_reconnects_and_subscribes_anew),
        cmocka_unit_test(sub_fails_when_it_is_not_permitted),
        cmocka_unit_test(request_prints_the_reply),
        cmocka_unit_test(request_takes_several_replies),
        cmocka_unit_test(request_fails_without_responders),
        cmocka_unit_test(request_fails_when_the_time_is_over),
        cmocka_unit_test(reply_answers),
        cmocka_unit_test(rtt_measures_each_server),
        cmocka_unit_test(server_info_shows_what_the_server_tells),
        cmocka_unit_test(server_ping_names_who_answers),
        cmocka_unit_test(server_check_connection_is_for_nagios),
        cmocka_unit_test(output_nobody_reads_ends_it_quietly),
    };
    return cmocka_run_group_tests_name("commands", tests, open_server, close_server);
}
