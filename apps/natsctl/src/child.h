/* child.h - a program run for one answer: its words, its standard output. No shell. */
#pragma once

#include <natsd/buf.h>

enum {
    CHILD_WORDS_MAX = 256,
};

// Splits a command at blanks; quotes and backslashes work as in a shell. Freed with
// child_free_words().
// NB_EMALFORMED for an open quote, NB_EINVALID for an empty one, NB_ELIMIT.
NB_MUST_USE int child_split(const char *command, char ***words);
void child_free_words(char **words);

// Puts the n-th token of the subject (from 0) in the place of {{n}} in each word.
void child_put_tokens(char **words, struct slice subject);

// Runs it with these added to the environment ("NAME=value", NULL at the end) and gathers what it
// writes. NB_OK only when it exits with 0; else a text tells. Output beyond the limit of `out` is
// NB_ELIMIT.
NB_MUST_USE int child_run(char **words, const char *const *variables, struct nb_buf *out,
                          struct nb_diag *diag);
