#include "net_certs.h"

#include <natsd/ocsp_cache.h>

static struct certs made;
static char dir[CERTS_PATH_MAX];

static int make_dir(void **state NB_UNUSED)
{
    certs_init(&made);
    return 0;
}

static int drop_dir(void **state NB_UNUSED)
{
    certs_fini(&made);
    return 0;
}

// A directory of the test's own; it is not there yet.
static struct nnet_ocsp_cache *open_cache(const char *name, bool preserves_revoked)
{
    struct nnet_ocsp_cache_opts opts = {.dir = dir, .preserves_revoked = preserves_revoked};

    snprintf(dir, sizeof(dir), "%s/%s/deep", made.dir, name);
    return nnet_ocsp_cache_create(&opts);
}

static void expect_response(struct nnet_ocsp_cache *cache, struct slice cert, const char *want)
{
    struct slice response = {.p = NULL};
    bool found = nnet_ocsp_cache_find(cache, cert, &response);

    assert_true(found == (want != NULL));
    if (want != NULL) {
        assert_true(nb_slice_is(response, want));
        nb_slice_free(&response);
    }
}

static struct slice read_whole(const char *path)
{
    static char text[64 * 1024];
    FILE *file = fopen(path, "rb");
    size_t n;

    assert_non_null(file);
    n = fread(text, 1, sizeof(text) - 1, file);
    text[n] = '\0';
    fclose(file);
    return nb_slice_make(text, n);
}

static void what_was_put_in_is_found(void **state NB_UNUSED)
{
    struct nnet_ocsp_cache *cache = open_cache("found", false);

    expect_response(cache, NB_SLICE("a"), NULL);
    nnet_ocsp_cache_put(cache, NB_SLICE("a"), NB_SLICE("one"), NNET_OCSP_GOOD, 10, 20);
    nnet_ocsp_cache_put(cache, NB_SLICE("b"), NB_SLICE("two"), NNET_OCSP_REVOKED, 10, 20);
    expect_response(cache, NB_SLICE("a"), "one");
    expect_response(cache, NB_SLICE("b"), "two");
    nnet_ocsp_cache_put(cache, NB_SLICE("a"), NB_SLICE("three"), NNET_OCSP_GOOD, 11, 21);
    expect_response(cache, NB_SLICE("a"), "three");
    assert_int_equal(nnet_ocsp_cache_count(cache), 2);
    nnet_ocsp_cache_forget(cache, NB_SLICE("b"));
    nnet_ocsp_cache_forget(cache, NB_SLICE("c"));
    expect_response(cache, NB_SLICE("b"), NULL);
    assert_ptr_equal(nnet_ocsp_cache_ref(cache), cache);
    nnet_ocsp_cache_unref(cache);
    nnet_ocsp_cache_unref(cache);
}

static void revoked_ones_are_preserved_on_request(void **state NB_UNUSED)
{
    struct nnet_ocsp_cache *cache = open_cache("preserved", true);

    nnet_ocsp_cache_put(cache, NB_SLICE("a"), NB_SLICE("one"), NNET_OCSP_GOOD, 10, 20);
    nnet_ocsp_cache_put(cache, NB_SLICE("b"), NB_SLICE("two"), NNET_OCSP_REVOKED, 10, 20);
    nnet_ocsp_cache_forget(cache, NB_SLICE("a"));
    nnet_ocsp_cache_forget(cache, NB_SLICE("b"));
    expect_response(cache, NB_SLICE("a"), NULL);
    expect_response(cache, NB_SLICE("b"), "two");
    nnet_ocsp_cache_unref(cache);
}

static void the_oldest_goes_at_the_limit(void **state NB_UNUSED)
{
    struct nnet_ocsp_cache *cache = open_cache("limit", false);

    for (uint32_t i = 0; i <= NNET_OCSP_CACHE_ENTRIES_MAX; i++) {
        nnet_ocsp_cache_put(cache, nb_slice_make(&i, sizeof(i)), NB_SLICE("x"), NNET_OCSP_GOOD, 10,
                            20);
        if (i == 0 || i == 1 || i >= NNET_OCSP_CACHE_ENTRIES_MAX - 1) {
            uint32_t first = 0;

            expect_response(cache, nb_slice_make(&first, sizeof(first)),
                            i < NNET_OCSP_CACHE_ENTRIES_MAX ? "x" : NULL);
        }
    }
    assert_int_equal(nnet_ocsp_cache_count(cache), NNET_OCSP_CACHE_ENTRIES_MAX);
    nnet_ocsp_cache_unref(cache);
}

static void responses_that_are_too_large_are_not_kept(void **state NB_UNUSED)
{
    struct nnet_ocsp_cache *cache = open_cache("large", false);
    uint8_t *large = nb_zalloc(NNET_OCSP_RESPONSE_MAX_BYTES + 1);

    for (size_t more = 0; more < 2; more++) {
        nnet_ocsp_cache_put(cache, more == 0 ? NB_SLICE("a") : NB_SLICE("b"),
                            nb_slice_make(large, NNET_OCSP_RESPONSE_MAX_BYTES + more),
                            NNET_OCSP_GOOD, 10, 20);
    }
    assert_int_equal(nnet_ocsp_cache_count(cache), 1);
    nb_free(large);
    nnet_ocsp_cache_unref(cache);
}

static void a_saved_cache_is_loaded_by_another(void **state NB_UNUSED)
{
    struct nnet_ocsp_cache *cache = open_cache("saved", false);
    struct nnet_ocsp_cache *again;
    struct nb_diag diag;
    char path[CERTS_PATH_MAX + 16];

    assert_int_equal(nnet_ocsp_cache_load(cache, &diag), NB_ENOTFOUND);
    nnet_ocsp_cache_put(cache, NB_SLICE("a"), NB_SLICE("one"), NNET_OCSP_GOOD, 1700000000,
                        1700003600);
    nnet_ocsp_cache_put(cache, NB_SLICE("b"), NB_SLICE("two"), NNET_OCSP_UNKNOWN, 1, 2);
    assert_int_equal(nnet_ocsp_cache_save(cache, &diag), NB_OK);
    again = open_cache("saved", false);
    assert_int_equal(nnet_ocsp_cache_load(again, &diag), NB_OK);
    assert_int_equal(nnet_ocsp_cache_count(again), 2);
    expect_response(again, NB_SLICE("a"), "one");
    expect_response(again, NB_SLICE("b"), "two");
    snprintf(path, sizeof(path), "%s/cache.json", dir);
    assert_true(nb_slice_starts(read_whole(path),
                                "{\n \"ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=\": {\n"
                                "  \"subject\": \"\",\n"
                                "  \"cached_at\": \"2023-11-14T22:13:20Z\",\n"
                                "  \"resp_status\": \"good\",\n"
                                "  \"resp_expires\": \"2023-11-14T23:13:20Z\",\n"
                                "  \"resp\": \"/wYAAFMyc1R3TwEHAA"));
    assert_true(nb_slice_ends(read_whole(path), "\"\n }\n}"));
    nnet_ocsp_cache_unref(cache);
    nnet_ocsp_cache_unref(again);
}

static void only_a_changed_cache_is_written(void **state NB_UNUSED)
{
    struct nnet_ocsp_cache *cache = open_cache("changed", false);
    char path[CERTS_PATH_MAX + 16];

    snprintf(path, sizeof(path), "%s/cache.json", dir);
    assert_int_equal(nnet_ocsp_cache_save(cache, NULL), NB_OK);
    assert_int_equal(access(path, F_OK), -1);
    nnet_ocsp_cache_put(cache, NB_SLICE("a"), NB_SLICE("one"), NNET_OCSP_GOOD, 10, 20);
    assert_int_equal(nnet_ocsp_cache_save(cache, NULL), NB_OK);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(nnet_ocsp_cache_save(cache, NULL), NB_OK);
    assert_int_equal(access(path, F_OK), -1);
    nnet_ocsp_cache_forget(cache, NB_SLICE("a"));
    assert_int_equal(nnet_ocsp_cache_save(cache, NULL), NB_OK);
    assert_true(nb_slice_is(read_whole(path), "{}"));
    assert_int_equal(nnet_ocsp_cache_load(cache, NULL), NB_OK);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(nnet_ocsp_cache_save(cache, NULL), NB_OK);
    assert_int_equal(access(path, F_OK), -1);
    nnet_ocsp_cache_unref(cache);
}

// As the reference wrote it: a compressed chunk, a time with a fraction.
static void files_of_others_are_loaded(void **state NB_UNUSED)
{
    static const struct {
        const char *name;
        const char *text;
        int want;
        size_t count;
    } cases[] = {
        {"compressed",
         "{\"ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=\":{\"subject\":\"CN=a\","
         "\"cached_at\":\"2023-11-14T22:13:20.123Z\",\"resp_status\":\"revoked\","
         "\"resp_expires\":\"2023-11-14T23:13:20Z\","
         "\"resp\":\"/wYAAFMyc1R3TwALAAC7HxwZBRBoZWxsbw==\"}}",
         NB_OK, 1},
        {"empty", "{}", NB_OK, 0},
        {"no object", "[1]", NB_OK, 0},
        {"a short fingerprint",
         "{\"x\":{\"resp_status\":\"good\",\"resp\":\"/wYAAFMyc1R3TwALAAC7HxwZBRBoZWxsbw==\"}}",
         NB_OK, 0},
        {"no response",
         "{\"ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=\":{\"resp_status\":\"good\"}}", NB_OK, 0},
        {"a broken response",
         "{\"ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=\":{\"resp_status\":\"good\","
         "\"resp\":\"/wYAAFMyc1R3TwALAAC7HxwZBRBoZWxsbg==\"}}",
         NB_OK, 0},
        {"another status",
         "{\"ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=\":{\"resp_status\":\"bad\","
         "\"resp\":\"/wYAAFMyc1R3TwALAAC7HxwZBRBoZWxsbw==\"}}",
         NB_OK, 0},
        {"no JSON", "{\"", NB_EMALFORMED, 0},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nnet_ocsp_cache_opts opts = {.dir = made.dir};
        struct nnet_ocsp_cache *cache = nnet_ocsp_cache_create(&opts);
        char path[CERTS_PATH_MAX];
        int rc;

        snprintf(path, sizeof(path), "%s/cache.json", made.dir);
        certs_write_file(path, nb_slice_of(cases[i].text));
        rc = nnet_ocsp_cache_load(cache, NULL);
        if (rc != cases[i].want || nnet_ocsp_cache_count(cache) != cases[i].count) {
            fail_msg("%s: %d, %zu", cases[i].name, rc, nnet_ocsp_cache_count(cache));
        }
        if (cases[i].count > 0) {
            expect_response(cache, NB_SLICE("a"), "hello");
        }
        nnet_ocsp_cache_unref(cache);
        assert_int_equal(unlink(path), 0);
    }
}

static void a_place_that_cannot_be_written_is_told(void **state NB_UNUSED)
{
    struct nnet_ocsp_cache_opts opts = {.dir = "/dev/null/x"};
    struct nnet_ocsp_cache *cache = nnet_ocsp_cache_create(&opts);
    struct nb_diag diag = {.text = ""};

    nnet_ocsp_cache_put(cache, NB_SLICE("a"), NB_SLICE("one"), NNET_OCSP_GOOD, 10, 20);
    assert_int_not_equal(nnet_ocsp_cache_save(cache, &diag), NB_OK);
    assert_string_equal(diag.text, "mkdir /dev/null/x: not a directory");
    nnet_ocsp_cache_unref(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_in_is_found),
        cmocka_unit_test(revoked_ones_are_preserved_on_request),
        cmocka_unit_test(the_oldest_goes_at_the_limit),
        cmocka_unit_test(responses_that_are_too_large_are_not_kept),
        cmocka_unit_test(a_saved_cache_is_loaded_by_another),
        cmocka_unit_test(only_a_changed_cache_is_written),
        cmocka_unit_test(files_of_others_are_loaded),
        cmocka_unit_test(a_place_that_cannot_be_written_is_told),
    };
    return cmocka_run_group_tests_name("ocsp_cache", tests, make_dir, drop_dir);
}
