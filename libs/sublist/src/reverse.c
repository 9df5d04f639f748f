#include "walk.h"

#include <natsd/hash.h>
#include <natsd/memory.h>

// A walk with a pattern: "*" goes to every child, and ">" takes all that is below.
struct reverse {
    struct nsub__hits *hits;
    struct nsub__visit *pending; // owned
    size_t count;
    size_t room;
    uint64_t seed;
};

static void push(struct reverse *walk, struct nsub__visit visit)
{
    enum { ROOM_MIN = 32 };

    if (walk->count == walk->room) {
        walk->room = walk->room > 0 ? walk->room * 2 : ROOM_MIN;
        walk->pending = nb_realloc(walk->pending, walk->room * sizeof(*walk->pending));
    }
    walk->pending[walk->count++] = visit;
}

static void take_all_below(struct reverse *walk, const struct nsub__node *node)
{
    struct nsub__agenda agenda = {0};
    const struct nsub__node *top = node;

    for (; node != NULL; node = nsub__agenda_pop(&agenda)) {
        struct nsub__node_each each = {0};
        struct nsub__ref ref;

        while (!nsub__ref_is_none(ref = nsub__node_next(node, &each))) {
            if (nsub__ref_is_node(ref)) {
                nsub__agenda_push(&agenda, nsub__ref_node(ref));
            } else if (node != top || ref.bits != top->here.bits) { // ">" is one token at least
                nsub__hits_add(walk->hits, ref);
            }
        }
    }
    nsub__agenda_fini(&agenda);
}

// A child of `at` whose own token collides with the pattern's, which ends before `rest`.
static void follow(struct reverse *walk, const struct nsub__visit *at, struct nsub__ref child,
                   struct slice rest, size_t token_size)
{
    if (nsub__ref_is_none(child)) {
        return;
    }
    if (nsub__ref_is_node(child)) {
        push(walk, (struct nsub__visit){.node = nsub__ref_node(child),
                                        .rest = rest,
                                        .offset = at->offset + token_size + 1});
    } else if (nsub__rest_collides(at->rest, nsub__ref_rest(child, at->offset))) {
        nsub__hits_add(walk->hits, child);
    }
}

static void follow_literals(struct reverse *walk, const struct nsub__visit *at, struct slice rest)
{
    const struct nsub__slot *slot;
    struct nsub__table_each each = {0};

    while ((slot = nsub__table_each(&at->node->literals, &each)) != NULL) {
        bool is_node = nsub__ref_is_node(slot->value);

        follow(walk, at, slot->value, rest, is_node ? nsub__ref_node(slot->value)->token_size : 0);
    }
}

static void visit(struct reverse *walk, const struct nsub__visit *at)
{
    struct slice rest = at->rest;
    struct slice token;
    const struct nsub__slot *slot;

    if (!nsub__take(&rest, &token)) {
        if (!nsub__ref_is_none(at->node->here)) {
            nsub__hits_add(walk->hits, at->node->here);
        }
        return;
    }
    if (nsub__is_full(token) && rest.p == NULL) {
        take_all_below(walk, at->node);
        return;
    }
    if (!nsub__ref_is_none(at->node->full)) {
        nsub__hits_add(walk->hits, at->node->full);
    }
    follow(walk, at, at->node->star, rest, 1);
    if (nsub__is_star(token)) {
        follow_literals(walk, at, rest);
        return;
    }
    slot = nsub__node_find(at->node, token, nb_hash(token, walk->seed), at->offset);
    if (slot != NULL) {
        follow(walk, at, slot->value, rest, token.n);
    }
}

void nsub__tree_reverse_match(const struct nsub__tree *tree, struct slice pattern,
                              struct nsub__hits *hits)
{
    struct reverse walk = {.hits = hits, .seed = tree->seed};

    if (nsub__has_empty_token(pattern)) {
        return;
    }
    push(&walk, (struct nsub__visit){.node = tree->root, .rest = pattern});
    while (walk.count > 0) {
        struct nsub__visit at = walk.pending[--walk.count];

        visit(&walk, &at);
    }
    nb_free(walk.pending);
}
