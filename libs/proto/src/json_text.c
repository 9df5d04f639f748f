#include "json_text.h"

#include <natsd/memory.h>

#include <string.h>

// The text is at most a control line, but a value of two bytes takes fifty times that as part of
// a tree. Long texts (tokens) are copied once, and nobody sends thousands of values.
enum {
    TREE_MAX_BYTES = 512 * 1024,
    ESCAPE_BYTES = 6, // \uXXXX
};

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9') {
        return byte - '0';
    }
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

// The code unit of a \uXXXX at `at`, or -1.
static int32_t unit_at(struct slice text, size_t at)
{
    int32_t unit = 0;

    if (at >= text.n || text.n - at < ESCAPE_BYTES || text.p[at] != '\\' || text.p[at + 1] != 'u') {
        return -1;
    }
    for (size_t i = 2; i < ESCAPE_BYTES; i++) {
        const int digit = hex_digit(text.p[at + i]);

        if (digit < 0) {
            return -1;
        }
        unit = unit << 4 | digit;
    }
    return unit;
}

static bool is_high(int32_t unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low(int32_t unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

// Where the next surrogate without a partner is escaped, from `at` on; text.n: nowhere.
static size_t find_lone(struct slice text, size_t at)
{
    while (at < text.n) {
        const int32_t unit = unit_at(text, at);

        if (is_high(unit) && is_low(unit_at(text, at + ESCAPE_BYTES))) {
            at += (size_t)2 * ESCAPE_BYTES;
        } else if (is_high(unit) || is_low(unit)) {
            return at;
        } else {
            at += text.p[at] == '\\' ? 2 : 1; // a backslash that is escaped begins no escape
        }
    }
    return text.n;
}

// yajl would read a lone one as a question mark, or mix it with what follows.
static struct slice mended(struct slice text, size_t lone)
{
    struct slice copy = nb_slice_dup(text);
    uint8_t *bytes = (uint8_t *)copy.p;

    while (lone < text.n) {
        memcpy(bytes + lone, "\\ufffd", ESCAPE_BYTES);
        lone = find_lone(text, lone + ESCAPE_BYTES);
    }
    return copy;
}

int nproto__json_parse(struct slice text, struct nb_json_doc *doc, struct nb_diag *diag)
{
    const size_t memory_max = 2 * text.n + TREE_MAX_BYTES;
    const size_t lone = find_lone(text, 0);
    struct slice copy;
    int rc;

    if (lone == text.n) {
        return nb_json_parse(text, memory_max, doc, diag);
    }
    copy = mended(text, lone);
    rc = nb_json_parse(copy, memory_max, doc, diag);
    nb_slice_wipe_free(&copy); // may hold secrets
    return rc;
}
