/* members.h - the subscriptions of one subject: plain ones and queue groups.
 *
 * A subscription knows its place in its list (slot_index), so that leaving a list of a
 * million is one swap.
 */
#pragma once

#include "ref.h"

struct nsub__subs {
    struct nsub_sub **at; // owned; the subscriptions are the caller's
    uint32_t count;
    uint32_t room;
};

struct nsub__group {
    struct nsub__subs subs; // never empty; all of one queue
    uint32_t heavy_count;   // how many of them stand in a result more than once
};

struct nsub__set {
    struct nsub_sub *sample; // one of them; lends its subject
    struct nsub__subs plain;
    struct nsub__table groups; // of struct nsub__group, by the hash of the queue
};

// Adds to a ref that is none or members, all of the same subject. *is_first: no other of its
// kind (plain, or the same queue) was there. NB_EEXISTS when it is in already.
NB_MUST_USE int nsub__members_add(struct nsub__ref *ref, struct nsub_sub *sub, uint64_t seed,
                                  bool *is_first);
// From members; the ref is none when the last one went. NB_ENOTFOUND.
NB_MUST_USE int nsub__members_remove(struct nsub__ref *ref, struct nsub_sub *sub, uint64_t seed,
                                     bool *is_last);
// NB_ENOTFOUND.
NB_MUST_USE int nsub__members_set_weight(struct nsub__ref ref, struct nsub_sub *sub, uint64_t seed,
                                         uint32_t weight);
// Is there one of that queue, or with an empty queue a plain one?
bool nsub__members_has(struct nsub__ref ref, struct slice queue, uint64_t seed);
void nsub__members_count(struct nsub__ref ref, uint32_t *plain, uint32_t *queue); // adds to both
bool nsub__members_each(struct nsub__ref ref, nsub_trie_each_fn fn, void *ctx);
void nsub__members_free(struct nsub__ref ref); // without the subscriptions

static inline struct nsub_sub *nsub__members_sample(struct nsub__ref ref)
{
    void *pointer = nsub__ref_pointer(ref);

    assert(nsub__ref_is_members(ref));
    return nsub__ref_kind(ref) == NSUB__REF_SUB ? (struct nsub_sub *)pointer
                                                : ((struct nsub__set *)pointer)->sample;
}

// How often a subscription stands in the group of a result.
static inline uint32_t nsub__sub_times(const struct nsub_sub *sub)
{
    assert(sub != NULL);
    return sub->is_remote && sub->weight > 1 ? sub->weight : 1;
}
