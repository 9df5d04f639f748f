#include "args.h"

#include "value.h"

#include <natsd/number.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

void args_init(struct args *args, int argc, char *const *argv)
{
    *args = (struct args){.argc = argc, .argv = argv, .at = 1};
}

void args_push_scope(struct args *args, const struct args_option *options, size_t count,
                     struct args_value *values)
{
    assert(args->scope_count < ARGS_SCOPES_MAX);
    args->scopes[args->scope_count++] =
        (struct args_scope){.options = options, .values = values, .count = count};
}

void args_fini(struct args *args)
{
    for (size_t i = 0; i < args->scope_count; i++) {
        for (size_t k = 0; k < args->scopes[i].count; k++) {
            nb_free(args->scopes[i].values[k].list);
            args->scopes[i].values[k].list = NULL;
        }
    }
}

// -- one option ------------------------------------------------------------------------------

// An option and where its value goes.
struct found {
    const struct args_option *option;
    struct args_value *value;
    bool is_negated;
};

static bool has_name(const struct args_option *option, struct slice name)
{
    return nb_slice_is(name, option->name) ||
           (option->alias != NULL && nb_slice_is(name, option->alias));
}

static bool is_negation(const struct args_option *option, struct slice name)
{
    return option->can_negate && nb_slice_starts(name, "no-") &&
           has_name(option, nb_slice_sub(name, 3, name.n));
}

static bool find_name(const struct args *args, struct slice name, struct found *found)
{
    for (size_t i = args->scope_count; i > 0; i--) {
        const struct args_scope *scope = &args->scopes[i - 1];

        for (size_t k = 0; k < scope->count; k++) {
            bool is_negated = is_negation(&scope->options[k], name);

            if (is_negated || has_name(&scope->options[k], name)) {
                *found = (struct found){&scope->options[k], &scope->values[k], is_negated};
                return true;
            }
        }
    }
    return false;
}

static bool find_letter(const struct args *args, char letter, struct found *found)
{
    for (size_t i = args->scope_count; i > 0; i--) {
        const struct args_scope *scope = &args->scopes[i - 1];

        for (size_t k = 0; k < scope->count; k++) {
            if (scope->options[k].letter == letter) {
                *found = (struct found){&scope->options[k], &scope->values[k], false};
                return true;
            }
        }
    }
    return false;
}

static bool is_choice(const struct args_option *option, const char *text)
{
    struct slice words = nb_slice_of(option->value);
    struct slice word;

    while (nb_slice_take_field(&words, '|', &word)) {
        if (nb_slice_is(word, text)) {
            return true;
        }
    }
    return false;
}

static void add_to_list(struct args_value *value, const char *text)
{
    value->list = nb_realloc(value->list, (value->list_count + 1) * sizeof(*value->list));
    value->list[value->list_count++] = text;
}

// `shown` is how the option was named, for errors.
static int set_value(const struct args_option *option, struct args_value *value, const char *text,
                     const char *shown, struct nb_diag *diag)
{
    struct slice slice = nb_slice_of(text);
    int rc = NB_OK;

    switch (option->kind) {
    case ARGS_SWITCH: // from the environment or the table
        rc = value_bool(slice, &value->is_on);
        break;
    case ARGS_TEXT:
        break;
    case ARGS_NUMBER:
        rc = nb_parse_u64(slice, UINT64_MAX, &value->number);
        break;
    case ARGS_DURATION:
        rc = value_duration(slice, &value->duration_ns);
        break;
    case ARGS_CHOICE:
        rc = is_choice(option, text) ? NB_OK : NB_EINVALID;
        break;
    case ARGS_LIST:
        add_to_list(value, text);
        break;
    }
    if (rc != NB_OK) {
        nb_diag_set(diag, "invalid value \"%s\" for %s%s%s", text, shown,
                    option->kind == ARGS_CHOICE ? ", expected " : "",
                    option->kind == ARGS_CHOICE ? option->value : "");
        return NB_EINVALID;
    }
    value->text = text;
    value->is_set = true;
    return NB_OK;
}

static int set_switch(const struct found *found, struct args_value *value)
{
    value->is_set = true;
    value->is_on = !found->is_negated;
    return NB_OK;
}

// The value of an option stands behind it.
static int take_next(struct args *args, const struct found *found, const char *shown,
                     struct nb_diag *diag)
{
    if (args->at == args->argc) {
        nb_diag_set(diag, "%s needs a value", shown);
        return NB_EINVALID;
    }
    return set_value(found->option, found->value, args->argv[args->at++], shown, diag);
}

static int read_long(struct args *args, const char *argument, struct nb_diag *diag)
{
    struct slice name = nb_slice_of(argument + 2);
    size_t equals = nb_slice_find_byte(name, '=');
    const char *text = equals < name.n ? argument + 2 + equals + 1 : NULL;
    struct found found;
    char shown[64];

    name = nb_slice_sub(name, 0, equals);
    if (!find_name(args, name, &found)) {
        nb_diag_set(diag, "unknown option --%.*s", NB_SLICE_ARGS(name));
        return NB_EINVALID;
    }
    snprintf(shown, sizeof(shown), "--%s", found.option->name);
    if (found.option->kind == ARGS_SWITCH && text == NULL) {
        return set_switch(&found, found.value);
    }
    if (found.is_negated) {
        nb_diag_set(diag, "--no-%s takes no value", found.option->name);
        return NB_EINVALID;
    }
    return text != NULL ? set_value(found.option, found.value, text, shown, diag)
                        : take_next(args, &found, shown, diag);
}

// One letter of a bundle.
static int read_letter(struct args *args, struct nb_diag *diag)
{
    char letter = *args->bundle++;
    const char *rest = args->bundle;
    struct found found;
    char shown[3] = {'-', letter, '\0'};

    if (!find_letter(args, letter, &found)) {
        nb_diag_set(diag, "unknown option %s", shown);
        return NB_EINVALID;
    }
    if (found.option->kind == ARGS_SWITCH) {
        return set_switch(&found, found.value);
    }
    args->bundle = "";
    if (*rest == '=') {
        rest++;
    }
    return *rest != '\0' ? set_value(found.option, found.value, rest, shown, diag)
                         : take_next(args, &found, shown, diag);
}

// -- the line --------------------------------------------------------------------------------

static bool is_option(const struct args *args, const char *argument)
{
    return !args->is_over && argument[0] == '-' && argument[1] != '\0';
}

int args_next_word(struct args *args, const char **word, struct nb_diag *diag)
{
    int rc = NB_OK;

    *word = NULL;
    while (rc == NB_OK && (args->at < args->argc || (args->bundle != NULL && *args->bundle))) {
        const char *argument;

        if (args->bundle != NULL && *args->bundle != '\0') {
            rc = read_letter(args, diag);
            continue;
        }
        argument = args->argv[args->at++];
        if (!is_option(args, argument)) {
            *word = argument;
            return NB_OK;
        }
        if (strcmp(argument, "--") == 0) {
            args->is_over = true;
        } else if (argument[1] == '-') {
            rc = read_long(args, argument, diag);
        } else {
            args->bundle = argument + 1;
        }
    }
    return rc;
}

int args_read_environment(struct args *args, struct nb_diag *diag)
{
    for (size_t i = 0; i < args->scope_count; i++) {
        for (size_t k = 0; k < args->scopes[i].count; k++) {
            const struct args_option *option = &args->scopes[i].options[k];
            struct args_value *value = &args->scopes[i].values[k];
            const char *text = option->env != NULL ? getenv(option->env) : NULL;

            if (value->is_set || text == NULL || *text == '\0') {
                continue;
            }
            if (set_value(option, value, text, option->env, diag) != NB_OK) {
                return NB_EINVALID;
            }
        }
    }
    return NB_OK;
}

int args_set_fallbacks(struct args *args, struct nb_diag *diag)
{
    for (size_t i = 0; i < args->scope_count; i++) {
        for (size_t k = 0; k < args->scopes[i].count; k++) {
            const struct args_option *option = &args->scopes[i].options[k];
            struct args_value *value = &args->scopes[i].values[k];

            if (value->is_set || option->fallback == NULL) {
                continue;
            }
            if (set_value(option, value, option->fallback, option->name, diag) != NB_OK) {
                return NB_EINVALID;
            }
            value->is_set = false; // nobody gave it
        }
    }
    return NB_OK;
}
