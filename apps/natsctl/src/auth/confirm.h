/* confirm.h - a question before something is lost (spec 12 section 9.5). Threads: [main]. */
#pragma once

#include "cli.h"

// The option that answers before it is asked: a row of a table of options.
#define CONFIRM_FORCE_OPTION                                                     \
    {                                                                            \
        .name = "force", .letter = 'f', .kind = ARGS_SWITCH, .help = "don't ask" \
    }

// EXIT_CODE_OK when `is_forced` or the answer is y; else said on standard error, with
// EXIT_CODE_REFUSED. `what`: "remove user ann of account A".
NB_MUST_USE int confirm(const struct cli *cli, bool is_forced, const char *what);
// The same for what hurts more: the name has to be typed.
NB_MUST_USE int confirm_by_name(const struct cli *cli, bool is_forced, const char *what,
                                const char *name);
