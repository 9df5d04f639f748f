#include "s2_stream.h"

#include "s2_block.h"

#include <stdbool.h>

/* A stream is chunks: a byte for the kind, 3 for the length, lowest first, and that many bytes.
 * The first one names the format. Data begins with the checksum of what it decodes to.
 */
enum {
    CHUNK_COMPRESSED = 0x00,
    CHUNK_PLAIN = 0x01,
    CHUNK_SKIPPABLE_MIN = 0x80, // up to the one that names the format; padding is among them
    CHUNK_IDENTIFIER = 0xFF,
    HEAD_BYTES = 4,
    CHECKSUM_BYTES = 4,
    PLAIN_MAX_BYTES = 64 * 1024, // in a chunk that is written: what Snappy's readers take
};

// CRC-32C, lowest bit first, as the format wants it: rotated and moved, so that the checksum of a
// checksum is not a trap.
static uint32_t checksum_of(struct slice bytes)
{
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < bytes.n; i++) {
        crc ^= bytes.p[i];
        for (unsigned bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ (UINT32_C(0x82F63B78) & (0 - (crc & 1)));
        }
    }
    crc = ~crc;
    return (crc >> 15 | crc << 17) + UINT32_C(0xA282EAD8);
}

static void put_number(uint8_t *p, size_t n, uint32_t value)
{
    for (size_t i = 0; i < n; i++) {
        p[i] = (uint8_t)(value >> (8 * i));
    }
}

static uint32_t get_number(const uint8_t *p, size_t n)
{
    uint32_t value = 0;

    for (size_t i = 0; i < n; i++) {
        value |= (uint32_t)p[i] << (8 * i);
    }
    return value;
}

int nnet__s2_write(struct slice plain, struct nb_buf *out)
{
    static const struct slice identifier = {(const uint8_t *)"\xFF\x06\x00\x00S2sTwO", 10};
    int rc = nb_buf_append(out, identifier);

    for (size_t at = 0; at < plain.n && rc == NB_OK; at += PLAIN_MAX_BYTES) {
        struct slice piece = nb_slice_sub(plain, at, PLAIN_MAX_BYTES);
        uint8_t head[HEAD_BYTES + CHECKSUM_BYTES] = {CHUNK_PLAIN};

        put_number(head + 1, HEAD_BYTES - 1, (uint32_t)piece.n + CHECKSUM_BYTES);
        put_number(head + HEAD_BYTES, CHECKSUM_BYTES, checksum_of(piece));
        rc = nb_buf_append(out, nb_slice_make(head, sizeof(head)));
        if (rc == NB_OK) {
            rc = nb_buf_append(out, piece);
        }
    }
    return rc;
}

static bool is_identifier(struct slice body)
{
    return nb_slice_is(body, "S2sTwO") || nb_slice_is(body, "sNaPpY");
}

static int read_data(uint8_t kind, struct slice body, struct nb_buf *out)
{
    size_t before = nb_buf_slice(out).n;
    struct slice data = nb_slice_sub(body, CHECKSUM_BYTES, body.n);
    int rc;

    if (body.n < CHECKSUM_BYTES) {
        return NB_EMALFORMED;
    }
    rc = kind == CHUNK_PLAIN ? nb_buf_append(out, data) : nnet__s2_read_block(data, out);
    if (rc == NB_OK && checksum_of(nb_slice_sub(nb_buf_slice(out), before, SIZE_MAX)) !=
                           get_number(body.p, CHECKSUM_BYTES)) {
        rc = NB_EMALFORMED;
    }
    return rc;
}

static int read_chunk(uint8_t kind, struct slice body, struct nb_buf *out)
{
    if (kind == CHUNK_IDENTIFIER) {
        return is_identifier(body) ? NB_OK : NB_EMALFORMED;
    }
    if (kind == CHUNK_COMPRESSED || kind == CHUNK_PLAIN) {
        return read_data(kind, body, out);
    }
    return kind >= CHUNK_SKIPPABLE_MIN ? NB_OK : NB_EMALFORMED;
}

int nnet__s2_read(struct slice stream, struct nb_buf *out)
{
    bool is_first = true;

    while (stream.n > 0) {
        size_t size;
        int rc;

        if (stream.n < HEAD_BYTES || (is_first && stream.p[0] != CHUNK_IDENTIFIER)) {
            return NB_EMALFORMED;
        }
        size = get_number(stream.p + 1, HEAD_BYTES - 1);
        if (size > stream.n - HEAD_BYTES) {
            return NB_EMALFORMED;
        }
        rc = read_chunk(stream.p[0], nb_slice_sub(stream, HEAD_BYTES, size), out);
        if (rc != NB_OK) {
            return rc;
        }
        stream = nb_slice_sub(stream, HEAD_BYTES + size, stream.n);
        is_first = false;
    }
    return is_first ? NB_EMALFORMED : NB_OK;
}
