/* exit_code.h - how natsctl ends. `server check` has codes of its own, those of Nagios. */
#pragma once

enum exit_code {
    EXIT_CODE_OK = 0,
    EXIT_CODE_FAILED = 1,
    EXIT_CODE_USAGE = 2,    // a bad option, argument or context file
    EXIT_CODE_SIGNAL = 128, // and the signal's number
};
