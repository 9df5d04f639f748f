#include "clients/closed_ring.h"

#include <natsd/memory.h>

enum {
    RING_FIRST_ROOM = 64,
};

void nserver__closed_ring_init(struct nserver__closed_ring *ring, size_t max)
{
    *ring = (struct nserver__closed_ring){.max = max};
    nb_mutex_init(&ring->lock);
}

void nserver__closed_ring_fini(struct nserver__closed_ring *ring)
{
    nb_mutex_lock(&ring->lock);
    for (size_t i = 0; i < ring->count; i++) {
        nserver__conn_row_fini(&ring->rows[(ring->first + i) % ring->room]);
    }
    nb_free(ring->rows);
    ring->rows = NULL;
    ring->room = 0;
    ring->count = 0;
    nb_mutex_unlock(&ring->lock);
    nb_mutex_fini(&ring->lock);
}

// Rows stand in order from index 0 until the ring has its full size: only then does it wrap.
static void grow(struct nserver__closed_ring *ring)
{
    size_t room = ring->room == 0 ? RING_FIRST_ROOM : ring->room * 2;

    if (room > ring->max) {
        room = ring->max;
    }
    ring->rows = nb_realloc(ring->rows, room * sizeof(*ring->rows));
    ring->room = room;
}

void nserver__closed_ring_add(struct nserver__closed_ring *ring, struct nserver__conn_row *row)
{
    size_t at;

    if (ring->max == 0) {
        nserver__conn_row_fini(row);
        return;
    }
    nb_mutex_lock(&ring->lock);
    if (ring->count == ring->room && ring->room < ring->max) {
        grow(ring);
    }
    if (ring->count == ring->room) {
        at = ring->first;
        nserver__conn_row_fini(&ring->rows[at]);
        ring->first = (ring->first + 1) % ring->room;
    } else {
        at = ring->count;
        ring->count++;
    }
    ring->rows[at] = *row;
    nb_mutex_unlock(&ring->lock);
    *row = (struct nserver__conn_row){0};
}

void nserver__closed_ring_each(struct nserver__closed_ring *ring,
                               void (*fn)(void *ctx, const struct nserver__conn_row *row),
                               void *ctx)
{
    nb_mutex_lock(&ring->lock);
    for (size_t i = 0; i < ring->count; i++) {
        fn(ctx, &ring->rows[(ring->first + i) % ring->room]);
    }
    nb_mutex_unlock(&ring->lock);
}

size_t nserver__closed_ring_count(struct nserver__closed_ring *ring)
{
    size_t count;

    nb_mutex_lock(&ring->lock);
    count = ring->count;
    nb_mutex_unlock(&ring->lock);
    return count;
}
