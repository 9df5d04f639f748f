/* merge.h - JWTs of accounts as servers send them to each other, and which of two is the one to keep
 * (spec 03 section 20.5). Pure. Threads: [any].
 */
#pragma once

#include <natsd/error.h>
#include <natsd/slice.h>

#include <stdbool.h>
#include <stdint.h>

struct nserver__pack_entry {
    struct slice key;   // a valid public key of an account
    struct slice token; // not looked at; not empty
};

// The next entry of a pack message, "<key>|<token>" in a line of its own; both borrowed. False at
// the end. *rc tells of a line that is none: the caller may go on with the next.
bool nserver__pack_take(struct slice *message, struct nserver__pack_entry *entry, int *rc,
                        struct nb_diag *diag);

// Is the new token to take the place of `old` (empty: there is none)? It has to be a JWT whose
// subject is the key: NB_EMALFORMED, NB_EINVALID and the like otherwise.
NB_MUST_USE int nserver__merge_judge(struct slice key, struct slice old, struct slice token,
                                     bool *is_newer, struct nb_diag *diag);
// When it expires, in Unix seconds. 0: never, or it can't be read.
int64_t nserver__token_expiry(struct slice token);
