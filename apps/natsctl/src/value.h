/* value.h - values of options as text (spec 12 section 1). Threads: [any].
 * Errors: NB_EMALFORMED, NB_ERANGE.
 */
#pragma once

#include <natsd/buf.h>
#include <natsd/slice.h>

// One or more <decimal><unit> with units ns us µs ms s m h d D w W M y Y (a day has 24 hours, a
// month 30 days, a year 365), a sign in front; "0".
NB_MUST_USE int value_duration(struct slice text, int64_t *ns);
// true, false, yes, no, on, off, 1, 0; any case.
NB_MUST_USE int value_bool(struct slice text, bool *out);
// "K:V", split at the first colon, both sides trimmed.
NB_MUST_USE int value_header(struct slice text, struct slice *key, struct slice *value);

// For people (spec 12 section 9.2): "350µs", "12ms", "2.50s", "1m5s", "3d4h0m1s"; "1,234".
void value_format_duration(int64_t ns, struct nb_buf *out);
void value_format_count(uint64_t n, struct nb_buf *out);
void value_format_bytes(uint64_t n, struct nb_buf *out); // "12 B", "1.5 KiB", "20 MiB"
