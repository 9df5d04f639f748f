/* tree.h - the trie without lock, counters and listeners: nodes by token.
 *
 * Invariant: a node other than the root leads to at least two subjects. A branch that is
 * down to one is folded into the members that stand in its parent (ref.h).
 */
#pragma once

#include "members.h"
#include "tokens.h"

struct nsub__node {
    struct nsub__node *parent;   // NULL: the root
    struct nsub__table literals; // what stands below each literal token, by the token's hash
    struct nsub__ref star;       // below "*"
    struct nsub__ref full;       // members that end here with ">"
    struct nsub__ref here;       // members that end with this node's token
    uint32_t token_size;
    uint8_t token[]; // a copy: subscriptions come and go
};

struct nsub__tree {
    struct nsub__node *root;
    uint64_t seed;
};

void nsub__tree_init(struct nsub__tree *tree);
void nsub__tree_fini(struct nsub__tree *tree); // the subscriptions are the caller's

// For both the subject is insertable (subject.h). *is_first, *is_last: as in members.h.
NB_MUST_USE int nsub__tree_insert(struct nsub__tree *tree, struct nsub_sub *sub, bool *is_first);
NB_MUST_USE int nsub__tree_remove(struct nsub__tree *tree, struct nsub_sub *sub, bool *is_last);
// The members of exactly this subject, wildcards taken as text; none when there are none.
struct nsub__ref nsub__tree_find(const struct nsub__tree *tree, struct slice subject);

// The child of a literal token. `offset` is where the token begins in the subjects below.
struct nsub__slot *nsub__node_find(const struct nsub__node *node, struct slice token, uint64_t hash,
                                   size_t offset);

// Everything that stands below a node, in any order: start with a zeroed iterator. NULL refs
// are left out.
struct nsub__node_each {
    unsigned fixed; // star, full and here are done up to this one
    struct nsub__table_each literals;
};
struct nsub__ref nsub__node_next(const struct nsub__node *node, struct nsub__node_each *each);

// A list of nodes that are still to be visited; the trie may be deeper than the stack.
struct nsub__agenda {
    const struct nsub__node **at;
    size_t count;
    size_t room;
};
void nsub__agenda_push(struct nsub__agenda *agenda, const struct nsub__node *node);
const struct nsub__node *nsub__agenda_pop(struct nsub__agenda *agenda); // NULL: none left
void nsub__agenda_fini(struct nsub__agenda *agenda);

bool nsub__tree_each(const struct nsub__tree *tree, nsub_trie_each_fn fn, void *ctx);
// Every invariant of the tree, and that it has `count` subscriptions; for tests.
bool nsub__tree_check(const struct nsub__tree *tree, uint64_t count);

// The subject of all members below a ref.
static inline struct slice nsub__ref_subject(struct nsub__ref ref)
{
    return nsub__members_sample(ref)->subject;
}

// The same from `offset` on, where a token begins.
static inline struct slice nsub__ref_rest(struct nsub__ref ref, size_t offset)
{
    struct slice subject = nsub__ref_subject(ref);

    if (offset > subject.n) { // the end: the dot that would follow isn't there
        return nb_slice_make(NULL, 0);
    }
    return nb_slice_make(subject.p + offset, subject.n - offset);
}
