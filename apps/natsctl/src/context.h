/* context.h - a saved connection: one JSON file (spec 12 section 7). Read only; unknown keys are
 * somebody else's.
 *
 * Errors: NB_EINVALID with a text that names the context.
 */
#pragma once

#include <natsd/json_reader.h>

enum context_key {
#define CONTEXT_KEY(id, key) CONTEXT_KEY_##id,
#include "context.def"
#undef CONTEXT_KEY
    CONTEXT_KEY_COUNT,
};

struct context {
    struct nb_json_doc doc;
    char *values[CONTEXT_KEY_COUNT]; // owned, as in the file; NULL: none or empty
    bool is_tls_first;
};

// `name` is a context's, or a readable file ending in .json; NULL: the one that is selected,
// which may be none (all values are NULL then).
NB_MUST_USE int context_load(struct context *context, const char *name, struct nb_diag *diag);
void context_fini(struct context *context); // wipes; fine on a zeroed one, and twice
