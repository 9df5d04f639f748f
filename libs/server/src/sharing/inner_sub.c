#include "sharing/inner_sub.h"

#include <natsd/memory.h>
#include <natsd/worker.h>

#include "accounts/account.h"

struct nserver__inner_sub *nserver__inner_sub_create(struct nserver__account *account,
                                                     struct slice subject, nserver__inner_fn fn,
                                                     void *ctx)
{
    struct nserver__inner_sub *inner = nb_zalloc(sizeof(*inner) + subject.n);
    uint8_t *at = inner->sub.bytes;

    inner->on_message = fn;
    inner->ctx = ctx;
    inner->account = account;
    inner->sub.kind = NSERVER__SUB_INNER;
    memcpy(at, subject.p, subject.n);
    inner->sub.index = (struct nsub_sub){.subject = {at, subject.n}, .weight = 1};
    return inner;
}

int nserver__inner_sub_begin(struct nserver__inner_sub *inner)
{
    return nsub_trie_insert(inner->account->trie, &inner->sub.index);
}

static void reclaim(struct nb_epoch_item *item)
{
    struct nserver__inner_sub *inner = nb_container_of(item, struct nserver__inner_sub, retired);

    if (inner->ended != NULL) {
        inner->ended(inner);
    } else {
        nb_free(inner);
    }
}

void nserver__inner_sub_end(struct nserver__inner_sub *inner, struct nnet_worker *net)
{
    int rc;

    atomic_store_explicit(&inner->sub.is_closed, true, memory_order_relaxed);
    rc = nsub_trie_remove(inner->account->trie, &inner->sub.index);
    NB_DEBUG_ASSERT(rc == NB_OK);
    (void)rc; // it is there: only who began it ends it
    nnet_worker_retire(net, &inner->retired, reclaim);
}
