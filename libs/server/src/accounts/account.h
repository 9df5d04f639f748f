/* account.h - an account: the subscriptions that its connections share, and its terms: the limits,
 * mappings and imports in force.
 *
 * Every connection and every subscription belongs to one. Accounts live as long as the server;
 * one that was removed has no terms that let anybody in.
 *
 * Threads: the trie is [any]; a view belongs to the worker of its index; terms are immutable and
 *   replaced as a whole by [control]; lists of imports are [control]'s.
 */
#pragma once

#include <natsd/clock.h>
#include <natsd/epoch.h>
#include <natsd/lock.h>
#include <natsd/mapping.h>
#include <natsd/match_cache.h>
#include <natsd/slice.h>
#include <natsd/trie.h>

#include <stdatomic.h>
#include <stdbool.h>

#include "accounts/terms.h"

enum {
    NSERVER__MATCH_CACHE_MAX_ENTRIES = 4096, // per worker and account
};

struct nserver__responses;
struct nserver__service_import;

// What one worker has of an account.
struct nserver__account_view {
    _Atomic(struct nsub_match_cache *) cache; // NULL until the worker needs it; others only look
    struct nserver__account_view *used_next;  // in the worker's list of those used in this pass
    bool is_used;
};

struct nserver__account {
    struct slice name; // owned
    struct nsub_trie *trie;
    _Atomic(const struct nserver__terms *) terms; // never NULL
    struct nserver__account_view *views;          // one per worker
    unsigned view_count;
    bool has_cache;

    // [any]
    _Atomic int64_t client_count;                   // connections that count for the limit
    _Atomic(struct nserver__responses *) responses; // NULL until a response is awaited here
    _Atomic uint64_t awaited;                       // responses that go to its clients
    _Atomic uint64_t awaited_bytes;                 // what is remembered of them
    struct nserver__account_past {                  // what closed connections had sent and got
        _Atomic uint64_t in_msgs, in_bytes, out_msgs, out_bytes;
        _Atomic uint64_t slow_consumers;
    } past;

    // [control]
    struct nserver__service_import **service_imports;
    size_t service_import_count;
    uint64_t plan_number;      // the last configuration that names it
    struct nb_mono fetched_at; // when its JWT was asked for last; 0: never
};

struct nserver__account *nserver__account_create(struct slice name, unsigned worker_count,
                                                 bool has_cache);
void nserver__account_destroy(struct nserver__account **account);

// [any worker] The terms in force; valid until the end of the pass.
static inline const struct nserver__terms *nserver__account_terms(
    const struct nserver__account *account)
{
    return atomic_load_explicit(&account->terms, memory_order_acquire);
}

// What people call it: the name in its JWT, or else its own. Valid until the end of the pass.
static inline struct slice nserver__account_label(const struct nserver__account *account)
{
    const struct nserver__terms *terms = nserver__account_terms(account);

    return terms->claims != NULL && terms->claims->name.n > 0 ? terms->claims->name : account->name;
}

// [owner of the view] Makes its cache when it has none yet.
struct nserver__account_view *nserver__account_view_of(struct nserver__account *account,
                                                       unsigned worker_index);

// [any worker] May users with JWTs enter without its JWT being asked for (again)?
static inline bool nserver__account_is_ready(const struct nserver__account *account)
{
    const struct nserver__terms *terms = nserver__account_terms(account);

    return (terms->claims != NULL &&
            !atomic_load_explicit(&terms->is_expired, memory_order_relaxed) &&
            !atomic_load_explicit(&terms->is_incomplete, memory_order_relaxed)) ||
           terms->is_bootstrap;
}
