#include "child.h"

#include "nb_test.h"

static const struct {
    const char *command;
    int want;
    const char *words; // joined with '|'
} splits[] = {
    {"a", NB_OK, "a"},
    {"  a  b\tc ", NB_OK, "a|b|c"},
    {"a 'b c' \"d e\"", NB_OK, "a|b c|d e"},
    {"a''b \"\"", NB_OK, "ab|"},
    {"a\\ b 'c\\d' \"e\\\"f\"", NB_OK, "a b|c\\d|e\"f"},
    {"a \\", NB_OK, "a|\\"},
    {"", NB_EINVALID, ""},
    {"  ", NB_EINVALID, ""},
    {"a 'b", NB_EMALFORMED, ""},
    {"\"", NB_EMALFORMED, ""},
};

static void join(char *const *words, char *out, size_t size)
{
    size_t n = 0;

    out[0] = '\0';
    for (char *const *it = words; *it != NULL; it++) {
        n += (size_t)snprintf(out + n, size - n, "%s%s", it != words ? "|" : "", *it);
    }
}

static void command_is_split_into_words(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(splits); i++) {
        char **words = NULL;
        char got[256] = "";
        int rc = child_split(splits[i].command, &words);

        if (rc == NB_OK) {
            join(words, got, sizeof(got));
            child_free_words(words);
        }
        if (rc != splits[i].want || strcmp(got, splits[i].words) != 0) {
            fail_msg("%s: %d %s", splits[i].command, rc, got);
        }
    }
}

static void token_of_a_subject_never_adds_words(void **state NB_UNUSED)
{
    char **words;
    char got[256];

    assert_int_equal(child_split("echo {{1}} x{{0}}{{2}} {{9}} {{n}} {{", &words), NB_OK);
    child_put_tokens(words, NB_SLICE("a.--help 'b.c"));
    join(words, got, sizeof(got));
    assert_string_equal(got, "echo|--help 'b|xac||{{n}}|{{");
    child_free_words(words);
}

static int run(const char *command, struct nb_buf *out, struct nb_diag *diag)
{
    const char *const variables[] = {"NATSCTL_TEST_VARIABLE=from us", NULL};
    char **words;
    int rc;

    assert_int_equal(child_split(command, &words), NB_OK);
    rc = child_run(words, variables, out, diag);
    child_free_words(words);
    return rc;
}

static void child_gives_what_it_writes(void **state NB_UNUSED)
{
    struct nb_diag diag = {""};
    struct nb_buf out;

    setenv("NATSCTL_TEST_VARIABLE", "from before", 1);
    nb_buf_init(&out, 1000);
    assert_int_equal(run("printf '%s-%s' a b", &out, &diag), NB_OK);
    assert_true(nb_slice_is(nb_buf_slice(&out), "a-b"));
    nb_buf_clear(&out);
    assert_int_equal(run("printenv NATSCTL_TEST_VARIABLE", &out, &diag), NB_OK);
    assert_true(nb_slice_is(nb_buf_slice(&out), "from us\n"));
    nb_buf_clear(&out);
    assert_int_equal(run("cat", &out, &diag), NB_OK); // its input is empty
    assert_int_equal(nb_buf_slice(&out).n, 0);
    nb_buf_fini(&out);
    unsetenv("NATSCTL_TEST_VARIABLE");
}

static void child_that_fails_says_how(void **state NB_UNUSED)
{
    struct nb_diag diag = {""};
    struct nb_buf out;

    nb_buf_init(&out, 1000);
    assert_int_equal(run("false", &out, &diag), NB_EIO);
    assert_string_equal(diag.text, "exit code 1");
    assert_int_equal(run("sh -c 'kill -9 $$'", &out, &diag), NB_EIO);
    assert_string_equal(diag.text, "ended by signal 9");
    assert_int_equal(run("/nonexistent/program", &out, &diag), NB_EIO);
    assert_non_null(strstr(diag.text, "/nonexistent/program"));
    nb_buf_clear(&out);
    assert_int_equal(run("head -c 1001 /dev/zero", &out, &diag), NB_ELIMIT);
    nb_buf_clear(&out);
    assert_int_equal(run("head -c 1000 /dev/zero", &out, &diag), NB_OK);
    nb_buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(command_is_split_into_words),
        cmocka_unit_test(token_of_a_subject_never_adds_words),
        cmocka_unit_test(child_gives_what_it_writes),
        cmocka_unit_test(child_that_fails_says_how),
    };
    return cmocka_run_group_tests_name("child", tests, NULL, NULL);
}
