/* bench/progress.h - how far a run is: a bar on a terminal, lines when asked for.
 *
 * On standard error, so that results stay clean (spec 12 section 9.4). Threads: [main].
 */
#pragma once

#include <natsd/buf.h>

struct bench_progress {
    bool is_bar;          // standard error is a terminal, and a bar is wanted
    bool is_drawn;        // there is a bar to clear
    int64_t interval_ns;  // of lines; 0: none
    int64_t started_ns;   // monotonic
    int64_t next_line_ns; // when the next line is due
    int64_t next_bar_ns;  // when the bar may be drawn again
    uint64_t goal;        // messages; 0: unknown, then `duration_ns` counts
    int64_t duration_ns;
    uint64_t last_done;   // at the last line
    int64_t last_line_ns; // when that was
};

void bench_progress_start(struct bench_progress *progress, bool wants_bar, int64_t interval_ns,
                          uint64_t goal, int64_t duration_ns);
// Called a few times a second.
void bench_progress_show(struct bench_progress *progress, uint64_t done);
void bench_progress_end(struct bench_progress *progress); // clears the bar

// Their texts at a time, appended: a bar of at most so many columns, in ASCII, and a line with its
// end, whose rate is that since the last one.
void bench_progress_put_bar(const struct bench_progress *progress, uint64_t done, int64_t now_ns,
                            unsigned columns, struct nb_buf *out);
void bench_progress_put_line(const struct bench_progress *progress, uint64_t done, int64_t now_ns,
                             struct nb_buf *out);
