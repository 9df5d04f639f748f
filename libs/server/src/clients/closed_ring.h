/* closed_ring.h - the last connections that were closed, for monitoring (spec 04 section 3.3).
 *
 * A ring of `max` rows, oldest dropped. Their subscriptions are kept up to a size: a client may
 * have had a million, and come again. Beyond it the oldest rows lose theirs, but not their
 * number. Threads: [any], a mutex; closing is not a hot path.
 */
#pragma once

#include <natsd/lock.h>

#include "clients/conn_row.h"

struct nserver__closed_ring {
    struct nb_mutex lock;
    struct nserver__conn_row *rows NB_GUARDED_BY(lock); // grows up to max
    size_t room NB_GUARDED_BY(lock);
    size_t count NB_GUARDED_BY(lock);
    size_t first NB_GUARDED_BY(lock);      // the oldest
    size_t subs_size NB_GUARDED_BY(lock);  // of the subscriptions of all rows
    size_t bare_count NB_GUARDED_BY(lock); // so many of the oldest have lost theirs
    size_t max;                            // constant
};

enum {
    NSERVER__CLOSED_SUBS_MAX_BYTES = 16 * 1024 * 1024,
};

void nserver__closed_ring_init(struct nserver__closed_ring *ring, size_t max);
void nserver__closed_ring_fini(struct nserver__closed_ring *ring);
// Takes the row's texts.
void nserver__closed_ring_add(struct nserver__closed_ring *ring, struct nserver__conn_row *row);
// Calls for each, oldest first, under the lock: rows are borrowed.
void nserver__closed_ring_each(struct nserver__closed_ring *ring,
                               void (*fn)(void *ctx, const struct nserver__conn_row *row),
                               void *ctx);
size_t nserver__closed_ring_count(struct nserver__closed_ring *ring);
