/* fields.h - blocks of options compared and shown member by member, for a reload. Secrets are
 * compared, and shown as "[REDACTED]".
 */
#pragma once

#include <natsd/server_options.h>

enum nserver__field_kind {
    NSERVER__FIELD_TEXT, // char *
    NSERVER__FIELD_SECRET,
    NSERVER__FIELD_BOOL,
    NSERVER__FIELD_CHOICE,
    NSERVER__FIELD_INT,
    NSERVER__FIELD_PORT,       // int; a new one of -1 keeps the old
    NSERVER__FIELD_EXACT_PORT, // int
    NSERVER__FIELD_FLAGS,      // struct nserver_feature_flag *, in any order
    NSERVER__FIELD_DURATION,
    NSERVER__FIELD_SECONDS, // double
    NSERVER__FIELD_WRITE_TIMEOUT,
    NSERVER__FIELD_COMPRESSION,
    NSERVER__FIELD_TEXTS, // char ** with a count; the order counts
    NSERVER__FIELD_NAMES, // the same; in any order
    NSERVER__FIELD_URLS,  // struct nserver_url *, in any order
    NSERVER__FIELD_PAIRS, // struct nserver_text_pair *, in any order
    NSERVER__FIELD_SUBJECTS,
    NSERVER__FIELD_PERMISSIONS, // struct nauth_permissions *
    NSERVER__FIELD_TLS,         // all of it
    NSERVER__FIELD_PINS,        // of a struct nserver_tls_options
};

struct nserver__field {
    const char *name; // in messages
    enum nserver__field_kind kind;
    size_t member;
    size_t count; // the member that counts a list
};

bool nserver__same_field(const struct nserver__field *field, const void *a, const void *b);
// NULL when the blocks are the same.
const struct nserver__field *nserver__find_difference(const struct nserver__field *fields,
                                                      size_t count, const void *a, const void *b);
// Appends a value as messages show it; what has no room is left out.
void nserver__show_field(const struct nserver__field *field, const void *block, struct nb_buf *out);

// Parts of it for other files.
bool nserver__same_text(const char *a, const char *b); // NULL is ""
bool nserver__same_texts(char *const *a, size_t a_count, char *const *b, size_t b_count);
bool nserver__same_names(char *const *a, size_t a_count, char *const *b, size_t b_count);
bool nserver__same_pairs(const struct nserver_text_pair *a, size_t a_count,
                         const struct nserver_text_pair *b, size_t b_count);
bool nserver__same_urls(const struct nserver_url *a, size_t a_count, const struct nserver_url *b,
                        size_t b_count);
bool nserver__same_permissions(const struct nauth_permissions *a,
                               const struct nauth_permissions *b);
bool nserver__same_pins(const struct nserver_tls_options *a, const struct nserver_tls_options *b);
bool nserver__same_tls(const struct nserver_tls_options *a, const struct nserver_tls_options *b);
