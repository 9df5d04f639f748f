/* close_reason.h - why a connection ended (spec 01 section 6). */
#pragma once

#include <stdbool.h>

enum {
    NSERVER__REASON_COUNT = 38, // the numbers of the reference, from 0
};

enum nserver__reason {
    NSERVER__REASON_NONE,
#define NSERVER__REASON(name, number, text, flushes) NSERVER__REASON_##name = number,
#include "clients/close_reason.def"
#undef NSERVER__REASON
};

const char *nserver__reason_text(enum nserver__reason reason);
bool nserver__reason_flushes(enum nserver__reason reason);
