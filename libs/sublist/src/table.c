#include "table.h"

#include <natsd/memory.h>

#include <string.h>

enum {
    ROOM_MIN_LOG2 = 2, // four slots are one cache line
    ROOM_MAX_LOG2 = 32,
    JOIN_COUNT = 1 << (NSUB__TABLE_WHOLE_MAX_LOG2 - 2), // a split table with fewer is joined
};

void nsub__table_fini(struct nsub__table *table)
{
    if (table->is_split) {
        for (size_t i = 0; i < NSUB__TABLE_PART_COUNT; i++) {
            nsub__table_fini(&table->parts[i]); // no deeper than NSUB__TABLE_LEVEL_MAX
        }
        nb_free(table->parts);
    } else if (table->room_log2 > 0) {
        nb_free(table->slots);
    }
    memset(table, 0, sizeof(*table));
}

static uint64_t bits_at(uint64_t hash, unsigned level) // those the levels above didn't use
{
    return hash << (level * NSUB__TABLE_PART_LOG2);
}

static void place(struct nsub__table *leaf, struct nsub__slot entry, unsigned level)
{
    size_t mask = nsub__table_room(leaf) - 1;
    size_t index = nsub__table_home(leaf, bits_at(entry.hash, level));

    while (leaf->slots[index].value.bits != 0) {
        index = (index + 1) & mask;
    }
    leaf->slots[index] = entry;
}

static void resize(struct nsub__table *leaf, uint8_t room_log2, unsigned level)
{
    struct nsub__table old = *leaf;
    const struct nsub__slot *slots = nsub__table_slots(&old);

    assert(room_log2 <= ROOM_MAX_LOG2);
    leaf->room_log2 = room_log2;
    if (room_log2 > 0) {
        leaf->slots = nb_calloc(nsub__table_room(leaf), sizeof(*leaf->slots));
    } else {
        leaf->one = (struct nsub__slot){0};
    }
    for (size_t i = 0; i < nsub__table_room(&old); i++) {
        if (slots[i].value.bits == 0) {
            continue;
        }
        if (room_log2 > 0) {
            place(leaf, slots[i], level);
        } else {
            leaf->one = slots[i];
        }
    }
    if (old.room_log2 > 0) {
        nb_free(old.slots);
    }
}

static bool is_crowded(const struct nsub__table *leaf) // with one more
{
    return ((uint64_t)leaf->count + 1) * 4 > (uint64_t)nsub__table_room(leaf) * 3;
}

static void insert_in_leaf(struct nsub__table *leaf, struct nsub__slot entry, unsigned level)
{
    if (leaf->count == 0) {
        leaf->one = entry;
        leaf->count = 1;
        return;
    }
    if (leaf->room_log2 == 0) {
        resize(leaf, ROOM_MIN_LOG2, level);
    } else if (is_crowded(leaf)) {
        resize(leaf, (uint8_t)(leaf->room_log2 + 1), level);
    }
    place(leaf, entry, level);
    leaf->count++;
}

static void split(struct nsub__table *table, unsigned level)
{
    struct nsub__table old = *table;

    table->parts = nb_calloc(NSUB__TABLE_PART_COUNT, sizeof(*table->parts));
    table->room_log2 = NSUB__TABLE_PART_LOG2;
    table->is_split = true;
    for (size_t i = 0; i < nsub__table_room(&old); i++) {
        struct nsub__slot entry = old.slots[i];

        if (entry.value.bits != 0) {
            size_t part = nsub__table_home(table, bits_at(entry.hash, level));

            insert_in_leaf(&table->parts[part], entry, level + 1);
        }
    }
    nb_free(old.slots);
}

void nsub__table_insert(struct nsub__table *table, uint64_t hash, struct nsub__ref value)
{
    unsigned level = 0;

    assert(value.bits != 0);
    for (;; level++) {
        if (!table->is_split && table->room_log2 == NSUB__TABLE_WHOLE_MAX_LOG2 &&
            level < NSUB__TABLE_LEVEL_MAX && is_crowded(table)) {
            split(table, level);
        }
        if (!table->is_split) {
            break;
        }
        table->count++;
        table = &table->parts[nsub__table_home(table, bits_at(hash, level))];
    }
    insert_in_leaf(table, (struct nsub__slot){.hash = hash, .value = value}, level);
}

// Without tombstones: what stood behind the gap and belongs before it moves up.
static void close_gap(struct nsub__table *leaf, size_t gap, unsigned level)
{
    size_t mask = nsub__table_room(leaf) - 1;

    for (size_t i = (gap + 1) & mask; leaf->slots[i].value.bits != 0; i = (i + 1) & mask) {
        size_t home = nsub__table_home(leaf, bits_at(leaf->slots[i].hash, level));

        if (((i - home) & mask) >= ((i - gap) & mask)) {
            leaf->slots[gap] = leaf->slots[i];
            gap = i;
        }
    }
    leaf->slots[gap] = (struct nsub__slot){0};
}

static void remove_from_leaf(struct nsub__table *leaf, const struct nsub__slot *slot,
                             unsigned level)
{
    assert(leaf->count > 0);
    leaf->count--;
    if (leaf->room_log2 == 0) {
        leaf->one = (struct nsub__slot){0};
        return;
    }
    close_gap(leaf, (size_t)(slot - leaf->slots), level);
    if (leaf->count == 1) {
        resize(leaf, 0, level);
    } else if (leaf->room_log2 > ROOM_MIN_LOG2 &&
               (uint64_t)leaf->count * 8 < nsub__table_room(leaf)) {
        resize(leaf, (uint8_t)(leaf->room_log2 - 1), level);
    }
}

static void join(struct nsub__table *table, unsigned level)
{
    struct nsub__table joined = {0};
    struct nsub__table_each each = {0};
    const struct nsub__slot *slot;

    while ((slot = nsub__table_each(table, &each)) != NULL) {
        insert_in_leaf(&joined, *slot, level);
    }
    nsub__table_fini(table);
    *table = joined;
}

void nsub__table_remove(struct nsub__table *table, struct nsub__slot *slot)
{
    struct nsub__table *sparse = NULL; // the highest that need not be split
    unsigned sparse_level = 0;
    unsigned level = 0;

    for (; table->is_split; level++) {
        table->count--;
        if (sparse == NULL && table->count < JOIN_COUNT) {
            sparse = table;
            sparse_level = level;
        }
        table = &table->parts[nsub__table_home(table, bits_at(slot->hash, level))];
    }
    remove_from_leaf(table, slot, level);
    if (sparse != NULL) {
        join(sparse, sparse_level);
    }
}

const struct nsub__slot *nsub__table_each(const struct nsub__table *table,
                                          struct nsub__table_each *each)
{
    for (;;) {
        const struct nsub__table *part = each->level == 0 ? table : each->part[each->level];
        size_t position = each->position[each->level]++;

        if (position >= nsub__table_room(part)) {
            each->position[each->level]--; // asked again, it's still the end
            if (each->level == 0) {
                return NULL;
            }
            each->level--;
        } else if (part->is_split) {
            each->level++;
            each->part[each->level] = &part->parts[position];
            each->position[each->level] = 0;
        } else if (nsub__table_slots(part)[position].value.bits != 0) {
            return &nsub__table_slots(part)[position];
        }
    }
}

// Is the split table's count that of its parts, and did it have a reason to split?
static bool check_counts(const struct nsub__table *table)
{
    uint64_t count = 0;

    if (!table->is_split) {
        return (table->room_log2 > 0) == (table->count > 1);
    }
    for (size_t i = 0; i < NSUB__TABLE_PART_COUNT; i++) {
        if (!check_counts(&table->parts[i])) {
            return false;
        }
        count += table->parts[i].count;
    }
    return count == table->count && count >= JOIN_COUNT;
}

bool nsub__table_check(const struct nsub__table *table)
{
    struct nsub__table_each each = {0};
    const struct nsub__slot *slot;
    uint32_t count = 0;

    while ((slot = nsub__table_each(table, &each)) != NULL) {
        const struct nsub__slot *found = nsub__table_first(table, slot->hash);

        while (found != NULL && found != slot) {
            found = nsub__table_next(table, found);
        }
        if (found == NULL) {
            return false;
        }
        count++;
    }
    return count == table->count && check_counts(table);
}
