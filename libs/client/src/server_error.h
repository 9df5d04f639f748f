/* server_error.h - what the text of an -ERR means for the connection. Threads: [any]. */
#pragma once

#include <natsd/slice.h>

enum nclient__server_error {
    NCLIENT__SERVER_ERROR_PASSING,   // the connection stays
    NCLIENT__SERVER_ERROR_RECONNECT, // another server, or later
    NCLIENT__SERVER_ERROR_AUTH,      // the same, but twice is enough
    NCLIENT__SERVER_ERROR_FATAL,
};

enum nclient__server_error nclient__server_error_kind(struct slice text);
// The argument of -ERR without what surrounds it: 'Stale Connection'.
struct slice nclient__server_error_text(struct slice arg);
