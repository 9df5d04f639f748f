/* operators.h - whom a server in operator mode trusts (spec 03 section 7). A part of the
 * configuration in force. Threads: immutable: [any].
 */
#pragma once

#include <natsd/claims.h>
#include <natsd/map.h>
#include <natsd/server_options.h>

#include <stdbool.h>

struct nserver__operators {
    struct nauth_claims *claims; // of the operators' JWTs
    size_t count;
    struct nb_map trusted;         // public key to struct nserver__trust
    struct nserver__trust *trusts; // one for each key
    struct nb_map pinned;          // accounts that may log in; empty: all
    const char *default_sentinel;  // borrowed from the options; NULL: none
};

struct nserver__trust {
    bool is_strict; // a signing key of an operator who wants that its users use such, too
};

// *out is NULL when the options name neither operators nor trusted keys. NB_EINVALID with diag.
NB_MUST_USE int nserver__operators_create(const struct nserver_options *opts,
                                          struct nserver__operators **out, struct nb_diag *diag);
void nserver__operators_destroy(struct nserver__operators **operators);

// May this key sign accounts? NULL: no.
const struct nserver__trust *nserver__operators_trust(const struct nserver__operators *operators,
                                                      struct slice key);
bool nserver__operators_let_in(const struct nserver__operators *operators, struct slice account);
