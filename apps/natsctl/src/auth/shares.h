/* shares.h - exports and imports of an account by the words that name them. Threads: [main]. */
#pragma once

#include "auth/session.h"

// By subject or name. An exit code.
NB_MUST_USE int shares_find_export(struct auth_session *session, const struct auth_token *account,
                                   const char *word, size_t *index);
// By local subject, subject or name.
NB_MUST_USE int shares_find_import(struct auth_session *session, const struct auth_token *account,
                                   const char *word, size_t *index);

// One to be written, which lives as long as the account.
struct nauth_export_claims *shares_export_at(struct auth_token *account, size_t index);
struct nauth_import_claims *shares_import_at(struct auth_token *account, size_t index);
