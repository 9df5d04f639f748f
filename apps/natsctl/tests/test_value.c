#include "value.h"

#include "nb_test.h"

#include <natsd/clock.h>

static const struct {
    const char *text;
    int want;
    int64_t ns;
} durations[] = {
    {"0", NB_OK, 0},
    {"1s", NB_OK, NB_NS_PER_S},
    {"1ns", NB_OK, 1},
    {"5us", NB_OK, 5000},
    {"5\xc2\xb5s", NB_OK, 5000},
    {"5\xce\xbcs", NB_OK, 5000},
    {"250ms", NB_OK, 250 * NB_NS_PER_MS},
    {"1.5s", NB_OK, 1500 * NB_NS_PER_MS},
    {".5s", NB_OK, 500 * NB_NS_PER_MS},
    {"1m", NB_OK, 60 * NB_NS_PER_S},
    {"1d3h5m2s", NB_OK, 97502 * NB_NS_PER_S},
    {"1w", NB_OK, 604800 * NB_NS_PER_S},
    {"1W", NB_OK, 604800 * NB_NS_PER_S},
    {"1D", NB_OK, 86400 * NB_NS_PER_S},
    {"1M", NB_OK, 30 * 86400 * NB_NS_PER_S},
    {"1y", NB_OK, 365 * 86400 * NB_NS_PER_S},
    {"-5m", NB_OK, -300 * NB_NS_PER_S},
    {"+5m", NB_OK, 300 * NB_NS_PER_S},
    {"", NB_EMALFORMED, 0},
    {"-", NB_EMALFORMED, 0},
    {"5", NB_EMALFORMED, 0},
    {"5x", NB_EMALFORMED, 0},
    {"s", NB_EMALFORMED, 0},
    {"1s ", NB_EMALFORMED, 0},
    {" 1s", NB_EMALFORMED, 0},
    {"1.2.3s", NB_EMALFORMED, 0},
    {".s", NB_EMALFORMED, 0},
    {"--1s", NB_EMALFORMED, 0},
    {"1e3s", NB_EMALFORMED, 0},
    {"300y", NB_ERANGE, 0},
};

static void duration_is_read(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(durations); i++) {
        struct slice exact = nb_slice_dup(nb_slice_of(durations[i].text));
        int64_t ns = 0;
        int rc = value_duration(exact, &ns);

        if (rc != durations[i].want || ns != durations[i].ns) {
            fail_msg("\"%s\": %d %lld", durations[i].text, rc, (long long)ns);
        }
        nb_slice_free(&exact);
    }
}

static void header_is_split_at_its_first_colon(void **state NB_UNUSED)
{
    struct slice key;
    struct slice value;

    assert_int_equal(value_header(NB_SLICE(" A : b:c "), &key, &value), NB_OK);
    assert_true(nb_slice_is(key, "A"));
    assert_true(nb_slice_is(value, "b:c"));
    assert_int_equal(value_header(NB_SLICE("A:"), &key, &value), NB_OK);
    assert_int_equal(value.n, 0);
    assert_int_equal(value_header(NB_SLICE("A"), &key, &value), NB_EMALFORMED);
    assert_int_equal(value_header(NB_SLICE(":b"), &key, &value), NB_EMALFORMED);
    assert_int_equal(value_header(NB_SLICE(""), &key, &value), NB_EMALFORMED);
}

static void assert_text(struct nb_buf *buf, const char *want)
{
    if (!nb_slice_is(nb_buf_slice(buf), want)) {
        fail_msg("got \"%.*s\", want \"%s\"", NB_SLICE_ARGS(nb_buf_slice(buf)), want);
    }
    nb_buf_clear(buf);
}

static void values_are_shown_for_people(void **state NB_UNUSED)
{
    struct nb_buf buf;

    nb_buf_init(&buf, 256);
    value_format_duration(350400, &buf);
    assert_text(&buf, "350\xc2\xb5s");
    value_format_duration(12 * NB_NS_PER_MS, &buf);
    assert_text(&buf, "12ms");
    value_format_duration(2500 * NB_NS_PER_MS, &buf);
    assert_text(&buf, "2.50s");
    value_format_duration(65 * NB_NS_PER_S, &buf);
    assert_text(&buf, "1m5s");
    value_format_bytes(12, &buf);
    assert_text(&buf, "12 B");
    value_format_bytes(1536, &buf);
    assert_text(&buf, "1.5 KiB");
    value_format_bytes(20 * 1024 * 1024, &buf);
    assert_text(&buf, "20 MiB");
    value_format_bytes(UINT64_MAX, &buf);
    assert_text(&buf, "16 EiB");
    nb_buf_fini(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(duration_is_read),
        cmocka_unit_test(header_is_split_at_its_first_colon),
        cmocka_unit_test(values_are_shown_for_people),
    };
    return cmocka_run_group_tests_name("value", tests, NULL, NULL);
}
