#include "base32.h"

// Value of one character, or 32.
static unsigned value_of(uint8_t byte)
{
    if (byte >= 'A' && byte <= 'Z') {
        return byte - 'A';
    }
    if (byte >= '2' && byte <= '7') {
        return byte - '2' + 26U;
    }
    return 32;
}

int nauth__base32_decode(struct slice text, uint8_t *out, size_t size)
{
    uint32_t bits = 0;
    unsigned bit_count = 0;
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        unsigned value = value_of(text.p[i]);

        if (text.p[i] == '\r' || text.p[i] == '\n') {
            continue;
        }
        if (value == 32 || n == size) { // or a character too many
            return NB_EMALFORMED;
        }
        bits = bits << 5 | value;
        bit_count += 5;
        if (bit_count >= 8) {
            bit_count -= 8;
            out[n++] = (uint8_t)(bits >> bit_count & 0xFF);
        }
    }
    return n == size ? NB_OK : NB_EMALFORMED;
}

void nauth__base32_encode(struct slice bytes, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint32_t bits = 0;
    unsigned bit_count = 0;

    for (size_t i = 0; i < bytes.n; i++) {
        bits = bits << 8 | bytes.p[i];
        bit_count += 8;
        for (; bit_count >= 5; bit_count -= 5) {
            *out++ = digits[bits >> (bit_count - 5) & 0x1F];
        }
    }
    if (bit_count > 0) {
        *out = digits[bits << (5 - bit_count) & 0x1F];
    }
}
