#include "tree.h"

#include <natsd/hash.h>
#include <natsd/memory.h>

static struct nsub__node *node_create(struct nsub__node *parent, struct slice token)
{
    struct nsub__node *node = nb_alloc(sizeof(*node) + token.n);

    *node = (struct nsub__node){.parent = parent, .token_size = (uint32_t)token.n};
    if (token.n > 0) {
        memcpy(node->token, token.p, token.n);
    }
    return node;
}

static void node_free(struct nsub__node *node)
{
    nsub__table_fini(&node->literals);
    nb_free(node);
}

static struct slice node_token(const struct nsub__node *node)
{
    return nb_slice_make(node->token, node->token_size);
}

void nsub__tree_init(struct nsub__tree *tree)
{
    tree->root = node_create(NULL, nb_slice_make(NULL, 0));
    tree->seed = nb_hash_process_seed();
}

static bool leads_on(struct nsub__ref ref, struct slice token, size_t offset)
{
    struct slice rest;

    if (nsub__ref_is_node(ref)) {
        return nb_slice_equal(node_token(nsub__ref_node(ref)), token);
    }
    rest = nsub__ref_rest(ref, offset);
    return rest.n >= token.n && nb_slice_equal(nb_slice_make(rest.p, token.n), token) &&
           (rest.n == token.n || rest.p[token.n] == '.');
}

struct nsub__slot *nsub__node_find(const struct nsub__node *node, struct slice token, uint64_t hash,
                                   size_t offset)
{
    struct nsub__slot *slot = nsub__table_first(&node->literals, hash);

    while (slot != NULL && !leads_on(slot->value, token, offset)) {
        slot = nsub__table_next(&node->literals, slot);
    }
    return slot;
}

// Where the way of a subject leads: to the end of a node's own path, or to a ref below it.
struct step {
    struct nsub__ref *ref;   // NULL: a literal that isn't there
    struct nsub__slot *slot; // of a literal that is there
    uint64_t hash;           // of a literal
    bool is_end;             // the ref holds members only
};

// Takes the next step from `node`; `rest` is what the subject still has, from `offset` on.
static struct step step_from(struct nsub__node *node, struct slice *rest, struct slice *token,
                             size_t offset, uint64_t seed)
{
    struct step step = {0};

    if (!nsub__take(rest, token)) {
        return (struct step){.ref = &node->here, .is_end = true};
    }
    if (nsub__is_full(*token) && rest->p == NULL) {
        return (struct step){.ref = &node->full, .is_end = true};
    }
    if (nsub__is_star(*token)) {
        return (struct step){.ref = &node->star};
    }
    step.hash = nb_hash(*token, seed);
    step.slot = nsub__node_find(node, *token, step.hash, offset);
    step.ref = step.slot != NULL ? &step.slot->value : NULL;
    return step;
}

// Puts members with more than one token left below a new node.
static void push_down(struct nsub__node *node, struct nsub__ref members, size_t offset,
                      uint64_t seed)
{
    struct slice rest = nsub__ref_rest(members, offset);
    struct slice token;
    struct step step = step_from(node, &rest, &token, offset, seed);

    if (step.ref != NULL) {
        *step.ref = members;
    } else {
        nsub__table_insert(&node->literals, step.hash, members);
    }
}

// A second subject comes to where members stood alone: a node takes their place.
static struct nsub__node *split(struct nsub__ref *ref, struct nsub__node *parent,
                                struct slice token, size_t offset_below, uint64_t seed)
{
    struct nsub__node *node = node_create(parent, token);

    push_down(node, *ref, offset_below, seed);
    *ref = nsub__ref_make(node, NSUB__REF_NODE);
    return node;
}

int nsub__tree_insert(struct nsub__tree *tree, struct nsub_sub *sub, bool *is_first)
{
    struct nsub__node *node = tree->root;
    struct slice rest = sub->subject;
    struct slice token = {NULL, 0};
    size_t offset = 0;

    for (;;) {
        struct step step = step_from(node, &rest, &token, offset, tree->seed);

        if (step.ref == NULL) {
            nsub__table_insert(&node->literals, step.hash, nsub__ref_make(sub, NSUB__REF_SUB));
            *is_first = true;
            return NB_OK;
        }
        if (step.is_end || nsub__ref_is_none(*step.ref) ||
            (!nsub__ref_is_node(*step.ref) &&
             nb_slice_equal(nsub__ref_subject(*step.ref), sub->subject))) {
            return nsub__members_add(step.ref, sub, tree->seed, is_first);
        }
        offset += token.n + 1;
        node = nsub__ref_is_node(*step.ref) ? nsub__ref_node(*step.ref)
                                            : split(step.ref, node, token, offset, tree->seed);
    }
}

// Where the members of a subject are: below `node`, in `step`. False: nowhere.
static bool locate(const struct nsub__tree *tree, struct slice subject, struct nsub__node **node,
                   struct step *step)
{
    struct slice rest = nsub__rest_of(subject);
    struct slice token = {NULL, 0};
    size_t offset = 0;

    *node = tree->root;
    for (;;) {
        *step = step_from(*node, &rest, &token, offset, tree->seed);
        if (step->ref == NULL || nsub__ref_is_none(*step->ref)) {
            return false;
        }
        if (!nsub__ref_is_node(*step->ref)) {
            return nb_slice_equal(nsub__ref_subject(*step->ref), subject);
        }
        offset += token.n + 1;
        *node = nsub__ref_node(*step->ref);
    }
}

struct nsub__ref nsub__tree_find(const struct nsub__tree *tree, struct slice subject)
{
    struct nsub__node *node;
    struct step step;

    return locate(tree, subject, &node, &step) ? *step.ref : (struct nsub__ref){0};
}

// The only thing below a node, when it is members; none otherwise.
static struct nsub__ref only_members(const struct nsub__node *node)
{
    struct nsub__node_each each = {0};
    struct nsub__ref only = nsub__node_next(node, &each);

    if (nsub__ref_is_none(only) || nsub__ref_is_node(only) ||
        !nsub__ref_is_none(nsub__node_next(node, &each))) {
        return (struct nsub__ref){0};
    }
    return only;
}

static struct nsub__ref *find_in_parent(const struct nsub__node *node, uint64_t seed)
{
    struct nsub__node *parent = node->parent;
    struct nsub__slot *slot;

    if (nsub__ref_is_node(parent->star) && nsub__ref_node(parent->star) == node) {
        return &parent->star;
    }
    slot = nsub__table_first(&parent->literals, nb_hash(node_token(node), seed));
    while (slot != NULL && slot->value.bits != (uintptr_t)node) {
        slot = nsub__table_next(&parent->literals, slot);
    }
    assert(slot != NULL);
    return &slot->value;
}

// Something went from below `node`: folds branches that are down to one subject.
static void fold(struct nsub__node *node, uint64_t seed)
{
    while (node->parent != NULL) {
        struct nsub__node *parent = node->parent;
        struct nsub__ref only = only_members(node);

        if (nsub__ref_is_none(only)) {
            return;
        }
        *find_in_parent(node, seed) = only;
        node_free(node);
        node = parent;
    }
}

int nsub__tree_remove(struct nsub__tree *tree, struct nsub_sub *sub, bool *is_last)
{
    struct nsub__node *node;
    struct step step;
    int rc;

    if (!locate(tree, sub->subject, &node, &step)) {
        return NB_ENOTFOUND;
    }
    rc = nsub__members_remove(step.ref, sub, tree->seed, is_last);
    if (rc < 0 || !nsub__ref_is_none(*step.ref)) {
        return rc;
    }
    if (step.slot != NULL) {
        nsub__table_remove(&node->literals, step.slot);
    }
    fold(node, tree->seed);
    return NB_OK;
}

struct nsub__ref nsub__node_next(const struct nsub__node *node, struct nsub__node_each *each)
{
    const struct nsub__ref fixed[] = {node->star, node->full, node->here};
    const struct nsub__slot *slot;

    while (each->fixed < NB_ARRAY_LEN(fixed)) {
        struct nsub__ref ref = fixed[each->fixed++];

        if (!nsub__ref_is_none(ref)) {
            return ref;
        }
    }
    slot = nsub__table_each(&node->literals, &each->literals);
    return slot != NULL ? slot->value : (struct nsub__ref){0};
}

void nsub__agenda_push(struct nsub__agenda *agenda, const struct nsub__node *node)
{
    enum { ROOM_MIN = 64 };

    if (agenda->count == agenda->room) {
        agenda->room = agenda->room > 0 ? agenda->room * 2 : ROOM_MIN;
        agenda->at = nb_realloc(agenda->at, agenda->room * sizeof(struct nsub__node *));
    }
    agenda->at[agenda->count++] = node;
}

const struct nsub__node *nsub__agenda_pop(struct nsub__agenda *agenda)
{
    return agenda->count > 0 ? agenda->at[--agenda->count] : NULL;
}

void nsub__agenda_fini(struct nsub__agenda *agenda)
{
    nb_free(agenda->at);
    *agenda = (struct nsub__agenda){0};
}

bool nsub__tree_each(const struct nsub__tree *tree, nsub_trie_each_fn fn, void *ctx)
{
    struct nsub__agenda agenda = {0};
    const struct nsub__node *node = tree->root;
    bool goes_on = true;

    for (; goes_on && node != NULL; node = nsub__agenda_pop(&agenda)) {
        struct nsub__node_each each = {0};
        struct nsub__ref ref;

        while (goes_on && !nsub__ref_is_none(ref = nsub__node_next(node, &each))) {
            if (nsub__ref_is_node(ref)) {
                nsub__agenda_push(&agenda, nsub__ref_node(ref));
            } else {
                goes_on = nsub__members_each(ref, fn, ctx);
            }
        }
    }
    nsub__agenda_fini(&agenda);
    return goes_on;
}

void nsub__tree_fini(struct nsub__tree *tree)
{
    struct nsub__agenda agenda = {0};
    struct nsub__node *node = tree->root;

    while (node != NULL) {
        struct nsub__node_each each = {0};
        struct nsub__ref ref;

        while (!nsub__ref_is_none(ref = nsub__node_next(node, &each))) {
            if (nsub__ref_is_node(ref)) {
                nsub__agenda_push(&agenda, nsub__ref_node(ref));
            } else {
                nsub__members_free(ref);
            }
        }
        node_free(node);
        node = (struct nsub__node *)nsub__agenda_pop(&agenda);
    }
    nsub__agenda_fini(&agenda);
    tree->root = NULL;
}
