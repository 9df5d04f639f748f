#include <natsd/json_writer.h>

#include "nb_test.h"

#include <float.h>
#include <math.h>

struct sheet {
    struct nb_buf buf;
    struct nb_json_writer w;
};

static void begin(struct sheet *sheet, enum nb_json_style style)
{
    nb_buf_init(&sheet->buf, 10000);
    nb_json_begin(&sheet->w, &sheet->buf, style);
}

static void assert_wrote(struct sheet *sheet, const char *want)
{
    assert_int_equal(nb_json_end(&sheet->w), NB_OK);
    if (!nb_slice_is(nb_buf_slice(&sheet->buf), want)) {
        fail_msg("got %.*s, want %s", NB_SLICE_ARGS(nb_buf_slice(&sheet->buf)), want);
    }
    nb_buf_fini(&sheet->buf);
}

static void write_sample(struct nb_json_writer *w)
{
    nb_json_object(w);
    nb_json_put_text(w, "name", "n1");
    nb_json_key(w, "empty");
    nb_json_object(w);
    nb_json_object_end(w);
    nb_json_key_slice(w, NB_SLICE("list"));
    nb_json_array(w);
    nb_json_u64(w, 1);
    nb_json_array(w);
    nb_json_array_end(w);
    nb_json_object(w);
    nb_json_put_bool(w, "t", true);
    nb_json_put_bool(w, "f", false);
    nb_json_key(w, "n");
    nb_json_null(w);
    nb_json_object_end(w);
    nb_json_array_end(w);
    nb_json_key(w, "raw");
    nb_json_raw(w, NB_SLICE("[1]"));
    nb_json_object_end(w);
}

static void compact_has_no_white_space(void **state NB_UNUSED)
{
    struct sheet sheet;

    begin(&sheet, NB_JSON_COMPACT);
    write_sample(&sheet.w);
    assert_wrote(&sheet, "{\"name\":\"n1\",\"empty\":{},\"list\":[1,[],{\"t\":true,\"f\":false,"
                         "\"n\":null}],\"raw\":[1]}");
}

static void indented_has_two_spaces_a_level(void **state NB_UNUSED)
{
    struct sheet sheet;

    begin(&sheet, NB_JSON_INDENTED);
    write_sample(&sheet.w);
    assert_wrote(&sheet, "{\n"
                         "  \"name\": \"n1\",\n"
                         "  \"empty\": {},\n"
                         "  \"list\": [\n"
                         "    1,\n"
                         "    [],\n"
                         "    {\n"
                         "      \"t\": true,\n"
                         "      \"f\": false,\n"
                         "      \"n\": null\n"
                         "    }\n"
                         "  ],\n"
                         "  \"raw\": [1]\n"
                         "}");
}

static void optional_members_are_left_out_when_empty(void **state NB_UNUSED)
{
    struct sheet sheet;

    begin(&sheet, NB_JSON_COMPACT);
    nb_json_object(&sheet.w);
    nb_json_opt_str(&sheet.w, "a", (struct slice){0});
    nb_json_opt_i64(&sheet.w, "b", 0);
    nb_json_opt_u64(&sheet.w, "c", 0);
    nb_json_opt_bool(&sheet.w, "d", false);
    nb_json_opt_str(&sheet.w, "e", NB_SLICE("x"));
    nb_json_opt_i64(&sheet.w, "f", -1);
    nb_json_opt_u64(&sheet.w, "g", 1);
    nb_json_opt_bool(&sheet.w, "h", true);
    nb_json_put_i64(&sheet.w, "i", INT64_MIN);
    nb_json_put_u64(&sheet.w, "j", UINT64_MAX);
    nb_json_put_double(&sheet.w, "k", 0.5);
    nb_json_put_str(&sheet.w, "l", (struct slice){0});
    nb_json_object_end(&sheet.w);
    assert_wrote(&sheet, "{\"e\":\"x\",\"f\":-1,\"g\":1,\"h\":true,\"i\":-9223372036854775808,"
                         "\"j\":18446744073709551615,\"k\":0.5,\"l\":\"\"}");
}

static const struct {
    const char *text;
    size_t n;
    const char *want;
} strings[] = {
#define CASE(text, want)             \
    {                                \
        text, sizeof(text) - 1, want \
    }
    CASE("", "\"\""),
    CASE("plain", "\"plain\""),
    CASE("\"\\/", "\"\\\"\\\\/\""),
    CASE("\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""),
    CASE("\0\x01\x1f\x7f", "\"\\u0000\\u0001\\u001f\x7f\""),
    CASE("<a>&", "\"\\u003ca\\u003e\\u0026\""),
    CASE("\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA", "\"\\u2028\\u2029\xE2\x80\xAA\""),
    CASE("\xC3\xA4\xF0\x9F\x98\x80", "\"\xC3\xA4\xF0\x9F\x98\x80\""),
    CASE("a\xFFz", "\"a\\ufffdz\""),
    CASE("\xE2\x80", "\"\\ufffd\\ufffd\""),
    CASE("\xED\xA0\x80", "\"\\ufffd\\ufffd\\ufffd\""),
    CASE("\xEF\xBF\xBD", "\"\xEF\xBF\xBD\""),
};

static void strings_are_escaped(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(strings); i++) {
        struct slice text = nb_slice_dup(nb_slice_make(strings[i].text, strings[i].n));
        struct sheet sheet;

        begin(&sheet, NB_JSON_COMPACT);
        nb_json_str(&sheet.w, text);
        assert_wrote(&sheet, strings[i].want);
        nb_slice_free(&text);
    }
}

static void keys_are_escaped_too(void **state NB_UNUSED)
{
    struct sheet sheet;

    begin(&sheet, NB_JSON_COMPACT);
    nb_json_object(&sheet.w);
    nb_json_put_u64(&sheet.w, "a\"<\n", 1);
    nb_json_object_end(&sheet.w);
    assert_wrote(&sheet, "{\"a\\\"\\u003c\\n\":1}");
}

static const struct {
    double value;
    const char *want;
} doubles[] = {
    {0, "0"},
    {-0.0, "-0"},
    {1, "1"},
    {-1.5, "-1.5"},
    {100, "100"},
    {0.1, "0.1"},
    {0.30000000000000004, "0.30000000000000004"},
    {1.0 / 3, "0.3333333333333333"},
    {123456.789, "123456.789"},
    {1e20, "100000000000000000000"},
    {1e21, "1e+21"},
    {1.5e300, "1.5e+300"},
    {999999999999999900000.0, "999999999999999900000"},
    {1e-6, "0.000001"},
    {1.5e-6, "0.0000015"},
    {9.99e-7, "9.99e-7"},
    {1e-7, "1e-7"},
    {-2.5e-10, "-2.5e-10"},
    {5e-324, "5e-324"},
    {DBL_MAX, "1.7976931348623157e+308"},
    {9007199254740993.0, "9007199254740992"},
    {INFINITY, "null"},
    {-INFINITY, "null"},
    {NAN, "null"},
};

static void doubles_are_as_short_as_they_can_be(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(doubles); i++) {
        struct sheet sheet;

        begin(&sheet, NB_JSON_COMPACT);
        nb_json_double(&sheet.w, doubles[i].value);
        assert_wrote(&sheet, doubles[i].want);
    }
}

// The buffer's limit at every possible place: the error sticks and nothing passes the limit.
static void a_full_buffer_is_told_at_the_end(void **state NB_UNUSED)
{
    struct sheet whole;
    size_t size;

    begin(&whole, NB_JSON_INDENTED);
    write_sample(&whole.w);
    size = nb_buf_slice(&whole.buf).n;
    for (size_t max = 0; max <= size; max++) {
        struct nb_buf buf;
        struct nb_json_writer w;

        nb_buf_init(&buf, max);
        nb_json_begin(&w, &buf, NB_JSON_INDENTED);
        write_sample(&w);
        assert_int_equal(nb_json_end(&w), max < size ? NB_ELIMIT : NB_OK);
        assert_true(nb_buf_slice(&buf).n <= max);
        nb_buf_fini(&buf);
    }
    nb_buf_fini(&whole.buf);
}

static void nesting_goes_to_its_limit(void **state NB_UNUSED)
{
    struct sheet sheet;

    begin(&sheet, NB_JSON_COMPACT);
    for (unsigned i = 0; i < NB_JSON_DEPTH_MAX; i++) {
        nb_json_array(&sheet.w);
    }
    for (unsigned i = 0; i < NB_JSON_DEPTH_MAX; i++) {
        nb_json_array_end(&sheet.w);
    }
    assert_wrote(&sheet, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compact_has_no_white_space),
        cmocka_unit_test(indented_has_two_spaces_a_level),
        cmocka_unit_test(optional_members_are_left_out_when_empty),
        cmocka_unit_test(strings_are_escaped),
        cmocka_unit_test(keys_are_escaped_too),
        cmocka_unit_test(doubles_are_as_short_as_they_can_be),
        cmocka_unit_test(a_full_buffer_is_told_at_the_end),
        cmocka_unit_test(nesting_goes_to_its_limit),
    };
    return cmocka_run_group_tests_name("json_writer", tests, NULL, NULL);
}
