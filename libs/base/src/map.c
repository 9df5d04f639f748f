#include <natsd/map.h>

#include <natsd/hash.h>

#include <assert.h>

/* Both maps probe linearly. Removing moves later entries of the same run back into the hole,
 * so there are no tombstones and a look-up ends at the first free place.
 */
enum {
    MAP_ROOM_MIN = 8,
};

static bool must_grow(size_t count, size_t room)
{
    return room == 0 || (count + 1) * 4 > room * 3;
}

static bool must_shrink(size_t count, size_t room)
{
    return room > MAP_ROOM_MIN && count * 8 < room;
}

// True when an entry whose home is `home` may move from `from` back to `hole`, that is, when
// the hole lies on the way from its home to where it is.
static bool fits_hole(size_t home, size_t hole, size_t from, size_t mask)
{
    return ((from - home) & mask) >= ((from - hole) & mask);
}

void nb_map_init(struct nb_map *map)
{
    *map = (struct nb_map){0};
}

void nb_map_fini(struct nb_map *map)
{
    nb_free(map->entries);
    nb_map_init(map);
}

// The place of the key, or the free one where it belongs. There is always a free one.
static struct nb_map_entry *locate(const struct nb_map *map, struct slice key, uint64_t hash)
{
    size_t mask = map->room - 1;
    size_t i = hash & mask;

    while (map->entries[i].value != NULL &&
           !(map->entries[i].hash == hash && nb_slice_equal(map->entries[i].key, key))) {
        i = (i + 1) & mask;
    }
    return &map->entries[i];
}

static void resize(struct nb_map *map, size_t room)
{
    struct nb_map_entry *old = map->entries;
    size_t old_room = map->room;

    map->entries = nb_calloc(room, sizeof(*old));
    map->room = room;
    for (size_t i = 0; i < old_room; i++) {
        if (old[i].value != NULL) {
            *locate(map, old[i].key, old[i].hash) = old[i];
        }
    }
    nb_free(old);
}

void *nb_map_find(const struct nb_map *map, struct slice key)
{
    if (map->count == 0) {
        return NULL;
    }
    return locate(map, key, nb_hash(key, nb_hash_process_seed()))->value;
}

bool nb_map_insert(struct nb_map *map, struct slice key, void *value)
{
    uint64_t hash = nb_hash(key, nb_hash_process_seed());
    struct nb_map_entry *entry;

    assert(value != NULL);
    if (must_grow(map->count, map->room)) {
        resize(map, map->room > 0 ? map->room * 2 : MAP_ROOM_MIN);
    }
    entry = locate(map, key, hash);
    if (entry->value != NULL) {
        return false;
    }
    *entry = (struct nb_map_entry){.key = key, .hash = hash, .value = value};
    map->count++;
    return true;
}

static void close_hole(struct nb_map *map, size_t hole)
{
    size_t mask = map->room - 1;

    for (size_t i = (hole + 1) & mask; map->entries[i].value != NULL; i = (i + 1) & mask) {
        if (fits_hole(map->entries[i].hash & mask, hole, i, mask)) {
            map->entries[hole] = map->entries[i];
            hole = i;
        }
    }
    map->entries[hole] = (struct nb_map_entry){0};
}

void *nb_map_remove(struct nb_map *map, struct slice key)
{
    struct nb_map_entry *entry;
    void *value;

    if (map->count == 0) {
        return NULL;
    }
    entry = locate(map, key, nb_hash(key, nb_hash_process_seed()));
    value = entry->value;
    if (value == NULL) {
        return NULL;
    }
    close_hole(map, (size_t)(entry - map->entries));
    map->count--;
    if (must_shrink(map->count, map->room)) {
        resize(map, map->room / 2);
    }
    return value;
}

void *nb_map_next(const struct nb_map *map, size_t *position)
{
    while (*position < map->room) {
        void *value = map->entries[(*position)++].value;

        if (value != NULL) {
            return value;
        }
    }
    return NULL;
}

static size_t u64_home(const struct nb_u64map *map, uint64_t key)
{
    return nb_hash_u64(key, nb_hash_process_seed()) & (map->room - 1);
}

static struct nb_u64map_entry *u64_locate(const struct nb_u64map *map, uint64_t key)
{
    size_t mask = map->room - 1;
    size_t i = u64_home(map, key);

    while (map->entries[i].value != NULL && map->entries[i].key != key) {
        i = (i + 1) & mask;
    }
    return &map->entries[i];
}

static void u64_resize(struct nb_u64map *map, size_t room)
{
    struct nb_u64map_entry *old = map->entries;
    size_t old_room = map->room;

    map->entries = nb_calloc(room, sizeof(*old));
    map->room = room;
    for (size_t i = 0; i < old_room; i++) {
        if (old[i].value != NULL) {
            *u64_locate(map, old[i].key) = old[i];
        }
    }
    nb_free(old);
}

void nb_u64map_fini(struct nb_u64map *map)
{
    nb_free(map->entries);
    *map = (struct nb_u64map){0};
}

void *nb_u64map_find(const struct nb_u64map *map, uint64_t key)
{
    return map->count > 0 ? u64_locate(map, key)->value : NULL;
}

bool nb_u64map_insert(struct nb_u64map *map, uint64_t key, void *value)
{
    struct nb_u64map_entry *entry;

    assert(value != NULL);
    if (must_grow(map->count, map->room)) {
        u64_resize(map, map->room > 0 ? map->room * 2 : MAP_ROOM_MIN);
    }
    entry = u64_locate(map, key);
    if (entry->value != NULL) {
        return false;
    }
    *entry = (struct nb_u64map_entry){.key = key, .value = value};
    map->count++;
    return true;
}

static void u64_close_hole(struct nb_u64map *map, size_t hole)
{
    size_t mask = map->room - 1;

    for (size_t i = (hole + 1) & mask; map->entries[i].value != NULL; i = (i + 1) & mask) {
        if (fits_hole(u64_home(map, map->entries[i].key), hole, i, mask)) {
            map->entries[hole] = map->entries[i];
            hole = i;
        }
    }
    map->entries[hole] = (struct nb_u64map_entry){0};
}

void *nb_u64map_remove(struct nb_u64map *map, uint64_t key)
{
    struct nb_u64map_entry *entry;
    void *value;

    if (map->count == 0) {
        return NULL;
    }
    entry = u64_locate(map, key);
    value = entry->value;
    if (value == NULL) {
        return NULL;
    }
    u64_close_hole(map, (size_t)(entry - map->entries));
    map->count--;
    if (must_shrink(map->count, map->room)) {
        u64_resize(map, map->room / 2);
    }
    return value;
}

void *nb_u64map_next(const struct nb_u64map *map, size_t *position)
{
    while (*position < map->room) {
        void *value = map->entries[(*position)++].value;

        if (value != NULL) {
            return value;
        }
    }
    return NULL;
}
