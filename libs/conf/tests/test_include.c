/* Included files (spec 02 section 2.8). */
#include "conf_fixture.h"

#define FAILED(path) "error parsing include file '" path "', "

static void included_keys_join_the_map_that_includes_them(void **state NB_UNUSED)
{
    static const char *const texts[] = {
        "include 'sub/part.conf'",      "include \"sub/part.conf\"",
        "include sub/part.conf",        "INCLUDE ./sub/part.conf",
        "include sub/../sub/part.conf", "include 'sub/part.conf';",
        "include /sub/part.conf",       "include sub/part.conf # comment",
        "{ include sub/part.conf }",    "  include\t'sub/part.conf'",
        "include sub//part.conf\n",     "include sub/part.conf'\n",
    };
    struct world world = {.files = {{"sub/part.conf", "port: 5000\nname: x\n"}}};

    for (size_t i = 0; i < NB_ARRAY_LEN(texts); i++) {
        check_means_in(&world, nb_slice_of(texts[i]), "{\"name\":\"x\",\"port\":5000}");
    }
    check_means_in(&world, NB_SLICE("m { include sub/part.conf\n t: 1 }"),
                   "{\"m\":{\"name\":\"x\",\"port\":5000,\"t\":1}}");
    check_means_in(&world, NB_SLICE("m { t: 1; include 'sub/part.conf', u 2}"),
                   "{\"m\":{\"name\":\"x\",\"port\":5000,\"t\":1,\"u\":2}}");
}

static void order_is_that_of_the_text_with_the_included_file_in_place(void **state NB_UNUSED)
{
    struct world world = {.files = {{"p.conf", "b 1, c 2\n"}}};
    struct nconf_doc doc = {0};
    const char *order = "abcd";

    assert_int_equal(parse_exact(&world, NB_SLICE("a 0\ninclude p.conf\nd 3"), &doc, NULL), NB_OK);
    for (const struct nconf_value *v = doc.root->first; v != NULL; v = v->next, order++) {
        assert_true(nb_slice_equal(v->key, nb_slice_make(order, 1)));
    }
    assert_int_equal(*order, '\0');
    nconf_doc_fini(&doc);
}

static void later_keys_win_over_included_ones_and_the_other_way_round(void **state NB_UNUSED)
{
    struct world world = {.files = {{"p.conf", "port: 5000"}, {"q.conf", "port: 6000"}}};

    check_means_in(&world, NB_SLICE("port: 1\ninclude p.conf\n"), "{\"port\":5000}");
    check_means_in(&world, NB_SLICE("include p.conf\nport: 1\n"), "{\"port\":1}");
    check_means_in(&world, NB_SLICE("include p.conf\ninclude q.conf\n"), "{\"port\":6000}");
}

static void an_included_file_may_be_empty_or_json(void **state NB_UNUSED)
{
    static const char *const texts[] = {"", "# nothing\n", "{}", "\n\n", "{\"x\": {}}"};

    for (size_t i = 0; i < NB_ARRAY_LEN(texts); i++) {
        struct world world = {.files = {{"p.conf", texts[i]}}};

        check_means_in(&world, NB_SLICE("include p.conf\nx: {}\n"), "{\"x\":{}}");
    }
}

static void includes_nest_relative_to_each_file(void **state NB_UNUSED)
{
    struct world world = {.files = {
                              {"a/b.conf", "name: n\ninclude 'c/d.conf'\n"},
                              {"a/c/d.conf", "{ \"port\": 5000 }\ninclude ../../e.conf\n"},
                              {"e.conf", "e 1"},
                          }};

    check_means_in(&world, NB_SLICE("include a/b.conf\n"),
                   "{\"e\":1,\"name\":\"n\",\"port\":5000}");
}

static void variables_flow_out_of_an_include_but_not_into_it(void **state NB_UNUSED)
{
    struct world world = {.files = {{"p.conf", "P: 5\n"}, {"q.conf", "port: $P\n"}}};
    struct nconf_doc doc = {0};

    check_means_in(&world, NB_SLICE("include p.conf\nport: $P\n"), "{\"P\":5,\"port\":5}");
    check_refused_in(
        &world, NB_SLICE("P: 5\ninclude q.conf\n"),
        NB_SLICE(FAILED("q.conf") "variable reference for 'P' on line 1 can not be found"));

    assert_int_equal(parse_exact(&world, NB_SLICE("include p.conf\nport: $P\n"), &doc, NULL),
                     NB_OK);
    assert_true(nconf_find_exact(doc.root, NB_SLICE("P"))->is_used);
    nconf_doc_fini(&doc);
}

static void included_keys_are_where_they_are_in_their_file(void **state NB_UNUSED)
{
    struct world world = {.files = {{"sub/p.conf", "name: a\n  key: [\n b ]\n"}}};
    struct nconf_doc doc = {0};
    const struct nconf_value *key;

    assert_int_equal(parse_exact(&world, NB_SLICE("x: on\ninclude './sub/p.conf'\n"), &doc, NULL),
                     NB_OK);
    key = nconf_find(doc.root, "key");
    assert_true(nb_slice_is(key->at.file, "sub/p.conf"));
    assert_int_equal(key->at.line, 2);
    assert_int_equal(key->at.pos, 3);
    assert_true(nb_slice_is(key->first->at.file, "sub/p.conf"));
    assert_int_equal(key->first->at.line, 3);
    nconf_doc_fini(&doc);
}

static void broken_included_files_are_refused(void **state NB_UNUSED)
{
    static const char *const cases[][2] = {
        {"a: 1 b: 2", "Parse error on line 1: 'Expected a top-level value to end with a new line, "
                      "comment or EOF, but got 'b' instead.'"},
        {"port: 1\nfoo", "config is invalid (sub/p.conf:2:4)"},
        {"x: 'y", "Parse error on line 1: 'Unexpected EOF.'"},
        {"a: 99999999999999999999", "integer '99999999999999999999' is out of the range"},
        {"include q.conf", FAILED("q.conf") "open sub/q.conf: no such file or directory"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct world world = {.files = {{"sub/p.conf", cases[i][0]}}};
        char want[512];

        snprintf(want, sizeof(want), FAILED("sub/p.conf") "%s", cases[i][1]);
        check_refused_in(&world, NB_SLICE("\ninclude 'sub/p.conf'\n"), nb_slice_of(want));
    }
}

static void missing_included_files_are_refused(void **state NB_UNUSED)
{
    static const char *const cases[][2] = {
        {"x", "x"},
        {"no/x.conf", "no/x.conf"},
        {"/etc/none.conf", "etc/none.conf"},
        {"../x", "../x"},
        {"a/../../x", "../x"},
        {"a\"b", "a\"b"},
        {"$x", "$x"},
        {"a,b", "a,b"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        char text[64];
        char want[256];

        snprintf(text, sizeof(text), "include %s\n", cases[i][0]);
        snprintf(want, sizeof(want), FAILED("%s") "open %s: no such file or directory", cases[i][0],
                 cases[i][1]);
        check_refused(text, want);
    }
}

static void malformed_includes_are_refused(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        int line;
        const char *error;
    } cases[] = {
        {"include [a]", 1, "Expected include value but found start of an array"},
        {"include {a}", 1, "Expected include value but found start of a map"},
        {"include (a)", 1, "Expected include value but found start of a block"},
        {"include 5", 1, "Expected include value but found start of a number"},
        {"include -5", 1, "Expected include value but found start of a number"},
        {"include \\x", 1, "Expected include value but found escape sequence"},
        {"include\nx", 2, "Expected include value but found new line"},
        {"include \nx", 2, "Expected include value but found new line"},
        {"include\rx", 1, "Expected include value but found new line"},
        {"m { include\nx }", 2, "Expected include value but found new line"},
        {"include 'x", 1, "Unexpected EOF in quoted include"},
        {"include \"x", 1, "Unexpected EOF in double quoted include"},
        {"a { include", 1, "Unexpected EOF processing map key."},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        check_lexer_refuses(nb_slice_of(cases[i].text), cases[i].line, nb_slice_of(cases[i].error));
    }
}

static void include_cycles_are_refused(void **state NB_UNUSED)
{
    struct world world = {.files = {
                              {"a.conf", "include sub/b.conf"},
                              {"sub/b.conf", "include ../a.conf"},
                              {"f.conf", "never read"},
                          }};

    check_refused_in(&world, NB_SLICE("include a.conf"),
                     NB_SLICE(FAILED("a.conf") FAILED("sub/b.conf")
                                  FAILED("../a.conf") "include cycle for 'a.conf'"));
    check_refused_in(&world, NB_SLICE("include ./f.conf"),
                     NB_SLICE(FAILED("./f.conf") "include cycle for 'f.conf'"));
}

// One file twice is no cycle.
static void a_file_may_be_included_more_than_once(void **state NB_UNUSED)
{
    struct world world = {.files = {{"p.conf", "a 1"}}};

    check_means_in(&world, NB_SLICE("x {include p.conf\n}, y {include p.conf\n}"),
                   "{\"x\":{\"a\":1},\"y\":{\"a\":1}}");
}

// f0 includes f1, and so on; the last one has a key.
static int parse_chain(unsigned count, struct nb_buf *message)
{
    static char names[WORLD_MAX][16];
    static char values[WORLD_MAX][32];
    struct world world = {0};
    struct nconf_doc doc = {0};
    int rc;

    assert_true(count <= WORLD_MAX);
    for (unsigned i = 0; i < count; i++) {
        snprintf(names[i], sizeof(names[i]), "f%u", i);
        snprintf(values[i], sizeof(values[i]), i + 1 < count ? "include f%u" : "a 1", i + 1);
        world.files[i] = (struct world_item){names[i], values[i]};
    }
    rc = parse_exact(&world, NB_SLICE("include f0"), &doc, message);
    nconf_doc_fini(&doc);
    return rc;
}

static void chains_of_includes_have_a_limit(void **state NB_UNUSED)
{
    struct nb_buf message;

    nb_buf_init(&message, NCONF_MESSAGE_MAX_BYTES);
    assert_int_equal(parse_chain(NCONF_SOURCE_DEPTH_MAX, &message), NB_OK);
    assert_int_equal(parse_chain(NCONF_SOURCE_DEPTH_MAX + 1, &message), NB_ELIMIT);
    assert_true(nb_slice_ends(nb_buf_slice(&message), "', includes are nested too deeply"));
    nb_buf_fini(&message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(included_keys_join_the_map_that_includes_them),
        cmocka_unit_test(order_is_that_of_the_text_with_the_included_file_in_place),
        cmocka_unit_test(later_keys_win_over_included_ones_and_the_other_way_round),
        cmocka_unit_test(an_included_file_may_be_empty_or_json),
        cmocka_unit_test(includes_nest_relative_to_each_file),
        cmocka_unit_test(variables_flow_out_of_an_include_but_not_into_it),
        cmocka_unit_test(included_keys_are_where_they_are_in_their_file),
        cmocka_unit_test(broken_included_files_are_refused),
        cmocka_unit_test(missing_included_files_are_refused),
        cmocka_unit_test(malformed_includes_are_refused),
        cmocka_unit_test(include_cycles_are_refused),
        cmocka_unit_test(a_file_may_be_included_more_than_once),
        cmocka_unit_test(chains_of_includes_have_a_limit),
    };
    return cmocka_run_group_tests_name("include", tests, NULL, NULL);
}
