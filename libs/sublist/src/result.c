#include "result.h"

#include "members.h"

#include <natsd/map.h>
#include <natsd/memory.h>
#include <natsd/number.h>

// A result and, behind it in the same allocation: groups, plain subscriptions, and the
// members of group after group.
struct block {
    struct nsub_result result;
    size_t size;
};

// The members of one queue on one matching subject.
struct part {
    struct nsub_sub *alone;          // or
    const struct nsub__group *group; // NULL when alone
    size_t merged;                   // index of what it belongs to
};

// All parts of one queue.
struct merged {
    struct slice queue;
    uint64_t times_total;     // the members, remote ones as often as they weigh
    uint64_t place_count;     // the same within the limit
    struct nsub_sub **places; // where the next one goes
};

enum {
    PARTS_INLINE = 16, // also: up to here queues are looked for one by one
    REPEAT_MAX = PARTS_INLINE * NSUB_GROUP_MEMBER_MAX, // of all groups together
};

struct gather {
    struct part *parts;
    struct merged *merged;
    size_t part_count;
    size_t merged_count;
    uint64_t times_max;  // of one group, before places are shared out
    struct nb_map index; // of merged, by queue, as index + 1
    bool has_index;      // only when there are many
};

static size_t count_parts(const struct nsub__hits *hits, uint64_t *plain_count)
{
    size_t part_count = 0;

    for (size_t i = 0; i < hits->count; i++) {
        struct nsub__ref ref = hits->at[i];

        if (nsub__ref_kind(ref) == NSUB__REF_SET) {
            const struct nsub__set *set = nsub__ref_pointer(ref);

            *plain_count += set->plain.count;
            part_count += set->groups.count;
        } else if (nsub__members_sample(ref)->queue_size == 0) {
            *plain_count += 1;
        } else {
            part_count++;
        }
    }
    return part_count;
}

static size_t find_merged(const struct gather *gather, struct slice queue)
{
    if (gather->has_index) {
        uintptr_t found = (uintptr_t)nb_map_find(&gather->index, queue);

        return found > 0 ? found - 1 : gather->merged_count;
    }
    for (size_t i = 0; i < gather->merged_count; i++) {
        if (nb_slice_equal(gather->merged[i].queue, queue)) {
            return i;
        }
    }
    return gather->merged_count;
}

static uint64_t group_times(const struct nsub__group *group)
{
    uint64_t times = group->subs.count;

    for (uint32_t i = 0; group->heavy_count > 0 && i < group->subs.count; i++) {
        times += nsub__sub_times(group->subs.at[i]) - 1;
    }
    return times;
}

static void add_part(struct gather *gather, struct part part)
{
    const struct nsub_sub *sub = part.group != NULL ? part.group->subs.at[0] : part.alone;
    struct merged *merged;

    assert(sub != NULL);
    part.merged = find_merged(gather, nsub_sub_queue(sub));
    merged = &gather->merged[part.merged];
    if (part.merged == gather->merged_count) {
        gather->merged_count++;
        *merged = (struct merged){.queue = nsub_sub_queue(sub)};
        if (gather->has_index) {
            nb_map_insert(&gather->index, merged->queue, (void *)(uintptr_t)gather->merged_count);
        }
    }
    merged->times_total += part.group != NULL ? group_times(part.group) : nsub__sub_times(sub);
    gather->parts[gather->part_count++] = part;
}

static void gather_parts(struct gather *gather, const struct nsub__hits *hits)
{
    for (size_t i = 0; i < hits->count; i++) {
        struct nsub__ref ref = hits->at[i];
        const struct nsub__set *set = nsub__ref_pointer(ref);
        const struct nsub__slot *slot;
        struct nsub__table_each each = {0};

        if (nsub__ref_kind(ref) == NSUB__REF_SUB) {
            if (nsub__members_sample(ref)->queue_size > 0) {
                add_part(gather, (struct part){.alone = nsub__members_sample(ref)});
            }
            continue;
        }
        while ((slot = nsub__table_each(&set->groups, &each)) != NULL) {
            add_part(gather, (struct part){.group = nsub__ref_pointer(slot->value)});
        }
    }
}

// A member's places in the result: as often as it weighs; in a group with too many, its share
// of the limit, and one at least. So what a peer announces can't make a result huge.
static uint64_t places_of(const struct gather *gather, const struct merged *merged,
                          const struct nsub_sub *sub)
{
    uint64_t times = nsub__sub_times(sub);

    if (times > 1 && merged->times_total > gather->times_max) {
        times = times * gather->times_max / merged->times_total;
    }
    return times > 0 ? times : 1;
}

static uint64_t count_places(const struct gather *gather, const struct part *part)
{
    const struct merged *merged = &gather->merged[part->merged];
    uint64_t count = 0;

    if (part->group == NULL) {
        return places_of(gather, merged, part->alone);
    }
    if (part->group->heavy_count == 0) {
        return part->group->subs.count;
    }
    for (uint32_t i = 0; i < part->group->subs.count; i++) {
        count += places_of(gather, merged, part->group->subs.at[i]);
    }
    return count;
}

static void share_out_places(struct gather *gather)
{
    gather->times_max = NSUB_GROUP_MEMBER_MAX;
    if (gather->merged_count > PARTS_INLINE) {
        gather->times_max = REPEAT_MAX / gather->merged_count;
    }
    for (size_t i = 0; i < gather->part_count; i++) {
        const struct part *part = &gather->parts[i];

        gather->merged[part->merged].place_count += count_places(gather, part);
    }
}

static void put_sub(const struct gather *gather, struct merged *merged, struct nsub_sub *sub)
{
    for (uint64_t n = places_of(gather, merged, sub); n > 0; n--) {
        *merged->places++ = sub;
    }
}

static void put_part(const struct gather *gather, const struct part *part)
{
    struct merged *merged = &gather->merged[part->merged];
    const struct nsub__group *group = part->group;

    if (group == NULL) {
        put_sub(gather, merged, part->alone);
        return;
    }
    if (group->heavy_count == 0) { // without looking at any of them
        memcpy(merged->places, group->subs.at, group->subs.count * sizeof(struct nsub_sub *));
        merged->places += group->subs.count;
        return;
    }
    for (uint32_t i = 0; i < group->subs.count; i++) {
        put_sub(gather, merged, group->subs.at[i]);
    }
}

static void put_plain(struct nsub_sub **out, const struct nsub__hits *hits)
{
    for (size_t i = 0; i < hits->count; i++) {
        struct nsub__ref ref = hits->at[i];
        const struct nsub__set *set = nsub__ref_pointer(ref);

        if (nsub__ref_kind(ref) == NSUB__REF_SUB) {
            if (nsub__members_sample(ref)->queue_size == 0) {
                *out++ = nsub__members_sample(ref);
            }
        } else if (set->plain.count > 0) {
            memcpy(out, set->plain.at, set->plain.count * sizeof(struct nsub_sub *));
            out += set->plain.count;
        }
    }
}

static struct block *block_create(const struct gather *gather, uint64_t plain_count)
{
    uint64_t pointer_count = plain_count;
    size_t groups_size = gather->merged_count * sizeof(struct nsub_queue_group);
    struct block *block;
    size_t size;

    for (size_t i = 0; i < gather->merged_count; i++) {
        pointer_count += gather->merged[i].place_count;
    }
    size = sizeof(*block) + groups_size + pointer_count * sizeof(struct nsub_sub *);
    block = nb_alloc(size);
    block->size = size;
    block->result = (struct nsub_result){
        .groups = (struct nsub_queue_group *)(block + 1),
        .group_count = (uint32_t)gather->merged_count,
        .plain =
            (struct nsub_sub **)((struct nsub_queue_group *)(block + 1) + gather->merged_count),
        .plain_count = (uint32_t)plain_count,
    };
    return block;
}

static void fill(struct block *block, struct gather *gather, const struct nsub__hits *hits)
{
    struct nsub_queue_group *groups = (struct nsub_queue_group *)(block + 1);
    struct nsub_sub **plain = (struct nsub_sub **)(groups + gather->merged_count);
    struct nsub_sub **places = plain + block->result.plain_count;

    put_plain(plain, hits);
    for (size_t i = 0; i < gather->merged_count; i++) {
        struct merged *merged = &gather->merged[i];

        merged->places = places;
        groups[i] = (struct nsub_queue_group){.queue = merged->queue,
                                              .members = places,
                                              .member_count = (uint32_t)merged->place_count};
        places += merged->place_count;
    }
    for (size_t i = 0; i < gather->part_count; i++) {
        put_part(gather, &gather->parts[i]);
    }
}

struct nsub_result *nsub__result_build(const struct nsub__hits *hits)
{
    struct part parts[PARTS_INLINE];
    struct merged merged[PARTS_INLINE];
    struct gather gather = {.parts = parts, .merged = merged};
    uint64_t plain_count = 0;
    size_t part_count = count_parts(hits, &plain_count);
    struct block *block;

    if (part_count > PARTS_INLINE) {
        gather.parts = nb_calloc(part_count, sizeof(*gather.parts));
        gather.merged = nb_calloc(part_count, sizeof(*gather.merged));
        gather.has_index = true;
    }
    if (part_count > 0) {
        gather_parts(&gather, hits);
        share_out_places(&gather);
    }
    block = block_create(&gather, plain_count);
    fill(block, &gather, hits);
    if (gather.has_index) {
        nb_map_fini(&gather.index);
        nb_free(gather.parts);
        nb_free(gather.merged);
    }
    return &block->result;
}

size_t nsub__result_size(const struct nsub_result *result)
{
    return nb_container_of(result, const struct block, result)->size;
}

void nsub_result_free(struct nsub_result *result)
{
    if (result != NULL) {
        nb_free(nb_container_of(result, struct block, result));
    }
}
