/* walk.h - which members of a trie match a literal subject, one node at a time.
 *
 * Each node of the trie is visited at most once. What is still to be visited is kept in a
 * list, and not on the stack of calls: clients decide how deep the trie is. The list holds at
 * most one entry more than the subject has tokens, so it only needs memory of its own beyond
 * NSUB__TOKENS_MAX tokens, and then only where wildcards and literals part again and again.
 */
#pragma once

#include "hits.h"
#include "tree.h"

struct nsub__visit {
    const struct nsub__node *node;
    struct slice rest; // of the subject, below the node
    size_t offset;     // where a token below the node begins in a subject of the trie
    uint32_t depth;    // tokens above `rest`
};

struct nsub__walk {
    struct nsub__ref hits[3]; // what the last step found: below "*", ">" or a token
    uint32_t hit_count;

    // private
    uint32_t pending_count;
    uint32_t pending_room;
    struct nsub__visit *pending;
    uint64_t seed;
    uint64_t hashes[NSUB__TOKENS_MAX]; // of the first tokens; 0: not needed yet
    struct nsub__visit pending_first[NSUB__TOKENS_MAX];
};

// A subject with an empty token matches nothing. The tree doesn't change until fini.
void nsub__walk_init(struct nsub__walk *walk, const struct nsub__tree *tree, struct slice subject);
bool nsub__walk_step(struct nsub__walk *walk); // false: nothing is left, and no hits
void nsub__walk_fini(struct nsub__walk *walk);

// All members that match.
void nsub__tree_match(const struct nsub__tree *tree, struct slice subject, struct nsub__hits *hits);
bool nsub__tree_has_match(const struct nsub__tree *tree, struct slice subject);
// All members whose subjects collide with the pattern (subject.h).
void nsub__tree_reverse_match(const struct nsub__tree *tree, struct slice pattern,
                              struct nsub__hits *hits);
