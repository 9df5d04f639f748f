/* key.c - keys, and the path of an include: what stands where a value may not begin. */
#include "scan.h"

static const char *unclosed_key(bool in_map, uint8_t quote)
{
    if (!in_map) {
        return "Unexpected EOF.";
    }
    return quote == '"' ? "Unexpected EOF processing double quoted map key."
                        : "Unexpected EOF processing quoted map key.";
}

static bool ends_bare_key(const struct nconf__scan *scan)
{
    uint8_t byte = nconf__scan_byte(scan);

    return byte == NCONF__END || byte == '=' || byte == ':' || nconf__scan_space(scan) > 0;
}

int nconf__scan_key(struct nconf__scan *scan, bool in_map, struct nconf__token *out, bool *is_bare)
{
    uint8_t first = nconf__scan_byte(scan);
    struct nconf__mark mark;

    *is_bare = first != '"' && first != '\'';
    if (!*is_bare) {
        return nconf__scan_raw(scan, unclosed_key(in_map, first), out);
    }
    // As in the reference, a slash that begins no comment is lost in front of a key of a map,
    // and whatever is behind it begins the key.
    if (in_map && nconf__scan_take(scan, '/')) {
        mark = nconf__scan_mark(scan);
        nconf__scan_take_rune(scan);
    } else {
        mark = nconf__scan_mark(scan);
    }
    while (!ends_bare_key(scan)) {
        nconf__scan_skip(scan);
    }
    if (in_map && nconf__scan_is_end(scan)) {
        return nconf__scan_fail(scan, "Unexpected EOF processing map key.");
    }
    nconf__scan_finish(scan, mark, scan->at, NCONF__TOKEN_WORD,
                       nb_slice_sub(scan->text, mark.at, scan->at - mark.at), out);
    return NB_OK;
}

static const char *wrong_start_of_path(uint8_t byte)
{
    switch (byte) {
    case '[':
        return "Expected include value but found start of an array";
    case '{':
        return "Expected include value but found start of a map";
    case '(':
        return "Expected include value but found start of a block";
    case '\\':
        return "Expected include value but found escape sequence";
    default:
        return nconf__is_digit(byte) || byte == '-'
                   ? "Expected include value but found start of a number"
                   : NULL;
    }
}

static bool ends_bare_path(uint8_t byte)
{
    return byte == NCONF__END || nconf__is_newline(byte) || nconf__is_blank(byte) || byte == ';' ||
           byte == '}' || byte == '\'';
}

int nconf__scan_include_path(struct nconf__scan *scan, struct nconf__token *out)
{
    struct nconf__mark mark;
    const char *wrong;

    nconf__scan_skip_blanks(scan);
    if (nconf__is_newline(nconf__scan_byte(scan))) {
        nconf__scan_skip(scan); // the error is in the next line
        return nconf__scan_fail(scan, "Expected include value but found new line");
    }
    wrong = wrong_start_of_path(nconf__scan_byte(scan));
    if (wrong != NULL) {
        return nconf__scan_fail(scan, wrong);
    }
    if (nconf__scan_byte(scan) == '\'') {
        return nconf__scan_raw(scan, "Unexpected EOF in quoted include", out);
    }
    if (nconf__scan_byte(scan) == '"') {
        return nconf__scan_raw(scan, "Unexpected EOF in double quoted include", out);
    }
    mark = nconf__scan_mark(scan);
    while (!ends_bare_path(nconf__scan_byte(scan))) {
        nconf__scan_skip(scan);
    }
    nconf__scan_finish(scan, mark, scan->at, NCONF__TOKEN_WORD,
                       nb_slice_sub(scan->text, mark.at, scan->at - mark.at), out);
    nconf__scan_take(scan, '\'');
    return NB_OK;
}
