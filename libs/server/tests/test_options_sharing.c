/* Exports and imports that fit together, and those that don't. All faults stand at the block. */
#include "options_fixture.h"

// Account E exports, account I imports.
static void config_of(char *out, size_t room, const char *exports, const char *imports)
{
    snprintf(out, room, "accounts { E { exports: [ %s ] }, I { imports: [ %s ] } }", exports,
             imports);
}

#define STREAM(subject) "{stream: {account: E, subject: \"" subject "\"}}"
#define STREAM_TO(subject, to) "{stream: {account: E, subject: \"" subject "\"}, to: \"" to "\"}"
#define SERVICE(subject) "{service: {account: E, subject: \"" subject "\"}}"
#define SERVICE_TO(subject, to) "{service: {account: E, subject: \"" subject "\"}, to: \"" to "\"}"

static void an_import_is_let_in_by_an_export_that_covers_it(void **state NB_UNUSED)
{
    static const struct {
        const char *exports;
        const char *imports;
        bool is_good;
    } cases[] = {
        {"{stream: a}", STREAM("a"), true},
        {"{stream: a, accounts: [I]}", STREAM("a"), true},
        {"{stream: a, accounts: [E]}", STREAM("a"), false},
        {"{stream: a, accounts: []}", STREAM("a"), true},
        {"{stream: a}", SERVICE("a"), false},
        {"{service: a}", SERVICE("a"), true},
        {"{service: a}", STREAM("a"), false},
        {"{stream: \"a.>\"}", STREAM("a.b.*"), true},
        {"{stream: \"a.*\"}", STREAM("a.>"), false},
        {"{stream: \"a.*\"}", STREAM("a.b.c"), false},
        {"{service: \">\"}", SERVICE("a.b"), true},
        {"{stream: \"a..b\"}", STREAM("a..b"), false},
        // the account's own token
        {"{service: \"s.*\", account_token_position: 2}", SERVICE("s.I"), true},
        {"{service: \"s.*\", account_token_position: 2}", SERVICE("s.E"), false},
        {"{service: \"s.*\", account_token_position: 2}", SERVICE("s.*"), false},
        {"{stream: \"*.x.>\", account_token_position: 1}", STREAM("I.x.>"), true},
        // the same subject decides alone
        {"{stream: a, accounts: [E]}, {stream: \"*\"}", STREAM("a"), false},
        {"{stream: \"*\", accounts: [E]}, {stream: \">\"}", STREAM("a"), true},
        // and twice the same subject is one export
        {"{stream: a}, {stream: a, accounts: [E]}", STREAM("a"), false},
        {"{stream: a, accounts: [I]}, {stream: a, accounts: [E]}", STREAM("a"), true},
        {"{service: \"*\"}, {service: \"*\", account_token_position: 1}", SERVICE("a"), false},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        char text[512];
        struct outcome out;

        config_of(text, sizeof(text), cases[i].exports, cases[i].imports);
        out = read_config(text);
        if ((out.rc == NB_OK) != cases[i].is_good ||
            (!cases[i].is_good && strstr(out.errors, " import not authorized\n") == NULL)) {
            fail_msg("%s\n%d %s", text, out.rc, out.errors);
        }
        outcome_fini(&out);
    }
}

static void what_does_not_fit_is_refused_with_its_reason(void **state NB_UNUSED)
{
    static const struct {
        const char *exports;
        const char *imports;
        const char *errors;
    } cases[] = {
        {"{stream: a, accounts: [X, Y]}", "",
         "f.conf:1:0: \"X\" account not defined for stream export\n"
         "f.conf:1:0: \"Y\" account not defined for stream export\n"},
        {"{service: a, accounts: ['$G']}", "",
         "f.conf:1:0: \"$G\" account not defined for service export\n"},
        {"{service: \"a.*\", account_token_position: 1}", "",
         "f.conf:1:0: Error adding service export \"a.*\": sublist: invalid subject\n"},
        {"{stream: \"a.*\", account_token_position: 3}", "",
         "f.conf:1:0: Error adding stream export \"a.*\": sublist: invalid subject\n"},
        {"{service: a, latency: 'l.*'}", "",
         "f.conf:1:0: Error adding service latency sampling for \"a\" on subject \"l.*\": invalid "
         "publish subject\n"},
        {"{service: a, response: stream, latency: l}", "",
         "f.conf:1:0: Error adding service latency sampling for \"a\" on subject \"l\": bad "
         "service response type\n"},
        {"", "{service: {account: X, subject: a}}, {stream: {account: X, subject: b}}",
         "f.conf:1:0: \"X\" account not defined for stream import\n"
         "f.conf:1:0: \"X\" account not defined for service import\n"},
        {"{stream: a}", "{stream: {account: E, subject: a}, prefix: 'p.*'}",
         "f.conf:1:0: Error adding stream import \"a\": stream import prefix can not contain "
         "wildcard tokens\n"},
        {"{stream: a}", STREAM("a") "," STREAM_TO("a", "b"),
         "f.conf:1:0: Error adding stream import \"a\": stream import already exists\n"},
        {"{stream: \"a.*\"}", STREAM_TO("a.*", "b.$2"),
         "f.conf:1:0: Error adding stream import \"a.*\": failed to create mapping transform for "
         "stream import subject from \"a.*\" to \"b.$2\": invalid mapping destination: wildcard "
         "index out of range in $2: [2]\n"},
        {"{stream: \"a.*.*\"}", STREAM_TO("a.*.*", "b.*"),
         "f.conf:1:0: Error adding stream import \"a.*.*\": failed to create mapping transform for "
         "stream import subject from \"a.*.*\" to \"b.*\": invalid mapping destination: not using "
         "all of the token wildcard(s) in b.$1\n"},
        {"{service: \"a.*\"}", SERVICE_TO("a.*", "b"),
         "f.conf:1:0: Error adding service import \"a.*\": failed to create mapping transform for "
         "service import subject from \"b\" to \"a.*\": invalid mapping destination: not using all "
         "of the token wildcard(s) in b\n"},
        {"{service: \"a.>\"}", SERVICE_TO("a.>", "b"),
         "f.conf:1:0: Error adding service import \"a.>\": failed to create mapping transform for "
         "service import subject from \"b\" to \"a.>\": invalid subject\n"},
        {"", SERVICE_TO("a", "b..c"),
         "f.conf:1:0: Error adding service import \"a\": sublist: invalid subject\n"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        char text[512];

        config_of(text, sizeof(text), cases[i].exports, cases[i].imports);
        expect_refusal(text, cases[i].errors);
    }
}

static void local_subjects_may_be_changed(void **state NB_UNUSED)
{
    static const char *const texts[] = {
        "accounts { E { exports: [{stream: 'a.*.*'}] }, I { imports: "
        "[" STREAM_TO("a.*.*", "b.$2.$1") "] } }",
        "accounts { E { exports: [{stream: 'a.*'}] }, I { imports: "
        "[" STREAM_TO("a.*", "b.{{wildcard(1)}}") "] } }",
        "accounts { E { exports: [{service: 'a.*.>'}] }, I { imports: "
        "[" SERVICE_TO("a.*.>", "b.$1.>") "] } }",
        // without wildcards nothing refers to anything
        "accounts { E { exports: [{service: a}] }, I { imports: [" SERVICE_TO("a", "b.*") "] } }",
        ("accounts { E { exports: [{stream: a}] }, I { imports: "
         "[{stream: {account: E, subject: a}, prefix: 'p.'}] } }"),
    };

    expect_good(texts, NB_ARRAY_LEN(texts));
}

static void nothing_is_wired_when_there_is_a_fault_already(void **state NB_UNUSED)
{
    expect_refusal("accounts { A { imports: [{stream: {account: X, subject: x}}] } }\nfoo: 1",
                   "f.conf:2:1: unknown field \"foo\"\n");
}

static void latency_needs_a_system_account(void **state NB_UNUSED)
{
    expect_refusal("accounts { A { exports: [{service: a, latency: l}] } }\nno_sys_acc: true",
                   "f.conf:1:0: Error adding service latency sampling for \"a\": system account "
                   "not setup\n");
}

/* Circles. */

static void imports_form_no_circle(void **state NB_UNUSED)
{
#define TAKES(kind, account, subject) "{" kind ": {account: " account ", subject: '" subject "'}}"
#define GIVES(kind, subject) "exports: [{" kind ": '" subject "'}]"
    static const char *const refused[] = {
        "accounts { A { " GIVES("service", "h") ", imports: [" TAKES(
            "service", "B",
            "h") "] }"
                 "\n B { " GIVES("service", "h") ", imports: [" TAKES("service", "A", "h") "] } }",
        "accounts { A { " GIVES("stream", "h") ", imports: [" TAKES(
            "stream", "B", "h") "] }"
                                "\n B { " GIVES("stream", "h") ", imports: [" TAKES("stream", "A",
                                                                                    "h") "] } }",
        "accounts { A { " GIVES("service", "*") ", imports: [" TAKES(
            "service", "B", "h") "] }"
                                 "\n B { " GIVES("service", "h") ", imports: [" TAKES(
                                     "service", "C",
                                     "h") "] }"
                                          "\n C { " GIVES("service", "*") ", imports: [" TAKES(
                                              "service", "A", "*") "] } }",
        "accounts { A { " GIVES("stream", "*") ", imports: [" TAKES(
            "stream", "B", "h") "] }"
                                "\n B { " GIVES("stream", "h") ", imports: [" TAKES(
                                    "stream", "C",
                                    "h") "] }"
                                         "\n C { " GIVES("stream", "*") ", imports: [" TAKES(
                                             "stream", "A", "*") "] } }",
    };
    static const char *const good[] = {
        "accounts { A { " GIVES("service", "x") ", imports: [" TAKES(
            "service", "B",
            "y") "] }"
                 "\n B { " GIVES("service", "y") ", imports: [" TAKES("service", "A", "x") "] } }",
        "accounts { A { " GIVES("service", "x") ", imports: [" TAKES("service", "A", "x") "] } }",
        // two ways to one account that imports more: no circle, whatever the order
        "accounts { E { " GIVES(
            "service",
            "x") " }"
                 "\n D { " GIVES("service", "x") ", imports: [" TAKES(
                     "service", "E",
                     "x") "] }"
                          "\n C { " GIVES("service", "x") ", imports: [" TAKES(
                              "service", "D",
                              "x") "] }"
                                   "\n B { " GIVES("service", "x") ", imports: [" TAKES(
                                       "service", "D",
                                       "x") "] }"
                                            "\n A { " GIVES("service", "x") ", imports: [" TAKES(
                                                "service", "B",
                                                "x") ", " TAKES("service", "C",
                                                                "x") "] }"
                                                                     "\n Z { imports: [" TAKES(
                                                                         "service", "A",
                                                                         "x") "] } }",
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(refused); i++) {
        struct outcome out = read_config(refused[i]);

        if (strstr(out.errors, ": import forms a cycle\n") == NULL) {
            fail_msg("%s\n%d %s", refused[i], out.rc, out.errors);
        }
        outcome_fini(&out);
    }
    expect_good(good, NB_ARRAY_LEN(good));
}

// A chain of `count` accounts, each importing from the one before, from the end on.
static char *chain_of(size_t count)
{
    enum { ACCOUNT_MAX_BYTES = 128 };
    size_t room = (count + 1) * ACCOUNT_MAX_BYTES;
    char *text = malloc(room);
    size_t n = (size_t)snprintf(text, room, "accounts {\n A0 { exports: [{service: x}] }\n");

    for (size_t i = 1; i < count; i++) {
        n += (size_t)snprintf(text + n, room - n,
                              " A%zu { exports: [{service: x}], "
                              "imports: [{service: {account: A%zu, subject: x}}] }\n",
                              i, i - 1);
    }
    snprintf(text + n, room - n, "}\n");
    return text;
}

static void a_chain_may_be_as_long_as_the_limit(void **state NB_UNUSED)
{
    enum { DEPTH_MAX = 1024 };
    char *text = chain_of(DEPTH_MAX + 1);
    struct outcome out = read_config(text);

    assert_int_equal(out.rc, NB_OK);
    outcome_fini(&out);
    free(text);
    text = chain_of(DEPTH_MAX + 2);
    expect_refusal(text, "f.conf:1:0: Error adding service import \"x\": search cycle depth "
                         "exhausted\n");
    free(text);
}

// Rows of accounts, each importing from both of the row before: 2^n ways through.
static void many_ways_are_walked_in_good_time(void **state NB_UNUSED)
{
    enum { ROWS = 60, ROW_MAX_BYTES = 512 };
    size_t room = (ROWS + 2) * ROW_MAX_BYTES;
    char *text = malloc(room);
    size_t n = (size_t)snprintf(text, room,
                                "accounts {\n A0 { exports: [{service: x}] }\n"
                                " B0 { exports: [{service: x}] }\n");
    struct nserver_options o;

    for (int i = 1; i < ROWS; i++) {
        for (int k = 0; k < 2; k++) {
            n += (size_t)snprintf(text + n, room - n,
                                  " %c%d { exports: [{service: x}], imports: ["
                                  "{service: {account: A%d, subject: x}},"
                                  "{service: {account: B%d, subject: x}}] }\n",
                                  "AB"[k], i, i - 1, i - 1);
        }
    }
    snprintf(text + n, room - n, "}\n");
    o = read_good(text);
    assert_int_equal(o.account_count, 2 * ROWS);
    nserver_options_fini(&o);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_import_is_let_in_by_an_export_that_covers_it),
        cmocka_unit_test(what_does_not_fit_is_refused_with_its_reason),
        cmocka_unit_test(local_subjects_may_be_changed),
        cmocka_unit_test(nothing_is_wired_when_there_is_a_fault_already),
        cmocka_unit_test(latency_needs_a_system_account),
        cmocka_unit_test(imports_form_no_circle),
        cmocka_unit_test(a_chain_may_be_as_long_as_the_limit),
        cmocka_unit_test(many_ways_are_walked_in_good_time),
    };
    return cmocka_run_group_tests_name("options_sharing", tests, NULL, NULL);
}
