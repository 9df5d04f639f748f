/* quoted.h - messages that quote texts from outside. Threads: [any]. */
#pragma once

#include <natsd/buf.h>

enum {
    NAUTH__QUOTED_MAX_BYTES = 300, // a longer one is left out: a message fits a struct nb_diag
};

// The text in quotes, or nothing when it is too long; owned.
struct slice nauth__quoted(struct slice text);
// before + quoted text + after; diag may be NULL.
void nauth__diag_quoted(struct nb_diag *diag, const char *before, struct slice text,
                        const char *after);
