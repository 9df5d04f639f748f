/* delete_request.h - the operator's word that accounts are to be deleted (spec 03 section 20.4).
 * Threads: [any].
 */
#pragma once

#include <natsd/error.h>
#include <natsd/slice.h>

#include <stdbool.h>
#include <stddef.h>

struct nserver__operators;

struct nserver__delete_request {
    struct slice subject; // who asks, owned; empty: it could not be read
    struct slice *keys;   // owned, valid public keys of accounts
    size_t count;
};

// A generic JWT of a trusted key about itself. NB_* with the reason in diag: then only the subject is
// set. All accounts that it names may be deleted, or it is refused as a whole: `system` may not.
NB_MUST_USE int nserver__delete_request_read(struct slice token,
                                             const struct nserver__operators *operators,
                                             struct slice system,
                                             struct nserver__delete_request *out,
                                             struct nb_diag *diag);
void nserver__delete_request_fini(struct nserver__delete_request *request);
