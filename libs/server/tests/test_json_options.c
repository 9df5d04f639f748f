/* Options of requests to the system account. */
#include "nb_test.h"

#include "events/json_options.h"

struct options {
    bool flag;
    int64_t number;
    uint64_t id;
    struct slice text;
    const struct nb_json_value *texts;
};

static const struct nserver__json_option table[] = {
    {"flag", JSON_OPTION_BOOL, offsetof(struct options, flag)},
    {"number", JSON_OPTION_INT, offsetof(struct options, number)},
    {"id", JSON_OPTION_U64, offsetof(struct options, id)},
    {"text", JSON_OPTION_TEXT, offsetof(struct options, text)},
    {"texts", JSON_OPTION_TEXTS, offsetof(struct options, texts)},
};

static int read_options(const char *json, struct nb_json_doc *doc, struct options *out)
{
    struct nb_diag diag = {0};
    int rc;

    assert_int_equal(nb_json_parse(nb_slice_of(json), 64 * 1024, doc, &diag), NB_OK);
    rc = nserver__json_options_read(doc->root, table, NB_ARRAY_LEN(table), out, &diag);
    assert_int_equal(rc == NB_OK, diag.text[0] == '\0');
    return rc;
}

static void all_kinds_are_read(void **state NB_UNUSED)
{
    struct nb_json_doc doc = {0};
    struct options options = {0};

    assert_int_equal(read_options("{\"flag\":true,\"number\":-7,\"id\":18446744073709551615,"
                                  "\"text\":\"x\",\"texts\":[\"a\",\"b\"]}",
                                  &doc, &options),
                     NB_OK);
    assert_true(options.flag);
    assert_int_equal(options.number, -7);
    assert_true(options.id == UINT64_MAX);
    assert_true(nb_slice_is(options.text, "x"));
    assert_true(nb_slice_is(options.texts->first->next->text, "b"));
    nb_json_doc_fini(&doc);
}

static void what_is_not_said_stays(void **state NB_UNUSED)
{
    static const char *const jsons[] = {"{}", "null", "{\"NUMBER\":null,\"other\":[1]}",
                                        "{\"flag\":null,\"text\":null,\"texts\":null}"};

    for (size_t i = 0; i < NB_ARRAY_LEN(jsons); i++) {
        struct nb_json_doc doc = {0};
        struct options options = {.flag = true, .number = 5, .text = NB_SLICE("kept")};

        assert_int_equal(read_options(jsons[i], &doc, &options), NB_OK);
        assert_true(options.flag);
        assert_int_equal(options.number, 5);
        assert_true(nb_slice_is(options.text, "kept"));
        assert_null(options.texts);
        nb_json_doc_fini(&doc);
    }
}

static void keys_match_in_any_case(void **state NB_UNUSED)
{
    struct nb_json_doc doc = {0};
    struct options options = {0};

    assert_int_equal(read_options("{\"NuMBer\":3}", &doc, &options), NB_OK);
    assert_int_equal(options.number, 3);
    nb_json_doc_fini(&doc);
}

static void other_types_are_refused(void **state NB_UNUSED)
{
    static const char *const jsons[] = {
        "[]",
        "5",
        "\"x\"",
        "true",
        "{\"flag\":1}",
        "{\"flag\":\"true\"}",
        "{\"number\":\"3\"}",
        "{\"number\":1.5}",
        "{\"number\":1e3}",
        "{\"number\":9223372036854775808}",
        "{\"id\":-1}",
        "{\"id\":18446744073709551616}",
        "{\"text\":5}",
        "{\"text\":[\"x\"]}",
        "{\"texts\":\"x\"}",
        "{\"texts\":[1]}",
        "{\"texts\":[\"a\",null]}",
        "{\"texts\":{\"a\":\"b\"}}",
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(jsons); i++) {
        struct nb_json_doc doc = {0};
        struct options options = {0};

        if (read_options(jsons[i], &doc, &options) != NB_EINVALID) {
            fail_msg("accepted: %s", jsons[i]);
        }
        nb_json_doc_fini(&doc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_kinds_are_read),
        cmocka_unit_test(what_is_not_said_stays),
        cmocka_unit_test(keys_match_in_any_case),
        cmocka_unit_test(other_types_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
