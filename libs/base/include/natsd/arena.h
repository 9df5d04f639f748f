/* natsd/arena.h - many small allocations that are freed together.
 *
 * Memory is aligned for any type and stays where it is until nb_arena_fini(). A limit bounds
 * the total; alloc returns NULL at the limit. Threads: one at a time.
 */
#pragma once

#include <natsd/slice.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nb_arena_block;

struct nb_arena {
    // private
    struct nb_arena_block *blocks; // newest first
    size_t used;                   // in the newest
    size_t total;
    size_t max;
};

void nb_arena_init(struct nb_arena *arena, size_t max);
void nb_arena_fini(struct nb_arena *arena); // fine on a zeroed arena, and twice
NB_MUST_USE void *nb_arena_alloc(struct nb_arena *arena,
                                 size_t size); // zeroed, or NULL at the limit
// A copy with a NUL behind it; .p is NULL at the limit.
struct slice nb_arena_dup(struct nb_arena *arena, struct slice s);

#ifdef __cplusplus
}
#endif
