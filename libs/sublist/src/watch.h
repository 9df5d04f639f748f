/* watch.h - who wants to know when the first subscription of a subject comes and the last one
 * goes. Spec 01 section 13 (interest notification).
 */
#pragma once

#include "table.h"

#include <natsd/trie.h>

struct nsub__listener {
    nsub_trie_notify_fn fn;
    void *ctx;
};

struct nsub__watches {
    struct nsub__table table; // of struct watch, by the hash of subject and queue
};

// A copy of the listeners of one change, to call them without the lock.
struct nsub__calls {
    struct nsub__listener *at; // owned
    size_t count;
};

void nsub__watches_fini(struct nsub__watches *watches);
NB_MUST_USE int nsub__watches_add(struct nsub__watches *watches, struct slice subject,
                                  struct slice queue, struct nsub__listener listener);
NB_MUST_USE int nsub__watches_remove(struct nsub__watches *watches, struct slice subject,
                                     struct slice queue, struct nsub__listener listener);
// Who is to be called for a change of this subscription; nothing to free when count is 0.
struct nsub__calls nsub__watches_find(const struct nsub__watches *watches,
                                      const struct nsub_sub *sub);
void nsub__calls_run(struct nsub__calls *calls, bool has_interest); // and frees them
