/* natsd/json_reader.h - JSON text as a tree, read by yajl.
 *
 * The document owns everything; slices in it live as long. Objects keep the order of the
 * text and their duplicate keys. Invalid UTF-8 in strings becomes U+FFFD, an escaped half of
 * a surrogate pair (no text has one) whatever yajl makes of it, as valid UTF-8. Depth, size and
 * number of values are limited. Threads: a document is read-only once parsed: [any].
 */
#pragma once

#include <natsd/arena.h>
#include <natsd/slice.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NB_JSON_READ_DEPTH_MAX = 64,
};

enum nb_json_type {
    NB_JSON_NULL,
    NB_JSON_BOOL,
    NB_JSON_NUMBER,
    NB_JSON_STRING,
    NB_JSON_ARRAY,
    NB_JSON_OBJECT,
};

struct nb_json_value {
    enum nb_json_type type;
    struct slice key;            // of a member of an object
    struct slice text;           // STRING: decoded; NUMBER: as written
    bool is_true;                // BOOL
    struct nb_json_value *first; // child of ARRAY and OBJECT, in order
    struct nb_json_value *next;  // sibling
};

struct nb_json_doc {
    const struct nb_json_value *root;
    // private
    struct nb_arena arena;
};

// The whole text must be one value with nothing but white space around it. NB_EMALFORMED
// (diag says where) or NB_ELIMIT (memory beyond max_bytes).
NB_MUST_USE int nb_json_parse(struct slice text, size_t max_bytes, struct nb_json_doc *doc,
                              struct nb_diag *diag);
void nb_json_doc_fini(struct nb_json_doc *doc); // fine on a zeroed document, and twice

// Member by key (the last of duplicates), or NULL. Object may be NULL or of another type.
const struct nb_json_value *nb_json_get(const struct nb_json_value *object, const char *key);
// An exact match is preferred to one that differs in ASCII case.
const struct nb_json_value *nb_json_get_nocase(const struct nb_json_value *object, const char *key);

// Integers only (no fraction, no exponent). NB_EINVALID for another type or form, NB_ERANGE.
NB_MUST_USE int nb_json_to_i64(const struct nb_json_value *value, int64_t *out);
NB_MUST_USE int nb_json_to_u64(const struct nb_json_value *value, uint64_t *out);
NB_MUST_USE int nb_json_to_double(const struct nb_json_value *value, double *out);

#ifdef __cplusplus
}
#endif
