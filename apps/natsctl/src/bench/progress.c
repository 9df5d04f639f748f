#include "bench/progress.h"

#include "value.h"

#include <natsd/clock.h>
#include <natsd/duration.h>

#include <math.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BAR_PERIOD_NS (NB_NS_PER_S / 4) // spec 12 section 9.4
#define RATE_MAX 1e18                   // of what fits 64 bits
#define ETA_MAX_S 3.2e9                 // a century: longer is no estimate

enum {
    COLUMNS_DEFAULT = 80,
    COLUMNS_MAX = 1000,
    TEXT_MAX_BYTES = 256,
    BAR_MIN_COLUMNS = 8, // between its brackets; a smaller one is left out
};

void bench_progress_start(struct bench_progress *progress, bool wants_bar, int64_t interval_ns,
                          uint64_t goal, int64_t duration_ns)
{
    int64_t now_ns = (int64_t)nb_mono_now().ns;

    *progress = (struct bench_progress){
        .is_bar = wants_bar && isatty(STDERR_FILENO) == 1,
        .interval_ns = interval_ns,
        .started_ns = now_ns,
        .next_line_ns = now_ns + interval_ns,
        .next_bar_ns = now_ns,
        .goal = goal,
        .duration_ns = duration_ns,
        .last_line_ns = now_ns,
    };
}

static bool has_end(const struct bench_progress *progress)
{
    return progress->goal > 0 || progress->duration_ns > 0;
}

// 0 to 1.
static double part_done(const struct bench_progress *progress, uint64_t done, int64_t now_ns)
{
    double part = 0;

    if (progress->goal > 0) {
        part = (double)done / (double)progress->goal;
    } else if (progress->duration_ns > 0) {
        part = (double)(now_ns - progress->started_ns) / (double)progress->duration_ns;
    }
    return fmin(fmax(part, 0), 1);
}

static uint64_t rate(uint64_t n, int64_t ns)
{
    double per_s = ns > 0 ? (double)n / ((double)ns / (double)NB_NS_PER_S) : 0;

    return (uint64_t)llround(fmin(per_s, RATE_MAX));
}

// "  ETA 3s" when it goes on as it did.
static void put_eta(const struct bench_progress *progress, uint64_t done, int64_t now_ns,
                    struct nb_buf *out)
{
    double part = part_done(progress, done, now_ns);
    double elapsed_s = (double)(now_ns - progress->started_ns) / (double)NB_NS_PER_S;
    double left_s = part > 0 ? ceil(elapsed_s * (1 - part) / part) : ETA_MAX_S;

    if (left_s < ETA_MAX_S) {
        nb_buf_must_text(out, "  ETA ");
        nb_uptime_format((int64_t)left_s * NB_NS_PER_S, out);
    }
}

static void put_numbers(const struct bench_progress *progress, uint64_t done, int64_t now_ns,
                        struct nb_buf *out)
{
    value_format_count(done, out);
    if (progress->goal > 0) {
        nb_buf_must_text(out, "/");
        value_format_count(progress->goal, out);
    }
    nb_buf_must_text(out, "  ");
    value_format_count(rate(done, now_ns - progress->started_ns), out);
    nb_buf_must_text(out, "/s");
    put_eta(progress, done, now_ns, out);
}

// " 45% [====>     ] ", as wide as `columns`; without brackets when there is no room for them.
static void put_gauge(double part, size_t columns, struct nb_buf *out)
{
    static const char head[] = "100% [";
    static const char tail[] = "] ";
    size_t frame = sizeof(head) - 1 + sizeof(tail) - 1;
    size_t room = columns > frame ? columns - frame : 0;
    size_t full = (size_t)(part * (double)room);

    nb_buf_must_format(out, "%3d%% ", (int)(part * 100));
    if (room < BAR_MIN_COLUMNS) {
        return;
    }
    nb_buf_must_text(out, "[");
    for (size_t i = 0; i < room; i++) {
        nb_buf_must_text(out, i < full ? "=" : i == full ? ">" : " ");
    }
    nb_buf_must_text(out, tail);
}

void bench_progress_put_bar(const struct bench_progress *progress, uint64_t done, int64_t now_ns,
                            unsigned columns, struct nb_buf *out)
{
    struct nb_buf numbers;
    struct nb_buf bar;
    size_t size;

    nb_buf_init(&numbers, TEXT_MAX_BYTES);
    nb_buf_init(&bar, COLUMNS_MAX + TEXT_MAX_BYTES);
    put_numbers(progress, done, now_ns, &numbers);
    size = nb_buf_slice(&numbers).n;
    columns = columns < COLUMNS_MAX ? columns : COLUMNS_MAX;
    if (has_end(progress)) {
        put_gauge(part_done(progress, done, now_ns), columns > size ? columns - size : 0, &bar);
    }
    nb_buf_must(&bar, nb_buf_slice(&numbers));
    nb_buf_must(out, nb_slice_sub(nb_buf_slice(&bar), 0, columns));
    nb_buf_fini(&bar);
    nb_buf_fini(&numbers);
}

void bench_progress_put_line(const struct bench_progress *progress, uint64_t done, int64_t now_ns,
                             struct nb_buf *out)
{
    uint64_t fresh = done > progress->last_done ? done - progress->last_done : 0;

    nb_buf_must_format(out, "%.1fs  ",
                       (double)(now_ns - progress->started_ns) / (double)NB_NS_PER_S);
    value_format_count(done, out);
    nb_buf_must_text(out, " messages  ");
    value_format_count(rate(fresh, now_ns - progress->last_line_ns), out);
    nb_buf_must_text(out, "/s");
    if (has_end(progress)) {
        nb_buf_must_format(out, "  %d%%", (int)(part_done(progress, done, now_ns) * 100));
    }
    put_eta(progress, done, now_ns, out);
    nb_buf_must_text(out, "\n");
}

// Nobody can be told when standard error does not work.
static void write_error(struct slice text)
{
    fwrite(text.p, 1, text.n, stderr);
}

static unsigned terminal_columns(void)
{
    struct winsize size = {.ws_col = 0};

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
        return COLUMNS_DEFAULT;
    }
    return size.ws_col < COLUMNS_MAX ? size.ws_col : COLUMNS_MAX;
}

// The last column stays free: some terminals go on to the next line after it. Spaces clear what
// was longer, on terminals that know no sequences, too.
static void put_over_last(struct slice text, unsigned columns, struct nb_buf *out)
{
    nb_buf_must_text(out, "\r");
    nb_buf_must(out, text);
    nb_buf_must_format(out, "%*s", (int)(columns - text.n), "");
}

static void draw(struct bench_progress *progress, uint64_t done, int64_t now_ns)
{
    unsigned columns = terminal_columns() - 1;
    struct nb_buf bar;
    struct nb_buf text;

    nb_buf_init(&bar, COLUMNS_MAX);
    nb_buf_init(&text, COLUMNS_MAX + 1);
    bench_progress_put_bar(progress, done, now_ns, columns, &bar);
    put_over_last(nb_buf_slice(&bar), columns, &text);
    write_error(nb_buf_slice(&text));
    nb_buf_fini(&text);
    nb_buf_fini(&bar);
    progress->is_drawn = true;
    progress->next_bar_ns = now_ns + BAR_PERIOD_NS;
}

static void clear(struct bench_progress *progress)
{
    struct nb_buf text;

    if (!progress->is_drawn) {
        return;
    }
    nb_buf_init(&text, COLUMNS_MAX + 2);
    put_over_last(NB_SLICE(""), terminal_columns() - 1, &text);
    nb_buf_must_text(&text, "\r");
    write_error(nb_buf_slice(&text));
    nb_buf_fini(&text);
    progress->is_drawn = false;
}

static void write_line(struct bench_progress *progress, uint64_t done, int64_t now_ns)
{
    struct nb_buf line;

    clear(progress);
    progress->next_bar_ns = now_ns; // back below the line
    nb_buf_init(&line, TEXT_MAX_BYTES);
    bench_progress_put_line(progress, done, now_ns, &line);
    write_error(nb_buf_slice(&line));
    nb_buf_fini(&line);
    progress->last_done = done;
    progress->last_line_ns = now_ns;
    progress->next_line_ns += progress->interval_ns;
    if (progress->next_line_ns <= now_ns) { // those that were missed are not made up for
        progress->next_line_ns = now_ns + progress->interval_ns;
    }
}

void bench_progress_show(struct bench_progress *progress, uint64_t done)
{
    int64_t now_ns = (int64_t)nb_mono_now().ns;

    if (progress->interval_ns > 0 && now_ns >= progress->next_line_ns) {
        write_line(progress, done, now_ns);
    }
    if (progress->is_bar && now_ns >= progress->next_bar_ns) {
        draw(progress, done, now_ns);
    }
}

void bench_progress_end(struct bench_progress *progress)
{
    clear(progress);
}
