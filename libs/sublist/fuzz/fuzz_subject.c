/* fuzz_subject.c - the predicates and comparisons of two subjects agree with naive ones and
 * with each other. Input: the size of the first subject, then both.
 */
#include <natsd/subject.h>

#include "../tests/naive_subject.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "does not hold: %s\n", what);
        abort();
    }
}

static struct slice exact_copy(const uint8_t *p, size_t n)
{
    uint8_t *copy = malloc(n > 0 ? n : 1);

    must(copy != NULL, "memory");
    if (n > 0) {
        memcpy(copy, p, n);
    }
    return nb_slice_make(copy, n);
}

static bool naive_has_text(struct slice subject, const char *text, size_t n)
{
    for (size_t i = 0; i + n <= subject.n; i++) {
        if (memcmp(subject.p + i, text, n) == 0) {
            return true;
        }
    }
    return false;
}

static void check_tokens(struct slice subject, const struct naive_subject *split)
{
    struct slice rest = subject;
    struct slice token;
    size_t count = 0;

    while (nsub_subject_take_token(&rest, &token)) {
        must(count < split->count && naive_same(token, split->tokens[count]), "token");
        count++;
    }
    must(count == (subject.n > 0 ? split->count : 0), "number of tokens taken");
    must(nsub_subject_token_count(subject) == count, "number of tokens");
}

static void check_predicates(struct slice subject, const struct naive_subject *split)
{
    bool is_valid = naive_is_valid(split);
    bool has_wildcard = naive_has_wildcard(split);
    bool is_text = !naive_has_text(subject, "\0", 1) && !naive_has_text(subject, "\xEF\xBF\xBD", 3);

    must(nsub_subject_is_insertable(subject) == naive_is_insertable(split), "insertable");
    must(nsub_subject_is_valid(subject) == is_valid, "valid");
    must(nsub_subject_is_valid_text(subject) == (is_valid && is_text), "valid text");
    must(nsub_subject_has_wildcard(subject) == has_wildcard, "has a wildcard");
    must(nsub_subject_is_valid_literal(subject) == (!naive_has_empty(split) && !has_wildcard),
         "valid literal");
    must(nsub_subject_is_valid_publish(subject) == (is_valid && !has_wildcard), "valid publish");
}

// One of the literals that a pattern matches: "*" becomes a token, and ">" two.
static struct slice literal_of(const struct naive_subject *pattern, size_t size)
{
    uint8_t *text = malloc(size + 2 * pattern->count + 4);
    size_t n = 0;

    must(text != NULL, "memory");
    for (size_t i = 0; i < pattern->count; i++) {
        struct slice token = pattern->tokens[i];

        if (i > 0) {
            text[n++] = '.';
        }
        if (naive_is(pattern, i, "*")) {
            token = NB_SLICE("x");
        } else if (naive_is(pattern, i, ">")) {
            token = NB_SLICE("x.y");
        }
        memcpy(text + n, token.p, token.n);
        n += token.n;
    }
    return nb_slice_make(text, n);
}

static void check_pair(struct slice a, const struct naive_subject *split_a, struct slice b,
                       const struct naive_subject *split_b)
{
    bool is_subset = nsub_subject_is_subset(a, b);
    bool collides = nsub_subject_collides(a, b);

    must(nsub_subject_matches(a, b) == naive_matches(split_a, split_b), "matches");
    must(collides == (naive_same(a, b) || naive_collides(split_a, split_b)), "collides");
    must(collides == nsub_subject_collides(b, a), "collides both ways");
    must(!is_subset || collides, "a subset collides");
    if (!naive_is_insertable(split_a) || !naive_is_insertable(split_b)) {
        return;
    }
    if (!naive_has_wildcard(split_a)) {
        must(is_subset == naive_matches(split_a, split_b), "a literal is a subset when it matches");
    } else if (is_subset) {
        struct slice literal = literal_of(split_a, a.n);

        must(nsub_subject_matches(literal, a), "a literal of the pattern matches it");
        must(nsub_subject_matches(literal, b), "and all that the pattern is a subset of");
        free((void *)literal.p);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t first = size > 0 ? data[0] : 0;
    struct slice a;
    struct slice b;
    struct naive_subject split_a;
    struct naive_subject split_b;

    if (size == 0) {
        return 0;
    }
    first = first < size - 1 ? first : size - 1;
    a = exact_copy(data + 1, first);
    b = exact_copy(data + 1 + first, size - 1 - first);
    split_a = naive_split(a);
    split_b = naive_split(b);
    check_tokens(a, &split_a);
    check_tokens(b, &split_b);
    check_predicates(a, &split_a);
    check_predicates(b, &split_b);
    check_pair(a, &split_a, b, &split_b);
    check_pair(b, &split_b, a, &split_a);
    naive_free(&split_a);
    naive_free(&split_b);
    free((void *)a.p);
    free((void *)b.p);
    return 0;
}
