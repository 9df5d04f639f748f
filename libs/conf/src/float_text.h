/* float_text.h - the shortest decimal text that reads back as the same number. */
#pragma once

#include <natsd/slice.h>

enum {
    NCONF__FLOAT_TEXT_BYTES = 40, // a sign, "0.00000" and 17 digits, or 21 digits
};

// Numbers from 10^exponent_min up to below 10^exponent_end are written without an exponent, 0
// as well; others as 1.5e-07, with at least so many digits of the exponent.
struct nconf__float_style {
    int exponent_min;
    int exponent_end;
    int exponent_digits;
};

// `number` is finite. The result is in `out`.
struct slice nconf__float_text(double number, const struct nconf__float_style *style,
                               char out[NCONF__FLOAT_TEXT_BYTES]);
