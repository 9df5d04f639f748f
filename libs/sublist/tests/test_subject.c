#include <natsd/subject.h>

#include "nb_test.h"

#include "naive_subject.h"

// Every case lives in an allocation of its own size, so that the sanitizer sees an overread.
static struct slice exact(struct slice text)
{
    uint8_t *copy = malloc(text.n > 0 ? text.n : 1);

    assert_non_null(copy);
    if (text.n > 0) {
        memcpy(copy, text.p, text.n);
    }
    return nb_slice_make(copy, text.n);
}

static void release(struct slice text)
{
    free((void *)text.p);
}

// Spec 01 section 12.2, and what follows for the other predicates.
static const struct {
    const char *subject;
    bool is_valid;
    bool is_literal;
    bool has_wildcard;
} predicate_cases[] = {
    {"foo", true, true, false},        {".foo", false, false, false},
    {"foo.", false, false, false},     {"foo..bar", false, false, false},
    {".", false, false, false},        {"foo.*", true, false, true},
    {"*", true, false, true},          {">", true, false, true},
    {"foo.>", true, false, true},      {"foo.>.bar", false, false, true},
    {">.bar", false, false, true},     {"foo*", true, true, false},
    {"*bar", true, true, false},       {"foo.**", true, true, false},
    {"foo>", true, true, false},       {"foo.>bar", true, true, false},
    {">bar", true, true, false},       {"", false, false, false},
    {"a b", false, true, false},       {"a\tb", false, true, false},
    {"a\rb", false, true, false},      {"a\nb", false, true, false},
    {"a\fb", false, true, false},      {"a\vb", true, true, false},
    {"foo.*.bar", true, false, true},  {"*.*.>", true, false, true},
    {"..", false, false, false},       {"*.", false, false, true},
    {"\xC3\xA4.x", true, true, false}, {"a.\x01", true, true, false},
};

static void predicates_follow_the_truth_table(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(predicate_cases); i++) {
        struct slice subject = exact(nb_slice_of(predicate_cases[i].subject));

        if (nsub_subject_is_valid(subject) != predicate_cases[i].is_valid ||
            nsub_subject_is_valid_literal(subject) != predicate_cases[i].is_literal ||
            nsub_subject_has_wildcard(subject) != predicate_cases[i].has_wildcard) {
            fail_msg("\"%s\"", predicate_cases[i].subject);
        }
        assert_int_equal(nsub_subject_is_valid_publish(subject),
                         predicate_cases[i].is_valid && !predicate_cases[i].has_wildcard);
        release(subject);
    }
}

static void insertable_only_looks_at_tokens(void **state NB_UNUSED)
{
    static const struct {
        const char *subject;
        bool is_insertable;
    } cases[] = {
        {"foo", true},   {"a b", true}, {"a\r", true},     {"foo.>", true},      {"foo.>.x", false},
        {">.>", false},  {"", false},   {".", false},      {"a.", false},        {".a", false},
        {"a..b", false}, {"*.*", true}, {"foo.*.>", true}, {"foo.>bar.x", true},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct slice subject = exact(nb_slice_of(cases[i].subject));

        if (nsub_subject_is_insertable(subject) != cases[i].is_insertable) {
            fail_msg("\"%s\"", cases[i].subject);
        }
        release(subject);
    }
}

static void valid_text_refuses_nul_and_the_replacement_character(void **state NB_UNUSED)
{
    assert_true(nsub_subject_is_valid_text(NB_SLICE("foo.\xC3\xA4")));
    assert_true(nsub_subject_is_valid_text(NB_SLICE("foo.*.>")));
    assert_false(nsub_subject_is_valid_text(NB_SLICE("fo\0o")));
    assert_true(nsub_subject_is_valid(NB_SLICE("fo\0o")));
    assert_false(nsub_subject_is_valid_text(NB_SLICE("foo.\xEF\xBF\xBD")));
    assert_true(nsub_subject_is_valid(NB_SLICE("foo.\xEF\xBF\xBD")));
    assert_true(nsub_subject_is_valid_text(NB_SLICE("foo.\xEF\xBF\xBC")));
    assert_false(nsub_subject_is_valid_text(NB_SLICE("foo.")));
    assert_false(nsub_subject_is_valid_text(NB_SLICE("")));
}

static void take_token_gives_every_token(void **state NB_UNUSED)
{
    static const struct {
        const char *subject;
        size_t count;
        const char *tokens[4];
    } cases[] = {
        {"", 0, {0}},
        {"a", 1, {"a"}},
        {"a.bc", 2, {"a", "bc"}},
        {"a..b", 3, {"a", "", "b"}},
        {"a.", 2, {"a", ""}},
        {".a", 2, {"", "a"}},
        {".", 2, {"", ""}},
        {"..", 3, {"", "", ""}},
        {"*.>", 2, {"*", ">"}},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct slice subject = exact(nb_slice_of(cases[i].subject));
        struct slice rest = subject;
        struct slice token;
        size_t count = 0;

        for (; nsub_subject_take_token(&rest, &token); count++) {
            assert_true(count < cases[i].count);
            assert_true(nb_slice_is(token, cases[i].tokens[count]));
        }
        assert_int_equal(count, cases[i].count);
        assert_int_equal(nsub_subject_token_count(subject), count);
        assert_false(nsub_subject_take_token(&rest, &token));
        release(subject);
    }
    assert_int_equal(nsub_subject_token_count((struct slice){NULL, 0}), 0);
}

static void matches_follows_the_wildcards(void **state NB_UNUSED)
{
    static const struct {
        const char *subject;
        const char *filter;
        bool matches;
    } cases[] = {
        {"foo", "foo", true},
        {"foo", "bar", false},
        {"foo", "*", true},
        {"foo", ">", true},
        {"foo.bar", "foo.*", true},
        {"foo.bar", "foo.>", true},
        {"foo", "foo.>", false},
        {"foo", "foo.*", false},
        {"foo.bar", "*", false},
        {"foo.bar.baz", "foo.>", true},
        {"foo.bar", "*.bar", true},
        {"foo.bar", "*.*", true},
        {"foo.bar", "*.*.>", false},
        {"foo.bar.baz", "*.*.>", true},
        {"foox", "foo*", false},
        {"foo*", "foo*", true},
        {"foo.>x", "foo.>x", true},
        {"foo.yx", "foo.>x", false},
        {"foo..bar", ">", false},
        {".", ">", false},
        {"", ">", false},
        {"foo.", "foo.*", false},
        {".foo", "*.foo", false},
        {"foo.*", "foo.*", true},
        {"foo.*", "foo.bar", false},
        {"foo.>", "foo.>", true},
        {"foo", "", false},
        {"foo.a.bar", "foo.>.bar", false},
        {"foo", "foo.bar", false},
        {"foo.bar", "foo", false},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct slice subject = exact(nb_slice_of(cases[i].subject));
        struct slice filter = exact(nb_slice_of(cases[i].filter));

        if (nsub_subject_matches(subject, filter) != cases[i].matches) {
            fail_msg("\"%s\" and \"%s\"", cases[i].subject, cases[i].filter);
        }
        release(subject);
        release(filter);
    }
}

static void subset_follows_the_vectors(void **state NB_UNUSED)
{
    static const struct {
        const char *subject;
        const char *filter;
        bool is_subset;
    } cases[] = {
        {"foo.*", ">", true},
        {"foo.*", "*.*", true},
        {"foo.*", "foo.*", true},
        {"foo.*", "foo.bar", false},
        {"foo.>", ">", true},
        {"foo.>", "*.>", true},
        {"foo.>", "foo.>", true},
        {"foo.>", "foo.bar", false},
        {"foo..bar", "foo.*", false},
        {"foo.*", "foo..bar", false},
        {"foo.*", "foo.>", true},
        {"foo.>", "foo.*", false},
        {">", "*", false},
        {"*", ">", true},
        {"foo", "foo.>", false},
        {"foo.*x", "foo.*", true},
        {"foo.x", "foo.*x", false},
        {"", ">", false},
        {"foo", "", false},
        {"foo..x", ">", false},
        {"*", "*", true},
        {"foo.>.x", "foo.*.x", false},
        {"foo.y.x", "foo.>.x", false},
        {"foo.>.x", "foo.>.x", true},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct slice subject = exact(nb_slice_of(cases[i].subject));
        struct slice filter = exact(nb_slice_of(cases[i].filter));

        if (nsub_subject_is_subset(subject, filter) != cases[i].is_subset) {
            fail_msg("\"%s\" in \"%s\"", cases[i].subject, cases[i].filter);
        }
        release(subject);
        release(filter);
    }
}

static void collides_follows_the_vectors(void **state NB_UNUSED)
{
    static const struct {
        const char *a;
        const char *b;
        bool collides;
    } cases[] = {
        {"foo.*", "foo.*.bar.>", false},
        {"foo.*", "foo.foo", true},
        {"foo.*", "*.foo", true},
        {"foo.bar.>", "*.bar.foo", true},
        {"foo", "foo", true},
        {"foo", "bar", false},
        {">", "foo", true},
        {">", ">", true},
        {"foo.>", "foo", false},
        {"foo.>", "*", false},
        {"foo.>", "*.*.x", true},
        {"foo.*.>", "foo.x", false},
        {"foo*", "foox", false},
        {"a..b", "a..b", true},
        {"a..b", ">", false},
        {"a.*.c", "a.b.*", true},
        {"a.*.c", "a.b.d", false},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct slice a = exact(nb_slice_of(cases[i].a));
        struct slice b = exact(nb_slice_of(cases[i].b));

        if (nsub_subject_collides(a, b) != cases[i].collides ||
            nsub_subject_collides(b, a) != cases[i].collides) {
            fail_msg("\"%s\" and \"%s\"", cases[i].a, cases[i].b);
        }
        release(a);
        release(b);
    }
}

enum {
    PATTERN_TOKENS_MAX = 3,
    LITERAL_TOKENS_MAX = 4,
    TEXT_ROOM_BYTES = 16,
    LITERALS_MAX = 512,
    PATTERNS_MAX = 128,
};

struct texts {
    char at[LITERALS_MAX][TEXT_ROOM_BYTES];
    size_t count;
};

// All subjects of up to `max` tokens out of the alphabet.
static void enumerate(struct texts *texts, const char *alphabet, size_t max)
{
    size_t begin = 0;
    size_t end;

    texts->count = 0;
    for (const char *c = alphabet; *c != '\0'; c++) {
        snprintf(texts->at[texts->count++], TEXT_ROOM_BYTES, "%c", *c);
    }
    for (size_t tokens = 2; tokens <= max; tokens++) {
        end = texts->count;
        for (size_t i = begin; i < end; i++) {
            for (const char *c = alphabet; *c != '\0'; c++) {
                char text[TEXT_ROOM_BYTES * 2];

                assert_true(texts->count < LITERALS_MAX);
                snprintf(text, sizeof(text), "%s.%c", texts->at[i], *c);
                memcpy(texts->at[texts->count++], text, TEXT_ROOM_BYTES);
            }
        }
        begin = end;
    }
}

// Subset and collision are about the literals that match: so try all short ones. A token that
// no pattern names stands for all others.
static void subset_and_collision_are_what_they_say(void **state NB_UNUSED)
{
    static struct texts patterns;
    static struct texts literals;
    static bool matched[LITERALS_MAX][LITERALS_MAX];

    enumerate(&patterns, "ab*>", PATTERN_TOKENS_MAX);
    enumerate(&literals, "abx", LITERAL_TOKENS_MAX);
    for (size_t p = 0; p < patterns.count; p++) {
        for (size_t i = 0; i < literals.count; i++) {
            struct naive_subject filter = naive_split(nb_slice_of(patterns.at[p]));
            struct naive_subject subject = naive_split(nb_slice_of(literals.at[i]));

            matched[p][i] = naive_matches(&subject, &filter);
            assert_int_equal(
                nsub_subject_matches(nb_slice_of(literals.at[i]), nb_slice_of(patterns.at[p])),
                matched[p][i]);
            naive_free(&filter);
            naive_free(&subject);
        }
    }
    for (size_t a = 0; a < patterns.count; a++) {
        for (size_t b = 0; b < patterns.count; b++) {
            struct slice in_a = nb_slice_of(patterns.at[a]);
            struct slice in_b = nb_slice_of(patterns.at[b]);
            bool is_subset = true;
            bool collides = false;

            if (!nsub_subject_is_insertable(in_a) || !nsub_subject_is_insertable(in_b)) {
                continue;
            }
            for (size_t i = 0; i < literals.count; i++) {
                is_subset = is_subset && (!matched[a][i] || matched[b][i]);
                collides = collides || (matched[a][i] && matched[b][i]);
            }
            if (nsub_subject_is_subset(in_a, in_b) != is_subset ||
                nsub_subject_collides(in_a, in_b) != collides) {
                fail_msg("%s and %s", patterns.at[a], patterns.at[b]);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(predicates_follow_the_truth_table),
        cmocka_unit_test(insertable_only_looks_at_tokens),
        cmocka_unit_test(valid_text_refuses_nul_and_the_replacement_character),
        cmocka_unit_test(take_token_gives_every_token),
        cmocka_unit_test(matches_follows_the_wildcards),
        cmocka_unit_test(subset_follows_the_vectors),
        cmocka_unit_test(collides_follows_the_vectors),
        cmocka_unit_test(subset_and_collision_are_what_they_say),
    };
    return cmocka_run_group_tests_name("subject", tests, NULL, NULL);
}
