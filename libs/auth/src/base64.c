#include <natsd/base64.h>

#include <assert.h>

enum {
    BASE64_NO_VALUE = 64,
};

static const char url_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static bool is_line_end(uint8_t byte)
{
    return byte == '\r' || byte == '\n';
}

// `last_two` holds the characters for 62 and 63.
static unsigned value_of(uint8_t byte, const char *last_two)
{
    if (byte >= 'A' && byte <= 'Z') {
        return byte - 'A';
    }
    if (byte >= 'a' && byte <= 'z') {
        return byte - 'a' + 26U;
    }
    if (byte >= '0' && byte <= '9') {
        return byte - '0' + 52U;
    }
    if (byte == (uint8_t)last_two[0]) {
        return 62;
    }
    return byte == (uint8_t)last_two[1] ? 63 : BASE64_NO_VALUE;
}

// Counts the characters that carry bits. NB_EMALFORMED if there is any other.
static int count_digits(struct slice text, const char *last_two, size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (is_line_end(text.p[i])) {
            continue;
        }
        if (value_of(text.p[i], last_two) == BASE64_NO_VALUE) {
            return NB_EMALFORMED;
        }
        (*count)++;
    }
    return *count % 4 == 1 ? NB_EMALFORMED : NB_OK; // six bits are no byte
}

static int decode(struct slice text, const char *last_two, struct nb_buf *out)
{
    size_t digit_count;
    uint8_t *room;
    uint32_t bits = 0;
    unsigned bit_count = 0;
    size_t n = 0;
    size_t size;
    int rc = count_digits(text, last_two, &digit_count);

    if (rc < 0) {
        return rc;
    }
    size = digit_count / 4 * 3 + digit_count % 4 * 6 / 8;
    rc = nb_buf_reserve(out, size, &room);
    if (rc < 0) {
        return rc;
    }
    for (size_t i = 0; i < text.n; i++) {
        if (is_line_end(text.p[i])) {
            continue;
        }
        bits = bits << 6 | value_of(text.p[i], last_two);
        bit_count += 6;
        if (bit_count >= 8) {
            bit_count -= 8;
            room[n++] = (uint8_t)(bits >> bit_count & 0xFF);
        }
    }
    assert(n == size);
    nb_buf_commit(out, n);
    return NB_OK;
}

int nauth_base64url_decode(struct slice text, struct nb_buf *out)
{
    return decode(text, "-_", out);
}

// Takes line ends and up to two '=' off the end; what is left must need that padding.
static int take_padding(struct slice *text, size_t *padding)
{
    *padding = 0;
    while (text->n > 0) {
        uint8_t last = text->p[text->n - 1];

        if (last == '=') {
            (*padding)++;
        } else if (!is_line_end(last)) {
            break;
        }
        text->n--;
    }
    return *padding <= 2 ? NB_OK : NB_EMALFORMED;
}

int nauth_base64_decode(struct slice text, struct nb_buf *out)
{
    size_t padding;
    size_t digit_count = 0;
    int rc = take_padding(&text, &padding);

    if (rc == NB_OK) {
        rc = count_digits(text, "+/", &digit_count);
    }
    if (rc < 0) {
        return rc;
    }
    if ((digit_count + padding) % 4 != 0) {
        return NB_EMALFORMED;
    }
    return decode(text, "+/", out);
}

int nauth_base64url_encode(struct slice bytes, struct nb_buf *out)
{
    size_t size;
    uint8_t *room;
    uint32_t bits = 0;
    unsigned bit_count = 0;
    size_t n = 0;
    int rc = NB_ELIMIT;

    if (bytes.n <= SIZE_MAX / 2) {
        size = bytes.n / 3 * 4 + (bytes.n % 3 * 8 + 5) / 6;
        rc = nb_buf_reserve(out, size, &room);
    }
    if (rc < 0) {
        return rc;
    }
    for (size_t i = 0; i < bytes.n; i++) {
        bits = bits << 8 | bytes.p[i];
        bit_count += 8;
        for (; bit_count >= 6; bit_count -= 6) {
            room[n++] = (uint8_t)url_digits[bits >> (bit_count - 6) & 0x3F];
        }
    }
    if (bit_count > 0) {
        room[n++] = (uint8_t)url_digits[bits << (6 - bit_count) & 0x3F];
    }
    assert(n == size);
    nb_buf_commit(out, n);
    return NB_OK;
}
