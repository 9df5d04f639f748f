#include "walk.h"

#include <natsd/hash.h>
#include <natsd/memory.h>

void nsub__walk_init(struct nsub__walk *walk, const struct nsub__tree *tree, struct slice subject)
{
    walk->hit_count = 0;
    walk->pending = walk->pending_first;
    walk->pending_room = NSUB__TOKENS_MAX;
    walk->pending_count = 0;
    walk->seed = tree->seed;
    if (nsub__has_empty_token(subject)) {
        return;
    }
    memset(walk->hashes, 0, sizeof(walk->hashes));
    walk->pending[0] = (struct nsub__visit){.node = tree->root, .rest = subject};
    walk->pending_count = 1;
}

static void grow(struct nsub__walk *walk)
{
    bool is_inline = walk->pending == walk->pending_first;

    walk->pending_room *= 2;
    walk->pending =
        nb_realloc(is_inline ? NULL : walk->pending, walk->pending_room * sizeof(*walk->pending));
    if (is_inline) {
        memcpy(walk->pending, walk->pending_first, sizeof(walk->pending_first));
    }
}

// What stands below "*" or a token that `at` begins with: more to visit, or perhaps a hit.
static void follow(struct nsub__walk *walk, const struct nsub__visit *at, struct nsub__ref ref,
                   struct slice rest_below, size_t token_size)
{
    if (nsub__ref_is_none(ref)) {
        return;
    }
    if (!nsub__ref_is_node(ref)) {
        struct slice filter = nsub__ref_rest(ref, at->offset);

        if (nb_slice_equal(at->rest, filter) || nsub__rest_matches(at->rest, filter)) {
            walk->hits[walk->hit_count++] = ref;
        }
        return;
    }
    if (walk->pending_count == walk->pending_room) {
        grow(walk);
    }
    walk->pending[walk->pending_count++] = (struct nsub__visit){
        .node = nsub__ref_node(ref),
        .rest = rest_below,
        .offset = at->offset + token_size + 1,
        .depth = at->depth + 1,
    };
}

static uint64_t token_hash(struct nsub__walk *walk, struct slice token, uint32_t depth)
{
    if (depth >= NSUB__TOKENS_MAX) {
        return nb_hash(token, walk->seed);
    }
    if (walk->hashes[depth] == 0) {
        walk->hashes[depth] = nb_hash(token, walk->seed);
    }
    return walk->hashes[depth];
}

static void visit(struct nsub__walk *walk, const struct nsub__visit *at)
{
    struct slice rest = at->rest;
    struct slice token;
    const struct nsub__slot *slot;

    if (!nsub__take(&rest, &token)) {
        if (!nsub__ref_is_none(at->node->here)) {
            walk->hits[walk->hit_count++] = at->node->here;
        }
        return;
    }
    if (!nsub__ref_is_none(at->node->full)) {
        walk->hits[walk->hit_count++] = at->node->full;
    }
    follow(walk, at, at->node->star, rest, 1);
    if (at->node->literals.count > 0) {
        slot = nsub__node_find(at->node, token, token_hash(walk, token, at->depth), at->offset);
        follow(walk, at, slot != NULL ? slot->value : (struct nsub__ref){0}, rest, token.n);
    }
}

bool nsub__walk_step(struct nsub__walk *walk)
{
    walk->hit_count = 0;
    while (walk->hit_count == 0) {
        struct nsub__visit at;

        if (walk->pending_count == 0) {
            return false;
        }
        at = walk->pending[--walk->pending_count];
        visit(walk, &at);
    }
    return true;
}

void nsub__walk_fini(struct nsub__walk *walk)
{
    if (walk->pending != walk->pending_first) {
        nb_free(walk->pending);
    }
}

void nsub__tree_match(const struct nsub__tree *tree, struct slice subject, struct nsub__hits *hits)
{
    struct nsub__walk walk;

    nsub__walk_init(&walk, tree, subject);
    while (nsub__walk_step(&walk)) {
        for (uint32_t i = 0; i < walk.hit_count; i++) {
            nsub__hits_add(hits, walk.hits[i]);
        }
    }
    nsub__walk_fini(&walk);
}

bool nsub__tree_has_match(const struct nsub__tree *tree, struct slice subject)
{
    struct nsub__walk walk;
    bool has_match;

    nsub__walk_init(&walk, tree, subject);
    has_match = nsub__walk_step(&walk);
    nsub__walk_fini(&walk);
    return has_match;
}
