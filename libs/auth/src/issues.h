/* issues.h - what is found wrong with claims. Threads: one at a time. */
#pragma once

#include <natsd/claims.h>

enum {
    // Beyond it only issues of a level that isn't there yet are kept: a token of a hundred
    // thousand imports can't make a hundred thousand texts.
    NAUTH__ISSUES_MAX = 1000,
};

// Texts from outside go through nauth__issue_quoted() or are keys and numbers.
void nauth__issue(struct nauth_issues *issues, enum nauth_issue_level level, const char *format,
                  ...) NB_PRINTF(3, 4);
// An error; each %q in `format` is the next struct slice, quoted, and each %s one without the
// quotes. Nothing else may stand in it.
void nauth__issue_quoted(struct nauth_issues *issues, const char *format, ...);
