/* line_scan.h - one look at a line that finds its tokens and its end together.
 *
 * Sixteen bytes at a time become bits: which separate tokens, which is LF. An edge, where a byte
 * and the one before it differ in that, begins or ends a token. bench_parser has the numbers.
 */
#pragma once

#include "arguments.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum {
    NPROTO__SCAN_BYTES = 16,      // at once
    NPROTO__SCAN_LINE_MAX = 1024, // longer lines are the slow way's
};

struct nproto__marks {
    uint32_t gaps; // bit i: byte i is no part of a token (LF is not marked)
    uint32_t ends; // bit i: byte i is LF
};

#if defined(__SSE2__)
static inline struct nproto__marks nproto__mark(const uint8_t *p, bool at_cr)
{
    const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
    const __m128i sp = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(' '));
    const __m128i tab = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t'));
    const __m128i lf = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n'));
    __m128i gaps = _mm_or_si128(sp, tab);

    if (at_cr) {
        gaps = _mm_or_si128(gaps, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\r')));
    }
    return (struct nproto__marks){.gaps = (uint32_t)_mm_movemask_epi8(gaps),
                                  .ends = (uint32_t)_mm_movemask_epi8(lf)};
}
#else
static inline struct nproto__marks nproto__mark(const uint8_t *p, bool at_cr)
{
    struct nproto__marks marks = {0};

    for (uint32_t i = 0; i < NPROTO__SCAN_BYTES; i++) {
        const bool is_gap = p[i] == ' ' || p[i] == '\t' || (at_cr && p[i] == '\r');

        marks.gaps |= (uint32_t)is_gap << i;
        marks.ends |= (uint32_t)(p[i] == '\n') << i;
    }
    return marks;
}
#endif

// The last bytes of an input, with LF behind them that are none of it.
static inline struct nproto__marks nproto__mark_tail(const uint8_t *p, size_t n, bool at_cr)
{
    uint8_t block[NPROTO__SCAN_BYTES];

    memset(block, '\n', sizeof(block));
    memcpy(block, p, n);
    return nproto__mark(block, at_cr);
}

// Edges of tokens, in turn the first byte of one and the first behind it.
struct nproto__edges {
    uint32_t at[2 * NPROTO__TOKENS_MAX];
    uint32_t count;
};

// Finds LF and the edges before it. False when it's for the slow way: no LF near, many tokens.
static inline bool nproto__find_edges(struct slice text, bool at_cr, struct nproto__edges *edges,
                                      size_t *lf)
{
    uint32_t count = 0;
    uint32_t inside = 0; // is the byte before this block part of a token?

    for (size_t at = 0; at < text.n && at < NPROTO__SCAN_LINE_MAX; at += NPROTO__SCAN_BYTES) {
        const struct nproto__marks marks = NB_LIKELY(text.n - at >= NPROTO__SCAN_BYTES)
                                               ? nproto__mark(text.p + at, at_cr)
                                               : nproto__mark_tail(text.p + at, text.n - at, at_cr);
        const uint32_t before_lf = (marks.ends & -marks.ends) - 1; // all of them without LF
        const uint32_t tokens = ~marks.gaps & before_lf & 0xffff;

        for (uint32_t left = (tokens ^ (tokens << 1 | inside)) & 0xffff; left != 0;
             left &= left - 1) {
            if (count == NB_ARRAY_LEN(edges->at)) {
                return false;
            }
            edges->at[count++] = (uint32_t)at + (uint32_t)__builtin_ctz(left);
        }
        if (marks.ends != 0) {
            *lf = at + (size_t)__builtin_ctz(marks.ends);
            edges->count = count;
            return *lf < text.n;
        }
        inside = tokens >> (NPROTO__SCAN_BYTES - 1);
    }
    return false;
}

struct nproto__line {
    struct slice arg;
    size_t size; // up to and with LF
    struct nproto__tokens tokens;
};

// `text` begins behind a verb. False when it's for the slow way, also without any token.
static inline bool nproto__scan_line(struct slice text, bool at_cr, struct nproto__line *out)
{
    struct nproto__edges edges;
    size_t start = 0;
    size_t lf;
    size_t end;

    if (!nproto__find_edges(text, at_cr, &edges, &lf) || edges.count == 0) {
        return false;
    }
    end = text.p[lf - 1] == '\r' ? lf - 1 : lf; // lf > 0: there is a token before it
    if (edges.at[edges.count - 1] > end) {      // that CR is no part of the last token
        edges.at[edges.count - 1] = (uint32_t)end;
        if (edges.at[edges.count - 2] == end) {
            return false; // nor is it one by itself
        }
    }
    while (text.p[start] == ' ' || text.p[start] == '\t') {
        start++;
    }
    out->arg = nb_slice_make(text.p + start, end - start);
    out->size = lf + 1;
    out->tokens.count = edges.count / 2;
    for (uint32_t i = 0; i < out->tokens.count; i++) {
        const uint32_t from = edges.at[(size_t)2 * i];

        out->tokens.at[i] = nb_slice_make(text.p + from, edges.at[(size_t)2 * i + 1] - from);
    }
    return true;
}
