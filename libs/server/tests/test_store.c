#include "nb_test.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <natsd/memory.h>

#include "resolver/store.h"

#include "token_fixture.h"

#define OTHER_KEY ASK_KEY
#define SECOND_NS NB_NS_PER_S

static const struct nb_wall start = {FIXTURE_NOW_S * NB_NS_PER_S};

static struct nb_wall after(int64_t seconds)
{
    return (struct nb_wall){start.ns + seconds * SECOND_NS};
}

/* A directory of the test's own. */

struct place {
    char path[64];
};

static struct place make_place(void)
{
    struct place place = {"/tmp/natsd-store-XXXXXX"};

    assert_non_null(mkdtemp(place.path));
    return place;
}

static int open_place(const struct place *place)
{
    int fd = open(place->path, O_RDONLY | O_DIRECTORY);

    assert_true(fd >= 0);
    return fd;
}

static void put_file(const struct place *place, const char *name, struct slice content)
{
    int dir = open_place(place);
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, content.p, content.n), content.n);
    close(fd);
    close(dir);
}

static bool has_file(const struct place *place, const char *name)
{
    struct stat status;
    int dir = open_place(place);
    bool has = fstatat(dir, name, &status, AT_SYMLINK_NOFOLLOW) == 0;

    close(dir);
    return has;
}

static size_t count_files(const struct place *place)
{
    DIR *dir = opendir(place->path);
    struct dirent *file;
    size_t count = 0;

    assert_non_null(dir);
    while ((file = readdir(dir)) != NULL) {
        count += file->d_name[0] != '.';
    }
    closedir(dir);
    return count;
}

static void remove_place(const struct place *place)
{
    DIR *dir = opendir(place->path);
    struct dirent *file;

    assert_non_null(dir);
    while ((file = readdir(dir)) != NULL) {
        (void)unlinkat(dirfd(dir), file->d_name, 0);
    }
    closedir(dir);
    assert_int_equal(rmdir(place->path), 0);
}

static struct nserver__store *open_store(const struct place *place,
                                         const struct nserver__store_opts *opts)
{
    const struct nserver__store_opts none = {0};
    struct nserver__store *store = NULL;
    struct nb_diag diag = {""};

    if (nserver__store_open(place->path, opts != NULL ? opts : &none, start, &store, &diag) !=
        NB_OK) {
        fail_msg("%s", diag.text);
    }
    return store;
}

static void save(struct nserver__store *store, const char *key, struct slice token)
{
    struct nb_diag diag = {""};
    bool has_changed;

    if (nserver__store_save(store, nb_slice_of(key), token, start, &has_changed, &diag) != NB_OK) {
        fail_msg("%s", diag.text);
    }
}

static void assert_stored(struct nserver__store *store, const char *key, struct slice want)
{
    struct slice token = {0};
    struct nb_diag diag = {""};

    if (nserver__store_load(store, nb_slice_of(key), start, &token, &diag) != NB_OK) {
        fail_msg("%s", diag.text);
    }
    assert_true(nb_slice_equal(token, want));
    nb_slice_free(&token);
}

// A second store on the same directory knows the same.
static void assert_same_when_reopened(const struct place *place, const struct nserver__store *store)
{
    struct nserver__store *again = open_store(place, NULL);

    assert_int_equal(nserver__store_count(again), nserver__store_count(store));
    assert_memory_equal(nserver__store_hash(again), nserver__store_hash(store),
                        NSERVER__STORE_HASH_BYTES);
    nserver__store_close(&again);
}

static void assert_hash(const struct nserver__store *store, const char *hex)
{
    char shown[2 * NSERVER__STORE_HASH_BYTES + 1];

    for (size_t i = 0; i < NSERVER__STORE_HASH_BYTES; i++) {
        snprintf(shown + 2 * i, 3, "%02x", nserver__store_hash(store)[i]);
    }
    assert_string_equal(shown, hex);
}

/* The tests. */

#define HASH_OF_NONE "0000000000000000000000000000000000000000000000000000000000000000"

static void store_hash_is_that_of_the_specification(void **state NB_UNUSED)
{
    struct place place = make_place();
    struct nserver__store *store = open_store(&place, NULL);

    assert_hash(store, HASH_OF_NONE);
    save(store, A_KEY, NB_SLICE(JWT_ACCOUNT));
    assert_hash(store, "69dc2d18ce20eab38e0964b16cb568da7eb8259f9bfa53e0b04f9f6a49097a1b");
    save(store, OTHER_KEY, NB_SLICE(JWT_OPERATOR)); // any text will do
    assert_hash(store, "9b7399d17f499b557fd5bf0b6bf5aa7a09e1d29f5d184a0b5a94fa23d6b012d7");
    assert_same_when_reopened(&place, store);
    assert_int_equal(nserver__store_delete(store, NB_SLICE(A_KEY), NULL), NB_OK);
    assert_hash(store, "f2afb4c9b16971e6f1dcdbba0740c2a07759f700c6e219ebeadb65499fb968cc");
    assert_int_equal(nserver__store_delete(store, NB_SLICE(OTHER_KEY), NULL), NB_OK);
    assert_hash(store, HASH_OF_NONE);
    nserver__store_close(&store);
    remove_place(&place);
}

static void saved_tokens_are_there_as_they_were(void **state NB_UNUSED)
{
    struct place place = make_place();
    struct nserver__store *store = open_store(&place, NULL);
    struct stat status;
    bool has_changed;
    int dir = open_place(&place);

    save(store, A_KEY, NB_SLICE("old"));
    save(store, A_KEY, NB_SLICE(JWT_ACCOUNT));
    assert_stored(store, A_KEY, NB_SLICE(JWT_ACCOUNT));
    assert_int_equal(nserver__store_save(store, NB_SLICE(A_KEY), NB_SLICE(JWT_ACCOUNT), start,
                                         &has_changed, NULL),
                     NB_OK);
    assert_false(has_changed);
    assert_int_equal(fstatat(dir, A_KEY ".jwt", &status, 0), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(count_files(&place), 1); // nothing temporary
    assert_same_when_reopened(&place, store);
    close(dir);
    nserver__store_close(&store);
    remove_place(&place);
}

static void directory_is_made_for_its_owner_alone(void **state NB_UNUSED)
{
    struct place place = make_place();
    struct nserver__store *store;
    struct stat status;

    assert_int_equal(rmdir(place.path), 0);
    store = open_store(&place, NULL);
    assert_int_equal(stat(place.path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    nserver__store_close(&store);
    remove_place(&place);
}

static void directory_that_cannot_be_made_is_refused(void **state NB_UNUSED)
{
    const struct nserver__store_opts opts = {0};
    struct nserver__store *store = NULL;
    struct nb_diag diag = {""};

    assert_true(nserver__store_open("/proc/nobody/here", &opts, start, &store, &diag) != NB_OK);
    assert_null(store);
    assert_string_equal(diag.text, "mkdir /proc/nobody/here: no such file or directory");
}

// Spec 13, 2022-03: the name of the file came from the message.
static void only_keys_of_accounts_become_names_of_files(void **state NB_UNUSED)
{
    static const char *const keys[] = {
        "",
        "x",
        "../../x",
        "/etc/x",
        "A",
        A_KEY "/../x",
        "../" A_KEY,
        A_KEY ".jwt",
        O_KEY,
        U_KEY,
        "AAU2ZOXBIG6MV4FSFYNJJU2NBPDTMHSSNUF74EWIS6KLZEZCSZW5OIC",  // one short
        "AAU2ZOXBIG6MV4FSFYNJJU2NBPDTMHSSNUF74EWIS6KLZEZCSZW5OICU", // another checksum
        "aau2zoxbig6mv4fsfynjju2nbpdtmhssnuf74ewis6klzezcszw5oict",
    };
    struct place place = make_place();
    struct nserver__store *store = open_store(&place, NULL);

    for (size_t i = 0; i < NB_ARRAY_LEN(keys); i++) {
        struct slice key = nb_slice_of(keys[i]);
        struct slice token = {0};
        struct nb_diag diag = {""};
        bool has_changed;

        assert_int_equal(nserver__store_save(store, key, NB_SLICE("x"), start, &has_changed, &diag),
                         NB_EINVALID);
        assert_string_equal(diag.text, "invalid public key");
        assert_int_equal(nserver__store_merge(store, key, NB_SLICE("x"), start, &has_changed, NULL),
                         NB_EINVALID);
        assert_int_equal(nserver__store_load(store, key, start, &token, NULL), NB_EINVALID);
        assert_int_equal(nserver__store_delete(store, key, NULL), NB_EINVALID);
    }
    assert_int_equal(count_files(&place), 0);
    nserver__store_close(&store);
    remove_place(&place);
}

static void only_plain_files_with_a_key_as_name_are_indexed(void **state NB_UNUSED)
{
    struct fixture_key link = fixture_key(NAUTH_NKEY_ACCOUNT, 1);
    struct fixture_key pipe = fixture_key(NAUTH_NKEY_ACCOUNT, 2);
    struct fixture_key huge = fixture_key(NAUTH_NKEY_ACCOUNT, 3);
    struct place place = make_place();
    struct nserver__store *store;
    struct slice token = {0};
    int dir = open_place(&place);
    char name[128];
    int fd;

    put_file(&place, A_KEY ".jwt", NB_SLICE("a"));
    put_file(&place, OTHER_KEY ".jwt.deleted", NB_SLICE("a"));
    put_file(&place, OTHER_KEY ".jwt.new", NB_SLICE("a"));
    put_file(&place, OTHER_KEY, NB_SLICE("a"));
    put_file(&place, "x.jwt", NB_SLICE("a"));
    put_file(&place, ".jwt", NB_SLICE("a"));
    snprintf(name, sizeof(name), "%s.jwt", link.text);
    assert_int_equal(symlinkat("/etc/passwd", dir, name), 0);
    snprintf(name, sizeof(name), "%s.jwt", pipe.text);
    assert_int_equal(mkfifoat(dir, name, 0600), 0);
    snprintf(name, sizeof(name), "%s.jwt", huge.text);
    fd = openat(dir, name, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(ftruncate(fd, NAUTH_JWT_MAX_BYTES + 1), 0);
    close(fd);
    store = open_store(&place, NULL);
    assert_int_equal(nserver__store_count(store), 1);
    assert_true(nserver__store_load(store, nb_slice_of(link.text), start, &token, NULL) != NB_OK);
    assert_true(nserver__store_load(store, nb_slice_of(pipe.text), start, &token, NULL) != NB_OK);
    assert_int_equal(nserver__store_load(store, nb_slice_of(huge.text), start, &token, NULL),
                     NB_ELIMIT);
    close(dir);
    nserver__store_close(&store);
    remove_place(&place);
}

static void tokens_of_the_largest_size_are_kept_and_no_larger(void **state NB_UNUSED)
{
    struct place place = make_place();
    struct nserver__store *store = open_store(&place, NULL);
    uint8_t *bytes = nb_alloc((size_t)NAUTH_JWT_MAX_BYTES + 1);
    bool has_changed;

    memset(bytes, 'x', (size_t)NAUTH_JWT_MAX_BYTES + 1);
    save(store, A_KEY, nb_slice_make(bytes, NAUTH_JWT_MAX_BYTES));
    assert_stored(store, A_KEY, nb_slice_make(bytes, NAUTH_JWT_MAX_BYTES));
    assert_int_equal(nserver__store_save(store, NB_SLICE(OTHER_KEY),
                                         nb_slice_make(bytes, (size_t)NAUTH_JWT_MAX_BYTES + 1),
                                         start, &has_changed, NULL),
                     NB_ELIMIT);
    assert_int_equal(count_files(&place), 1);
    nb_free(bytes);
    nserver__store_close(&store);
    remove_place(&place);
}

static void full_store_takes_changes_and_nothing_new(void **state NB_UNUSED)
{
    const struct nserver__store_opts opts = {.limit = 1};
    struct place place = make_place();
    struct nserver__store *store = open_store(&place, &opts);
    struct nb_diag diag = {""};
    bool has_changed;

    save(store, A_KEY, NB_SLICE("a"));
    save(store, A_KEY, NB_SLICE("b"));
    assert_int_equal(
        nserver__store_save(store, NB_SLICE(OTHER_KEY), NB_SLICE("a"), start, &has_changed, &diag),
        NB_ELIMIT);
    assert_string_equal(diag.text, "jwt store is full");
    assert_int_equal(nserver__store_delete(store, NB_SLICE(A_KEY), NULL), NB_OK);
    save(store, OTHER_KEY, NB_SLICE("a"));
    assert_int_equal(count_files(&place), 1);
    nserver__store_close(&store);
    remove_place(&place);
}

static void cache_lets_the_longest_unused_go(void **state NB_UNUSED)
{
    const struct nserver__store_opts opts = {.limit = 2, .evicts = true};
    struct fixture_key third = fixture_key(NAUTH_NKEY_ACCOUNT, 1);
    struct place place = make_place();
    struct nserver__store *store = open_store(&place, &opts);
    struct nserver__store_opts less = {.limit = 1, .evicts = true};

    save(store, A_KEY, NB_SLICE("a"));
    save(store, OTHER_KEY, NB_SLICE("b"));
    assert_stored(store, A_KEY, NB_SLICE("a")); // it is used
    save(store, third.text, NB_SLICE("c"));
    assert_int_equal(nserver__store_count(store), 2);
    assert_false(has_file(&place, OTHER_KEY ".jwt"));
    assert_true(has_file(&place, A_KEY ".jwt"));
    assert_same_when_reopened(&place, store);

    nserver__store_set_opts(store, &less);
    put_file(&place, OTHER_KEY ".jwt", NB_SLICE("b")); // found, and then one too many
    assert_stored(store, OTHER_KEY, NB_SLICE("b"));
    assert_int_equal(nserver__store_count(store), 1);
    assert_int_equal(count_files(&place), 1);
    nserver__store_close(&store);
    remove_place(&place);
}

static void tokens_go_when_they_expire(void **state NB_UNUSED)
{
    struct fixture_key soon = fixture_key(NAUTH_NKEY_ACCOUNT, 1);
    struct fixture_key never = fixture_key(NAUTH_NKEY_ACCOUNT, 2);
    struct slice soon_token = fixture_account(&soon, "s", FIXTURE_NOW_S, FIXTURE_NOW_S + 10);
    struct slice never_token = fixture_account(&never, "n", FIXTURE_NOW_S, 0);
    struct place place = make_place();
    struct nserver__store *store = open_store(&place, NULL);

    save(store, soon.text, soon_token);
    save(store, never.text, never_token);
    save(store, A_KEY, NB_SLICE("no token"));
    assert_int_equal(nserver__store_expire(store, after(9)), 0);
    assert_stored(store, soon.text, soon_token); // being used changes nothing
    assert_int_equal(nserver__store_expire(store, after(10)), 1);
    assert_int_equal(nserver__store_expire(store, after(1000 * 1000)), 0);
    assert_int_equal(count_files(&place), 2);
    assert_same_when_reopened(&place, store);
    nserver__store_close(&store);
    nb_slice_free(&soon_token);
    nb_slice_free(&never_token);
    remove_place(&place);
}

static void tokens_of_a_cache_go_when_nobody_uses_them(void **state NB_UNUSED)
{
    const struct nserver__store_opts opts = {.ttl_ns = 10 * SECOND_NS};
    struct fixture_key account = fixture_key(NAUTH_NKEY_ACCOUNT, 1);
    struct slice expiring = fixture_account(&account, "s", FIXTURE_NOW_S, FIXTURE_NOW_S + 1);
    struct place place = make_place();
    struct nserver__store *store;
    struct slice token;

    put_file(&place, A_KEY ".jwt", NB_SLICE("a"));
    store = open_store(&place, &opts);
    save(store, account.text, expiring); // its own expiry does not count
    assert_int_equal(nserver__store_expire(store, after(9)), 0);
    assert_int_equal(nserver__store_load(store, nb_slice_of(account.text), after(9), &token, NULL),
                     NB_OK);
    nb_slice_free(&token);
    assert_int_equal(nserver__store_expire(store, after(10)), 1);
    assert_false(has_file(&place, A_KEY ".jwt"));
    assert_int_equal(nserver__store_expire(store, after(19)), 1);
    assert_int_equal(nserver__store_count(store), 0);
    assert_hash(store, HASH_OF_NONE);
    nserver__store_close(&store);
    nb_slice_free(&expiring);
    remove_place(&place);
}

static void another_ttl_holds_when_the_directory_is_read_again(void **state NB_UNUSED)
{
    const struct nserver__store_opts none = {0};
    const struct nserver__store_opts opts = {.ttl_ns = 10 * SECOND_NS};
    struct place place = make_place();
    struct nserver__store *store = open_store(&place, &none);

    save(store, A_KEY, NB_SLICE("a"));
    nserver__store_set_opts(store, &opts);
    assert_int_equal(nserver__store_reindex(store, start, NULL, NULL, NULL), NB_OK);
    nserver__store_set_opts(store, &none);
    assert_int_equal(nserver__store_reindex(store, start, NULL, NULL, NULL), NB_OK);
    assert_int_equal(nserver__store_expire(store, after(1000)), 0);
    nserver__store_set_opts(store, &opts);
    assert_int_equal(nserver__store_reindex(store, start, NULL, NULL, NULL), NB_OK);
    assert_int_equal(nserver__store_reindex(store, after(5), NULL, NULL, NULL), NB_OK);
    assert_int_equal(nserver__store_expire(store, after(9)), 0);
    assert_int_equal(nserver__store_expire(store, after(10)), 1); // reading it is no use of it
    nserver__store_close(&store);
    remove_place(&place);
}

static void deleted_tokens_are_removed_or_set_aside(void **state NB_UNUSED)
{
    struct nserver__store_opts opts = {.keeps_deleted = true};
    struct place place = make_place();
    struct nserver__store *store = open_store(&place, &opts);
    struct slice token;

    save(store, A_KEY, NB_SLICE("a"));
    for (size_t i = 0; i < 2; i++) { // one that isn't there is deleted
        assert_int_equal(nserver__store_delete(store, NB_SLICE(A_KEY), NULL), NB_OK);
    }
    assert_true(has_file(&place, A_KEY ".jwt.deleted"));
    assert_int_equal(nserver__store_load(store, NB_SLICE(A_KEY), start, &token, NULL),
                     NB_ENOTFOUND);
    opts.keeps_deleted = false;
    nserver__store_set_opts(store, &opts);
    save(store, OTHER_KEY, NB_SLICE("a"));
    assert_int_equal(nserver__store_delete(store, NB_SLICE(OTHER_KEY), NULL), NB_OK);
    assert_int_equal(count_files(&place), 1);
    assert_int_equal(nserver__store_count(store), 0);
    nserver__store_close(&store);
    remove_place(&place);
}

static void merge_stores_what_is_newer(void **state NB_UNUSED)
{
    struct fixture_key account = fixture_key(NAUTH_NKEY_ACCOUNT, 1);
    struct slice key = nb_slice_of(account.text);
    struct slice old = fixture_account(&account, "a", 1000, 0);
    struct slice newer = fixture_account(&account, "a", 2000, 0);
    struct place place = make_place();
    struct nserver__store *store = open_store(&place, NULL);
    bool has_changed;

    assert_int_equal(nserver__store_merge(store, key, old, start, &has_changed, NULL), NB_OK);
    assert_true(has_changed);
    assert_int_equal(nserver__store_merge(store, key, newer, start, &has_changed, NULL), NB_OK);
    assert_true(has_changed);
    assert_int_equal(nserver__store_merge(store, key, old, start, &has_changed, NULL), NB_OK);
    assert_false(has_changed);
    assert_int_equal(nserver__store_merge(store, key, NB_SLICE("x"), start, &has_changed, NULL),
                     NB_EMALFORMED);
    assert_false(has_changed);
    assert_stored(store, account.text, newer);
    nserver__store_close(&store);
    nb_slice_free(&old);
    nb_slice_free(&newer);
    remove_place(&place);
}

/* Files that somebody changes by hand. */

static void note(void *ctx, struct slice key, struct slice token)
{
    nb_buf_must_format(ctx, "%.4s=%.*s;", (const char *)key.p, NB_SLICE_ARGS(token));
}

static void indexing_again_tells_what_has_changed(void **state NB_UNUSED)
{
    struct fixture_key third = fixture_key(NAUTH_NKEY_ACCOUNT, 1);
    struct place place = make_place();
    struct nserver__store *store = open_store(&place, NULL);
    struct nb_buf seen;
    int dir = open_place(&place);

    nb_buf_init(&seen, 4096);
    save(store, A_KEY, NB_SLICE("a"));
    save(store, OTHER_KEY, NB_SLICE("b"));
    save(store, third.text, NB_SLICE("c"));
    put_file(&place, OTHER_KEY ".jwt", NB_SLICE("by hand"));
    assert_int_equal(unlinkat(dir, A_KEY ".jwt", 0), 0);
    assert_int_equal(nserver__store_reindex(store, start, note, &seen, NULL), NB_OK);
    assert_true(nb_slice_is(nb_buf_slice(&seen), "ADVE=by hand;"));
    assert_int_equal(nserver__store_count(store), 2);
    assert_same_when_reopened(&place, store);
    nb_buf_clear(&seen);
    assert_int_equal(nserver__store_reindex(store, start, note, &seen, NULL), NB_OK);
    assert_int_equal(nb_buf_slice(&seen).n, 0);
    nb_buf_fini(&seen);
    close(dir);
    nserver__store_close(&store);
    remove_place(&place);
}

static void loading_finds_what_was_changed_by_hand(void **state NB_UNUSED)
{
    struct place place = make_place();
    struct nserver__store *store = open_store(&place, NULL);
    struct slice token;
    int dir = open_place(&place);

    put_file(&place, A_KEY ".jwt", NB_SLICE(JWT_ACCOUNT));
    assert_stored(store, A_KEY, NB_SLICE(JWT_ACCOUNT));
    assert_hash(store, "69dc2d18ce20eab38e0964b16cb568da7eb8259f9bfa53e0b04f9f6a49097a1b");
    assert_int_equal(unlinkat(dir, A_KEY ".jwt", 0), 0);
    assert_int_equal(nserver__store_load(store, NB_SLICE(A_KEY), start, &token, NULL),
                     NB_ENOTFOUND);
    assert_hash(store, HASH_OF_NONE);
    close(dir);
    nserver__store_close(&store);
    remove_place(&place);
}

static void each_goes_through_what_can_be_used(void **state NB_UNUSED)
{
    struct fixture_key expiring = fixture_key(NAUTH_NKEY_ACCOUNT, 1);
    struct slice token = fixture_account(&expiring, "s", FIXTURE_NOW_S, FIXTURE_NOW_S + 10);
    struct place place = make_place();
    struct nserver__store *store;
    struct slice *keys;
    struct nb_buf seen;

    put_file(&place, OTHER_KEY ".jwt", NB_SLICE("b"));
    put_file(&place, A_KEY ".jwt", NB_SLICE("a"));
    store = open_store(&place, NULL);
    save(store, expiring.text, token);
    nb_buf_init(&seen, 4096);
    nserver__store_each(store, after(10), note, &seen);
    assert_true(nb_slice_is(nb_buf_slice(&seen), "AAU2=a;ADVE=b;"));
    put_file(&place, A_KEY ".jwt", (struct slice){0});
    nb_buf_clear(&seen);
    nserver__store_each(store, after(10), note, &seen);
    assert_true(nb_slice_is(nb_buf_slice(&seen), "ADVE=b;"));
    assert_int_equal(nserver__store_keys(store, &keys), 3); // an empty one and a due one are listed
    assert_true(nb_slice_compare(keys[0], keys[1]) < 0 && nb_slice_compare(keys[1], keys[2]) < 0);
    nb_free(keys);
    nb_buf_fini(&seen);
    nserver__store_close(&store);
    nb_slice_free(&token);
    remove_place(&place);
}

// A write that was cut short left its temporary file; the JWT of before holds, and the next write
// succeeds.
static void what_a_crash_left_is_no_obstacle(void **state NB_UNUSED)
{
    struct place place = make_place();
    struct nserver__store *store;

    put_file(&place, A_KEY ".jwt", NB_SLICE("old"));
    put_file(&place, A_KEY ".jwt.new", NB_SLICE("ne"));
    store = open_store(&place, NULL);
    assert_stored(store, A_KEY, NB_SLICE("old"));
    save(store, A_KEY, NB_SLICE("new"));
    assert_stored(store, A_KEY, NB_SLICE("new"));
    assert_int_equal(count_files(&place), 1);
    nserver__store_close(&store);
    remove_place(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(store_hash_is_that_of_the_specification),
        cmocka_unit_test(saved_tokens_are_there_as_they_were),
        cmocka_unit_test(directory_is_made_for_its_owner_alone),
        cmocka_unit_test(directory_that_cannot_be_made_is_refused),
        cmocka_unit_test(only_keys_of_accounts_become_names_of_files),
        cmocka_unit_test(only_plain_files_with_a_key_as_name_are_indexed),
        cmocka_unit_test(tokens_of_the_largest_size_are_kept_and_no_larger),
        cmocka_unit_test(full_store_takes_changes_and_nothing_new),
        cmocka_unit_test(cache_lets_the_longest_unused_go),
        cmocka_unit_test(tokens_go_when_they_expire),
        cmocka_unit_test(tokens_of_a_cache_go_when_nobody_uses_them),
        cmocka_unit_test(another_ttl_holds_when_the_directory_is_read_again),
        cmocka_unit_test(deleted_tokens_are_removed_or_set_aside),
        cmocka_unit_test(merge_stores_what_is_newer),
        cmocka_unit_test(indexing_again_tells_what_has_changed),
        cmocka_unit_test(loading_finds_what_was_changed_by_hand),
        cmocka_unit_test(each_goes_through_what_can_be_used),
        cmocka_unit_test(what_a_crash_left_is_no_obstacle),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
