/* natsd/json_writer.h - JSON text, written key by key into a buffer.
 *
 * Commas and quoting are the writer's business; strings that are no UTF-8 get U+FFFD in
 * place of the bad bytes. Optional values (the _opt forms) are left out when zero or empty.
 * Threads: one at a time. The buffer's limit is the writer's: nb_json_end() tells.
 */
#pragma once

#include <natsd/buf.h>

#ifdef __cplusplus
extern "C" {
#endif

enum nb_json_style {
    NB_JSON_COMPACT,
    NB_JSON_INDENTED, // two spaces, as the monitoring endpoints answer
};

enum {
    NB_JSON_DEPTH_MAX = 32,
};

struct nb_json_writer {
    // private
    struct nb_buf *out;
    enum nb_json_style style;
    int rc; // the first error sticks
    unsigned depth;
    bool has_items[NB_JSON_DEPTH_MAX];
    bool after_key;
    bool escape_html; // < > & as \u003c and so on, as the reference writes them
};

void nb_json_begin(struct nb_json_writer *w, struct nb_buf *out, enum nb_json_style style);
NB_MUST_USE int nb_json_end(struct nb_json_writer *w); // NB_OK or NB_ELIMIT

void nb_json_object(struct nb_json_writer *w);
void nb_json_object_end(struct nb_json_writer *w);
void nb_json_array(struct nb_json_writer *w);
void nb_json_array_end(struct nb_json_writer *w);
void nb_json_key(struct nb_json_writer *w, const char *key);
void nb_json_key_slice(struct nb_json_writer *w, struct slice key);

void nb_json_str(struct nb_json_writer *w, struct slice value);
void nb_json_i64(struct nb_json_writer *w, int64_t value);
void nb_json_u64(struct nb_json_writer *w, uint64_t value);
void nb_json_double(struct nb_json_writer *w, double value); // shortest that reads back the same
void nb_json_bool(struct nb_json_writer *w, bool value);
void nb_json_null(struct nb_json_writer *w);
void nb_json_raw(struct nb_json_writer *w, struct slice json); // trusted JSON text

// key and value at once
void nb_json_put_str(struct nb_json_writer *w, const char *key, struct slice value);
void nb_json_put_text(struct nb_json_writer *w, const char *key, const char *value);
void nb_json_put_i64(struct nb_json_writer *w, const char *key, int64_t value);
void nb_json_put_u64(struct nb_json_writer *w, const char *key, uint64_t value);
void nb_json_put_double(struct nb_json_writer *w, const char *key, double value);
void nb_json_put_bool(struct nb_json_writer *w, const char *key, bool value);
void nb_json_opt_str(struct nb_json_writer *w, const char *key, struct slice value);
void nb_json_opt_i64(struct nb_json_writer *w, const char *key, int64_t value);
void nb_json_opt_u64(struct nb_json_writer *w, const char *key, uint64_t value);
void nb_json_opt_bool(struct nb_json_writer *w, const char *key, bool value);

#ifdef __cplusplus
}
#endif
