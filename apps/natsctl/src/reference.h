/* reference.h - credentials that stand elsewhere (spec 12 section 8.2): a path, file://path,
 * env://NAME, data:;base64,..., nsc://operator/account/user. Trailing line ends are cut.
 *
 * Threads: [main].
 *
 * Errors: NB_EINVALID, NB_EUNSUPPORTED (op://), NB_EIO, with a text without secrets.
 */
#pragma once

#include <natsd/slice.h>

enum reference_kind {
    REFERENCE_PATH, // without a scheme it is a path
    REFERENCE_TEXT, // without a scheme it is the secret itself
};

// An owned text, to be freed with reference_free().
NB_MUST_USE int reference_resolve(const char *text, enum reference_kind kind, char **out,
                                  struct nb_diag *diag);
void reference_free(char *text); // wipes; NULL is fine
// The path with ~ and $VAR put in: owned.
char *reference_expand(const char *path);
