/* registry.h - the accounts of a server, by name. Threads: [any]; accounts stay for life. */
#pragma once

#include <natsd/lock.h>
#include <natsd/map.h>

#include "accounts/account.h"

#define NSERVER__GLOBAL_ACCOUNT "$G"
#define NSERVER__SYSTEM_ACCOUNT "$SYS" // unless the configuration names another

struct nserver__registry {
    struct nb_mutex lock;
    struct nb_map by_name NB_GUARDED_BY(lock);
    struct nserver__account *global; // $G
    unsigned worker_count;
    bool has_cache;
};

void nserver__registry_init(struct nserver__registry *registry, unsigned worker_count,
                            bool has_cache);
void nserver__registry_fini(struct nserver__registry *registry);

// The account, or NULL.
struct nserver__account *nserver__registry_find(struct nserver__registry *registry,
                                                struct slice name);

// The account, made when it is not there.
struct nserver__account *nserver__registry_obtain(struct nserver__registry *registry,
                                                  struct slice name);

// Calls for each account, under the registry's lock.
void nserver__registry_each(struct nserver__registry *registry,
                            void (*fn)(void *ctx, struct nserver__account *account), void *ctx);
