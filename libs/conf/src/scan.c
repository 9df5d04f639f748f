#include "scan.h"

#include <natsd/quote.h>

#include <assert.h>

void nconf__scan_init(struct nconf__scan *scan, struct slice text, struct nb_buf *message)
{
    size_t n = nb_slice_find_byte(text, NCONF__END);

    *scan = (struct nconf__scan){
        .text = nb_slice_sub(text, 0, n),
        .line = 1,
        .message = message,
        .has_nul = n < text.n,
    };
    nb_buf_init(&scan->decoded, n);
}

void nconf__scan_fini(struct nconf__scan *scan)
{
    nb_buf_fini(&scan->decoded);
}

bool nconf__scan_is_end(const struct nconf__scan *scan)
{
    return scan->at == scan->text.n;
}

uint8_t nconf__scan_byte(const struct nconf__scan *scan)
{
    return nconf__scan_is_end(scan) ? NCONF__END : scan->text.p[scan->at];
}

void nconf__scan_skip(struct nconf__scan *scan)
{
    if (nconf__scan_is_end(scan)) {
        return;
    }
    if (scan->text.p[scan->at] == '\n') {
        scan->line++;
        scan->line_start = scan->at;
    }
    scan->at++;
}

struct slice nconf__scan_take_rune(struct nconf__scan *scan)
{
    struct slice rest = nb_slice_sub(scan->text, scan->at, SIZE_MAX);
    uint32_t rune;
    size_t n = rest.n == 0 ? 0 : nb_utf8_decode(rest, &rune);

    for (size_t i = 0; i < n; i++) {
        nconf__scan_skip(scan);
    }
    return nb_slice_sub(rest, 0, n);
}

bool nconf__scan_take(struct nconf__scan *scan, uint8_t byte)
{
    if (nconf__scan_is_end(scan) || scan->text.p[scan->at] != byte) {
        return false;
    }
    nconf__scan_skip(scan);
    return true;
}

void nconf__scan_skip_blanks(struct nconf__scan *scan)
{
    while (nconf__is_blank(nconf__scan_byte(scan))) {
        nconf__scan_skip(scan);
    }
}

static bool is_space(uint32_t rune)
{
    switch (rune) {
    case ' ':
    case '\t':
    case '\n':
    case '\v':
    case '\f':
    case '\r':
    case 0x85:
    case 0xA0:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x202F:
    case 0x205F:
    case 0x3000:
        return true;
    default:
        return rune >= 0x2000 && rune <= 0x200A;
    }
}

size_t nconf__scan_space(const struct nconf__scan *scan)
{
    uint32_t rune;
    size_t n;

    if (nconf__scan_is_end(scan)) {
        return 0;
    }
    n = nb_utf8_decode(nb_slice_sub(scan->text, scan->at, SIZE_MAX), &rune);
    return is_space(rune) ? n : 0;
}

void nconf__scan_skip_space(struct nconf__scan *scan)
{
    size_t n;

    while ((n = nconf__scan_space(scan)) > 0) {
        for (size_t i = 0; i < n; i++) {
            nconf__scan_skip(scan);
        }
    }
}

bool nconf__scan_is_comment(const struct nconf__scan *scan)
{
    struct slice rest = nb_slice_sub(scan->text, scan->at, 2);

    return nb_slice_starts(rest, "#") || nb_slice_is(rest, "//");
}

bool nconf__scan_skip_comment(struct nconf__scan *scan)
{
    if (!nconf__scan_is_comment(scan)) {
        return false;
    }
    while (!nconf__scan_is_end(scan) && !nconf__is_newline(nconf__scan_byte(scan))) {
        nconf__scan_skip(scan);
    }
    return true;
}

uint32_t nconf__scan_pos(const struct nconf__scan *scan)
{
    return (uint32_t)(scan->at - scan->line_start); // a text is smaller than 4 GiB, see conf.h
}

int nconf__scan_fail_with(const struct nconf__scan *scan, const char *before, struct slice what,
                          const char *after)
{
    nconf__say_text(scan->message, "Parse error on line ");
    nconf__say_number(scan->message, scan->line);
    nconf__say_text(scan->message, ": '");
    nconf__say_text(scan->message, before);
    nconf__say(scan->message, what);
    nconf__say_text(scan->message, after);
    nconf__say_text(scan->message, "'");
    return NB_EMALFORMED;
}

int nconf__scan_fail(const struct nconf__scan *scan, const char *text)
{
    return nconf__scan_fail_with(scan, text, (struct slice){0}, "");
}

// The reference shows a LF as \n, the end as NUL, a byte that is no UTF-8 as U+FFFD, and
// everything else as it is.
int nconf__scan_fail_rune(struct nconf__scan *scan, const char *before, const char *after)
{
    struct slice what = nconf__scan_take_rune(scan); // a newline that is in the way counts

    if (what.n == 0) {
        what = nb_slice_make("", 1);
    } else if (nb_slice_is(what, "\n")) {
        what = NB_SLICE("\\n");
    } else if (!nb_utf8_is_valid(what)) {
        what = NB_SLICE("\xEF\xBF\xBD");
    }
    return nconf__scan_fail_with(scan, before, what, after);
}

struct nconf__mark nconf__scan_mark(const struct nconf__scan *scan)
{
    return (struct nconf__mark){.at = scan->at, .line_start = scan->line_start};
}

void nconf__scan_finish(const struct nconf__scan *scan, struct nconf__mark mark, size_t end,
                        enum nconf__token_type type, struct slice text, struct nconf__token *out)
{
    assert(end >= text.n && end - text.n >= mark.at); // escapes only shrink
    *out = (struct nconf__token){
        .type = type,
        .text = text,
        .line = scan->line,
        .pos = (uint32_t)(end - text.n - mark.line_start),
    };
}
