/* moment.h - points in time on the command line and for people (spec 12 section 1). Threads: [main]
 * (the zone of the process). Errors: NB_EMALFORMED.
 */
#pragma once

#include "cli.h"

#include <natsd/buf.h>

// RFC 3339, "YYYY-MM-DD[ HH:MM[:SS]]" (local, UTC with --utc), "@<unix seconds>", or a duration,
// which `sign` times is added to now.
NB_MUST_USE int moment_read(const struct cli *cli, struct slice text, int64_t now_s, int sign,
                            int64_t *out);
// "2026-11-21 21:30:00", or "never" for 0.
void moment_format(const struct cli *cli, int64_t at_s, struct nb_buf *out);
