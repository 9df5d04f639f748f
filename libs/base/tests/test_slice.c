#include <natsd/slice.h>

#include "nb_test.h"

static struct slice S(const char *text) {
    return nb_slice_of(text);
}

static void
slice_equal_compares_bytes_and_length(void **state NB_UNUSED)
{
    struct slice empty = {0};

    assert_true(nb_slice_equal(empty, S("")));
    assert_true(nb_slice_equal(S("abc"), S("abc")));
    assert_false(nb_slice_equal(S("abc"), S("abd")));
    assert_false(nb_slice_equal(S("abc"), S("ab")));
    assert_true(nb_slice_is(NB_SLICE("x"), "x"));
    assert_false(nb_slice_is(NB_SLICE("x\0"), "x"));
    assert_int_equal(nb_slice_of(NULL).n, 0);
}

static void slice_equal_nocase_folds_ascii_letters_only(void **state NB_UNUSED)
{
    static const struct {
        const char *a;
        const char *b;
        bool want;
    } cases[] = {
        {"", "", true},         {"aZ", "Az", true}, {"@", "`", false},
        {"[", "{", false},      {"a", "ab", false}, {"\xC3\x84", "\xC3\xA4", false},
        {"k1_-", "K1_-", true},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        if (nb_slice_equal_nocase(S(cases[i].a), S(cases[i].b)) != cases[i].want) {
            fail_msg("%s, %s", cases[i].a, cases[i].b);
        }
    }
}

static void slice_compare_orders_by_unsigned_byte_and_prefix(void **state NB_UNUSED)
{
    static const char *const sorted[] = {"", "a", "ab", "b", "b\x7F", "b\x80", "\xFF"};

    for (size_t i = 0; i < NB_ARRAY_LEN(sorted); i++) {
        for (size_t j = 0; j < NB_ARRAY_LEN(sorted); j++) {
            assert_int_equal(nb_slice_compare(S(sorted[i]), S(sorted[j])), (i > j) - (i < j));
        }
    }
    assert_int_equal(nb_slice_compare((struct slice){0}, (struct slice){0}), 0);
}

static void slice_starts_and_ends_need_the_whole_affix(void **state NB_UNUSED)
{
    assert_true(nb_slice_starts(S("foobar"), "foo"));
    assert_true(nb_slice_starts(S("foo"), "foo"));
    assert_false(nb_slice_starts(S("fo"), "foo"));
    assert_true(nb_slice_starts((struct slice){0}, ""));
    assert_true(nb_slice_ends(S("foobar"), "bar"));
    assert_false(nb_slice_ends(S("ar"), "bar"));
    assert_true(nb_slice_ends((struct slice){0}, ""));
}

static void slice_wrapped_needs_a_byte_between(void **state NB_UNUSED)
{
    assert_true(nb_slice_wrapped(S("--x--"), "--", "--"));
    assert_false(nb_slice_wrapped(S("----"), "--", "--"));
    assert_false(nb_slice_wrapped(S("---"), "--", "--")); // the ends may not overlap
    assert_false(nb_slice_wrapped(S("--x-"), "--", "--"));
}

static void slice_sub_clips_to_what_is_there(void **state NB_UNUSED)
{
    struct slice s = S("hello");

    assert_true(nb_slice_is(nb_slice_sub(s, 1, 3), "ell"));
    assert_true(nb_slice_is(nb_slice_sub(s, 1, SIZE_MAX), "ello"));
    assert_true(nb_slice_is(nb_slice_sub(s, 5, 1), ""));
    assert_true(nb_slice_is(nb_slice_sub(s, SIZE_MAX, SIZE_MAX), ""));
    assert_null(nb_slice_sub((struct slice){0}, 3, 3).p);
}

static void slice_trim_takes_blanks_off_both_ends(void **state NB_UNUSED)
{
    assert_true(nb_slice_is(nb_slice_trim(S(" \t\r\n a b\n ")), "a b"));
    assert_true(nb_slice_is(nb_slice_trim(S(" \n")), ""));
    assert_true(nb_slice_is(nb_slice_trim((struct slice){0}), ""));
    assert_true(nb_slice_is(nb_slice_trim(S("\v")), "\v"));
}

static void slice_find_gives_the_first_index_or_the_length(void **state NB_UNUSED)
{
    assert_int_equal(nb_slice_find_byte(S("abcabc"), 'b'), 1);
    assert_int_equal(nb_slice_find_byte(S("abc"), 'x'), 3);
    assert_int_equal(nb_slice_find_byte((struct slice){0}, 'x'), 0);
    assert_int_equal(nb_slice_find(S("abcabd"), S("abd")), 3);
    assert_int_equal(nb_slice_find(S("abcabd"), S("")), 0);
    assert_int_equal(nb_slice_find(S("ab"), S("abc")), 2);
    assert_int_equal(nb_slice_find((struct slice){0}, S("a")), 0);
}

static void take_line_accepts_both_line_ends(void **state NB_UNUSED)
{
    struct slice text = S("one\r\ntwo\n\n\r\nlast\r");
    static const char *const want[] = {"one", "two", "", "", "last\r"};
    struct slice line;

    for (size_t i = 0; i < NB_ARRAY_LEN(want); i++) {
        assert_true(nb_slice_take_line(&text, &line));
        assert_true(nb_slice_is(line, want[i]));
    }
    assert_false(nb_slice_take_line(&text, &line));
    assert_false(nb_slice_take_line(&(struct slice){0}, &line));
}

static void take_field_splits_at_each_separator(void **state NB_UNUSED)
{
    struct slice text = S(",a,,b,");
    static const char *const want[] = {"", "a", "", "b"};
    struct slice field;

    for (size_t i = 0; i < NB_ARRAY_LEN(want); i++) {
        assert_true(nb_slice_take_field(&text, ',', &field));
        assert_true(nb_slice_is(field, want[i]));
    }
    assert_int_equal(text.n, 0);
    assert_non_null(text.p);
    assert_false(nb_slice_take_field(&text, ',', &field));
}

static void copies_are_owned_and_terminated(void **state NB_UNUSED)
{
    struct slice copy = nb_slice_dup(NB_SLICE("a\0b"));
    char *text = nb_slice_cstr(S("abc"));
    struct slice empty = nb_slice_dup((struct slice){0});

    assert_int_equal(copy.n, 3);
    assert_memory_equal(copy.p, "a\0b", 4);
    assert_string_equal(text, "abc");
    assert_int_equal(empty.n, 0);
    assert_int_equal(empty.p[0], 0);
    nb_slice_wipe_free(&copy);
    nb_slice_wipe_free(&copy);
    nb_slice_free(&empty);
    nb_slice_free(&empty);
    assert_null(copy.p);
    assert_int_equal(copy.n, 0);
    nb_free(text);
}

static void equal_secret_sees_a_difference_in_any_place(void **state NB_UNUSED)
{
    uint8_t a[33] = {0};
    uint8_t b[33] = {0};

    assert_true(nb_slice_equal_secret(nb_slice_make(a, 33), nb_slice_make(b, 33)));
    assert_false(nb_slice_equal_secret(nb_slice_make(a, 33), nb_slice_make(b, 32)));
    for (size_t i = 0; i < sizeof(b); i++) {
        b[i] = 0x80;
        assert_false(nb_slice_equal_secret(nb_slice_make(a, 33), nb_slice_make(b, 33)));
        b[i] = 0;
    }
    assert_true(nb_slice_equal_secret((struct slice){0}, (struct slice){0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slice_equal_compares_bytes_and_length),
        cmocka_unit_test(slice_equal_nocase_folds_ascii_letters_only),
        cmocka_unit_test(slice_compare_orders_by_unsigned_byte_and_prefix),
        cmocka_unit_test(slice_starts_and_ends_need_the_whole_affix),
        cmocka_unit_test(slice_wrapped_needs_a_byte_between),
        cmocka_unit_test(slice_sub_clips_to_what_is_there),
        cmocka_unit_test(slice_trim_takes_blanks_off_both_ends),
        cmocka_unit_test(slice_find_gives_the_first_index_or_the_length),
        cmocka_unit_test(take_line_accepts_both_line_ends),
        cmocka_unit_test(take_field_splits_at_each_separator),
        cmocka_unit_test(copies_are_owned_and_terminated),
        cmocka_unit_test(equal_secret_sees_a_difference_in_any_place),
    };
    return cmocka_run_group_tests_name("slice", tests, NULL, NULL);
}
