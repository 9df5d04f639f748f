/* revocations.h - lists of who is revoked since when, and commands about them. Threads: [main]. */
#pragma once

#include "auth/session.h"

// In place of an earlier entry of this key.
void revocations_add(struct auth_session *session, struct nauth_revocations *list, struct slice key,
                     int64_t at_s);
// False when there is none.
bool revocations_remove(struct auth_session *session, struct nauth_revocations *list,
                        struct slice key);
