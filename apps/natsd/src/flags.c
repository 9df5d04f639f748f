#include "flags.h"

#include <natsd/slice.h>

const struct flag_row flag_rows[FLAG_COUNT] = {
#define FLAG(id, names, kind, help) [FLAG_##id] = {names, FLAG_KIND_##kind, help},
#include "flags.def"
#undef FLAG
};

static int find_flag(struct slice name)
{
    for (int id = 0; id < FLAG_COUNT; id++) {
        struct slice names = nb_slice_of(flag_rows[id].names);
        struct slice one;

        while (flag_rows[id].kind != FLAG_KIND_GROUP && nb_slice_take_field(&names, ' ', &one)) {
            if (nb_slice_equal(one, name)) {
                return id;
            }
        }
    }
    return -1;
}

/* Values. */

static bool parse_bool(const char *text, bool *out)
{
    static const char *const words[][2] = {{"1", "0"},        {"t", "f"},        {"T", "F"},
                                           {"TRUE", "FALSE"}, {"true", "false"}, {"True", "False"}};

    for (size_t i = 0; i < NB_ARRAY_LEN(words); i++) {
        *out = strcmp(text, words[i][0]) == 0;
        if (*out || strcmp(text, words[i][1]) == 0) {
            return true;
        }
    }
    return false;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

// What stands in front of the digits. *base is 10 without it.
static const char *skip_base(const char *at, int *base)
{
    *base = 10;
    if (at[0] != '0' || at[1] == '\0') {
        return at;
    }
    switch (at[1] | 0x20) {
    case 'x':
        *base = 16;
        return at + 2;
    case 'o':
        *base = 8;
        return at + 2;
    case 'b':
        *base = 2;
        return at + 2;
    default:
        *base = 8;
        return at + 1;
    }
}

// '_' may stand before a digit, other than the first one of a number without a base.
static int parse_digits(const char *at, int base, bool may_begin_with_gap, bool is_negative,
                        int64_t *out)
{
    bool may_have_gap = may_begin_with_gap;
    int64_t value = 0;
    bool is_outside = false;

    if (*at == '\0') {
        return NB_EMALFORMED;
    }
    for (; *at != '\0'; at++) {
        int digit;

        at += may_have_gap && *at == '_';
        digit = digit_of(*at);
        if (digit >= base) {
            return NB_EMALFORMED;
        }
        is_outside = __builtin_mul_overflow(value, base, &value) ||
                     __builtin_add_overflow(value, is_negative ? -digit : digit, &value) ||
                     is_outside;
        may_have_gap = true;
    }
    *out = value;
    return is_outside ? NB_ERANGE : NB_OK;
}

int flags_parse_int(const char *text, int64_t *out)
{
    bool is_negative = *text == '-';
    const char *at = text + (*text == '-' || *text == '+');
    const char *digits;
    int base;

    digits = skip_base(at, &base);
    return parse_digits(digits, base, digits != at, is_negative, out);
}

/* Arguments. */

static int set_bool(struct flag_value *value, struct slice name, const char *given,
                    struct nb_diag *diag)
{
    value->is_set = true;
    value->is_true = true;
    if (given != NULL && !parse_bool(given, &value->is_true)) {
        nb_diag_set(diag, "invalid boolean value \"%.200s\" for -%.*s: parse error", given,
                    NB_SLICE_ARGS(name));
        return NB_EMALFORMED;
    }
    return NB_OK;
}

static int set_valued(enum flag_kind kind, struct flag_value *value, struct slice name,
                      const char *given, struct nb_diag *diag)
{
    int rc = NB_OK;

    value->is_set = true;
    value->text = given;
    if (kind == FLAG_KIND_INT) {
        rc = flags_parse_int(given, &value->number);
    }
    if (rc != NB_OK) {
        nb_diag_set(diag, "invalid value \"%.200s\" for flag -%.*s: %s", given, NB_SLICE_ARGS(name),
                    rc == NB_ERANGE ? "value out of range" : "parse error");
        return NB_EMALFORMED;
    }
    return NB_OK;
}

// The name of "-name" or "--name=value"; the value behind '=', or NULL.
static int split_argument(const char *argument, struct slice *name, const char **value,
                          struct nb_diag *diag)
{
    const char *text = argument + (argument[1] == '-' ? 2 : 1);
    const char *equals;

    if (text[0] == '-' || text[0] == '=' || text[0] == '\0') {
        nb_diag_set(diag, "bad flag syntax: %.400s", argument);
        return NB_EMALFORMED;
    }
    equals = strchr(text, '=');
    *name = nb_slice_make(text, equals != NULL ? (size_t)(equals - text) : strlen(text));
    *value = equals != NULL ? equals + 1 : NULL;
    return NB_OK;
}

int flags_find(const char *argument, const char **value)
{
    struct nb_diag diag = {0};
    struct slice name;

    if (argument[0] != '-' || split_argument(argument, &name, value, &diag) != NB_OK) {
        return -1;
    }
    return find_flag(name);
}

// One argument, and the next one too when that is its value. *at moves past them.
static int parse_one(struct flags *flags, int argc, char *const *argv, int *at,
                     struct nb_diag *diag)
{
    struct slice name;
    const char *value;
    int id;

    if (split_argument(argv[*at], &name, &value, diag) != NB_OK) {
        return NB_EMALFORMED;
    }
    (*at)++;
    id = find_flag(name);
    if (id < 0) {
        nb_diag_set(diag, "flag provided but not defined: -%.*s",
                    NB_SLICE_ARGS(nb_slice_sub(name, 0, 400)));
        return NB_EMALFORMED;
    }
    if (flag_rows[id].kind == FLAG_KIND_BOOL) {
        return set_bool(&flags->values[id], name, value, diag);
    }
    if (value == NULL && *at < argc) {
        value = argv[(*at)++];
    }
    if (value == NULL) {
        nb_diag_set(diag, "flag needs an argument: -%.*s", NB_SLICE_ARGS(name));
        return NB_EMALFORMED;
    }
    return set_valued(flag_rows[id].kind, &flags->values[id], name, value, diag);
}

int flags_parse(struct flags *flags, int argc, char *const *argv, struct nb_diag *diag)
{
    int at = 1;

    *flags = (struct flags){.argc = argc, .argv = argv};
    while (at < argc && argv[at][0] == '-' && argv[at][1] != '\0') {
        if (strcmp(argv[at], "--") == 0) {
            at++;
            break;
        }
        if (parse_one(flags, argc, argv, &at, diag) != NB_OK) {
            return NB_EMALFORMED;
        }
    }
    flags->positional = at < argc ? argv[at] : NULL;
    return NB_OK;
}
