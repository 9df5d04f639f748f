/* natsd/conf.h - the NATS configuration language: text in, a typed document out.
 *
 * The whole language (spec 02 section 2): comments, four kinds of strings, size suffixes, dates,
 * maps and arrays in all their notations, $variables with scopes and environment, include. What
 * the keys mean is not known here.
 *
 * A document keeps the entries of a map in the order of the text, an included file's at the
 * place of the include. Of equal keys (case counts) the last one stays, at its own place.
 *
 * Files and environment are reached through struct nconf_source, so that tests and embedders
 * can be both.
 *
 * Lifetime: parse fills a document of the caller's; nconf_doc_fini() frees everything in it.
 * Threads:  [any]; a parse may block in read_file.
 * Errors:   NB_EMALFORMED, NB_ELIMIT, or what read_file answers. On any error the document is
 *           untouched and `message` has the text for a person, without a line end. It is exactly
 *           what the reference prints, so it may hold any byte, NUL too ("but got '\0'").
 *           NCONF_MESSAGE_MAX_BYTES are enough for it; what a smaller buffer has no room for
 *           is left out. `message` may be NULL.
 */
#pragma once

#include <natsd/conf_value.h>

#include <natsd/arena.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NCONF_FILE_MAX_BYTES = 128 * 1024 * 1024,   // one file, or the value of one variable
    NCONF_TOTAL_MAX_BYTES = 1024 * 1024 * 1024, // all texts, and all values without sharing
    NCONF_DEPTH_MAX = 256,                      // arrays and maps inside each other
    NCONF_SOURCE_DEPTH_MAX = 32,                // includes, or environment variables, likewise
    NCONF_MESSAGE_MAX_BYTES = 64 * 1024,
    NCONF_DIGEST_BYTES = 7 + 64, // "sha256:" and the hexadecimal digits
};

// The world outside a text. All but check_include is mandatory; `ctx` is handed to them.
struct nconf_source {
    // Appends the whole file to `out`, whose limit is the largest size that is accepted.
    // On failure a negative code, and a text in message: "open x: no such file or directory".
    int (*read_file)(void *ctx, const char *path, struct nb_buf *out, struct nb_buf *message);
    // May this one be included? If not, as above. NULL: all may. What a file includes comes from
    // the file, so that of the system refuses pipes and devices, which might never end.
    int (*check_include)(void *ctx, const char *path, struct nb_buf *message);
    // The value of an environment variable, borrowed until the next call; false: not set.
    bool (*get_env)(void *ctx, const char *name, struct slice *value);
    void *ctx;
};

extern const struct nconf_source nconf_source_system; // files and environment of this process

struct nconf_doc {
    const struct nconf_value *root; // a map
    // private
    struct nb_arena arena;
};

// Reads the file `path` and what it includes. Positions show the path as given here.
NB_MUST_USE int nconf_parse_file(const struct nconf_source *source, const char *path,
                                 struct nconf_doc *doc, struct nb_buf *message);

// The same for a text in memory; `name` stands for its path, in positions and for includes.
// Text and name are copied from, never kept.
NB_MUST_USE int nconf_parse_text(const struct nconf_source *source, const char *name,
                                 struct slice text, struct nconf_doc *doc, struct nb_buf *message);

void nconf_doc_fini(struct nconf_doc *doc); // fine on a zeroed document, and twice

// The canonical JSON of a value: no spaces, keys sorted by bytes, < > & as \u003c and so on,
// bytes that are no UTF-8 as \ufffd (spec 02 section 2.12). NB_ELIMIT when out is full; it
// holds a part then.
NB_MUST_USE int nconf_value_json(const struct nconf_value *value, struct nb_buf *out);

// "sha256:<hex>" over the canonical JSON of the root and one LF; terminated.
void nconf_digest(const struct nconf_doc *doc, char out[NCONF_DIGEST_BYTES + 1]);

#ifdef __cplusplus
}
#endif
