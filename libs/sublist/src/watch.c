#include "watch.h"

#include <natsd/hash.h>
#include <natsd/memory.h>

struct watch {
    struct slice subject; // owned
    struct slice queue;   // owned
    struct nsub__listener *listeners;
    size_t count;
};

static uint64_t watch_hash(struct slice subject, struct slice queue)
{
    return nb_hash(subject, nb_hash(queue, nb_hash_process_seed()));
}

static struct nsub__slot *find_slot(const struct nsub__watches *watches, struct slice subject,
                                    struct slice queue)
{
    struct nsub__slot *slot = nsub__table_first(&watches->table, watch_hash(subject, queue));

    while (slot != NULL) {
        const struct watch *watch = (const struct watch *)slot->value.bits;

        if (nb_slice_equal(watch->subject, subject) && nb_slice_equal(watch->queue, queue)) {
            return slot;
        }
        slot = nsub__table_next(&watches->table, slot);
    }
    return NULL;
}

static struct watch *watch_create(struct nsub__watches *watches, struct slice subject,
                                  struct slice queue)
{
    struct watch *watch = nb_zalloc(sizeof(*watch));

    watch->subject = nb_slice_dup(subject);
    watch->queue = nb_slice_dup(queue);
    nsub__table_insert(&watches->table, watch_hash(subject, queue),
                       (struct nsub__ref){(uintptr_t)watch});
    return watch;
}

static void watch_free(struct watch *watch)
{
    nb_slice_free(&watch->subject);
    nb_slice_free(&watch->queue);
    nb_free(watch->listeners);
    nb_free(watch);
}

static size_t find_listener(const struct watch *watch, struct nsub__listener listener)
{
    size_t i = 0;

    while (i < watch->count &&
           (watch->listeners[i].fn != listener.fn || watch->listeners[i].ctx != listener.ctx)) {
        i++;
    }
    return i;
}

int nsub__watches_add(struct nsub__watches *watches, struct slice subject, struct slice queue,
                      struct nsub__listener listener)
{
    struct nsub__slot *slot = find_slot(watches, subject, queue);
    struct watch *watch = slot != NULL ? (struct watch *)slot->value.bits : NULL;

    if (watch != NULL && find_listener(watch, listener) < watch->count) {
        return NB_EEXISTS;
    }
    if (watch == NULL) {
        watch = watch_create(watches, subject, queue);
    }
    watch->listeners = nb_realloc(watch->listeners, (watch->count + 1) * sizeof(*watch->listeners));
    watch->listeners[watch->count++] = listener;
    return NB_OK;
}

int nsub__watches_remove(struct nsub__watches *watches, struct slice subject, struct slice queue,
                         struct nsub__listener listener)
{
    struct nsub__slot *slot = find_slot(watches, subject, queue);
    struct watch *watch = slot != NULL ? (struct watch *)slot->value.bits : NULL;
    size_t i = watch != NULL ? find_listener(watch, listener) : 0;

    if (watch == NULL || i == watch->count) {
        return NB_ENOTFOUND;
    }
    watch->listeners[i] = watch->listeners[--watch->count];
    if (watch->count == 0) {
        nsub__table_remove(&watches->table, slot);
        watch_free(watch);
    }
    return NB_OK;
}

struct nsub__calls nsub__watches_find(const struct nsub__watches *watches,
                                      const struct nsub_sub *sub)
{
    const struct nsub__slot *slot = NULL;
    const struct watch *watch;
    struct nsub__calls calls = {0};

    if (watches->table.count > 0) {
        slot = find_slot(watches, sub->subject, nsub_sub_queue(sub));
    }
    if (slot == NULL) {
        return calls;
    }
    watch = (const struct watch *)slot->value.bits;
    calls.count = watch->count;
    calls.at = nb_calloc(watch->count, sizeof(*calls.at));
    memcpy(calls.at, watch->listeners, watch->count * sizeof(*calls.at));
    return calls;
}

void nsub__calls_run(struct nsub__calls *calls, bool has_interest)
{
    for (size_t i = 0; i < calls->count; i++) {
        calls->at[i].fn(calls->at[i].ctx, has_interest);
    }
    nb_free(calls->at);
    *calls = (struct nsub__calls){0};
}

void nsub__watches_fini(struct nsub__watches *watches)
{
    const struct nsub__slot *slot;
    struct nsub__table_each each = {0};

    while ((slot = nsub__table_each(&watches->table, &each)) != NULL) {
        watch_free((struct watch *)slot->value.bits);
    }
    nsub__table_fini(&watches->table);
}
