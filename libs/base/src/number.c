#include <natsd/number.h>

#include <assert.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

int nb_parse_u64(struct slice text, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;
    bool is_over = false;

    if (text.n == 0) {
        return NB_EMALFORMED;
    }
    for (size_t i = 0; i < text.n; i++) { // to the end: a bad byte matters more than the size
        if (!is_digit(text.p[i])) {
            return NB_EMALFORMED;
        }
        is_over = is_over || __builtin_mul_overflow(value, UINT64_C(10), &value) ||
                  __builtin_add_overflow(value, (uint64_t)(text.p[i] - '0'), &value);
    }
    if (is_over || value > max) {
        return NB_ERANGE;
    }
    *out = value;
    return NB_OK;
}

int nb_parse_i64(struct slice text, int64_t min, int64_t max, int64_t *out)
{
    bool is_negative = text.n > 0 && text.p[0] == '-';
    bool has_sign = is_negative || (text.n > 0 && text.p[0] == '+');
    uint64_t most = is_negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    uint64_t size;
    int64_t value;
    int rc = nb_parse_u64(nb_slice_sub(text, has_sign ? 1 : 0, text.n), most, &size);

    if (rc < 0) {
        return rc;
    }
    value = (int64_t)(is_negative ? 0 - size : size);
    if (value < min || value > max) {
        return NB_ERANGE;
    }
    *out = value;
    return NB_OK;
}

static size_t skip_digits(struct slice text, size_t i)
{
    while (i < text.n && is_digit(text.p[i])) {
        i++;
    }
    return i;
}

static size_t skip_sign(struct slice text, size_t i)
{
    return i < text.n && (text.p[i] == '+' || text.p[i] == '-') ? i + 1 : i;
}

// sign? digits? (. digits?)? (e sign? digits)? with a digit before or after the point: strtod
// takes more (blanks, hexadecimal, "inf").
static bool is_decimal(struct slice text)
{
    size_t start = skip_sign(text, 0);
    size_t i = skip_digits(text, start);
    size_t digit_count = i - start;

    if (i < text.n && text.p[i] == '.') {
        start = i + 1;
        i = skip_digits(text, start);
        digit_count += i - start;
    }
    if (digit_count == 0) {
        return false;
    }
    if (i < text.n && (text.p[i] == 'e' || text.p[i] == 'E')) {
        start = skip_sign(text, i + 1);
        i = skip_digits(text, start);
        if (i == start) {
            return false;
        }
    }
    return i == text.n;
}

int nb_parse_double(struct slice text, double *out)
{
    locale_t c_locale;
    char *copy;
    char *end;
    double value;

    if (!is_decimal(text)) {
        return NB_EMALFORMED;
    }
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0); // the C library's own, no allocation
    assert(c_locale != (locale_t)0);
    copy = nb_slice_cstr(text);
    value = strtod_l(copy, &end, c_locale);
    assert(end == copy + text.n);
    nb_free(copy);
    freelocale(c_locale);
    if (isinf(value)) {
        return NB_ERANGE;
    }
    *out = value;
    return NB_OK;
}

size_t nb_format_u64(uint64_t value, char *out)
{
    char reversed[NB_U64_TEXT_MAX_BYTES];
    size_t n = 0;

    do {
        reversed[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    for (size_t i = 0; i < n; i++) {
        out[i] = reversed[n - 1 - i];
    }
    return n;
}
