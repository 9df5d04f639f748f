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
    chunk->home = NULL;
    chunk->pool_next = NULL;
    return chunk;
}

static void keep(struct nb_chunk_pool *pool, struct nb_chunk *chunk)
{
    if (pool->idle_count >= pool->idle_max) {
        nb_free(chunk);
        return;
    }
    chunk->pool_next = pool->idle;
    pool->idle = chunk;
    pool->idle_count++;
}

// From another thread. The owner takes all at once, so the stack has no ABA problem.
static void leave_for_owner(struct nb_chunk_pool *pool, struct nb_chunk *chunk)
{
    struct nb_chunk *top;

    // Relaxed: it only bounds what lies there.
    if (atomic_fetch_add_explicit(&pool->returned_count, 1, memory_order_relaxed) >=
        pool->idle_max) {
        atomic_fetch_sub_explicit(&pool->returned_count, 1, memory_order_relaxed);
        nb_free(chunk);
        return;
    }
    top = atomic_load_explicit(&pool->returned, memory_order_relaxed);
    do {
        chunk->pool_next = top;
    } while (!atomic_compare_exchange_weak_explicit(&pool->returned, &top, chunk,
                                                    memory_order_release, memory_order_relaxed));
}

void nb_chunk_go_home(struct nb_chunk *chunk, const void *owner)
{
    if (chunk->home == NULL) {
        nb_free(chunk);
    } else if (chunk->home->owner == owner) {
        keep(chunk->home, chunk);
    } else {
        leave_for_owner(chunk->home, chunk);
    }
}

void nb_chunk_pool_init(struct nb_chunk_pool *pool, const void *owner, size_t chunk_size,
                        uint32_t idle_max)
{
    assert(chunk_size <= NB_CHUNK_MAX_BYTES && owner != NULL);
    *pool = (struct nb_chunk_pool){
        .chunk_size = (uint32_t)chunk_size, .idle_max = idle_max, .owner = owner};
}

// Acquire: what others wrote in them, and the links, come before (partner: leave_for_owner).
static void collect(struct nb_chunk_pool *pool)
{
    struct nb_chunk *chunk = atomic_exchange_explicit(&pool->returned, NULL, memory_order_acquire);
    uint32_t count = 0;

    while (chunk != NULL) {
        struct nb_chunk *next = chunk->pool_next;

        keep(pool, chunk);
        chunk = next;
        count++;
    }
    atomic_fetch_sub_explicit(&pool->returned_count, count, memory_order_relaxed);
}

static struct nb_chunk *take_idle(struct nb_chunk_pool *pool)
{
    struct nb_chunk *chunk = pool->idle;

    pool->idle = chunk->pool_next;
    pool->idle_count--;
    if (pool->idle_count < pool->idle_lowest) {
        pool->idle_lowest = pool->idle_count;
    }
    return chunk;
}

void nb_chunk_pool_fini(struct nb_chunk_pool *pool)
{
    collect(pool);
    while (pool->idle != NULL) {
        nb_free(take_idle(pool));
    }
}

struct nb_chunk *nb_chunk_pool_get(struct nb_chunk_pool *pool)
{
    struct nb_chunk *chunk;

    if (pool->idle == NULL && atomic_load_explicit(&pool->returned, memory_order_relaxed) != NULL) {
        collect(pool);
    }
    if (pool->idle == NULL) {
        pool->idle_lowest = 0;
        chunk = nb_chunk_create(pool->chunk_size);
        chunk->home = pool;
        return chunk;
    }
    chunk = take_idle(pool);
    chunk->pool_next = NULL;
    // Relaxed: the chunk was dropped by all and is this thread's alone.
    atomic_store_explicit(&chunk->refs, 1, memory_order_relaxed);
    return chunk;
}

void nb_chunk_pool_trim(struct nb_chunk_pool *pool)
{
    uint32_t surplus;

    collect(pool);
    surplus = (pool->idle_lowest + 1) / 2;
    for (uint32_t i = 0; i < surplus && pool->idle != NULL; i++) {
        nb_free(take_idle(pool));
    }
    pool->idle_lowest = pool->idle_count;
}
