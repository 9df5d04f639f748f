/* The limits of a document: depth and size. */
#include "conf_fixture.h"

// `open` `depth` times, `middle`, `close` as often.
static struct slice nested(struct nb_buf *out, const char *open, unsigned depth, const char *middle,
                           const char *close)
{
    nb_buf_clear(out);
    nb_buf_must_text(out, "v ");
    for (unsigned i = 0; i < depth; i++) {
        nb_buf_must_text(out, open);
    }
    nb_buf_must_text(out, middle);
    for (unsigned i = 0; i < depth; i++) {
        nb_buf_must_text(out, close);
    }
    return nb_buf_slice(out);
}

static void check_parses(struct slice text)
{
    struct nconf_doc doc = {0};
    char digest[NCONF_DIGEST_BYTES + 1];

    assert_int_equal(parse_exact(NULL, text, &doc, NULL), NB_OK);
    nconf_digest(&doc, digest); // walks all of it
    nconf_doc_fini(&doc);
}

static void check_limit_in(struct world *world, struct slice text, const char *message_end)
{
    struct nconf_doc doc = {0};
    struct nb_buf message;

    nb_buf_init(&message, NCONF_MESSAGE_MAX_BYTES);
    assert_int_equal(parse_exact(world, text, &doc, &message), NB_ELIMIT);
    assert_true(nb_slice_ends(nb_buf_slice(&message), message_end));
    assert_null(doc.root);
    nb_buf_fini(&message);
}

static void check_limit(struct slice text, const char *message_end)
{
    check_limit_in(NULL, text, message_end);
}

static void arrays_and_maps_nest_up_to_a_limit(void **state NB_UNUSED)
{
    const char *error = "arrays and maps on line 1 are nested too deeply";
    struct nb_buf out;

    nb_buf_init(&out, 1024 * 1024);
    check_parses(nested(&out, "[", NCONF_DEPTH_MAX, "", "]"));
    check_limit(nested(&out, "[", NCONF_DEPTH_MAX + 1, "", "]"), error);
    check_limit(nested(&out, "[", 100000, "", ""), error);
    check_parses(nested(&out, "{a:", NCONF_DEPTH_MAX - 1, "{}", "}"));
    check_limit(nested(&out, "{a:", NCONF_DEPTH_MAX, "{}", "}"), error);
    check_limit(nested(&out, "{a:", 100000, "", ""), error);
    nb_buf_fini(&out);
}

// Blocks are no values.
static void anonymous_blocks_nest_without_a_limit(void **state NB_UNUSED)
{
    struct nb_buf out;

    nb_buf_init(&out, 1024 * 1024);
    for (int i = 0; i < 100000; i++) {
        nb_buf_must_text(&out, "{");
    }
    nb_buf_must_text(&out, "a: 1\n");
    check_parses(nb_buf_slice(&out));
    nb_buf_fini(&out);
}

static void depth_counts_what_a_variable_stands_for(void **state NB_UNUSED)
{
    const char *error = "arrays and maps on line 2 are nested too deeply";
    struct nb_buf inner;
    struct nb_buf out;

    nb_buf_init(&inner, 1024 * 1024);
    nb_buf_init(&out, 1024 * 1024);
    nested(&inner, "[", 200, "x", "]");
    nb_buf_must_text(&inner, "\nw [[");
    for (unsigned more = NCONF_DEPTH_MAX - 200 - 2; more < NCONF_DEPTH_MAX - 200; more++) {
        nb_buf_clear(&out);
        nb_buf_must(&out, nb_buf_slice(&inner));
        for (unsigned i = 0; i < more; i++) {
            nb_buf_must_text(&out, "[");
        }
        nb_buf_must_text(&out, "$v ");
        for (unsigned i = 0; i < more + 2; i++) {
            nb_buf_must_text(&out, "]");
        }
        if (more == NCONF_DEPTH_MAX - 200 - 2) {
            check_parses(nb_buf_slice(&out));
        } else {
            check_limit(nb_buf_slice(&out), error);
        }
    }
    nb_buf_fini(&inner);
    nb_buf_fini(&out);
}

static void depth_goes_on_in_the_texts_that_a_text_leads_to(void **state NB_UNUSED)
{
    const char *error = "arrays and maps on line 1 are nested too deeply";
    struct world world = {.files = {{"f", "a [b]"}}, .env = {{"E", "[b]"}}};
    struct nb_buf out;
    struct nconf_doc doc = {0};

    nb_buf_init(&out, 1024 * 1024);
    nested(&out, "{a:", NCONF_DEPTH_MAX - 2, "{include f\n}", "}");
    assert_int_equal(parse_exact(&world, nb_buf_slice(&out), &doc, NULL), NB_OK);
    nconf_doc_fini(&doc);
    nested(&out, "{a:", NCONF_DEPTH_MAX - 1, "{include f\n}", "}");
    check_limit_in(&world, nb_buf_slice(&out), error);

    nested(&out, "[", NCONF_DEPTH_MAX - 1, "$E", "]");
    assert_int_equal(parse_exact(&world, nb_buf_slice(&out), &doc, NULL), NB_OK);
    nconf_doc_fini(&doc);
    nested(&out, "[", NCONF_DEPTH_MAX, "$E", "]"); // noticed before it is read to its end
    check_limit_in(&world, nb_buf_slice(&out),
                   "variable reference for 'E' on line 1 could not be parsed: "
                   "arrays and maps on line 1 are nested too deeply");
    nb_buf_fini(&out);
}

// a0 has ten strings, a1 ten times a0, and so on: 10^(n+1) values in a few lines.
static struct slice bomb(struct nb_buf *out, int levels)
{
    nb_buf_clear(out);
    nb_buf_must_text(out, "a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i <= levels; i++) {
        nb_buf_must_format(out, "a%d [", i);
        for (int k = 0; k < 10; k++) {
            nb_buf_must_format(out, "$a%d,", i - 1);
        }
        nb_buf_must_text(out, "]\n");
    }
    return nb_buf_slice(out);
}

static void variables_cannot_blow_a_document_up(void **state NB_UNUSED)
{
    struct nb_buf out;

    nb_buf_init(&out, 64 * 1024);
    check_parses(bomb(&out, 4));
    check_limit(bomb(&out, 8), "configuration is too big: its limit is 1073741824 bytes");
    check_limit(bomb(&out, 200), "configuration is too big: its limit is 1073741824 bytes");
    nb_buf_fini(&out);
}

static void many_keys_and_elements_are_fine(void **state NB_UNUSED)
{
    enum { COUNT = 20000 };
    struct nconf_doc doc = {0};
    struct nb_buf out;

    nb_buf_init(&out, 1024 * 1024);
    nb_buf_must_text(&out, "m {\n");
    for (int i = 0; i < COUNT; i++) {
        nb_buf_must_format(&out, "k%d %d\n", i % (COUNT / 2), i); // each key twice
    }
    nb_buf_must_text(&out, "}\na [");
    for (int i = 0; i < COUNT; i++) {
        nb_buf_must_format(&out, "%d,", i);
    }
    nb_buf_must_text(&out, "]");
    assert_int_equal(parse_exact(NULL, nb_buf_slice(&out), &doc, NULL), NB_OK);
    assert_int_equal(nconf_find(doc.root, "m")->count, COUNT / 2);
    assert_int_equal(nconf_find(nconf_find(doc.root, "m"), "k0")->integer, COUNT / 2);
    assert_int_equal(nconf_find(doc.root, "a")->count, COUNT);
    nconf_doc_fini(&doc);
    nb_buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_and_maps_nest_up_to_a_limit),
        cmocka_unit_test(anonymous_blocks_nest_without_a_limit),
        cmocka_unit_test(depth_counts_what_a_variable_stands_for),
        cmocka_unit_test(depth_goes_on_in_the_texts_that_a_text_leads_to),
        cmocka_unit_test(variables_cannot_blow_a_document_up),
        cmocka_unit_test(many_keys_and_elements_are_fine),
    };
    return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
