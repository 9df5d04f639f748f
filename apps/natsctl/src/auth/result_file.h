/* result_file.h - where the result of a command goes: to a file of one's own choice, which only its
 * owner can read, or to standard output. Threads: [main].
 */
#pragma once

#include "cli.h"

#include <natsd/slice.h>

// Rows of a table of options: what `is_forced` comes from.
#define RESULT_FILE_FORCE_OPTION                             \
    {                                                        \
        .name = "force", .letter = 'f', .kind = ARGS_SWITCH, \
        .help = "put it in place of a file that is there"    \
    }

// An exit code; what went wrong is said. A file that is there stays, unless `is_forced`.
NB_MUST_USE int result_file_write(const struct cli *cli, const char *path, struct slice bytes,
                                  bool is_forced);
// The same; to standard output without a path.
NB_MUST_USE int result_file_put(const struct cli *cli, const char *path, struct slice bytes,
                                bool is_forced);
