/* What the system account may be asked, by whom, and what it never tells. */
#include "server_rig.h"

#include <semaphore.h>

#include "options_fixture.h"

enum {
    CALLS_MAX = 1024, // on their way at a time
    SUBJECT_MAX_BYTES = 256,
};

#define USERS                                    \
    "B { users [ { user: b, password: b } ] }\n" \
    "C { users [ { user: c, password: c } ] }\n"
#define SYSTEM "system_account: SYS\n"
#define CONFIG                                                    \
    "accounts { A { users [ { user: a, password: a } ] }\n" USERS \
    "SYS { users [ { user: s, password: s } ] } }\n" SYSTEM

static void start(struct rig *rig, const char *config)
{
    struct nserver_options opts = read_good(config);

    opts.workers = 2;
    rig_start(rig, &opts);
}

static void login(struct rig_client *c, const struct rig *rig, const char *user, const char *name)
{
    char text[256];

    rig_connect(c, rig);
    assert_memory_equal(rig_line(c), "INFO {", 6);
    snprintf(text, sizeof(text),
             "CONNECT {\"user\":\"%s\",\"pass\":\"%s\",\"name\":\"%s\",\"verbose\":false,"
             "\"headers\":true,\"no_responders\":true}\r\nPING\r\n",
             user, user, name);
    rig_say(c, text);
    rig_expect(c, "PONG");
    rig_say(c, "SUB _INBOX.> 1\r\n");
}

static void publish(struct rig_client *c, const char *subject, const char *payload)
{
    char text[1024];

    snprintf(text, sizeof(text), "PUB %s _INBOX.x %zu\r\n%s\r\n", subject, strlen(payload),
             payload);
    rig_say(c, text);
}

static char *answer(struct rig_client *c)
{
    assert_memory_equal(rig_line(c), "MSG _INBOX.x 1 ", 15);
    return rig_line(c);
}

static char *ask(struct rig_client *c, const char *subject, const char *payload)
{
    publish(c, subject, payload);
    return answer(c);
}

static void expect_no_responders(struct rig_client *c)
{
    assert_memory_equal(rig_line(c), "HMSG _INBOX.x 1 ", 16);
    assert_memory_equal(rig_line(c), "NATS/1.0 503", 12);
    while (rig_line(c)[0] != '\0') {
    }
    rig_expect(c, ""); // no payload
}

static void expect_text(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("no %s in %s", part, text);
    }
}

static void expect_no_text(const char *text, const char *part)
{
    if (strstr(text, part) != NULL) {
        fail_msg("%s in %s", part, text);
    }
}

/* Accounts among themselves. */

static void a_client_is_told_of_its_own_account_alone(void **state NB_UNUSED)
{
    static const char *const subjects[] = {
        "$SYS.REQ.SERVER.PING.CONNZ", "$SYS.REQ.ACCOUNT.PING.CONNZ", "$SYS.REQ.ACCOUNT.PING.STATZ"};
    struct rig rig;
    struct rig_client a;
    struct rig_client b;

    start(&rig, CONFIG);
    login(&a, &rig, "a", "mine");
    login(&b, &rig, "b", "other");
    for (size_t i = 0; i < NB_ARRAY_LEN(subjects); i++) {
        char *text = ask(&a, subjects[i],
                         "{\"acc\":\"B\",\"account\":\"B\",\"accounts\":[\"B\",\"SYS\"],"
                         "\"auth\":true,\"state\":2,\"include_unused\":true}");

        expect_text(text, "\"A\"");
        expect_no_text(text, "\"B\"");
        expect_no_text(text, "other");
    }
    rig_close(&a);
    rig_close(&b);
    rig_stop(&rig);
}

static void services_of_the_system_account_are_not_others(void **state NB_UNUSED)
{
    static const char *const subjects[] = {
        "$SYS.REQ.SERVER.PING",       "$SYS.REQ.SERVER.PING.VARZ", "$SYS.REQ.ACCOUNT.B.CONNZ",
        "$SYS.REQ.ACCOUNT.PING.INFO", "$SYS.REQ.ACCOUNT.NSUBS",    "$SYS.DEBUG.SUBSCRIBERS",
        "$SYS.REQ.USER.B.INFO",
    };
    struct rig rig;
    struct rig_client a;

    start(&rig, CONFIG);
    login(&a, &rig, "a", "mine");
    for (size_t i = 0; i < NB_ARRAY_LEN(subjects); i++) {
        publish(&a, subjects[i], "");
        expect_no_responders(&a);
    }
    rig_close(&a);
    rig_stop(&rig);
}

// Whatever an operator exports: through an import an account sees itself.
static void an_import_of_another_accounts_service_is_refused(void **state NB_UNUSED)
{
    static const char *const names[] = {"CONNZ", "SUBSZ", "INFO", "STATZ", "CONNS"};
    char config[4096];
    char imports[1024] = "";
    char exports[1024] = "";
    struct rig rig;
    struct rig_client a;
    struct rig_client b;

    for (size_t i = 0; i < NB_ARRAY_LEN(names); i++) {
        size_t n = strlen(imports);
        size_t m = strlen(exports);

        snprintf(
            imports + n, sizeof(imports) - n,
            "{ service: { account: SYS, subject: \"$SYS.REQ.ACCOUNT.B.%s\" }, to: \"b.%s\" }\n"
            "{ service: { account: SYS, subject: \"$SYS.REQ.ACCOUNT.A.%s\" }, to: \"a.%s\" }\n",
            names[i], names[i], names[i], names[i]);
        snprintf(exports + m, sizeof(exports) - m, "{ service: \"$SYS.REQ.ACCOUNT.*.%s\" }\n",
                 names[i]);
    }
    snprintf(config, sizeof(config),
             "accounts { A { users [ { user: a, password: a } ], imports [ %s ] }\n" USERS
             "SYS { users [ { user: s, password: s } ], exports [ %s ] } }\n" SYSTEM,
             imports, exports);
    start(&rig, config);
    login(&a, &rig, "a", "mine");
    login(&b, &rig, "b", "other");
    for (size_t i = 0; i < NB_ARRAY_LEN(names); i++) {
        char subject[SUBJECT_MAX_BYTES];

        snprintf(subject, sizeof(subject), "b.%s", names[i]);
        expect_text(ask(&a, subject, ""),
                    "\"error\":{\"code\":500,\"description\":\"bad request\"}");
        snprintf(subject, sizeof(subject), "a.%s", names[i]);
        expect_no_text(ask(&a, subject, ""), "\"error\"");
    }
    rig_close(&a);
    rig_close(&b);
    rig_stop(&rig);
}

static void subscribers_of_the_own_account_are_counted(void **state NB_UNUSED)
{
    static const struct {
        const char *payload, *count;
    } cases[] = {
        {"x.y", "3"},       {"x.z", "1"}, {"x.*", "3"}, {">", "4"},    {"x.y workers", "1"},
        {"x.y other", "0"}, {"", "0"},    {" ", "0"},   {"x..y", "0"}, {"none", "0"},
    };
    struct rig rig;
    struct rig_client a;
    struct rig_client b;

    start(&rig, "accounts { A { users [ { user: a, password: a } ], imports [ { service: { "
                "account: SYS, subject: \"$SYS.DEBUG.SUBSCRIBERS\" } } ] }\n" USERS
                "SYS { users [ { user: s, password: s } ], exports [ { service: "
                "\"$SYS.DEBUG.SUBSCRIBERS\" } ] } }\n" SYSTEM);
    login(&a, &rig, "a", "mine");
    login(&b, &rig, "b", "other");
    rig_say(&a, "SUB x.y 2\r\nSUB x.* 3\r\nSUB x.y workers 4\r\n");
    rig_say(&b, "SUB x.y 2\r\n");
    rig_ping(&b);
    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        char *count = ask(&a, "$SYS.DEBUG.SUBSCRIBERS", cases[i].payload);

        if (strcmp(count, cases[i].count) != 0) {
            fail_msg("%s: %s, not %s", cases[i].payload, count, cases[i].count);
        }
    }
    rig_close(&a);
    rig_close(&b);
    rig_stop(&rig);
}

/* Who am I? */

#define FORGED "NATS/1.0\r\nNats-Request-Info: {\"acc\":\"SYS\",\"user\":\"s\",\"id\":1}\r\n\r\n"

static void ask_with_forged_header(struct rig_client *c, const char *subject)
{
    char text[512];
    size_t n = strlen(FORGED);

    snprintf(text, sizeof(text), "HPUB %s _INBOX.x %zu %zu\r\n%s{\"user\":\"s\"}\r\n", subject, n,
             n + strlen("{\"user\":\"s\"}"), FORGED);
    rig_say(c, text);
}

static void user_information_is_about_the_connection_that_asks(void **state NB_UNUSED)
{
    struct rig rig;
    struct rig_client a;

    start(&rig, CONFIG);
    login(&a, &rig, "a", "mine");
    ask_with_forged_header(&a, "$SYS.REQ.USER.INFO");
    expect_text(answer(&a), "\"data\":{\"user\":\"a\",\"account\":\"A\",\"account_name\":\"A\"}}");
    rig_close(&a);
    rig_stop(&rig);
}

static void the_system_account_learns_nobodys_user_information(void **state NB_UNUSED)
{
    struct rig rig;
    struct rig_client s;

    start(&rig, CONFIG);
    login(&s, &rig, "s", "operator");
    ask_with_forged_header(&s, "$SYS.REQ.USER.A.INFO");
    expect_text(answer(&s), "\"data\":{\"user\":\"\",\"account\":\"\"}}");
    ask_with_forged_header(&s, "$SYS.REQ.USER.INFO");
    expect_text(answer(&s), "\"data\":{\"user\":\"s\",\"account\":\"SYS\"");
    rig_close(&s);
    rig_stop(&rig);
}

/* Requests that are too much. */

static void a_long_request_is_refused(void **state NB_UNUSED)
{
    enum { SIZE = 64 * 1024 + 1 };
    struct rig rig;
    struct rig_client s;
    char head[SUBJECT_MAX_BYTES];
    char *payload = nb_alloc(SIZE + 2);

    start(&rig, CONFIG);
    login(&s, &rig, "s", "operator");
    for (int size = SIZE - 1; size <= SIZE; size++) {
        memset(payload, ' ', SIZE);
        memcpy(payload, "{}", 2);
        memcpy(payload + size, "\r\n", 2);
        snprintf(head, sizeof(head), "PUB $SYS.REQ.SERVER.PING.VARZ _INBOX.x %d\r\n", size);
        rig_say(&s, head);
        rig_send(&s, payload, (size_t)size + 2);
        expect_text(answer(&s), size == SIZE ? "\"code\":400" : "\"data\":{");
    }
    nb_free(payload);
    rig_close(&s);
    rig_stop(&rig);
}

/* Reload, by a program that is asked for it. */

static void on_reload_asked(void *ctx)
{
    sem_post(ctx);
}

static void start_reloadable(struct rig *rig, sem_t *asked)
{
    struct nserver_options opts = read_good(CONFIG);
    struct nb_diag diag = {0};

    memset(rig, 0, sizeof(*rig));
    sem_init(asked, 0, 0);
    opts.port = -1;
    opts.workers = 2;
    nserver_options_set_text(&opts.host, nb_slice_of("127.0.0.1"));
    assert_int_equal(nserver_create(&opts, &rig->log, &rig->server, &diag), NB_OK);
    nserver_set_on_reload_asked(rig->server, on_reload_asked, asked);
    assert_int_equal(nserver_start(rig->server, &diag), NB_OK);
    nserver_options_fini(&opts);
}

static const char *reload_subject(const struct rig *rig)
{
    static char subject[SUBJECT_MAX_BYTES];

    snprintf(subject, sizeof(subject), "$SYS.REQ.SERVER.%s.RELOAD", nserver_id(rig->server));
    return subject;
}

static void a_program_without_a_file_cannot_be_asked_to_reload(void **state NB_UNUSED)
{
    struct rig rig;
    struct rig_client s;

    start(&rig, CONFIG);
    login(&s, &rig, "s", "operator");
    expect_text(ask(&s, reload_subject(&rig), ""),
                "\"error\":{\"code\":500,\"description\":\"can only reload config when a file is "
                "provided using -c or --config\"}");
    rig_close(&s);
    rig_stop(&rig);
}

static void a_reload_is_answered_with_what_came_of_it(void **state NB_UNUSED)
{
    struct rig rig;
    struct rig_client s;
    sem_t asked;

    start_reloadable(&rig, &asked);
    login(&s, &rig, "s", "operator");
    publish(&s, reload_subject(&rig), "");
    sem_wait(&asked);
    nserver_answer_reload(rig.server, "no good");
    expect_text(answer(&s), "\"error\":{\"code\":500,\"description\":\"no good\"}");
    publish(&s, reload_subject(&rig), "");
    sem_wait(&asked);
    nserver_answer_reload(rig.server, NULL);
    expect_no_text(answer(&s), "\"error\"");
    nserver_answer_reload(rig.server, NULL); // nobody has asked
    rig_close(&s);
    rig_stop(&rig);
    sem_destroy(&asked);
}

// Those who ask while a reload goes on wait for the next; too many of them find nobody.
static void requests_that_wait_are_limited(void **state NB_UNUSED)
{
    struct rig rig;
    struct rig_client s;
    sem_t asked;
    int again = 0;

    start_reloadable(&rig, &asked);
    login(&s, &rig, "s", "operator");
    publish(&s, reload_subject(&rig), "");
    sem_wait(&asked);
    for (int i = 1; i < CALLS_MAX; i++) {
        publish(&s, reload_subject(&rig), "");
    }
    rig_ping(&s);
    publish(&s, reload_subject(&rig), "");
    expect_no_responders(&s);
    assert_int_not_equal(sem_trywait(&asked), 0);
    nserver_answer_reload(rig.server, NULL); // the first; the others may just be on their way
    sem_wait(&asked);
    do {
        nserver_answer_reload(rig.server, NULL);
        again++;
    } while (sem_trywait(&asked) == 0);
    for (int i = 0; i < CALLS_MAX; i++) {
        expect_no_text(answer(&s), "\"error\"");
    }
    assert_int_equal(again, 1);
    rig_close(&s);
    rig_stop(&rig);
    sem_destroy(&asked);
}

static void a_server_stops_while_requests_wait(void **state NB_UNUSED)
{
    struct rig rig;
    struct rig_client s;
    sem_t asked;

    start_reloadable(&rig, &asked);
    login(&s, &rig, "s", "operator");
    publish(&s, reload_subject(&rig), "");
    sem_wait(&asked);
    publish(&s, reload_subject(&rig), "");
    for (int i = 0; i < 50; i++) {
        publish(&s, "$SYS.REQ.SERVER.PING.CONNZ", "");
        publish(&s, "$SYS.REQ.ACCOUNT.PING.STATZ", "");
    }
    rig_say(&s, "PING\r\n");
    nserver_stop(rig.server);
    rig_close(&s);
    rig_stop(&rig);
    sem_destroy(&asked);
}

/* Events. */

static void counts_come_before_the_events_of_the_same_connection(void **state NB_UNUSED)
{
    struct rig rig;
    struct rig_client s;
    struct rig_client a;

    start(&rig, CONFIG);
    login(&s, &rig, "s", "operator");
    rig_say(&s, "SUB $SYS.ACCOUNT.A.> 2\r\n");
    rig_ping(&s);
    login(&a, &rig, "a", "mine");
    assert_memory_equal(rig_line(&s), "MSG $SYS.ACCOUNT.A.SERVER.CONNS 2 ", 34);
    expect_text(rig_line(&s), "\"conns\":1,");
    assert_memory_equal(rig_line(&s), "MSG $SYS.ACCOUNT.A.CONNECT 2 ", 29);
    expect_text(rig_line(&s), "\"name\":\"mine\"");
    rig_say(&a, "PUB x 3\r\nabc\r\n");
    rig_ping(&a);
    rig_close(&a);
    assert_memory_equal(rig_line(&s), "MSG $SYS.ACCOUNT.A.SERVER.CONNS 2 ", 34);
    expect_text(rig_line(&s), "\"conns\":0,");
    assert_memory_equal(rig_line(&s), "MSG $SYS.ACCOUNT.A.DISCONNECT 2 ", 32);
    expect_text(rig_line(&s), "\"sent\":{\"msgs\":1,\"bytes\":3}");
    rig_close(&s);
    rig_stop(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_is_told_of_its_own_account_alone),
        cmocka_unit_test(services_of_the_system_account_are_not_others),
        cmocka_unit_test(an_import_of_another_accounts_service_is_refused),
        cmocka_unit_test(subscribers_of_the_own_account_are_counted),
        cmocka_unit_test(user_information_is_about_the_connection_that_asks),
        cmocka_unit_test(the_system_account_learns_nobodys_user_information),
        cmocka_unit_test(a_long_request_is_refused),
        cmocka_unit_test(a_program_without_a_file_cannot_be_asked_to_reload),
        cmocka_unit_test(a_reload_is_answered_with_what_came_of_it),
        cmocka_unit_test(requests_that_wait_are_limited),
        cmocka_unit_test(a_server_stops_while_requests_wait),
        cmocka_unit_test(counts_come_before_the_events_of_the_same_connection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
