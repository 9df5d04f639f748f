/* natsd/number.h - numbers in text and arithmetic on numbers from outside. Threads: [any]. */
#pragma once

#include <natsd/slice.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NB_U64_TEXT_MAX_BYTES = 20, // without a terminator
};

// ASCII digits only, no sign, at least one. NB_EMALFORMED, or NB_ERANGE above `max`.
NB_MUST_USE int nb_parse_u64(struct slice text, uint64_t max, uint64_t *out);
// An optional sign before the digits. NB_EMALFORMED or NB_ERANGE.
NB_MUST_USE int nb_parse_i64(struct slice text, int64_t min, int64_t max, int64_t *out);
NB_MUST_USE int nb_parse_double(struct slice text, double *out); // whole text, C locale

// Writes decimal digits, returns how many; `out` has room for NB_U64_TEXT_MAX_BYTES.
size_t nb_format_u64(uint64_t value, char *out);

// Checked sums and products: false on overflow, *out untouched.
static inline bool nb_add_size(size_t a, size_t b, size_t *out)
{
    size_t sum;
    if (__builtin_add_overflow(a, b, &sum)) {
        return false;
    }
    *out = sum;
    return true;
}

static inline bool nb_mul_size(size_t a, size_t b, size_t *out)
{
    size_t product;
    if (__builtin_mul_overflow(a, b, &product)) {
        return false;
    }
    *out = product;
    return true;
}

#ifdef __cplusplus
}
#endif
