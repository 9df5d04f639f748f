#include <natsd/subject.h>

#include "tokens.h"

// nsub_subject_take_token() tells a rest that is one empty token ("a." after the "a") from
// the end by this address, because a caller's empty subject may point anywhere.
static const uint8_t empty_token_at_end;

bool nsub_subject_take_token(struct slice *rest, struct slice *token)
{
    if (rest->n == 0 && rest->p != &empty_token_at_end) {
        return false;
    }
    nsub__take(rest, token);
    if (rest->p != NULL && rest->n == 0) {
        rest->p = &empty_token_at_end;
    }
    return true;
}

uint32_t nsub_subject_token_count(struct slice subject)
{
    uint32_t count = subject.n > 0 ? 1 : 0;

    for (size_t i = 0; i < subject.n; i++) {
        count += subject.p[i] == '.';
    }
    return count;
}

bool nsub__has_empty_token(struct slice subject)
{
    bool was_dot = true;

    for (size_t i = 0; i < subject.n; i++) {
        bool is_dot = subject.p[i] == '.';

        if (is_dot && was_dot) {
            return true;
        }
        was_dot = is_dot;
    }
    return was_dot;
}

bool nsub_subject_is_insertable(struct slice subject)
{
    struct slice rest = nsub__rest_of(subject);
    struct slice token;

    while (nsub__take(&rest, &token)) {
        if (token.n == 0 || (nsub__is_full(token) && rest.p != NULL)) {
            return false;
        }
    }
    return subject.n > 0;
}

bool nsub_subject_is_valid(struct slice subject)
{
    for (size_t i = 0; i < subject.n; i++) {
        switch (subject.p[i]) {
        case ' ':
        case '\t':
        case '\n':
        case '\f':
        case '\r':
            return false;
        }
    }
    return nsub_subject_is_insertable(subject);
}

bool nsub_subject_is_valid_text(struct slice subject)
{
    return nb_slice_find_byte(subject, 0) == subject.n &&
           nb_slice_find(subject, NB_SLICE("\xEF\xBF\xBD")) == subject.n &&
           nsub_subject_is_valid(subject);
}

bool nsub_subject_has_wildcard(struct slice subject)
{
    struct slice rest = nsub__rest_of(subject);
    struct slice token;

    while (nsub__take(&rest, &token)) {
        if (nsub__is_star(token) || nsub__is_full(token)) {
            return true;
        }
    }
    return false;
}

bool nsub_subject_is_valid_literal(struct slice subject)
{
    return !nsub__has_empty_token(subject) && !nsub_subject_has_wildcard(subject);
}

bool nsub_subject_is_valid_publish(struct slice subject)
{
    return nsub_subject_is_valid(subject) && !nsub_subject_has_wildcard(subject);
}

bool nsub__rest_matches(struct slice subject, struct slice filter)
{
    struct slice token;
    struct slice wanted;

    while (nsub__take(&filter, &wanted)) {
        if (!nsub__take(&subject, &token)) {
            return false;
        }
        if (nsub__is_full(wanted) && filter.p == NULL) {
            return true;
        }
        if (!nsub__is_star(wanted) && !nb_slice_equal(token, wanted)) {
            return false;
        }
    }
    return subject.p == NULL;
}

bool nsub_subject_matches(struct slice subject, struct slice filter)
{
    return !nsub__has_empty_token(subject) &&
           nsub__rest_matches(nsub__rest_of(subject), nsub__rest_of(filter));
}

// A ">" of `subject` is only covered by one of the filter, also where it isn't last: what
// can't be a subscription is rather refused than let through.
static bool rest_is_subset(struct slice subject, struct slice filter)
{
    struct slice token;
    struct slice wanted;

    while (nsub__take(&filter, &wanted)) {
        if (!nsub__take(&subject, &token)) {
            return false;
        }
        if (nsub__is_full(wanted) && filter.p == NULL) {
            return true;
        }
        if (nsub__is_star(wanted) ? nsub__is_full(token) : !nb_slice_equal(token, wanted)) {
            return false;
        }
    }
    return subject.p == NULL;
}

bool nsub_subject_is_subset(struct slice subject, struct slice filter)
{
    return !nsub__has_empty_token(subject) && !nsub__has_empty_token(filter) &&
           rest_is_subset(nsub__rest_of(subject), nsub__rest_of(filter));
}

bool nsub__rest_collides(struct slice a, struct slice b)
{
    struct slice in_a;
    struct slice in_b;

    while (nsub__take(&a, &in_a)) {
        if (!nsub__take(&b, &in_b)) {
            return false;
        }
        if ((nsub__is_full(in_a) && a.p == NULL) || (nsub__is_full(in_b) && b.p == NULL)) {
            return true;
        }
        if (!nsub__is_star(in_a) && !nsub__is_star(in_b) && !nb_slice_equal(in_a, in_b)) {
            return false;
        }
    }
    return b.p == NULL;
}

bool nsub_subject_collides(struct slice a, struct slice b)
{
    if (nb_slice_equal(a, b)) {
        return true;
    }
    return !nsub__has_empty_token(a) && !nsub__has_empty_token(b) &&
           nsub__rest_collides(nsub__rest_of(a), nsub__rest_of(b));
}

void nsub__tokens_init(struct nsub__tokens *tokens, struct slice subject)
{
    tokens->count = 0;
    tokens->rest = nsub__rest_of(subject);
    while (tokens->count < NSUB__TOKENS_MAX &&
           nsub__take(&tokens->rest, &tokens->at[tokens->count])) {
        tokens->count++;
    }
}

struct slice nsub__tokens_from(const struct nsub__tokens *tokens, uint64_t index)
{
    struct slice rest = tokens->rest;
    struct slice skipped;

    if (index < tokens->count) {
        const uint8_t *from = tokens->at[index].p;
        const struct slice *last = &tokens->at[tokens->count - 1];
        const uint8_t *end = rest.p != NULL ? rest.p + rest.n : last->p + last->n;

        return nb_slice_make(from, (size_t)(end - from));
    }
    for (uint64_t i = tokens->count; i < index && nsub__take(&rest, &skipped); i++) {
    }
    return rest;
}

struct slice nsub__tokens_find(const struct nsub__tokens *tokens, uint64_t index)
{
    struct slice rest;
    struct slice token = {NULL, 0};

    if (index < tokens->count) {
        return tokens->at[index];
    }
    rest = nsub__tokens_from(tokens, index);
    nsub__take(&rest, &token);
    return token;
}
