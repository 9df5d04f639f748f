#include "accounts/registry.h"

void nserver__registry_init(struct nserver__registry *registry, unsigned worker_count,
                            bool has_cache)
{
    *registry = (struct nserver__registry){.worker_count = worker_count, .has_cache = has_cache};
    nb_mutex_init(&registry->lock);
    registry->global = nserver__registry_obtain(registry, nb_slice_of(NSERVER__GLOBAL_ACCOUNT));
}

void nserver__registry_fini(struct nserver__registry *registry)
{
    struct nserver__account *account;
    size_t at = 0;

    if (registry->global == NULL) {
        return;
    }
    nb_mutex_lock(&registry->lock);
    while ((account = nb_map_next(&registry->by_name, &at)) != NULL) {
        nserver__account_destroy(&account);
    }
    nb_map_fini(&registry->by_name);
    nb_mutex_unlock(&registry->lock);
    nb_mutex_fini(&registry->lock);
    registry->global = NULL;
}

struct nserver__account *nserver__registry_find(struct nserver__registry *registry,
                                                struct slice name)
{
    struct nserver__account *account;

    nb_mutex_lock(&registry->lock);
    account = nb_map_find(&registry->by_name, name);
    nb_mutex_unlock(&registry->lock);
    return account;
}

struct nserver__account *nserver__registry_obtain(struct nserver__registry *registry,
                                                  struct slice name)
{
    struct nserver__account *account;

    nb_mutex_lock(&registry->lock);
    account = nb_map_find(&registry->by_name, name);
    if (account == NULL) {
        account = nserver__account_create(name, registry->worker_count, registry->has_cache);
        nb_map_insert(&registry->by_name, account->name, account);
    }
    nb_mutex_unlock(&registry->lock);
    return account;
}

void nserver__registry_each(struct nserver__registry *registry,
                            void (*fn)(void *ctx, struct nserver__account *account), void *ctx)
{
    struct nserver__account *account;
    size_t at = 0;

    nb_mutex_lock(&registry->lock);
    while ((account = nb_map_next(&registry->by_name, &at)) != NULL) {
        fn(ctx, account);
    }
    nb_mutex_unlock(&registry->lock);
}
