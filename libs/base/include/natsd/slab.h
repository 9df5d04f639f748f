/* natsd/slab.h - many small objects of a few sizes, packed without headers of their own.
 *
 * A pool cuts slabs of NB_SLAB_BYTES into cells of one size each, a multiple of eight. So an
 * object of 84 bytes takes 88 (from malloc: 96), and a slab whose cells are all free gives its
 * memory back to the system, wherever it lies; malloc does that at the end of its heap only.
 *
 * For objects that there may be millions of. Threads: one for each pool; others may look at
 * the objects for as long as their owner keeps them.
 */
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NB_SLAB_BYTES = 256 * 1024,
    NB_SLAB_CELL_MAX_BYTES = 256, // what is larger comes from nb_alloc()
    NB_SLAB_CELL_STEP_BYTES = 8,
    NB_SLAB_CLASS_COUNT = NB_SLAB_CELL_MAX_BYTES / NB_SLAB_CELL_STEP_BYTES,
};

struct nb_slab;

struct nb_slab_pool {
    // private
    struct nb_slab *open[NB_SLAB_CLASS_COUNT]; // with a free cell, by their cells' size
    struct nb_slab *spare; // without objects; all but a page of each is the system's
    size_t used_count;     // slabs that have objects, or were the last to have some
};

void nb_slab_pool_init(struct nb_slab_pool *pool); // same as zeroing
void nb_slab_pool_fini(struct nb_slab_pool *pool); // every object was given back

// Contents undefined, aligned to eight bytes. Ends the process when there is no memory.
void *nb_slab_get(struct nb_slab_pool *pool, size_t size) __attribute__((returns_nonnull));
// `size` as it was asked for.
void nb_slab_put(struct nb_slab_pool *pool, void *object, size_t size);

#ifdef __cplusplus
}
#endif
