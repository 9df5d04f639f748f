#include <natsd/chunk.h>

#include <natsd/memory.h>

#include <assert.h>

struct nb_chunk *nb_chunk_create(size_t size)
{
    struct nb_chunk *chunk;

    assert(size <= NB_CHUNK_MAX_BYTES);
    chunk = nb_alloc(sizeof(*chunk) + size);
    atomic_init(&chunk->refs, 1);
    chunk->size = (uint32_t)size;
    chunk->pool_next = NULL;
    return chunk;
}

void nb_chunk_free(struct nb_chunk *chunk)
{
    nb_free(chunk);
}

void nb_chunk_pool_init(struct nb_chunk_pool *pool, size_t chunk_size, uint32_t idle_max)
{
    assert(chunk_size <= NB_CHUNK_MAX_BYTES);
    *pool = (struct nb_chunk_pool){.chunk_size = (uint32_t)chunk_size, .idle_max = idle_max};
}

void nb_chunk_pool_fini(struct nb_chunk_pool *pool)
{
    while (pool->idle != NULL) {
        struct nb_chunk *chunk = pool->idle;

        pool->idle = chunk->pool_next;
        nb_chunk_free(chunk);
    }
    pool->idle_count = 0;
}

struct nb_chunk *nb_chunk_pool_get(struct nb_chunk_pool *pool)
{
    struct nb_chunk *chunk = pool->idle;

    if (chunk == NULL) {
        return nb_chunk_create(pool->chunk_size);
    }
    pool->idle = chunk->pool_next;
    pool->idle_count--;
    chunk->pool_next = NULL;
    // Relaxed: the chunk was dropped by all and is this thread's alone.
    atomic_store_explicit(&chunk->refs, 1, memory_order_relaxed);
    return chunk;
}

void nb_chunk_pool_put(struct nb_chunk_pool *pool, struct nb_chunk *chunk)
{
    if (!nb_chunk_drop(chunk)) {
        return; // who drops the last reference frees it
    }
    if (chunk->size != pool->chunk_size || pool->idle_count >= pool->idle_max) {
        nb_chunk_free(chunk);
        return;
    }
    chunk->pool_next = pool->idle;
    pool->idle = chunk;
    pool->idle_count++;
}
