/* directory_services.h - what a resolver over a directory answers in the system account (spec 03
 * sections 20.2 to 20.5): updates, lookups, the list, deletions, and synchronisation.
 * Threads: [control].
 */
#pragma once

#include "resolver/desk.h"

enum {
    NSERVER__FULL_SERVICE_COUNT = 8,
    NSERVER__CACHE_SERVICE_COUNT = 6,
};

extern const struct nserver__claims_service nserver__full_services[];
extern const struct nserver__claims_service nserver__cache_services[];
