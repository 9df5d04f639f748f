/* Variables of the text and of the environment (spec 02 sections 2.7 and 3.4). */
#include "conf_fixture.h"

#define TOP "Expected a top-level value to end with a new line, comment or EOF, but got "

static void variables_stand_for_the_value_of_an_earlier_key(void **state NB_UNUSED)
{
    static const char *const cases[][2] = {
        {"A: 7890\nB: $A\nC: $B\np: $C", "{\"A\":7890,\"B\":7890,\"C\":7890,\"p\":7890}"},
        {"T = [a, b]\nt = $T", "{\"T\":[\"a\",\"b\"],\"t\":[\"a\",\"b\"]}"},
        {"M { k: v }\nm = $M", "{\"M\":{\"k\":\"v\"},\"m\":{\"k\":\"v\"}}"},
        {"D = yes\nd: $D", "{\"D\":true,\"d\":true}"},
        {"T = x\nt = [$T, y, $T]", "{\"T\":\"x\",\"t\":[\"x\",\"y\",\"x\"]}"},
        {"A = 1\nA = 2\np = $A", "{\"A\":2,\"p\":2}"},
        {"A = 1\np = $A\nA = 2", "{\"A\":2,\"p\":1}"},
        {"a.b = 5\np = $a.b", "{\"a.b\":5,\"p\":5}"},
        {"'a' = 5; p = $a", "{\"a\":5,\"p\":5}"},
        {"{ A = 5\np = $A }", "{\"A\":5,\"p\":5}"},
        {"{ A = 5 }\np = $A", "{\"A\":5,\"p\":5}"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        check_means(cases[i][0], cases[i][1]);
    }
}

static void inner_scopes_come_first(void **state NB_UNUSED)
{
    check_means("i=22\nn { i=11, f=$i, d { b=$i } }\nb=$i",
                "{\"b\":22,\"i\":22,\"n\":{\"d\":{\"b\":11},\"f\":11,\"i\":11}}");
    check_means("i=22\nn { a [ {b $i} ] }", "{\"i\":22,\"n\":{\"a\":[{\"b\":22}]}}");
    check_means("A = 22\nn { A = $A }", "{\"A\":22,\"n\":{\"A\":22}}");
}

static void unknown_variables_are_refused(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        const char *name;
        int line;
    } cases[] = {
        {"port: $NOPE", "NOPE", 1},
        {"A: $A", "A", 1},
        {"\n\nx { y: $ZZ }", "ZZ", 3},
        {"x {a: $B}\nB: 1", "B", 1},
        {"a { B: 1 }\nport: $B", "B", 2},
        {"a = $2b$11$abc", "2b$11$abc", 1},
        {"a [ $X ]", "X", 1},
        {"X: 1\nport: $x", "x", 2},
        {"port: $", "", 1},
        {"a [ {b 1}, $b ]", "b", 1},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        char want[128];

        snprintf(want, sizeof(want), "variable reference for '%s' on line %d can not be found",
                 cases[i].name, cases[i].line);
        check_refused(cases[i].text, want);
    }
}

static void the_mark_is_on_the_definition_that_was_used(void **state NB_UNUSED)
{
    struct nconf_doc doc = {0};
    const struct nconf_value *m;

    assert_int_equal(parse_exact(NULL,
                                 NB_SLICE("A 1, B $A, C $B, D 4\nm { k 1, l $k, n $D }\n"
                                          "E 1, e $E, E 2"),
                                 &doc, NULL),
                     NB_OK);
    m = nconf_find(doc.root, "m");
    assert_true(nconf_find_exact(doc.root, NB_SLICE("A"))->is_used);
    assert_true(nconf_find_exact(doc.root, NB_SLICE("B"))->is_used);
    assert_false(nconf_find_exact(doc.root, NB_SLICE("C"))->is_used);
    assert_true(nconf_find_exact(doc.root, NB_SLICE("D"))->is_used);
    assert_true(nconf_find(m, "k")->is_used);
    assert_false(nconf_find(m, "l")->is_used);
    assert_false(m->is_used);
    assert_false(nconf_find_exact(doc.root, NB_SLICE("E"))->is_used); // the first one was
    nconf_doc_fini(&doc);
}

static void a_value_through_a_variable_is_at_the_reference(void **state NB_UNUSED)
{
    struct nconf_doc doc = {0};
    const struct nconf_value *m;

    assert_int_equal(parse_exact(NULL, NB_SLICE("M {\n k: v }\n\nm: $M"), &doc, NULL), NB_OK);
    m = nconf_find_exact(doc.root, NB_SLICE("m"));
    assert_int_equal(m->at.line, 4);
    assert_int_equal(m->at.pos, 1);
    assert_int_equal(nconf_find(m, "k")->at.line, 2); // what is in it, at its definition
    nconf_doc_fini(&doc);
}

static void environment_values_are_read_as_bare_values(void **state NB_UNUSED)
{
    static const char *const cases[][2] = {
        {"22", "22"},
        {" 22 ", "22"},
        {"8k", "8000"},
        {"true", "true"},
        {"'true'", "\"true\""},
        {"'3xyz'", "\"3xyz\""},
        {"3Gyz", "\"3Gyz\""},
        {"1.5", "1.5"},
        {"[a, b]", "[\"a\",\"b\"]"},
        {"{ a: 1 }", "{\"a\":1}"},
        {"", "\"\""},
        {"\"a b\"", "\"a b\""},
        {"127.0.0.1:4222", "\"127.0.0.1:4222\""},
        {"x # comment", "\"x\""},
        {"'$E'", "\"$E\""},
        {"$2a$11$abc", "\"$2a$11$abc\""},
        {"x, ignored: 1", "\"x\""},
        {"x\ninclude some.conf", "\"x\""}, // no directive here
        {"}", "\"\""},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct world world = {.env = {{"E", cases[i][0]}}};
        char want[128];

        snprintf(want, sizeof(want), "{\"v\":%s}", cases[i][1]);
        check_means_in(&world, NB_SLICE("v = $E"), want);
    }
}

static void environment_values_may_refer_to_the_environment(void **state NB_UNUSED)
{
    struct world world = {.env = {{"E", "$F"}, {"F", "5"}}};

    check_means_in(&world, NB_SLICE("v = $E"), "{\"v\":5}");
    check_means_in(&world, NB_SLICE("E = 1\nv = $E"), "{\"E\":1,\"v\":1}"); // the text is first
}

static void a_variable_may_have_no_name(void **state NB_UNUSED)
{
    struct world world = {.env = {{"", "5"}}};

    check_means_in(&world, NB_SLICE("v = $"), "{\"v\":5}");
}

static void values_from_the_environment_have_no_position_inside(void **state NB_UNUSED)
{
    struct world world = {.env = {{"E", "{a: [b]}"}}};
    struct nconf_doc doc = {0};
    const struct nconf_value *v;

    assert_int_equal(parse_exact(&world, NB_SLICE("\nv = $E"), &doc, NULL), NB_OK);
    v = nconf_find(doc.root, "v");
    assert_int_equal(v->at.line, 2);
    assert_int_equal(nconf_find(v, "a")->at.line, 0);
    assert_int_equal(nconf_find(v, "a")->at.file.n, 0);
    assert_int_equal(nconf_find(v, "a")->first->at.line, 0);
    nconf_doc_fini(&doc);
}

static void broken_environment_values_are_refused(void **state NB_UNUSED)
{
    static const char *const cases[][2] = {
        {"hello world", "Parse error on line 1: '" TOP "'w' instead.'"},
        {"'3xyz", "Parse error on line 1: 'Unexpected EOF.'"},
        {"\n5", "Parse error on line 2: 'Expected value but found new line'"},
        {"x\nfoo", "config is invalid (:2:4)"},
        {"$NOPE", "variable reference for 'NOPE' on line 1 can not be found"},
        {"$A", "variable reference for 'A' on line 1 can not be found"},
        {"$pk", "variable reference for 'pk' on line 1 can not be found"},
        {"99999999999999999999", "integer '99999999999999999999' is out of the range"},
        {"$E", "variable reference for 'E' on line 1 could not be parsed: "
               "variable reference cycle for 'E'"},
        {"$F", "variable reference for 'F' on line 1 could not be parsed: "
               "variable reference for 'E' on line 1 could not be parsed: "
               "variable reference cycle for 'E'"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct world world = {.env = {{"E", cases[i][0]}, {"F", "$E"}}};
        char want[512];

        snprintf(want, sizeof(want), "variable reference for 'E' on line 2 could not be parsed: %s",
                 cases[i][1]);
        check_refused_in(&world, NB_SLICE("A: 1\nport = $E"), nb_slice_of(want));
    }
}

// V0 is $V1, V1 is $V2, and so on; the last one is 5.
static int parse_chain(unsigned count, struct nb_buf *message)
{
    static char names[WORLD_MAX][16];
    static char values[WORLD_MAX][32];
    struct world world = {0};
    struct nconf_doc doc = {0};
    int rc;

    assert_true(count <= WORLD_MAX);
    for (unsigned i = 0; i < count; i++) {
        snprintf(names[i], sizeof(names[i]), "V%u", i);
        snprintf(values[i], sizeof(values[i]), i + 1 < count ? "$V%u" : "5", i + 1);
        world.env[i] = (struct world_item){names[i], values[i]};
    }
    rc = parse_exact(&world, NB_SLICE("v = $V0"), &doc, message);
    nconf_doc_fini(&doc);
    return rc;
}

static void chains_of_environment_variables_have_a_limit(void **state NB_UNUSED)
{
    struct nb_buf message;

    nb_buf_init(&message, NCONF_MESSAGE_MAX_BYTES);
    assert_int_equal(parse_chain(NCONF_SOURCE_DEPTH_MAX, &message), NB_OK);
    assert_int_equal(parse_chain(NCONF_SOURCE_DEPTH_MAX + 1, &message), NB_ELIMIT);
    assert_true(
        nb_slice_ends(nb_buf_slice(&message), "parsed: variable references are nested too deeply"));
    nb_buf_fini(&message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variables_stand_for_the_value_of_an_earlier_key),
        cmocka_unit_test(inner_scopes_come_first),
        cmocka_unit_test(unknown_variables_are_refused),
        cmocka_unit_test(the_mark_is_on_the_definition_that_was_used),
        cmocka_unit_test(a_value_through_a_variable_is_at_the_reference),
        cmocka_unit_test(environment_values_are_read_as_bare_values),
        cmocka_unit_test(environment_values_may_refer_to_the_environment),
        cmocka_unit_test(a_variable_may_have_no_name),
        cmocka_unit_test(values_from_the_environment_have_no_position_inside),
        cmocka_unit_test(broken_environment_values_are_refused),
        cmocka_unit_test(chains_of_environment_variables_have_a_limit),
    };
    return cmocka_run_group_tests_name("variable", tests, NULL, NULL);
}
