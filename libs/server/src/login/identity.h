/* identity.h - who a client was accepted as.
 *
 * Owner: the client; made when it is let in, replaced when it is let in again.
 * Threads: [owner of the client].
 */
#pragma once

#include <natsd/claims.h>
#include <natsd/slice.h>

#include <stdbool.h>

struct nserver__client;

struct nserver__identity {
    struct slice user; // as monitoring and events show it; owned, empty: nobody
    // of a user JWT
    struct nauth_claims *claims; // owned; NULL: no JWT
    struct slice issuer_account; // the account's key; borrowed from the claims
    uint64_t scope_hash;         // of the signing key; 0: signed by the account itself
    bool is_bearer;
    bool is_delegated;                      // a callout answers for it
    bool has_default_permissions;           // the account's, which may change
    int64_t max_subscriptions, max_payload; // -1: no limit of its own
    int64_t expires_unix_ns;                // 0: never
    uint64_t secret_hash;                   // of the configured secret that it showed; 0: none
};

struct nserver__identity *nserver__identity_create(struct slice user);
void nserver__identity_destroy(struct nserver__identity **identity);

// As monitoring shows it; empty when it is nobody.
struct slice nserver__client_user(const struct nserver__client *c);
