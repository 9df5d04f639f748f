#include "tree.h"

#include <natsd/hash.h>

static bool check_subs(const struct nsub__subs *subs, struct slice subject, struct slice queue)
{
    for (uint32_t i = 0; i < subs->count; i++) {
        const struct nsub_sub *sub = subs->at[i];

        if (sub->slot_index != i || !nb_slice_equal(sub->subject, subject) ||
            !nb_slice_equal(nsub_sub_queue(sub), queue)) {
            return false;
        }
    }
    return subs->count <= subs->room;
}

static bool check_group(const struct nsub__group *group, struct slice subject)
{
    uint32_t heavy_count = 0;

    for (uint32_t i = 0; i < group->subs.count; i++) {
        heavy_count += nsub__sub_times(group->subs.at[i]) > 1;
    }
    return group->subs.count > 0 && heavy_count == group->heavy_count &&
           group->subs.at[0]->queue_size > 0 &&
           check_subs(&group->subs, subject, nsub_sub_queue(group->subs.at[0]));
}

static bool check_set(const struct nsub__set *set, uint64_t seed, uint64_t *count)
{
    const struct slice subject = set->sample->subject;
    const struct nsub__slot *slot;
    uint64_t sub_count = set->plain.count;
    struct nsub__table_each each = {0};

    if (!nsub__table_check(&set->groups) ||
        !check_subs(&set->plain, subject, nb_slice_make(NULL, 0))) {
        return false;
    }
    while ((slot = nsub__table_each(&set->groups, &each)) != NULL) {
        const struct nsub__group *group = nsub__ref_pointer(slot->value);

        if (!check_group(group, subject) ||
            slot->hash != nb_hash(nsub_sub_queue(group->subs.at[0]), seed)) {
            return false;
        }
        sub_count += group->subs.count;
    }
    *count += sub_count;
    return sub_count > 1;
}

static bool check_members(struct nsub__ref ref, uint64_t seed, uint64_t *count)
{
    if (nsub__ref_kind(ref) == NSUB__REF_SET) {
        return check_set(nsub__ref_pointer(ref), seed, count);
    }
    *count += 1;
    return nsub__ref_kind(ref) == NSUB__REF_SUB;
}

static bool check_literals(const struct nsub__node *node, size_t offset, uint64_t seed)
{
    const struct nsub__slot *slot;
    struct nsub__table_each each = {0};

    while ((slot = nsub__table_each(&node->literals, &each)) != NULL) {
        struct slice token = {NULL, 0};
        struct slice rest;

        if (nsub__ref_is_node(slot->value)) {
            const struct nsub__node *child = nsub__ref_node(slot->value);

            token = nb_slice_make(child->token, child->token_size);
        } else {
            rest = nsub__ref_rest(slot->value, offset);
            nsub__take(&rest, &token);
        }
        if (token.n == 0 || nsub__is_star(token) || slot->hash != nb_hash(token, seed) ||
            nsub__node_find(node, token, slot->hash, offset) != slot) {
            return false;
        }
    }
    return nsub__table_check(&node->literals);
}

static size_t child_offset(const struct nsub__node *node) // where tokens below it begin
{
    size_t offset = 0;

    for (; node->parent != NULL; node = node->parent) {
        offset += node->token_size + 1;
    }
    return offset;
}

static bool check_node(const struct nsub__node *node, uint64_t seed, uint64_t *count,
                       struct nsub__agenda *agenda)
{
    struct nsub__node_each each = {0};
    struct nsub__ref ref;
    uint32_t ref_count = 0;
    bool has_node = false;

    while (!nsub__ref_is_none(ref = nsub__node_next(node, &each))) {
        ref_count++;
        if (nsub__ref_is_node(ref)) {
            has_node = true;
            nsub__agenda_push(agenda, nsub__ref_node(ref));
            if (nsub__ref_node(ref)->parent != node) {
                return false;
            }
        } else if (!check_members(ref, seed, count)) {
            return false;
        }
    }
    if (nsub__ref_is_node(node->full) || nsub__ref_is_node(node->here)) {
        return false;
    }
    return (node->parent == NULL || ref_count > 1 || has_node) &&
           check_literals(node, child_offset(node), seed);
}

bool nsub__tree_check(const struct nsub__tree *tree, uint64_t count)
{
    struct nsub__agenda agenda = {0};
    const struct nsub__node *node = tree->root;
    uint64_t found = 0;
    bool is_right = true;

    for (; is_right && node != NULL; node = nsub__agenda_pop(&agenda)) {
        is_right = check_node(node, tree->seed, &found, &agenda);
    }
    nsub__agenda_fini(&agenda);
    return is_right && found == count;
}
