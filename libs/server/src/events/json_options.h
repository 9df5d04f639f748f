/* json_options.h - options of a request as JSON, decoded by a table (spec 04 section 1). Keys match
 * in any case; unknown ones and null leave what is there. Threads: [any].
 */
#pragma once

#include <natsd/error.h>
#include <natsd/json_reader.h>

enum nserver__json_option_kind {
    JSON_OPTION_BOOL,  // bool
    JSON_OPTION_INT,   // int64_t
    JSON_OPTION_U64,   // uint64_t
    JSON_OPTION_TEXT,  // struct slice, borrowed from the document
    JSON_OPTION_TEXTS, // const struct nb_json_value *: an array of strings
};

struct nserver__json_option {
    const char *key;
    enum nserver__json_option_kind kind;
    size_t offset;
};

// NB_EINVALID with the reason. `root` may be NULL: nothing is set.
NB_MUST_USE int nserver__json_options_read(const struct nb_json_value *root,
                                           const struct nserver__json_option *table, size_t count,
                                           void *out, struct nb_diag *diag);
