/* account_options.h - options to limits, default permissions and the rest of an account's claims.
 * Threads: [main].
 */
#pragma once

#include "auth/session.h"

enum account_option {
#define ACCOUNT_OPTION(id, name, kind, can_negate, value, help) ACCOUNT_OPTION_##id,
#include "auth/account_options.def"
#undef ACCOUNT_OPTION
    ACCOUNT_OPTION_COUNT,
};

// The rows of a table of options, from `ACCOUNT_OPTIONS_AT` on.
#define ACCOUNT_OPTION(id, long_name, what, negatable, shown, text) \
    [ACCOUNT_OPTIONS_AT + ACCOUNT_OPTION_##id] = {                  \
        .name = long_name, .kind = what, .can_negate = negatable, .value = shown, .help = text},

// Everything without a limit, no JetStream.
void account_options_default(struct nauth_claims *account);
// Those that were not given change nothing. An exit code.
NB_MUST_USE int account_options_apply(struct auth_session *session, const struct args_value *given,
                                      struct nauth_claims *account);
// --expiry and the like: a time from now, a date, "never". An exit code.
NB_MUST_USE int expiry_apply(struct auth_session *session, const struct args_value *given,
                             int64_t *out);
