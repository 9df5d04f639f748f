/* inventory.h - which accounts the resolvers of a system have. Threads: [main]. */
#pragma once

#include "auth/ask.h"

// Keys that any server has, each once, with how many have it.
struct inventory {
    struct auth_session *session;
    struct nauth_texts keys;
    unsigned *servers; // of each; owned
};

typedef int (*inventory_fn)(struct ask *ask, const struct inventory *inventory);
// Asks them and runs. An exit code.
NB_MUST_USE int inventory_run(struct auth_session *session, inventory_fn run);
