#include <natsd/arena.h>

#include <assert.h>
#include <stdalign.h>
#include <stddef.h>

enum {
    ARENA_FIRST_BLOCK_BYTES = 1024,
    ARENA_LATER_BLOCK_BYTES = 32 * 1024,
    ARENA_ALIGN_BYTES = alignof(max_align_t),
};

struct nb_arena_block {
    struct nb_arena_block *next;
    size_t size; // bytes in data
    alignas(max_align_t) uint8_t data[];
};

void nb_arena_init(struct nb_arena *arena, size_t max)
{
    *arena = (struct nb_arena){.max = max};
}

void nb_arena_fini(struct nb_arena *arena)
{
    while (arena->blocks != NULL) {
        struct nb_arena_block *block = arena->blocks;

        arena->blocks = block->next;
        nb_free(block);
    }
    arena->used = 0;
    arena->total = 0;
}

// A block for at least `size` bytes; the last one is as small as the limit wants it.
static bool add_block(struct nb_arena *arena, size_t size)
{
    size_t left = arena->max - arena->total;
    size_t want = arena->blocks == NULL ? ARENA_FIRST_BLOCK_BYTES : ARENA_LATER_BLOCK_BYTES;
    struct nb_arena_block *block;

    if (size > left) {
        return false;
    }
    want = want < size ? size : want;
    want = want > left ? left : want;
    block = nb_zalloc(sizeof(*block) + want);
    block->size = want;
    block->next = arena->blocks;
    arena->blocks = block;
    arena->used = 0;
    arena->total += want;
    return true;
}

void *nb_arena_alloc(struct nb_arena *arena, size_t size)
{
    void *p;

    if (size > arena->max || size > SIZE_MAX - ARENA_ALIGN_BYTES) {
        return NULL;
    }
    size = size > 0 ? size : 1;
    size = (size + ARENA_ALIGN_BYTES - 1) / ARENA_ALIGN_BYTES * ARENA_ALIGN_BYTES;
    assert(arena->total <= arena->max);
    if ((arena->blocks == NULL || size > arena->blocks->size - arena->used) &&
        !add_block(arena, size)) {
        return NULL;
    }
    p = arena->blocks->data + arena->used; // never given out before, so still zero
    arena->used += size;
    return p;
}

struct slice nb_arena_dup(struct nb_arena *arena, struct slice s)
{
    uint8_t *copy = s.n < SIZE_MAX ? nb_arena_alloc(arena, s.n + 1) : NULL;

    if (copy == NULL) {
        return (struct slice){0};
    }
    if (s.n > 0) {
        memcpy(copy, s.p, s.n);
    }
    return nb_slice_make(copy, s.n);
}
