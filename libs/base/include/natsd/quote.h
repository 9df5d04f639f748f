/* natsd/quote.h - untrusted text made safe to show. Threads: [any]. Spec 01 section 5.3. */
#pragma once

#include <natsd/buf.h>

#ifdef __cplusplus
extern "C" {
#endif

// "..." with \" \\ \a \b \f \n \r \t \v, \xNN for other control characters and for bytes that
// are no UTF-8, \uNNNN and \UNNNNNNNN for unprintable runes; printable Unicode is kept.
// Returns NB_ELIMIT when out is full.
NB_MUST_USE int nb_quote(struct slice text, struct nb_buf *out);
// The same without the surrounding quotes.
NB_MUST_USE int nb_quote_inner(struct slice text, struct nb_buf *out);

// Valid UTF-8? (no surrogates, no overlong forms, at most U+10FFFF)
bool nb_utf8_is_valid(struct slice text);
// One rune from the front: its length in bytes (1 for an invalid byte, *rune = 0xFFFD then).
size_t nb_utf8_decode(struct slice text, uint32_t *rune);
size_t nb_utf8_encode(uint32_t rune, uint8_t out[4]);

#ifdef __cplusplus
}
#endif
