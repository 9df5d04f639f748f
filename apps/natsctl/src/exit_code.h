/* exit_code.h - how natsctl ends. `server check` has codes of its own, those of Nagios. */
#pragma once

enum exit_code {
    EXIT_CODE_OK = 0,
    EXIT_CODE_FAILED = 1,
    EXIT_CODE_USAGE = 2, // a bad option, argument or context file
    // Said by `natsctl auth` (spec 12 section 37):
    EXIT_CODE_NOT_FOUND = 4,
    EXIT_CODE_NO_SERVICE = 5, // nobody answers to such a request
    EXIT_CODE_TIMEOUT = 6,    // no answer, or not all of them
    EXIT_CODE_REFUSED = 7,    // a question was answered with no, or could not be asked
    EXIT_CODE_PARTIAL = 8,    // some of several failed
    EXIT_CODE_SIGNAL = 128,   // and the signal's number
};
