/* assemble.h - from what is said of accounts to what holds in them: terms, and the imports that tie
 * them together.
 *
 * Accounts import from each other, so it goes in steps: terms of all, then the streams and
 * services that they import. An import that does not find its export is left out.
 *
 * Threads: [control].
 */
#pragma once

#include "accounts/account.h"

struct nserver;

// Without imports; `memory` is referenced. NB_EMALFORMED with the reason.
NB_MUST_USE int nserver__assemble_terms(const struct nserver_account_options *options,
                                        struct nserver_option_memory *memory,
                                        struct nserver__terms **out, struct nb_diag *diag);
// In force from now on; the old ones are freed when nobody sees them. Terms are taken over.
void nserver__put_terms(struct nserver *server, struct nserver__account *account,
                        struct nserver__terms *terms);

// What `terms`, which nobody sees yet, import as streams.
void nserver__assemble_stream_imports(struct nserver *server, struct nserver__account *account,
                                      struct nserver__terms *terms);
// What the account's terms in force import as services, and what every account does. Those that
// stay as they are go on without a gap.
void nserver__assemble_service_imports(struct nserver *server, struct nserver__account *account);
