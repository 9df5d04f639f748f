#include "members.h"

#include <natsd/hash.h>
#include <natsd/memory.h>

enum {
    SUBS_ROOM_MIN = 2,
};

static bool subs_has(const struct nsub__subs *subs, const struct nsub_sub *sub)
{
    return sub->slot_index < subs->count && subs->at[sub->slot_index] == sub;
}

static void subs_resize(struct nsub__subs *subs, uint32_t room)
{
    assert(room > 0); // NSUB_TRIE_SUBSCRIPTION_MAX keeps it from wrapping
    subs->at = nb_realloc(subs->at, (size_t)room * sizeof(struct nsub_sub *));
    subs->room = room;
}

static void subs_add(struct nsub__subs *subs, struct nsub_sub *sub)
{
    if (subs->count == subs->room) {
        subs_resize(subs, subs->room > 0 ? subs->room * 2 : SUBS_ROOM_MIN);
    }
    assert(subs->count < subs->room);
    sub->slot_index = subs->count;
    subs->at[subs->count++] = sub;
}

static void subs_remove(struct nsub__subs *subs, const struct nsub_sub *sub)
{
    struct nsub_sub *last = subs->at[subs->count - 1];

    assert(subs_has(subs, sub));
    subs->at[sub->slot_index] = last;
    last->slot_index = sub->slot_index;
    subs->count--;
    if (subs->room > SUBS_ROOM_MIN && subs->count < subs->room / 4) {
        subs_resize(subs, subs->room / 2);
    }
}

static struct nsub__slot *find_slot(const struct nsub__set *set, struct slice queue, uint64_t hash)
{
    struct nsub__slot *slot = nsub__table_first(&set->groups, hash);

    while (slot != NULL) {
        const struct nsub__group *group = nsub__ref_pointer(slot->value);

        if (nb_slice_equal(nsub_sub_queue(group->subs.at[0]), queue)) {
            return slot;
        }
        slot = nsub__table_next(&set->groups, slot);
    }
    return NULL;
}

static struct nsub__group *find_group(const struct nsub__set *set, struct slice queue,
                                      uint64_t seed)
{
    const struct nsub__slot *slot = find_slot(set, queue, nb_hash(queue, seed));

    return slot != NULL ? nsub__ref_pointer(slot->value) : NULL;
}

static bool set_has(const struct nsub__set *set, const struct nsub_sub *sub, uint64_t seed)
{
    const struct nsub__group *group;

    if (sub->queue_size == 0) {
        return subs_has(&set->plain, sub);
    }
    group = find_group(set, nsub_sub_queue(sub), seed);
    return group != NULL && subs_has(&group->subs, sub);
}

static void group_add(struct nsub__group *group, struct nsub_sub *sub)
{
    subs_add(&group->subs, sub);
    group->heavy_count += nsub__sub_times(sub) > 1;
}

static bool set_add(struct nsub__set *set, struct nsub_sub *sub, uint64_t seed) // is it the first?
{
    struct nsub__group *group;
    uint64_t hash;

    set->sample = sub;
    if (sub->queue_size == 0) {
        subs_add(&set->plain, sub);
        return set->plain.count == 1;
    }
    group = find_group(set, nsub_sub_queue(sub), seed);
    if (group == NULL) {
        group = nb_zalloc(sizeof(*group));
        hash = nb_hash(nsub_sub_queue(sub), seed);
        group_add(group, sub);
        nsub__table_insert(&set->groups, hash, nsub__ref_make(group, NSUB__REF_NODE));
        return true;
    }
    group_add(group, sub);
    return false;
}

int nsub__members_add(struct nsub__ref *ref, struct nsub_sub *sub, uint64_t seed, bool *is_first)
{
    struct nsub__set *set = nsub__ref_pointer(*ref);

    if (nsub__ref_is_none(*ref)) {
        *ref = nsub__ref_make(sub, NSUB__REF_SUB);
        *is_first = true;
        return NB_OK;
    }
    if (nsub__ref_kind(*ref) == NSUB__REF_SUB) {
        struct nsub_sub *alone = nsub__ref_pointer(*ref);

        if (alone == sub) {
            return NB_EEXISTS;
        }
        set = nb_zalloc(sizeof(*set));
        set_add(set, alone, seed);
        *ref = nsub__ref_make(set, NSUB__REF_SET);
    } else if (set_has(set, sub, seed)) {
        return NB_EEXISTS;
    }
    *is_first = set_add(set, sub, seed);
    return NB_OK;
}

static void group_free(struct nsub__group *group)
{
    nb_free(group->subs.at);
    nb_free(group);
}

static bool set_remove(struct nsub__set *set, struct nsub_sub *sub, uint64_t seed) // the last?
{
    struct nsub__slot *slot;
    struct nsub__group *group;

    if (sub->queue_size == 0) {
        subs_remove(&set->plain, sub);
        return set->plain.count == 0;
    }
    slot = find_slot(set, nsub_sub_queue(sub), nb_hash(nsub_sub_queue(sub), seed));
    assert(slot != NULL);
    group = nsub__ref_pointer(slot->value);
    group->heavy_count -= nsub__sub_times(sub) > 1;
    subs_remove(&group->subs, sub);
    if (group->subs.count > 0) {
        return false;
    }
    nsub__table_remove(&set->groups, slot);
    group_free(group);
    return true;
}

// One is left: a set that loses its last but one becomes a subscription alone.
static const struct nsub__subs *any_subs(const struct nsub__set *set)
{
    struct nsub__table_each each = {0};
    const struct nsub__slot *slot;

    if (set->plain.count > 0) {
        return &set->plain;
    }
    slot = nsub__table_each(&set->groups, &each);
    assert(slot != NULL);
    return &((const struct nsub__group *)nsub__ref_pointer(slot->value))->subs;
}

int nsub__members_remove(struct nsub__ref *ref, struct nsub_sub *sub, uint64_t seed, bool *is_last)
{
    struct nsub__set *set = nsub__ref_pointer(*ref);

    assert(nsub__ref_is_members(*ref));
    if (nsub__ref_kind(*ref) == NSUB__REF_SUB) {
        if (nsub__ref_pointer(*ref) != sub) {
            return NB_ENOTFOUND;
        }
        *ref = (struct nsub__ref){0};
        *is_last = true;
        return NB_OK;
    }
    if (!set_has(set, sub, seed)) {
        return NB_ENOTFOUND;
    }
    *is_last = set_remove(set, sub, seed);
    if (set->sample == sub) { // its bytes go with it
        set->sample = any_subs(set)->at[0];
    }
    if (set->plain.count + set->groups.count == 1 && any_subs(set)->count == 1) {
        *ref = nsub__ref_make(set->sample, NSUB__REF_SUB);
        nsub__members_free(nsub__ref_make(set, NSUB__REF_SET));
    }
    return NB_OK;
}

int nsub__members_set_weight(struct nsub__ref ref, struct nsub_sub *sub, uint64_t seed,
                             uint32_t weight)
{
    const struct nsub__set *set = nsub__ref_pointer(ref);
    struct nsub__group *group = NULL;

    if (nsub__ref_kind(ref) == NSUB__REF_SUB) {
        if (nsub__ref_pointer(ref) != sub) {
            return NB_ENOTFOUND;
        }
        sub->weight = weight;
        return NB_OK;
    }
    if (nsub__ref_is_none(ref) || !set_has(set, sub, seed)) {
        return NB_ENOTFOUND;
    }
    if (sub->queue_size > 0) {
        group = find_group(set, nsub_sub_queue(sub), seed);
        group->heavy_count -= nsub__sub_times(sub) > 1;
    }
    sub->weight = weight;
    if (group != NULL) {
        group->heavy_count += nsub__sub_times(sub) > 1;
    }
    return NB_OK;
}

bool nsub__members_has(struct nsub__ref ref, struct slice queue, uint64_t seed)
{
    const struct nsub__set *set = nsub__ref_pointer(ref);

    if (nsub__ref_is_none(ref)) {
        return false;
    }
    if (nsub__ref_kind(ref) == NSUB__REF_SUB) {
        return nb_slice_equal(nsub_sub_queue(nsub__members_sample(ref)), queue);
    }
    return queue.n == 0 ? set->plain.count > 0 : find_group(set, queue, seed) != NULL;
}

void nsub__members_count(struct nsub__ref ref, uint32_t *plain, uint32_t *queue)
{
    const struct nsub__set *set = nsub__ref_pointer(ref);
    const struct nsub__slot *slot;
    struct nsub__table_each each = {0};

    if (nsub__ref_kind(ref) == NSUB__REF_SUB) {
        bool is_plain = nsub__members_sample(ref)->queue_size == 0;

        *plain += is_plain;
        *queue += !is_plain;
        return;
    }
    *plain += set->plain.count;
    while ((slot = nsub__table_each(&set->groups, &each)) != NULL) {
        *queue += ((const struct nsub__group *)nsub__ref_pointer(slot->value))->subs.count;
    }
}

static bool subs_each(const struct nsub__subs *subs, nsub_trie_each_fn fn, void *ctx)
{
    for (uint32_t i = 0; i < subs->count; i++) {
        if (!fn(ctx, subs->at[i])) {
            return false;
        }
    }
    return true;
}

bool nsub__members_each(struct nsub__ref ref, nsub_trie_each_fn fn, void *ctx)
{
    const struct nsub__set *set = nsub__ref_pointer(ref);
    const struct nsub__slot *slot;
    struct nsub__table_each each = {0};
    bool goes_on;

    if (nsub__ref_kind(ref) == NSUB__REF_SUB) {
        return fn(ctx, nsub__members_sample(ref));
    }
    goes_on = subs_each(&set->plain, fn, ctx);
    while (goes_on && (slot = nsub__table_each(&set->groups, &each)) != NULL) {
        const struct nsub__group *group = nsub__ref_pointer(slot->value);

        goes_on = subs_each(&group->subs, fn, ctx);
    }
    return goes_on;
}

void nsub__members_free(struct nsub__ref ref)
{
    struct nsub__set *set = nsub__ref_pointer(ref);
    const struct nsub__slot *slot;
    struct nsub__table_each each = {0};

    if (nsub__ref_kind(ref) != NSUB__REF_SET) {
        return;
    }
    while ((slot = nsub__table_each(&set->groups, &each)) != NULL) {
        group_free(nsub__ref_pointer(slot->value));
    }
    nsub__table_fini(&set->groups);
    nb_free(set->plain.at);
    nb_free(set);
}
