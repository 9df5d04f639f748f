#include <natsd/json_reader.h>

#include <natsd/quote.h>

#include "nb_test.h"

enum { MAX_BYTES = 64 * 1024 };

// Parses an exact-size copy, for the address sanitizer.
static int parse(struct slice text, size_t max_bytes, struct nb_json_doc *doc, struct nb_diag *diag)
{
    uint8_t *copy = malloc(text.n + (text.n == 0));
    int rc;

    assert_non_null(copy);
    if (text.n > 0) {
        memcpy(copy, text.p, text.n);
    }
    rc = nb_json_parse(nb_slice_make(copy, text.n), max_bytes, doc, diag);
    free(copy); // the document must not need the text any more
    return rc;
}

static struct nb_json_doc parse_good(const char *text)
{
    struct nb_json_doc doc = {0};
    struct nb_diag diag = {""};

    if (parse(nb_slice_of(text), MAX_BYTES, &doc, &diag) != NB_OK) {
        fail_msg("%s: %s", text, diag.text);
    }
    return doc;
}

static void scalars_keep_their_type_and_text(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        enum nb_json_type type;
        const char *want;
        bool is_true;
    } cases[] = {
        {"null", NB_JSON_NULL, "", false},
        {"true", NB_JSON_BOOL, "", true},
        {"false", NB_JSON_BOOL, "", false},
        {" \t\r\n1 \t\r\n", NB_JSON_NUMBER, "1", false},
        {"-0.10e+5", NB_JSON_NUMBER, "-0.10e+5", false},
        {"99999999999999999999", NB_JSON_NUMBER, "99999999999999999999", false},
        {"\"\"", NB_JSON_STRING, "", false},
        {"\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\"", NB_JSON_STRING, "a\"\\/\b\f\n\r\t", false},
        {"\"\\u00e4\\u20ac\"", NB_JSON_STRING, "\xC3\xA4\xE2\x82\xAC", false},
        {"\"\\ud83d\\ude00\"", NB_JSON_STRING, "\xF0\x9F\x98\x80", false},
        {"\"\xC3\xA4\"", NB_JSON_STRING, "\xC3\xA4", false},
        {"\"\x7F\"", NB_JSON_STRING, "\x7F", false},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nb_json_doc doc = parse_good(cases[i].text);

        assert_int_equal(doc.root->type, cases[i].type);
        assert_int_equal(doc.root->is_true, cases[i].is_true);
        if (!nb_slice_is(doc.root->text, cases[i].want)) {
            fail_msg("%s: got %.*s", cases[i].text, NB_SLICE_ARGS(doc.root->text));
        }
        assert_null(doc.root->next);
        assert_null(doc.root->first);
        nb_json_doc_fini(&doc);
        nb_json_doc_fini(&doc);
    }
}

static void bytes_that_are_no_utf8_are_replaced(void **state NB_UNUSED)
{
    struct nb_json_doc doc = parse_good("{\"k\xFF\":\"a\xC3(\xED\xA0\x80z\"}");

    assert_true(nb_slice_is(doc.root->first->key, "k\xEF\xBF\xBD"));
    assert_true(nb_slice_is(doc.root->first->text, "a\xEF\xBF\xBD(\xEF\xBF\xBD\xEF\xBF\xBD"
                                                   "\xEF\xBF\xBDz"));
    nb_json_doc_fini(&doc);
}

static void half_a_surrogate_pair_gives_valid_utf8(void **state NB_UNUSED)
{
    static const char *const texts[] = {"\"\\ud800\"", "\"\\udc00\"", "\"\\ud800x\"",
                                        "\"\\ud800\\u0041\"", "\"\\udfff\\ud800\""};

    for (size_t i = 0; i < NB_ARRAY_LEN(texts); i++) {
        struct nb_json_doc doc = parse_good(texts[i]);

        assert_true(doc.root->text.n > 0);
        assert_true(nb_utf8_is_valid(doc.root->text));
        nb_json_doc_fini(&doc);
    }
}

static void an_escaped_nul_stays_inside_the_string(void **state NB_UNUSED)
{
    struct nb_json_doc doc = parse_good("\"a\\u0000b\"");

    assert_int_equal(doc.root->text.n, 3);
    assert_memory_equal(doc.root->text.p, "a\0b", 4);
    nb_json_doc_fini(&doc);
}

static void containers_keep_the_order_of_the_text(void **state NB_UNUSED)
{
    struct nb_json_doc doc = parse_good("{\"b\":[1,{\"x\":null},[]],\"a\":{},\"b\":2}");
    const struct nb_json_value *list = doc.root->first;
    const struct nb_json_value *second = list->next;

    assert_true(nb_slice_is(list->key, "b"));
    assert_int_equal(list->type, NB_JSON_ARRAY);
    assert_true(nb_slice_is(list->first->text, "1"));
    assert_int_equal(list->first->key.n, 0);
    assert_true(nb_slice_is(list->first->next->first->key, "x"));
    assert_int_equal(list->first->next->next->type, NB_JSON_ARRAY);
    assert_null(list->first->next->next->first);
    assert_null(list->first->next->next->next);
    assert_true(nb_slice_is(second->key, "a"));
    assert_null(second->first);
    assert_true(nb_slice_is(second->next->key, "b"));
    assert_null(second->next->next);
    nb_json_doc_fini(&doc);
}

static void get_finds_the_last_of_duplicates(void **state NB_UNUSED)
{
    struct nb_json_doc doc = parse_good("{\"k\":1,\"K\":2,\"k\":3,\"Other\":4,\"OTHER\":5}");
    int64_t got = 0;

    assert_int_equal(nb_json_to_i64(nb_json_get(doc.root, "k"), &got), NB_OK);
    assert_int_equal(got, 3);
    assert_null(nb_json_get(doc.root, "other"));
    assert_int_equal(nb_json_to_i64(nb_json_get_nocase(doc.root, "K"), &got), NB_OK);
    assert_int_equal(got, 2); // exact
    assert_int_equal(nb_json_to_i64(nb_json_get_nocase(doc.root, "other"), &got), NB_OK);
    assert_int_equal(got, 5);
    assert_null(nb_json_get_nocase(doc.root, "none"));
    assert_null(nb_json_get(NULL, "k"));
    assert_null(nb_json_get_nocase(NULL, "k"));
    assert_null(nb_json_get(doc.root->first, "k")); // a number
    assert_null(nb_json_get_nocase(doc.root->first, "k"));
    nb_json_doc_fini(&doc);
}

static const char *const refused[] = {
    "",
    " ",
    "{",
    "}",
    "[1,]",
    "[1",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{a:1}",
    "{1:1}",
    "1 2",
    "{}x",
    "[]]",
    "nul",
    "nulll",
    "True",
    "01",
    "-",
    "1.",
    ".5",
    "1e",
    "+1",
    "0x1",
    "NaN",
    "'a'",
    "\"a",
    "\"\n\"",
    "\"\x01\"",
    "\"\\x\"",
    "\"\\u12g4\"",
    "\"\\u123\"",
    "// comment\n1",
    "/* c */ 1",
    "\xEF\xBB\xBF{}", // a byte order mark
    "\xFF",
    ",",
    ":",
};

static void malformed_texts_are_refused_with_a_place(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(refused); i++) {
        struct nb_json_doc doc = {0};
        struct nb_diag diag = {""};
        int rc = parse(nb_slice_of(refused[i]), MAX_BYTES, &doc, &diag);

        if (rc != NB_EMALFORMED || strstr(diag.text, " at byte ") == NULL) {
            fail_msg("%s: %d %s", refused[i], rc, diag.text);
        }
        assert_null(doc.root);
        assert_int_equal(parse(nb_slice_of(refused[i]), MAX_BYTES, &doc, NULL), NB_EMALFORMED);
    }
    assert_int_equal(parse(NB_SLICE("1\0"), MAX_BYTES, &(struct nb_json_doc){0}, NULL),
                     NB_EMALFORMED);
    assert_int_equal(nb_json_parse((struct slice){0}, MAX_BYTES, &(struct nb_json_doc){0}, NULL),
                     NB_EMALFORMED);
}

static void every_prefix_is_refused(void **state NB_UNUSED)
{
    const struct slice whole =
        NB_SLICE("{\"a\":[1.5e3,true,null,\"x\\u00e4\\n\"],\"b\":{\"c\":false}}");
    struct nb_json_doc doc = {0};

    for (size_t n = 0; n < whole.n; n++) {
        assert_int_equal(parse(nb_slice_sub(whole, 0, n), MAX_BYTES, &doc, NULL), NB_EMALFORMED);
    }
    assert_int_equal(parse(whole, MAX_BYTES, &doc, NULL), NB_OK);
    nb_json_doc_fini(&doc);
}

static int parse_nested(unsigned depth, char open, char close, struct nb_diag *diag)
{
    struct nb_json_doc doc = {0};
    char text[2 * (NB_JSON_READ_DEPTH_MAX + 1)];
    int rc;

    memset(text, open, depth);
    memset(text + depth, close, depth);
    rc = parse(nb_slice_make(text, (size_t)2 * depth), MAX_BYTES, &doc, diag);
    nb_json_doc_fini(&doc);
    return rc;
}

static void nesting_is_limited(void **state NB_UNUSED)
{
    struct nb_diag diag;

    assert_int_equal(parse_nested(NB_JSON_READ_DEPTH_MAX, '[', ']', &diag), NB_OK);
    assert_int_equal(parse_nested(NB_JSON_READ_DEPTH_MAX + 1, '[', ']', &diag), NB_ELIMIT);
    assert_string_equal(diag.text, "JSON text is nested too deep");
}

// Any limit below what the document takes is an error; from there on it is none.
static void memory_is_limited(void **state NB_UNUSED)
{
    const struct slice text = NB_SLICE("{\"key\":[1,\"long long long text\",null,true,{\"a\":1}],"
                                       "\"bad\xFF\":\"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\"}");
    struct nb_diag diag;
    size_t max = 0;
    int rc;

    do {
        struct nb_json_doc doc = {0};

        rc = parse(text, max, &doc, &diag);
        assert_true(rc == NB_OK || rc == NB_ELIMIT);
        if (rc == NB_ELIMIT) {
            assert_string_equal(diag.text, "JSON text is too large");
            assert_null(doc.root);
        }
        nb_json_doc_fini(&doc);
        max++;
    } while (rc != NB_OK);
    assert_in_range(max, 9 * sizeof(struct nb_json_value), 4096);
}

static const struct {
    const char *text;
    int i64_rc;
    int64_t i64;
    int u64_rc;
    uint64_t u64;
    int double_rc;
    double number;
} numbers[] = {
    {"0", NB_OK, 0, NB_OK, 0, NB_OK, 0},
    {"-1", NB_OK, -1, NB_ERANGE, 0, NB_OK, -1},
    {"9223372036854775807", NB_OK, INT64_MAX, NB_OK, INT64_MAX, NB_OK, 9223372036854775807.0},
    {"9223372036854775808", NB_ERANGE, 0, NB_OK, UINT64_C(9223372036854775808), NB_OK,
     9223372036854775808.0},
    {"-9223372036854775808", NB_OK, INT64_MIN, NB_ERANGE, 0, NB_OK, -9223372036854775808.0},
    {"18446744073709551616", NB_ERANGE, 0, NB_ERANGE, 0, NB_OK, 18446744073709551616.0},
    {"1.0", NB_EINVALID, 0, NB_EINVALID, 0, NB_OK, 1},
    {"1e2", NB_EINVALID, 0, NB_EINVALID, 0, NB_OK, 100},
    {"1E2", NB_EINVALID, 0, NB_EINVALID, 0, NB_OK, 100},
    {"1e999", NB_EINVALID, 0, NB_EINVALID, 0, NB_ERANGE, 0},
    {"\"1\"", NB_EINVALID, 0, NB_EINVALID, 0, NB_EINVALID, 0},
    {"true", NB_EINVALID, 0, NB_EINVALID, 0, NB_EINVALID, 0},
};

static void numbers_are_converted_or_refused(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(numbers); i++) {
        struct nb_json_doc doc = parse_good(numbers[i].text);
        int64_t i64 = 0;
        uint64_t u64 = 0;
        double number = 0;

        assert_int_equal(nb_json_to_i64(doc.root, &i64), numbers[i].i64_rc);
        assert_int_equal(i64, numbers[i].i64);
        assert_int_equal(nb_json_to_u64(doc.root, &u64), numbers[i].u64_rc);
        assert_true(u64 == numbers[i].u64);
        assert_int_equal(nb_json_to_double(doc.root, &number), numbers[i].double_rc);
        assert_true(number == numbers[i].number);
        nb_json_doc_fini(&doc);
    }
    assert_int_equal(nb_json_to_i64(NULL, &(int64_t){0}), NB_EINVALID);
    assert_int_equal(nb_json_to_u64(NULL, &(uint64_t){0}), NB_EINVALID);
    assert_int_equal(nb_json_to_double(NULL, &(double){0}), NB_EINVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_keep_their_type_and_text),
        cmocka_unit_test(bytes_that_are_no_utf8_are_replaced),
        cmocka_unit_test(half_a_surrogate_pair_gives_valid_utf8),
        cmocka_unit_test(an_escaped_nul_stays_inside_the_string),
        cmocka_unit_test(containers_keep_the_order_of_the_text),
        cmocka_unit_test(get_finds_the_last_of_duplicates),
        cmocka_unit_test(malformed_texts_are_refused_with_a_place),
        cmocka_unit_test(every_prefix_is_refused),
        cmocka_unit_test(nesting_is_limited),
        cmocka_unit_test(memory_is_limited),
        cmocka_unit_test(numbers_are_converted_or_refused),
    };
    return cmocka_run_group_tests_name("json_reader", tests, NULL, NULL);
}
