/* After a set, the key is there once with its value, and all else as it was; after a remove it is
 * gone. Walking and looking up agree. Input: length of the key, length of the value, both, and
 * the block.
 */
#include <natsd/headers.h>
#include <natsd/memory.h>

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    KEY_MAX_BYTES = 15,
    TEXT_MAX_BYTES = 16 * 1024 * 1024,
};

struct walk {
    struct slice key;
    struct slice first; // value of its first line
    size_t count;       // its lines
    size_t others;
};

static bool see(void *ctx, struct slice key, struct slice value)
{
    struct walk *walk = ctx;

    if (!nb_slice_equal(key, walk->key)) {
        walk->others++;
    } else if (walk->count++ == 0) {
        walk->first = value;
    }
    return true;
}

// Where the block can be walked, both ways find the same.
static int walk_and_get(struct slice block, const char *key, struct walk *walk)
{
    struct slice value = {0};
    const bool found = nproto_headers_get(block, key, &value);
    int rc;

    *walk = (struct walk){.key = nb_slice_of(key)};
    rc = nproto_headers_each(block, see, walk);
    if (rc == NB_OK && walk->key.n > 0 && nb_slice_find_byte(walk->key, ':') == walk->key.n) {
        assert(found == (walk->count > 0));
        assert(!found || nb_slice_equal(value, walk->first));
    }
    return rc;
}

static void assert_is_mended(struct slice value, struct slice got)
{
    value = nb_slice_trim(value);
    assert(got.n == value.n);
    for (size_t i = 0; i < value.n; i++) {
        const bool is_end = value.p[i] == '\r' || value.p[i] == '\n';

        assert(got.p[i] == (is_end ? ' ' : value.p[i]));
    }
}

static struct nb_buf removed(struct slice block, const char *key)
{
    struct nb_buf out;
    struct slice value;
    int rc;

    nb_buf_init(&out, TEXT_MAX_BYTES);
    rc = nproto_headers_remove(block, key, &out);
    assert(rc == NB_OK);
    assert(!nproto_headers_get(nb_buf_slice(&out), key, &value));
    return out;
}

static void set_and_remove(struct slice block, const char *key, struct slice value)
{
    struct walk before;
    struct walk after;
    struct slice description;
    struct slice got;
    struct nb_buf set;
    struct nb_buf a;
    struct nb_buf b;
    const int walked = walk_and_get(block, key, &before);
    int rc;

    nb_buf_init(&set, TEXT_MAX_BYTES);
    rc = nproto_headers_set(block, key, value, &set);
    if (rc < 0) {
        assert(rc == NB_EINVALID || rc == NB_EMALFORMED);
        nb_buf_fini(&set);
        return;
    }
    assert(nproto_headers_get(nb_buf_slice(&set), key, &got));
    assert_is_mended(value, got);
    assert(nproto_headers_status(block, &description) ==
           nproto_headers_status(nb_buf_slice(&set), &description));
    if (walked == NB_OK) {
        rc = walk_and_get(nb_buf_slice(&set), key, &after);
        assert(rc == NB_OK && after.count == 1 && after.others == before.others);
    }
    if (block.n > 0) { // without the key both are the same
        a = removed(block, key);
        b = removed(nb_buf_slice(&set), key);
        assert(nb_slice_equal(nb_buf_slice(&a), nb_buf_slice(&b)));
        nb_buf_fini(&a);
        nb_buf_fini(&b);
    }
    nb_buf_fini(&set);
}

static void remove_status(struct slice block)
{
    struct slice description;
    struct nb_buf out;
    int rc;

    nb_buf_init(&out, TEXT_MAX_BYTES);
    rc = nproto_headers_remove_status(block, &out);
    assert(rc == NB_OK || rc == NB_EMALFORMED);
    assert(nproto_headers_status(nb_buf_slice(&out), &description) == 0);
    nb_buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct slice all = nb_slice_make(data, size);
    struct slice value;
    struct slice block;
    size_t key_size;
    char *key;

    if (size < 2) {
        return 0;
    }
    key_size = data[0] & KEY_MAX_BYTES;
    key = nb_slice_cstr(nb_slice_sub(all, 2, key_size));
    value = nb_slice_sub(all, 2 + key_size, data[1]);
    block = nb_slice_sub(all, 2 + key_size + value.n, size);
    set_and_remove(block, key, value);
    remove_status(block);
    nb_free(key);
    return 0;
}
