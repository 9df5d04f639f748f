/* json_fields.h - reading JSON objects into structs by tables, as the reference's JSON library
 * reads them (spec 03 section 3.2): keys in any case, unknown ones ignored, of duplicates the
 * last wins (objects merge), null leaves the default. Another type than expected is an error.
 * Threads: one at a time for each reader.
 */
#pragma once

#include <natsd/json_reader.h>
#include <natsd/permissions.h>

struct nauth__reader {
    struct nb_arena *arena; // what is read lives here
    struct nb_diag *diag;
    bool is_v1;
};

// Reads `value` into *out. NB_EMALFORMED, or NB_ELIMIT when the arena is full.
typedef int (*nauth__read_fn)(struct nauth__reader *reader, const struct nb_json_value *value,
                              void *out);

struct nauth__field {
    const char *key;
    nauth__read_fn read;
    size_t at; // offset of what is read
};

struct nauth__fields {
    const struct nauth__field *items;
    size_t count;
};

#define NAUTH__FIELDS(array) ((struct nauth__fields){(array), NB_ARRAY_LEN(array)})

int nauth__read_object(struct nauth__reader *reader, const struct nb_json_value *value,
                       struct nauth__fields fields, void *out);

int nauth__read_text(struct nauth__reader *reader, const struct nb_json_value *value, void *out);
int nauth__read_i64(struct nauth__reader *reader, const struct nb_json_value *value, void *out);
int nauth__read_u64(struct nauth__reader *reader, const struct nb_json_value *value, void *out);
int nauth__read_bool(struct nauth__reader *reader, const struct nb_json_value *value, void *out);
int nauth__read_texts(struct nauth__reader *reader, const struct nb_json_value *value, void *out);

struct nauth__array {
    void *items;
    size_t count;
};

// An array of items of any type: each is zeroed, then read. Of null nothing is left.
int nauth__read_array(struct nauth__reader *reader, const struct nb_json_value *value,
                      size_t item_size, nauth__read_fn read_item, struct nauth__array *out);
// An object whose keys are data, added to what *out has: each item begins with a struct slice for
// its key and is zeroed before it is read.
int nauth__read_map(struct nauth__reader *reader, const struct nb_json_value *value,
                    size_t item_size, nauth__read_fn read_item, struct nauth__array *out);

// "cannot read <type> as <wanted>".
int nauth__refuse_type(struct nauth__reader *reader, const struct nb_json_value *value,
                       const char *wanted);
int nauth__too_large(struct nauth__reader *reader);
