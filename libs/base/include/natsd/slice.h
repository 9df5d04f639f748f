/* natsd/slice.h - bytes that somebody else owns: a pointer and a length.
 *
 * Everything from a wire, a file or a user is a slice; nothing is NUL-terminated until a
 * system call needs it. Threads: [any]. Zero is the valid empty slice.
 */
#pragma once

#include <natsd/error.h>
#include <natsd/memory.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

struct slice {
    const uint8_t *p; // may be NULL when n is 0
    size_t n;
};

#define NB_SLICE(literal) ((struct slice){(const uint8_t *)(literal), sizeof(literal) - 1})
// For printf("%.*s"): only for text known to be printable.
#define NB_SLICE_ARGS(s) (int)(s).n, (const char *)(s).p

static inline struct slice nb_slice_of(const char *text)
{
    struct slice s = {(const uint8_t *)text, text != NULL ? strlen(text) : 0};
    return s;
}

static inline struct slice nb_slice_make(const void *p, size_t n)
{
    struct slice s = {(const uint8_t *)p, n};
    return s;
}

static inline bool nb_slice_equal(struct slice a, struct slice b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool nb_slice_is(struct slice a, const char *text)
{
    return nb_slice_equal(a, nb_slice_of(text));
}

bool nb_slice_equal_nocase(struct slice a, struct slice b); // ASCII letters
int nb_slice_compare(struct slice a, struct slice b);       // byte order; a prefix is smaller
bool nb_slice_starts(struct slice s, const char *prefix);
bool nb_slice_ends(struct slice s, const char *suffix);
// True for prefix + at least one byte + suffix.
bool nb_slice_wrapped(struct slice s, const char *prefix, const char *suffix);

// The bytes from `start` on, at most `n`; both are clipped to what is there.
struct slice nb_slice_sub(struct slice s, size_t start, size_t n);
struct slice nb_slice_trim(struct slice s); // SP, TAB, CR, LF at both ends

// Index of the first such byte or text, or s.n.
size_t nb_slice_find_byte(struct slice s, uint8_t byte);
size_t nb_slice_find(struct slice s, struct slice what);

// Cuts the first line off `text`, without its LF or CR LF. False when text is empty.
bool nb_slice_take_line(struct slice *text, struct slice *line);
// Cuts the first field off at `separator`, which is dropped. False when nothing is left;
// "a," has the fields "a" and (with *text then empty, n 0, p not NULL) none after it.
bool nb_slice_take_field(struct slice *text, uint8_t separator, struct slice *field);

// Owned copies, freed by nb_slice_free(); a copy has a NUL behind it that is not counted.
struct slice nb_slice_dup(struct slice s);
char *nb_slice_cstr(struct slice s); // owned, terminated; a NUL inside cuts it short for C
void nb_slice_free(struct slice *s);
void nb_slice_wipe_free(struct slice *s);

// Equality in constant time for equal lengths, for secrets.
bool nb_slice_equal_secret(struct slice a, struct slice b);

#ifdef __cplusplus
}
#endif
