/* account.h - an account: the subscriptions and mappings that its connections share.
 *
 * Every connection and every subscription belongs to one. Accounts live as long as the server.
 * Threads: the trie is [any]; a view belongs to the worker of its index.
 */
#pragma once

#include <natsd/epoch.h>
#include <natsd/mapping.h>
#include <natsd/match_cache.h>
#include <natsd/slice.h>
#include <natsd/trie.h>

#include <stdatomic.h>
#include <stdbool.h>

enum {
    NSERVER__MATCH_CACHE_MAX_ENTRIES = 4096, // per worker and account
};

// The mappings in force; replaced as a whole at a reload.
struct nserver__mapping_table {
    struct nb_epoch_item retired;
    struct nsub_mappings *mappings;
};

// What one worker has of an account.
struct nserver__account_view {
    struct nsub_match_cache *cache;
    struct nserver__account_view *used_next; // in the worker's list of those used in this pass
    bool is_used;
};

struct nserver__account {
    struct slice name; // owned
    struct nsub_trie *trie;
    _Atomic(struct nserver__mapping_table *) mappings; // NULL: none
    struct nserver__account_view *views;               // one per worker
    unsigned view_count;
};

struct nserver__account *nserver__account_create(struct slice name, unsigned worker_count,
                                                 bool has_cache);
void nserver__account_destroy(struct nserver__account **account);

// [any worker] The mappings to apply now, or NULL; valid until the end of the pass.
static inline const struct nsub_mappings *nserver__account_mappings(
    const struct nserver__account *account)
{
    const struct nserver__mapping_table *table =
        atomic_load_explicit(&account->mappings, memory_order_acquire);

    return table != NULL ? table->mappings : NULL;
}
