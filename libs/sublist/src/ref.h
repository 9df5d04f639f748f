/* ref.h - what stands below a place of the trie: nothing, a node, or all subscriptions of one
 * subject ("members"): one alone, or a set.
 *
 * A branch that has only one subject has no nodes for the rest of it: its members stand where
 * the paths part, and the rest of the subject is read from a subscription. So most literal
 * subscriptions cost one slot in a table.
 */
#pragma once

#include "table.h"

#include <natsd/trie.h>

enum nsub__ref_kind {
    NSUB__REF_NODE,
    NSUB__REF_SUB, // a subscription alone
    NSUB__REF_SET,
};

#define NSUB__REF_KIND_MASK ((uintptr_t)3)

struct nsub__node;
struct nsub__set;

static inline bool nsub__ref_is_none(struct nsub__ref ref)
{
    return ref.bits == 0;
}

static inline enum nsub__ref_kind nsub__ref_kind(struct nsub__ref ref)
{
    return (enum nsub__ref_kind)(ref.bits & NSUB__REF_KIND_MASK);
}

static inline bool nsub__ref_is_node(struct nsub__ref ref)
{
    return ref.bits != 0 && nsub__ref_kind(ref) == NSUB__REF_NODE;
}

static inline bool nsub__ref_is_members(struct nsub__ref ref)
{
    return nsub__ref_kind(ref) != NSUB__REF_NODE;
}

static inline void *nsub__ref_pointer(struct nsub__ref ref)
{
    return (void *)(ref.bits & ~NSUB__REF_KIND_MASK);
}

static inline struct nsub__ref nsub__ref_make(const void *pointer, enum nsub__ref_kind kind)
{
    assert(((uintptr_t)pointer & NSUB__REF_KIND_MASK) == 0);
    return (struct nsub__ref){(uintptr_t)pointer | (uintptr_t)kind};
}

static inline struct nsub__node *nsub__ref_node(struct nsub__ref ref)
{
    assert(nsub__ref_is_node(ref));
    return nsub__ref_pointer(ref);
}
