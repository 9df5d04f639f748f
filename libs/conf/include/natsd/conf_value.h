/* natsd/conf_value.h - a value of a configuration: what it is, where it stands, how to read it.
 *
 * Values are a tree that belongs to a struct nconf_doc (conf.h) and lives as long. Slices in it
 * are borrowed from the document and have a NUL behind them, which is not counted.
 *
 * A value that was reached through $variable shares its children with the definition, so the
 * tree is to be read only. How big it would be without sharing is limited (conf.h), so a walk
 * over all of it ends in reasonable time.
 *
 * Threads: [any], a document does not change.
 * Errors:  the readers return NB_EINVALID and say "expected integer, got string".
 * Spec:    02 sections 2.4, 2.11 and 3.1-3.4.
 */
#pragma once

#include <natsd/buf.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum nconf_type {
    NCONF_STRING,
    NCONF_BOOL,
    NCONF_INTEGER,
    NCONF_FLOAT,
    NCONF_TIME,
    NCONF_ARRAY,
    NCONF_MAP,
};

// Where messages about a value point to: at its key, or at the element of an array.
struct nconf_position {
    struct slice file; // as given, or as resolved for an include; empty: no position
    uint32_t line;     // from 1
    uint32_t pos;      // bytes: from 0 in line 1, from 1 in all others
};

struct nconf_value {
    enum nconf_type type;
    bool is_used;             // some $variable was satisfied by this definition
    struct slice key;         // of an entry of a map, as written
    struct nconf_position at; // all zero inside a value that came from the environment
    struct slice text;        // STRING (any bytes), TIME ("2016-05-04T18:53:41Z")
    union {
        bool is_true;    // BOOL
        int64_t integer; // INTEGER
        double number;   // FLOAT, finite
        int64_t unix_s;  // TIME
    };
    size_t count;              // children of ARRAY and MAP
    struct nconf_value *first; // child, in the order of the text
    struct nconf_value *next;  // sibling
    // private
    size_t weight_bytes; // of the whole subtree without sharing
    uint16_t height;     // levels of ARRAY and MAP in it, itself included
    bool is_replaced;    // a later definition of the key won (only while parsing)
};

// "string", "boolean", "integer", "float", "time", "array", "map".
const char *nconf_type_name(enum nconf_type type);

// The entry of a map, or NULL. Case of ASCII letters is ignored; of keys that differ in it only,
// the last. The map may be NULL or no map. Time grows with the number of entries.
const struct nconf_value *nconf_find(const struct nconf_value *map, const char *key);
const struct nconf_value *nconf_find_exact(const struct nconf_value *map, struct slice key);

// Each accepts one type; nothing is converted. `diag` may be NULL.
NB_MUST_USE int nconf_expect(const struct nconf_value *value, enum nconf_type want,
                             struct nb_diag *diag);
NB_MUST_USE int nconf_read_string(const struct nconf_value *value, struct slice *out,
                                  struct nb_diag *diag);
NB_MUST_USE int nconf_read_bool(const struct nconf_value *value, bool *out, struct nb_diag *diag);
NB_MUST_USE int nconf_read_integer(const struct nconf_value *value, int64_t *out,
                                   struct nb_diag *diag);
NB_MUST_USE int nconf_read_float(const struct nconf_value *value, double *out,
                                 struct nb_diag *diag);
NB_MUST_USE int nconf_read_time(const struct nconf_value *value, int64_t *unix_s,
                                struct nb_diag *diag);

// The value as messages show it: strings raw, `[a b]`, `map[k:v l:w]` with sorted keys,
// `1e+06`, `2016-05-04 18:53:41 +0000 UTC`. NB_ELIMIT when out is full; it holds a part then.
NB_MUST_USE int nconf_value_format(const struct nconf_value *value, struct nb_buf *out);

// "file:line:pos: ", or nothing when there is no position. NB_ELIMIT as above.
NB_MUST_USE int nconf_position_format(struct nconf_position at, struct nb_buf *out);

#ifdef __cplusplus
}
#endif
