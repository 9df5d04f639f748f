/* Values and positions as messages show them (spec 02 sections 3.1 and 3.2). */
#include "conf_fixture.h"

static void values_are_shown_as_the_reference_shows_them(void **state NB_UNUSED)
{
    static const char *const cases[][2] = {
        {"x", "x"},
        {"\"a b\\n\"", "a b\n"},
        {"on", "true"},
        {"off", "false"},
        {"-5k", "-5000"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"1.5", "1.5"},
        {"3.0", "3"},
        {"-0.0", "-0"},
        {"0.0001", "0.0001"},
        {"0.00001", "1e-05"},
        {"999999.5", "999999.5"},
        {"1000000.0", "1e+06"},
        {"123456789.125", "1.23456789125e+08"},
        {"1234567890123456789012.0", "1.2345678901234568e+21"},
        {"2016-05-04T18:53:41Z", "2016-05-04 18:53:41 +0000 UTC"},
        {"[]", "[]"},
        {"[a, b, [1, 2 ]]", "[a b [1 2]]"},
        {"{}", "map[]"},
        {"{b: x, a: {c: [d]}}", "map[a:map[c:[d]] b:x]"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nconf_doc doc = {0};
        struct nb_buf out;
        char text[128];

        nb_buf_init(&out, 1024);
        snprintf(text, sizeof(text), "v = %s", cases[i][0]);
        assert_int_equal(parse_exact(NULL, nb_slice_of(text), &doc, NULL), NB_OK);
        assert_int_equal(nconf_value_format(doc.root->first, &out), NB_OK);
        if (!nb_slice_is(nb_buf_slice(&out), cases[i][1])) {
            fail_msg("%s: got %.*s", cases[i][0], NB_SLICE_ARGS(nb_buf_slice(&out)));
        }
        nb_buf_fini(&out);
        nconf_doc_fini(&doc);
    }
}

static void positions_are_shown_as_a_prefix(void **state NB_UNUSED)
{
    struct nconf_position at = {.file = NB_SLICE("a/b.conf"), .line = 12, .pos = 0};
    struct nb_buf out;

    nb_buf_init(&out, 64);
    assert_int_equal(nconf_position_format((struct nconf_position){0}, &out), NB_OK);
    assert_int_equal(nb_buf_slice(&out).n, 0);
    assert_int_equal(nconf_position_format(at, &out), NB_OK);
    assert_true(nb_slice_is(nb_buf_slice(&out), "a/b.conf:12:0: "));
    nb_buf_fini(&out);
}

static void a_full_buffer_is_told(void **state NB_UNUSED)
{
    struct nconf_position at = {.file = NB_SLICE("f"), .line = 1, .pos = 2};
    const size_t position_bytes = sizeof("f:1:2: ") - 1;
    const size_t value_bytes = sizeof("map[v:[a b]]") - 1;
    struct nconf_doc doc = {0};

    assert_int_equal(parse_exact(NULL, NB_SLICE("v [a, b]"), &doc, NULL), NB_OK);
    for (size_t max = 0; max <= value_bytes; max++) {
        struct nb_buf out;

        nb_buf_init(&out, max);
        assert_int_equal(nconf_value_format(doc.root, &out), max < value_bytes ? NB_ELIMIT : NB_OK);
        nb_buf_fini(&out);
        nb_buf_init(&out, max);
        assert_int_equal(nconf_position_format(at, &out), max < position_bytes ? NB_ELIMIT : NB_OK);
        nb_buf_fini(&out);
    }
    nconf_doc_fini(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_shown_as_the_reference_shows_them),
        cmocka_unit_test(positions_are_shown_as_a_prefix),
        cmocka_unit_test(a_full_buffer_is_told),
    };
    return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}
