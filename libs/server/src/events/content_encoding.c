#include "events/content_encoding.h"

enum {
    SNAPPY_BLOCK_MAX_BYTES = 64 * 1024,
    SNAPPY_STORED = 0x01, // type of a chunk
    SNAPPY_CRC_BYTES = 4,
    GZIP_BLOCK_MAX_BYTES = 65535,
    GZIP_UNKNOWN_SYSTEM = 255,
};

#define CRC32_POLYNOMIAL UINT32_C(0xedb88320)      // of gzip, reflected
#define CRC32C_POLYNOMIAL UINT32_C(0x82f63b78)     // of snappy, reflected
#define SNAPPY_CRC_MASK_DELTA UINT32_C(0xa282ead8) // its framing format, section 3

// By tables of four bits: small, and these answers are rare.
static uint32_t checksum(uint32_t polynomial, struct slice bytes)
{
    uint32_t table[16];
    uint32_t crc = UINT32_MAX;

    for (uint32_t i = 0; i < NB_ARRAY_LEN(table); i++) {
        uint32_t value = i;

        for (int bit = 0; bit < 4; bit++) {
            value = (value & 1) != 0 ? value >> 1 ^ polynomial : value >> 1;
        }
        table[i] = value;
    }
    for (size_t i = 0; i < bytes.n; i++) {
        crc ^= bytes.p[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

static void put_u32(uint8_t *out, uint32_t value)
{
    for (int i = 0; i < 4; i++) {
        out[i] = (uint8_t)(value >> 8 * i);
    }
}

static struct slice take_block(struct slice *rest, size_t max)
{
    struct slice block = nb_slice_sub(*rest, 0, max);

    *rest = nb_slice_sub(*rest, block.n, rest->n);
    return block;
}

/* Snappy: stored chunks of at most 64 KiB, each with its masked CRC-32C. */

static int put_snappy_block(struct slice block, struct nb_buf *out)
{
    uint32_t crc = checksum(CRC32C_POLYNOMIAL, block);
    uint8_t head[8];
    int rc;

    put_u32(head, (uint32_t)(SNAPPY_STORED | (block.n + SNAPPY_CRC_BYTES) << 8));
    put_u32(head + 4, (crc >> 15 | crc << 17) + SNAPPY_CRC_MASK_DELTA);
    rc = nb_buf_append(out, nb_slice_make(head, sizeof(head)));
    return rc == NB_OK ? nb_buf_append(out, block) : rc;
}

static int encode_snappy(struct slice content, struct nb_buf *out)
{
    int rc = nb_buf_append(out, nb_slice_make("\xff\x06\x00\x00sNaPpY", 10));

    while (rc == NB_OK && content.n > 0) {
        rc = put_snappy_block(take_block(&content, SNAPPY_BLOCK_MAX_BYTES), out);
    }
    return rc;
}

/* Gzip: stored blocks (RFC 1951 section 3.2.4) between the head and the tail of RFC 1952. */

static int put_gzip_block(struct slice block, bool is_last, struct nb_buf *out)
{
    uint8_t head[5] = {is_last ? 1 : 0};
    int rc;

    put_u32(head + 1, (uint32_t)(block.n | (~block.n & UINT16_MAX) << 16));
    rc = nb_buf_append(out, nb_slice_make(head, sizeof(head)));
    return rc == NB_OK ? nb_buf_append(out, block) : rc;
}

static int encode_gzip(struct slice content, struct nb_buf *out)
{
    static const uint8_t head[10] = {0x1f, 0x8b, 8, [9] = GZIP_UNKNOWN_SYSTEM};
    struct slice rest = content;
    uint8_t tail[8];
    int rc = nb_buf_append(out, nb_slice_make(head, sizeof(head)));

    put_u32(tail, checksum(CRC32_POLYNOMIAL, content));
    put_u32(tail + 4, (uint32_t)content.n);
    do {
        struct slice block = take_block(&rest, GZIP_BLOCK_MAX_BYTES);

        rc = rc == NB_OK ? put_gzip_block(block, rest.n == 0, out) : rc;
    } while (rc == NB_OK && rest.n > 0);
    return rc == NB_OK ? nb_buf_append(out, nb_slice_make(tail, sizeof(tail))) : rc;
}

/* The choice. */

static bool names(struct slice accepted, const char *name)
{
    size_t n = strlen(name);

    for (size_t i = 0; i + n <= accepted.n; i++) {
        if (nb_slice_equal_nocase(nb_slice_sub(accepted, i, n), nb_slice_of(name))) {
            return true;
        }
    }
    return false;
}

enum nserver__content_encoding nserver__content_encoding_of(struct slice accepted)
{
    if (names(accepted, "snappy") || names(accepted, "s2")) {
        return CONTENT_SNAPPY;
    }
    return names(accepted, "gzip") ? CONTENT_GZIP : CONTENT_PLAIN;
}

const char *nserver__content_encoding_name(enum nserver__content_encoding encoding)
{
    switch (encoding) {
    case CONTENT_PLAIN:
        return "identity";
    case CONTENT_SNAPPY:
        return "snappy";
    case CONTENT_GZIP:
        return "gzip";
    }
    NB_UNREACHABLE("content encoding");
}

int nserver__content_encode(enum nserver__content_encoding encoding, struct slice content,
                            struct nb_buf *out)
{
    switch (encoding) {
    case CONTENT_PLAIN:
        return nb_buf_append(out, content);
    case CONTENT_SNAPPY:
        return encode_snappy(content, out);
    case CONTENT_GZIP:
        return encode_gzip(content, out);
    }
    NB_UNREACHABLE("content encoding");
}
