/* creds_file.h - a user's JWT and seed in one file (spec 03 section 2.1). Threads: [main]. */
#pragma once

#include "auth/session.h"

// The text of the file, to be freed with nb_slice_wipe_free().
struct slice creds_text(struct slice jwt, const struct nauth_nkey *user);
// Writes it; an exit code. A file that is there stays unless `is_forced`.
NB_MUST_USE int creds_write(struct auth_session *session, const char *path, struct slice jwt,
                            bool is_forced);
