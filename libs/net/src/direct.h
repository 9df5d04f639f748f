/* direct.h - writing for a worker that sleeps.
 *
 * A request or its answer is a few bytes for one connection of another worker. Waking that
 * worker's thread for them costs more than writing them, many times more where its processor
 * has gone to sleep as well. So while a worker waits in its loop, another may write to a few of
 * its connections that have nothing queued. What a socket does not take is queued, and the
 * worker wakes. Anything else is posted.
 *
 * The right to do so goes by `sleep`: AWAKE --owner--> ASLEEP --other--> LENT --other--> ASLEEP,
 * ASLEEP --owner--> AWAKE. A worker that wakes while it is lent waits for those few system calls.
 * Nothing of the loop is touched: it may be running until the worker enters its pass. And
 * nothing comes between: what somebody sends because he saw the first of these bytes is posted,
 * and received after the last of them.
 */
#pragma once

#include "batch.h"

#include <sched.h>

enum nnet__sleep {
    NNET__AWAKE,
    NNET__ASLEEP,
    NNET__LENT,
};

// [owner] The pass begins.
static inline void nnet__direct_wake(struct nnet_worker *worker)
{
    unsigned state = NNET__ASLEEP;

    // Acquire: what others did with our connections (partner: the release that ends a loan).
    while (!atomic_compare_exchange_weak_explicit(&worker->sleep, &state, NNET__AWAKE,
                                                  memory_order_acquire, memory_order_relaxed)) {
        if (state == NNET__LENT) {
            sched_yield();
        }
        state = NNET__ASLEEP;
    }
}

// [owner] The pass is over: all that was queued is written, or waits for a full socket.
static inline void nnet__direct_sleep(struct nnet_worker *worker)
{
    // Releases what we own: partner is the acquire that begins a loan. Sequentially consistent
    // for the look into the mailbox that follows: see nnet__mailbox_push().
    atomic_store(&worker->sleep, NNET__ASLEEP);
}

// The last of the batches that are posted: once these bytes are out, somebody may act on them
// (causality). True when it was taken care of and is gone; otherwise it has to be posted.
bool nnet__direct_write(struct nnet_worker *self, struct nnet_worker *target,
                        struct nnet__batch *batch);
