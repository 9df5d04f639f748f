/* Looking values up and reading them by type (spec 02 section 3.2). */
#include "conf_fixture.h"

static const char *const names[] = {
    "string", "boolean", "integer", "float", "time", "array", "map",
};

static void parse_one_of_each(struct nconf_doc *doc)
{
    assert_int_equal(parse_exact(NULL,
                                 NB_SLICE("string x, boolean on, integer 5k, float 1.5\n"
                                          "time 2016-05-04T18:53:41Z\narray [a]\nmap {a b}"),
                                 doc, NULL),
                     NB_OK);
}

static void each_type_has_a_plain_name(void **state NB_UNUSED)
{
    struct nconf_doc doc = {0};

    parse_one_of_each(&doc);
    for (size_t i = 0; i < NB_ARRAY_LEN(names); i++) {
        const struct nconf_value *value = nconf_find(doc.root, names[i]);

        assert_int_equal(value->type, i);
        assert_string_equal(nconf_type_name(value->type), names[i]);
    }
    nconf_doc_fini(&doc);
}

static void readers_take_their_type_only(void **state NB_UNUSED)
{
    struct nconf_doc doc = {0};
    struct slice text = NB_SLICE("before");
    bool truth = false;
    int64_t integer = -1;
    double number = -1;
    int64_t unix_s = -1;

    parse_one_of_each(&doc);
    assert_int_equal(nconf_read_string(nconf_find(doc.root, "string"), &text, NULL), NB_OK);
    assert_true(nb_slice_is(text, "x"));
    assert_int_equal(text.p[text.n], '\0');
    assert_int_equal(nconf_read_bool(nconf_find(doc.root, "boolean"), &truth, NULL), NB_OK);
    assert_true(truth);
    assert_int_equal(nconf_read_integer(nconf_find(doc.root, "integer"), &integer, NULL), NB_OK);
    assert_int_equal(integer, 5000);
    assert_int_equal(nconf_read_float(nconf_find(doc.root, "float"), &number, NULL), NB_OK);
    assert_true(number == 1.5);
    assert_int_equal(nconf_read_time(nconf_find(doc.root, "time"), &unix_s, NULL), NB_OK);
    assert_int_equal(unix_s, 1462388021);
    nconf_doc_fini(&doc);
}

static void readers_name_both_types_when_they_refuse(void **state NB_UNUSED)
{
    struct nconf_doc doc = {0};

    parse_one_of_each(&doc);
    for (size_t have = 0; have < NB_ARRAY_LEN(names); have++) {
        for (size_t want = 0; want < NB_ARRAY_LEN(names); want++) {
            const struct nconf_value *value = nconf_find(doc.root, names[have]);
            struct nb_diag diag = {"before"};
            char text[64];

            snprintf(text, sizeof(text), "expected %s, got %s", names[want], names[have]);
            assert_int_equal(nconf_expect(value, (enum nconf_type)want, &diag),
                             have == want ? NB_OK : NB_EINVALID);
            assert_string_equal(diag.text, have == want ? "before" : text);
        }
    }
    nconf_doc_fini(&doc);
}

static void a_refused_read_leaves_the_result_alone(void **state NB_UNUSED)
{
    struct nconf_doc doc = {0};
    const struct nconf_value *map;
    struct slice text = NB_SLICE("before");
    bool truth = true;
    int64_t integer = 7;
    double number = 7;

    parse_one_of_each(&doc);
    map = nconf_find(doc.root, "map");
    assert_int_equal(nconf_read_string(map, &text, NULL), NB_EINVALID);
    assert_int_equal(nconf_read_bool(map, &truth, NULL), NB_EINVALID);
    assert_int_equal(nconf_read_integer(map, &integer, NULL), NB_EINVALID);
    assert_int_equal(nconf_read_time(map, &integer, NULL), NB_EINVALID);
    assert_int_equal(nconf_read_float(map, &number, NULL), NB_EINVALID);
    assert_true(nb_slice_is(text, "before"));
    assert_true(truth);
    assert_int_equal(integer, 7);
    assert_true(number == 7);
    nconf_doc_fini(&doc);
}

static void lookup_ignores_case_and_takes_the_last(void **state NB_UNUSED)
{
    struct nconf_doc doc = {0};

    assert_int_equal(parse_exact(NULL, NB_SLICE("Port 1, pORT 2, host x"), &doc, NULL), NB_OK);
    assert_int_equal(nconf_find(doc.root, "port")->integer, 2);
    assert_int_equal(nconf_find(doc.root, "PORT")->integer, 2);
    assert_null(nconf_find(doc.root, "por"));
    assert_null(nconf_find(doc.root, "ports"));
    assert_int_equal(nconf_find_exact(doc.root, NB_SLICE("Port"))->integer, 1);
    assert_null(nconf_find_exact(doc.root, NB_SLICE("port")));
    assert_null(nconf_find(NULL, "port"));
    assert_null(nconf_find_exact(NULL, NB_SLICE("port")));
    assert_null(nconf_find(nconf_find(doc.root, "host"), "port")); // no map
    assert_null(nconf_find_exact(nconf_find(doc.root, "host"), NB_SLICE("port")));
    nconf_doc_fini(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_type_has_a_plain_name),
        cmocka_unit_test(readers_take_their_type_only),
        cmocka_unit_test(readers_name_both_types_when_they_refuse),
        cmocka_unit_test(a_refused_read_leaves_the_result_alone),
        cmocka_unit_test(lookup_ignores_case_and_takes_the_last),
    };
    return cmocka_run_group_tests_name("value", tests, NULL, NULL);
}
