/* new_account.h - what an account is before its options are looked at. Threads: [main]. */
#pragma once

#include "auth/session.h"

// With a new key, or the one in the file `seed_path`: everything without a limit, not signed yet, for
// the operator of the session. An exit code; *account is untouched unless it is EXIT_CODE_OK.
NB_MUST_USE int new_account(struct auth_session *session, const char *name, const char *seed_path,
                            struct auth_token *account);
