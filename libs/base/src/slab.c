#include <natsd/slab.h>

#include <natsd/error.h>
#include <natsd/memory.h>

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif
#ifdef HAS_ASAN
#include <sanitizer/asan_interface.h> // a cell nobody has is poison, as with malloc
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

// Stands at the beginning of its NB_SLAB_BYTES, which are aligned to their size.
struct nb_slab {
    struct nb_slab_pool *pool;
    struct nb_slab *next; // among the open, or the spare ones
    struct nb_slab *prev; // among the open ones
    struct free_cell *free;
    uint32_t cell_size;
    uint32_t used_count; // cells that are objects
    uint32_t fresh;      // where the cells begin that never were one
};

struct free_cell {
    struct free_cell *next;
};

static_assert(sizeof(struct free_cell) <= NB_SLAB_CELL_STEP_BYTES, "it lies in a free cell");
static_assert(sizeof(struct nb_slab) % NB_SLAB_CELL_STEP_BYTES == 0, "cells stand behind it");

static uint32_t class_of(size_t size) // 1 to 8 bytes are class 0
{
    return size > 0 ? (uint32_t)((size - 1) / NB_SLAB_CELL_STEP_BYTES) : 0;
}

static bool has_room(const struct nb_slab *slab)
{
    return slab->free != NULL || slab->fresh + slab->cell_size <= NB_SLAB_BYTES;
}

static struct nb_slab *slab_of(void *object)
{
    return (struct nb_slab *)((uintptr_t)object & ~((uintptr_t)NB_SLAB_BYTES - 1));
}

void nb_slab_pool_init(struct nb_slab_pool *pool)
{
    *pool = (struct nb_slab_pool){0};
}

// The system aligns to pages only: what lies before and behind is given back.
static struct nb_slab *map_slab(void)
{
    size_t size = 2 * (size_t)NB_SLAB_BYTES;
    uint8_t *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    size_t before;

    if (p == MAP_FAILED) {
        fprintf(stderr, "out of memory: %zu bytes\n", size);
        abort();
    }
    before = (size_t)(-(uintptr_t)p & (NB_SLAB_BYTES - 1));
    if (before > 0) {
        (void)munmap(p, before); // if it fails, address space is wasted and nothing else
    }
    (void)munmap(p + before + NB_SLAB_BYTES, NB_SLAB_BYTES - before);
    return (struct nb_slab *)(void *)(p + before);
}

static void link_open(struct nb_slab *slab)
{
    struct nb_slab **first = &slab->pool->open[class_of(slab->cell_size)];

    slab->prev = NULL;
    slab->next = *first;
    if (*first != NULL) {
        (*first)->prev = slab;
    }
    *first = slab;
}

static void unlink_open(struct nb_slab *slab)
{
    if (slab->prev != NULL) {
        slab->prev->next = slab->next;
    } else {
        slab->pool->open[class_of(slab->cell_size)] = slab->next;
    }
    if (slab->next != NULL) {
        slab->next->prev = slab->prev;
    }
}

static struct nb_slab *open_slab(struct nb_slab_pool *pool, uint32_t cell_size)
{
    struct nb_slab *slab = pool->spare;

    if (slab != NULL) {
        pool->spare = slab->next;
    } else {
        slab = map_slab();
    }
    *slab = (struct nb_slab){.pool = pool, .cell_size = cell_size, .fresh = sizeof(*slab)};
    ASAN_POISON_MEMORY_REGION(slab + 1, NB_SLAB_BYTES - sizeof(*slab));
    link_open(slab);
    pool->used_count++;
    return slab;
}

static void *take_cell(struct nb_slab *slab)
{
    struct free_cell *cell = slab->free;

    slab->used_count++;
    if (cell == NULL) {
        uint8_t *fresh = (uint8_t *)slab + slab->fresh;

        slab->fresh += slab->cell_size;
        assert(slab->fresh <= NB_SLAB_BYTES);
        return fresh;
    }
    ASAN_UNPOISON_MEMORY_REGION(cell, sizeof(*cell));
    slab->free = cell->next;
    return cell;
}

void *nb_slab_get(struct nb_slab_pool *pool, size_t size)
{
    struct nb_slab *slab;
    void *cell;

    if (size > NB_SLAB_CELL_MAX_BYTES) {
        return nb_alloc(size);
    }
    slab = pool->open[class_of(size)];
    if (slab == NULL) {
        slab = open_slab(pool, (class_of(size) + 1) * NB_SLAB_CELL_STEP_BYTES);
    }
    cell = take_cell(slab);
    if (!has_room(slab)) {
        unlink_open(slab);
    }
    ASAN_UNPOISON_MEMORY_REGION(cell, size);
    return cell;
}

// Its pages go, but for the first, in which it stands in the list.
static void make_spare(struct nb_slab *slab)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    unlink_open(slab);
    slab->pool->used_count--;
    if (page < NB_SLAB_BYTES) {
        (void)madvise((uint8_t *)slab + page, NB_SLAB_BYTES - page, MADV_DONTNEED);
    }
    slab->next = slab->pool->spare;
    slab->pool->spare = slab;
}

void nb_slab_put(struct nb_slab_pool *pool, void *object, size_t size)
{
    struct nb_slab *slab;
    struct free_cell *cell = object;

    if (size > NB_SLAB_CELL_MAX_BYTES) {
        nb_free(object);
        return;
    }
    slab = slab_of(object);
    assert(slab->pool == pool && class_of(slab->cell_size) == class_of(size));
    assert(slab->used_count > 0);
    if (!has_room(slab)) {
        link_open(slab);
    }
    ASAN_UNPOISON_MEMORY_REGION(cell, sizeof(*cell));
    cell->next = slab->free;
    slab->free = cell;
    ASAN_POISON_MEMORY_REGION(cell, slab->cell_size);
    slab->used_count--;
    // The last one stays: an object that comes and goes shall not cost system calls.
    if (slab->used_count == 0 && (slab->next != NULL || slab->prev != NULL)) {
        make_spare(slab);
    }
}

static void unmap_all(struct nb_slab *slab)
{
    while (slab != NULL) {
        struct nb_slab *next = slab->next;

        assert(slab->used_count == 0);
        ASAN_UNPOISON_MEMORY_REGION(slab, NB_SLAB_BYTES);
        (void)munmap(slab, NB_SLAB_BYTES);
        slab = next;
    }
}

void nb_slab_pool_fini(struct nb_slab_pool *pool)
{
    for (size_t i = 0; i < NB_SLAB_CLASS_COUNT; i++) {
        if (pool->open[i] != NULL) {
            assert(pool->open[i]->next == NULL); // with objects, or the last one
            pool->used_count--;
        }
        unmap_all(pool->open[i]);
    }
    assert(pool->used_count == 0); // none is full
    unmap_all(pool->spare);
    nb_slab_pool_init(pool);
}
