/* terms.h - what holds in an account until it is changed: limits, mappings, stream imports, who may
 * sign for its users, who was revoked.
 *
 * Made of the options of an account, whether they stand in the configuration or came as a JWT.
 * Immutable once in force; replaced as a whole, and freed when no worker can see it any more.
 *
 * Threads: [any].
 */
#pragma once

#include <natsd/account_options.h>
#include <natsd/claims.h>
#include <natsd/epoch.h>
#include <natsd/mapping.h>

#include <stdatomic.h>
#include <stdbool.h>

struct nserver__stream_import;
struct nserver_option_memory;

struct nserver__terms {
    struct nb_epoch_item retired;
    struct nserver_account_options options; // what they were made of; borrowed from `memory`
    struct nserver_option_memory *memory;   // a reference
    struct nsub_mappings *mappings;         // NULL: none
    struct nserver__stream_import **stream_imports; // each a reference
    size_t stream_import_count;
    // -1: no limit
    int64_t max_connections, max_subscriptions, max_payload, max_leafnodes;
    bool is_gone; // removed from the configuration, or deleted: nobody enters

    // of a JWT
    struct nauth_claims *claims;       // owned; NULL: a configured account
    struct slice token;                // the JWT itself, owned
    struct nauth_rules *default_rules; // for users who bring none; NULL: none
    bool is_identity_refused;          // strict: only its signing keys sign for users
    bool is_bootstrap;                 // its JWT isn't there yet: its own key signs for users
    int64_t due_unix_s;                // when it, or what it imports by, expires; 0: never
    _Atomic bool is_incomplete;        // an import found no exporter yet
    _Atomic bool is_expired;           // or deleted: nobody enters
};

struct nserver__terms *nserver__terms_create(void); // no limits, nothing imported
void nserver__terms_destroy(struct nserver__terms **terms);
