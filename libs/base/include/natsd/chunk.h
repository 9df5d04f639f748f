/* natsd/chunk.h - blocks of memory shared by reference count, and pools of them.
 *
 * A chunk carries message bytes from the socket that read them to the sockets that write
 * them, across threads, without a copy. Who holds a reference may read it; only a holder who
 * knows that it is the only one, or that nobody looks at those bytes yet, writes.
 *
 * Threads: ref and unref [any]; a pool belongs to one thread. A chunk of a pool goes back there
 * whoever drops the last reference: another thread leaves it for the owner to collect. So a
 * sender whose chunks end in other threads allocates nothing either.
 */
#pragma once

#include <natsd/error.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nb_chunk_pool;

struct nb_chunk {
    _Atomic uint32_t refs;
    uint32_t size;              // bytes in data
    struct nb_chunk_pool *home; // NULL: of no pool
    struct nb_chunk *pool_next; // private
    uint8_t data[] __attribute__((aligned(16)));
};

enum {
    NB_CHUNK_MAX_BYTES = 128 * 1024 * 1024,
};

struct nb_chunk *nb_chunk_create(size_t size); // one reference; asserts size <= NB_CHUNK_MAX_BYTES
// private: the last reference is gone. `owner` as in nb_chunk_put().
void nb_chunk_go_home(struct nb_chunk *chunk, const void *owner);

static inline struct nb_chunk *nb_chunk_ref(struct nb_chunk *chunk)
{
    atomic_fetch_add_explicit(&chunk->refs, 1, memory_order_relaxed);
    return chunk;
}

// True for the holder of the only reference. Acquires what earlier holders did (partner: the
// release in nb_chunk_drop).
static inline bool nb_chunk_is_unshared(struct nb_chunk *chunk)
{
    return atomic_load_explicit(&chunk->refs, memory_order_acquire) == 1;
}

// Gives a reference back; true when it was the last one and the chunk is the caller's again.
static inline bool nb_chunk_drop(struct nb_chunk *chunk)
{
    if (nb_chunk_is_unshared(chunk)) { // the usual case: no read-modify-write
        return true;
    }
    return atomic_fetch_sub_explicit(&chunk->refs, 1, memory_order_acq_rel) == 1;
}

// Drops a reference in a thread that has pools: those that were initialised with `owner`.
static inline void nb_chunk_put(struct nb_chunk *chunk, const void *owner)
{
    if (nb_chunk_drop(chunk)) {
        nb_chunk_go_home(chunk, owner);
    }
}

// Drops a reference anywhere.
static inline void nb_chunk_unref(struct nb_chunk *chunk)
{
    nb_chunk_put(chunk, NULL);
}

// Chunks of one size, kept for reuse: about `idle_max` of them. It outlives its chunks.
struct nb_chunk_pool {
    // private
    struct nb_chunk *idle;
    uint32_t chunk_size;
    uint32_t idle_count;
    uint32_t idle_max;
    uint32_t idle_lowest; // since the last trim
    const void *owner;
    // What other threads gave back: a stack, and roughly how many are in it.
    _Atomic(struct nb_chunk *) returned __attribute__((aligned(64)));
    _Atomic uint32_t returned_count;
};

// `owner` is the same for all pools of a thread, and not NULL.
void nb_chunk_pool_init(struct nb_chunk_pool *pool, const void *owner, size_t chunk_size,
                        uint32_t idle_max);
void nb_chunk_pool_fini(struct nb_chunk_pool *pool);            // frees the idle ones
struct nb_chunk *nb_chunk_pool_get(struct nb_chunk_pool *pool); // one reference
// Frees half of those that nobody needed since the last call. Called every now and then, a pool
// gives back what a burst needed.
void nb_chunk_pool_trim(struct nb_chunk_pool *pool);
