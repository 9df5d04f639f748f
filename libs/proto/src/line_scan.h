/* line_scan.h - one look at a line that finds its tokens and its end together.
 *
 * Sixteen bytes at a time become bits: which are blanks or control bytes. There is one such bit
 * between two tokens, and CR LF after the last; a line that has others, or more of them, is left
 * to the slow way. Measured with bench_parser on a small PUB: 25 ns without SSE2, 12 ns with.
 */
#pragma once

#include "arguments.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum {
    NPROTO__SCAN_BYTES = 16,      // at once
    NPROTO__SCAN_LINE_MAX = 1024, // longer lines are for the slow way
};

// Bit i: byte i is a blank or a control byte.
static inline uint32_t nproto__mark_portable(const uint8_t *p)
{
    uint32_t marks = 0;

    for (uint32_t i = 0; i < NPROTO__SCAN_BYTES; i++) {
        marks |= (uint32_t)(p[i] <= ' ') << i;
    }
    return marks;
}

static inline uint32_t nproto__mark(const uint8_t *p)
{
#if defined(__SSE2__)
    const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
    const __m128i is_low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(' ')), bytes);

    return (uint32_t)_mm_movemask_epi8(is_low);
#else
    return nproto__mark_portable(p);
#endif
}

// The last bytes of an input, fewer than are looked at.
static inline uint32_t nproto__mark_tail(const uint8_t *p, size_t n)
{
    uint8_t block[NPROTO__SCAN_BYTES];

    memset(block, 'x', sizeof(block));
    memcpy(block, p, n);
    return nproto__mark(block);
}

struct nproto__line {
    struct slice arg;
    size_t size; // with CR LF
    struct nproto__tokens tokens;
};

// `text` begins behind a verb and one blank. False when the line is for the slow way. Inlined
// into each operation's reader: called, it costs 2 ns more.
static inline __attribute__((always_inline)) bool nproto__scan_line(struct slice text,
                                                                    struct nproto__line *out)
{
    size_t start = 0; // of the token that is looked at
    unsigned count = 0;

    for (size_t at = 0; at < text.n && at < NPROTO__SCAN_LINE_MAX; at += NPROTO__SCAN_BYTES) {
        uint32_t marks = NB_LIKELY(text.n - at >= NPROTO__SCAN_BYTES)
                             ? nproto__mark(text.p + at)
                             : nproto__mark_tail(text.p + at, text.n - at);

        for (; marks != 0; marks &= marks - 1) {
            const size_t end = at + (size_t)__builtin_ctz(marks);

            if (end == start || count == NPROTO__TOKENS_MAX) {
                return false;
            }
            out->tokens.at[count++] = nproto__span(start, end - start);
            start = end + 1;
            if (text.p[end] == ' ') {
                continue;
            }
            if (text.p[end] != '\r' || start == text.n || text.p[start] != '\n') {
                return false;
            }
            out->tokens.base = text.p;
            out->tokens.count = count;
            out->arg = nb_slice_make(text.p, end);
            out->size = end + 2;
            return true;
        }
    }
    return false;
}
