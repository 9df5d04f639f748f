#include <natsd/duration.h>

#include <natsd/clock.h>
#include <natsd/number.h>
#include <natsd/quote.h>

enum {
    FRACTION_DIGITS_MAX = 18, // what fits 64 bits; later digits are below a nanosecond
};

static const struct {
    const char *name;
    int64_t ns;
} units[] = {
    {"ns", 1},
    {"us", NB_NS_PER_US},
    {"\xC2\xB5s", NB_NS_PER_US}, // U+00B5, micro sign
    {"\xCE\xBCs", NB_NS_PER_US}, // U+03BC, Greek mu
    {"ms", NB_NS_PER_MS},
    {"s", NB_NS_PER_S},
    {"m", 60 * NB_NS_PER_S},
    {"h", 3600 * NB_NS_PER_S},
};

static int64_t unit_ns(struct slice name) // 0: unknown
{
    for (size_t i = 0; i < NB_ARRAY_LEN(units); i++) {
        if (nb_slice_is(name, units[i].name)) {
            return units[i].ns;
        }
    }
    return 0;
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

// One number with its unit; what it cannot hold in 64 bits is refused.
struct term {
    uint64_t whole;
    uint64_t fraction; // of `scale`
    uint64_t scale;    // a power of ten
};

static bool take_digits(struct slice *rest, uint64_t *value)
{
    bool fits = true;

    while (rest->n > 0 && is_digit(rest->p[0])) {
        fits = fits && !__builtin_mul_overflow(*value, UINT64_C(10), value) &&
               !__builtin_add_overflow(*value, (uint64_t)(rest->p[0] - '0'), value);
        *rest = nb_slice_sub(*rest, 1, rest->n);
    }
    return fits;
}

static void take_fraction(struct slice *rest, struct term *term)
{
    for (unsigned i = 0; rest->n > 0 && is_digit(rest->p[0]); i++) {
        if (i < FRACTION_DIGITS_MAX) {
            term->fraction = term->fraction * 10 + (uint64_t)(rest->p[0] - '0');
            term->scale *= 10;
        }
        *rest = nb_slice_sub(*rest, 1, rest->n);
    }
}

static bool take_number(struct slice *rest, struct term *term)
{
    size_t before = rest->n;
    size_t point_count = 0;
    bool fits;

    *term = (struct term){.scale = 1};
    fits = take_digits(rest, &term->whole);
    if (rest->n > 0 && rest->p[0] == '.') {
        point_count = 1;
        *rest = nb_slice_sub(*rest, 1, rest->n);
        take_fraction(rest, term);
    }
    return fits && before - rest->n > point_count; // at least one digit
}

static struct slice take_unit(struct slice *rest)
{
    size_t n = 0;
    struct slice unit;

    while (n < rest->n && rest->p[n] != '.' && !is_digit(rest->p[n])) {
        n++;
    }
    unit = nb_slice_sub(*rest, 0, n);
    *rest = nb_slice_sub(*rest, n, rest->n);
    return unit;
}

static bool add_term(const struct term *term, int64_t unit, uint64_t *total)
{
    uint64_t ns;
    uint64_t part = (uint64_t)((__uint128_t)term->fraction * (uint64_t)unit / term->scale);

    return !__builtin_mul_overflow(term->whole, (uint64_t)unit, &ns) &&
           !__builtin_add_overflow(ns, part, &ns) && !__builtin_add_overflow(*total, ns, total);
}

// The quoted text is cut where the diag is full anyway.
static void explain(struct nb_diag *diag, const char *what, struct slice unit, struct slice text)
{
    struct nb_buf line;

    if (diag == NULL) {
        return;
    }
    nb_buf_init(&line, 16 * sizeof(diag->text));
    nb_buf_must_text(&line, what);
    if (unit.n > 0) {
        nb_buf_must_text(&line, " ");
        if (nb_quote(nb_slice_sub(unit, 0, sizeof(diag->text)), &line) < 0) {
            NB_UNREACHABLE("a byte is quoted in at most 4, a rune in at most 10");
        }
        nb_buf_must_text(&line, " in duration");
    }
    nb_buf_must_text(&line, " ");
    if (nb_quote(nb_slice_sub(text, 0, sizeof(diag->text)), &line) < 0) {
        NB_UNREACHABLE("a byte is quoted in at most 4, a rune in at most 10");
    }
    nb_diag_set(diag, "%.*s", NB_SLICE_ARGS(nb_buf_slice(&line)));
    nb_buf_fini(&line);
}

static int refuse(struct nb_diag *diag, struct slice text)
{
    explain(diag, "time: invalid duration", (struct slice){0}, text);
    return NB_EMALFORMED;
}

static int parse_terms(struct slice rest, struct slice text, uint64_t *total, struct nb_diag *diag)
{
    while (rest.n > 0) {
        struct term term;
        struct slice unit;

        if (!take_number(&rest, &term)) {
            return refuse(diag, text);
        }
        unit = take_unit(&rest);
        if (unit.n == 0) {
            explain(diag, "time: missing unit in duration", unit, text);
            return NB_EMALFORMED;
        }
        if (unit_ns(unit) == 0) {
            explain(diag, "time: unknown unit", unit, text);
            return NB_EMALFORMED;
        }
        if (!add_term(&term, unit_ns(unit), total)) {
            return refuse(diag, text);
        }
    }
    return NB_OK;
}

int nb_duration_parse(struct slice text, int64_t *ns, struct nb_diag *diag)
{
    bool is_negative = text.n > 0 && text.p[0] == '-';
    bool has_sign = is_negative || (text.n > 0 && text.p[0] == '+');
    struct slice rest = nb_slice_sub(text, has_sign ? 1 : 0, text.n);
    uint64_t most = is_negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    uint64_t total = 0;
    int rc;

    if (nb_slice_is(rest, "0")) {
        *ns = 0;
        return NB_OK;
    }
    if (rest.n == 0) {
        return refuse(diag, text);
    }
    rc = parse_terms(rest, text, &total, diag);
    if (rc < 0) {
        return rc;
    }
    if (total > most) {
        return refuse(diag, text);
    }
    *ns = (int64_t)(is_negative ? 0 - total : total);
    return NB_OK;
}

static void put_u64(uint64_t value, struct nb_buf *out)
{
    char digits[NB_U64_TEXT_MAX_BYTES];

    nb_buf_must(out, nb_slice_make(digits, nb_format_u64(value, digits)));
}

// value / unit with as many digits after the point as are needed.
static void put_decimal(uint64_t value, uint64_t unit, struct nb_buf *out)
{
    uint64_t fraction = value % unit;

    put_u64(value / unit, out);
    if (fraction > 0) {
        nb_buf_must_text(out, ".");
    }
    while (fraction > 0) {
        unit /= 10;
        put_u64(fraction / unit, out);
        fraction %= unit;
    }
}

static void put_below_second(uint64_t ns, struct nb_buf *out)
{
    if (ns < (uint64_t)NB_NS_PER_US) {
        put_u64(ns, out);
        nb_buf_must_text(out, "ns");
    } else if (ns < (uint64_t)NB_NS_PER_MS) {
        put_decimal(ns, (uint64_t)NB_NS_PER_US, out);
        nb_buf_must_text(out, "\xC2\xB5s");
    } else {
        put_decimal(ns, (uint64_t)NB_NS_PER_MS, out);
        nb_buf_must_text(out, "ms");
    }
}

void nb_duration_format(int64_t ns, struct nb_buf *out)
{
    const uint64_t minute = 60 * (uint64_t)NB_NS_PER_S;
    uint64_t size = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;

    if (ns < 0) {
        nb_buf_must_text(out, "-");
    }
    if (size > 0 && size < (uint64_t)NB_NS_PER_S) {
        put_below_second(size, out);
        return;
    }
    if (size >= 60 * minute) {
        put_u64(size / (60 * minute), out);
        nb_buf_must_text(out, "h");
    }
    if (size >= minute) {
        put_u64(size / minute % 60, out);
        nb_buf_must_text(out, "m");
    }
    put_decimal(size % minute, (uint64_t)NB_NS_PER_S, out);
    nb_buf_must_text(out, "s");
}

void nb_uptime_format(int64_t ns, struct nb_buf *out)
{
    static const struct {
        const char *name;
        uint64_t seconds;
    } parts[] = {{"y", UINT64_C(365) * 86400}, {"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}};
    uint64_t seconds = ns > 0 ? (uint64_t)(ns / NB_NS_PER_S) : 0;
    bool has_begun = false;

    for (size_t i = 0; i < NB_ARRAY_LEN(parts); i++) {
        uint64_t count = seconds / parts[i].seconds;

        has_begun = has_begun || count > 0 || parts[i].seconds == 1;
        if (has_begun) {
            put_u64(count, out);
            nb_buf_must_text(out, parts[i].name);
        }
        seconds %= parts[i].seconds;
    }
}
