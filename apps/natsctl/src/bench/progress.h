/* bench/progress.h - how far a run is: a bar on a terminal, lines elsewhere when asked for.
 *
 * On standard error, so that results stay clean. Threads: [main].
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct bench_progress {
    bool is_bar;          // standard error is a terminal, and a bar is wanted
    int64_t interval_ns;  // of lines; 0: none
    int64_t started_ns;   // monotonic
    int64_t next_line_ns; // when the next line is due
    uint64_t goal;        // messages; 0: unknown, then `duration_ns` counts
    int64_t duration_ns;
    uint64_t last_done; // at the last line
};

void bench_progress_start(struct bench_progress *progress, bool wants_bar, int64_t interval_ns,
                          uint64_t goal, int64_t duration_ns);
// Called a few times a second.
void bench_progress_show(struct bench_progress *progress, uint64_t done);
void bench_progress_end(struct bench_progress *progress); // clears the bar
