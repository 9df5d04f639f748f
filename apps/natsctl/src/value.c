#include "value.h"

#include <natsd/clock.h>
#include <natsd/duration.h>
#include <natsd/number.h>

#include <math.h>

#define DAY_NS (24 * 3600 * NB_NS_PER_S)

static const struct unit {
    const char *name;
    int64_t ns;
} units[] = {
    // The longer of two that begin alike comes first.
    {"ns", 1},
    {"us", NB_NS_PER_US},
    {"\xc2\xb5s", NB_NS_PER_US},
    {"\xce\xbcs", NB_NS_PER_US},
    {"ms", NB_NS_PER_MS},
    {"s", NB_NS_PER_S},
    {"m", 60 * NB_NS_PER_S},
    {"h", 3600 * NB_NS_PER_S},
    {"d", DAY_NS},
    {"D", DAY_NS},
    {"w", 7 * DAY_NS},
    {"W", 7 * DAY_NS},
    {"M", 30 * DAY_NS},
    {"y", 365 * DAY_NS},
    {"Y", 365 * DAY_NS},
};

static const struct unit *take_unit(struct slice *rest)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(units); i++) {
        if (nb_slice_starts(*rest, units[i].name)) {
            *rest = nb_slice_sub(*rest, strlen(units[i].name), rest->n);
            return &units[i];
        }
    }
    return NULL;
}

static struct slice take_decimal(struct slice *rest)
{
    size_t n = 0;

    while (n < rest->n && ((rest->p[n] >= '0' && rest->p[n] <= '9') || rest->p[n] == '.')) {
        n++;
    }
    struct slice decimal = nb_slice_sub(*rest, 0, n);

    *rest = nb_slice_sub(*rest, n, rest->n);
    return decimal;
}

static int add_part(struct slice *rest, double *sum)
{
    struct slice decimal = take_decimal(rest);
    const struct unit *unit = take_unit(rest);
    double number;

    if (unit == NULL || decimal.n == 0 || nb_parse_double(decimal, &number) != NB_OK) {
        return NB_EMALFORMED;
    }
    *sum += number * (double)unit->ns;
    return NB_OK;
}

int value_duration(struct slice text, int64_t *ns)
{
    bool is_negative = nb_slice_starts(text, "-");
    struct slice rest =
        is_negative || nb_slice_starts(text, "+") ? nb_slice_sub(text, 1, text.n) : text;
    double sum = 0;

    if (nb_slice_is(rest, "0")) {
        *ns = 0;
        return NB_OK;
    }
    if (rest.n == 0) {
        return NB_EMALFORMED;
    }
    while (rest.n > 0) {
        if (add_part(&rest, &sum) != NB_OK) {
            return NB_EMALFORMED;
        }
    }
    if (sum >= (double)INT64_MAX) {
        return NB_ERANGE;
    }
    *ns = is_negative ? -llround(sum) : llround(sum);
    return NB_OK;
}

int value_bool(struct slice text, bool *out)
{
    static const char *const yes[] = {"true", "yes", "on", "1"};
    static const char *const no[] = {"false", "no", "off", "0"};

    for (size_t i = 0; i < NB_ARRAY_LEN(yes); i++) {
        bool is_yes = nb_slice_equal_nocase(text, nb_slice_of(yes[i]));

        if (is_yes || nb_slice_equal_nocase(text, nb_slice_of(no[i]))) {
            *out = is_yes;
            return NB_OK;
        }
    }
    return NB_EMALFORMED;
}

int value_header(struct slice text, struct slice *key, struct slice *value)
{
    size_t colon = nb_slice_find_byte(text, ':');

    if (colon == text.n) {
        return NB_EMALFORMED;
    }
    *key = nb_slice_trim(nb_slice_sub(text, 0, colon));
    *value = nb_slice_trim(nb_slice_sub(text, colon + 1, text.n));
    return key->n > 0 ? NB_OK : NB_EMALFORMED;
}

void value_format_duration(int64_t ns, struct nb_buf *out)
{
    double seconds = (double)ns / (double)NB_NS_PER_S;

    if (ns < NB_NS_PER_MS) {
        nb_buf_must_format(out, "%.0f\xc2\xb5s", seconds * 1e6);
    } else if (ns < NB_NS_PER_S) {
        nb_buf_must_format(out, "%.0fms", seconds * 1e3);
    } else if (ns < 60 * NB_NS_PER_S) {
        nb_buf_must_format(out, "%.2fs", seconds);
    } else {
        nb_uptime_format(ns, out);
    }
}

void value_format_count(uint64_t n, struct nb_buf *out)
{
    char digits[NB_U64_TEXT_MAX_BYTES];
    size_t size = nb_format_u64(n, digits);

    for (size_t i = 0; i < size; i++) {
        if (i > 0 && (size - i) % 3 == 0) {
            nb_buf_must_text(out, ",");
        }
        nb_buf_must(out, nb_slice_make(&digits[i], 1));
    }
}

void value_format_bytes(uint64_t n, struct nb_buf *out)
{
    static const char *const names[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = (double)n;
    size_t i = 0;

    while (value >= 1024 && i + 1 < NB_ARRAY_LEN(names)) {
        value /= 1024;
        i++;
    }
    nb_buf_must_format(out, "%.*f %s", i > 0 && value < 10 ? 1 : 0, value, names[i]);
}
