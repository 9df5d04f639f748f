#include <natsd/json_writer.h>

#include <natsd/number.h>
#include <natsd/quote.h>

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void put(struct nb_json_writer *w, struct slice bytes)
{
    if (w->rc == NB_OK) {
        w->rc = nb_buf_append(w->out, bytes);
    }
}

static void put_newline(struct nb_json_writer *w)
{
    if (w->style == NB_JSON_COMPACT) {
        return;
    }
    put(w, NB_SLICE("\n"));
    for (unsigned i = 0; i < w->depth; i++) {
        put(w, NB_SLICE("  "));
    }
}

// What stands before a key, or before a value that has none.
static void separate(struct nb_json_writer *w)
{
    if (w->after_key) {
        w->after_key = false;
        return;
    }
    if (w->depth == 0) {
        return;
    }
    if (w->has_items[w->depth - 1]) {
        put(w, NB_SLICE(","));
    }
    w->has_items[w->depth - 1] = true;
    put_newline(w);
}

void nb_json_begin(struct nb_json_writer *w, struct nb_buf *out, enum nb_json_style style)
{
    *w = (struct nb_json_writer){.out = out, .style = style, .rc = NB_OK, .escape_html = true};
}

int nb_json_end(struct nb_json_writer *w)
{
    assert(w->depth == 0);
    assert(!w->after_key);
    return w->rc;
}

static void open_container(struct nb_json_writer *w, const char *bracket)
{
    assert(w->depth < NB_JSON_DEPTH_MAX);
    separate(w);
    put(w, nb_slice_of(bracket));
    w->has_items[w->depth++] = false;
}

static void close_container(struct nb_json_writer *w, const char *bracket)
{
    assert(w->depth > 0);
    assert(!w->after_key);
    w->depth--;
    if (w->has_items[w->depth]) {
        put_newline(w);
    }
    put(w, nb_slice_of(bracket));
}

void nb_json_object(struct nb_json_writer *w)
{
    open_container(w, "{");
}

void nb_json_object_end(struct nb_json_writer *w)
{
    close_container(w, "}");
}

void nb_json_array(struct nb_json_writer *w)
{
    open_container(w, "[");
}

void nb_json_array_end(struct nb_json_writer *w)
{
    close_container(w, "]");
}

static bool is_plain(const struct nb_json_writer *w, uint8_t byte)
{
    if (byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\') {
        return false;
    }
    return !w->escape_html || (byte != '<' && byte != '>' && byte != '&');
}

static const char *short_escape(uint32_t rune)
{
    switch (rune) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
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
    default: // all other runes
        return NULL;
    }
}

static void put_escaped(struct nb_json_writer *w, uint32_t rune)
{
    char escape[sizeof("\\uFFFF")];
    const char *known = short_escape(rune);

    if (known != NULL) {
        put(w, nb_slice_of(known));
        return;
    }
    assert(rune <= 0xFFFF);
    snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)(rune & 0xFFFF));
    put(w, nb_slice_of(escape));
}

// The first rune, which is not plain ASCII. Returns its length.
static size_t put_rune(struct nb_json_writer *w, struct slice text)
{
    uint32_t rune;
    size_t n = nb_utf8_decode(text, &rune);
    bool is_bad_byte = n == 1 && rune >= 0x80;
    bool is_line_end = rune == 0x2028 || rune == 0x2029; // would end a line of JavaScript

    if (rune < 0x80 || is_bad_byte || is_line_end) {
        put_escaped(w, rune);
    } else {
        put(w, nb_slice_sub(text, 0, n));
    }
    return n;
}

static void put_quoted(struct nb_json_writer *w, struct slice text)
{
    put(w, NB_SLICE("\""));
    while (text.n > 0) {
        size_t n = 0;

        while (n < text.n && is_plain(w, text.p[n])) {
            n++;
        }
        if (n > 0) {
            put(w, nb_slice_sub(text, 0, n));
        } else {
            n = put_rune(w, text);
        }
        text = nb_slice_sub(text, n, text.n);
    }
    put(w, NB_SLICE("\""));
}

void nb_json_key(struct nb_json_writer *w, const char *key)
{
    nb_json_key_slice(w, nb_slice_of(key));
}

void nb_json_key_slice(struct nb_json_writer *w, struct slice key)
{
    assert(w->depth > 0);
    assert(!w->after_key);
    separate(w);
    put_quoted(w, key);
    put(w, w->style == NB_JSON_COMPACT ? NB_SLICE(":") : NB_SLICE(": "));
    w->after_key = true;
}

void nb_json_str(struct nb_json_writer *w, struct slice value)
{
    separate(w);
    put_quoted(w, value);
}

void nb_json_u64(struct nb_json_writer *w, uint64_t value)
{
    char digits[NB_U64_TEXT_MAX_BYTES];

    separate(w);
    put(w, nb_slice_make(digits, nb_format_u64(value, digits)));
}

void nb_json_i64(struct nb_json_writer *w, int64_t value)
{
    char digits[1 + NB_U64_TEXT_MAX_BYTES];
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    size_t sign = value < 0 ? 1 : 0;

    digits[0] = '-';
    separate(w);
    put(w, nb_slice_make(digits, sign + nb_format_u64(size, digits + sign)));
}

enum {
    DOUBLE_DIGITS_MAX = 17, // enough to read back any double
};

// A positive double as digits d.ddd times ten to the exponent.
struct decimal {
    char digits[DOUBLE_DIGITS_MAX + 1]; // terminated
    int digit_count;
    int exponent;
};

// The fewest digits that read back as the same double. Whatever the locale's decimal point
// is, it is read by the same locale and then dropped.
static struct decimal shortest_decimal(double value)
{
    struct decimal decimal = {.digit_count = 0};
    char text[40];
    const char *p = text;

    for (int precision = 0; precision < DOUBLE_DIGITS_MAX; precision++) {
        snprintf(text, sizeof(text), "%.*e", precision, value);
        if (strtod(text, NULL) == value) {
            break;
        }
    }
    for (; *p != '\0' && *p != 'e'; p++) {
        if (*p >= '0' && *p <= '9' && decimal.digit_count < DOUBLE_DIGITS_MAX) {
            decimal.digits[decimal.digit_count++] = *p;
        }
    }
    decimal.exponent = *p == 'e' ? (int)strtol(p + 1, NULL, 10) : 0;
    return decimal;
}

static void put_exponent_form(struct nb_json_writer *w, const struct decimal *d)
{
    char text[16];

    put(w, nb_slice_make(d->digits, 1));
    if (d->digit_count > 1) {
        put(w, NB_SLICE("."));
        put(w, nb_slice_of(d->digits + 1));
    }
    snprintf(text, sizeof(text), "e%+d", d->exponent);
    put(w, nb_slice_of(text));
}

static void put_plain_form(struct nb_json_writer *w, const struct decimal *d)
{
    int before_point = d->exponent + 1;

    if (before_point <= 0) {
        put(w, NB_SLICE("0."));
        for (int i = before_point; i < 0; i++) {
            put(w, NB_SLICE("0"));
        }
        put(w, nb_slice_of(d->digits));
        return;
    }
    for (int i = 0; i < before_point; i++) {
        put(w, i < d->digit_count ? nb_slice_make(d->digits + i, 1) : NB_SLICE("0"));
    }
    if (d->digit_count > before_point) {
        put(w, NB_SLICE("."));
        put(w, nb_slice_of(d->digits + before_point));
    }
}

void nb_json_double(struct nb_json_writer *w, double value)
{
    struct decimal decimal;
    double size = fabs(value);

    if (!isfinite(value)) {
        nb_json_null(w); // JSON has no other word for it
        return;
    }
    separate(w);
    if (signbit(value)) {
        put(w, NB_SLICE("-"));
    }
    decimal = shortest_decimal(size);
    if (size != 0 && (size < 1e-6 || size >= 1e21)) {
        put_exponent_form(w, &decimal);
    } else {
        put_plain_form(w, &decimal);
    }
}

void nb_json_bool(struct nb_json_writer *w, bool value)
{
    separate(w);
    put(w, value ? NB_SLICE("true") : NB_SLICE("false"));
}

void nb_json_null(struct nb_json_writer *w)
{
    separate(w);
    put(w, NB_SLICE("null"));
}

void nb_json_raw(struct nb_json_writer *w, struct slice json)
{
    separate(w);
    put(w, json);
}

void nb_json_put_str(struct nb_json_writer *w, const char *key, struct slice value)
{
    nb_json_key(w, key);
    nb_json_str(w, value);
}

void nb_json_put_text(struct nb_json_writer *w, const char *key, const char *value)
{
    nb_json_put_str(w, key, nb_slice_of(value));
}

void nb_json_put_i64(struct nb_json_writer *w, const char *key, int64_t value)
{
    nb_json_key(w, key);
    nb_json_i64(w, value);
}

void nb_json_put_u64(struct nb_json_writer *w, const char *key, uint64_t value)
{
    nb_json_key(w, key);
    nb_json_u64(w, value);
}

void nb_json_put_double(struct nb_json_writer *w, const char *key, double value)
{
    nb_json_key(w, key);
    nb_json_double(w, value);
}

void nb_json_put_bool(struct nb_json_writer *w, const char *key, bool value)
{
    nb_json_key(w, key);
    nb_json_bool(w, value);
}

void nb_json_opt_str(struct nb_json_writer *w, const char *key, struct slice value)
{
    if (value.n > 0) {
        nb_json_put_str(w, key, value);
    }
}

void nb_json_opt_i64(struct nb_json_writer *w, const char *key, int64_t value)
{
    if (value != 0) {
        nb_json_put_i64(w, key, value);
    }
}

void nb_json_opt_u64(struct nb_json_writer *w, const char *key, uint64_t value)
{
    if (value != 0) {
        nb_json_put_u64(w, key, value);
    }
}

void nb_json_opt_bool(struct nb_json_writer *w, const char *key, bool value)
{
    if (value) {
        nb_json_put_bool(w, key, value);
    }
}
