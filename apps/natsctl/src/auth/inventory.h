/* inventory.h - which accounts the resolvers of a system have. Threads: [main]. */
#pragma once

#include "auth/ask.h"

// Keys that any server has, each once, with how many have it.
struct inventory {
    struct auth_session *session;
    struct nauth_texts keys;
    unsigned *servers; // of each; owned
};

// Asks. An exit code; the caller ends *out in any case.
NB_MUST_USE int inventory_take(struct ask *ask, struct inventory *out);
void inventory_fini(struct inventory *inventory); // fine on zeroed
