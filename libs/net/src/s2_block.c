#include "s2_block.h"

#include <assert.h>
#include <stdbool.h>

/* A block is its decoded length and elements: bytes as they are, or a copy of earlier output. The
 * low two bits of an element's first byte are its kind. S2 gives a copy from distance 0, which
 * Snappy has not, the meaning "from the last distance again", with lengths of its own.
 */
enum element_kind {
    ELEMENT_LITERAL = 0,
    ELEMENT_COPY_1 = 1, // distance of 11 bits
    ELEMENT_COPY_2 = 2, // of 16
    ELEMENT_COPY_4 = 3, // of 32
};

enum {
    LENGTH_BYTES_MAX = 5,       // of a number of 32 bits, 7 in a byte
    LITERAL_LENGTH_INLINE = 60, // from here on the length follows in 1 to 4 bytes
    COPY_1_LENGTH_MIN = 4,
    REPEAT_LENGTH_1_BYTE = 5, // codes of lengths that follow
    REPEAT_LENGTH_2_BYTES = 6,
    REPEAT_LENGTH_3_BYTES = 7,
};

struct block_reader {
    struct slice in;
    uint8_t *out;
    size_t used;
    size_t size;     // what the block promises
    size_t distance; // the last
};

// A number in the next n bytes, lowest first.
static bool take_number(struct slice *in, size_t n, size_t *out)
{
    size_t value = 0;

    if (in->n < n) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        value |= (size_t)in->p[i] << (8 * i);
    }
    *in = nb_slice_sub(*in, n, in->n);
    *out = value;
    return true;
}

static bool take_length(struct slice *in, size_t *out)
{
    uint64_t value = 0;

    for (size_t i = 0; i < LENGTH_BYTES_MAX && i < in->n; i++) {
        value |= (uint64_t)(in->p[i] & 0x7F) << (7 * i);
        if (in->p[i] < 0x80) {
            *in = nb_slice_sub(*in, i + 1, in->n);
            *out = (size_t)value;
            return value <= UINT32_MAX;
        }
    }
    return false;
}

static bool copy_literal(struct block_reader *r, size_t tag)
{
    size_t length = tag >> 2;

    if (length >= LITERAL_LENGTH_INLINE &&
        !take_number(&r->in, length - LITERAL_LENGTH_INLINE + 1, &length)) {
        return false;
    }
    length++;
    if (length > r->in.n || length > r->size - r->used) {
        return false;
    }
    memcpy(r->out + r->used, r->in.p, length);
    r->used += length;
    r->in = nb_slice_sub(r->in, length, r->in.n);
    return true;
}

// Byte by byte: the copy may overlap what it makes.
static bool copy_back(struct block_reader *r, size_t length)
{
    if (r->distance == 0 || r->distance > r->used || length > r->size - r->used) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        r->out[r->used + i] = r->out[r->used + i - r->distance];
    }
    r->used += length;
    return true;
}

static bool take_repeat_length(struct block_reader *r, size_t code, size_t *length)
{
    size_t more;

    *length = code + COPY_1_LENGTH_MIN;
    if (code < REPEAT_LENGTH_1_BYTE) {
        return true;
    }
    if (!take_number(&r->in, code - REPEAT_LENGTH_1_BYTE + 1, &more)) {
        return false;
    }
    switch (code) {
    case REPEAT_LENGTH_1_BYTE:
        *length = more + 2 * COPY_1_LENGTH_MIN;
        return true;
    case REPEAT_LENGTH_2_BYTES:
        *length = more + (1 << 8) + COPY_1_LENGTH_MIN;
        return true;
    case REPEAT_LENGTH_3_BYTES:
        *length = more + (1 << 16) + COPY_1_LENGTH_MIN;
        return true;
    default:
        NB_UNREACHABLE("a code of three bits");
    }
}

static bool copy_short(struct block_reader *r, size_t tag)
{
    size_t code = tag >> 2 & 7;
    size_t length = code + COPY_1_LENGTH_MIN;
    size_t low;

    if (!take_number(&r->in, 1, &low)) {
        return false;
    }
    low |= (tag & 0xE0) << 3;
    if (low != 0) {
        r->distance = low;
    } else if (!take_repeat_length(r, code, &length)) {
        return false;
    }
    return copy_back(r, length);
}

static bool copy_long(struct block_reader *r, size_t tag, size_t distance_bytes)
{
    return take_number(&r->in, distance_bytes, &r->distance) && copy_back(r, (tag >> 2) + 1);
}

static bool read_element(struct block_reader *r)
{
    size_t tag;

    if (!take_number(&r->in, 1, &tag)) {
        return false;
    }
    switch ((enum element_kind)(tag & 3)) {
    case ELEMENT_LITERAL:
        return copy_literal(r, tag);
    case ELEMENT_COPY_1:
        return copy_short(r, tag);
    case ELEMENT_COPY_2:
        return copy_long(r, tag, 2);
    case ELEMENT_COPY_4:
        return copy_long(r, tag, 4);
    }
    NB_UNREACHABLE("two bits");
}

int nnet__s2_read_block(struct slice block, struct nb_buf *out)
{
    struct block_reader r = {.in = block};

    if (!take_length(&r.in, &r.size)) {
        return NB_EMALFORMED;
    }
    if (r.size > NNET__S2_BLOCK_MAX_BYTES || nb_buf_reserve(out, r.size, &r.out) != NB_OK) {
        return NB_ELIMIT;
    }
    while (r.in.n > 0) {
        if (!read_element(&r)) {
            return NB_EMALFORMED;
        }
    }
    if (r.used != r.size) {
        return NB_EMALFORMED;
    }
    nb_buf_commit(out, r.used);
    return NB_OK;
}
