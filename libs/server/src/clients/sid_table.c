#include "clients/sid_table.h"

#include <natsd/hash.h>
#include <natsd/memory.h>

#include <assert.h>

#include "clients/subscription.h"

enum {
    FIRST_ROOM = 8,
};

// Not kept in the subscription: who wants it is about to look at the sid anyway.
static size_t home(struct slice sid, size_t room)
{
    return (size_t)nb_hash(sid, nb_hash_process_seed()) & (room - 1);
}

static void place(struct nserver__sub **slots, size_t room, struct nserver__sub *sub)
{
    size_t at = home(nserver__sub_sid(sub), room);

    while (slots[at] != NULL) {
        at = (at + 1) & (room - 1);
    }
    slots[at] = sub;
}

static void resize(struct nserver__sid_table *table, size_t room)
{
    struct nserver__sub **slots = nb_calloc(room, sizeof(*slots));

    for (size_t i = 0; i < table->room; i++) {
        if (table->slots[i] != NULL) {
            place(slots, room, table->slots[i]);
        }
    }
    nb_free(table->slots);
    table->slots = slots;
    table->room = room;
}

static size_t find_slot(const struct nserver__sid_table *table, struct slice sid)
{
    size_t at = home(sid, table->room);

    while (table->slots[at] != NULL) {
        if (nb_slice_equal(nserver__sub_sid(table->slots[at]), sid)) {
            return at;
        }
        at = (at + 1) & (table->room - 1);
    }
    return table->room;
}

struct nserver__sub *nserver__sid_table_find(const struct nserver__sid_table *table,
                                             struct slice sid)
{
    size_t at;

    if (table->count == 0) {
        return NULL;
    }
    at = find_slot(table, sid);
    return at < table->room ? table->slots[at] : NULL;
}

void nserver__sid_table_insert(struct nserver__sid_table *table, struct nserver__sub *sub)
{
    if (table->room == 0) {
        resize(table, FIRST_ROOM);
    } else if ((table->count + 1) * 4 > table->room * 3) {
        resize(table, table->room * 2);
    }
    place(table->slots, table->room, sub);
    table->count++;
}

// Linear probing without tombstones: what follows the hole moves up where its place allows.
static void close_hole(struct nserver__sid_table *table, size_t hole)
{
    size_t mask = table->room - 1;
    size_t at = hole;

    for (;;) {
        size_t wanted;

        at = (at + 1) & mask;
        if (table->slots[at] == NULL) {
            break;
        }
        wanted = home(nserver__sub_sid(table->slots[at]), table->room);
        if (((at - wanted) & mask) >= ((at - hole) & mask)) {
            table->slots[hole] = table->slots[at];
            hole = at;
        }
    }
    table->slots[hole] = NULL;
}

void nserver__sid_table_remove(struct nserver__sid_table *table, const struct nserver__sub *sub)
{
    size_t at = find_slot(table, nserver__sub_sid(sub));

    assert(at < table->room && table->slots[at] == sub);
    close_hole(table, at);
    table->count--;
    if (table->count == 0) {
        nserver__sid_table_fini(table);
    } else if (table->room > FIRST_ROOM && table->count * 8 < table->room) {
        resize(table, table->room / 2);
    }
}

struct nserver__sub *nserver__sid_table_next(const struct nserver__sid_table *table,
                                             size_t *position)
{
    while (*position < table->room) {
        struct nserver__sub *sub = table->slots[*position];

        (*position)++;
        if (sub != NULL) {
            return sub;
        }
    }
    return NULL;
}

void nserver__sid_table_fini(struct nserver__sid_table *table)
{
    nb_free(table->slots);
    *table = (struct nserver__sid_table){0};
}
