/* callout_answer.h - what the service that decides has answered: is it for us, from whom we trust,
 * and about a user who may enter? (spec 03 section 11.4) Threads: [owner of the client].
 */
#pragma once

#include "login/login.h"

struct nserver__callout;

// What was asked, as far as the answer has to fit to it.
struct nserver__callout_terms {
    struct nserver__account *account;    // where it was asked
    struct slice user_key;               // of the answer's user
    struct slice issuer;                 // configured; empty: operator mode
    struct slice xkey;                   // configured; empty: nothing is sealed
    struct nauth_texts allowed_accounts; // operator mode, beside the account itself; "*": all
    bool allows_all_accounts;
};

struct nserver__callout_answer {
    struct nauth_claims *user; // owned: the user as whom it enters
    struct slice account;      // where; borrowed from the user
    struct slice reason;       // why not; owned
    enum nserver__reason failure;
};

// NB_OK with user and account, or NB_EINVALID with a reason (which may be empty).
NB_MUST_USE int nserver__callout_read(const struct nserver__login *login,
                                      const struct nserver__callout_terms *terms,
                                      struct slice payload, struct nserver__callout_answer *out);
// The account is there: takes the user over into the login's admission. NB_EINVALID with a reason.
NB_MUST_USE int nserver__callout_take(struct nserver__login *login,
                                      const struct nserver__callout_terms *terms,
                                      struct nserver__account *account,
                                      struct nserver__callout_answer *answer);
void nserver__callout_answer_fini(struct nserver__callout_answer *answer);
