/* inner_sub.h - a subscription of the server's own: messages go to a function.
 *
 * It stands in an account's index beside those of clients; service imports, their responses and
 * the services of the system account are such.
 *
 * Threads: made and ended by [any worker] or [control]; on_message runs in the worker that
 *   publishes, several at a time.
 * Lifetime: from nserver__inner_sub_end() on no new message comes; those on their way end with the
 *   pass they are in. Then `ended` frees what the subscription is a part of.
 */
#pragma once

#include <natsd/epoch.h>

#include "clients/subscription.h"

struct nnet_worker;
struct nproto_msg;
struct nserver__account;
struct nserver__inner_sub;
struct nserver__sender;

// How many took the message: 0 makes "no responders" of a request.
typedef unsigned (*nserver__inner_fn)(struct nserver__inner_sub *inner,
                                      const struct nserver__sender *from,
                                      const struct nproto_msg *msg);

struct nserver__inner_sub {
    nserver__inner_fn on_message;
    void *ctx;
    struct nserver__account *account;
    void (*ended)(struct nserver__inner_sub *inner); // NULL: it is freed
    struct nb_epoch_item retired;
    struct nserver__sub sub; // its subject follows
};

static inline struct nserver__inner_sub *nserver__inner_sub_of(struct nserver__sub *sub)
{
    return nb_container_of(sub, struct nserver__inner_sub, sub);
}

// Not heard yet: set what else it needs, then begin. NULL for a bad subject.
struct nserver__inner_sub *nserver__inner_sub_create(struct nserver__account *account,
                                                     struct slice subject, nserver__inner_fn fn,
                                                     void *ctx);
// NB_EMALFORMED for a bad subject: then it is the caller's to free.
NB_MUST_USE int nserver__inner_sub_begin(struct nserver__inner_sub *inner);
// In the thread of `net`.
void nserver__inner_sub_end(struct nserver__inner_sub *inner, struct nnet_worker *net);
