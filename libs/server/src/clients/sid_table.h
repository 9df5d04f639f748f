/* sid_table.h - a client's subscriptions by sid: pointers only, 8 to 16 bytes for each.
 * Threads: the client's owner.
 */
#pragma once

#include <natsd/slice.h>

#include <stddef.h>
#include <stdint.h>

struct nserver__sub;

struct nserver__sid_table {
    // private
    struct nserver__sub **slots;
    size_t room; // 0 or a power of two
    size_t count;
};

struct nserver__sub *nserver__sid_table_find(const struct nserver__sid_table *table,
                                             struct slice sid);
// The sid must not be there.
void nserver__sid_table_insert(struct nserver__sid_table *table, struct nserver__sub *sub);
void nserver__sid_table_remove(struct nserver__sid_table *table, const struct nserver__sub *sub);
// Iterates: start with *position = 0; NULL at the end. No changes meanwhile.
struct nserver__sub *nserver__sid_table_next(const struct nserver__sid_table *table,
                                             size_t *position);
void nserver__sid_table_fini(struct nserver__sid_table *table);
