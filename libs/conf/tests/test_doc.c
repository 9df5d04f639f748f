/* Documents as a whole: lifetime, messages, and a big text cut anywhere. */
#include "conf_fixture.h"

// Every form of the language, inside one map.
static const char big[] =
    "all {\n"
    "  # a comment\n"
    "  // another\n"
    "  port: 4222, host = 127.0.0.1:4222; name \"caf\\xC3\\xA9 \\\"x\\\" \\t\\\\\"\n"
    "  'quoted key': 'raw \\n text', \"double\": bare\\x41#string // c\n"
    "  sizes [1, 2k, 3kb, 4MiB, -5g, 6.25, -7.5, 8s, 9Gyz]\n"
    "  when 2016-05-04T18:53:41Z\n"
    "  version 2.10.0\n"
    "  flags {\n    a: on\n    b: FALSE\n    c { d: [ {e: 1}, {f: [\n x\n y\n ]} ] }\n  }\n"
    "  VAR = { user: a, pass: $2a$11$abc }\n"
    "  used: $VAR\n"
    "  from_env: $E\n"
    "  block (\n  text (of) any\n  kind\n)\n"
    "  include 'part.conf'\n"
    "  \"json\": {\"a\":[1,2,3],\"b\":{\"c\":null,\"d\":true}},\n"
    "  last 1\n"
    "}";

static struct world the_world = {
    .files = {{"part.conf", "x 1\ny [a]"}},
    .env = {{"E", "[a, {b: c}]"}},
};

static void the_big_text_means_what_it_says(void **state NB_UNUSED)
{
    check_means_in(
        &the_world, nb_slice_of(big),
        "{\"all\":{\"VAR\":{\"pass\":\"$2a$11$abc\",\"user\":\"a\"},"
        "\"block\":\"\\n  text (of) any\\n  kind\\n\",\"double\":\"bareA#string\","
        "\"flags\":{\"a\":true,\"b\":false,\"c\":{\"d\":[{\"e\":1},{\"f\":[\"x\",\"y\"]}]}},"
        "\"from_env\":[\"a\",{\"b\":\"c\"}],\"host\":\"127.0.0.1:4222\","
        "\"json\":{\"a\":[1,2,3],\"b\":{\"c\":\"null\",\"d\":true}},\"last\":1,"
        "\"name\":\"caf\xC3\xA9 \\\"x\\\" \\t\\\\\",\"port\":4222,"
        "\"quoted key\":\"raw \\\\n text\","
        "\"sizes\":[1,2000,3072,4194304,-5000000000,6.25,-7.5,\"8s\",\"9Gyz\"],"
        "\"used\":{\"pass\":\"$2a$11$abc\",\"user\":\"a\"},\"version\":\"2.10.0\","
        "\"when\":\"2016-05-04T18:53:41Z\",\"x\":1,\"y\":[\"a\"]}}");
}

static void every_prefix_of_it_is_refused_with_a_message(void **state NB_UNUSED)
{
    for (size_t n = 1; n < sizeof(big) - 1; n++) {
        struct nconf_doc doc = {0};
        struct nb_buf message;

        nb_buf_init(&message, NCONF_MESSAGE_MAX_BYTES);
        if (parse_exact(&the_world, nb_slice_make(big, n), &doc, &message) == NB_OK) {
            fail_msg("a prefix of %zu bytes is accepted", n);
        }
        assert_null(doc.root);
        assert_true(nb_buf_slice(&message).n > 0);
        nb_buf_fini(&message);
    }
}

// Texts cut off at the front are read without a fault, whatever they mean.
static void every_suffix_of_it_is_read_to_an_end(void **state NB_UNUSED)
{
    for (size_t at = 0; at < sizeof(big) - 1; at++) {
        struct nconf_doc doc = {0};
        struct nb_buf message;
        int rc;

        nb_buf_init(&message, NCONF_MESSAGE_MAX_BYTES);
        rc = parse_exact(&the_world, nb_slice_make(big + at, sizeof(big) - 1 - at), &doc, &message);
        assert_int_equal(rc == NB_OK, doc.root != NULL);
        assert_int_equal(rc == NB_OK, nb_buf_slice(&message).n == 0);
        nb_buf_fini(&message);
        nconf_doc_fini(&doc);
    }
}

static void a_message_that_does_not_fit_is_cut_short(void **state NB_UNUSED)
{
    struct nconf_doc doc = {0};
    struct nb_buf message;

    assert_int_equal(parse_exact(NULL, NB_SLICE("a 1 b"), &doc, NULL), NB_EMALFORMED);
    for (size_t max = 0; max < 128; max++) {
        nb_buf_init(&message, max);
        assert_int_equal(parse_exact(NULL, NB_SLICE("a 1 b"), &doc, &message), NB_EMALFORMED);
        assert_true(nb_buf_slice(&message).n <= max);
        nb_buf_fini(&message);
    }
}

static void a_document_can_be_freed_twice_and_before_use(void **state NB_UNUSED)
{
    struct nconf_doc doc = {0};

    nconf_doc_fini(&doc);
    assert_int_equal(parse_exact(NULL, NB_SLICE("a [b, {c: d}]"), &doc, NULL), NB_OK);
    nconf_doc_fini(&doc);
    assert_null(doc.root);
    nconf_doc_fini(&doc);
}

static void parse_file_reads_through_the_source(void **state NB_UNUSED)
{
    struct world world = {.files = {{"etc/n.conf", "include x"}, {"etc/x", "port 1"}}};
    struct nconf_source source = world_source(&world);
    struct nconf_doc doc = {0};
    struct nb_buf message;

    nb_buf_init(&message, NCONF_MESSAGE_MAX_BYTES);
    assert_int_equal(nconf_parse_file(&source, "etc/n.conf", &doc, &message), NB_OK);
    assert_true(nb_slice_is(nconf_find(doc.root, "port")->at.file, "etc/x"));
    nconf_doc_fini(&doc);
    assert_int_equal(nconf_parse_file(&source, "n.conf", &doc, &message), NB_ENOTFOUND);
    assert_true(nb_slice_is(nb_buf_slice(&message), "open n.conf: no such file or directory"));
    nb_buf_fini(&message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_big_text_means_what_it_says),
        cmocka_unit_test(every_prefix_of_it_is_refused_with_a_message),
        cmocka_unit_test(every_suffix_of_it_is_read_to_an_end),
        cmocka_unit_test(a_message_that_does_not_fit_is_cut_short),
        cmocka_unit_test(a_document_can_be_freed_twice_and_before_use),
        cmocka_unit_test(parse_file_reads_through_the_source),
    };
    return cmocka_run_group_tests_name("doc", tests, NULL, NULL);
}
