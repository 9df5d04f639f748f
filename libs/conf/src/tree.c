#include "tree.h"

#include <assert.h>

int nconf__tree_charge(struct nconf__tree *tree, size_t n, struct nb_buf *message)
{
    if (n > tree->left_bytes) {
        nconf__say_text(message, "configuration is too big: its limit is ");
        nconf__say_number(message, NCONF_TOTAL_MAX_BYTES);
        nconf__say_text(message, " bytes");
        return NB_ELIMIT;
    }
    tree->left_bytes -= n;
    return NB_OK;
}

int nconf__tree_new(struct nconf__tree *tree, enum nconf_type type, struct nconf_value **out,
                    struct nb_buf *message)
{
    int rc = nconf__tree_charge(tree, sizeof(**out), message);
    struct nconf_value *value;

    if (rc != NB_OK) {
        return rc;
    }
    value = nb_arena_alloc(tree->arena, sizeof(*value));
    assert(value != NULL); // the charge is the tighter limit
    *value = (struct nconf_value){.type = type, .weight_bytes = sizeof(*value)};
    *out = value;
    return NB_OK;
}

int nconf__tree_dup(struct nconf__tree *tree, struct slice text, struct slice *out,
                    struct nb_buf *message)
{
    int rc = nconf__tree_charge(tree, text.n, message);

    if (rc != NB_OK) {
        return rc;
    }
    *out = nb_arena_dup(tree->arena, text);
    assert(out->p != NULL);
    return NB_OK;
}

int nconf__tree_share(struct nconf__tree *tree, const struct nconf_value *value,
                      struct nconf_value **out, struct nb_buf *message)
{
    struct nconf_value *copy;
    int rc = nconf__tree_charge(tree, value->weight_bytes - sizeof(*value), message);

    if (rc != NB_OK) {
        return rc;
    }
    rc = nconf__tree_new(tree, value->type, &copy, message);
    if (rc != NB_OK) {
        return rc;
    }
    *copy = *value;
    copy->is_used = false;
    copy->key = (struct slice){0};
    copy->next = NULL;
    *out = copy;
    return NB_OK;
}

void nconf__scope_init(struct nconf__scope *scope, struct nconf__scope *outer,
                       struct nconf_value *map)
{
    assert(map->type == NCONF_MAP && map->first == NULL);
    *scope = (struct nconf__scope){.outer = outer, .map = map, .tail = &map->first};
    nb_map_init(&scope->entries);
}

void nconf__scope_fini(struct nconf__scope *scope)
{
    nb_map_fini(&scope->entries);
}

void nconf__scope_put(struct nconf__scope *scope, struct nconf_value *entry)
{
    struct nconf_value *replaced = nb_map_remove(&scope->entries, entry->key);
    bool inserted = nb_map_insert(&scope->entries, entry->key, entry);

    assert(inserted);
    if (replaced != NULL) {
        replaced->is_replaced = true;
        scope->has_replaced = true;
    }
    entry->next = NULL;
    *scope->tail = entry;
    scope->tail = &entry->next;
}

void nconf__scope_put_all(struct nconf__scope *scope, struct nconf_value *map)
{
    struct nconf_value *next;

    for (struct nconf_value *entry = map->first; entry != NULL; entry = next) {
        next = entry->next;
        nconf__scope_put(scope, entry);
    }
    map->first = NULL;
    map->count = 0;
}

struct nconf_value *nconf__scope_find(const struct nconf__scope *scope, struct slice key)
{
    return nb_map_find(&scope->entries, key);
}

static void drop_replaced(struct nconf_value *map)
{
    struct nconf_value **link = &map->first;

    while (*link != NULL) {
        if ((*link)->is_replaced) {
            *link = (*link)->next;
        } else {
            link = &(*link)->next;
        }
    }
}

void nconf__scope_finish(struct nconf__scope *scope)
{
    if (scope->has_replaced) {
        drop_replaced(scope->map);
    }
    nconf__tree_sum(scope->map);
}

void nconf__tree_sum(struct nconf_value *value)
{
    uint16_t height = 0;

    for (const struct nconf_value *child = value->first; child != NULL; child = child->next) {
        value->count++;
        value->weight_bytes += child->key.n + child->weight_bytes;
        height = child->height > height ? child->height : height;
    }
    value->height = (uint16_t)(height + 1);
}
