#include <natsd/clock.h>

#include "nb_test.h"

#include <time.h>

static void mono_never_goes_back(void **state NB_UNUSED)
{
    struct nb_mono last = nb_mono_now();

    assert_true(last.ns > 0);
    for (unsigned i = 0; i < 1000; i++) {
        struct nb_mono now = nb_mono_now();

        assert_true(nb_mono_since(now, last) >= 0);
        assert_true(nb_mono_since(last, now) <= 0);
        last = now;
    }
}

static void wall_is_the_time_of_the_system(void **state NB_UNUSED)
{
    int64_t before = (int64_t)time(NULL) - 1;
    int64_t now = nb_wall_now().ns / NB_NS_PER_S;

    assert_true(now >= before);
    assert_true(now <= (int64_t)time(NULL) + 1);
}

static const struct {
    int64_t ns;
    const char *utc;
    const char *local; // in a zone 5:45 ahead
} cases[] = {
    {0, "1970-01-01T00:00:00Z", "1970-01-01T05:45:00+05:45"},
    {1, "1970-01-01T00:00:00.000000001Z", "1970-01-01T05:45:00.000000001+05:45"},
    {-1, "1969-12-31T23:59:59.999999999Z", "1970-01-01T05:44:59.999999999+05:45"},
    {1767322985670000000, "2026-01-02T03:03:05.67Z", "2026-01-02T08:48:05.67+05:45"},
    {951782400500000000, "2000-02-29T00:00:00.5Z", "2000-02-29T05:45:00.5+05:45"},
    {INT64_MAX, "2262-04-11T23:47:16.854775807Z", "2262-04-12T05:32:16.854775807+05:45"},
    {INT64_MIN, "1677-09-21T00:12:43.145224192Z", "1677-09-21T05:57:43.145224192+05:45"},
};

static void assert_text(struct nb_buf *buf, const char *want)
{
    if (!nb_slice_is(nb_buf_slice(buf), want)) {
        fail_msg("got %.*s, want %s", NB_SLICE_ARGS(nb_buf_slice(buf)), want);
    }
    nb_buf_clear(buf);
}

static void wall_is_shown_as_rfc_3339(void **state NB_UNUSED)
{
    struct nb_buf buf;

    nb_buf_init(&buf, 64);
    setenv("TZ", "TEST-5:45", 1);
    tzset();
    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        nb_wall_format_utc((struct nb_wall){.ns = cases[i].ns}, &buf);
        assert_text(&buf, cases[i].utc);
        nb_wall_format_local((struct nb_wall){.ns = cases[i].ns}, &buf);
        assert_text(&buf, cases[i].local);
    }
    nb_buf_fini(&buf);
}

static void local_time_west_of_utc_and_in_utc(void **state NB_UNUSED)
{
    struct nb_buf buf;

    nb_buf_init(&buf, 64);
    setenv("TZ", "TEST3:30", 1);
    tzset();
    nb_wall_format_local((struct nb_wall){.ns = 0}, &buf);
    assert_text(&buf, "1969-12-31T20:30:00-03:30");
    setenv("TZ", "UTC0", 1);
    tzset();
    nb_wall_format_local((struct nb_wall){.ns = 0}, &buf);
    assert_text(&buf, "1970-01-01T00:00:00Z");
    nb_buf_fini(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mono_never_goes_back),
        cmocka_unit_test(wall_is_the_time_of_the_system),
        cmocka_unit_test(wall_is_shown_as_rfc_3339),
        cmocka_unit_test(local_time_west_of_utc_and_in_utc),
    };
    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
