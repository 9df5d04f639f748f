/* Small parts of `natsctl auth`: numbers, times, types of keys, private files. */
#include "nb_test.h"

#include "auth/moment.h"
#include "auth/private_file.h"
#include "auth/seed_types.h"
#include "auth/store.h"
#include "auth/user_limits.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

// -- numbers ---------------------------------------------------------------------------------

static const struct {
    const char *text;
    bool has_units;
    int want;
    int64_t value;
} limits[] = {
    {"0", false, NB_OK, 0},
    {"-1", false, NB_OK, -1},
    {"-7", true, NB_OK, -1},
    {"1000", false, NB_OK, 1000},
    {"1KB", true, NB_OK, 1024},
    {"1k", true, NB_OK, 1024},
    {"5B", true, NB_OK, 5},
    {"2MiB", true, NB_OK, 2 * 1024 * 1024},
    {"1GiB", true, NB_OK, 1073741824},
    {"1T", true, NB_OK, INT64_C(1099511627776)},
    {"8388607T", true, NB_OK, INT64_C(8388607) << 40},
    {"8388608T", true, NB_EMALFORMED, 0}, // one more than fits
    {"9223372036854775807", false, NB_OK, INT64_MAX},
    {"9223372036854775808", false, NB_EMALFORMED, 0},
    {"1KB", false, NB_EMALFORMED, 0},
    {"5B", false, NB_EMALFORMED, 0},
    {"5Q", true, NB_EMALFORMED, 0},
    {"1kx", true, NB_EMALFORMED, 0},
    {"KB", true, NB_EMALFORMED, 0},
    {"", true, NB_EMALFORMED, 0},
    {"1-2", false, NB_EMALFORMED, 0},
    {"1 KB", true, NB_EMALFORMED, 0},
};

static void limit_is_read_with_units_where_it_may_have_some(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(limits); i++) {
        int64_t value = 0;
        int rc = limit_read(limits[i].text, limits[i].has_units, &value);

        if (rc != limits[i].want || value != limits[i].value) {
            fail_msg("\"%s\": %d %lld", limits[i].text, rc, (long long)value);
        }
    }
}

// -- times -----------------------------------------------------------------------------------

static const struct {
    const char *text;
    int sign;
    int want;
    int64_t at;
} moments[] = {
    {"1h", 1, NB_OK, 1000 + 3600},
    {"1h", -1, NB_OK, 1000 - 3600},
    {"1d", 1, NB_OK, 1000 + 86400},
    {"@1700000000", 1, NB_OK, 1700000000},
    {"2023-11-14T22:13:20Z", 1, NB_OK, 1700000000},
    {"2023-11-15T00:13:20+02:00", 1, NB_OK, 1700000000},
    {"2023-11-14T20:43:20-01:30", 1, NB_OK, 1700000000},
    {"2023-11-14 22:13:20", 1, NB_OK, 1700000000},
    {"2023-11-14 22:13", 1, NB_OK, 1699999980},
    {"2023-11-14", 1, NB_OK, 1699920000},
    {"2023-11-14T22:13:20", 1, NB_EMALFORMED, 0},
    {"2023-11-14T22:13:20+2", 1, NB_EMALFORMED, 0},
    {"2023-13-14", 1, NB_EMALFORMED, 0},
    {"2023-11-14 22", 1, NB_EMALFORMED, 0},
    {"@", 1, NB_EMALFORMED, 0},
    {"@x", 1, NB_EMALFORMED, 0},
    {"@-1", 1, NB_EMALFORMED, 0},
    {"soon", 1, NB_EMALFORMED, 0},
    {"", 1, NB_EMALFORMED, 0},
    {"2023-11-14                                                                       ", 1,
     NB_EMALFORMED, 0},
};

static void moment_is_read_in_each_form(void **state NB_UNUSED)
{
    struct cli cli = {.program = "natsctl"};

    cli.globals[GLOBAL_UTC].is_on = true;
    for (size_t i = 0; i < NB_ARRAY_LEN(moments); i++) {
        struct slice exact = nb_slice_dup(nb_slice_of(moments[i].text));
        int64_t at = 0;
        int rc = moment_read(&cli, exact, 1000, moments[i].sign, &at);

        if (rc != moments[i].want || at != moments[i].at) {
            fail_msg("\"%s\": %d %lld", moments[i].text, rc, (long long)at);
        }
        nb_slice_free(&exact);
    }
}

static void moment_is_shown_for_people(void **state NB_UNUSED)
{
    static const struct {
        int64_t at;
        const char *want;
    } cases[] = {
        {0, "never"}, {1700000000, "2023-11-14 22:13:20"}, {INT64_MAX, "@9223372036854775807"}};
    struct cli cli = {.program = "natsctl"};

    cli.globals[GLOBAL_UTC].is_on = true;
    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nb_buf text;

        nb_buf_init(&text, 128);
        moment_format(&cli, cases[i].at, &text);
        assert_true(nb_slice_is(nb_buf_slice(&text), cases[i].want));
        nb_buf_fini(&text);
    }
}

// -- names -----------------------------------------------------------------------------------

static void types_of_keys_have_names(void **state NB_UNUSED)
{
    enum nauth_nkey_type type;

    assert_int_equal(seed_type_of("x25519", &type), NB_OK);
    assert_string_equal(seed_type_name(type), "curve");
    assert_int_equal(seed_type_of("operator", &type), NB_OK);
    assert_string_equal(seed_type_name(type), "operator");
    assert_int_equal(seed_type_of("", &type), NB_ENOTFOUND);
}

static void names_cannot_leave_the_store(void **state NB_UNUSED)
{
    static const char *const good[] = {"A", "with space", "a.b", "\xc3\xa4"};
    static const char *const bad[] = {"", ".", "..", ".a", "a/b", "/", "a\\b", "a\nb", "a\x7f"};
    char longest[256];

    for (size_t i = 0; i < NB_ARRAY_LEN(good); i++) {
        assert_true(auth_store_is_name(nb_slice_of(good[i])));
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(bad); i++) {
        assert_false(auth_store_is_name(nb_slice_of(bad[i])));
    }
    memset(longest, 'a', sizeof(longest));
    assert_true(auth_store_is_name(nb_slice_make(longest, 249)));
    assert_false(auth_store_is_name(nb_slice_make(longest, 250)));
}

// -- files -----------------------------------------------------------------------------------

static void expect_text(const char *path, const char *want)
{
    struct slice text;

    assert_int_equal(private_file_read(path, &text, NULL), NB_OK);
    assert_true(nb_slice_is(text, want));
    nb_slice_wipe_free(&text);
}

static void private_file_is_new_or_replaced_as_a_whole(void **state NB_UNUSED)
{
    char folder[] = "/tmp/natsctl-files-XXXXXX";
    struct nb_diag diag = {""};
    struct private_names names;
    struct stat status;
    struct slice none;

    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(private_file_write("a/b/c.txt", NB_SLICE("one"), PRIVATE_FILE_NEW, &diag),
                     NB_OK);
    assert_int_equal(stat("a/b/c.txt", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(stat("a/b", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    assert_int_equal(private_file_write("a/b/c.txt", NB_SLICE("two"), PRIVATE_FILE_NEW, &diag),
                     NB_EEXISTS);
    assert_string_equal(diag.text, "a/b/c.txt: File exists");
    expect_text("a/b/c.txt", "one");
    assert_int_equal(private_file_write("a/b/c.txt", NB_SLICE("two"), PRIVATE_FILE_REPLACE, &diag),
                     NB_OK);
    expect_text("a/b/c.txt", "two");
    assert_int_equal(private_file_write("a/b/c.txt/d", NB_SLICE("x"), PRIVATE_FILE_NEW, &diag),
                     NB_EIO);
    assert_int_equal(private_file_read("a/b/none", &none, &diag), NB_ENOTFOUND);
    // Nothing else is left behind.
    private_names_read("a/b", ".txt", &names);
    assert_int_equal(names.count, 1);
    assert_string_equal(names.items[0], "c");
    private_names_fini(&names);
    private_names_read("a", NULL, &names);
    assert_int_equal(names.count, 1);
    assert_string_equal(names.items[0], "b");
    private_names_fini(&names);
    assert_int_equal(unlink("a/b/c.txt"), 0);
    assert_int_equal(rmdir("a/b"), 0); // so it was empty
    assert_int_equal(rmdir("a"), 0);
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void a_key_is_kept_once_and_never_exchanged(void **state NB_UNUSED)
{
    char folder[] = "/tmp/natsctl-keys-XXXXXX";
    struct auth_store store;
    struct nauth_nkey key;
    struct nauth_nkey found;
    char public_key[NAUTH_NKEY_PUBLIC_TEXT_BYTES + 1];
    char path[256];

    assert_non_null(mkdtemp(folder));
    auth_store_init(&store, folder, folder);
    assert_int_equal(nauth_nkey_create(NAUTH_NKEY_USER, &key), NB_OK);
    nauth_nkey_public_text(&key, public_key);
    assert_false(auth_store_has_key(&store, nb_slice_of(public_key)));
    assert_int_equal(auth_store_put_key(&store, &key, NULL), NB_OK);
    assert_int_equal(auth_store_put_key(&store, &key, NULL), NB_OK); // the same
    assert_int_equal(auth_store_find_key(&store, nb_slice_of(public_key), &found, NULL), NB_OK);
    assert_memory_equal(found.seed, key.seed, sizeof(key.seed));
    // A file with another seed is not taken for this one, and not overwritten.
    snprintf(path, sizeof(path), "%s/keys/U/%.2s/%s.nk", folder, public_key + 1, public_key);
    assert_int_equal(
        private_file_write(path,
                           NB_SLICE("SUAEAQKCINCEKRSHJBEUUS2MJVHE6UCRKJJVIVKWK5MFSWS3LROV4XZ7LE"),
                           PRIVATE_FILE_REPLACE, NULL),
        NB_OK);
    assert_int_equal(auth_store_find_key(&store, nb_slice_of(public_key), &found, NULL),
                     NB_EMALFORMED);
    assert_int_equal(auth_store_put_key(&store, &key, NULL), NB_EEXISTS);
    auth_store_remove_key(&store, nb_slice_of(public_key));
    assert_int_equal(auth_store_find_key(&store, nb_slice_of(public_key), &found, NULL),
                     NB_ENOTFOUND);
    assert_int_equal(auth_store_find_key(&store, NB_SLICE("../../x"), &found, NULL), NB_EINVALID);
    nauth_nkey_fini(&key);
    auth_store_fini(&store);
    snprintf(path, sizeof(path), "rm -r '%s'", folder);
    assert_int_equal(system(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limit_is_read_with_units_where_it_may_have_some),
        cmocka_unit_test(moment_is_read_in_each_form),
        cmocka_unit_test(moment_is_shown_for_people),
        cmocka_unit_test(types_of_keys_have_names),
        cmocka_unit_test(names_cannot_leave_the_store),
        cmocka_unit_test(private_file_is_new_or_replaced_as_a_whole),
        cmocka_unit_test(a_key_is_kept_once_and_never_exchanged),
    };

    return cmocka_run_group_tests_name("natsctl auth values", tests, NULL, NULL);
}
