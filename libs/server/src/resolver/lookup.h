/* lookup.h - asks the other servers for an account's JWT (spec 03 section 20.6).
 *
 * How many are asked shows when the question is published. The first that has it wins; when all
 * have answered that they don't, or there are none, the account isn't found.
 *
 * Threads: [control].
 */
#pragma once

#include <natsd/list.h>
#include <natsd/slice.h>
#include <natsd/timer.h>

struct nserver;
struct nserver__claims_desk;
struct nserver__claims_request;

// NB_OK with the JWT, borrowed; or NB_ENOTFOUND, NB_ETIMEDOUT, and why.
typedef void (*nserver__looked_up_fn)(void *ctx, int rc, struct slice token, const char *why);

struct nserver__lookups {
    struct nb_link open;
    uint64_t last; // the number of the last question
};

void nserver__lookups_init(struct nserver__lookups *lookups);
// Nobody is called any more.
void nserver__lookups_fini(struct nserver__lookups *lookups);

// Calls back later.
void nserver__lookup_start(struct nserver__lookups *lookups,
                           const struct nserver__claims_desk *desk, struct nserver *server,
                           struct slice key, int64_t timeout_ns, nserver__looked_up_fn done,
                           void *ctx);
// An answer has come to question `number`, which may be over.
void nserver__lookup_take(struct nserver__lookups *lookups, uint64_t number, struct slice token);
