/* natsd/map.h - hash maps from byte strings, or from numbers, to pointers.
 *
 * Open addressing, power-of-two sizes, grows at 3/4, shrinks when sparse. Keys are borrowed:
 * they must live in the value or as long as the entry. Values are never NULL.
 * Threads: one at a time.
 */
#pragma once

#include <natsd/slice.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nb_map_entry {
    struct slice key;
    uint64_t hash;
    void *value; // NULL: free
};

struct nb_map {
    // private
    struct nb_map_entry *entries;
    size_t room; // 0 or a power of two
    size_t count;
};

void nb_map_init(struct nb_map *map); // same as zeroing
void nb_map_fini(struct nb_map *map); // the values are the caller's
void *nb_map_find(const struct nb_map *map, struct slice key);
// False when the key was there: nothing changes then.
bool nb_map_insert(struct nb_map *map, struct slice key, void *value);
void *nb_map_remove(struct nb_map *map, struct slice key); // the value, or NULL
static inline size_t nb_map_count(const struct nb_map *map)
{
    return map->count;
}
// Iterates: start with *position = 0; NULL at the end. No changes meanwhile.
void *nb_map_next(const struct nb_map *map, size_t *position);

struct nb_u64map_entry {
    uint64_t key;
    void *value; // NULL: free
};

struct nb_u64map {
    // private
    struct nb_u64map_entry *entries;
    size_t room;
    size_t count;
};

void nb_u64map_fini(struct nb_u64map *map);
void *nb_u64map_find(const struct nb_u64map *map, uint64_t key);
bool nb_u64map_insert(struct nb_u64map *map, uint64_t key, void *value);
void *nb_u64map_remove(struct nb_u64map *map, uint64_t key);
static inline size_t nb_u64map_count(const struct nb_u64map *map)
{
    return map->count;
}
void *nb_u64map_next(const struct nb_u64map *map, size_t *position);

#ifdef __cplusplus
}
#endif
