/* tree.h - building the values of a document, within its limits.
 *
 * The limit counts what the tree would take without sharing (a value that is referenced twice
 * counts twice), so that a few lines of variables cannot make a document that takes forever to
 * walk. As every value counts at least once, memory is limited with it.
 */
#pragma once

#include "message.h"

#include <natsd/conf.h>
#include <natsd/map.h>

struct nconf__tree {
    struct nb_arena *arena; // borrowed
    size_t left_bytes;      // of NCONF_TOTAL_MAX_BYTES
};

// A map that is being filled.
struct nconf__scope {
    struct nconf__scope *outer; // the map around it in the same text, NULL at the top
    struct nconf_value *map;
    struct nconf_value **tail; // where the next entry goes
    struct nb_map entries;     // the one that counts for each key
    bool has_replaced;
};

// These write their error text and return NB_ELIMIT.
NB_MUST_USE int nconf__tree_charge(struct nconf__tree *tree, size_t n, struct nb_buf *message);
NB_MUST_USE int nconf__tree_new(struct nconf__tree *tree, enum nconf_type type,
                                struct nconf_value **out, struct nb_buf *message);
// A copy of `text`, with a NUL behind it.
NB_MUST_USE int nconf__tree_dup(struct nconf__tree *tree, struct slice text, struct slice *out,
                                struct nb_buf *message);
// The same value once more, without key and mark, its position still to be set; children are
// shared.
NB_MUST_USE int nconf__tree_share(struct nconf__tree *tree, const struct nconf_value *value,
                                  struct nconf_value **out, struct nb_buf *message);

void nconf__scope_init(struct nconf__scope *scope, struct nconf__scope *outer,
                       struct nconf_value *map);
void nconf__scope_fini(struct nconf__scope *scope); // the map stays
// Takes the entry, whose key and position are set, to the end of the map.
void nconf__scope_put(struct nconf__scope *scope, struct nconf_value *entry);
// Takes all entries of a finished map.
void nconf__scope_put_all(struct nconf__scope *scope, struct nconf_value *map);
struct nconf_value *nconf__scope_find(const struct nconf__scope *scope, struct slice key);
// No more entries: drops the replaced ones and adds up what is left.
void nconf__scope_finish(struct nconf__scope *scope);

// Adds up count, weight and height of an array or a map from its children.
void nconf__tree_sum(struct nconf_value *value);
