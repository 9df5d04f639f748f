/* callout.h - a service has the last word on who may enter (spec 03 section 11).
 * Threads: [owner of the client].
 */
#pragma once

#include <stdbool.h>

#include "clients/login.h"

// After what was found (accepted or refused). True: the service was asked, and its answer, or its
// silence, ends the login; false: it isn't concerned.
bool nserver__callout_begin(struct nserver__login *login, enum nserver__verdict verdict);
// The login is over: an answer to it means nothing.
void nserver__callout_forget(struct nserver__login *login);
