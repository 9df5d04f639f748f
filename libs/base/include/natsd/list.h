/* natsd/list.h - doubly linked lists whose links live in the objects.
 *
 * A list is a struct nb_link that links to itself when empty. An object that is in no list
 * has a link that is zeroed or links to itself. Threads: one at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct nb_link {
    struct nb_link *next;
    struct nb_link *prev;
};

static inline void nb_list_init(struct nb_link *list)
{
    list->next = list;
    list->prev = list;
}

static inline bool nb_list_is_empty(const struct nb_link *list)
{
    return list->next == list || list->next == NULL;
}

static inline bool nb_link_is_linked(const struct nb_link *link)
{
    return link->next != NULL && link->next != link;
}

static inline void nb_list_append(struct nb_link *list, struct nb_link *link)
{
    link->prev = list->prev;
    link->next = list;
    list->prev->next = link;
    list->prev = link;
}

static inline void nb_list_prepend(struct nb_link *list, struct nb_link *link)
{
    nb_list_append(list->next, link);
}

static inline void nb_link_remove(struct nb_link *link) // fine when it is in no list
{
    if (link->next != NULL) {
        link->next->prev = link->prev;
        link->prev->next = link->next;
    }
    link->next = link;
    link->prev = link;
}

static inline struct nb_link *nb_list_take_first(struct nb_link *list) // NULL when empty
{
    struct nb_link *first = list->next;

    if (nb_list_is_empty(list)) {
        return NULL;
    }
    nb_link_remove(first);
    return first;
}

// Moves everything from `from` to the end of `to`.
static inline void nb_list_move_all(struct nb_link *to, struct nb_link *from)
{
    if (!nb_list_is_empty(from)) {
        from->next->prev = to->prev;
        to->prev->next = from->next;
        from->prev->next = to;
        to->prev = from->prev;
        nb_list_init(from);
    }
}

// `it` may be removed inside the body; nothing else may.
#define NB_LIST_FOREACH(it, list)                                                \
    for (struct nb_link *it = (list)->next, *it##_next = it->next; it != (list); \
         it = it##_next, it##_next = it->next)
