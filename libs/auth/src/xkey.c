#include <natsd/xkey.h>

#include <natsd/random.h>

#include <assert.h>
#include <sodium.h>

/* "xkv1", 24 random bytes, the box: a tag of 16 bytes before the text. The shared key is X25519
 * hashed once (crypto_box_beforenm), which refuses points that give a shared key of zeroes.
 */
enum {
    MARK_BYTES = 4,
    HEAD_BYTES = MARK_BYTES + crypto_box_NONCEBYTES,
};

static const char mark[MARK_BYTES + 1] = "xkv1";

static_assert(crypto_box_PUBLICKEYBYTES == NAUTH_NKEY_RAW_BYTES, "X25519");
static_assert(crypto_box_SECRETKEYBYTES == NAUTH_NKEY_RAW_BYTES, "X25519");
static_assert(HEAD_BYTES + crypto_box_MACBYTES == NAUTH_XKEY_OVERHEAD_BYTES, "the box of NaCl");

static int refuse(struct nb_diag *diag, int rc, const char *why)
{
    nb_diag_set(diag, "nkeys: %s", why);
    return rc;
}

static bool is_own(const struct nauth_nkey *key)
{
    return key->type == NAUTH_NKEY_CURVE && key->has_seed;
}

// What both sides come to. Security history 2023-02: a key of zeroes is everybody's key, whether
// it is a public key that makes it or a mistake on the way to here.
static int share(const struct nauth_nkey *own, const struct nauth_nkey *other,
                 uint8_t shared[crypto_box_BEFORENMBYTES])
{
    uint8_t zero[NAUTH_NKEY_RAW_BYTES] = {0};

    if (sodium_memcmp(own->seed, zero, sizeof(zero)) == 0 ||
        sodium_memcmp(other->public_key, zero, sizeof(zero)) == 0) {
        return NB_ECRYPTO;
    }
    return crypto_box_beforenm(shared, other->public_key, own->seed) == 0 ? NB_OK : NB_ECRYPTO;
}

int nauth_xkey_seal(const struct nauth_nkey *own, const struct nauth_nkey *other,
                    struct slice plain, struct nb_buf *out, struct nb_diag *diag)
{
    uint8_t shared[crypto_box_BEFORENMBYTES];
    uint8_t *room;
    int rc;

    if (!is_own(own)) {
        return refuse(diag, NB_EINVALID, "not a valid curve seed");
    }
    if (other->type != NAUTH_NKEY_CURVE) {
        return refuse(diag, NB_EINVALID, "not a valid recipient public curve key");
    }
    if (plain.n > SIZE_MAX - NAUTH_XKEY_OVERHEAD_BYTES) {
        return NB_ELIMIT;
    }
    rc = nb_buf_reserve(out, NAUTH_XKEY_OVERHEAD_BYTES + plain.n, &room);
    if (rc < 0) {
        return rc;
    }
    if (share(own, other, shared) < 0) {
        return refuse(diag, NB_ECRYPTO, "not a valid recipient public curve key");
    }
    memcpy(room, mark, MARK_BYTES);
    nb_random_secure(room + MARK_BYTES, crypto_box_NONCEBYTES);
    rc = crypto_box_easy_afternm(room + HEAD_BYTES, plain.p, plain.n, room + MARK_BYTES, shared);
    nb_wipe(shared, sizeof(shared));
    assert(rc == 0); // fails for lengths beyond memory alone
    nb_buf_commit(out, NAUTH_XKEY_OVERHEAD_BYTES + plain.n);
    return NB_OK;
}

static int open_box(const struct nauth_nkey *own, const struct nauth_nkey *other,
                    struct slice nonce, struct slice box, uint8_t *room)
{
    uint8_t shared[crypto_box_BEFORENMBYTES];
    int rc = share(own, other, shared);

    if (rc == NB_OK && (box.n < crypto_box_MACBYTES ||
                        crypto_box_open_easy_afternm(room, box.p, box.n, nonce.p, shared) != 0)) {
        rc = NB_ECRYPTO;
    }
    nb_wipe(shared, sizeof(shared));
    return rc;
}

int nauth_xkey_open(const struct nauth_nkey *own, const struct nauth_nkey *other,
                    struct slice sealed, struct nb_buf *out, struct nb_diag *diag)
{
    struct slice box = nb_slice_sub(sealed, HEAD_BYTES, sealed.n);
    size_t size = box.n > crypto_box_MACBYTES ? box.n - crypto_box_MACBYTES : 0;
    uint8_t *room;
    int rc;

    if (!is_own(own)) {
        return refuse(diag, NB_EINVALID, "not a valid curve seed");
    }
    if (sealed.n <= HEAD_BYTES) {
        return refuse(diag, NB_EMALFORMED, "encrypted input is not valid");
    }
    if (!nb_slice_starts(sealed, mark)) {
        return refuse(diag, NB_EMALFORMED, "encrypted input wrong version");
    }
    if (other->type != NAUTH_NKEY_CURVE) {
        return refuse(diag, NB_EINVALID, "not a valid sender public curve key");
    }
    rc = nb_buf_reserve(out, size + 1, &room); // an empty text needs an address, too
    if (rc < 0) {
        return rc;
    }
    if (open_box(own, other, nb_slice_sub(sealed, MARK_BYTES, crypto_box_NONCEBYTES), box, room) <
        0) {
        return refuse(diag, NB_ECRYPTO, "could not decrypt input");
    }
    nb_buf_commit(out, size);
    return NB_OK;
}
