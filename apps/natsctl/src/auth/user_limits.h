/* user_limits.h - options to limits and permissions of a user or of a scope. Threads: [main]. */
#pragma once

#include "auth/session.h"

enum user_limit {
#define USER_LIMIT(id, name, kind, can_negate, value, help) USER_LIMIT_##id,
#include "auth/user_limits.def"
#undef USER_LIMIT
    USER_LIMIT_COUNT,
};

// The rows of a table of options, from `base` on.
#define USER_LIMIT(id, long_name, what, negatable, shown, text) \
    [USER_LIMITS_AT + USER_LIMIT_##id] = {                      \
        .name = long_name, .kind = what, .can_negate = negatable, .value = shown, .help = text},

// `given` are the values of these options; those that were not given change nothing.
bool user_limits_are_given(const struct args_value *given);
// An exit code.
NB_MUST_USE int user_limits_apply(struct auth_session *session, const struct args_value *given,
                                  struct nauth_user_limits *limits);
// "-1" or more, or with `has_units` "10MB"; any negative number is -1. NB_EMALFORMED.
NB_MUST_USE int limit_read(const char *text, bool has_units, int64_t *out);
// The option's value; unchanged when it wasn't given. An exit code.
NB_MUST_USE int limit_apply(struct auth_session *session, const struct args_value *given,
                            bool has_units, int64_t *out);
