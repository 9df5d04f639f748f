/* tokens.h - cutting subjects into tokens, for all that looks at them one by one. */
#pragma once

#include <natsd/slice.h>

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

// Inside the library a rest whose p is NULL has no token left, and one with p and n 0 has
// one empty token: so "a." and "a" differ.
static inline struct slice nsub__rest_of(struct slice subject)
{
    return subject.n > 0 ? subject : nb_slice_make(NULL, 0);
}

static inline bool nsub__take(struct slice *rest, struct slice *token)
{
    const uint8_t *dot;

    if (rest->p == NULL) {
        return false;
    }
    dot = memchr(rest->p, '.', rest->n);
    if (dot == NULL) {
        *token = *rest;
        *rest = nb_slice_make(NULL, 0);
        return true;
    }
    *token = nb_slice_make(rest->p, (size_t)(dot - rest->p));
    *rest = nb_slice_make(dot + 1, rest->n - token->n - 1);
    return true;
}

static inline bool nsub__is_star(struct slice token)
{
    return token.n == 1 && token.p[0] == '*';
}

static inline bool nsub__is_full(struct slice token) // ">"; whoever asks checks that it is last
{
    return token.n == 1 && token.p[0] == '>';
}

// Is there an empty token? An empty subject is one.
bool nsub__has_empty_token(struct slice subject);

// Spec 01 section 12.3 and 12.5 for two rests without empty tokens.
bool nsub__rest_matches(struct slice subject, struct slice filter);
bool nsub__rest_collides(struct slice a, struct slice b);

enum {
    NSUB__TOKENS_MAX = 32, // more are legal, and slower
};

// The first tokens of a subject, for what needs them by number.
struct nsub__tokens {
    struct slice at[NSUB__TOKENS_MAX];
    uint32_t count;    // in `at`
    struct slice rest; // the ones behind
};

void nsub__tokens_init(struct nsub__tokens *tokens, struct slice subject);
// Token `index` of the subject, the empty slice when there is none.
struct slice nsub__tokens_find(const struct nsub__tokens *tokens, uint64_t index);
// All from token `index` on, as one rest.
struct slice nsub__tokens_from(const struct nsub__tokens *tokens, uint64_t index);
