#include "sharing/shadows.h"

#include <natsd/memory.h>

#include "clients/client.h"
#include "sharing/stream_import.h"

static uint64_t key_of(const struct nserver__sub *sub)
{
    return (uint64_t)(uintptr_t)sub;
}

static void free_shadow(struct nb_epoch_item *item)
{
    struct nserver__shadow *shadow = nb_container_of(item, struct nserver__shadow, retired);

    nserver__stream_import_unref(shadow->import);
    nb_free(shadow);
}

static struct nserver__shadow *make_shadow(struct nserver__sub *owner,
                                           struct nserver__stream_import *import,
                                           struct slice subject)
{
    struct slice sid = nserver__sub_sid(owner);
    struct slice queue = nsub_sub_queue(&owner->index);
    struct nserver__shadow *shadow = nb_zalloc(sizeof(*shadow) + sid.n + subject.n + queue.n);
    uint8_t *at = shadow->sub.bytes;

    shadow->owner = owner;
    shadow->import = nserver__stream_import_ref(import);
    shadow->exporter = import->exporter;
    shadow->importer = owner->client->sender.account;
    shadow->sub.client = owner->client;
    shadow->sub.kind = NSERVER__SUB_SHADOW;
    shadow->sub.sid_size = (uint32_t)sid.n & NSERVER__SID_SIZE_MAX;
    shadow->sub.index = (struct nsub_sub){.subject = {at + sid.n, subject.n},
                                          .queue_size = (uint32_t)queue.n & INT32_MAX,
                                          .weight = 1};
    memcpy(at, sid.p, sid.n);
    memcpy(at + sid.n, subject.p, subject.n);
    if (queue.n > 0) {
        memcpy(at + sid.n + subject.n, queue.p, queue.n);
    }
    return shadow;
}

static void end_shadow(struct nserver__client *c, struct nserver__shadow *shadow)
{
    int rc;

    atomic_store_explicit(&shadow->sub.is_closed, true, memory_order_relaxed);
    rc = nsub_trie_remove(shadow->exporter->trie, &shadow->sub.index);
    NB_DEBUG_ASSERT(rc == NB_OK);
    (void)rc; // it is there: only its owner removes it
    nnet_worker_retire(c->worker->net, &shadow->retired, free_shadow);
}

// NULL: the import has nothing for the subscription.
static struct nserver__shadow *begin_shadow(struct nserver__sub *owner,
                                            struct nserver__stream_import *import)
{
    struct nserver__shadow *shadow = NULL;
    struct nb_buf subject;

    nb_buf_init(&subject, NSERVER__SHADOW_ROOM_BYTES);
    if (nserver__stream_import_shadow(import, owner->index.subject, &subject)) {
        shadow = make_shadow(owner, import, nb_buf_slice(&subject));
        if (nsub_trie_insert(shadow->exporter->trie, &shadow->sub.index) != NB_OK) {
            free_shadow(&shadow->retired); // nobody has seen it
            shadow = NULL;
        }
    }
    nb_buf_fini(&subject);
    return shadow;
}

static struct nserver__shadow *take_equal(struct nserver__shadow **list,
                                          const struct nserver__stream_import *import)
{
    for (struct nserver__shadow **at = list; *at != NULL; at = &(*at)->next) {
        struct nserver__shadow *shadow = *at;

        if (nserver__stream_import_equal(shadow->import, import)) {
            *at = shadow->next;
            return shadow;
        }
    }
    return NULL;
}

// Those of imports that stay are kept as they are: no message is missed.
static struct nserver__shadow *make_list(struct nserver__client *c, struct nserver__sub *owner,
                                         struct nserver__shadow *old)
{
    const struct nserver__terms *terms = nserver__account_terms(c->sender.account);
    struct nserver__shadow *list = NULL;

    for (size_t i = 0; i < terms->stream_import_count; i++) {
        struct nserver__shadow *shadow = take_equal(&old, terms->stream_imports[i]);

        if (shadow == NULL) {
            shadow = begin_shadow(owner, terms->stream_imports[i]);
        }
        if (shadow != NULL) {
            shadow->next = list;
            list = shadow;
        }
    }
    while (old != NULL) {
        struct nserver__shadow *next = old->next;

        end_shadow(c, old);
        old = next;
    }
    return list;
}

static void renew(struct nserver__client *c, struct nserver__sub *owner)
{
    struct nserver__shadow *list =
        make_list(c, owner, nb_u64map_remove(&c->shadows, key_of(owner)));

    if (list != NULL) {
        nb_u64map_insert(&c->shadows, key_of(owner), list);
    }
}

void nserver__shadows_begin(struct nserver__client *c, struct nserver__sub *owner)
{
    if (NB_UNLIKELY(nserver__account_terms(c->sender.account)->stream_import_count > 0)) {
        renew(c, owner);
    }
}

void nserver__shadows_end(struct nserver__client *c, struct nserver__sub *owner)
{
    struct nserver__shadow *shadow;

    if (NB_LIKELY(nb_u64map_count(&c->shadows) == 0)) {
        return;
    }
    shadow = nb_u64map_remove(&c->shadows, key_of(owner));
    while (shadow != NULL) {
        struct nserver__shadow *next = shadow->next;

        end_shadow(c, shadow);
        shadow = next;
    }
}

void nserver__shadows_renew(struct nserver__client *c)
{
    struct nserver__sub *sub;
    size_t at = 0;

    while ((sub = nserver__sid_table_next(&c->subs, &at)) != NULL) {
        renew(c, sub);
    }
}

bool nserver__shadow_subject(const struct nserver__shadow *shadow, struct slice subject,
                             uint8_t *room, struct slice *out)
{
    size_t size = 0;

    if (shadow->import->forward == NULL) {
        *out = subject;
        return true;
    }
    if (nsub_transform_apply(shadow->import->forward, subject, NULL, room,
                             NSERVER__SHADOW_ROOM_BYTES, &size) != NB_OK) {
        return false;
    }
    *out = nb_slice_make(room, size);
    return true;
}
