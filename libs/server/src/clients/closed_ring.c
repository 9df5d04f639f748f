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

// Under the lock, as all below.
static struct nserver__conn_row *row_at(const struct nserver__closed_ring *ring, size_t index)
{
    return &ring->rows[(ring->first + index) % ring->room];
}

void nserver__closed_ring_fini(struct nserver__closed_ring *ring)
{
    nb_mutex_lock(&ring->lock);
    for (size_t i = 0; i < ring->count; i++) {
        nserver__conn_row_fini(row_at(ring, i));
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

static void strip(struct nserver__closed_ring *ring, struct nserver__conn_row *row)
{
    ring->subs_size -= row->subs_size;
    nb_free(row->subs);
    row->subs = NULL;
    row->subs_size = 0;
}

static void drop_oldest(struct nserver__closed_ring *ring)
{
    strip(ring, row_at(ring, 0));
    nserver__conn_row_fini(row_at(ring, 0));
    ring->first = (ring->first + 1) % ring->room;
    ring->count--;
    ring->bare_count -= ring->bare_count > 0;
}

void nserver__closed_ring_add(struct nserver__closed_ring *ring, struct nserver__conn_row *row)
{
    if (ring->max == 0) {
        nserver__conn_row_fini(row);
        return;
    }
    nb_mutex_lock(&ring->lock);
    if (ring->count == ring->room && ring->room < ring->max) {
        grow(ring);
    }
    if (ring->count == ring->room) {
        drop_oldest(ring);
    }
    *row_at(ring, ring->count++) = *row;
    ring->subs_size += row->subs_size;
    while (ring->subs_size > NSERVER__CLOSED_SUBS_MAX_BYTES) {
        strip(ring, row_at(ring, ring->bare_count++));
    }
    nb_mutex_unlock(&ring->lock);
    *row = (struct nserver__conn_row){0};
}

void nserver__closed_ring_each(struct nserver__closed_ring *ring,
                               void (*fn)(void *ctx, const struct nserver__conn_row *row),
                               void *ctx)
{
    nb_mutex_lock(&ring->lock);
    for (size_t i = 0; i < ring->count; i++) {
        fn(ctx, row_at(ring, i));
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
