/* base32.h - base32 (RFC 4648, upper case, no padding), as nkeys are written. Threads: [any]. */
#pragma once

#include <natsd/slice.h>

// CR and LF are skipped and unused bits of the last character are not looked at, as in the
// reference. NB_EMALFORMED for other characters or one too many, or unless it is exactly `size`
// bytes. May write to `out` on failure: wipe it if the text is secret.
NB_MUST_USE int nauth__base32_decode(struct slice text, uint8_t *out, size_t size);
// Writes (8 * bytes.n + 4) / 5 characters, no terminator.
void nauth__base32_encode(struct slice bytes, char *out);
