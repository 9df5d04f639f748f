#include "float_text.h"

#include <natsd/number.h>

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    DIGITS_MAX = 17, // enough for any double
};

struct decimal {
    char digits[DIGITS_MAX + 1];
    int count;    // without trailing zeros, at least 1
    int exponent; // of the first digit
};

// "d.ddde[+-]dd", as printf makes it.
static void take_apart(const char *text, struct decimal *out)
{
    const char *p = text;
    int64_t exponent = 0;
    int rc;

    out->count = 0;
    for (; *p != 'e'; p++) {
        if (*p != '.') {
            assert(out->count < DIGITS_MAX);
            out->digits[out->count++] = *p;
        }
    }
    rc = nb_parse_i64(nb_slice_of(p + 1), -400, 400, &exponent);
    assert(rc == NB_OK);
    out->exponent = (int)exponent;
    while (out->count > 1 && out->digits[out->count - 1] == '0') {
        out->count--;
    }
}

// Tries one digit more until it reads back the same; 17 always do.
static void shortest(double number, struct decimal *out)
{
    char text[NCONF__FLOAT_TEXT_BYTES];
    double again;

    for (int n = 0; n < DIGITS_MAX; n++) {
        snprintf(text, sizeof(text), "%.*e", n, number);
        if (nb_parse_double(nb_slice_of(text), &again) == NB_OK && again == number) {
            break;
        }
    }
    take_apart(text, out);
}

static size_t write_plain(const struct decimal *decimal, char *out)
{
    size_t n = 0;
    int last = decimal->count - 1 > decimal->exponent ? decimal->count - 1 : decimal->exponent;

    // Digit i counts 10^(exponent - i); zeros fill what lies between the digits and the point.
    for (int i = decimal->exponent < 0 ? decimal->exponent : 0; i <= last; i++) {
        if (i == decimal->exponent + 1) {
            out[n++] = '.';
        }
        out[n++] = i >= 0 && i < decimal->count ? decimal->digits[i] : '0';
    }
    return n;
}

static size_t write_scientific(const struct decimal *decimal, int exponent_digits, char *out)
{
    size_t n = 0;

    out[n++] = decimal->digits[0];
    if (decimal->count > 1) {
        out[n++] = '.';
        memcpy(out + n, decimal->digits + 1, (size_t)decimal->count - 1);
        n += (size_t)decimal->count - 1;
    }
    return n + (size_t)snprintf(out + n, sizeof("e-999"), "e%c%0*d",
                                decimal->exponent < 0 ? '-' : '+', exponent_digits,
                                abs(decimal->exponent));
}

struct slice nconf__float_text(double number, const struct nconf__float_style *style,
                               char out[NCONF__FLOAT_TEXT_BYTES])
{
    struct decimal decimal;
    size_t n = 0;

    assert(isfinite(number));
    shortest(fabs(number), &decimal);
    if (signbit(number)) {
        out[n++] = '-';
    }
    if (number == 0 ||
        (decimal.exponent >= style->exponent_min && decimal.exponent < style->exponent_end)) {
        n += write_plain(&decimal, out + n);
    } else {
        n += write_scientific(&decimal, style->exponent_digits, out + n);
    }
    assert(n <= NCONF__FLOAT_TEXT_BYTES);
    return nb_slice_make(out, n);
}
