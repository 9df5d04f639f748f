/* user_sign.h - what an account says of a user, under its signature. Threads: [main]. */
#pragma once

#include "auth/session.h"

// `key_word` is what auth_account_signer() takes. A user of a role has no limits of his own, which is
// checked; nothing is written. An exit code.
NB_MUST_USE int user_sign(struct auth_session *session, const struct auth_token *account,
                          struct auth_token *user, const char *key_word);
// With the key that signed it before.
NB_MUST_USE int user_sign_again(struct auth_session *session, const struct auth_token *account,
                                struct auth_token *user);
