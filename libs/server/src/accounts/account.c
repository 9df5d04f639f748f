#include "accounts/account.h"

#include <natsd/memory.h>

#include "sharing/responses.h"
#include "sharing/service_import.h"

struct nserver__account *nserver__account_create(struct slice name, unsigned worker_count,
                                                 bool has_cache)
{
    struct nserver__account *account = nb_zalloc(sizeof(*account));

    account->name = nb_slice_dup(name);
    account->trie = nsub_trie_create();
    account->views = nb_calloc(worker_count, sizeof(*account->views));
    account->view_count = worker_count;
    account->has_cache = has_cache;
    atomic_store(&account->terms, nserver__terms_create());
    return account;
}

void nserver__account_destroy(struct nserver__account **account)
{
    struct nserver__account *a = *account;
    struct nserver__terms *terms;

    if (a == NULL) {
        return;
    }
    for (unsigned i = 0; i < a->view_count; i++) {
        struct nsub_match_cache *cache = atomic_load(&a->views[i].cache);

        nsub_match_cache_destroy(&cache);
    }
    nb_free(a->views);
    nserver__responses_destroy(atomic_load(&a->responses));
    nsub_trie_destroy(&a->trie);
    terms = (struct nserver__terms *)atomic_load(&a->terms);
    nserver__terms_destroy(&terms);
    for (size_t i = 0; i < a->service_import_count; i++) {
        nserver__service_import_free(a->service_imports[i]);
    }
    nb_free(a->service_imports);
    nb_slice_free(&a->name);
    nb_free(a);
    *account = NULL;
}

struct nserver__account_view *nserver__account_view_of(struct nserver__account *account,
                                                       unsigned worker_index)
{
    struct nserver__account_view *view = &account->views[worker_index];

    if (NB_UNLIKELY(atomic_load_explicit(&view->cache, memory_order_relaxed) == NULL)) {
        uint32_t entry_max = account->has_cache ? NSERVER__MATCH_CACHE_MAX_ENTRIES : 0;

        atomic_store_explicit(&view->cache, nsub_match_cache_create(account->trie, entry_max),
                              memory_order_release); // pairs with those who only look
    }
    return view;
}
