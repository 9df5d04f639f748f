#include <natsd/buf.h>

#include "nb_test.h"

static void append_stops_exactly_at_the_limit(void **state NB_UNUSED)
{
    struct nb_buf buf;

    nb_buf_init(&buf, 5);
    assert_int_equal(nb_buf_append(&buf, NB_SLICE("abc")), NB_OK);
    assert_int_equal(nb_buf_append(&buf, NB_SLICE("def")), NB_ELIMIT);
    assert_true(nb_slice_is(nb_buf_slice(&buf), "abc"));
    assert_int_equal(nb_buf_append(&buf, NB_SLICE("de")), NB_OK);
    assert_true(nb_slice_is(nb_buf_slice(&buf), "abcde"));
    assert_int_equal(nb_buf_append(&buf, NB_SLICE("f")), NB_ELIMIT);
    assert_int_equal(nb_buf_append(&buf, NB_SLICE("")), NB_OK);
    nb_buf_fini(&buf);
    nb_buf_fini(&buf);
}

static void reserve_refuses_sizes_that_would_overflow(void **state NB_UNUSED)
{
    struct nb_buf buf;
    uint8_t *out = NULL;

    nb_buf_init(&buf, SIZE_MAX);
    nb_buf_must_text(&buf, "abc");
    assert_int_equal(nb_buf_reserve(&buf, SIZE_MAX, &out), NB_ELIMIT);
    assert_int_equal(nb_buf_reserve(&buf, SIZE_MAX - 2, &out), NB_ELIMIT);
    assert_null(out);
    nb_buf_fini(&buf);
}

static void grows_through_many_appends_and_keeps_all(void **state NB_UNUSED)
{
    struct nb_buf buf;

    nb_buf_init(&buf, 100000);
    for (unsigned i = 0; i < 100000; i++) {
        uint8_t byte = (uint8_t)(i * 7);

        assert_int_equal(nb_buf_append(&buf, nb_slice_make(&byte, 1)), NB_OK);
    }
    for (unsigned i = 0; i < 100000; i++) {
        assert_int_equal(nb_buf_slice(&buf).p[i], (uint8_t)(i * 7));
    }
    assert_int_equal(nb_buf_append(&buf, NB_SLICE("x")), NB_ELIMIT);
    assert_int_equal(buf.room, 100000); // growing stops at the limit, too
    nb_buf_fini(&buf);
}

static void reserve_then_commit_adds_what_was_written(void **state NB_UNUSED)
{
    struct nb_buf buf;
    uint8_t *out;

    nb_buf_init(&buf, 1000);
    assert_int_equal(nb_buf_reserve(&buf, 1000, &out), NB_OK);
    memset(out, 'x', 1000);
    nb_buf_commit(&buf, 10);
    assert_true(nb_slice_is(nb_buf_slice(&buf), "xxxxxxxxxx"));
    nb_buf_clear(&buf);
    assert_int_equal(nb_buf_slice(&buf).n, 0);
    nb_buf_wipe_fini(&buf);
    nb_buf_wipe_fini(&buf);
}

// Each length is near a size at which the text no longer fits the first try.
static void must_format_fits_any_length(void **state NB_UNUSED)
{
    for (int n = 0; n < 300; n++) {
        struct nb_buf buf;

        nb_buf_init(&buf, (size_t)n + 1);
        nb_buf_must_text(&buf, "<");
        nb_buf_must_format(&buf, "%*s", n, n > 0 ? "y" : "");
        assert_int_equal(nb_buf_slice(&buf).n, (size_t)n + 1);
        assert_int_equal(nb_buf_slice(&buf).p[n], n > 0 ? 'y' : '<');
        nb_buf_fini(&buf);
    }
}

static void drop_front_moves_the_rest(void **state NB_UNUSED)
{
    struct nb_buf buf;

    nb_buf_init(&buf, 100);
    nb_buf_drop_front(&buf, 0);
    nb_buf_must_text(&buf, "hello world");
    nb_buf_drop_front(&buf, 6);
    assert_true(nb_slice_is(nb_buf_slice(&buf), "world"));
    nb_buf_drop_front(&buf, 5);
    assert_int_equal(nb_buf_slice(&buf).n, 0);
    nb_buf_fini(&buf);
}

static void take_hands_over_terminated_bytes(void **state NB_UNUSED)
{
    struct nb_buf buf;
    struct slice text;

    nb_buf_init(&buf, 4);
    text = nb_buf_take(&buf);
    assert_int_equal(text.n, 0);
    assert_int_equal(text.p[0], 0);
    nb_slice_free(&text);
    nb_buf_must_text(&buf, "full");
    text = nb_buf_take(&buf);
    assert_string_equal((const char *)text.p, "full");
    nb_slice_free(&text);
    assert_int_equal(nb_buf_slice(&buf).n, 0);
    assert_int_equal(nb_buf_append(&buf, NB_SLICE("12345")), NB_ELIMIT); // the limit stays
    nb_buf_must_text(&buf, "1234");
    nb_buf_fini(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(append_stops_exactly_at_the_limit),
        cmocka_unit_test(reserve_refuses_sizes_that_would_overflow),
        cmocka_unit_test(grows_through_many_appends_and_keeps_all),
        cmocka_unit_test(reserve_then_commit_adds_what_was_written),
        cmocka_unit_test(must_format_fits_any_length),
        cmocka_unit_test(drop_front_moves_the_rest),
        cmocka_unit_test(take_hands_over_terminated_bytes),
    };
    return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
