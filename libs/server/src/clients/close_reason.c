#include "clients/close_reason.h"

#include <natsd/error.h>

const char *nserver__reason_text(enum nserver__reason reason)
{
    switch (reason) {
    case NSERVER__REASON_NONE:
        return "";
#define NSERVER__REASON(name, number, text, flushes) \
    case NSERVER__REASON_##name:                     \
        return text;
#include "clients/close_reason.def"
#undef NSERVER__REASON
    }
    NB_UNREACHABLE("close reason");
}

bool nserver__reason_flushes(enum nserver__reason reason)
{
    switch (reason) {
    case NSERVER__REASON_NONE:
        return true;
#define NSERVER__REASON(name, number, text, flushes) \
    case NSERVER__REASON_##name:                     \
        return flushes;
#include "clients/close_reason.def"
#undef NSERVER__REASON
    }
    NB_UNREACHABLE("close reason");
}
