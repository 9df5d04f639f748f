/* natsd/duration.h - lengths of time as text: "1h30m", "250ms", "1.5s". Threads: [any].
 * Grammar and texts of errors as spec 02 section 3.3 gives them.
 */
#pragma once

#include <natsd/buf.h>

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Optional sign, then one or more <decimal><unit>, units ns us µs μs ms s m h; "0" alone.
// NB_EMALFORMED with a text in diag: `time: invalid duration "x"`,
// `time: missing unit in duration "x"`, `time: unknown unit "u" in duration "x"`.
NB_MUST_USE int nb_duration_parse(struct slice text, int64_t *ns, struct nb_diag *diag);

// The shortest form with units: "2m0s", "1.5s", "100ms", "1h0m0s", "0s", "-3s".
void nb_duration_format(int64_t ns, struct nb_buf *out);

// Uptime: "1y2d3h4m5s" from the largest unit that is not zero down to seconds.
void nb_uptime_format(int64_t ns, struct nb_buf *out);

#ifdef __cplusplus
}
#endif
