/* flags.h - the command line (spec 02 section 5).
 *
 * One table, flags.def, has a row for each flag. Parsing keeps what was given; applying puts it
 * over the options of a file, at the start and again at each reload.
 */
#pragma once

#include <natsd/server_options.h>

enum flag_id {
#define FLAG(id, names, kind, help) FLAG_##id,
#include "flags.def"
#undef FLAG
    FLAG_COUNT,
};

enum flag_kind {
    FLAG_KIND_GROUP, // no flag: a title in the help
    FLAG_KIND_BOOL,
    FLAG_KIND_INT,
    FLAG_KIND_TEXT,
};

// A row of the table.
struct flag_row {
    const char *names; // space-separated, the first is shown in front
    enum flag_kind kind;
    const char *help; // "VALUE|text" where there is a value
};
extern const struct flag_row flag_rows[FLAG_COUNT];

// A flag as it was given last.
struct flag_value {
    bool is_set;
    bool is_true;     // FLAG_KIND_BOOL
    int64_t number;   // FLAG_KIND_INT
    const char *text; // FLAG_KIND_TEXT; of argv
};

struct flags {
    int argc;
    char *const *argv; // borrowed
    struct flag_value values[FLAG_COUNT];
    const char *positional; // the first argument that is no flag; NULL: none
};

// NB_EMALFORMED with the message for standard error in diag.
NB_MUST_USE int flags_parse(struct flags *flags, int argc, char *const *argv, struct nb_diag *diag);
// Which flag "-name", "--name" or "--name=value" gives, and the value in it or NULL; -1: none.
int flags_find(const char *argument, const char **value);
// An integer with an optional sign and base: "-1", "0x1F", "0b101", "0o17", "017", "1_000".
// NB_EMALFORMED or NB_ERANGE.
NB_MUST_USE int flags_parse_int(const char *text, int64_t *out);

// What a file must know of before it is read: a folder that it may not name a second time.
void flags_prepare(const struct flags *flags, struct nserver_options *opts);
// Puts the flags over options that a file may have filled. NB_EINVALID, NB_EMALFORMED, NB_ELIMIT.
NB_MUST_USE int flags_apply(const struct flags *flags, struct nserver_options *opts,
                            struct nb_diag *diag);
