/* naive_subject.h - subjects as lists of tokens, without any cleverness: the oracle of the
 * tests and fuzz targets. Shares no code with the library.
 */
#pragma once

#include <natsd/slice.h>

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct naive_subject {
    struct slice *tokens; // owned
    size_t count;
};

static inline struct naive_subject naive_split(struct slice subject)
{
    struct naive_subject split = {.count = 1};
    size_t start = 0;

    for (size_t i = 0; i < subject.n; i++) {
        split.count += subject.p[i] == '.';
    }
    split.tokens = calloc(split.count, sizeof(*split.tokens));
    assert(split.tokens != NULL);
    for (size_t at = 0, i = 0; i <= subject.n; i++) {
        if (i == subject.n || subject.p[i] == '.') {
            split.tokens[at++] =
                nb_slice_make(subject.p != NULL ? subject.p + start : NULL, i - start);
            start = i + 1;
        }
    }
    return split;
}

static inline void naive_free(struct naive_subject *subject)
{
    free(subject->tokens);
    subject->tokens = NULL;
}

static inline bool naive_is(const struct naive_subject *subject, size_t i, const char *text)
{
    return subject->tokens[i].n == strlen(text) &&
           (subject->tokens[i].n == 0 ||
            memcmp(subject->tokens[i].p, text, subject->tokens[i].n) == 0);
}

static inline bool naive_is_tail(const struct naive_subject *subject, size_t i) // the last is ">"
{
    return i + 1 == subject->count && naive_is(subject, i, ">");
}

static inline bool naive_same(struct slice a, struct slice b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool naive_has_empty(const struct naive_subject *subject)
{
    for (size_t i = 0; i < subject->count; i++) {
        if (subject->tokens[i].n == 0) {
            return true;
        }
    }
    return false;
}

static inline bool naive_is_insertable(const struct naive_subject *subject)
{
    for (size_t i = 0; i + 1 < subject->count; i++) {
        if (naive_is(subject, i, ">")) {
            return false;
        }
    }
    return !naive_has_empty(subject);
}

static inline bool naive_has_wildcard(const struct naive_subject *subject)
{
    for (size_t i = 0; i < subject->count; i++) {
        if (naive_is(subject, i, "*") || naive_is(subject, i, ">")) {
            return true;
        }
    }
    return false;
}

static inline bool naive_has_byte(const struct naive_subject *subject, const char *bytes)
{
    for (size_t i = 0; i < subject->count; i++) {
        for (size_t k = 0; k < subject->tokens[i].n; k++) {
            if (subject->tokens[i].p[k] != '\0' && strchr(bytes, subject->tokens[i].p[k]) != NULL) {
                return true;
            }
        }
    }
    return false;
}

static inline bool naive_is_valid(const struct naive_subject *subject)
{
    return naive_is_insertable(subject) && !naive_has_byte(subject, " \t\n\f\r");
}

static inline bool naive_matches(const struct naive_subject *subject,
                                 const struct naive_subject *filter)
{
    bool has_tail = naive_is_tail(filter, filter->count - 1);
    size_t fixed = has_tail ? filter->count - 1 : filter->count;

    if (naive_has_empty(subject) ||
        (has_tail ? subject->count < fixed + 1 : subject->count != fixed)) {
        return false;
    }
    for (size_t i = 0; i < fixed; i++) {
        if (!naive_is(filter, i, "*") && !naive_same(filter->tokens[i], subject->tokens[i])) {
            return false;
        }
    }
    return true;
}

static inline bool naive_collides(const struct naive_subject *a, const struct naive_subject *b)
{
    size_t shorter = a->count < b->count ? a->count : b->count;

    if (naive_has_empty(a) || naive_has_empty(b)) {
        return false;
    }
    for (size_t i = 0; i < shorter; i++) {
        if (naive_is_tail(a, i) || naive_is_tail(b, i)) {
            return true;
        }
        if (!naive_is(a, i, "*") && !naive_is(b, i, "*") &&
            !naive_same(a->tokens[i], b->tokens[i])) {
            return false;
        }
    }
    return a->count == b->count;
}
