/* bench from outside: natsctl against natsd. */
#include "net_certs.h"
#include "program.h"

#include <natsd/clock.h>
#include <natsd/json_reader.h>

// -- a server --------------------------------------------------------------------------------

struct server {
    struct program program;
    char url[64];
};

// `line` is the rest of its command line.
static void server_start(struct server *server, const char *line)
{
    static const char said[] = "Listening for client connections on ";
    char all[512];
    const char *at;

    snprintf(all, sizeof(all), "-a|127.0.0.1|-p|-1%s%s", line[0] != '\0' ? "|" : "", line);
    program_start_file(&server->program, NATSD_PROGRAM, all);
    program_await_error(&server->program, "Server is ready");
    at = strstr(server->program.err_text, said);
    assert_non_null(at);
    at += strlen(said);
    snprintf(server->url, sizeof(server->url), "nats://%.*s", (int)strcspn(at, " \r\n"), at);
}

static void server_stop(struct server *server)
{
    kill(server->program.pid, SIGKILL);
    program_end(&server->program);
}

static int open_server(void **state)
{
    struct server *server = test_calloc(1, sizeof(*server));

    server_start(server, "");
    program_use_server(server->url);
    *state = server;
    return 0;
}

static int close_server(void **state)
{
    server_stop(*state);
    test_free(*state);
    return 0;
}

// -- results ---------------------------------------------------------------------------------

struct run {
    struct program program;
    struct nb_json_doc doc;
};

static void read_result(struct run *run)
{
    struct nb_diag diag = {""};

    if (nb_json_parse(nb_slice_of(run->program.out_text), 16 * 1024 * 1024, &run->doc, &diag) !=
        NB_OK) {
        fail_msg("%s in \"%s\", and \"%s\"", diag.text, run->program.out_text,
                 run->program.err_text);
    }
}

// With --json; it ends with this code.
static void bench(struct run *run, const char *line, int code)
{
    char all[1024];

    *run = (struct run){.doc = {.root = NULL}};
    snprintf(all, sizeof(all), "bench|%s|--json", line);
    program_start(&run->program, all);
    program_end(&run->program);
    if (run->program.code != code) {
        fail_msg("%s: exit code %d: %s", line, run->program.code, run->program.err_text);
    }
    read_result(run);
}

static void run_fini(struct run *run)
{
    nb_json_doc_fini(&run->doc);
}

// "total.latency_ns.p50"
static const struct nb_json_value *find(const struct run *run, const char *path)
{
    const struct nb_json_value *value = run->doc.root;
    struct slice rest = nb_slice_of(path);
    struct slice name;

    while (nb_slice_take_field(&rest, '.', &name)) {
        char *text = nb_slice_cstr(name);

        value = nb_json_get(value, text);
        nb_free(text);
    }
    if (value == NULL) {
        fail_msg("no %s in %s", path, run->program.out_text);
    }
    return value;
}

static uint64_t number(const struct run *run, const char *path)
{
    uint64_t out;

    if (nb_json_to_u64(find(run, path), &out) != NB_OK) {
        fail_msg("%s is no number", path);
    }
    return out;
}

static void expect_whole(const struct run *run)
{
    assert_false(find(run, "partial")->is_true);
    for (const struct nb_json_value *it = find(run, "warnings")->first; it != NULL; it = it->next) {
        if (!nb_slice_starts(it->text, "tool-bound")) { // a slow build of natsctl
            fail_msg("warning: %.*s", NB_SLICE_ARGS(it->text));
        }
    }
}

static bool has_warning(const struct run *run, const char *part)
{
    for (const struct nb_json_value *it = find(run, "warnings")->first; it != NULL; it = it->next) {
        if (nb_slice_find(it->text, nb_slice_of(part)) < it->text.n) {
            return true;
        }
    }
    return false;
}

static size_t client_count(const struct run *run, const char *role)
{
    size_t n = 0;

    for (const struct nb_json_value *it = find(run, "clients")->first; it != NULL; it = it->next) {
        n += nb_slice_is(nb_json_get(it, "role")->text, role);
    }
    return n;
}

// -- publishing ------------------------------------------------------------------------------

static void pub_ends_when_the_server_has_all(void **state NB_UNUSED)
{
    struct run run;

    bench(&run, "pub|b|--msgs|10000|--clients|3|--size|16", 0);
    expect_whole(&run);
    assert_int_equal(number(&run, "total.msgs"), 10000);
    assert_int_equal(number(&run, "total.bytes"), 160000);
    assert_int_equal(client_count(&run, "publisher"), 3);
    assert_true(nb_slice_is(find(&run, "kind")->text, "pub"));
    run_fini(&run);
}

static void message_that_the_server_would_refuse_is_not_sent(void **state NB_UNUSED)
{
    struct program program;

    run(&program, "bench|pub|b|--size|1025KB|--json");
    expect_code(&program, 1);
    expect_in(program.err_text, "message of 1049600 bytes, the server takes at most 1048576");
    run(&program, "bench|pub|b|--size|1MB|--msgs|2|--json");
    expect_code(&program, 0);
}

// Messages and payload bytes are counted on the other side, too.
static void pubsub_delivers_every_message(void **state NB_UNUSED)
{
    static const struct {
        const char *line;
        uint64_t published;
        uint64_t received;
        uint64_t size;
    } cases[] = {
        {"--msgs|100000|--size|16", 100000, 100000, 16},
        {"--msgs|1000|--size|0", 1000, 1000, 0},
        {"--msgs|1|--size|8", 1, 1, 8},
        {"--msgs|3|--pubs|5|--subs|2", 3, 6, 128},
        {"--msgs|10000|--pubs|3|--subs|4", 10000, 40000, 128},
        {"--msgs|10000|--pubs|3|--subs|4|--queue|g", 10000, 10000, 128},
        {"--msgs|10001|--pubs|3|--subs|3|--own-subjects", 10001, 10001, 128},
        {"--msgs|9000|--pubs|3|--subs|6|--own-subjects", 9000, 18000, 128},
        {"--msgs|9000|--pubs|3|--subs|6|--own-subjects|--queue|g", 9000, 9000, 128},
        {"--msgs|20000|--multisubject|--multisubjectmax|7", 20000, 20000, 128},
        {"--msgs|20000|--multisubject|--multisubjectmax|0", 20000, 20000, 128},
        {"--msgs|20000|--multisubject|--multisubjectrandomize", 20000, 20000, 128},
        {"--msgs|1000|--size|16|-H|A:b", 1000, 1000, 16 + 18},
        {"--msgs|1000|--size|16KB", 1000, 1000, 16384},
        {"--msgs|50|--size|1000KB", 50, 50, 1024000},
        {"--msgs|5000|--size|16|--threads|1|--warmup|100ms", 5000, 5000, 16},
        {"--msgs|2000|--size|16|--rate|10000", 2000, 2000, 16},
        {"--size|16|--rate|10000|--duration|200ms", 2000, 2000, 16},
        {"--msgs|50|--size|100KB|--rate|1000|-H|A:b", 50, 50, 102400 + 18},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        char line[256];
        struct run run;

        snprintf(line, sizeof(line), "pubsub|b|%s", cases[i].line);
        bench(&run, line, 0);
        if (number(&run, "totals.publisher.msgs") != cases[i].published ||
            number(&run, "totals.subscriber.msgs") != cases[i].received ||
            number(&run, "total.bytes") != cases[i].received * cases[i].size) {
            fail_msg("%s: %s", cases[i].line, run.program.out_text);
        }
        expect_whole(&run);
        run_fini(&run);
    }
}

static void expect_order(const struct run *run, const char *what)
{
    static const char *const names[] = {"min", "p50", "p90", "p99", "p999", "max"};
    uint64_t last = 0;

    for (size_t i = 0; i < NB_ARRAY_LEN(names); i++) {
        char path[64];
        uint64_t value;

        snprintf(path, sizeof(path), "total.%s.%s", what, names[i]);
        value = number(run, path);
        assert_true(value >= last && value > 0);
        last = value;
    }
}

static void pubsub_times_each_message_at_a_rate(void **state NB_UNUSED)
{
    static const char *const lines[] = {
        "pubsub|b|--rate|5000|--msgs|1000|--size|16",
        "pubsub|b|--rate|5000|--msgs|1000|--size|16|-H|A:b",
        "pubsub|b|--rate|1000|--msgs|100|--size|64KB", // its parts are queued apart
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(lines); i++) {
        struct run run;

        bench(&run, lines[i], 0);
        assert_int_equal(number(&run, "total.latency_ns.count"), number(&run, "total.msgs"));
        assert_int_equal(number(&run, "total.latency_uncorrected_ns.count"),
                         number(&run, "total.msgs"));
        expect_order(&run, "latency_ns");
        expect_order(&run, "latency_uncorrected_ns");
        run_fini(&run);
    }
}

// There is room for one time only.
static void pubsub_times_messages_of_eight_bytes(void **state NB_UNUSED)
{
    struct run run;

    bench(&run, "pubsub|b|--rate|5000|--msgs|500|--size|8", 0);
    assert_int_equal(number(&run, "total.latency_ns.count"), 500);
    run_fini(&run);
}

// At full speed some are timed.
static void pubsub_times_samples_without_a_rate(void **state NB_UNUSED)
{
    struct run run;

    bench(&run, "pubsub|b|--msgs|100000|--size|128", 0);
    assert_true(number(&run, "total.latency_ns.count") > 0);
    assert_true(number(&run, "total.latency_ns.count") < 100000 / 100);
    expect_order(&run, "latency_ns");
    run_fini(&run);
}

static void pub_keeps_to_its_rate(void **state NB_UNUSED)
{
    struct nb_mono start = nb_mono_now();
    struct run run;

    bench(&run, "pub|b|--rate|1000|--msgs|500|--clients|7", 0);
    assert_true(nb_mono_since(nb_mono_now(), start) >= 499 * NB_NS_PER_MS);
    assert_int_equal(number(&run, "total.msgs"), 500);
    run_fini(&run);
}

static void pub_pauses_between_messages(void **state NB_UNUSED)
{
    struct run run;
    double seconds;

    bench(&run, "pub|b|--sleep|2ms|--msgs|50", 0);
    assert_int_equal(nb_json_to_double(find(&run, "total.seconds"), &seconds), NB_OK);
    assert_true(seconds >= 49 * 0.002);
    run_fini(&run);
}

static void duration_ends_a_run_and_loses_nothing(void **state NB_UNUSED)
{
    struct run run;

    bench(&run, "pubsub|b|--duration|300ms|--pubs|2|--subs|2", 0);
    expect_whole(&run);
    assert_true(number(&run, "totals.publisher.msgs") > 0);
    assert_int_equal(number(&run, "totals.subscriber.msgs"),
                     2 * number(&run, "totals.publisher.msgs"));
    run_fini(&run);
}

// -- signals ---------------------------------------------------------------------------------

static void start_bench(struct run *run, const char *line)
{
    char all[1024];

    *run = (struct run){.doc = {.root = NULL}};
    snprintf(all, sizeof(all), "bench|%s|--json", line);
    program_start(&run->program, all);
}

static void end_bench(struct run *run, int code)
{
    program_end(&run->program);
    if (run->program.code != code) {
        fail_msg("exit code %d: %s", run->program.code, run->program.err_text);
    }
    read_result(run);
}

static void interrupted_run_reports_what_was_done(void **state NB_UNUSED)
{
    struct run run;

    start_bench(&run, "pubsub|b|--duration|1h|--interval|50ms");
    program_await_error(&run.program, "/s"); // it is under way
    kill(run.program.pid, SIGINT);
    end_bench(&run, 130);
    assert_true(find(&run, "partial")->is_true);
    assert_true(number(&run, "total.msgs") > 0);
    assert_int_equal(number(&run, "totals.subscriber.msgs"), number(&run, "totals.publisher.msgs"));
    run_fini(&run);
}

static void terminated_run_has_the_code_of_its_signal(void **state NB_UNUSED)
{
    struct run run;

    start_bench(&run, "pub|b|--rate|1000|--msgs|1000000|--interval|50ms");
    program_await_error(&run.program, "/s");
    kill(run.program.pid, SIGTERM);
    end_bench(&run, 143);
    assert_true(find(&run, "partial")->is_true);
    run_fini(&run);
}

// -- two processes ---------------------------------------------------------------------------

// Nobody knows when it has subscribed, so that there are always messages until it is done.
static void sub_ends_when_it_has_what_was_asked(void **state NB_UNUSED)
{
    static const char *const lines[] = {
        "sub|two.*|--msgs|1000|--clients|2",  "sub|two.a|--msgs|1000|--clients|2|--queue|q",
        "sub|two|--multisubject|--msgs|1000", "sub|two.a|--msgs|100|--sleep|100us",
        "sub|two.a|--duration|200ms",
    };
    struct run pub;

    start_bench(&pub, "pub|two.a|--rate|20000|--duration|1h|--size|10");
    for (size_t i = 0; i < NB_ARRAY_LEN(lines); i++) {
        struct run sub;

        bench(&sub, lines[i], 0);
        expect_whole(&sub);
        if (number(&sub, "total.msgs") < 100) {
            fail_msg("%s: %s", lines[i], sub.program.out_text);
        }
        assert_int_equal(number(&sub, "total.bytes"), 10 * number(&sub, "total.msgs"));
        run_fini(&sub);
    }
    kill(pub.program.pid, SIGINT);
    end_bench(&pub, 130);
    run_fini(&pub);
}

// -- requests --------------------------------------------------------------------------------

static void requests_are_answered(void **state NB_UNUSED)
{
    static const struct {
        const char *line;
        uint64_t msgs;
        uint64_t bytes;
    } cases[] = {
        {"--msgs|500|--responders|1|--size|16", 500, 8000},
        {"--msgs|500|--responders|2|--clients|5|--size|16", 500, 8000},
        {"--msgs|300|--responders|1|--rate|1000|--clients|2|--size|16", 300, 4800},
        {"--msgs|20|--responders|1|--size|300KB", 20, 20 * 307200},
        {"--msgs|100|--responders|1|--size|0|-H|A:b", 100, 1800},
        {"--msgs|100|--responders|1|--multisubject|--multisubjectmax|9|--size|1", 100, 100},
        {"--msgs|100|--responders|1|--warmup|50ms|--size|1", 100, 100},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        char line[256];
        struct run run;

        snprintf(line, sizeof(line), "request|q|%s", cases[i].line);
        bench(&run, line, 0);
        if (number(&run, "total.msgs") != cases[i].msgs ||
            number(&run, "totals.responder.msgs") != cases[i].msgs ||
            number(&run, "total.bytes") != cases[i].bytes || number(&run, "total.errors") != 0) {
            fail_msg("%s: %s", cases[i].line, run.program.out_text);
        }
        assert_int_equal(number(&run, "total.latency_ns.count"), cases[i].msgs);
        expect_whole(&run);
        expect_order(&run, "latency_ns");
        run_fini(&run);
    }
}

static void request_without_responders_fails(void **state NB_UNUSED)
{
    struct program program;

    run(&program, "bench|request|nobody|--msgs|10|--json");
    expect_code(&program, 1);
    expect_in(program.err_text, "no responders");
    assert_string_equal(program.out_text, "");
}

// Waits until somebody answers on the subject.
static void await_service(const char *subject)
{
    char line[128];
    struct program program;
    struct nb_mono start = nb_mono_now();

    snprintf(line, sizeof(line), "request|%s|x", subject);
    do {
        assert_true(nb_mono_since(nb_mono_now(), start) < 20 * NB_NS_PER_S);
        run(&program, line);
    } while (program.code != 0);
}

static void replies_are_what_was_asked_or_what_is_wanted(void **state NB_UNUSED)
{
    static const struct {
        const char *line;
        const char *want;
    } cases[] = {
        {"reply|echo|--clients|2", "the question"},
        {"service|serve|echo|--payload-kind|zero|--size|0", ""},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct program program;
        struct run reply;

        start_bench(&reply, cases[i].line);
        await_service("echo");
        run(&program, "request|echo|the question|--raw");
        expect_code(&program, 0);
        assert_int_equal(strncmp(program.out_text, cases[i].want, strlen(cases[i].want)), 0);
        kill(reply.program.pid, SIGINT);
        end_bench(&reply, 0); // that is its normal end
        assert_false(find(&reply, "partial")->is_true);
        assert_true(number(&reply, "total.msgs") >= 1); // the first may come before it counts
        run_fini(&reply);
    }
}

// The requests behind the last one that it wants find nobody.
static void reply_takes_its_time_and_ends_when_it_has_answered_enough(void **state NB_UNUSED)
{
    struct run reply;
    struct run request;

    start_bench(&reply, "reply|slow|--sleep|5ms|--msgs|30");
    await_service("slow"); // the first may come before it counts
    bench(&request, "request|slow|--msgs|60|--timeout|1s", 0);
    assert_true(number(&request, "total.latency_ns.p50") >= 5 * NB_NS_PER_MS);
    assert_true(number(&request, "total.msgs") == 29 || number(&request, "total.msgs") == 30);
    assert_true(number(&request, "total.errors") >= 1);
    assert_true(has_warning(&request, "fewer messages than asked"));
    run_fini(&request);
    end_bench(&reply, 0);
    assert_int_equal(number(&reply, "total.msgs"), 30);
    run_fini(&reply);
}

static void await_lines(struct program *program, unsigned count)
{
    size_t have = strlen(program->err_text);

    for (unsigned n = 0; n < count;) {
        wait_readable(program->err, "a line of progress");
        assert_true(read_some(program->err, program->err_text, sizeof(program->err_text)));
        for (; program->err_text[have] != '\0'; have++) {
            n += program->err_text[have] == '\n';
        }
    }
}

// One request waits for a second, and nearly a thousand behind it should have been sent meanwhile.
static void pause_of_a_service_is_seen_by_all_requests_it_delayed(void **state NB_UNUSED)
{
    struct run reply;
    struct run request;

    start_bench(&reply, "reply|paused");
    await_service("paused");
    start_bench(&request, "request|paused|--rate|1000|--msgs|3000|--interval|100ms");
    await_lines(&request.program, 5);
    kill(reply.program.pid, SIGSTOP);
    await_lines(&request.program, 11);
    kill(reply.program.pid, SIGCONT);
    end_bench(&request, 0);
    assert_int_equal(number(&request, "total.msgs"), 3000);
    assert_true(number(&request, "total.latency_ns.p999") >= 900 * NB_NS_PER_MS);
    assert_true(number(&request, "total.latency_ns.p75") >= 10 * NB_NS_PER_MS);
    assert_true(number(&request, "total.latency_uncorrected_ns.max") >= 900 * NB_NS_PER_MS);
    assert_true(number(&request, "total.latency_uncorrected_ns.p999") <= 500 * NB_NS_PER_MS);
    run_fini(&request);
    kill(reply.program.pid, SIGINT);
    end_bench(&reply, 0);
    run_fini(&reply);
}

static void requests_without_answer_are_errors(void **state NB_UNUSED)
{
    struct run sub;
    struct run request;
    struct program probe;

    // It takes requests, and answers none.
    start_bench(&sub, "sub|mute|--msgs|1000000");
    do {
        run(&probe, "request|mute|x|--timeout|10ms");
    } while (strstr(probe.err_text, "no responders") != NULL);
    bench(&request, "request|mute|--msgs|2|--timeout|100ms", 0);
    assert_int_equal(number(&request, "total.msgs"), 0);
    assert_int_equal(number(&request, "total.errors"), 2);
    assert_true(has_warning(&request, "not answered"));
    assert_true(has_warning(&request, "fewer messages than asked"));
    run_fini(&request);
    kill(sub.program.pid, SIGINT);
    end_bench(&sub, 130);
    run_fini(&sub);
}

// -- connections and interest ----------------------------------------------------------------

static void connect_opens_all_connections(void **state NB_UNUSED)
{
    struct run run;

    bench(&run, "connect|--clients|70|--window|8|--threads|2", 0);
    expect_whole(&run);
    assert_int_equal(number(&run, "total.msgs"), 70);
    assert_int_equal(number(&run, "total.latency_ns.count"), 70);
    assert_int_equal(client_count(&run, "connector"), 2); // its threads
    expect_order(&run, "latency_ns");
    run_fini(&run);
}

static void connect_holds_until_it_is_interrupted(void **state NB_UNUSED)
{
    struct run run;

    start_bench(&run, "connect|--clients|20|--hold|forever");
    program_await_error(&run.program, "20 connections are open");
    kill(run.program.pid, SIGINT);
    end_bench(&run, 0);
    expect_whole(&run);
    assert_int_equal(number(&run, "total.msgs"), 20);
    run_fini(&run);
    bench(&run, "connect|--clients|5|--hold|100ms", 0);
    expect_whole(&run);
    run_fini(&run);
}

static void interest_counts_each_of_its_steps(void **state NB_UNUSED)
{
    struct run run;

    bench(&run, "interest|i|--subs|10001|--clients|3|--match|5000", 0);
    expect_whole(&run); // all messages found their subscription
    assert_int_equal(number(&run, "totals.inserter.msgs"), 10001);
    assert_int_equal(number(&run, "totals.matcher.msgs"), 5000);
    assert_int_equal(number(&run, "totals.remover.msgs"), 10001);
    assert_int_equal(client_count(&run, "inserter"), 3);
    run_fini(&run);
    bench(&run, "interest|i|--subs|100", 0);
    expect_whole(&run);
    run_fini(&run);
}

// -- servers that come, go and ask who it is -------------------------------------------------

static void clients_connect_again_when_the_server_is_back(void **state NB_UNUSED)
{
    struct server first;
    struct server second;
    struct run run;
    char line[256];
    const char *port;

    server_start(&first, "");
    port = strrchr(first.url, ':') + 1;
    snprintf(line, sizeof(line), "pubsub|b|--rate|1000|--duration|1h|--interval|50ms|-s|%s",
             first.url);
    start_bench(&run, line);
    program_await_error(&run.program, "/s");
    server_stop(&first);
    program_await_error(&run.program, "disconnected");
    snprintf(line, sizeof(line), "-p|%s", port);
    server_start(&second, line);
    await_lines(&run.program, 60); // three seconds: it is connected again
    kill(run.program.pid, SIGINT);
    end_bench(&run, 130);
    assert_true(number(&run, "totals.publisher.reconnects") >= 1);
    assert_true(number(&run, "totals.subscriber.reconnects") >= 1);
    assert_true(has_warning(&run, "publisher 1 lost its connection"));
    run_fini(&run);
    server_stop(&second);
}

enum {
    LOGIN_USERS,
    LOGIN_TOKEN,
    LOGIN_TLS,
    LOGIN_TLS_FIRST,
    LOGIN_COUNT,
};

// $D is the directory of the files.
static const struct login_case {
    const char *name;
    int server;
    const char *line;
    int code;
} login_cases[] = {
    {"user and password", LOGIN_USERS, "--user|joe|--password|sesame", 0},
    {"wrong password", LOGIN_USERS, "--user|joe|--password|simsim", 1},
    {"nobody", LOGIN_USERS, "--no-context", 1},
    {"token", LOGIN_TOKEN, "--token|tok", 0},
    {"wrong token", LOGIN_TOKEN, "--token|tik", 1},
    {"TLS with a certificate", LOGIN_TLS,
     "--tlsca|$D/ca.crt|--tlscert|$D/client.crt|--tlskey|$D/client.key", 0},
    {"TLS without a certificate", LOGIN_TLS, "--tlsca|$D/ca.crt", 1},
    {"TLS with an authority that is not the server's", LOGIN_TLS,
     "--tlsca|$D/other.crt|--tlscert|$D/client.crt|--tlskey|$D/client.key", 1},
    {"TLS first", LOGIN_TLS_FIRST, "--tlsca|$D/ca.crt|--tlsfirst", 0},
    {"TLS first, not verified", LOGIN_TLS_FIRST, "--tls-insecure|--tlsfirst", 0},
};

static const char *const login_configs[LOGIN_COUNT] = {
    [LOGIN_USERS] = "authorization { users: [ {user: joe, password: sesame} ] }",
    [LOGIN_TOKEN] = "authorization { token: tok }",
    [LOGIN_TLS] = "tls { cert_file: '$D/server.crt', key_file: '$D/server.key', "
                  "ca_file: '$D/ca.crt', verify: true }",
    [LOGIN_TLS_FIRST] = "tls { cert_file: '$D/server.crt', key_file: '$D/server.key', "
                        "handshake_first: true }",
};

// With the directory for each $D.
static void fill(const char *text, const char *dir, char *out, size_t size)
{
    size_t n = 0;

    for (; *text != '\0'; text++) {
        bool is_place = strncmp(text, "$D", 2) == 0;

        n += (size_t)snprintf(out + n, size - n, "%.*s", is_place ? (int)strlen(dir) : 1,
                              is_place ? dir : text);
        assert_true(n < size);
        text += is_place ? 1 : 0;
    }
}

static void write_text(const char *dir, const char *name, const char *text)
{
    char path[512];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "%s\n", text);
    assert_int_equal(fclose(file), 0);
}

static void make_certs(struct certs *certs)
{
    static const char *const names[] = {"ca", "other", "server", "client"};
    struct cert made[NB_ARRAY_LEN(names)] = {{.x509 = NULL}};

    for (size_t i = 0; i < NB_ARRAY_LEN(names); i++) {
        const struct cert_opts opts = {.name = names[i],
                                       .is_ca = i < 2,
                                       .issuer = i < 2 ? NULL : &made[0],
                                       .alt_names = i == 2 ? "IP:127.0.0.1" : NULL,
                                       .key_usage = i == 3 ? "clientAuth" : NULL};

        certs_make(certs, &opts, &made[i]);
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(names); i++) {
        char to[512];

        snprintf(to, sizeof(to), "%s/%s.crt", certs->dir, names[i]);
        assert_int_equal(rename(made[i].cert_file, to), 0);
        snprintf(to, sizeof(to), "%s/%s.key", certs->dir, names[i]);
        assert_int_equal(rename(made[i].key_file, to), 0);
        cert_fini(&made[i]);
    }
}

static void check_login(const struct login_case *it, const struct server *server, const char *dir)
{
    struct program program;
    char options[512];
    char line[768];

    fill(it->line, dir, options, sizeof(options));
    snprintf(line, sizeof(line), "bench|pubsub|b|--msgs|100|--subs|2|--timeout|20s|--json|-s|%s|%s",
             server->url, options);
    run(&program, line);
    if (program.code != it->code ||
        (it->code == 0 && strstr(program.out_text, "\"msgs\": 200") == NULL)) {
        fail_msg("%s: %d: %s", it->name, program.code, program.err_text);
    }
}

static void bench_logs_in_as_settings_say(void **state NB_UNUSED)
{
    struct certs certs;

    certs_init(&certs);
    make_certs(&certs);
    for (int i = 0; i < LOGIN_COUNT; i++) {
        char config[1024];
        char line[256];
        struct server server;

        fill(login_configs[i], certs.dir, config, sizeof(config));
        write_text(certs.dir, "server.conf", config);
        snprintf(line, sizeof(line), "-c|%s/server.conf", certs.dir);
        server_start(&server, line);
        for (size_t k = 0; k < NB_ARRAY_LEN(login_cases); k++) {
            if (login_cases[k].server == i) {
                check_login(&login_cases[k], &server, certs.dir);
            }
        }
        server_stop(&server);
    }
    certs_fini(&certs);
}

// -- on the wire -----------------------------------------------------------------------------

#define SEED "SUAEAQKCINCEKRSHJBEUUS2MJVHE6UCRKJJVIVKWK5MFSWS3LROV4XZ7LE"
#define PUBLIC_KEY "UASUHOJP6EEVKEKHNLOIG2O3NXOJGNTFUEMXRXNBIBHOCBTMVFKZ3BWH"
#define NONCE_INFO "INFO {\"headers\":true,\"auth_required\":true,\"nonce\":\"abc\"} \r\n"

static void start_at(struct run *run, const struct fake *fake, const char *line)
{
    char all[512];

    snprintf(all, sizeof(all), "%s|-s|%s", line, fake->url);
    start_bench(run, all);
}

static void bench_signs_the_nonce_of_the_server(void **state NB_UNUSED)
{
    static const struct {
        const char *option;
        const char *want;
    } cases[] = {
        {"--nkey", "\"nkey\":\"" PUBLIC_KEY "\""},
        {"--creds", "\"jwt\":\"a.b.c\""},
    };
    char dir[] = "/tmp/natsctl-bench-XXXXXX";
    char path[128];

    assert_non_null(mkdtemp(dir));
    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct fake fake;
        struct peer peer;
        struct run run;
        char line[256];

        write_text(dir, "key",
                   i == 0 ? SEED
                          : "-----BEGIN NATS USER JWT-----\na.b.c\n"
                            "------END NATS USER JWT------\n"
                            "-----BEGIN USER NKEY SEED-----\n" SEED "\n"
                            "------END USER NKEY SEED------\n");
        snprintf(path, sizeof(path), "%s/key", dir);
        snprintf(line, sizeof(line), "pub|b|--msgs|1|--size|0|%s|%s", cases[i].option, path);
        fake_open(&fake);
        start_at(&run, &fake, line);
        peer_begin(&peer, &fake, NONCE_INFO);
        expect_in(peer.connect, cases[i].want);
        expect_in(peer.connect, "\"sig\":\"");
        peer_send(&peer, "PONG\r\n");
        peer_expect(&peer, "PUB b 0\r\n\r\nPING\r\n");
        peer_send(&peer, "PONG\r\n");
        end_bench(&run, 0);
        run_fini(&run);
        peer_close(&peer);
        fake_close(&fake);
    }
    remove(path);
    assert_int_equal(rmdir(dir), 0);
}

static void server_is_answered_and_its_complaints_are_told(void **state NB_UNUSED)
{
    struct fake fake;
    struct peer peer;
    struct run run;

    fake_open(&fake);
    start_at(&run, &fake, "pub|b|--msgs|2|--size|2|--payload-kind|zero");
    peer_greet(&peer, &fake);
    peer_expect_bytes(&peer, "PUB b 2\r\n\0\0\r\nPUB b 2\r\n\0\0\r\nPING\r\n", 32);
    peer_send(&peer, "PING\r\n+OK\r\n-ERR 'Permissions Violation for Publish to \"b\"'\r\n");
    peer_expect(&peer, "PONG\r\n");
    peer_send(&peer, "INFO {\"ldm\":true}\r\nPONG\r\n");
    end_bench(&run, 0);
    assert_true(has_warning(&run, "Permissions Violation"));
    assert_int_equal(number(&run, "total.errors"), 1);
    run_fini(&run);
    peer_close(&peer);
    fake_close(&fake);
}

static void server_that_speaks_nonsense_is_left(void **state NB_UNUSED)
{
    static const struct {
        const char *said;
        const char *why;
    } cases[] = {
        {"HTTP/1.1 400 Bad Request\r\n\r\n", "protocol error"},
        {"INFO {\r\n", "malformed INFO"},
        {"INFO []\r\n", "malformed INFO"},
        {"PONG\r\nPONG\r\nPONG\r\nMSG a 1 -1\r\n", "protocol error"},
        {"-ERR 'maximum connections exceeded'\r\n", "maximum connections exceeded"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct fake fake;
        struct peer peer;
        struct program program;
        char line[128];

        fake_open(&fake);
        snprintf(line, sizeof(line), "bench|sub|b|--timeout|5s|-s|%s", fake.url);
        program_start(&program, line);
        peer_accept(&peer, &fake);
        peer_send(&peer, cases[i].said);
        peer_expect_end(&peer);
        program_end(&program);
        expect_code(&program, 1);
        expect_in(program.err_text, cases[i].why);
        peer_close(&peer);
        fake_close(&fake);
    }
}

static void silent_server_is_not_waited_for(void **state NB_UNUSED)
{
    struct fake fake;
    struct program program;
    char line[128];

    fake_open(&fake);
    snprintf(line, sizeof(line), "bench|pub|b|--timeout|100ms|-s|%s", fake.url);
    run(&program, line);
    expect_code(&program, 1);
    expect_in(program.err_text, "no answer in time");
    fake_close(&fake);
}

// -- several servers, files ------------------------------------------------------------------

static void bench_names_each_server_that_took_nobody(void **state NB_UNUSED)
{
    struct program program;
    struct fake dead;
    char line[256];

    fake_open(&dead);
    shutdown(dead.fd, SHUT_RDWR);
    snprintf(line, sizeof(line), "bench|pub|b|--json|-s|%s", dead.url);
    run(&program, line);
    expect_code(&program, 1);
    expect_in(program.err_text, dead.url);
    expect_in(program.err_text, "connection refused");
    assert_string_equal(program.out_text, "");
    fake_close(&dead);
}

// The first of two is down: its clients go to the other one.
static void bench_goes_to_the_next_server(void **state)
{
    const struct server *server = *state;
    struct fake dead;
    char line[256];
    struct run run;

    fake_open(&dead);
    shutdown(dead.fd, SHUT_RDWR);
    snprintf(line, sizeof(line), "pubsub|b|--msgs|100|--subs|3|-s|%s,%s", dead.url, server->url);
    bench(&run, line, 0);
    expect_whole(&run);
    assert_int_equal(number(&run, "total.msgs"), 300);
    run_fini(&run);
    fake_close(&dead);
}

static void bench_writes_its_files(void **state NB_UNUSED)
{
    char dir[] = "/tmp/natsctl-bench-XXXXXX";
    char line[256];
    char path[128];
    char text[256] = "";
    struct run run;
    FILE *file;

    assert_non_null(mkdtemp(dir));
    snprintf(line, sizeof(line), "pubsub|b|--msgs|100|--rate|1000|--csv|%s/csv|--hdr|%s/hdr", dir,
             dir);
    bench(&run, line, 0);
    run_fini(&run);
    snprintf(path, sizeof(path), "%s/csv", dir);
    file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof(text), file));
    assert_int_equal(strncmp(text, "#RunID,ClientID,", 16), 0);
    fclose(file);
    remove(path);
    snprintf(path, sizeof(path), "%s/hdr", dir);
    file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof(text), file));
    expect_in(text, "Percentile");
    fclose(file);
    remove(path);
    assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pub_ends_when_the_server_has_all),
        cmocka_unit_test(message_that_the_server_would_refuse_is_not_sent),
        cmocka_unit_test(pubsub_delivers_every_message),
        cmocka_unit_test(pubsub_times_each_message_at_a_rate),
        cmocka_unit_test(pubsub_times_messages_of_eight_bytes),
        cmocka_unit_test(pubsub_times_samples_without_a_rate),
        cmocka_unit_test(pub_keeps_to_its_rate),
        cmocka_unit_test(pub_pauses_between_messages),
        cmocka_unit_test(duration_ends_a_run_and_loses_nothing),
        cmocka_unit_test(interrupted_run_reports_what_was_done),
        cmocka_unit_test(terminated_run_has_the_code_of_its_signal),
        cmocka_unit_test(sub_ends_when_it_has_what_was_asked),
        cmocka_unit_test(requests_are_answered),
        cmocka_unit_test(request_without_responders_fails),
        cmocka_unit_test(replies_are_what_was_asked_or_what_is_wanted),
        cmocka_unit_test(reply_takes_its_time_and_ends_when_it_has_answered_enough),
        cmocka_unit_test(pause_of_a_service_is_seen_by_all_requests_it_delayed),
        cmocka_unit_test(requests_without_answer_are_errors),
        cmocka_unit_test(connect_opens_all_connections),
        cmocka_unit_test(connect_holds_until_it_is_interrupted),
        cmocka_unit_test(interest_counts_each_of_its_steps),
        cmocka_unit_test(clients_connect_again_when_the_server_is_back),
        cmocka_unit_test(bench_logs_in_as_settings_say),
        cmocka_unit_test(bench_signs_the_nonce_of_the_server),
        cmocka_unit_test(server_is_answered_and_its_complaints_are_told),
        cmocka_unit_test(server_that_speaks_nonsense_is_left),
        cmocka_unit_test(silent_server_is_not_waited_for),
        cmocka_unit_test(bench_names_each_server_that_took_nobody),
        cmocka_unit_test(bench_goes_to_the_next_server),
        cmocka_unit_test(bench_writes_its_files),
    };

    return cmocka_run_group_tests_name("bench", tests, open_server, close_server);
}
