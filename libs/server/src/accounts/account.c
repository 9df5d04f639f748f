#include "accounts/account.h"

#include <natsd/memory.h>

struct nserver__account *nserver__account_create(struct slice name, unsigned worker_count,
                                                 bool has_cache)
{
    struct nserver__account *account = nb_zalloc(sizeof(*account));

    account->name = nb_slice_dup(name);
    account->trie = nsub_trie_create();
    account->views = nb_calloc(worker_count, sizeof(*account->views));
    account->view_count = worker_count;
    for (unsigned i = 0; i < worker_count; i++) {
        account->views[i].cache = nsub_match_cache_create(
            account->trie, has_cache ? NSERVER__MATCH_CACHE_MAX_ENTRIES : 0);
    }
    return account;
}

void nserver__account_destroy(struct nserver__account **account)
{
    struct nserver__account *a = *account;
    struct nserver__mapping_table *table;

    if (a == NULL) {
        return;
    }
    for (unsigned i = 0; i < a->view_count; i++) {
        nsub_match_cache_destroy(&a->views[i].cache);
    }
    nb_free(a->views);
    nsub_trie_destroy(&a->trie);
    table = atomic_load(&a->mappings);
    if (table != NULL) {
        nsub_mappings_destroy(&table->mappings);
        nb_free(table);
    }
    nb_slice_free(&a->name);
    nb_free(a);
    *account = NULL;
}
