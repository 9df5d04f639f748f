/* table.h - hash tables of tagged pointers: children by token, groups by queue name.
 *
 * Open addressing with linear probing. The whole 64-bit hash stands in the slot, so that a
 * probe rarely looks at a wrong pointer's bytes and growing looks at none; comparing bytes is
 * left to the caller. One entry needs no memory of its own: most nodes and sets have one.
 *
 * A table that would grow beyond NSUB__TABLE_WHOLE_MAX_LOG2 becomes NSUB__TABLE_PART_COUNT
 * tables, chosen by the next bits of the hash. So no single insert moves more than a few
 * thousand entries: with a million inboxes below one node, doubling one array would hold up
 * everybody for tens of milliseconds.
 */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NSUB__TABLE_WHOLE_MAX_LOG2 = 12,
    NSUB__TABLE_PART_LOG2 = 6,
    NSUB__TABLE_PART_COUNT = 1 << NSUB__TABLE_PART_LOG2,
    NSUB__TABLE_LEVEL_MAX = 3, // tables that deep grow as a whole; nobody has so many entries
};

// A pointer with its kind in the two low bits; 0: nothing. Kinds: ref.h.
struct nsub__ref {
    uintptr_t bits;
};

struct nsub__slot {
    uint64_t hash;
    struct nsub__ref value; // 0: free
};

struct nsub__table {
    union {
        struct nsub__slot one;     // while room_log2 is 0
        struct nsub__slot *slots;  // owned
        struct nsub__table *parts; // owned; when it is split
    };
    uint32_t count;
    uint8_t room_log2; // the number of slots, or parts, is a power of two; 0: `one`
    bool is_split;
};

static_assert(sizeof(struct nsub__table) == 24, "a table is part of each node");

static inline size_t nsub__table_room(const struct nsub__table *table)
{
    return (size_t)1 << table->room_log2;
}

static inline const struct nsub__slot *nsub__table_slots(const struct nsub__table *table)
{
    return table->room_log2 == 0 ? &table->one : table->slots;
}

// The highest bits choose the slot or part: then a table twice the size is filled in order.
static inline size_t nsub__table_home(const struct nsub__table *table, uint64_t bits)
{
    return table->room_log2 == 0 ? 0 : (size_t)(bits >> (64 - table->room_log2));
}

// The table that is not split any more where this hash belongs; *bits are those left to use.
static inline const struct nsub__table *nsub__table_leaf(const struct nsub__table *table,
                                                         uint64_t *bits)
{
    while (table->is_split) {
        table = &table->parts[nsub__table_home(table, *bits)];
        *bits <<= NSUB__TABLE_PART_LOG2;
    }
    return table;
}

static inline struct nsub__slot *nsub__table_probe(const struct nsub__table *leaf, size_t index,
                                                   uint64_t hash)
{
    const struct nsub__slot *slots = nsub__table_slots(leaf);
    size_t mask = nsub__table_room(leaf) - 1;

    for (size_t n = 0; n <= mask; n++, index++) { // `one` has no free slot to end at
        const struct nsub__slot *slot = &slots[index & mask];

        if (slot->value.bits == 0) {
            return NULL;
        }
        if (slot->hash == hash) {
            return (struct nsub__slot *)slot;
        }
    }
    return NULL;
}

// All slots of a hash: first, then next until NULL. Borrowed until the next change.
static inline struct nsub__slot *nsub__table_first(const struct nsub__table *table, uint64_t hash)
{
    uint64_t bits = hash;
    const struct nsub__table *leaf = nsub__table_leaf(table, &bits);

    return nsub__table_probe(leaf, nsub__table_home(leaf, bits), hash);
}

static inline struct nsub__slot *nsub__table_next(const struct nsub__table *table,
                                                  const struct nsub__slot *slot)
{
    uint64_t bits = slot->hash;
    const struct nsub__table *leaf = nsub__table_leaf(table, &bits);

    if (leaf->room_log2 == 0) {
        return NULL;
    }
    return nsub__table_probe(leaf, (size_t)(slot - leaf->slots) + 1, slot->hash);
}

void nsub__table_fini(struct nsub__table *table); // the values are the caller's; empty afterwards
// The caller has made sure that the key isn't there.
void nsub__table_insert(struct nsub__table *table, uint64_t hash, struct nsub__ref value);
void nsub__table_remove(struct nsub__table *table, struct nsub__slot *slot);

// Iterates: start with a zeroed one; NULL at the end. No changes meanwhile.
struct nsub__table_each {
    unsigned level;
    size_t position[NSUB__TABLE_LEVEL_MAX + 1];
    const struct nsub__table *part[NSUB__TABLE_LEVEL_MAX + 1]; // not the first
};
const struct nsub__slot *nsub__table_each(const struct nsub__table *table,
                                          struct nsub__table_each *each);
// Are the counts and every slot's place right?
bool nsub__table_check(const struct nsub__table *table);
