#include "convert.h"

#include <natsd/number.h>

#include <assert.h>
#include <math.h>

static int fail(struct nb_buf *message, const char *before, struct slice text, const char *after)
{
    nconf__say_text(message, before);
    nconf__say(message, text);
    nconf__say_text(message, after);
    return NB_EMALFORMED;
}

static size_t count_digits(struct slice text)
{
    size_t n = nb_slice_starts(text, "-") ? 1 : 0;

    while (n < text.n && text.p[n] >= '0' && text.p[n] <= '9') {
        n++;
    }
    return n;
}

// 0 for what is no suffix: k is a thousand, kb, ki and kib are 1024, and so on.
static uint64_t suffix_factor(struct slice suffix)
{
    static const char letters[] = "kmgtpe";
    struct slice rest = nb_slice_sub(suffix, 1, SIZE_MAX);
    uint64_t step;
    uint64_t factor = 1;

    if (suffix.n == 0) {
        return 1;
    }
    if (rest.n == 0) {
        step = 1000;
    } else if (nb_slice_equal_nocase(rest, NB_SLICE("b")) ||
               nb_slice_equal_nocase(rest, NB_SLICE("i")) ||
               nb_slice_equal_nocase(rest, NB_SLICE("ib"))) {
        step = 1024;
    } else {
        return 0;
    }
    for (const char *letter = letters; *letter != '\0'; letter++) {
        factor *= step;
        if ((suffix.p[0] | 0x20) == *letter) {
            return factor;
        }
    }
    return 0;
}

int nconf__convert_integer(struct slice text, int64_t *out, struct nb_buf *message)
{
    size_t n = count_digits(text);
    uint64_t factor = suffix_factor(nb_slice_sub(text, n, SIZE_MAX));
    int64_t number;

    if (nb_parse_i64(nb_slice_sub(text, 0, n), INT64_MIN, INT64_MAX, &number) != NB_OK) {
        return fail(message, "integer '", text, "' is out of the range");
    }
    if (factor == 0) {
        return fail(message, "integer '", text, "' has an unknown size suffix");
    }
    *out = (int64_t)((uint64_t)number * factor);
    return NB_OK;
}

int nconf__convert_float(struct slice text, double *out, struct nb_buf *message)
{
    if (nb_parse_double(text, out) != NB_OK || !isfinite(*out)) {
        return fail(message, "float '", text, "' is out of the range");
    }
    return NB_OK;
}

static int64_t number_at(struct slice text, size_t at, size_t n)
{
    int64_t number = 0;

    for (size_t i = at; i < at + n; i++) {
        number = number * 10 + (text.p[i] - '0');
    }
    return number;
}

static int64_t days_in_month(int64_t year, int64_t month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return month == 2 && is_leap ? 29 : days[month - 1];
}

// Days from 1970-01-01 in the Gregorian calendar. Years are counted from March, so that the
// leap day is the last of its year; 719468 days lie between 0000-03-01 and 1970-01-01.
static int64_t days_since_1970(int64_t year, int64_t month, int64_t day)
{
    int64_t from_march = (month + 9) % 12;
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t cycle = y >= 0 ? y / 400 : -1; // of 400 years; only January and February of 0000 are -1
    int64_t year_of_cycle = y - cycle * 400;
    int64_t day_of_year = (153 * from_march + 2) / 5 + day - 1;
    int64_t day_of_cycle =
        year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 + day_of_year;

    return cycle * 146097 + day_of_cycle - 719468;
}

int nconf__convert_time(struct slice text, int64_t *unix_s, struct nb_buf *message)
{
    int64_t year = number_at(text, 0, 4);
    int64_t month = number_at(text, 5, 2);
    int64_t day = number_at(text, 8, 2);
    int64_t hour = number_at(text, 11, 2);
    int64_t minute = number_at(text, 14, 2);
    int64_t second = number_at(text, 17, 2);

    assert(text.n == sizeof("YYYY-MM-DDThh:mm:ssZ") - 1);
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) || hour > 23 ||
        minute > 59 || second > 59) {
        return fail(message, "expected Zulu formatted DateTime, but got '", text, "'");
    }
    *unix_s = ((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    return NB_OK;
}
