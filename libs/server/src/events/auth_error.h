/* auth_error.h - a client failed to log in: told to operators and to the account it was in (spec 04
 * sections 6.5 and 6.6). Threads: [owner of the client].
 */
#pragma once

#include <natsd/slice.h>

struct nserver__account;
struct nserver__client;

// To the system account, with the reason for its end.
void nserver__tell_auth_error(const struct nserver__client *c);
// To an account, with a reason in words.
void nserver__tell_account_auth_error(const struct nserver__client *c,
                                      struct nserver__account *account, struct slice reason);
