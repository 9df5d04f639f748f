#include "bench/histogram.h"

#include <assert.h>
#include <math.h>

// A value keeps its eleven highest bits: below 2048 it is its own cell, above that 1024 cells
// cover each doubling.
enum {
    SUB_BITS = 10,
    LAST_CELL = BENCH_HISTOGRAM_CELLS - 1,
};

// Percentages are taken as whole numbers of this part of a percent: 99.9 has no exact double, and
// the little that it is too large would be the next rank.
#define PARTS_PER_PERCENT UINT64_C(1000000000)

static_assert((BENCH_HISTOGRAM_MAX_NS >> (BENCH_HISTOGRAM_CELLS / 1024 - 2)) < 2048,
              "an hour has a cell");

void bench_histogram_init(struct bench_histogram *histogram)
{
    *histogram = (struct bench_histogram){
        .cells = nb_calloc(BENCH_HISTOGRAM_CELLS, sizeof(*histogram->cells)),
    };
}

void bench_histogram_fini(struct bench_histogram *histogram)
{
    nb_free(histogram->cells);
    *histogram = (struct bench_histogram){.cells = NULL};
}

void bench_histogram_clear(struct bench_histogram *histogram)
{
    uint64_t *cells = histogram->cells;

    if (histogram->count == 0) {
        return; // untouched pages are no memory yet: a thousand clients have 270 MB of cells
    }
    memset(cells, 0, BENCH_HISTOGRAM_CELLS * sizeof(*cells));
    *histogram = (struct bench_histogram){.cells = cells};
}

static size_t cell_of(uint64_t ns)
{
    // The lowest bit set in addition changes nothing above 2047 and keeps zero from clz.
    unsigned log2 = 63U - (unsigned)__builtin_clzll(ns | 1);
    unsigned shift = log2 > SUB_BITS ? log2 - SUB_BITS : 0;

    return ((size_t)shift << SUB_BITS) + (size_t)(ns >> shift);
}

// hot: once per message; no malloc, no lock, no floating point
void bench_histogram_record(struct bench_histogram *histogram, uint64_t ns)
{
    bool is_over = ns > BENCH_HISTOGRAM_MAX_NS;

    histogram->cells[is_over ? LAST_CELL : cell_of(ns)]++;
    histogram->has_overflown |= is_over;
    if (histogram->count == 0 || ns < histogram->min_ns) {
        histogram->min_ns = ns;
    }
    if (ns > histogram->max_ns) {
        histogram->max_ns = ns;
    }
    histogram->count++;
    histogram->sum_ns += ns;
    histogram->sum_squares += (unsigned __int128)ns * ns;
}

void bench_histogram_merge(struct bench_histogram *into, const struct bench_histogram *from)
{
    if (from->count == 0) {
        return;
    }
    for (size_t i = 0; i < BENCH_HISTOGRAM_CELLS; i++) {
        into->cells[i] += from->cells[i];
    }
    if (into->count == 0 || from->min_ns < into->min_ns) {
        into->min_ns = from->min_ns;
    }
    if (from->max_ns > into->max_ns) {
        into->max_ns = from->max_ns;
    }
    into->has_overflown |= from->has_overflown;
    into->count += from->count;
    into->sum_ns += from->sum_ns;
    into->sum_squares += from->sum_squares;
}

uint64_t bench_histogram_cell_ns(const struct bench_histogram *histogram, size_t cell)
{
    size_t shift = cell >> SUB_BITS > 0 ? (cell >> SUB_BITS) - 1 : 0;
    uint64_t sub = cell - (shift << SUB_BITS);
    uint64_t last = ((sub + 1) << shift) - 1;

    // What was too long for a cell of its own has no other bound than the maximum.
    if ((cell == LAST_CELL && histogram->has_overflown) || last > histogram->max_ns) {
        return histogram->max_ns;
    }
    return last;
}

// ceil(percent / 100 * count), at least 1, without rounding.
static uint64_t rank_of(double percent, uint64_t count)
{
    const unsigned __int128 whole = 100 * PARTS_PER_PERCENT;
    unsigned __int128 parts = (uint64_t)llround(percent * (double)PARTS_PER_PERCENT);
    uint64_t rank = (uint64_t)((parts * count + whole - 1) / whole);

    return rank > 0 ? rank : 1;
}

uint64_t bench_histogram_percentile(const struct bench_histogram *histogram, double percent)
{
    uint64_t seen = 0;
    uint64_t rank;

    assert(percent >= 0 && percent <= 100);
    if (histogram->count == 0) {
        return 0;
    }
    rank = rank_of(percent, histogram->count);
    for (size_t i = 0; i < BENCH_HISTOGRAM_CELLS; i++) {
        seen += histogram->cells[i];
        if (seen >= rank) {
            return bench_histogram_cell_ns(histogram, i);
        }
    }
    NB_UNREACHABLE("the cells have all that was counted");
}

double bench_histogram_mean(const struct bench_histogram *histogram)
{
    if (histogram->count == 0) {
        return 0;
    }
    return (double)histogram->sum_ns / (double)histogram->count;
}

// Around the whole part of the mean, in whole numbers: the squares of latencies that differ little
// would leave nothing of the difference in a double. What passes 128 bits on the way comes back.
double bench_histogram_stddev(const struct bench_histogram *histogram)
{
    unsigned __int128 count = histogram->count;
    unsigned __int128 middle;
    unsigned __int128 squares;
    double rest;

    if (count == 0) {
        return 0;
    }
    middle = histogram->sum_ns / count;
    squares = histogram->sum_squares - 2 * middle * histogram->sum_ns + count * middle * middle;
    rest = (double)(histogram->sum_ns - middle * count) / (double)count;
    return sqrt(fmax(0, (double)squares / (double)count - rest * rest));
}
