#include <natsd/nkey.h>

#include "base32.h"
#include "crc16.h"

#include <natsd/random.h>

#include <assert.h>
#include <openssl/curve25519.h>

/* Before base32:
 *   public key   type, 32 bytes, checksum
 *   seed         two bytes in which the type stands 5 bits further right behind the mark of a
 *                seed, so that both show as letters; 32 bytes, checksum
 * The checksum is over all before it, low byte first.
 */
enum {
    CHECKSUM_BYTES = 2,
    PUBLIC_HEAD_BYTES = 1,
    SEED_HEAD_BYTES = 2,
    PUBLIC_BYTES = PUBLIC_HEAD_BYTES + NAUTH_NKEY_RAW_BYTES + CHECKSUM_BYTES,
    SEED_BYTES = SEED_HEAD_BYTES + NAUTH_NKEY_RAW_BYTES + CHECKSUM_BYTES,
    SEED_MARK = 0x90, // 'S'
    TOP_FIVE_BITS = 0xF8,
};

static_assert((PUBLIC_BYTES * 8 + 4) / 5 == NAUTH_NKEY_PUBLIC_TEXT_BYTES, "five bits a letter");
static_assert((SEED_BYTES * 8 + 4) / 5 == NAUTH_NKEY_SEED_TEXT_BYTES, "five bits a letter");
static_assert(ED25519_PUBLIC_KEY_LEN == NAUTH_NKEY_RAW_BYTES, "Ed25519");
static_assert(ED25519_PRIVATE_KEY_LEN == 2 * NAUTH_NKEY_RAW_BYTES, "seed, then public key");
static_assert(ED25519_SIGNATURE_LEN == NAUTH_NKEY_SIGNATURE_BYTES, "Ed25519");

static bool is_type(unsigned byte)
{
    switch (byte) {
    case NAUTH_NKEY_ACCOUNT:
    case NAUTH_NKEY_CLUSTER:
    case NAUTH_NKEY_SERVER:
    case NAUTH_NKEY_OPERATOR:
    case NAUTH_NKEY_USER:
    case NAUTH_NKEY_CURVE:
        return true;
    default: // all other bytes
        return false;
    }
}

static int refuse(struct nb_diag *diag, const char *why)
{
    nb_diag_set(diag, "nkeys: %s", why);
    return NB_EMALFORMED;
}

// Decodes to exactly `size` bytes and checks the checksum at their end.
static int decode(struct slice text, uint8_t *bytes, size_t size, struct nb_diag *diag)
{
    size_t body_size = size - CHECKSUM_BYTES;
    uint16_t want;

    if (nauth__base32_decode(text, bytes, size) < 0) {
        return refuse(diag, "invalid encoded key");
    }
    want = (uint16_t)(bytes[body_size] | bytes[body_size + 1] << 8);
    if (nauth__crc16(nb_slice_make(bytes, body_size)) != want) {
        return refuse(diag, "invalid checksum");
    }
    return NB_OK;
}

// Adds the checksum to bytes that end with room for it.
static void encode(uint8_t *bytes, size_t size, char *out, size_t text_size)
{
    size_t body_size = size - CHECKSUM_BYTES;
    uint16_t crc = nauth__crc16(nb_slice_make(bytes, body_size));

    bytes[body_size] = (uint8_t)(crc & 0xFF);
    bytes[body_size + 1] = (uint8_t)(crc >> 8);
    nauth__base32_encode(nb_slice_make(bytes, size), out);
    out[text_size] = '\0';
}

static void derive_public_key(struct nauth_nkey *key)
{
    uint8_t private_key[ED25519_PRIVATE_KEY_LEN];

    if (key->type == NAUTH_NKEY_CURVE) {
        X25519_public_from_private(key->public_key, key->seed);
        return;
    }
    ED25519_keypair_from_seed(key->public_key, private_key, key->seed);
    nb_wipe(private_key, sizeof(private_key));
}

int nauth_nkey_create_from(enum nauth_nkey_type type, const uint8_t seed[NAUTH_NKEY_RAW_BYTES],
                           struct nauth_nkey *out)
{
    if (!is_type(type)) {
        return NB_EINVALID;
    }
    out->type = type;
    out->has_seed = true;
    memcpy(out->seed, seed, NAUTH_NKEY_RAW_BYTES);
    derive_public_key(out);
    return NB_OK;
}

int nauth_nkey_create(enum nauth_nkey_type type, struct nauth_nkey *out)
{
    uint8_t seed[NAUTH_NKEY_RAW_BYTES];
    int rc;

    nb_random_secure(seed, sizeof(seed));
    rc = nauth_nkey_create_from(type, seed, out);
    nb_wipe(seed, sizeof(seed));
    return rc;
}

void nauth_nkey_fini(struct nauth_nkey *key)
{
    nb_wipe(key, sizeof(*key));
}

static int from_seed_bytes(const uint8_t bytes[SEED_BYTES], struct nauth_nkey *out,
                           struct nb_diag *diag)
{
    unsigned type = (bytes[0] & 7U) << 5 | (bytes[1] & (unsigned)TOP_FIVE_BITS) >> 3;

    if ((bytes[0] & TOP_FIVE_BITS) != SEED_MARK) {
        return refuse(diag, "invalid seed");
    }
    if (!is_type(type)) {
        return refuse(diag, "invalid prefix byte");
    }
    return nauth_nkey_create_from((enum nauth_nkey_type)type, bytes + SEED_HEAD_BYTES, out);
}

int nauth_nkey_parse_seed(struct slice text, struct nauth_nkey *out, struct nb_diag *diag)
{
    uint8_t bytes[SEED_BYTES];
    int rc = decode(text, bytes, sizeof(bytes), diag);

    if (rc == NB_OK) {
        rc = from_seed_bytes(bytes, out, diag);
    }
    nb_wipe(bytes, sizeof(bytes));
    return rc;
}

int nauth_nkey_parse_public(struct slice text, struct nauth_nkey *out, struct nb_diag *diag)
{
    uint8_t bytes[PUBLIC_BYTES];
    int rc = decode(text, bytes, sizeof(bytes), diag);

    if (rc < 0) {
        return rc;
    }
    if (!is_type(bytes[0])) {
        return refuse(diag, "invalid public key");
    }
    *out = (struct nauth_nkey){.type = (enum nauth_nkey_type)bytes[0], .has_seed = false};
    memcpy(out->public_key, bytes + PUBLIC_HEAD_BYTES, NAUTH_NKEY_RAW_BYTES);
    return NB_OK;
}

bool nauth_nkey_is_public(struct slice text)
{
    struct nauth_nkey key;

    return nauth_nkey_parse_public(text, &key, NULL) == NB_OK;
}

bool nauth_nkey_is_public_of(struct slice text, enum nauth_nkey_type type)
{
    uint8_t bytes[PUBLIC_BYTES];

    return decode(text, bytes, sizeof(bytes), NULL) == NB_OK &&
           (bytes[0] & (unsigned)TOP_FIVE_BITS) == (unsigned)type;
}

void nauth_nkey_public_text(const struct nauth_nkey *key,
                            char out[NAUTH_NKEY_PUBLIC_TEXT_BYTES + 1])
{
    uint8_t bytes[PUBLIC_BYTES];

    bytes[0] = (uint8_t)key->type;
    memcpy(bytes + PUBLIC_HEAD_BYTES, key->public_key, NAUTH_NKEY_RAW_BYTES);
    encode(bytes, sizeof(bytes), out, NAUTH_NKEY_PUBLIC_TEXT_BYTES);
}

void nauth_nkey_seed_text(const struct nauth_nkey *key, char out[NAUTH_NKEY_SEED_TEXT_BYTES + 1])
{
    uint8_t bytes[SEED_BYTES];

    assert(key->has_seed);
    bytes[0] = (uint8_t)(SEED_MARK | (unsigned)key->type >> 5);
    bytes[1] = (uint8_t)(((unsigned)key->type & 0x1FU) << 3);
    memcpy(bytes + SEED_HEAD_BYTES, key->seed, NAUTH_NKEY_RAW_BYTES);
    encode(bytes, sizeof(bytes), out, NAUTH_NKEY_SEED_TEXT_BYTES);
    nb_wipe(bytes, sizeof(bytes));
}

int nauth_nkey_sign(const struct nauth_nkey *key, struct slice message,
                    uint8_t out[NAUTH_NKEY_SIGNATURE_BYTES])
{
    uint8_t private_key[ED25519_PRIVATE_KEY_LEN];
    int is_signed;

    if (key->type == NAUTH_NKEY_CURVE || !key->has_seed) {
        return NB_EINVALID;
    }
    memcpy(private_key, key->seed, NAUTH_NKEY_RAW_BYTES);
    memcpy(private_key + NAUTH_NKEY_RAW_BYTES, key->public_key, NAUTH_NKEY_RAW_BYTES);
    is_signed = ED25519_sign(out, message.p, message.n, private_key);
    nb_wipe(private_key, sizeof(private_key));
    return is_signed == 1 ? NB_OK : NB_ECRYPTO;
}

int nauth_nkey_verify(const struct nauth_nkey *key, struct slice message, struct slice signature)
{
    if (key->type == NAUTH_NKEY_CURVE) {
        return NB_EINVALID;
    }
    if (signature.n != NAUTH_NKEY_SIGNATURE_BYTES ||
        ED25519_verify(message.p, message.n, signature.p, key->public_key) != 1) {
        return NB_ECRYPTO;
    }
    return NB_OK;
}
