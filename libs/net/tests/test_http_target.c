#include "nb_test.h"

#include "http_target.h"

static const struct {
    const char *target;
    const char *path;
    const char *query;
} splits[] = {
    {"/", "/", ""},
    {"/varz", "/varz", ""},
    {"/varz?", "/varz", ""},
    {"/connz?limit=1&sort=cid", "/connz", "limit=1&sort=cid"},
    {"/connz?a=b?c=d", "/connz", "a=b?c=d"},
    {"/connz?a=b#part", "/connz", "a=b"},
    {"/connz#part?a=b", "/connz", ""},
    {"http://host:8222/varz?x=1", "/varz", "x=1"},
    {"http://host", "", ""},
    {"/a?url=http://host/", "/a", "url=http://host/"},
    {"*", "*", ""},
    {"host:443", "host:443", ""},
    {"", "", ""},
    {"?a=b", "", "a=b"},
};

static void targets_are_split(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(splits); i++) {
        struct slice path;
        struct slice query;

        nnet__http_target_split(nb_slice_of(splits[i].target), &path, &query);
        if (!nb_slice_is(path, splits[i].path) || !nb_slice_is(query, splits[i].query)) {
            fail_msg("%s", splits[i].target);
        }
    }
}

static const struct {
    const char *raw;
    const char *path; // NULL: malformed
    const char *query;
} codes[] = {
    {"", "", ""},
    {"abc", "abc", "abc"},
    {"a+b", "a+b", "a b"},
    {"%41", "A", "A"},
    {"%2fx", "/x", "/x"},
    {"%2F%2f", "//", "//"},
    {"%", NULL, NULL},
    {"a%4", NULL, NULL},
    {"%4g", NULL, NULL},
    {"%g4", NULL, NULL},
    {"%%41", NULL, NULL},
    {"100%25", "100%", "100%"},
    {"%E2%82%AC", "\xE2\x82\xAC", "\xE2\x82\xAC"},
};

static void percent_signs_are_decoded(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(codes); i++) {
        struct slice raw = nb_slice_dup(nb_slice_of(codes[i].raw));
        struct nb_arena arena;
        struct slice path = {.n = 0};
        struct slice query = {.n = 0};
        int want = codes[i].path != NULL ? NB_OK : NB_EMALFORMED;

        nb_arena_init(&arena, 4096);
        assert_int_equal(nnet__http_decode_path(raw, &arena, &path), want);
        assert_int_equal(nnet__http_decode_query(raw, &arena, &query), want);
        if (want == NB_OK) {
            assert_true(nb_slice_is(path, codes[i].path));
            assert_true(nb_slice_is(query, codes[i].query));
        }
        nb_arena_fini(&arena);
        nb_slice_free(&raw);
    }
}

static void decoding_has_a_limit(void **state NB_UNUSED)
{
    struct nb_arena arena;
    struct slice out;

    nb_arena_init(&arena, 10);
    assert_int_equal(nnet__http_decode_path(NB_SLICE("longer than the arena"), &arena, &out),
                     NB_ELIMIT);
    nb_arena_fini(&arena);
}

static const struct {
    const char *query;
    const char *name;
    const char *value; // NULL: absent or empty
} finds[] = {
    {"a=1", "a", "1"},         {"a=1&a=2", "a", "1"}, // the first wins
    {"a=&a=2", "a", NULL},                            // also when it is empty
    {"a", "a", NULL},          {"ab=1", "a", NULL},       {"a=1", "ab", NULL},
    {"x=1&b=2", "b", "2"},     {"%61=1", "a", "1"},       {"a%62=1", "ab", "1"},
    {"a+b=c+d", "a b", "c d"}, {"a=%zz&a=2", "a", "2"}, // malformed pairs are passed over
    {"%zz=1&a=2", "a", "2"},   {"a=1;b=2&b=3", "b", "3"}, {"a=1;b=2", "a", NULL},
    {"a=b=c", "a", "b=c"},     {"=1", "a", NULL},         {"&&a=1&", "a", "1"},
    {"", "a", NULL},           {"a=%2", "a", NULL},
};

static void parameters_are_found(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(finds); i++) {
        struct slice query = nb_slice_dup(nb_slice_of(finds[i].query));
        struct nb_arena arena;
        struct slice value = {.n = 0};
        bool found;

        nb_arena_init(&arena, 4096);
        found = nnet__http_query_find(query, nb_slice_of(finds[i].name), &arena, &value);
        if (found != (finds[i].value != NULL) || (found && !nb_slice_is(value, finds[i].value))) {
            fail_msg("%s in %s", finds[i].name, finds[i].query);
        }
        nb_arena_fini(&arena);
        nb_slice_free(&query);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_are_split),
        cmocka_unit_test(percent_signs_are_decoded),
        cmocka_unit_test(decoding_has_a_limit),
        cmocka_unit_test(parameters_are_found),
    };
    return cmocka_run_group_tests_name("http_target", tests, NULL, NULL);
}
