#include "resolver/store.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <natsd/list.h>
#include <natsd/map.h>
#include <natsd/memory.h>

#include <openssl/sha.h>

#include "resolver/merge.h"
#include "resolver/token_file.h"

static_assert(NSERVER__STORE_HASH_BYTES == SHA256_DIGEST_LENGTH, "one hash, and all of them");

struct entry {
    struct nb_link link; // in the order of use: the latest first
    struct slice key;    // owned
    uint8_t hash[NSERVER__STORE_HASH_BYTES];
    struct nb_wall due; // 0: never
    uint64_t seen;      // the number of the last indexing that found it
};

struct nserver__store {
    struct nserver__store_opts opts;
    int dir;
    struct nb_map entries; // by key
    struct nb_link used;
    uint8_t hash[NSERVER__STORE_HASH_BYTES];
    uint64_t indexings;
    bool has_other_ttl; // than when the entries were dated
};

/* The index. */

static struct nb_wall due_of(const struct nserver__store *store, struct slice token,
                             struct nb_wall now)
{
    int64_t expires;
    struct nb_wall due = {0};

    if (store->opts.ttl_ns > 0) {
        if (__builtin_add_overflow(now.ns, store->opts.ttl_ns, &due.ns)) {
            due.ns = INT64_MAX;
        }
        return due;
    }
    expires = nserver__token_expiry(token);
    if (expires > 0) {
        due.ns = expires < INT64_MAX / NB_NS_PER_S ? expires * NB_NS_PER_S : INT64_MAX;
    }
    return due;
}

static bool is_due(const struct entry *entry, struct nb_wall now)
{
    return entry->due.ns != 0 && entry->due.ns <= now.ns;
}

// In or out: it is the same.
static void toggle_hash(struct nserver__store *store, const struct entry *entry)
{
    for (size_t i = 0; i < NSERVER__STORE_HASH_BYTES; i++) {
        store->hash[i] ^= entry->hash[i];
    }
}

static void forget(struct nserver__store *store, struct entry *entry)
{
    (void)nb_map_remove(&store->entries, entry->key);
    toggle_hash(store, entry);
    nb_link_remove(&entry->link);
    nb_slice_free(&entry->key);
    nb_free(entry);
}

static void touch(struct nserver__store *store, struct entry *entry, struct nb_wall now)
{
    nb_link_remove(&entry->link);
    nb_list_prepend(&store->used, &entry->link);
    if (store->opts.ttl_ns > 0) {
        entry->due = due_of(store, (struct slice){0}, now);
    }
}

// A file has this content. True: the index didn't know.
static bool index_token(struct nserver__store *store, struct slice key, struct slice token,
                        struct nb_wall now)
{
    struct entry *entry = nb_map_find(&store->entries, key);
    uint8_t hash[NSERVER__STORE_HASH_BYTES];

    SHA256(token.p, token.n, hash);
    if (entry != NULL && memcmp(entry->hash, hash, sizeof(hash)) == 0) {
        return false;
    }
    if (entry == NULL) {
        entry = nb_zalloc(sizeof(*entry));
        entry->key = nb_slice_dup(key);
        (void)nb_map_insert(&store->entries, entry->key, entry); // it was not there
    } else {
        toggle_hash(store, entry);
    }
    memcpy(entry->hash, hash, sizeof(hash));
    toggle_hash(store, entry);
    entry->due = due_of(store, token, now);
    touch(store, entry, now);
    return true;
}

/* The limit. */

// Removes the file of the one that was used the longest time ago.
static int evict(struct nserver__store *store, struct nb_diag *diag)
{
    struct entry *oldest = nb_container_of(store->used.prev, struct entry, link);
    int rc = nserver__token_file_remove(store->dir, oldest->key, diag);

    if (rc == NB_OK) {
        forget(store, oldest);
    }
    return rc;
}

// For one more.
static int make_room(struct nserver__store *store, struct nb_diag *diag)
{
    int rc = NB_OK;

    if (store->opts.limit <= 0) {
        return NB_OK;
    }
    while (rc == NB_OK && nb_map_count(&store->entries) >= (size_t)store->opts.limit) {
        if (!store->opts.evicts) {
            nb_diag_set(diag, "jwt store is full");
            return NB_ELIMIT;
        }
        rc = evict(store, diag);
    }
    return rc;
}

static void keep_limit(struct nserver__store *store)
{
    bool is_left = store->opts.evicts && store->opts.limit > 0;

    while (is_left && nb_map_count(&store->entries) > (size_t)store->opts.limit) {
        is_left = evict(store, NULL) == NB_OK; // what can't be removed stays
    }
}

/* The directory. */

static int fail_dir(const char *what, const char *dir, struct nb_diag *diag)
{
    int error = errno;
    char reason[128];

    nb_diag_set(diag, "%s %.300s: %s", what, dir, nb_errno_text(error, reason, sizeof(reason)));
    return nb_error_from_errno(error);
}

// A temporary file is what a crash left; the next write of that account replaces it.
static void index_file(struct nserver__store *store, const char *name, struct nb_wall now,
                       nserver__stored_fn changed, void *ctx)
{
    struct slice key = nserver__token_file_key(name);
    struct slice token = {0};
    struct entry *entry;
    bool is_new;

    if (key.n == 0 || nserver__token_file_read(store->dir, key, &token, NULL) != NB_OK) {
        return; // nobody's file, or none that can be read
    }
    is_new = index_token(store, key, token, now);
    entry = nb_map_find(&store->entries, key);
    entry->seen = store->indexings;
    if (store->has_other_ttl) {
        entry->due = due_of(store, token, now);
    }
    if (is_new && changed != NULL) {
        changed(ctx, entry->key, token);
    }
    nb_slice_free(&token);
}

static void forget_unseen(struct nserver__store *store)
{
    NB_LIST_FOREACH (link, &store->used) {
        struct entry *entry = nb_container_of(link, struct entry, link);

        if (entry->seen != store->indexings) {
            forget(store, entry);
        }
    }
}

int nserver__store_reindex(struct nserver__store *store, struct nb_wall now,
                           nserver__stored_fn changed, void *ctx, struct nb_diag *diag)
{
    int fd = openat(store->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *file;

    if (dir == NULL) {
        int rc = fail_dir("read", "the directory of JWTs", diag);

        if (fd >= 0) {
            close(fd);
        }
        return rc;
    }
    store->indexings++;
    while ((file = readdir(dir)) != NULL) {
        index_file(store, file->d_name, now, changed, ctx);
    }
    closedir(dir);
    store->has_other_ttl = false;
    forget_unseen(store);
    keep_limit(store);
    return NB_OK;
}

int nserver__store_open(const char *dir, const struct nserver__store_opts *opts, struct nb_wall now,
                        struct nserver__store **out, struct nb_diag *diag)
{
    enum { OWNER_ONLY = 0700 };
    struct nserver__store *store;
    int rc;
    int fd;

    if (mkdir(dir, OWNER_ONLY) != 0 && errno != EEXIST) {
        return fail_dir("mkdir", dir, diag);
    }
    fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return fail_dir("open", dir, diag);
    }
    store = nb_zalloc(sizeof(*store));
    store->opts = *opts;
    store->dir = fd;
    nb_list_init(&store->used);
    rc = nserver__store_reindex(store, now, NULL, NULL, diag);
    if (rc != NB_OK) {
        nserver__store_close(&store);
        return rc;
    }
    *out = store;
    return NB_OK;
}

void nserver__store_close(struct nserver__store **store)
{
    struct nserver__store *s = *store;

    if (s == NULL) {
        return;
    }
    NB_LIST_FOREACH (link, &s->used) {
        forget(s, nb_container_of(link, struct entry, link));
    }
    nb_map_fini(&s->entries);
    close(s->dir);
    nb_free(s);
    *store = NULL;
}

void nserver__store_set_opts(struct nserver__store *store, const struct nserver__store_opts *opts)
{
    store->has_other_ttl = store->has_other_ttl || opts->ttl_ns != store->opts.ttl_ns;
    store->opts = *opts;
}

/* One JWT. */

static int check_key(struct slice key, struct nb_diag *diag)
{
    if (!nserver__token_file_is_key(key)) {
        nb_diag_set(diag, "invalid public key");
        return NB_EINVALID;
    }
    return NB_OK;
}

int nserver__store_load(struct nserver__store *store, struct slice key, struct nb_wall now,
                        struct slice *token, struct nb_diag *diag)
{
    struct entry *entry = nb_map_find(&store->entries, key);
    int rc = nserver__token_file_read(store->dir, key, token, diag);

    if (rc == NB_ENOTFOUND && entry != NULL) {
        forget(store, entry); // somebody removed it
    }
    if (rc != NB_OK) {
        return rc;
    }
    (void)index_token(store, key, *token, now); // somebody may have changed it, or put it there
    touch(store, nb_map_find(&store->entries, key), now);
    keep_limit(store);
    return NB_OK;
}

int nserver__store_save(struct nserver__store *store, struct slice key, struct slice token,
                        struct nb_wall now, bool *has_changed, struct nb_diag *diag)
{
    struct entry *entry = nb_map_find(&store->entries, key);
    int rc = check_key(key, diag);

    if (rc == NB_OK && entry == NULL) {
        rc = make_room(store, diag);
    }
    if (rc == NB_OK) {
        rc = nserver__token_file_write(store->dir, key, token, diag);
    }
    if (rc != NB_OK) {
        return rc;
    }
    *has_changed = index_token(store, key, token, now);
    touch(store, nb_map_find(&store->entries, key), now);
    return NB_OK;
}

int nserver__store_merge(struct nserver__store *store, struct slice key, struct slice token,
                         struct nb_wall now, bool *has_changed, struct nb_diag *diag)
{
    struct slice old = {0};
    bool is_newer = false;
    int rc = nserver__token_file_read(store->dir, key, &old, diag);

    if (rc == NB_OK || rc == NB_ENOTFOUND) {
        rc = nserver__merge_judge(key, old, token, &is_newer, diag);
    }
    nb_slice_free(&old);
    *has_changed = false;
    if (rc == NB_OK && is_newer) {
        rc = nserver__store_save(store, key, token, now, has_changed, diag);
    }
    return rc;
}

int nserver__store_delete(struct nserver__store *store, struct slice key, struct nb_diag *diag)
{
    struct entry *entry = nb_map_find(&store->entries, key);
    int rc = store->opts.keeps_deleted ? nserver__token_file_set_aside(store->dir, key, diag)
                                       : nserver__token_file_remove(store->dir, key, diag);

    if (rc == NB_OK && entry != NULL) {
        forget(store, entry);
    }
    return rc;
}

size_t nserver__store_expire(struct nserver__store *store, struct nb_wall now)
{
    size_t count = 0;

    NB_LIST_FOREACH (link, &store->used) {
        struct entry *entry = nb_container_of(link, struct entry, link);

        if (is_due(entry, now) &&
            nserver__token_file_remove(store->dir, entry->key, NULL) == NB_OK) {
            forget(store, entry);
            count++;
        }
    }
    return count;
}

/* All of them. */

static int compare_keys(const void *a, const void *b)
{
    return nb_slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

size_t nserver__store_keys(const struct nserver__store *store, struct slice **keys)
{
    size_t count = nb_map_count(&store->entries);
    struct slice *sorted = nb_calloc(count + 1, sizeof(*sorted));
    const struct entry *entry;
    size_t position = 0;
    size_t n = 0;

    while ((entry = nb_map_next(&store->entries, &position)) != NULL) {
        sorted[n++] = entry->key;
    }
    assert(n == count);
    qsort(sorted, count, sizeof(*sorted), compare_keys);
    *keys = sorted;
    return count;
}

void nserver__store_each(struct nserver__store *store, struct nb_wall now, nserver__stored_fn fn,
                         void *ctx)
{
    struct slice *keys;
    size_t count = nserver__store_keys(store, &keys);

    for (size_t i = 0; i < count; i++) {
        struct slice token = {0};

        if (!is_due(nb_map_find(&store->entries, keys[i]), now) &&
            nserver__token_file_read(store->dir, keys[i], &token, NULL) == NB_OK && token.n > 0) {
            fn(ctx, keys[i], token);
        }
        nb_slice_free(&token);
    }
    nb_free(keys);
}

size_t nserver__store_count(const struct nserver__store *store)
{
    return nb_map_count(&store->entries);
}

const uint8_t *nserver__store_hash(const struct nserver__store *store)
{
    return store->hash;
}
