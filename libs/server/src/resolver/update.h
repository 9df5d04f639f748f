/* update.h - a JWT that somebody brings for an account (spec 03 section 20.3, "Update response").
 * Threads: [control].
 */
#pragma once

#include "resolver/desk.h"

#include <stdbool.h>

// What a kind of resolver says.
struct nserver__update_texts {
    const char *updated, *skipped;
    const char *failed;
    const char *invalid;          // NULL: whether it is valid shows when it is put in force
    bool names_no_account_unread; // of a JWT that can't be read: "n/a", whatever the subject names
};

// May the JWT in the request be stored, or put in force? Its account is in *key, owned. False: the
// request was answered.
bool nserver__update_judge(const struct nserver__claims_request *request,
                           const struct nserver__update_texts *texts, struct slice *key);
// All of it, for resolvers that store nothing: it is for accounts whose claims are in force. Takes
// the request.
void nserver__update_serve_loaded(struct nserver__resolver *resolver,
                                  struct nserver__claims_request *request);

// What those answer: CLAIMS.UPDATE under both subjects.
extern const struct nserver__claims_service nserver__update_services[];
enum {
    NSERVER__UPDATE_SERVICE_COUNT = 2,
};
