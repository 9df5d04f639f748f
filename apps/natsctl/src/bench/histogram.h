/* bench/histogram.h - latencies, counted so that three digits of each are kept (spec 12 section
 * 19.3).
 *
 * Log-linear cells from 1 ns to an hour; a longer one counts in the last cell and is flagged.
 * Recording allocates nothing. Threads: one at a time; each client has its own, merged later.
 */
#pragma once

#include <natsd/buf.h>

struct bench_histogram {
    uint64_t *cells; // BENCH_HISTOGRAM_CELLS
    uint64_t count;
    uint64_t min_ns;
    uint64_t max_ns;
    unsigned __int128 sum_ns;      // whole numbers: merged is the same as recorded at once
    unsigned __int128 sum_squares; // room for 2^40 latencies of an hour
    bool has_overflown;
};

enum {
    BENCH_HISTOGRAM_CELLS = 33 * 1024,
};
#define BENCH_HISTOGRAM_MAX_NS (UINT64_C(3600) * 1000000000) // of a cell of its own

void bench_histogram_init(struct bench_histogram *histogram);
void bench_histogram_fini(struct bench_histogram *histogram);
void bench_histogram_clear(struct bench_histogram *histogram);
void bench_histogram_record(struct bench_histogram *histogram, uint64_t ns);
void bench_histogram_merge(struct bench_histogram *into, const struct bench_histogram *from);

// The highest value of the cell where the percentile (0 to 100, nine decimals count) lies, capped
// by the maximum; 0 when empty.
uint64_t bench_histogram_percentile(const struct bench_histogram *histogram, double percent);
double bench_histogram_mean(const struct bench_histogram *histogram);   // ns; 0 when empty
double bench_histogram_stddev(const struct bench_histogram *histogram); // ns; 0 when empty
// The highest value that the cell stands for, capped by the maximum. Not of an empty histogram.
uint64_t bench_histogram_cell_ns(const struct bench_histogram *histogram, size_t cell);

// The usual percentile text (columns Value in us, Percentile, TotalCount, 1/(1-Percentile)).
NB_MUST_USE int bench_histogram_write_text(const struct bench_histogram *histogram,
                                           struct nb_buf *out);
// The cells as base64 of LEB128 pairs: distance to the last cell that was written (to cell 0 at
// first), count. Empty cells are left out.
NB_MUST_USE int bench_histogram_write_cells(const struct bench_histogram *histogram,
                                            struct nb_buf *out);
