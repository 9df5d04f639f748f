/* args.h - reading a command line by tables of options.
 *
 * --name value, --name=value, -x value, -xvalue; switches may be bundled (-qr) and some be
 * negated (--no-name). Options may stand anywhere; "--" ends them. What is not an option is a
 * word. Each level of a command has a table; the reader looks in all it was given.
 *
 * Values point into argv, the environment or the tables. Errors: NB_EINVALID with a text.
 */
#pragma once

#include <natsd/slice.h>

enum args_kind {
    ARGS_SWITCH,
    ARGS_TEXT,
    ARGS_NUMBER,   // unsigned
    ARGS_DURATION, // "1d3h", see value.h
    ARGS_CHOICE,   // one of the words in `value`
    ARGS_LIST,     // may be repeated
};

struct args_option {
    const char *name;  // without dashes
    const char *alias; // another name, or NULL
    char letter;       // or '\0'
    enum args_kind kind;
    bool can_negate;      // ARGS_SWITCH: --no-name
    const char *value;    // its name in the help; ARGS_CHOICE: the words, with | between
    const char *env;      // a variable that stands in for it, or NULL
    const char *fallback; // what holds without any of them, or NULL
    const char *help;
};

struct args_value {
    bool is_set;
    bool is_on;       // ARGS_SWITCH
    const char *text; // the last one given
    uint64_t number;
    int64_t duration_ns;
    const char **list; // owned
    size_t list_count;
};

struct args_scope {
    const struct args_option *options;
    struct args_value *values; // one for each option
    size_t count;
};

enum {
    ARGS_SCOPES_MAX = 4,
};

struct args {
    struct args_scope scopes[ARGS_SCOPES_MAX]; // the innermost last
    size_t scope_count;
    // private
    int argc;
    char *const *argv;
    int at;             // the next argument
    const char *bundle; // the rest of "-qr"
    bool is_over;       // "--" was read
};

// argv[0] is not looked at.
void args_init(struct args *args, int argc, char *const *argv);
// `values` is zeroed by the caller, and his.
void args_push_scope(struct args *args, const struct args_option *options, size_t count,
                     struct args_value *values);
void args_fini(struct args *args); // what is owned in the values

// Reads options until there is a word: NB_OK with it, or with NULL at the end.
NB_MUST_USE int args_next_word(struct args *args, const char **word, struct nb_diag *diag);

// For what the command line did not say: the variables of the environment, then (args_set_fallbacks)
// the tables' own. Empty variables don't count.
NB_MUST_USE int args_read_environment(struct args *args, struct nb_diag *diag);
NB_MUST_USE int args_set_fallbacks(struct args *args, struct nb_diag *diag);
