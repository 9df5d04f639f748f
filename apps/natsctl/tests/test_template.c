#include "template.h"

#include "nb_test.h"

static const struct {
    const char *text;
    const char *want; // NULL: refused
} cases[] = {
    {"", ""},
    {"plain", "plain"},
    {"n={{Count}}", "n=42"},
    {"{{Cnt}}{{.Count}} {{ Count }}", "4242 42"},
    {"{{Random 3 3}}!", NULL /* checked below */},
    {"{ {Count} }", "{ {Count} }"},
    {"}}{{Count}}", "}}42"},
    {"[{{Request}}]", "[who?]"},
    {"{{Random 0 0}}", ""},
    {"{{Nope}}", NULL},
    {"{{}}", NULL},
    {"{{Count", NULL},
    {"{{", NULL},
    {"{{Count 1}}", NULL},
    {"{{Random}}", NULL},
    {"{{Random 5}}", NULL},
    {"{{Random 5 4}}", NULL},
    {"{{Random 1 2 3}}", NULL},
    {"{{Random 1 x}}", NULL},
    {"{{Random 0 1048577}}", NULL},
};

static void template_is_expanded_or_refused(void **state NB_UNUSED)
{
    const struct slice request = NB_SLICE("who?");

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct template_values values;
        struct nb_diag diag = {""};
        struct nb_buf out;
        struct slice exact = nb_slice_dup(nb_slice_of(cases[i].text));
        int rc;

        template_values_init(&values);
        values.count = 42;
        values.request = &request;
        nb_buf_init(&out, 4096);
        rc = template_expand(exact, &values, &out, &diag);
        if (strcmp(cases[i].text, "{{Random 3 3}}!") == 0) {
            assert_int_equal(rc, NB_OK);
            assert_int_equal(nb_buf_slice(&out).n, 4);
        } else if (cases[i].want == NULL) {
            if (rc != NB_EMALFORMED || diag.text[0] == '\0') {
                fail_msg("%s", cases[i].text);
            }
        } else if (rc != NB_OK || !nb_slice_is(nb_buf_slice(&out), cases[i].want)) {
            fail_msg("%s", cases[i].text);
        }
        nb_buf_fini(&out);
        nb_slice_free(&exact);
    }
}

static void template_knows_times_and_ids(void **state NB_UNUSED)
{
    struct template_values values;
    struct nb_buf out;
    char time[3];
    long long unix_time;
    long long nano;
    int hour;
    int minute;
    char id[64];
    char text[512];

    template_values_init(&values);
    values.is_utc = true;
    nb_buf_init(&out, 512);
    assert_int_equal(
        template_expand(NB_SLICE("{{Unix}} {{UnixNano}} {{Time}} {{ID}} {{TimeStamp}}"), &values,
                        &out, NULL),
        NB_OK);
    snprintf(text, sizeof(text), "%.*s", NB_SLICE_ARGS(nb_buf_slice(&out)));
    assert_int_equal(
        sscanf(text, "%lld %lld %d:%d%2s %63s", &unix_time, &nano, &hour, &minute, time, id), 6);
    assert_true(nano / 1000000000 - unix_time <= 1);
    assert_in_range(hour, 1, 12);
    assert_true(strcmp(time, "AM") == 0 || strcmp(time, "PM") == 0);
    assert_int_equal(strlen(id), NB_NUID_BYTES);
    assert_true(nb_slice_ends(nb_buf_slice(&out), "Z"));
    nb_buf_fini(&out);
}

static void template_obeys_the_limit_of_its_output(void **state NB_UNUSED)
{
    struct template_values values;
    struct nb_buf out;

    template_values_init(&values);
    nb_buf_init(&out, 10);
    assert_int_equal(template_expand(NB_SLICE("{{Random 11 11}}"), &values, &out, NULL), NB_ELIMIT);
    nb_buf_clear(&out);
    assert_int_equal(template_expand(NB_SLICE("12345678901"), &values, &out, NULL), NB_ELIMIT);
    nb_buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(template_is_expanded_or_refused),
        cmocka_unit_test(template_knows_times_and_ids),
        cmocka_unit_test(template_obeys_the_limit_of_its_output),
    };
    return cmocka_run_group_tests_name("template", tests, NULL, NULL);
}
