#include "nb_test.h" // cmocka and the headers it needs

#include <natsd/headers.h>
#include <natsd/memory.h>

#include <string.h>

#define V "NATS/1.0\r\n"

static struct slice exact_copy(struct slice s) // freed with nb_free
{
    uint8_t *copy = nb_alloc(s.n > 0 ? s.n : 1);

    if (s.n > 0) {
        memcpy(copy, s.p, s.n);
    }
    return nb_slice_make(copy, s.n);
}

static const struct {
    const char *block;
    const char *key;
    const char *want; // NULL: none
} lookups[] = {
    {V "Bar: Baz\r\n\r\n", "Bar", "Baz"},
    {V "Bar:Baz\r\n\r\n", "Bar", "Baz"},
    {V "Bar:    Baz  \r\n\r\n", "Bar", "Baz  "},
    {V "Bar: \tBaz\r\n\r\n", "Bar", "\tBaz"},
    {V "Bar:\r\n\r\n", "Bar", ""},
    {V "Bar: \r\n\r\n", "Bar", ""},
    {V "A: 1\r\nBar: a: b\r\nBar: c\r\n\r\n", "Bar", "a: b"},
    {V "Bar: one\rtwo\nthree\r\n\r\n", "Bar", "one\rtwo\nthree"},
    {V "bar: Baz\r\n\r\n", "Bar", NULL},
    {V "Barn: Baz\r\n\r\n", "Bar", NULL},
    {V "XBar: Baz\r\n\r\n", "Bar", NULL},
    {V "A: Bar: Baz\r\n\r\n", "Bar", NULL},
    {V "A: \nBar: Baz\r\n\r\n", "Bar", NULL},
    {V "Bar\r\n\r\n", "Bar", NULL},
    {V "Bar : Baz\r\n\r\n", "Bar", NULL},
    {"Bar: Baz\r\n\r\n", "Bar", NULL}, // never in the version line
    {"NATS/1.0 Bar: x\r\n\r\n", "Bar", NULL},
    {V "\r\n", "Bar", NULL},
    {"", "Bar", NULL},
    {V, "Bar", NULL},
    {V "Bar:", "Bar", ""}, // no proper block: still bounded
    {V "Bar: cut", "Bar", "cut"},
    {"x\r\nBar: y", "Bar", "y"},
};

static void headers_get_finds_the_first_of_exactly_the_key(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(lookups); i++) {
        struct slice block = exact_copy(nb_slice_of(lookups[i].block));
        struct slice value = NB_SLICE("untouched");
        const bool found = nproto_headers_get(block, lookups[i].key, &value);
        const char *want = lookups[i].want != NULL ? lookups[i].want : "untouched";

        if (found != (lookups[i].want != NULL) || !nb_slice_is(value, want)) {
            fail_msg("%s: got %d %.*s", lookups[i].block, found, NB_SLICE_ARGS(value));
        }
        nb_free((void *)block.p);
    }
}

static const struct {
    const char *block;
    int status;
    const char *description;
} statuses[] = {
    {V "\r\n", 0, ""},
    {"NATS/1.0 503\r\n\r\n", 503, ""},
    {"NATS/1.0 503\r\nA: b\r\n\r\n", 503, ""},
    {"NATS/1.0 100 Idle Heartbeat\r\n\r\n", 100, "Idle Heartbeat"},
    {"NATS/1.0  404   No  Messages \r\n\r\n", 404, "No  Messages"},
    {"NATS/1.0 \r\n\r\n", 0, ""},
    {"NATS/1.0 x\r\n\r\n", 0, ""},
    {"NATS/1.0 -1\r\n\r\n", 0, ""},
    {"NATS/1.0 1000\r\n\r\n", 0, ""},
    {"NATS/1.0 503", 0, ""},
    {"NATS/1.0503\r\n\r\n", 0, ""},
    {"", 0, ""},
};

static void headers_status_reads_the_version_line(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(statuses); i++) {
        struct slice description;

        assert_int_equal(nproto_headers_status(nb_slice_of(statuses[i].block), &description),
                         statuses[i].status);
        assert_true(nb_slice_is(description, statuses[i].description));
    }
}

struct seen {
    struct nb_buf text;
    size_t left; // calls until it wants no more
};

static bool see(void *ctx, struct slice key, struct slice value)
{
    struct seen *seen = ctx;

    nb_buf_must_format(&seen->text, "%.*s=%.*s;", NB_SLICE_ARGS(key), NB_SLICE_ARGS(value));
    return --seen->left > 0;
}

static const struct {
    const char *block;
    int rc;
    const char *want; // with an error what was seen before it
} walks[] = {
    {V "\r\n", NB_OK, ""},
    {"NATS/1.0 503 x\r\nA: b\r\n\r\n", NB_OK, "A=b;"},
    {V "A: 1\r\nA: 2\r\nB:3 \r\n\r\n", NB_OK, "A=1;A=2;B=3 ;"},
    {V "A: b: c\r\n\r\n", NB_OK, "A=b: c;"},
    {"", NB_EMALFORMED, ""},
    {"NATS/1.0", NB_EMALFORMED, ""},
    {V, NB_EMALFORMED, ""},
    {"NATS/1.1\r\n\r\n", NB_EMALFORMED, ""},
    {"NATS/1.01\r\n\r\n", NB_EMALFORMED, ""},
    {"no version\r\n\r\n", NB_EMALFORMED, ""},
    {V "A: b\r\n", NB_EMALFORMED, ""},
    {V "A: b\r\nbroken\r\n\r\n", NB_EMALFORMED, "A=b;"},
    {V ": x\r\n\r\n", NB_EMALFORMED, ""},
    {V "A: b\r\n\r\nC: d\r\n\r\n", NB_EMALFORMED, "A=b;"}, // a blank line inside
};

static void headers_each_walks_all_lines_of_a_proper_block(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(walks); i++) {
        struct slice block = exact_copy(nb_slice_of(walks[i].block));
        struct seen seen = {.left = SIZE_MAX};

        nb_buf_init(&seen.text, 4096);
        assert_int_equal(nproto_headers_each(block, see, &seen), walks[i].rc);
        assert_true(nb_slice_is(nb_buf_slice(&seen.text), walks[i].want));
        nb_buf_fini(&seen.text);
        nb_free((void *)block.p);
    }
}

static void headers_each_stops_when_told(void **state NB_UNUSED)
{
    struct seen seen = {.left = 2};

    nb_buf_init(&seen.text, 4096);
    assert_int_equal(nproto_headers_each(NB_SLICE(V "A: 1\r\nB: 2\r\nC: 3\r\n\r\n"), see, &seen),
                     NB_OK);
    assert_true(nb_slice_is(nb_buf_slice(&seen.text), "A=1;B=2;"));
    nb_buf_fini(&seen.text);
}

// Nothing is read beyond a block that is cut anywhere, and no prefix passes for a whole one.
static void headers_of_every_prefix_are_bounded(void **state NB_UNUSED)
{
    const struct slice whole = NB_SLICE("NATS/1.0 100 Idle\r\nA: b\r\nBar:  c\r\n\r\n");

    for (size_t n = 0; n < whole.n; n++) {
        struct slice cut = exact_copy(nb_slice_sub(whole, 0, n));
        struct seen seen = {.left = SIZE_MAX};
        struct slice value;

        nb_buf_init(&seen.text, 4096);
        assert_int_equal(nproto_headers_each(cut, see, &seen), NB_EMALFORMED);
        assert_int_equal(nproto_headers_status(cut, &value), 0);
        nproto_headers_get(cut, "Bar", &value);
        nb_buf_fini(&seen.text);
        nb_free((void *)cut.p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_get_finds_the_first_of_exactly_the_key),
        cmocka_unit_test(headers_status_reads_the_version_line),
        cmocka_unit_test(headers_each_walks_all_lines_of_a_proper_block),
        cmocka_unit_test(headers_each_stops_when_told),
        cmocka_unit_test(headers_of_every_prefix_are_bounded),
    };
    return cmocka_run_group_tests_name("headers_read", tests, NULL, NULL);
}
