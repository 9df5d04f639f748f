#include "options/option_memory.h"

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include <natsd/memory.h>

enum {
    FIRST_BLOCK_BYTES = 1024,
    BLOCK_BYTES = 32 * 1024,
    LARGE_MIN_BYTES = 4 * 1024, // has a block of its own, which can grow in place
};

struct block {
    struct block *newer;
    struct block *older;
    size_t size; // bytes in data
    size_t used;
    alignas(max_align_t) uint8_t data[];
};

struct nserver_option_memory {
    atomic_size_t refs;
    struct block *newest;
    struct block *open; // small pieces are taken from it; NULL: none yet
};

struct nserver_option_memory *nserver__option_memory_create(void)
{
    struct nserver_option_memory *memory = nb_zalloc(sizeof(*memory));

    atomic_init(&memory->refs, 1);
    return memory;
}

struct nserver_option_memory *nserver__option_memory_ref(struct nserver_option_memory *memory)
{
    atomic_fetch_add(&memory->refs, 1);
    return memory;
}

void nserver__option_memory_unref(struct nserver_option_memory *memory)
{
    if (memory == NULL || atomic_fetch_sub(&memory->refs, 1) > 1) {
        return;
    }
    while (memory->newest != NULL) {
        struct block *block = memory->newest;

        memory->newest = block->older;
        nb_wipe(block->data, block->used);
        nb_free(block);
    }
    nb_free(memory);
}

bool nserver__option_memory_is_shared(const struct nserver_option_memory *memory)
{
    return atomic_load(&memory->refs) > 1;
}

/* Blocks. */

static struct block *add_block(struct nserver_option_memory *memory, size_t size)
{
    struct block *block = nb_zalloc(sizeof(*block) + size);

    block->size = size;
    block->older = memory->newest;
    if (block->older != NULL) {
        block->older->newer = block;
    }
    memory->newest = block;
    return block;
}

static void *take_small(struct nserver_option_memory *memory, size_t size, size_t alignment)
{
    struct block *open = memory->open;
    size_t at = open != NULL ? (open->used + alignment - 1) / alignment * alignment : 0;

    if (open == NULL || at > open->size || size > open->size - at) {
        open = add_block(memory, open == NULL ? FIRST_BLOCK_BYTES : BLOCK_BYTES);
        if (size > open->size) {
            open = add_block(memory, BLOCK_BYTES);
        }
        memory->open = open;
        at = 0;
    }
    open->used = at + size;
    return open->data + at;
}

static void *take(struct nserver_option_memory *memory, size_t size, size_t alignment)
{
    struct block *block;

    assert(!nserver__option_memory_is_shared(memory));
    size = size > 0 ? size : 1;
    if (size < LARGE_MIN_BYTES) {
        return take_small(memory, size, alignment);
    }
    assert(size <= SIZE_MAX - sizeof(*block));
    block = add_block(memory, size);
    block->used = size;
    return block->data;
}

void *nserver__option_memory_alloc(struct nserver_option_memory *memory, size_t size)
{
    return take(memory, size, alignof(max_align_t));
}

char *nserver__option_memory_text(struct nserver_option_memory *memory, struct slice text)
{
    char *copy = take(memory, text.n + 1, 1);

    if (text.n > 0) {
        memcpy(copy, text.p, text.n);
    }
    return copy;
}

/* Lists: the room is the count rounded up to a power of two. */

static void *grow_large(struct nserver_option_memory *memory, void *list, size_t size)
{
    struct block *block = (void *)((uint8_t *)list - offsetof(struct block, data));
    struct block *grown = nb_zalloc(sizeof(*grown) + size);

    memcpy(grown, block, sizeof(*block) + block->used);
    grown->size = size;
    grown->used = size;
    if (grown->older != NULL) {
        grown->older->newer = grown;
    }
    if (grown->newer != NULL) {
        grown->newer->older = grown;
    } else {
        memory->newest = grown;
    }
    nb_wipe(block->data, block->used);
    nb_free(block);
    return grown->data;
}

void *nserver__option_memory_grow(struct nserver_option_memory *memory, void *list, size_t count,
                                  size_t item_size)
{
    size_t size = count * item_size;
    void *grown;

    assert(!nserver__option_memory_is_shared(memory));
    if (count == 0) {
        return nserver__option_memory_alloc(memory, item_size);
    }
    if ((count & (count - 1)) != 0) {
        return list;
    }
    assert(size <= SIZE_MAX / 4); // there are that many bytes already
    if (size >= LARGE_MIN_BYTES) {
        return grow_large(memory, list, 2 * size);
    }
    grown = nserver__option_memory_alloc(memory, 2 * size);
    memcpy(grown, list, size);
    return grown;
}
