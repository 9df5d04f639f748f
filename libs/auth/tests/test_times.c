#include "times.h"

#include <natsd/claims.h>

#include "civil_day.h"
#include "nb_test.h"
#include "zone.h"
#include "zone_rule.h"

#include <time.h>

// What date(1) says.
static void zones_are_as_far_from_utc_as_the_world_has_them(void **state NB_UNUSED)
{
    static const struct {
        const char *name;
        int64_t unix_s;
        int64_t offset_s;
    } cases[] = {
        {"UTC", 1700000000, 0},
        {"Etc/UTC", 1700000000, 0},
        {"Europe/Berlin", 1700000000, 3600}, // 2023-11-14
        {"Europe/Berlin", 1690000000, 7200}, // 2023-07-22
        {"Europe/Berlin", 1711846799, 3600}, // a second before summer time of 2024
        {"Europe/Berlin", 1711846800, 7200},
        {"Europe/Berlin", 1729990799, 7200}, // a second before its end
        {"Europe/Berlin", 1729990800, 3600},
        {"Europe/Berlin", 4087602000, 7200}, // 2099-07-13: by the rule
        {"Europe/Berlin", 4073500000, 3600}, // 2099-01-31
        {"America/New_York", 1700000000, -18000},
        {"America/New_York", 4087602000, -14400},
        {"Australia/Sydney", 1700000000, 39600}, // summer in the south
        {"Australia/Sydney", 4087602000, 36000},
        {"Asia/Kolkata", 1700000000, 19800},
        {"Asia/Tokyo", -1000000000, 32400},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        int64_t offset = -1;

        assert_int_equal(
            nauth__zone_offset_by_name(nb_slice_of(cases[i].name), cases[i].unix_s, &offset),
            NB_OK);
        if (offset != cases[i].offset_s) {
            fail_msg("%s at %lld: %lld", cases[i].name, (long long)cases[i].unix_s,
                     (long long)offset);
        }
    }
}

static void names_that_are_no_zones_are_not_found(void **state NB_UNUSED)
{
    static const char *const names[] = {
        "Nowhere/City",
        "/etc/passwd",
        "../../etc/passwd",
        "Europe/../UTC",
        "tzdata.zi",
        "Europe/Ber\nlin",
        "A/long/name/that/goes/on/and/on/and/on/and/on/and/on/and/on/on/on"};

    for (size_t i = 0; i < NB_ARRAY_LEN(names); i++) {
        int64_t offset = 7;

        assert_int_equal(nauth__zone_offset_by_name(nb_slice_of(names[i]), 0, &offset),
                         NB_ENOTFOUND);
        assert_int_equal(offset, 7);
    }
    assert_true(nauth__zone_offset_by_name(NB_SLICE("Europe"), 0, &(int64_t){0}) < 0); // a folder
}

#define HEADER(version, times, types)               \
    "TZif" version "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" \
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" times "\0\0\0" types "\0\0\0\1"
#define EMPTY_BLOCK         \
    HEADER("2", "\0", "\1") \
    "\0\0\0\0\0\0"          \
    "\0"

// One change at 2^32 s, from +1 h to +2 h, and no rule.
static const char small[] = EMPTY_BLOCK HEADER("2", "\1", "\2") "\0\0\0\1\0\0\0\0"
                                                                "\1"
                                                                "\0\0\x0E\x10\0\0"
                                                                "\0\0\x1C\x20\1\0"
                                                                "\0"
                                                                "\n\n";

static void zone_files_are_refused_when_cut_and_read_when_whole(void **state NB_UNUSED)
{
    struct nauth__zone zone;
    int64_t offset;

    for (size_t n = 0; n < sizeof(small) - 1; n++) {
        struct slice cut = nb_slice_dup(nb_slice_make(small, n));

        assert_int_equal(nauth__zone_parse(cut, &zone), NB_EMALFORMED);
        nb_slice_free(&cut);
    }
    assert_int_equal(nauth__zone_parse(nb_slice_make(small, sizeof(small) - 1), &zone), NB_OK);
    assert_int_equal(nauth__zone_offset(&zone, 0, &offset), NB_OK);
    assert_int_equal(offset, 3600);
    assert_int_equal(nauth__zone_offset(&zone, INT64_C(1) << 32, &offset), NB_OK);
    assert_int_equal(offset, 7200);
}

static void zone_rules_are_those_of_posix(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        int64_t unix_s;
        int64_t offset_s; // -1: refused
    } cases[] = {
        {"UTC0", 0, 0},
        {"<+0330>-3:30", 0, 12600},
        {"XYZ5:30:15", 0, -19815},
        {"CET-1CEST,M3.5.0,M10.5.0/3", 1690000000, 7200},
        {"AAA0BBB-2,J60/0,J61/0", 1709251200, 7200}, // 2024-03-01: J60 in a leap year, too
        {"AAA0BBB-2,59/0,60/0", 1709164800, 7200},   // 2024-02-29: the 60th day
        {"AAA0BBB-2,59/0,60/0", 1709251200, 0},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1690000000, -3600},
        {"", 0, -1},
        {"UTC", 0, -1},
        {"U", 0, -1},
        {"<>0", 0, -1},
        {"<A0", 0, -1},
        {"A0B", 0, -1},
        {"A0B,", 0, -1},
        {"A0B,M3.5.0", 0, -1},
        {"A0B,M13.5.0,J1", 0, -1},
        {"A0B,M0.5.0,J1", 0, -1},
        {"A0B,M1.6.0,J1", 0, -1},
        {"A0B,M1.0.0,J1", 0, -1},
        {"A0B,M1.1.7,J1", 0, -1},
        {"A0B,J0,J1", 0, -1},
        {"A0B,J366,J1", 0, -1},
        {"A0B,1/168,2", 0, -1},
        {"A0B,1,2x", 0, -1},
        {"A99999999999999999999", 0, -1},
        {"A1:60", 0, -1},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct slice copy = nb_slice_dup(nb_slice_of(cases[i].text));
        struct nauth__zone_rule rule;
        int rc = nauth__zone_rule_parse(copy, &rule);

        assert_int_equal(rc, cases[i].offset_s == -1 ? NB_EMALFORMED : NB_OK);
        if (rc == NB_OK && nauth__zone_rule_offset(&rule, cases[i].unix_s) != cases[i].offset_s) {
            fail_msg("%s: %lld", cases[i].text,
                     (long long)nauth__zone_rule_offset(&rule, cases[i].unix_s));
        }
        nb_slice_free(&copy);
    }
}

static void days_and_years_belong_together(void **state NB_UNUSED)
{
    assert_int_equal(nauth__civil_day(1970, 1, 1), 0);
    assert_int_equal(nauth__civil_day(2000, 2, 29), 11016);
    assert_int_equal(nauth__civil_day(1969, 12, 31), -1);
    for (int64_t year = 1600; year < 2500; year++) {
        assert_int_equal(nauth__civil_year(nauth__civil_day(year, 1, 1)), year);
        assert_int_equal(nauth__civil_year(nauth__civil_day(year, 1, 1) - 1), year - 1);
    }
    assert_int_equal(nauth__day_of(-1), -1);
    assert_int_equal(nauth__day_of(86400), 1);
}

static void times_of_the_day_have_three_parts(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        int64_t second; // -1: refused
    } cases[] = {
        {"00:00:00", 0},    {"23:59:59", 86399},
        {"8:01:02", 28862}, {"08:01:02.5", 28862},
        {"24:00:00", -1},   {"00:60:00", -1},
        {"00:00:60", -1},   {"0:0:0", -1},
        {"00:00", -1},      {"", -1},
        {":00:00", -1},     {"008:00:00", -1},
        {"00:00:00x", -1},  {"00:00:00.", -1},
        {"-1:00:00", -1},   {"00:00:0", -1},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        int64_t second = -1;

        assert_int_equal(nauth__time_of_day(nb_slice_of(cases[i].text), &second),
                         cases[i].second == -1 ? NB_EMALFORMED : NB_OK);
        assert_int_equal(second, cases[i].second);
    }
}

#define RANGE(a, b) ((struct nauth_time_range){NB_SLICE(a), NB_SLICE(b)})
#define AT(h, m, s) (1699920000 + (h)*3600 + (m)*60 + (s)) // of 2023-11-14, UTC

static void ranges_are_open_at_both_ends(void **state NB_UNUSED)
{
    static const struct {
        const char *start, *end;
        const char *zone;
        int64_t now;
        int64_t left; // 0: not allowed
    } cases[] = {
        {"08:00:00", "09:00:00", "UTC", AT(8, 30, 0), 1800},
        {"08:00:00", "09:00:00", "UTC", AT(8, 0, 0), 0},
        {"08:00:00", "09:00:00", "UTC", AT(8, 0, 1), 3599},
        {"08:00:00", "09:00:00", "UTC", AT(9, 0, 0), 0},
        {"08:00:00", "08:00:00", "UTC", AT(8, 0, 0), 0},
        {"22:00:00", "02:00:00", "UTC", AT(1, 0, 0), 3600},
        {"22:00:00", "02:00:00", "UTC", AT(23, 0, 0), 3 * 3600},
        {"22:00:00", "02:00:00", "UTC", AT(12, 0, 0), 0},
        {"08:00:00", "09:00:00", "Europe/Berlin", AT(7, 30, 0), 1800},
        {"08:00:00", "09:00:00", "Europe/Berlin", AT(8, 30, 0), 0},
        {"00:10:00", "01:00:00", "Europe/Berlin", AT(23, 30, 0), 1800}, // tomorrow there
        {"08:00:00", "09:00:00", "Nowhere", AT(8, 30, 0), 0},
        {"x", "09:00:00", "UTC", AT(8, 30, 0), 0},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        const struct nauth_time_range range = {nb_slice_of(cases[i].start),
                                               nb_slice_of(cases[i].end)};
        const struct nauth_user_limits limits = {
            .times = &range, .time_count = 1, .times_location = nb_slice_of(cases[i].zone)};
        int64_t left = 0;
        bool is_allowed = nauth_times_allow(&limits, cases[i].now, &left);

        if (is_allowed != (cases[i].left > 0) || left != cases[i].left) {
            fail_msg("%zu: %lld", i, (long long)left);
        }
    }
}

static void the_longest_of_several_ranges_counts(void **state NB_UNUSED)
{
    const struct nauth_time_range ranges[] = {RANGE("08:00:00", "09:00:00"),
                                              RANGE("08:00:00", "10:00:00"),
                                              RANGE("01:00:00", "02:00:00")};
    struct nauth_user_limits limits = {
        .times = ranges, .time_count = 3, .times_location = NB_SLICE("UTC")};
    int64_t left;

    assert_true(nauth_times_allow(&limits, AT(8, 30, 0), &left));
    assert_int_equal(left, 5400);
    limits.time_count = 0;
    assert_true(nauth_times_allow(&limits, AT(8, 30, 0), &left));
    assert_true(left == INT64_MAX);
}

static void the_local_zone_is_that_of_the_process(void **state NB_UNUSED)
{
    const struct nauth_time_range range = RANGE("00:00:00", "23:59:59");
    const struct nauth_user_limits limits = {.times = &range, .time_count = 1};
    time_t now = 1700000000;
    struct tm local;
    int64_t left;

    localtime_r(&now, &local);
    assert_true(nauth_times_allow(&limits, now, &left));
    assert_int_equal(left, 86399 - (local.tm_hour * 3600 + local.tm_min * 60 + local.tm_sec));
}

static void sources_are_networks_of_both_families(void **state NB_UNUSED)
{
    static const struct {
        const char *src[2];
        const char *host;
        bool is_allowed;
    } cases[] = {
        {{NULL}, "", true},
        {{"10.0.0.0/8"}, "10.1.2.3", true},
        {{"10.0.0.0/8"}, "11.1.2.3", false},
        {{"10.0.0.0/8"}, "::ffff:10.1.2.3", true},
        {{"10.0.0.0/8"}, "", false},
        {{"10.0.0.0/8"}, "localhost", false},
        {{"10.1.2.3/32"}, "10.1.2.3", true},
        {{"10.1.2.2/31"}, "10.1.2.3", true},
        {{"10.1.2.0/31"}, "10.1.2.3", false},
        {{"0.0.0.0/0"}, "10.1.2.3", true},
        {{"0.0.0.0/0"}, "::1", false},
        {{"::/0"}, "10.1.2.3", false},
        {{"::/0"}, "fe80::1", true},
        {{"::1/128"}, "::1", true},
        {{"2001:db8::/33"}, "2001:db8:7fff::1", true},
        {{"2001:db8::/33"}, "2001:db8:8000::1", false},
        {{"x", "10.0.0.0/8"}, "10.1.2.3", false},
        {{"10.0.0.0/8", "x"}, "10.1.2.3", true},
        {{"10.0.0.0"}, "10.0.0.0", false},
        {{"10.0.0.0/33"}, "10.0.0.0", false},
        {{"10.0.0.0/-1"}, "10.0.0.0", false},
        {{"10.0.0.0/"}, "10.0.0.0", false},
        {{"::1/129"}, "::1", false},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct slice items[2] = {nb_slice_of(cases[i].src[0]), nb_slice_of(cases[i].src[1])};
        const struct nauth_texts src = {items, (size_t)(cases[i].src[0] != NULL) +
                                                   (cases[i].src[1] != NULL)};

        if (nauth_src_allows(&src, nb_slice_of(cases[i].host)) != cases[i].is_allowed) {
            fail_msg("%s from %s", cases[i].src[0], cases[i].host);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zones_are_as_far_from_utc_as_the_world_has_them),
        cmocka_unit_test(names_that_are_no_zones_are_not_found),
        cmocka_unit_test(zone_files_are_refused_when_cut_and_read_when_whole),
        cmocka_unit_test(zone_rules_are_those_of_posix),
        cmocka_unit_test(days_and_years_belong_together),
        cmocka_unit_test(times_of_the_day_have_three_parts),
        cmocka_unit_test(ranges_are_open_at_both_ends),
        cmocka_unit_test(the_longest_of_several_ranges_counts),
        cmocka_unit_test(the_local_zone_is_that_of_the_process),
        cmocka_unit_test(sources_are_networks_of_both_families),
    };
    return cmocka_run_group_tests_name("times", tests, NULL, NULL);
}
