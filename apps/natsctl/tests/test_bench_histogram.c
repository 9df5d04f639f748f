#include "bench/histogram.h"

#include "nb_test.h"

#include <natsd/base64.h>
#include <natsd/random.h>

#include <math.h>

#define HOUR_NS (UINT64_C(3600) * 1000 * 1000 * 1000)

enum {
    TEXT_ROOM = 1024 * 1024,
};

static void record_range(struct bench_histogram *histogram, uint64_t first, uint64_t last,
                         uint64_t step)
{
    for (uint64_t ns = first; ns <= last; ns += step) {
        bench_histogram_record(histogram, ns);
    }
}

static const struct {
    uint64_t ns;
    size_t cell;
    uint64_t reported;
} cells[] = {
    {0, 0, 0},
    {1, 1, 1},
    {1023, 1023, 1023},
    {1024, 1024, 1024},
    {2047, 2047, 2047},
    {2048, 2048, 2049},
    {2049, 2048, 2049},
    {2050, 2049, 2051},
    {4095, 3071, 4095},
    {4096, 3072, 4099},
    {1000000, 11169, 1000447},
    {HOUR_NS, 33420, UINT64_C(3601329422335)},
};

static void value_counts_in_its_cell(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(cells); i++) {
        struct bench_histogram histogram;

        bench_histogram_init(&histogram);
        bench_histogram_record(&histogram, cells[i].ns);
        bench_histogram_record(&histogram, HOUR_NS + 1); // the maximum caps only the hour's cell
        if (histogram.cells[cells[i].cell] != 1) {
            fail_msg("%llu is not in cell %zu", (unsigned long long)cells[i].ns, cells[i].cell);
        }
        if (cells[i].reported <= HOUR_NS) {
            assert_int_equal(bench_histogram_percentile(&histogram, 50), cells[i].reported);
        }
        bench_histogram_fini(&histogram);
    }
}

// The naive way to find a cell: all of them in order, each as wide as its doubling has it.
static void neighbouring_cells_leave_no_gap(void **state NB_UNUSED)
{
    struct bench_histogram histogram;
    uint64_t first = 0;

    bench_histogram_init(&histogram);
    histogram.max_ns = UINT64_MAX;
    for (size_t i = 0; i < BENCH_HISTOGRAM_CELLS && first <= HOUR_NS; i++) {
        uint64_t width = i < 2048 ? 1 : UINT64_C(1) << (i / 1024 - 1);
        uint64_t last = first + width - 1;

        assert_int_equal(bench_histogram_cell_ns(&histogram, i), last);
        bench_histogram_record(&histogram, first);
        assert_int_equal(histogram.cells[i], 1);
        if (last <= HOUR_NS) {
            bench_histogram_record(&histogram, last);
            assert_int_equal(histogram.cells[i], 2);
        }
        first = last + 1;
    }
    assert_true(first > HOUR_NS);
    assert_false(histogram.has_overflown);
    bench_histogram_fini(&histogram);
}

static void only_more_than_an_hour_is_flagged(void **state NB_UNUSED)
{
    struct bench_histogram histogram;

    bench_histogram_init(&histogram);
    bench_histogram_record(&histogram, 1);
    bench_histogram_record(&histogram, HOUR_NS);
    assert_false(histogram.has_overflown);
    assert_int_equal(histogram.min_ns, 1);
    assert_int_equal(bench_histogram_percentile(&histogram, 100), HOUR_NS);
    bench_histogram_record(&histogram, HOUR_NS + 1);
    assert_true(histogram.has_overflown);
    assert_int_equal(histogram.cells[BENCH_HISTOGRAM_CELLS - 1], 1);
    bench_histogram_record(&histogram, UINT64_MAX);
    assert_int_equal(histogram.cells[BENCH_HISTOGRAM_CELLS - 1], 2);
    assert_int_equal(bench_histogram_percentile(&histogram, 100), UINT64_MAX);
    bench_histogram_clear(&histogram);
    assert_false(histogram.has_overflown);
    assert_int_equal(histogram.count, 0);
    bench_histogram_fini(&histogram);
}

static void thousand_microseconds_have_their_percentiles(void **state NB_UNUSED)
{
    struct bench_histogram histogram;

    bench_histogram_init(&histogram);
    record_range(&histogram, 1000, 1000000, 1000);
    assert_in_range(bench_histogram_percentile(&histogram, 50), 500000, 500500);
    assert_int_equal(bench_histogram_percentile(&histogram, 100), 1000000);
    assert_int_equal(bench_histogram_percentile(&histogram, 0), 1000);
    assert_true(bench_histogram_mean(&histogram) == 500500);
    // sqrt((1000^2 - 1) / 12) us
    assert_true(fabs(bench_histogram_stddev(&histogram) - 288674.990257210) < 1e-6);
    bench_histogram_fini(&histogram);
}

static void assert_same(const struct bench_histogram *a, const struct bench_histogram *b)
{
    assert_memory_equal(a->cells, b->cells, BENCH_HISTOGRAM_CELLS * sizeof(*a->cells));
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->min_ns, b->min_ns);
    assert_int_equal(a->max_ns, b->max_ns);
    assert_true(a->sum_ns == b->sum_ns);
    assert_true(a->sum_squares == b->sum_squares);
    assert_int_equal(a->has_overflown, b->has_overflown);
}

static void merged_histograms_equal_one(void **state NB_UNUSED)
{
    struct bench_histogram one;
    struct bench_histogram merged;

    bench_histogram_init(&one);
    bench_histogram_init(&merged);
    record_range(&one, 1000, 1000000, 1000);
    bench_histogram_record(&one, 2 * HOUR_NS);
    for (uint64_t i = 4; i > 0; i--) { // the largest first, so that the minimum moves
        struct bench_histogram part;

        bench_histogram_init(&part);
        record_range(&part, 1000 * i, 1000000, 4000);
        if (i == 2) {
            bench_histogram_record(&part, 2 * HOUR_NS);
        }
        bench_histogram_merge(&merged, &part);
        bench_histogram_fini(&part);
    }
    assert_same(&one, &merged);
    bench_histogram_merge(&merged, &(struct bench_histogram){.count = 0});
    assert_same(&one, &merged);
    bench_histogram_fini(&merged);
    bench_histogram_fini(&one);
}

// 99.9 is a little more in binary; of a thousand it must not become the last one for that. Nor of
// a thousand times 2^50, where a double no longer holds the rank.
static void rank_of_a_percentile_is_exact(void **state NB_UNUSED)
{
    struct bench_histogram histogram;

    bench_histogram_init(&histogram);
    record_range(&histogram, 1, 1000, 1);
    for (unsigned doublings = 0; doublings <= 50; doublings++) {
        assert_int_equal(bench_histogram_percentile(&histogram, 99.9), 999);
        assert_int_equal(bench_histogram_percentile(&histogram, 99), 990);
        assert_int_equal(bench_histogram_percentile(&histogram, 50), 500);
        assert_int_equal(bench_histogram_percentile(&histogram, 8.3), 83);
        assert_int_equal(bench_histogram_percentile(&histogram, 0.1), 1);
        assert_int_equal(bench_histogram_percentile(&histogram, 0.11), 2);
        assert_int_equal(bench_histogram_percentile(&histogram, 99.91), 1000);
        bench_histogram_merge(&histogram, &histogram);
    }
    bench_histogram_fini(&histogram);
}

static void small_parts_of_a_percent_count(void **state NB_UNUSED)
{
    struct bench_histogram histogram;

    bench_histogram_init(&histogram);
    bench_histogram_record(&histogram, 1);
    for (unsigned doublings = 0; doublings < 30; doublings++) {
        bench_histogram_merge(&histogram, &histogram);
    }
    for (unsigned i = 0; i < 100; i++) {
        bench_histogram_record(&histogram, 2);
    }
    // The last hundred are 0.0000093 % of all.
    assert_int_equal(bench_histogram_percentile(&histogram, 99.999990), 1);
    assert_int_equal(bench_histogram_percentile(&histogram, 99.999991), 2);
    bench_histogram_fini(&histogram);
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

// Of any size up to an hour, all sizes alike.
static uint64_t any_latency(struct nb_random *random)
{
    uint64_t ns = nb_random_u64(random) >> (22 + nb_random_below(random, 42));

    return ns <= HOUR_NS ? ns : HOUR_NS;
}

static void percentiles_are_those_of_the_sorted_values(void **state NB_UNUSED)
{
    static const struct {
        double percent;
        uint64_t thousandths;
    } percents[] = {{0.001, 1},     {1, 1000},       {10, 10000},   {50, 50000},
                    {75, 75000},    {90, 90000},     {99, 99000},   {99.9, 99900},
                    {99.99, 99990}, {99.999, 99999}, {100, 100000}, {33.333, 33333}};
    enum { VALUES_MAX = 3000, ROUNDS = 50, SEED = 20240607 };
    uint64_t *values = test_malloc(VALUES_MAX * sizeof(*values));
    struct bench_histogram histogram;
    struct nb_random random;

    nb_random_init(&random, SEED);
    bench_histogram_init(&histogram);
    for (unsigned round = 0; round < ROUNDS; round++) {
        size_t n = 1 + nb_random_below(&random, VALUES_MAX);

        bench_histogram_clear(&histogram);
        for (size_t i = 0; i < n; i++) {
            values[i] = any_latency(&random);
            bench_histogram_record(&histogram, values[i]);
        }
        qsort(values, n, sizeof(*values), compare);
        for (size_t i = 0; i < NB_ARRAY_LEN(percents); i++) {
            uint64_t exact = values[(percents[i].thousandths * n + 99999) / 100000 - 1];
            uint64_t got = bench_histogram_percentile(&histogram, percents[i].percent);

            if (got < exact || got - exact > exact / 1000) {
                fail_msg("seed %d round %u: p%g is %llu, not %llu", SEED, round,
                         percents[i].percent, (unsigned long long)got, (unsigned long long)exact);
            }
        }
    }
    bench_histogram_fini(&histogram);
    test_free(values);
}

static void deviation_survives_a_large_mean(void **state NB_UNUSED)
{
    struct bench_histogram histogram;

    bench_histogram_init(&histogram);
    for (unsigned i = 0; i < 100001; i++) {
        bench_histogram_record(&histogram, HOUR_NS - 3);
        bench_histogram_record(&histogram, HOUR_NS);
    }
    assert_true(bench_histogram_stddev(&histogram) == 1.5);
    assert_true(bench_histogram_mean(&histogram) == (double)HOUR_NS - 1.5);
    bench_histogram_fini(&histogram);
}

static void assert_text(struct bench_histogram *histogram, const char *want)
{
    struct nb_buf out;

    nb_buf_init(&out, TEXT_ROOM);
    assert_int_equal(bench_histogram_write_text(histogram, &out), NB_OK);
    if (!nb_slice_is(nb_buf_slice(&out), want)) {
        fail_msg("got:\n%.*s\nwant:\n%s", NB_SLICE_ARGS(nb_buf_slice(&out)), want);
    }
    nb_buf_fini(&out);
}

#define HEAD "       Value     Percentile TotalCount 1/(1-Percentile)\n\n"

static void empty_histogram_is_all_zeros(void **state NB_UNUSED)
{
    struct bench_histogram histogram;
    struct nb_buf out;

    bench_histogram_init(&histogram);
    assert_int_equal(bench_histogram_percentile(&histogram, 0), 0);
    assert_int_equal(bench_histogram_percentile(&histogram, 100), 0);
    assert_true(bench_histogram_mean(&histogram) == 0);
    assert_true(bench_histogram_stddev(&histogram) == 0);
    assert_text(&histogram, HEAD "#[Mean    =        0.000, StdDeviation   =        0.000]\n"
                                 "#[Max     =        0.000, Total count    =            0]\n"
                                 "#[Buckets =           32, SubBuckets     =         2048]\n");
    nb_buf_init(&out, 8);
    assert_int_equal(bench_histogram_write_cells(&histogram, &out), NB_OK);
    assert_int_equal(nb_buf_slice(&out).n, 0);
    nb_buf_fini(&out);
    bench_histogram_fini(&histogram);
    bench_histogram_fini(&histogram);
}

static void text_is_the_usual_one(void **state NB_UNUSED)
{
    struct bench_histogram histogram;

    bench_histogram_init(&histogram);
    record_range(&histogram, 1000, 1003, 1);
    assert_text(&histogram, HEAD "       1.000 0.000000000000          1           1.00\n"
                                 "       1.000 0.100000000000          1           1.11\n"
                                 "       1.000 0.200000000000          1           1.25\n"
                                 "       1.001 0.300000000000          2           1.43\n"
                                 "       1.001 0.400000000000          2           1.67\n"
                                 "       1.001 0.500000000000          2           2.00\n"
                                 "       1.002 0.550000000000          3           2.22\n"
                                 "       1.002 0.600000000000          3           2.50\n"
                                 "       1.002 0.650000000000          3           2.86\n"
                                 "       1.002 0.700000000000          3           3.33\n"
                                 "       1.002 0.750000000000          3           4.00\n"
                                 "       1.003 0.775000000000          4           4.44\n"
                                 "       1.003 1.000000000000          4            inf\n"
                                 "#[Mean    =        1.002, StdDeviation   =        0.001]\n"
                                 "#[Max     =        1.003, Total count    =            4]\n"
                                 "#[Buckets =           32, SubBuckets     =         2048]\n");
    bench_histogram_fini(&histogram);
}

struct text_line {
    double value_us;
    double percentile;
    unsigned long long total;
    double inverse;
};

static void assert_line(const struct text_line *line, const struct text_line *last, uint64_t n)
{
    uint64_t value_ns = (uint64_t)llround(line->value_us * 1000);

    assert_true(line->value_us >= last->value_us);
    assert_true(line->percentile > last->percentile);
    // Recorded was each whole microsecond once.
    assert_int_equal(line->total, value_ns / 1000);
    assert_true((double)line->total >= line->percentile * (double)n - 1e-6);
    if (line->percentile < 1) {
        assert_true(fabs(line->inverse * (1 - line->percentile) - 1) < 0.01);
    } else {
        assert_true(isinf(line->inverse));
    }
}

static void text_says_how_many_are_below(void **state NB_UNUSED)
{
    enum { N = 100000 };
    struct bench_histogram histogram;
    struct text_line last = {.value_us = 0, .percentile = -1};
    struct nb_buf out;
    struct slice rest;
    struct slice line;
    unsigned lines = 0;

    bench_histogram_init(&histogram);
    record_range(&histogram, 1000, N * 1000, 1000);
    nb_buf_init(&out, TEXT_ROOM);
    assert_int_equal(bench_histogram_write_text(&histogram, &out), NB_OK);
    rest = nb_slice_sub(nb_buf_slice(&out), sizeof(HEAD) - 1, TEXT_ROOM);
    while (nb_slice_take_line(&rest, &line) && line.p[0] != '#') {
        struct text_line now;
        char *text = nb_slice_cstr(line);

        assert_int_equal(sscanf(text, "%lf %lf %llu %lf", &now.value_us, &now.percentile,
                                &now.total, &now.inverse),
                         4);
        nb_free(text);
        assert_line(&now, &last, N);
        last = now;
        lines++;
    }
    assert_true(last.percentile == 1);
    assert_int_equal(last.total, N);
    // Five for each halving until less is left than the last cell has (25), and the last.
    assert_in_range(lines, 51, 60);
    bench_histogram_fini(&histogram);
    nb_buf_fini(&out);
}

static uint64_t take_leb128(struct slice *rest)
{
    uint64_t value = 0;
    unsigned shift = 0;
    uint8_t byte;

    do {
        assert_true(rest->n > 0 && shift < 64);
        byte = rest->p[0];
        *rest = nb_slice_sub(*rest, 1, rest->n);
        value |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte >= 0x80);
    return value;
}

static void cells_are_read_back(void **state NB_UNUSED)
{
    uint64_t *back = test_calloc(BENCH_HISTOGRAM_CELLS, sizeof(*back));
    struct bench_histogram histogram;
    struct nb_random random;
    struct nb_buf text;
    struct nb_buf bytes;
    struct slice rest;
    size_t cell = 0;

    nb_random_init(&random, 7);
    bench_histogram_init(&histogram);
    nb_buf_init(&text, TEXT_ROOM);
    nb_buf_init(&bytes, TEXT_ROOM);
    record_range(&histogram, 0, 0, 1);
    for (unsigned i = 0; i < 5000; i++) {
        bench_histogram_record(&histogram, any_latency(&random));
    }
    for (unsigned i = 0; i < 300; i++) {
        bench_histogram_record(&histogram, 2 * HOUR_NS); // a count of two bytes, the last cell
    }
    assert_int_equal(bench_histogram_write_cells(&histogram, &text), NB_OK);
    assert_int_equal(nb_buf_slice(&text).n % 4, 0); // padded
    assert_int_equal(nauth_base64_decode(nb_buf_slice(&text), &bytes), NB_OK);
    rest = nb_buf_slice(&bytes);
    while (rest.n > 0) {
        cell += take_leb128(&rest);
        assert_true(cell < BENCH_HISTOGRAM_CELLS);
        back[cell] = take_leb128(&rest);
    }
    assert_memory_equal(back, histogram.cells, BENCH_HISTOGRAM_CELLS * sizeof(*back));
    bench_histogram_fini(&histogram);
    nb_buf_fini(&text);
    nb_buf_fini(&bytes);
    test_free(back);
}

static void cells_are_spelled_as_described(void **state NB_UNUSED)
{
    static const struct {
        const char *name;
        uint64_t ns;
        unsigned times;
        const char *want;
    } spelled[] = {
        {"cell 0 once: 00 01", 0, 1, "AAE="},
        {"cell 1000 200 times: e8 07 c8 01", 1000, 200, "6AfIAQ=="},
        {"cell 1023 once: ff 07 01", 1023, 1, "/wcB"},
        {"cell 124 62 times: 7c 3e", 124, 62, "fD4="},
        {"cell 2040 once: f8 0f 01", 2040, 1, "+A8B"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(spelled); i++) {
        struct bench_histogram histogram;
        struct nb_buf out;

        bench_histogram_init(&histogram);
        nb_buf_init(&out, 64);
        for (unsigned times = 0; times < spelled[i].times; times++) {
            bench_histogram_record(&histogram, spelled[i].ns);
        }
        assert_int_equal(bench_histogram_write_cells(&histogram, &out), NB_OK);
        if (!nb_slice_is(nb_buf_slice(&out), spelled[i].want)) {
            fail_msg("%s: %.*s", spelled[i].name, NB_SLICE_ARGS(nb_buf_slice(&out)));
        }
        nb_buf_fini(&out);
        bench_histogram_fini(&histogram);
    }
}

static size_t written(const struct bench_histogram *histogram, bool is_text, size_t room, int *rc)
{
    struct nb_buf out;
    size_t n;

    nb_buf_init(&out, room);
    *rc = is_text ? bench_histogram_write_text(histogram, &out)
                  : bench_histogram_write_cells(histogram, &out);
    n = nb_buf_slice(&out).n;
    nb_buf_fini(&out);
    return n;
}

static void every_smaller_room_is_refused(void **state NB_UNUSED)
{
    struct bench_histogram histogram;
    int rc;

    bench_histogram_init(&histogram);
    record_range(&histogram, 1, 5000, 997);
    for (unsigned is_text = 0; is_text < 2; is_text++) {
        size_t whole = written(&histogram, is_text > 0, TEXT_ROOM, &rc);

        assert_int_equal(rc, NB_OK);
        for (size_t room = 0; room < whole; room++) {
            written(&histogram, is_text > 0, room, &rc);
            assert_int_equal(rc, NB_ELIMIT);
        }
        assert_int_equal(written(&histogram, is_text > 0, whole, &rc), whole);
        assert_int_equal(rc, NB_OK);
    }
    bench_histogram_fini(&histogram);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(value_counts_in_its_cell),
        cmocka_unit_test(neighbouring_cells_leave_no_gap),
        cmocka_unit_test(only_more_than_an_hour_is_flagged),
        cmocka_unit_test(thousand_microseconds_have_their_percentiles),
        cmocka_unit_test(merged_histograms_equal_one),
        cmocka_unit_test(rank_of_a_percentile_is_exact),
        cmocka_unit_test(small_parts_of_a_percent_count),
        cmocka_unit_test(percentiles_are_those_of_the_sorted_values),
        cmocka_unit_test(deviation_survives_a_large_mean),
        cmocka_unit_test(empty_histogram_is_all_zeros),
        cmocka_unit_test(text_is_the_usual_one),
        cmocka_unit_test(text_says_how_many_are_below),
        cmocka_unit_test(cells_are_read_back),
        cmocka_unit_test(cells_are_spelled_as_described),
        cmocka_unit_test(every_smaller_room_is_refused),
    };
    return cmocka_run_group_tests_name("bench histogram", tests, NULL, NULL);
}
