#include "bench/histogram.h"

#include <natsd/base64.h>

#include <assert.h>
#include <math.h>
#include <stdio.h>

enum {
    BUCKETS = 32,       // doublings, the first with 2048 cells of its own
    SUB_BUCKETS = 2048, // as others count them: of each only the upper half is used
    STEPS_PER_HALF = 5, // lines for each halving of what is left to 100 %
    LINE_MAX_BYTES = 160,
    LEB128_MAX_BYTES = 10,
};

static double us(double ns)
{
    return ns / 1000;
}

// Walks up the cells, from rank to rank.
struct walk {
    const struct bench_histogram *histogram;
    size_t cell;
    uint64_t seen; // up to this cell, with it
};

static void walk_to(struct walk *walk, uint64_t rank)
{
    while (walk->seen < rank) {
        walk->cell++;
        walk->seen += walk->histogram->cells[walk->cell];
    }
}

static int write_line(const struct walk *walk, double left, struct nb_buf *out)
{
    char line[LINE_MAX_BYTES];
    double value = us((double)bench_histogram_cell_ns(walk->histogram, walk->cell));
    int n = snprintf(line, sizeof(line), "%12.3f %14.12f %10llu %14.2f\n", value, 1 - left,
                     (unsigned long long)walk->seen, left > 0 ? 1 / left : INFINITY);

    return nb_buf_append(out, nb_slice_make(line, (size_t)n));
}

// The line of step `step` after `halvings`: `left` is (10 - step) / (10 * 2^halvings).
static int write_step(struct walk *walk, unsigned halvings, unsigned step, struct nb_buf *out)
{
    const unsigned __int128 whole = (unsigned __int128)(2 * STEPS_PER_HALF) << halvings;
    unsigned parts = 2 * STEPS_PER_HALF - step;
    uint64_t count = walk->histogram->count;
    uint64_t rank = count - (uint64_t)(parts * (unsigned __int128)count / whole);

    walk_to(walk, rank > 0 ? rank : 1);
    return write_line(walk, parts / (double)whole, out);
}

static int write_lines(const struct bench_histogram *histogram, struct nb_buf *out)
{
    struct walk walk = {.histogram = histogram, .seen = histogram->cells[0]};
    bool is_last = false;
    int rc = NB_OK;

    for (unsigned i = 0; !is_last && rc == NB_OK; i++) {
        rc = write_step(&walk, i / STEPS_PER_HALF, i % STEPS_PER_HALF, out);
        is_last = walk.seen == histogram->count;
    }
    return rc == NB_OK ? write_line(&walk, 0, out) : rc;
}

static int write_footer(const struct bench_histogram *histogram, struct nb_buf *out)
{
    char text[4 * LINE_MAX_BYTES];
    int n = snprintf(text, sizeof(text),
                     "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n"
                     "#[Max     = %12.3f, Total count    = %12llu]\n"
                     "#[Buckets = %12d, SubBuckets     = %12d]\n",
                     us(bench_histogram_mean(histogram)), us(bench_histogram_stddev(histogram)),
                     us((double)histogram->max_ns), (unsigned long long)histogram->count, BUCKETS,
                     SUB_BUCKETS);

    return nb_buf_append(out, nb_slice_make(text, (size_t)n));
}

int bench_histogram_write_text(const struct bench_histogram *histogram, struct nb_buf *out)
{
    int rc =
        nb_buf_append(out, NB_SLICE("       Value     Percentile TotalCount 1/(1-Percentile)\n\n"));

    if (rc == NB_OK && histogram->count > 0) {
        rc = write_lines(histogram, out);
    }
    return rc == NB_OK ? write_footer(histogram, out) : rc;
}

static void put_leb128(struct nb_buf *out, uint64_t value)
{
    do {
        uint8_t byte = value & 0x7f;

        value >>= 7;
        byte = value > 0 ? byte | 0x80 : byte;
        nb_buf_must(out, nb_slice_make(&byte, 1));
    } while (value > 0);
}

static void put_pairs(const struct bench_histogram *histogram, struct nb_buf *out)
{
    size_t last = 0;

    for (size_t i = 0; i < BENCH_HISTOGRAM_CELLS && histogram->count > 0; i++) {
        if (histogram->cells[i] > 0) {
            put_leb128(out, i - last);
            put_leb128(out, histogram->cells[i]);
            last = i;
        }
    }
}

// From the alphabet of URLs without padding to the usual one, which every reader knows.
static int append_usual_base64(struct slice url_form, struct nb_buf *out)
{
    static const char padding[] = "==";
    size_t missing = (4 - url_form.n % 4) % 4;
    uint8_t *p;
    int rc = nb_buf_reserve(out, url_form.n + missing, &p);

    assert(missing < sizeof(padding));
    if (rc != NB_OK) {
        return rc;
    }
    for (size_t i = 0; i < url_form.n; i++) {
        uint8_t digit = url_form.p[i];

        p[i] = digit == '-' ? '+' : digit == '_' ? '/' : digit;
    }
    memcpy(p + url_form.n, padding, missing);
    nb_buf_commit(out, url_form.n + missing);
    return NB_OK;
}

int bench_histogram_write_cells(const struct bench_histogram *histogram, struct nb_buf *out)
{
    struct nb_buf pairs;
    struct nb_buf text;
    int rc;

    nb_buf_init(&pairs, (size_t)BENCH_HISTOGRAM_CELLS * 2 * LEB128_MAX_BYTES);
    nb_buf_init(&text, (size_t)BENCH_HISTOGRAM_CELLS * 4 * LEB128_MAX_BYTES);
    put_pairs(histogram, &pairs);
    rc = nauth_base64url_encode(nb_buf_slice(&pairs), &text);
    if (rc == NB_OK) {
        rc = append_usual_base64(nb_buf_slice(&text), out);
    }
    nb_buf_fini(&pairs);
    nb_buf_fini(&text);
    return rc;
}
