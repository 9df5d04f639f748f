/* Integers, size suffixes, floats, dates, and what only looks like them (spec 02 section 2.6). */
#include "conf_fixture.h"

struct meaning {
    const char *text;
    const char *json; // of the value
};

static void check_values(const struct meaning *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char text[128];
        char json[128];

        snprintf(text, sizeof(text), "v = %s", cases[i].text);
        snprintf(json, sizeof(json), "{\"v\":%s}", cases[i].json);
        check_means(text, json);
    }
}

static void integers_take_size_suffixes(void **state NB_UNUSED)
{
    static const struct meaning cases[] = {
        {"0", "0"},
        {"22", "22"},
        {"-22", "-22"},
        {"-0", "0"},
        {"007", "7"},
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"8k", "8000"},
        {"8K", "8000"},
        {"4kb", "4096"},
        {"3ki", "3072"},
        {"3Kib", "3072"},
        {"-5k", "-5000"},
        {"5m", "5000000"},
        {"8MB", "8388608"},
        {"64MiB", "67108864"},
        {"-5mb", "-5242880"},
        {"1g", "1000000000"},
        {"1Gb", "1073741824"},
        {"2t", "2000000000000"},
        {"2TiB", "2199023255552"},
        {"1p", "1000000000000000"},
        {"1pi", "1125899906842624"},
        {"1E", "1000000000000000000"},
        {"2eb", "2305843009213693952"},
        {"16E", "-2446744073709551616"}, // 16 * 10^18 - 2^64
        {"8eib", "-9223372036854775808"},
    };

    check_values(cases, NB_ARRAY_LEN(cases));
}

static void integers_end_at_separators_and_brackets(void **state NB_UNUSED)
{
    check_means("a 1;b 2,c 3\rd 4\t\ne {f 5}, g 6 # x",
                "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":{\"f\":5},\"g\":6}");
}

static void floats_are_plain_decimals(void **state NB_UNUSED)
{
    static const struct meaning cases[] = {
        {"1.5", "1.5"},
        {"-2.25", "-2.25"},
        {"3.0", "3"},
        {"0.10", "0.1"},
        {"0.000001", "0.000001"},
        {"0.0000001", "1e-7"},
        {"123456789.123", "123456789.123"},
        {"100000000000000000000.0", "100000000000000000000"},
        {"1000000000000000000000.0", "1e+21"},
        {"-0.0", "-0"},
        {"1.5# c", "1.5"},
    };

    check_values(cases, NB_ARRAY_LEN(cases));
}

static void digits_that_go_on_as_something_else_are_a_string(void **state NB_UNUSED)
{
    static const struct meaning cases[] = {
        {"10s", "\"10s\""},
        {"100ms", "\"100ms\""},
        {"1m30s", "\"1m30s\""},
        {"127.0.0.1:4222", "\"127.0.0.1:4222\""},
        {"0.0.0.0:-1", "\"0.0.0.0:-1\""},
        {"2.10.0", "\"2.10.0\""},
        {"1.5.", "\"1.5.\""},
        {"-5.5.5", "\"-5.5.5\""},
        {"4222:x", "\"4222:x\""},
        {"3Gyz", "\"3Gyz\""},
        {"0x10", "\"0x10\""},
        {"1e3", "\"1e3\""},
        {"0K1abc", "\"0K1abc\""},
        {"2k5", "\"2k5\""},
        {"-5kx", "\"-5kx\""},
        {"5'", "\"5'\""},
        {"5k'", "\"5k\""},
        {"5\\x41", "\"5\\\\x41\""},
        {"5a\\x41", "\"5aA\""},
        {"5]", "\"5]\""},
        {"10#", "\"10#\""},
        {"5\v", "\"5\\u000b\""},
    };

    check_values(cases, NB_ARRAY_LEN(cases));
}

static void integers_may_touch_the_closing_bracket(void **state NB_UNUSED)
{
    static const struct meaning cases[] = {
        {"[1,2,3]", "[1,2,3]"}, {"[1, 2, 3 ]", "[1,2,3]"},
        {"[1\n2\n]", "[1,2]"},  {"[5m]", "[5000000]"},
        {"[5kib]", "[5120]"},   {"[-5k]", "[-5000]"},
        {"[-5]", "[-5]"},       {"[1.5]", "[1.5]"},
        {"[5x]", "[\"5x\"]"},   {"[{a: 1}]", "[{\"a\":1}]"},
    };

    check_values(cases, NB_ARRAY_LEN(cases));
}

static void dates_are_in_full_zulu_form(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        int64_t unix_s;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2016-05-04T18:53:41Z", 1462388021},
        {"2000-02-29T23:59:59Z", 951868799},
        {"1969-12-31T23:59:59Z", -1},
        {"0000-01-01T00:00:00Z", -62167219200},
        {"0000-03-01T00:00:00Z", -62162035200},
        {"9999-12-31T23:59:59Z", 253402300799},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nconf_doc doc = {0};
        char text[64];
        int64_t unix_s;

        snprintf(text, sizeof(text), "d = %s", cases[i].text);
        assert_int_equal(parse_exact(NULL, nb_slice_of(text), &doc, NULL), NB_OK);
        assert_int_equal(nconf_read_time(nconf_find(doc.root, "d"), &unix_s, NULL), NB_OK);
        assert_int_equal(unix_s, cases[i].unix_s);
        assert_true(nb_slice_is(doc.root->first->text, cases[i].text));
        nconf_doc_fini(&doc);
    }
    check_means("d [2016-05-04T18:53:41Z]", "{\"d\":[\"2016-05-04T18:53:41Z\"]}");
}

static void malformed_numbers_and_dates_are_refused(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        int line;
        struct slice error;
    } cases[] = {
        {"a -x", 1, NB_SLICE("Expected a digit but got 'x'.")},
        {"a - 5", 1, NB_SLICE("Expected a digit but got ' '.")},
        {"a --5", 1, NB_SLICE("Expected a digit but got '-'.")},
        {"a -\n", 2, NB_SLICE("Expected a digit but got '\\n'.")},
        {"a -", 1, NB_SLICE("Expected a digit but got '\0'.")},
        {"a -.5", 1, NB_SLICE("Floats must start with a digit, not '.'.")},
        {"a .5", 1, NB_SLICE("Floats must start with a digit")},
        {"a 1.x", 1, NB_SLICE("Floats must have a digit after the '.', but got 'x' instead.")},
        {"a 1. ", 1, NB_SLICE("Floats must have a digit after the '.', but got ' ' instead.")},
        {"a 1.\n", 2, NB_SLICE("Floats must have a digit after the '.', but got '\\n' instead.")},
        {"a 1.", 1, NB_SLICE("Floats must have a digit after the '.', but got '\0' instead.")},
        {"a 12-abc", 1, NB_SLICE("All ISO8601 dates must be in full Zulu form.")},
        {"a 12345-01", 1, NB_SLICE("All ISO8601 dates must be in full Zulu form.")},
        {"a 1-", 1, NB_SLICE("All ISO8601 dates must be in full Zulu form.")},
        {"a 1234-abc", 1, NB_SLICE("Expected digit in ISO8601 datetime, but found 'a' instead.")},
        {"a 2016-05-04 18:53:41Z", 1,
         NB_SLICE("Expected 'T' in ISO8601 datetime, but found ' ' instead.")},
        {"a 2016-05-04T18:53:41+01:00", 1,
         NB_SLICE("Expected 'Z' in ISO8601 datetime, but found '+' instead.")},
        {"a 2016-05\n", 2, NB_SLICE("Expected '-' in ISO8601 datetime, but found '\\n' instead.")},
        {"a 2016-", 1, NB_SLICE("Expected digit in ISO8601 datetime, but found '\0' instead.")},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        check_lexer_refuses(nb_slice_of(cases[i].text), cases[i].line, cases[i].error);
    }
}

static void numbers_out_of_range_are_refused_without_a_line(void **state NB_UNUSED)
{
    char digits[512];
    char want[640];

    check_refused("a 9223372036854775808", "integer '9223372036854775808' is out of the range");
    check_refused("a -9223372036854775809", "integer '-9223372036854775809' is out of the range");
    check_refused("a 99999999999999999999k", "integer '99999999999999999999k' is out of the range");
    check_refused("a 5kbb", "integer '5kbb' has an unknown size suffix");
    check_refused("a -5mbi", "integer '-5mbi' has an unknown size suffix");

    memset(digits, '0', sizeof(digits));
    memcpy(digits, "a 1", 3);
    memcpy(digits + 403, ".5", 3);
    snprintf(want, sizeof(want), "float '%s' is out of the range", digits + 2);
    check_refused(digits, want);
}

static void impossible_dates_are_refused(void **state NB_UNUSED)
{
    static const char *const dates[] = {
        "2016-13-45T18:53:41Z", "2016-00-01T00:00:00Z", "2016-01-00T00:00:00Z",
        "2015-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2016-04-31T00:00:00Z",
        "2016-05-04T24:00:00Z", "2016-05-04T23:60:00Z", "2016-05-04T23:59:60Z",
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(dates); i++) {
        char text[64];
        char want[128];

        snprintf(text, sizeof(text), "a %s", dates[i]);
        snprintf(want, sizeof(want), "expected Zulu formatted DateTime, but got '%s'", dates[i]);
        check_refused(text, want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_take_size_suffixes),
        cmocka_unit_test(integers_end_at_separators_and_brackets),
        cmocka_unit_test(floats_are_plain_decimals),
        cmocka_unit_test(digits_that_go_on_as_something_else_are_a_string),
        cmocka_unit_test(integers_may_touch_the_closing_bracket),
        cmocka_unit_test(dates_are_in_full_zulu_form),
        cmocka_unit_test(malformed_numbers_and_dates_are_refused),
        cmocka_unit_test(numbers_out_of_range_are_refused_without_a_line),
        cmocka_unit_test(impossible_dates_are_refused),
    };
    return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
