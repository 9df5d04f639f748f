/* number.c - what begins with a digit or a minus sign: integers with a size suffix, floats,
 * dates, addresses, or a bare string after all (spec 02 section 2.6).
 */
#include "scan.h"

#include <stdio.h>

struct number {
    struct nconf__mark mark;
    bool is_negative;
    bool in_array;
};

static int finish(const struct nconf__scan *scan, const struct number *number,
                  enum nconf__token_type type, struct nconf__token *out)
{
    size_t n = scan->at - number->mark.at;

    nconf__scan_finish(scan, number->mark, scan->at, type,
                       nb_slice_sub(scan->text, number->mark.at, n), out);
    return NB_OK;
}

static void skip_digits(struct nconf__scan *scan)
{
    while (nconf__is_digit(nconf__scan_byte(scan))) {
        nconf__scan_skip(scan);
    }
}

// The reference does not see the end of an array here and goes on to a bare string ("[1,2,3]"
// fails there); whoever writes that means the integer.
static bool ends_integer(const struct nconf__scan *scan, const struct number *number)
{
    uint8_t byte = nconf__scan_byte(scan);

    return byte == NCONF__END || nconf__is_newline(byte) || nconf__is_blank(byte) || byte == ',' ||
           byte == ';' || byte == '}' || (byte == ']' && number->in_array);
}

static bool is_suffix(uint8_t byte)
{
    switch (byte | 0x20) {
    case 'k':
    case 'm':
    case 'g':
    case 't':
    case 'p':
    case 'e':
        return true;
    default:
        return false;
    }
}

static int finish_suffix(struct nconf__scan *scan, const struct number *number,
                         struct nconf__token *out)
{
    uint8_t lower;

    nconf__scan_skip(scan);
    while ((lower = nconf__scan_byte(scan) | 0x20) == 'b' || lower == 'i') {
        nconf__scan_skip(scan);
    }
    return ends_integer(scan, number) ? finish(scan, number, NCONF__TOKEN_INTEGER, out)
                                      : nconf__scan_bare(scan, number->mark, out);
}

static int finish_fraction(struct nconf__scan *scan, const struct number *number,
                           struct nconf__token *out)
{
    uint8_t byte;

    nconf__scan_skip(scan);
    if (!nconf__is_digit(nconf__scan_byte(scan))) {
        return nconf__scan_fail_rune(scan, "Floats must have a digit after the '.', but got '",
                                     "' instead.");
    }
    skip_digits(scan);
    if (nconf__scan_byte(scan) != '.') {
        return finish(scan, number, NCONF__TOKEN_FLOAT, out);
    }
    // An address or a version: 127.0.0.1:4222, 2.10.0, 0.0.0.0:-1.
    while (nconf__is_digit(byte = nconf__scan_byte(scan)) || byte == '.' || byte == ':' ||
           byte == '-') {
        nconf__scan_skip(scan);
    }
    return finish(scan, number, NCONF__TOKEN_STRING, out);
}

static int expected_in_date(struct nconf__scan *scan, char want)
{
    char before[64];

    snprintf(before, sizeof(before), "Expected '%c' in ISO8601 datetime, but found '", want);
    return nconf__scan_fail_rune(scan, before, "' instead.");
}

static int finish_date(struct nconf__scan *scan, const struct number *number,
                       struct nconf__token *out)
{
    static const char form[] = "-00-00T00:00:00Z"; // 0: any digit

    if (scan->at - number->mark.at != 4) {
        return nconf__scan_fail(scan, "All ISO8601 dates must be in full Zulu form.");
    }
    for (const char *want = form; *want != '\0'; want++) {
        uint8_t byte = nconf__scan_byte(scan);

        if (*want == '0' && !nconf__is_digit(byte)) {
            return nconf__scan_fail_rune(scan, "Expected digit in ISO8601 datetime, but found '",
                                         "' instead.");
        }
        if (*want != '0' && byte != (uint8_t)*want) {
            return expected_in_date(scan, *want);
        }
        nconf__scan_skip(scan);
    }
    return finish(scan, number, NCONF__TOKEN_TIME, out);
}

static int take_sign(struct nconf__scan *scan, struct number *number)
{
    number->is_negative = nconf__scan_take(scan, '-');
    if (nconf__is_digit(nconf__scan_byte(scan))) {
        return NB_OK;
    }
    if (nconf__scan_byte(scan) == '.') {
        return nconf__scan_fail(scan, "Floats must start with a digit, not '.'.");
    }
    return nconf__scan_fail_rune(scan, "Expected a digit but got '", "'.");
}

int nconf__scan_number(struct nconf__scan *scan, bool in_array, struct nconf__token *out)
{
    struct number number = {.mark = nconf__scan_mark(scan), .in_array = in_array};
    uint8_t byte;
    int rc = take_sign(scan, &number);

    if (rc != NB_OK) {
        return rc;
    }
    skip_digits(scan);
    byte = nconf__scan_byte(scan);
    if (byte == '.') {
        return finish_fraction(scan, &number, out);
    }
    if (is_suffix(byte)) {
        return finish_suffix(scan, &number, out);
    }
    if (number.is_negative || ends_integer(scan, &number)) {
        return finish(scan, &number, NCONF__TOKEN_INTEGER, out);
    }
    if (byte == '-') {
        return finish_date(scan, &number, out);
    }
    nconf__scan_skip(scan); // taken as it is, even a quote or a backslash
    return nconf__scan_bare(scan, number.mark, out);
}
