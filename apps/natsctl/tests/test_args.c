#include "args.h"

#include "nb_test.h"

enum { OUTER_SERVER, OUTER_QUIET, OUTER_FIRST, OUTER_COUNT };

static const struct args_option outer[OUTER_COUNT] = {
    [OUTER_SERVER] = {.name = "server",
                      .letter = 's',
                      .kind = ARGS_TEXT,
                      .value = "URL",
                      .env = "NATSCTL_TEST_SERVER"},
    [OUTER_QUIET] = {.name = "quiet", .letter = 'q', .kind = ARGS_SWITCH},
    [OUTER_FIRST] = {.name = "tlsfirst",
                     .alias = "tls-first",
                     .kind = ARGS_SWITCH,
                     .can_negate = true,
                     .env = "NATSCTL_TEST_FIRST"},
};

enum {
    INNER_QUEUE,
    INNER_COUNT_OPTION,
    INNER_WAIT,
    INNER_HEADER,
    INNER_FORM,
    INNER_RAW,
    INNER_COUNT
};

static const struct args_option inner[INNER_COUNT] = {
    [INNER_QUEUE] = {.name = "queue", .letter = 'q', .kind = ARGS_TEXT, .value = "GROUP"},
    [INNER_COUNT_OPTION] =
        {.name = "count", .letter = 'n', .kind = ARGS_NUMBER, .value = "N", .fallback = "7"},
    [INNER_WAIT] = {.name = "wait", .kind = ARGS_DURATION, .value = "TIME"},
    [INNER_HEADER] = {.name = "header", .letter = 'H', .kind = ARGS_LIST, .value = "K:V"},
    [INNER_FORM] = {.name = "form", .kind = ARGS_CHOICE, .value = "a|bc"},
    [INNER_RAW] = {.name = "raw", .letter = 'r', .kind = ARGS_SWITCH},
};

enum { ARGC_MAX = 16 };

struct line {
    struct args args;
    struct args_value outer[OUTER_COUNT];
    struct args_value inner[INNER_COUNT];
    char *argv[ARGC_MAX];
    int argc;
    char words[256]; // joined with '|'
    struct nb_diag diag;
    int rc;
};

// `text` is split at blanks; an underscore stands for an empty argument. The inner options count
// from the first word on.
static void read_line(struct line *line, const char *text, char *room)
{
    const char *word;

    memset(line, 0, sizeof(*line));
    snprintf(room, 256, "prog %s", text);
    for (char *at = room; at != NULL && line->argc < ARGC_MAX;) {
        char *blank = strchr(at, ' ');

        if (blank != NULL) {
            *blank++ = '\0';
        }
        if (strcmp(at, "_") == 0) {
            *at = '\0';
        }
        line->argv[line->argc++] = at;
        at = blank;
    }
    args_init(&line->args, line->argc, line->argv);
    args_push_scope(&line->args, outer, OUTER_COUNT, line->outer);
    while ((line->rc = args_next_word(&line->args, &word, &line->diag)) == NB_OK && word != NULL) {
        size_t n = strlen(line->words);

        if (n == 0) {
            args_push_scope(&line->args, inner, INNER_COUNT, line->inner);
        }
        snprintf(line->words + n, sizeof(line->words) - n, "%s%s", n > 0 ? "|" : "", word);
    }
}

static const struct {
    const char *line;
    const char *words;
    const char *server;
    const char *queue;
    bool is_quiet;
    bool is_raw;
} accepted[] = {
    {"", "", NULL, NULL, false, false},
    {"a b", "a|b", NULL, NULL, false, false},
    {"-s u a", "a", "u", NULL, false, false},
    {"-su a", "a", "u", NULL, false, false},
    {"-s=u a", "a", "u", NULL, false, false},
    {"--server u a", "a", "u", NULL, false, false},
    {"--server=u a", "a", "u", NULL, false, false},
    {"--server=a=b", "", "a=b", NULL, false, false},
    {"--server= a", "a", "", NULL, false, false},
    {"a --server u", "a", "u", NULL, false, false},
    {"a b --server u c", "a|b|c", "u", NULL, false, false},
    {"-s x -s y", "", "y", NULL, false, false},
    {"-q a", "a", NULL, NULL, true, false},   // outside of a command it is the outer one
    {"a -q g", "a", NULL, "g", false, false}, // inside the inner one hides it
    {"a -rqg", "a", NULL, "g", false, true},  // bundled, with a value at the end
    {"a -rq g b", "a|b", NULL, "g", false, true},
    {"a --quiet --raw", "a", NULL, NULL, true, true},
    {"a -- -q --raw", "a|-q|--raw", NULL, NULL, false, false},
    {"a - b", "a|-|b", NULL, NULL, false, false},
    {"a -q -- b", "a|b", NULL, "--", false, false}, // a value may be anything
    {"a _ b", "a||b", NULL, NULL, false, false},
};

static bool is_same(const char *got, const char *want)
{
    return got == NULL ? want == NULL : want != NULL && strcmp(got, want) == 0;
}

static void args_read_options_and_words(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(accepted); i++) {
        struct line line;
        char room[256];

        read_line(&line, accepted[i].line, room);
        if (line.rc != NB_OK || strcmp(line.words, accepted[i].words) != 0 ||
            !is_same(line.outer[OUTER_SERVER].text, accepted[i].server) ||
            !is_same(line.inner[INNER_QUEUE].text, accepted[i].queue) ||
            line.outer[OUTER_QUIET].is_on != accepted[i].is_quiet ||
            line.inner[INNER_RAW].is_on != accepted[i].is_raw) {
            fail_msg("\"%s\": %s %s", accepted[i].line, line.words, line.diag.text);
        }
        args_fini(&line.args);
    }
}

static const struct {
    const char *line;
    const char *why;
} refused[] = {
    {"--foo", "unknown option --foo"},
    {"--foo=bar", "unknown option --foo"},
    {"-x", "unknown option -x"},
    {"a -rx", "unknown option -x"},
    {"--raw", "unknown option --raw"}, // not before the command
    {"-s", "-s needs a value"},
    {"--server", "--server needs a value"},
    {"a --count x", "invalid value \"x\" for --count"},
    {"a --count -1", "invalid value \"-1\" for --count"},
    {"a --count 18446744073709551616", "invalid value"},
    {"a --wait 5x", "invalid value \"5x\" for --wait"},
    {"a --form b", "invalid value \"b\" for --form, expected a|bc"},
    {"a --form a|bc", "invalid value"},
    {"--quiet=perhaps", "invalid value \"perhaps\" for --quiet"},
    {"--no-quiet", "unknown option --no-quiet"},
    {"--no-tlsfirst=1", "--no-tlsfirst takes no value"},
    {"---", "unknown option"},
    {"--=", "unknown option"},
};

static void args_refuse_with_a_reason(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(refused); i++) {
        struct line line;
        char room[256];

        read_line(&line, refused[i].line, room);
        if (line.rc != NB_EINVALID || strstr(line.diag.text, refused[i].why) == NULL) {
            fail_msg("\"%s\": %d %s", refused[i].line, line.rc, line.diag.text);
        }
        args_fini(&line.args);
    }
}

static void args_read_every_kind_of_value(void **state NB_UNUSED)
{
    struct line line;
    char room[256];

    read_line(&line, "a -n 12 --wait 1d3h5m2s -H a:1 --form bc --header=b:2 -Hc:3 --tls-first",
              room);
    assert_int_equal(line.rc, NB_OK);
    assert_int_equal(line.inner[INNER_COUNT_OPTION].number, 12);
    assert_true(line.inner[INNER_WAIT].duration_ns == 97502 * INT64_C(1000000000));
    assert_int_equal(line.inner[INNER_HEADER].list_count, 3);
    assert_string_equal(line.inner[INNER_HEADER].list[0], "a:1");
    assert_string_equal(line.inner[INNER_HEADER].list[1], "b:2");
    assert_string_equal(line.inner[INNER_HEADER].list[2], "c:3");
    assert_string_equal(line.inner[INNER_FORM].text, "bc");
    assert_true(line.outer[OUTER_FIRST].is_set && line.outer[OUTER_FIRST].is_on);
    args_fini(&line.args);
    read_line(&line, "--tlsfirst --no-tlsfirst", room);
    assert_true(line.outer[OUTER_FIRST].is_set && !line.outer[OUTER_FIRST].is_on);
    args_fini(&line.args);
    read_line(&line, "--quiet=no", room);
    assert_true(line.outer[OUTER_QUIET].is_set && !line.outer[OUTER_QUIET].is_on);
    args_fini(&line.args);
}

static void args_fill_in_what_was_not_given(void **state NB_UNUSED)
{
    struct line line;
    char room[256];

    setenv("NATSCTL_TEST_SERVER", "from-env", 1);
    setenv("NATSCTL_TEST_FIRST", "yes", 1);
    read_line(&line, "a", room);
    assert_int_equal(args_read_environment(&line.args, &line.diag), NB_OK);
    assert_int_equal(args_set_fallbacks(&line.args, &line.diag), NB_OK);
    assert_string_equal(line.outer[OUTER_SERVER].text, "from-env");
    assert_true(line.outer[OUTER_FIRST].is_on);
    assert_int_equal(line.inner[INNER_COUNT_OPTION].number, 7);
    assert_false(line.inner[INNER_COUNT_OPTION].is_set);
    args_fini(&line.args);
    read_line(&line, "a -s given --no-tlsfirst -n 3", room);
    assert_int_equal(args_read_environment(&line.args, &line.diag), NB_OK);
    assert_int_equal(args_set_fallbacks(&line.args, &line.diag), NB_OK);
    assert_string_equal(line.outer[OUTER_SERVER].text, "given");
    assert_false(line.outer[OUTER_FIRST].is_on);
    assert_int_equal(line.inner[INNER_COUNT_OPTION].number, 3);
    args_fini(&line.args);
    setenv("NATSCTL_TEST_SERVER", "", 1);
    setenv("NATSCTL_TEST_FIRST", "perhaps", 1);
    read_line(&line, "a", room);
    assert_int_equal(args_read_environment(&line.args, &line.diag), NB_EINVALID);
    assert_non_null(strstr(line.diag.text, "NATSCTL_TEST_FIRST")); // it says where
    assert_null(line.outer[OUTER_SERVER].text);
    args_fini(&line.args);
    unsetenv("NATSCTL_TEST_SERVER");
    unsetenv("NATSCTL_TEST_FIRST");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(args_read_options_and_words),
        cmocka_unit_test(args_refuse_with_a_reason),
        cmocka_unit_test(args_read_every_kind_of_value),
        cmocka_unit_test(args_fill_in_what_was_not_given),
    };
    return cmocka_run_group_tests_name("args", tests, NULL, NULL);
}
