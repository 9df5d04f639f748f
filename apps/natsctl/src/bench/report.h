/* bench/report.h - a result as a table, JSON, CSV and percentile text (spec 12 section 19.4).
 *
 * What is appended ends with a line end. Threads: [main].
 * Errors: NB_ELIMIT when `out` is full; what it has then is of no use.
 */
#pragma once

#include "bench/result.h"

enum {
    BENCH_REPORT_CLIENTS_MAX = 16, // of which the table has rows without being asked
};

// On standard output. Rows of single clients only when there are few, or with `is_verbose`.
void bench_report_table(const struct bench_result *result, bool is_verbose);
// One document with "clients" and "total"; where there are two roles (pubsub), "totals" has an
// object for each ("publisher", "subscriber", ...) and "total" is the receiving side's.
NB_MUST_USE int bench_report_json(const struct bench_result *result, bool has_cells,
                                  struct nb_buf *out);
NB_MUST_USE int bench_report_csv(const struct bench_result *result, struct nb_buf *out);
// The receiving side's latencies.
NB_MUST_USE int bench_report_hdr(const struct bench_result *result, struct nb_buf *out);
