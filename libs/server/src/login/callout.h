/* callout.h - a service has the last word on who may enter (spec 03 section 11).
 * Threads: [owner of the client].
 */
#pragma once

#include <stdbool.h>

#include "login/login.h"

struct nserver;

// After what was found (accepted or refused). True: the service was asked, and its answer, or its
// silence, ends the login; false: it isn't concerned.
bool nserver__callout_begin(struct nserver__login *login, enum nserver__verdict verdict);
// The login is over: an answer to it means nothing.
void nserver__callout_forget(struct nserver__login *login);
// The account that the answer names is there, or NULL and why not.
void nserver__callout_account_loaded(struct nserver__login *login, struct nserver__account *account,
                                     const char *why);

// Does a service of this account decide? Its clients may not publish to it.
bool nserver__account_has_callout(struct nserver *server, const struct nserver__account *account);
// The account of a configured service; NULL: none.
struct nserver__account *nserver__callout_account(struct nserver *server);
