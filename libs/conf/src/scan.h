/* scan.h - a cursor over the text of a configuration, and the lexical forms it can take.
 *
 * Lines and positions are counted as spec 02 sections 2.1 and 2.11 count them. A NUL ends the
 * text; what stands behind one is never read.
 */
#pragma once

#include "message.h"

#include <natsd/conf_value.h>

enum {
    NCONF__END = 0, // the rune behind the last one
};

struct nconf__scan {
    struct slice text;
    size_t at; // offset of the next byte
    uint32_t line;
    size_t line_start;      // what positions in this line count from
    struct nb_buf decoded;  // the last string that had escapes
    struct nb_buf *message; // borrowed, may be NULL
    bool has_nul;           // there is more text behind a NUL
};

enum nconf__token_type {
    NCONF__TOKEN_STRING,
    NCONF__TOKEN_WORD, // a bare string without escapes: also booleans and variables
    NCONF__TOKEN_INTEGER,
    NCONF__TOKEN_FLOAT,
    NCONF__TOKEN_TIME,
};

struct nconf__token {
    enum nconf__token_type type;
    struct slice text; // borrowed until the next token
    uint32_t line;     // where it ends
    uint32_t pos;      // where it begins, in the line where it begins
};

void nconf__scan_init(struct nconf__scan *scan, struct slice text, struct nb_buf *message);
void nconf__scan_fini(struct nconf__scan *scan);

bool nconf__scan_is_end(const struct nconf__scan *scan);
uint8_t nconf__scan_byte(const struct nconf__scan *scan);     // the next one, NCONF__END at the end
void nconf__scan_skip(struct nconf__scan *scan);              // one byte; nothing at the end
struct slice nconf__scan_take_rune(struct nconf__scan *scan); // its bytes; n is 0 at the end
bool nconf__scan_take(struct nconf__scan *scan, uint8_t byte); // skips it if it is the next one
size_t nconf__scan_space(
    const struct nconf__scan *scan); // size of the white space character that is next, or 0
void nconf__scan_skip_blanks(struct nconf__scan *scan);      // spaces and tabs
void nconf__scan_skip_space(struct nconf__scan *scan);       // all Unicode white space
bool nconf__scan_is_comment(const struct nconf__scan *scan); // one begins here
bool nconf__scan_skip_comment(struct nconf__scan *scan);     // up to the line end; false: none
uint32_t nconf__scan_pos(const struct nconf__scan *scan);

// All three write "Parse error on line N: '...'" and return NB_EMALFORMED. The last takes the
// character that is in the way, and shows it between `before` and `after`.
NB_MUST_USE int nconf__scan_fail(const struct nconf__scan *scan, const char *text);
NB_MUST_USE int nconf__scan_fail_with(const struct nconf__scan *scan, const char *before,
                                      struct slice what, const char *after);
NB_MUST_USE int nconf__scan_fail_rune(struct nconf__scan *scan, const char *before,
                                      const char *after);

static inline bool nconf__is_newline(uint8_t byte)
{
    return byte == '\n' || byte == '\r';
}

static inline bool nconf__is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

static inline bool nconf__is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

// Marks the place where a token begins, and completes the token once it is read.
struct nconf__mark {
    size_t at;
    size_t line_start;
};

struct nconf__mark nconf__scan_mark(const struct nconf__scan *scan);
// `end` is the offset behind the last byte that belongs to the token; a token that had escapes
// begins, for positions, as if it had been written without them.
void nconf__scan_finish(const struct nconf__scan *scan, struct nconf__mark mark, size_t end,
                        enum nconf__token_type type, struct slice text, struct nconf__token *out);

// key.c: a key, bare or quoted. `in_map` selects the texts of errors. *is_bare tells a bare one.
NB_MUST_USE int nconf__scan_key(struct nconf__scan *scan, bool in_map, struct nconf__token *out,
                                bool *is_bare);
// The path behind the word "include".
NB_MUST_USE int nconf__scan_include_path(struct nconf__scan *scan, struct nconf__token *out);

// string.c: strings. The scan stands at the quote or parenthesis; a bare one began at `mark`.
// Raw: everything up to the same quote, without escapes; `unclosed` is the error if there is none.
NB_MUST_USE int nconf__scan_raw(struct nconf__scan *scan, const char *unclosed,
                                struct nconf__token *out);
NB_MUST_USE int nconf__scan_double_quoted(struct nconf__scan *scan, struct nconf__token *out);
NB_MUST_USE int nconf__scan_block(struct nconf__scan *scan, struct nconf__token *out);
NB_MUST_USE int nconf__scan_bare(struct nconf__scan *scan, struct nconf__mark mark,
                                 struct nconf__token *out);

// number.c: what begins with a digit or a minus sign; it may turn out to be a string.
NB_MUST_USE int nconf__scan_number(struct nconf__scan *scan, bool in_array,
                                   struct nconf__token *out);
