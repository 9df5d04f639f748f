/* closed_ring.h - the last connections that were closed, for monitoring (spec 04 section 3.3).
 *
 * A ring of `max` rows, oldest dropped. Threads: [any], a mutex; closing is not a hot path.
 */
#pragma once

#include <natsd/lock.h>

#include "clients/conn_row.h"

struct nserver__closed_ring {
    struct nb_mutex lock;
    struct nserver__conn_row *rows NB_GUARDED_BY(lock); // grows up to max
    size_t room NB_GUARDED_BY(lock);
    size_t count NB_GUARDED_BY(lock);
    size_t first NB_GUARDED_BY(lock); // the oldest
    size_t max;                       // constant
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
