#include "transform.h"

#include <natsd/memory.h>
#include <natsd/number.h>

#define TOO_FEW_ARGUMENTS "not enough arguments passed to the function"
#define TOO_MANY_ARGUMENTS "too many arguments passed to the function"
#define BAD_ARGUMENT "function argument is invalid or in the wrong format"

enum {
    FUNCTION_MIN_BYTES = 5, // "{{}}" is a literal
    BRACES_BYTES = 2,
};

// What a function is called, the letters in capitals in either case; and what it takes.
static const struct function {
    const char *name;
    enum nsub__step_type type;
} functions[] = {
    {"Wildcard", NSUB__STEP_WILDCARD},
    {"Partition", NSUB__STEP_PARTITION},
    {"Random", NSUB__STEP_RANDOM},
    {"Split", NSUB__STEP_SPLIT},
    {"SplitFromLeft", NSUB__STEP_SPLIT_FROM_LEFT},
    {"SplitFromRight", NSUB__STEP_SPLIT_FROM_RIGHT},
    {"SliceFromLeft", NSUB__STEP_SLICE_FROM_LEFT},
    {"SliceFromRight", NSUB__STEP_SLICE_FROM_RIGHT},
    {"Left", NSUB__STEP_LEFT},
    {"Right", NSUB__STEP_RIGHT},
};

int nsub__transform_fail(struct nb_diag *diag, const char *what, struct slice token)
{
    nb_diag_set(diag, "invalid mapping destination: %s in %.*s", what, NSUB__DIAG_ARGS(token));
    return NB_EMALFORMED;
}

int nsub__transform_fail_subject(struct nb_diag *diag)
{
    nb_diag_set(diag, "invalid subject");
    return NB_EMALFORMED;
}

bool nsub__is_function(struct slice token)
{
    return token.n >= FUNCTION_MIN_BYTES && nb_slice_starts(token, "{{") &&
           nb_slice_ends(token, "}}");
}

bool nsub__take_destination(struct slice *rest, struct slice *token, bool *is_rest)
{
    if (!nsub__take(rest, token)) {
        return false;
    }
    *is_rest = nsub__is_full(*token) && rest->p == NULL;
    return true;
}

static bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\f' || byte == '\r';
}

static struct slice trim_front(struct slice text)
{
    size_t n = 0;

    while (n < text.n && is_space(text.p[n])) {
        n++;
    }
    return nb_slice_sub(text, n, text.n);
}

static struct slice trim_back(struct slice text)
{
    while (text.n > 0 && is_space(text.p[text.n - 1])) {
        text.n--;
    }
    return text;
}

static bool is_name(struct slice text, const char *name)
{
    if (text.n != strlen(name)) {
        return false;
    }
    for (size_t i = 0; i < text.n; i++) {
        bool is_capital = name[i] >= 'A' && name[i] <= 'Z';

        if (text.p[i] != (uint8_t)name[i] &&
            !(is_capital && text.p[i] == (uint8_t)(name[i] - 'A' + 'a'))) {
            return false;
        }
    }
    return true;
}

// Cuts "{{ name (arguments) }}" up; false when it isn't that or the name is none of ours.
static bool cut_function(struct slice token, enum nsub__step_type *type, struct slice *arguments)
{
    struct slice inner = nb_slice_sub(token, BRACES_BYTES, token.n - (size_t)2 * BRACES_BYTES);
    struct slice name;
    size_t open;

    inner = trim_back(trim_front(inner));
    open = nb_slice_find_byte(inner, '(');
    if (open == inner.n || inner.p[inner.n - 1] != ')') {
        return false;
    }
    name = trim_back(nb_slice_sub(inner, 0, open));
    *arguments = nb_slice_sub(inner, open + 1, inner.n - open - 2);
    for (size_t i = 0; i < NB_ARRAY_LEN(functions); i++) {
        if (is_name(name, functions[i].name)) {
            *type = functions[i].type;
            return true;
        }
    }
    return false;
}

static uint32_t count_arguments(struct slice arguments) // an empty text is an empty argument
{
    uint32_t count = 1;

    for (size_t i = 0; i < arguments.n; i++) {
        count += arguments.p[i] == ',';
    }
    return count;
}

// Cuts the next argument off, and the space behind its comma.
static struct slice take_argument(struct slice *arguments)
{
    size_t comma = nb_slice_find_byte(*arguments, ',');
    struct slice argument = nb_slice_sub(*arguments, 0, comma);

    *arguments = trim_front(nb_slice_sub(*arguments, comma + 1, arguments->n));
    return argument;
}

static int take_number(struct slice *arguments, int64_t min, int64_t max, int64_t *out)
{
    struct slice argument = take_argument(arguments);

    while (argument.n > 0 && argument.p[0] == ' ') {
        argument = nb_slice_sub(argument, 1, argument.n);
    }
    while (argument.n > 0 && argument.p[argument.n - 1] == ' ') {
        argument.n--;
    }
    return nb_parse_i64(argument, min, max, out);
}

static void set_indexes(struct nsub__step *step, uint32_t count)
{
    step->index_count = count;
    step->indexes = count > 0 ? nb_calloc(count, sizeof(*step->indexes)) : NULL;
}

static const char *read_wildcard(struct slice arguments, struct nsub__step *step)
{
    uint32_t count = count_arguments(arguments);

    if (arguments.n == 0) {
        return TOO_FEW_ARGUMENTS;
    }
    if (count > 1) {
        return TOO_MANY_ARGUMENTS;
    }
    set_indexes(step, 1);
    return take_number(&arguments, INT64_MIN, INT64_MAX, step->indexes) < 0 ? BAD_ARGUMENT : NULL;
}

// A negative count would do for the reference, as an unsigned number; it is refused.
static const char *read_partition(struct slice arguments, struct nsub__step *step)
{
    uint32_t count = count_arguments(arguments);

    if (take_number(&arguments, 0, INT32_MAX, &step->amount) < 0) {
        return BAD_ARGUMENT;
    }
    set_indexes(step, count - 1);
    for (uint32_t i = 0; i < step->index_count; i++) {
        if (take_number(&arguments, INT64_MIN, INT64_MAX, &step->indexes[i]) < 0) {
            return BAD_ARGUMENT;
        }
    }
    return NULL;
}

static const char *read_random(struct slice arguments, struct nsub__step *step)
{
    if (count_arguments(arguments) != 1) {
        return TOO_FEW_ARGUMENTS; // also when there are too many
    }
    return take_number(&arguments, INT64_MIN, INT32_MAX, &step->amount) < 0 ? BAD_ARGUMENT : NULL;
}

// An index and a number, or for split a delimiter.
static const char *read_index_and(struct slice arguments, struct nsub__step *step)
{
    uint32_t count = count_arguments(arguments);

    if (count != 2) {
        return count < 2 ? TOO_FEW_ARGUMENTS : TOO_MANY_ARGUMENTS;
    }
    set_indexes(step, 1);
    if (take_number(&arguments, INT64_MIN, INT64_MAX, step->indexes) < 0) {
        return BAD_ARGUMENT;
    }
    if (step->type == NSUB__STEP_SPLIT) {
        step->text = arguments;
        return nb_slice_find_byte(arguments, ' ') < arguments.n ? BAD_ARGUMENT : NULL;
    }
    return take_number(&arguments, INT64_MIN, INT64_MAX, &step->amount) < 0 ? BAD_ARGUMENT : NULL;
}

static const char *read_arguments(struct slice arguments, struct nsub__step *step)
{
    switch (step->type) {
    case NSUB__STEP_WILDCARD:
        return read_wildcard(arguments, step);
    case NSUB__STEP_PARTITION:
        return read_partition(arguments, step);
    case NSUB__STEP_RANDOM:
        return read_random(arguments, step);
    case NSUB__STEP_SPLIT:
    case NSUB__STEP_SPLIT_FROM_LEFT:
    case NSUB__STEP_SPLIT_FROM_RIGHT:
    case NSUB__STEP_SLICE_FROM_LEFT:
    case NSUB__STEP_SLICE_FROM_RIGHT:
    case NSUB__STEP_LEFT:
    case NSUB__STEP_RIGHT:
        return read_index_and(arguments, step);
    case NSUB__STEP_LITERAL:
    case NSUB__STEP_REST:
        break;
    }
    NB_UNREACHABLE("no function of a transform");
}

// "$7" is the wildcard; "$" and "$x" are text.
static bool parse_dollar(struct slice token, struct nsub__step *step)
{
    int64_t index;

    if (token.n < 2 || token.p[0] != '$' ||
        nb_parse_i64(nb_slice_sub(token, 1, token.n), INT64_MIN, INT64_MAX, &index) < 0) {
        return false;
    }
    step->type = NSUB__STEP_WILDCARD;
    set_indexes(step, 1);
    step->indexes[0] = index;
    return true;
}

int nsub__step_parse(struct slice token, struct nsub__step *step, struct nb_diag *diag)
{
    struct slice arguments;
    const char *wrong;

    *step = (struct nsub__step){.type = NSUB__STEP_LITERAL, .text = token};
    if (parse_dollar(token, step) || !nsub__is_function(token)) {
        return NB_OK;
    }
    if (!cut_function(token, &step->type, &arguments)) {
        return nsub__transform_fail(diag, "unknown function", token);
    }
    wrong = read_arguments(arguments, step);
    if (wrong != NULL) {
        nsub__step_fini(step);
        return nsub__transform_fail(diag, wrong, token);
    }
    return NB_OK;
}

void nsub__step_fini(struct nsub__step *step)
{
    nb_free(step->indexes);
    *step = (struct nsub__step){0};
}
