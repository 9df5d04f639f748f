#include "nb_test.h" // cmocka and the headers it needs

#include <natsd/headers.h>
#include <natsd/memory.h>

#include <string.h>

#define V "NATS/1.0\r\n"

static void assert_holds(struct nb_buf *out, int rc, int want_rc, const char *want)
{
    assert_int_equal(rc, want_rc);
    if (rc == NB_OK && !nb_slice_is(nb_buf_slice(out), want)) {
        fail_msg("got\n%.*swant\n%s", NB_SLICE_ARGS(nb_buf_slice(out)), want);
    }
    nb_buf_fini(out);
}

static void headers_are_built_line_by_line(void **state NB_UNUSED)
{
    struct nb_buf out;

    nb_buf_init(&out, 4096);
    assert_int_equal(nproto_headers_begin(&out, 0, (struct slice){0}), NB_OK);
    assert_int_equal(nproto_headers_add(&out, NB_SLICE("Header1"), NB_SLICE("X")), NB_OK);
    assert_int_equal(nproto_headers_add(&out, NB_SLICE("Header1"), NB_SLICE("Y")), NB_OK);
    assert_int_equal(nproto_headers_add(&out, NB_SLICE("Header2"), NB_SLICE("Z")), NB_OK);
    assert_int_equal(nproto_headers_end(&out), NB_OK);
    assert_int_equal(nb_buf_slice(&out).n, 48); // spec 10.1
    assert_holds(&out, NB_OK, NB_OK, V "Header1: X\r\nHeader1: Y\r\nHeader2: Z\r\n\r\n");
}

static void headers_begin_with_a_status_or_without(void **state NB_UNUSED)
{
    struct nb_buf out;

    nb_buf_init(&out, 4096);
    assert_holds(&out, nproto_headers_begin(&out, 503, (struct slice){0}), NB_OK,
                 "NATS/1.0 503\r\n");
    assert_holds(&out, nproto_headers_begin(&out, 100, NB_SLICE("Idle Heartbeat")), NB_OK,
                 "NATS/1.0 100 Idle Heartbeat\r\n");
    assert_holds(&out, nproto_headers_begin(&out, 100, NB_SLICE("a\r\nB: c")), NB_EINVALID, "");
}

static void headers_refuse_lines_that_would_be_others(void **state NB_UNUSED)
{
    static const char *const keys[] = {"", "a:b", "a b", "a\tb", "a\r", "a\n", "a\x7f", " a", "a "};
    static const char *const values[] = {"a\r", "a\nb", "\r\n"};
    struct nb_buf out;

    nb_buf_init(&out, 4096);
    for (size_t i = 0; i < NB_ARRAY_LEN(keys); i++) {
        assert_int_equal(nproto_headers_add(&out, nb_slice_of(keys[i]), NB_SLICE("v")),
                         NB_EINVALID);
        assert_int_equal(nproto_headers_set(NB_SLICE(V "\r\n"), keys[i], NB_SLICE("v"), &out),
                         NB_EINVALID);
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(values); i++) {
        assert_int_equal(nproto_headers_add(&out, NB_SLICE("k"), nb_slice_of(values[i])),
                         NB_EINVALID);
    }
    assert_holds(&out, NB_OK, NB_OK, "");
}

static const struct {
    const char *block;
    const char *value;
    int rc;
    const char *want;
} sets[] = {
    {"", "v", NB_OK, V "Key: v\r\n\r\n"},
    {V "\r\n", "v", NB_OK, V "Key: v\r\n\r\n"},
    {V "A: b\r\n\r\n", "v", NB_OK, V "A: b\r\nKey: v\r\n\r\n"},
    {V "Key: old\r\nA: b\r\nKey:older\r\n\r\n", "v", NB_OK, V "A: b\r\nKey: v\r\n\r\n"},
    {"NATS/1.0 503 x\r\nKey: old\r\n\r\n", "v", NB_OK, "NATS/1.0 503 x\r\nKey: v\r\n\r\n"},
    {V "Keys: 1\r\nXKey: 2\r\nkey: 3\r\nA: Key: 4\r\nB: x\nKey: 5\r\n\r\n", "v", NB_OK,
     V "Keys: 1\r\nXKey: 2\r\nkey: 3\r\nA: Key: 4\r\nB: x\nKey: 5\r\nKey: v\r\n\r\n"},
    {"", "", NB_OK, V "Key: \r\n\r\n"},
    {"", "  a\r\nB: c\r ", NB_OK, V "Key: a  B: c\r\n\r\n"},
    {"", "\r\n", NB_OK, V "Key: \r\n\r\n"},
    {"x", "v", NB_EMALFORMED, ""},
    {V, "v", NB_EMALFORMED, ""},
    {V "A: b\r\n", "v", NB_EMALFORMED, ""},
};

static void headers_set_replaces_all_lines_of_the_key(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(sets); i++) {
        struct nb_buf out;

        nb_buf_init(&out, 4096);
        assert_holds(
            &out,
            nproto_headers_set(nb_slice_of(sets[i].block), "Key", nb_slice_of(sets[i].value), &out),
            sets[i].rc, sets[i].want);
    }
}

static const struct {
    const char *block;
    int rc;
    const char *want;
} removes[] = {
    {V "Key: 1\r\n\r\n", NB_OK, ""},
    {V "Key: 1\r\nKey:2\r\n\r\n", NB_OK, ""},
    {V "\r\n", NB_OK, ""},
    {V "A: b\r\nKey: 1\r\nC: d\r\nKey: 2\r\n\r\n", NB_OK, V "A: b\r\nC: d\r\n\r\n"},
    {V "Key-2: 1\r\nX-Key: 2\r\n\r\n", NB_OK, V "Key-2: 1\r\nX-Key: 2\r\n\r\n"},
    {"NATS/1.0 404\r\nKey: 1\r\n\r\n", NB_OK, "NATS/1.0 404\r\n\r\n"},
    {"", NB_EMALFORMED, ""},
    {V "Key: 1", NB_EMALFORMED, ""},
};

static void headers_remove_leaves_all_other_lines(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(removes); i++) {
        struct nb_buf out;

        nb_buf_init(&out, 4096);
        assert_holds(&out, nproto_headers_remove(nb_slice_of(removes[i].block), "Key", &out),
                     removes[i].rc, removes[i].want);
    }
}

static void headers_remove_status_leaves_the_lines(void **state NB_UNUSED)
{
    static const struct {
        const char *block;
        int rc;
        const char *want;
    } cases[] = {
        {"NATS/1.0 503\r\n\r\n", NB_OK, ""},
        {"NATS/1.0 404 No Messages\r\nA: b\r\n\r\n", NB_OK, V "A: b\r\n\r\n"},
        {V "A: b\r\n\r\n", NB_OK, V "A: b\r\n\r\n"},
        {V "\r\n", NB_OK, ""},
        {"NATS/1.0 503\r\n", NB_EMALFORMED, ""},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nb_buf out;

        nb_buf_init(&out, 4096);
        assert_holds(&out, nproto_headers_remove_status(nb_slice_of(cases[i].block), &out),
                     cases[i].rc, cases[i].want);
    }
}

static void headers_notice_of_no_responders_is_exact(void **state NB_UNUSED)
{
    static const char *const subjects[] = {"foo.bar", ""};
    static const char *const wants[] = {"NATS/1.0 503\r\nNats-Subject: foo.bar\r\n\r\n",
                                        "NATS/1.0 503\r\nNats-Subject: \r\n\r\n"};

    for (size_t i = 0; i < NB_ARRAY_LEN(subjects); i++) {
        const struct slice subject = nb_slice_of(subjects[i]);
        const size_t size = NPROTO_NO_RESPONDERS_BYTES + subject.n;
        uint8_t *out = nb_alloc(size);

        assert_int_equal(nproto_headers_write_no_responders(subject, out), size);
        assert_true(nb_slice_is(nb_slice_make(out, size), wants[i]));
        nb_free(out);
    }
}

static void headers_stop_at_the_buffers_limit(void **state NB_UNUSED)
{
    const struct slice block = NB_SLICE("NATS/1.0 1\r\nA: b\r\n\r\n");
    const struct slice want = NB_SLICE("NATS/1.0 1\r\nA: b\r\nKey: v w\r\n\r\n");

    for (size_t max = 0; max <= want.n; max++) {
        struct nb_buf out;
        int rc;

        nb_buf_init(&out, max);
        rc = nproto_headers_set(block, "Key", NB_SLICE("v\nw"), &out);
        assert_int_equal(rc, max < want.n ? NB_ELIMIT : NB_OK);
        nb_buf_fini(&out);
        nb_buf_init(&out, max);
        rc = nproto_headers_remove(block, "Key", &out);
        assert_int_equal(rc, max < block.n ? NB_ELIMIT : NB_OK);
        nb_buf_fini(&out);
        nb_buf_init(&out, max);
        rc = nproto_headers_add(&out, NB_SLICE("Key"), NB_SLICE("v")); // all or nothing
        assert_int_equal(rc, max < 8 ? NB_ELIMIT : NB_OK);
        assert_int_equal(nb_buf_slice(&out).n, max < 8 ? 0 : 8);
        nb_buf_fini(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_built_line_by_line),
        cmocka_unit_test(headers_begin_with_a_status_or_without),
        cmocka_unit_test(headers_refuse_lines_that_would_be_others),
        cmocka_unit_test(headers_set_replaces_all_lines_of_the_key),
        cmocka_unit_test(headers_remove_leaves_all_other_lines),
        cmocka_unit_test(headers_remove_status_leaves_the_lines),
        cmocka_unit_test(headers_notice_of_no_responders_is_exact),
        cmocka_unit_test(headers_stop_at_the_buffers_limit),
    };
    return cmocka_run_group_tests_name("headers_write", tests, NULL, NULL);
}
