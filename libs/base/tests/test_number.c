#include <natsd/number.h>

#include "nb_test.h"

static const struct {
    const char *text;
    uint64_t max;
    int want_rc;
    uint64_t want;
} u64_cases[] = {
    {"0", UINT64_MAX, NB_OK, 0},
    {"007", UINT64_MAX, NB_OK, 7},
    {"18446744073709551615", UINT64_MAX, NB_OK, UINT64_MAX},
    {"18446744073709551616", UINT64_MAX, NB_ERANGE, 0},
    {"99999999999999999999999999", UINT64_MAX, NB_ERANGE, 0},
    {"00000000000000000000000001", UINT64_MAX, NB_OK, 1},
    {"255", 255, NB_OK, 255},
    {"256", 255, NB_ERANGE, 0},
    {"", 255, NB_EMALFORMED, 0},
    {"-1", 255, NB_EMALFORMED, 0},
    {"+1", 255, NB_EMALFORMED, 0},
    {" 1", 255, NB_EMALFORMED, 0},
    {"1 ", 255, NB_EMALFORMED, 0},
    {"1a", 255, NB_EMALFORMED, 0},
    {"99999999999999999999999999x", 255, NB_EMALFORMED, 0},
    {"/", 255, NB_EMALFORMED, 0},
    {":", 255, NB_EMALFORMED, 0},
};

static void parse_u64_takes_digits_up_to_the_maximum(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(u64_cases); i++) {
        struct slice text = nb_slice_of(u64_cases[i].text);
        uint64_t got = 42;
        int rc = nb_parse_u64(text, u64_cases[i].max, &got);

        if (rc != u64_cases[i].want_rc || got != (rc == NB_OK ? u64_cases[i].want : 42)) {
            fail_msg("%s: %d", u64_cases[i].text, rc);
        }
    }
}

static const struct {
    const char *text;
    int64_t min;
    int64_t max;
    int want_rc;
    int64_t want;
} i64_cases[] = {
    {"0", INT64_MIN, INT64_MAX, NB_OK, 0},
    {"-0", INT64_MIN, INT64_MAX, NB_OK, 0},
    {"+12", INT64_MIN, INT64_MAX, NB_OK, 12},
    {"9223372036854775807", INT64_MIN, INT64_MAX, NB_OK, INT64_MAX},
    {"9223372036854775808", INT64_MIN, INT64_MAX, NB_ERANGE, 0},
    {"-9223372036854775808", INT64_MIN, INT64_MAX, NB_OK, INT64_MIN},
    {"-9223372036854775809", INT64_MIN, INT64_MAX, NB_ERANGE, 0},
    {"-1", -1, 1, NB_OK, -1},
    {"-2", -1, 1, NB_ERANGE, 0},
    {"2", -1, 1, NB_ERANGE, 0},
    {"", -1, 1, NB_EMALFORMED, 0},
    {"-", -1, 1, NB_EMALFORMED, 0},
    {"+", -1, 1, NB_EMALFORMED, 0},
    {"--1", -1, 1, NB_EMALFORMED, 0},
    {"+-1", -1, 1, NB_EMALFORMED, 0},
};

static void parse_i64_takes_a_sign_and_a_range(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(i64_cases); i++) {
        struct slice text = nb_slice_of(i64_cases[i].text);
        int64_t got = 42;
        int rc = nb_parse_i64(text, i64_cases[i].min, i64_cases[i].max, &got);

        if (rc != i64_cases[i].want_rc || got != (rc == NB_OK ? i64_cases[i].want : 42)) {
            fail_msg("%s: %d", i64_cases[i].text, rc);
        }
    }
}

static const struct {
    const char *text;
    int want_rc;
    double want;
} double_cases[] = {
    {"0", NB_OK, 0},
    {"-1.5", NB_OK, -1.5},
    {"+2", NB_OK, 2},
    {".5", NB_OK, 0.5},
    {"5.", NB_OK, 5},
    {"1e3", NB_OK, 1000},
    {"1.25E-2", NB_OK, 0.0125},
    {"1e-400", NB_OK, 0},
    {"1.7976931348623157e308", NB_OK, 1.7976931348623157e308},
    {"1e309", NB_ERANGE, 0},
    {"-1e309", NB_ERANGE, 0},
    {"", NB_EMALFORMED, 0},
    {".", NB_EMALFORMED, 0},
    {"-", NB_EMALFORMED, 0},
    {"1e", NB_EMALFORMED, 0},
    {"1e+", NB_EMALFORMED, 0},
    {"e1", NB_EMALFORMED, 0},
    {"1.2.3", NB_EMALFORMED, 0},
    {"1,5", NB_EMALFORMED, 0},
    {" 1", NB_EMALFORMED, 0},
    {"1 ", NB_EMALFORMED, 0},
    {"0x10", NB_EMALFORMED, 0},
    {"inf", NB_EMALFORMED, 0},
    {"nan", NB_EMALFORMED, 0},
};

static void parse_double_takes_decimal_text_only(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(double_cases); i++) {
        size_t n = strlen(double_cases[i].text);
        uint8_t *copy = malloc(n + (n == 0)); // exact, for the address sanitizer
        double got = 42;
        int rc;

        assert_non_null(copy);
        memcpy(copy, double_cases[i].text, n);
        rc = nb_parse_double(nb_slice_make(copy, n), &got);
        if (rc != double_cases[i].want_rc || got != (rc == NB_OK ? double_cases[i].want : 42)) {
            fail_msg("%s: %d, %g", double_cases[i].text, rc, got);
        }
        free(copy);
    }
}

static void format_u64_writes_what_printf_writes(void **state NB_UNUSED)
{
    uint64_t values[64 * 2 + 1] = {0};

    for (unsigned i = 0; i < 64; i++) {
        values[2 * i] = UINT64_C(1) << i;
        values[2 * i + 1] = (UINT64_C(1) << i) - 1;
    }
    values[128] = UINT64_MAX;
    for (size_t i = 0; i < NB_ARRAY_LEN(values); i++) {
        char want[32];
        char got[NB_U64_TEXT_MAX_BYTES];
        int n = snprintf(want, sizeof(want), "%llu", (unsigned long long)values[i]);

        assert_int_equal(nb_format_u64(values[i], got), n);
        assert_memory_equal(got, want, (size_t)n);
    }
}

static void checked_arithmetic_refuses_overflow(void **state NB_UNUSED)
{
    size_t out = 42;

    assert_false(nb_add_size(SIZE_MAX, 1, &out));
    assert_false(nb_mul_size(SIZE_MAX / 2 + 1, 2, &out));
    assert_int_equal(out, 42);
    assert_true(nb_add_size(SIZE_MAX - 1, 1, &out));
    assert_true(out == SIZE_MAX);
    assert_true(nb_mul_size(SIZE_MAX / 2, 2, &out));
    assert_true(out == SIZE_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_u64_takes_digits_up_to_the_maximum),
        cmocka_unit_test(parse_i64_takes_a_sign_and_a_range),
        cmocka_unit_test(parse_double_takes_decimal_text_only),
        cmocka_unit_test(format_u64_writes_what_printf_writes),
        cmocka_unit_test(checked_arithmetic_refuses_overflow),
    };
    return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
