#include <natsd/quote.h>

#include <stdio.h>

enum {
    RUNE_REPLACEMENT = 0xFFFD,
    RUNE_MAX = 0x10FFFF,
    RUNE_SURROGATE_FIRST = 0xD800,
    RUNE_SURROGATE_LAST = 0xDFFF,
};

// How many continuation bytes a first byte asks for, and the smallest rune that needs them.
struct utf8_form {
    size_t more;
    uint32_t smallest;
    uint32_t bits; // of the rune in the first byte
};

static struct utf8_form form_of(uint8_t first)
{
    if (first >= 0xC2 && first <= 0xDF) { // 0xC0 and 0xC1 could only begin overlong forms
        return (struct utf8_form){.more = 1, .smallest = 0x80, .bits = first & 0x1FU};
    }
    if (first >= 0xE0 && first <= 0xEF) {
        return (struct utf8_form){.more = 2, .smallest = 0x800, .bits = first & 0x0FU};
    }
    if (first >= 0xF0 && first <= 0xF4) {
        return (struct utf8_form){.more = 3, .smallest = 0x10000, .bits = first & 0x07U};
    }
    return (struct utf8_form){0};
}

static bool is_rune(uint32_t rune)
{
    return rune <= RUNE_MAX && !(rune >= RUNE_SURROGATE_FIRST && rune <= RUNE_SURROGATE_LAST);
}

size_t nb_utf8_decode(struct slice text, uint32_t *rune)
{
    struct utf8_form form;
    uint32_t value;

    *rune = RUNE_REPLACEMENT;
    if (text.n == 0) {
        return 0;
    }
    if (text.p[0] < 0x80) {
        *rune = text.p[0];
        return 1;
    }
    form = form_of(text.p[0]);
    if (form.more == 0 || form.more >= text.n) {
        return 1;
    }
    value = form.bits;
    for (size_t i = 1; i <= form.more; i++) {
        if ((text.p[i] & 0xC0) != 0x80) {
            return 1;
        }
        value = value << 6 | (text.p[i] & 0x3FU);
    }
    if (value < form.smallest || !is_rune(value)) {
        return 1;
    }
    *rune = value;
    return form.more + 1;
}

size_t nb_utf8_encode(uint32_t rune, uint8_t out[4])
{
    if (!is_rune(rune)) {
        rune = RUNE_REPLACEMENT;
    }
    if (rune < 0x80) {
        out[0] = (uint8_t)rune;
        return 1;
    }
    if (rune < 0x800) {
        out[0] = (uint8_t)(0xC0 | rune >> 6);
        out[1] = (uint8_t)(0x80 | (rune & 0x3F));
        return 2;
    }
    if (rune < 0x10000) {
        out[0] = (uint8_t)(0xE0 | rune >> 12);
        out[1] = (uint8_t)(0x80 | (rune >> 6 & 0x3F));
        out[2] = (uint8_t)(0x80 | (rune & 0x3F));
        return 3;
    }
    out[0] = (uint8_t)(0xF0 | rune >> 18);
    out[1] = (uint8_t)(0x80 | (rune >> 12 & 0x3F));
    out[2] = (uint8_t)(0x80 | (rune >> 6 & 0x3F));
    out[3] = (uint8_t)(0x80 | (rune & 0x3F));
    return 4;
}

bool nb_utf8_is_valid(struct slice text)
{
    while (text.n > 0) {
        uint32_t rune;
        size_t n = nb_utf8_decode(text, &rune);

        if (n == 1 && rune == RUNE_REPLACEMENT) {
            return false;
        }
        text = nb_slice_sub(text, n, text.n);
    }
    return true;
}

// Controls, formats, spaces other than U+0020, private use, and blocks with little else.
static bool is_printable(uint32_t rune)
{
    static const struct {
        uint32_t first;
        uint32_t last;
    } unprintable[] = {
        {0x00, 0x1F},          {0x7F, 0xA0},     {0xAD, 0xAD},     {0x1680, 0x1680},
        {0x2000, 0x200F},      {0x2028, 0x202F}, {0x205F, 0x206F}, {0x3000, 0x3000},
        {0xD800, 0xF8FF},      {0xFEFF, 0xFEFF}, {0xFFF0, 0xFFFB}, {0xFFFE, 0xFFFF},
        {0xE0000, UINT32_MAX},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(unprintable); i++) {
        if (rune <= unprintable[i].last) {
            return rune < unprintable[i].first;
        }
    }
    return true;
}

static const char *short_escape(uint32_t rune)
{
    switch (rune) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\a':
        return "\\a";
    case '\b':
        return "\\b";
    case '\f':
        return "\\f";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    case '\v':
        return "\\v";
    default: // all other runes
        return NULL;
    }
}

static int put_escaped(uint32_t rune, struct nb_buf *out)
{
    char escape[sizeof("\\U0010FFFF")];
    const char *known = short_escape(rune);
    int n;

    if (known != NULL) {
        return nb_buf_append(out, nb_slice_of(known));
    }
    if (rune < 0x80) {
        n = snprintf(escape, sizeof(escape), "\\x%02x", (unsigned)rune);
    } else if (rune < 0x10000) {
        n = snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)rune);
    } else {
        n = snprintf(escape, sizeof(escape), "\\U%08x", (unsigned)(rune & 0x1FFFFF));
    }
    return nb_buf_append(out, nb_slice_make(escape, (size_t)n));
}

static int put_bad_byte(uint8_t byte, struct nb_buf *out)
{
    char escape[sizeof("\\xFF")];
    int n = snprintf(escape, sizeof(escape), "\\x%02x", (unsigned)byte);

    return nb_buf_append(out, nb_slice_make(escape, (size_t)n));
}

static size_t plain_length(struct slice text)
{
    size_t n = 0;

    while (n < text.n && text.p[n] >= 0x20 && text.p[n] < 0x7F && text.p[n] != '"' &&
           text.p[n] != '\\') {
        n++;
    }
    return n;
}

static int put_rune(struct slice *text, struct nb_buf *out)
{
    uint32_t rune;
    size_t n = nb_utf8_decode(*text, &rune);
    int rc;

    if (n == 1 && rune == RUNE_REPLACEMENT) {
        rc = put_bad_byte(text->p[0], out);
    } else if (is_printable(rune) && short_escape(rune) == NULL) {
        rc = nb_buf_append(out, nb_slice_sub(*text, 0, n));
    } else {
        rc = put_escaped(rune, out);
    }
    *text = nb_slice_sub(*text, n, text->n);
    return rc;
}

int nb_quote_inner(struct slice text, struct nb_buf *out)
{
    size_t start = out->n;

    while (text.n > 0) {
        size_t plain = plain_length(text);
        int rc = nb_buf_append(out, nb_slice_sub(text, 0, plain));

        text = nb_slice_sub(text, plain, text.n);
        if (rc == NB_OK && text.n > 0) {
            rc = put_rune(&text, out);
        }
        if (rc < 0) {
            out->n = start; // all or nothing, as for any append
            return rc;
        }
    }
    return NB_OK;
}

int nb_quote(struct slice text, struct nb_buf *out)
{
    size_t start = out->n;
    int rc = nb_buf_append(out, NB_SLICE("\""));

    if (rc == NB_OK) {
        rc = nb_quote_inner(text, out);
    }
    if (rc == NB_OK) {
        rc = nb_buf_append(out, NB_SLICE("\""));
    }
    if (rc < 0) {
        out->n = start;
    }
    return rc;
}
