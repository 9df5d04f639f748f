/* shares.h - exports and imports of an account by the words that name them. Threads: [main]. */
#pragma once

#include "auth/session.h"

// By subject or name. *out may be written; it lives as long as the account. An exit code.
NB_MUST_USE int shares_find_export(struct auth_session *session, const struct auth_token *account,
                                   const char *word, struct nauth_export_claims **out);
// By local subject, subject or name.
NB_MUST_USE int shares_find_import(struct auth_session *session, const struct auth_token *account,
                                   const char *word, struct nauth_import_claims **out);
