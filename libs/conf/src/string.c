/* string.c - the four ways to write a string (spec 02 section 2.5). */
#include "scan.h"

static struct slice between(const struct nconf__scan *scan, size_t start, size_t end)
{
    return nb_slice_sub(scan->text, start, end - start);
}

int nconf__scan_raw(struct nconf__scan *scan, const char *unclosed, struct nconf__token *out)
{
    uint8_t quote = nconf__scan_byte(scan);
    struct nconf__mark mark;
    size_t end;

    nconf__scan_skip(scan);
    mark = nconf__scan_mark(scan);
    while (!nconf__scan_is_end(scan) && nconf__scan_byte(scan) != quote) {
        nconf__scan_skip(scan);
    }
    end = scan->at;
    if (!nconf__scan_take(scan, quote)) {
        return nconf__scan_fail(scan, unclosed);
    }
    nconf__scan_finish(scan, mark, end, NCONF__TOKEN_STRING, between(scan, mark.at, end), out);
    return NB_OK;
}

// The block ends at a parenthesis that is alone on its line. (The reference takes one that is
// the last byte of the file for a part of the value; here it just closes the block.)
static bool closes_block(const struct nconf__scan *scan)
{
    struct slice around = nb_slice_sub(scan->text, scan->at - 1, 3);

    return nb_slice_is(around, "\n)") || nb_slice_is(around, "\n)\n");
}

int nconf__scan_block(struct nconf__scan *scan, struct nconf__token *out)
{
    struct nconf__mark mark;

    nconf__scan_skip(scan);
    mark = nconf__scan_mark(scan);
    while (!nconf__scan_is_end(scan) && !closes_block(scan)) {
        nconf__scan_skip(scan);
    }
    if (nconf__scan_is_end(scan)) {
        return nconf__scan_fail(scan, "Unexpected EOF processing block.");
    }
    nconf__scan_finish(scan, mark, scan->at, NCONF__TOKEN_STRING, between(scan, mark.at, scan->at),
                       out);
    nconf__scan_skip(scan);
    return NB_OK;
}

static int hex_value(uint8_t byte)
{
    uint8_t lower = byte | 0x20;

    if (nconf__is_digit(byte)) {
        return byte - '0';
    }
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static int take_hex_escape(struct nconf__scan *scan, uint8_t *byte)
{
    struct slice got;
    int high;
    int low;

    for (int i = 0; i < 2; i++) {
        struct slice rune = nconf__scan_take_rune(scan);

        if (rune.n > 0 && nconf__is_newline(rune.p[0])) {
            return nconf__scan_fail(
                scan, "Expected two hexadecimal digits after '\\x', but hit end of line");
        }
    }
    got = nb_slice_sub(scan->text, scan->at - 2, 2); // with the x, and the \, if the text ends
    high = hex_value(got.p[0]);
    low = hex_value(got.p[1]);
    if (high < 0 || low < 0) {
        return nconf__scan_fail_with(scan, "Expected two hexadecimal digits after '\\x', but got '",
                                     got, "'");
    }
    *byte = (uint8_t)(high << 4 | low);
    return NB_OK;
}

static int take_escape(struct nconf__scan *scan, uint8_t *byte)
{
    nconf__scan_skip(scan); // the backslash
    *byte = nconf__scan_byte(scan);
    switch (*byte) {
    case 't':
        *byte = '\t';
        break;
    case 'n':
        *byte = '\n';
        break;
    case 'r':
        *byte = '\r';
        break;
    case '"':
    case '\\':
        break;
    case 'x':
        nconf__scan_skip(scan);
        return take_hex_escape(scan, byte);
    default:
        return nconf__scan_fail_rune(scan, "Invalid escape character '",
                                     "'. Only the following escape characters are allowed: "
                                     "\\xXX, \\t, \\n, \\r, \\\", \\\\.");
    }
    nconf__scan_skip(scan);
    return NB_OK;
}

// A string while it is read: decoded so far, and the bytes since `run` that are as written.
struct unescaping {
    size_t run;
    bool has_escapes;
};

static int unescape(struct nconf__scan *scan, struct unescaping *u)
{
    uint8_t byte;
    int rc;

    if (!u->has_escapes) {
        nb_buf_clear(&scan->decoded);
        u->has_escapes = true;
    }
    rc = nb_buf_append(&scan->decoded, between(scan, u->run, scan->at));
    if (rc != NB_OK) {
        return rc;
    }
    rc = take_escape(scan, &byte);
    if (rc != NB_OK) {
        return rc;
    }
    u->run = scan->at;
    return nb_buf_append(&scan->decoded, nb_slice_make(&byte, 1));
}

static int unescaped_text(struct nconf__scan *scan, const struct unescaping *u, size_t end,
                          struct slice *out)
{
    int rc = NB_OK;

    *out = between(scan, u->run, end);
    if (u->has_escapes) {
        rc = nb_buf_append(&scan->decoded, *out);
        *out = nb_buf_slice(&scan->decoded);
    }
    return rc;
}

int nconf__scan_double_quoted(struct nconf__scan *scan, struct nconf__token *out)
{
    struct nconf__mark mark;
    struct unescaping u;
    struct slice text;
    size_t end;
    int rc = NB_OK;

    nconf__scan_skip(scan);
    mark = nconf__scan_mark(scan);
    u = (struct unescaping){.run = mark.at};
    while (rc == NB_OK && !nconf__scan_is_end(scan) && nconf__scan_byte(scan) != '"') {
        if (nconf__scan_byte(scan) == '\\') {
            rc = unescape(scan, &u);
        } else {
            nconf__scan_skip(scan);
        }
    }
    if (rc != NB_OK) {
        return rc;
    }
    end = scan->at;
    if (!nconf__scan_take(scan, '"')) {
        return nconf__scan_fail(scan, "Unexpected EOF.");
    }
    rc = unescaped_text(scan, &u, end, &text);
    if (rc == NB_OK) {
        nconf__scan_finish(scan, mark, end, NCONF__TOKEN_STRING, text, out);
    }
    return rc;
}

static bool ends_bare(uint8_t byte)
{
    switch (byte) {
    case NCONF__END:
    case '\n':
    case '\r':
    case ' ':
    case '\t':
    case ';':
    case ',':
    case ']':
    case '}':
    case '\'':
        return true;
    default:
        return false;
    }
}

int nconf__scan_bare(struct nconf__scan *scan, struct nconf__mark mark, struct nconf__token *out)
{
    struct unescaping u = {.run = mark.at};
    struct slice text;
    size_t end;
    bool is_word;
    int rc = NB_OK;

    while (rc == NB_OK && !ends_bare(nconf__scan_byte(scan))) {
        if (nconf__scan_byte(scan) == '\\') {
            rc = unescape(scan, &u);
        } else {
            nconf__scan_skip(scan);
        }
    }
    if (rc != NB_OK) {
        return rc;
    }
    end = scan->at;
    is_word = !nconf__scan_take(scan, '\'') && !u.has_escapes; // the quote belongs to the value
    rc = unescaped_text(scan, &u, end, &text);
    if (rc == NB_OK) {
        nconf__scan_finish(scan, mark, end, is_word ? NCONF__TOKEN_WORD : NCONF__TOKEN_STRING, text,
                           out);
    }
    return rc;
}
