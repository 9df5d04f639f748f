/* A text that is read as a key gives the same key when it is written and read again; the
 * questions about a text agree with reading it; and any 32 bytes are a seed.
 */
#include <natsd/nkey.h>

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const enum nauth_nkey_type types[] = {NAUTH_NKEY_ACCOUNT, NAUTH_NKEY_CLUSTER,
                                             NAUTH_NKEY_SERVER,  NAUTH_NKEY_OPERATOR,
                                             NAUTH_NKEY_USER,    NAUTH_NKEY_CURVE};

static void assert_same(const struct nauth_nkey *a, const struct nauth_nkey *b)
{
    assert(a->type == b->type && a->has_seed == b->has_seed);
    assert(memcmp(a->public_key, b->public_key, sizeof(a->public_key)) == 0);
    assert(!a->has_seed || memcmp(a->seed, b->seed, sizeof(a->seed)) == 0);
}

static void try_public(struct slice text)
{
    char written[NAUTH_NKEY_PUBLIC_TEXT_BYTES + 1];
    struct nauth_nkey again;
    struct nauth_nkey key;
    struct nb_diag diag = {""};
    int rc = nauth_nkey_parse_public(text, &key, &diag);

    assert((rc == NB_OK) == nauth_nkey_is_public(text));
    assert((rc == NB_OK) == (diag.text[0] == '\0'));
    if (rc < 0) {
        return;
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(types); i++) {
        assert(nauth_nkey_is_public_of(text, types[i]) == (types[i] == key.type));
    }
    nauth_nkey_public_text(&key, written);
    rc = nauth_nkey_parse_public(nb_slice_of(written), &again, NULL);
    assert(rc == NB_OK);
    assert_same(&key, &again);
}

static void write_and_read_seed(const struct nauth_nkey *key)
{
    char written[NAUTH_NKEY_SEED_TEXT_BYTES + 1];
    struct nauth_nkey again;
    int rc;

    nauth_nkey_seed_text(key, written);
    assert(strlen(written) == NAUTH_NKEY_SEED_TEXT_BYTES);
    rc = nauth_nkey_parse_seed(nb_slice_of(written), &again, NULL);
    assert(rc == NB_OK);
    assert_same(key, &again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = nb_slice_make(data, size);
    struct nauth_nkey key;

    try_public(text);
    if (nauth_nkey_parse_seed(text, &key, NULL) == NB_OK) {
        write_and_read_seed(&key);
    }
    if (size > NAUTH_NKEY_RAW_BYTES) {
        int rc = nauth_nkey_create_from(types[data[0] % NB_ARRAY_LEN(types)], data + 1, &key);

        assert(rc == NB_OK);
        write_and_read_seed(&key);
    }
    return 0;
}
