/* Quoted text is valid UTF-8 without controls, and undoing the escapes gives the text back. */
#include <natsd/quote.h>

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    QUOTED_BYTES_PER_BYTE_MAX = 4, // \xNN; runes are longer but so are their escapes
};

static uint32_t take_hex(struct slice *rest, size_t digit_count)
{
    char digits[9] = "";

    assert(digit_count < sizeof(digits) && rest->n >= digit_count);
    memcpy(digits, rest->p, digit_count);
    *rest = nb_slice_sub(*rest, digit_count, rest->n);
    return (uint32_t)strtoul(digits, NULL, 16);
}

static void put_byte(uint8_t byte, struct nb_buf *out)
{
    nb_buf_must(out, nb_slice_make(&byte, 1));
}

static void put_rune(uint32_t rune, struct nb_buf *out)
{
    uint8_t bytes[4];

    nb_buf_must(out, nb_slice_make(bytes, nb_utf8_encode(rune, bytes)));
}

static void unescape(struct slice *rest, struct nb_buf *out)
{
    static const char names[] = "abfnrtv\\\"";
    static const char values[] = "\a\b\f\n\r\t\v\\\"";
    const char *name;
    uint8_t kind;

    assert(rest->n >= 1);
    kind = rest->p[0];
    *rest = nb_slice_sub(*rest, 1, rest->n);
    if (kind == 'x') {
        put_byte((uint8_t)take_hex(rest, 2), out);
    } else if (kind == 'u') {
        put_rune(take_hex(rest, 4), out);
    } else if (kind == 'U') {
        put_rune(take_hex(rest, 8), out);
    } else {
        name = strchr(names, kind);
        assert(kind != '\0' && name != NULL);
        put_byte((uint8_t)values[name - names], out);
    }
}

static void unquote(struct slice quoted, struct nb_buf *out)
{
    while (quoted.n > 0) {
        uint8_t byte = quoted.p[0];

        assert(byte >= 0x20 && byte != 0x7F && byte != '"');
        quoted = nb_slice_sub(quoted, 1, quoted.n);
        if (byte == '\\') {
            unescape(&quoted, out);
        } else {
            put_byte(byte, out);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = nb_slice_make(data, size);
    struct nb_buf quoted;
    struct nb_buf back;
    struct slice inner;
    int rc;

    nb_buf_init(&quoted, QUOTED_BYTES_PER_BYTE_MAX * size + 2);
    nb_buf_init(&back, size);
    rc = nb_quote(text, &quoted);
    assert(rc == NB_OK);
    inner = nb_buf_slice(&quoted);
    assert(nb_utf8_is_valid(inner));
    assert(inner.n >= 2 && inner.p[0] == '"' && inner.p[inner.n - 1] == '"');
    unquote(nb_slice_sub(inner, 1, inner.n - 2), &back);
    assert(nb_slice_equal(nb_buf_slice(&back), text));
    nb_buf_fini(&quoted);
    nb_buf_fini(&back);
    return 0;
}
