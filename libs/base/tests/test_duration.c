#include <natsd/duration.h>

#include <natsd/clock.h>

#include "nb_test.h"

#define MINUTE (60 * NB_NS_PER_S)
#define HOUR (60 * MINUTE)

static const struct {
    const char *text;
    int64_t want;
} accepted[] = {
    {"0", 0},
    {"-0", 0},
    {"+0", 0},
    {"0s", 0},
    {"1ns", 1},
    {"1us", 1000},
    {"1\xC2\xB5s", 1000},
    {"1\xCE\xBCs", 1000},
    {"250ms", 250 * NB_NS_PER_MS},
    {"1.5s", 1500 * NB_NS_PER_MS},
    {".5s", 500 * NB_NS_PER_MS},
    {"5.s", 5 * NB_NS_PER_S},
    {"-2m", -2 * MINUTE},
    {"+2m", 2 * MINUTE},
    {"1h30m", 90 * MINUTE},
    {"1h2m3.004s", HOUR + 2 * MINUTE + 3004 * NB_NS_PER_MS},
    {"3s1h", HOUR + 3 * NB_NS_PER_S},
    {"0.000000001s", 1},
    {"0.0000000019s", 1},
    {"0.3333333333333333333h", 20 * MINUTE - 1},
    {"0.100000000000000000000h", 6 * MINUTE},
    {"0.9999999999999999999999999s", NB_NS_PER_S - 1},
    {"9223372036854775807ns", INT64_MAX},
    {"-9223372036854775808ns", INT64_MIN},
    {"2562047h47m16.854775807s", INT64_MAX},
};

static const struct {
    const char *text;
    const char *diag;
} refused[] = {
    {"", "time: invalid duration \"\""},
    {"-", "time: invalid duration \"-\""},
    {"--1s", "time: invalid duration \"--1s\""},
    {"s", "time: invalid duration \"s\""},
    {".s", "time: invalid duration \".s\""},
    {" 1s", "time: invalid duration \" 1s\""},
    {"1", "time: missing unit in duration \"1\""},
    {"00", "time: missing unit in duration \"00\""},
    {"1.", "time: missing unit in duration \"1.\""},
    {"1s2", "time: missing unit in duration \"1s2\""},
    {"1.2.3s", "time: missing unit in duration \"1.2.3s\""},
    {"3d", "time: unknown unit \"d\" in duration \"3d\""},
    {"1S", "time: unknown unit \"S\" in duration \"1S\""},
    {"1s ", "time: unknown unit \"s \" in duration \"1s \""},
    {"1s-1s", "time: unknown unit \"s-\" in duration \"1s-1s\""},
    {"1\"", "time: unknown unit \"\\\"\" in duration \"1\\\"\""},
    {"9223372036854775808ns", "time: invalid duration \"9223372036854775808ns\""},
    {"-9223372036854775809ns", "time: invalid duration \"-9223372036854775809ns\""},
    {"18446744073709551616ns", "time: invalid duration \"18446744073709551616ns\""},
    {"2562048h", "time: invalid duration \"2562048h\""},
    {"9223372036854775807h", "time: invalid duration \"9223372036854775807h\""},
    {"9223372036854775807ns1ns", "time: invalid duration \"9223372036854775807ns1ns\""},
};

// Exact-size copies let the address sanitizer see a read past the end.
static void parse_accepts_the_grammar(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(accepted); i++) {
        size_t n = strlen(accepted[i].text);
        uint8_t *copy = malloc(n);
        int64_t got = -1;

        assert_non_null(copy);
        memcpy(copy, accepted[i].text, n);
        if (nb_duration_parse(nb_slice_make(copy, n), &got, NULL) != NB_OK ||
            got != accepted[i].want) {
            fail_msg("%s: got %lld", accepted[i].text, (long long)got);
        }
        free(copy);
    }
}

static void parse_refuses_and_says_why(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(refused); i++) {
        struct nb_diag diag = {""};
        int64_t got = 42;
        struct slice text = nb_slice_of(refused[i].text);

        assert_int_equal(nb_duration_parse(text, &got, &diag), NB_EMALFORMED);
        assert_string_equal(diag.text, refused[i].diag);
        assert_int_equal(nb_duration_parse(text, &got, NULL), NB_EMALFORMED);
        assert_int_equal(got, 42);
    }
}

static void parse_judges_every_prefix(void **state NB_UNUSED)
{
    const struct slice whole = NB_SLICE("12h34m56.789s");
    static const size_t good[] = {3, 6, 13};

    for (size_t n = 0; n <= whole.n; n++) {
        struct slice cut = nb_slice_dup(nb_slice_sub(whole, 0, n));
        bool want = false;
        int64_t got;

        for (size_t i = 0; i < NB_ARRAY_LEN(good); i++) {
            want = want || good[i] == n;
        }
        assert_int_equal(nb_duration_parse(cut, &got, NULL), want ? NB_OK : NB_EMALFORMED);
        nb_slice_free(&cut);
    }
}

static void parse_reports_texts_of_any_length(void **state NB_UNUSED)
{
    static uint8_t bytes[100000];
    struct nb_diag diag;
    int64_t got;

    memset(bytes, 0xFF, sizeof(bytes));
    bytes[0] = '1';
    assert_int_equal(nb_duration_parse(nb_slice_make(bytes, sizeof(bytes)), &got, &diag),
                     NB_EMALFORMED);
    assert_int_equal(strlen(diag.text), sizeof(diag.text) - 1);
}

static const struct {
    int64_t ns;
    const char *duration;
    const char *uptime;
} shown[] = {
    {0, "0s", "0s"},
    {1, "1ns", "0s"},
    {999, "999ns", "0s"},
    {1000, "1\xC2\xB5s", "0s"},
    {1100, "1.1\xC2\xB5s", "0s"},
    {2200000, "2.2ms", "0s"},
    {100 * NB_NS_PER_MS, "100ms", "0s"},
    {999999999, "999.999999ms", "0s"},
    {NB_NS_PER_S, "1s", "1s"},
    {1500 * NB_NS_PER_MS, "1.5s", "1s"},
    {NB_NS_PER_S + 1, "1.000000001s", "1s"},
    {2 * MINUTE, "2m0s", "2m0s"},
    {HOUR, "1h0m0s", "1h0m0s"},
    {HOUR + NB_NS_PER_S / 4, "1h0m0.25s", "1h0m0s"},
    {25 * HOUR, "25h0m0s", "1d1h0m0s"},
    {24 * HOUR, "24h0m0s", "1d0h0m0s"},
    {365 * 24 * HOUR, "8760h0m0s", "1y0d0h0m0s"},
    {(365 + 2) * 24 * HOUR + 3 * HOUR + 4 * MINUTE + 5 * NB_NS_PER_S, "8811h4m5s", "1y2d3h4m5s"},
    {-3 * NB_NS_PER_S, "-3s", "0s"},
    {-1, "-1ns", "0s"},
    {INT64_MAX, "2562047h47m16.854775807s", "292y171d23h47m16s"},
    {INT64_MIN, "-2562047h47m16.854775808s", "0s"},
};

static void durations_are_shown_with_units(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(shown); i++) {
        struct nb_buf buf;

        nb_buf_init(&buf, 64);
        nb_duration_format(shown[i].ns, &buf);
        if (!nb_slice_is(nb_buf_slice(&buf), shown[i].duration)) {
            fail_msg("%.*s, want %s", NB_SLICE_ARGS(nb_buf_slice(&buf)), shown[i].duration);
        }
        nb_buf_clear(&buf);
        nb_uptime_format(shown[i].ns, &buf);
        if (!nb_slice_is(nb_buf_slice(&buf), shown[i].uptime)) {
            fail_msg("%.*s, want %s", NB_SLICE_ARGS(nb_buf_slice(&buf)), shown[i].uptime);
        }
        nb_buf_fini(&buf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_accepts_the_grammar),
        cmocka_unit_test(parse_refuses_and_says_why),
        cmocka_unit_test(parse_judges_every_prefix),
        cmocka_unit_test(parse_reports_texts_of_any_length),
        cmocka_unit_test(durations_are_shown_with_units),
    };
    return cmocka_run_group_tests_name("duration", tests, NULL, NULL);
}
