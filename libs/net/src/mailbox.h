/* mailbox.h - tasks for one worker, pushed by any thread: a stack that its owner takes whole.
 *
 * Threads: push [any], take [owner]. Order: a sender's tasks come out as they were pushed.
 */
#pragma once

#include <natsd/worker.h>

struct nnet__mailbox {
    _Atomic(struct nnet_task *) newest;
};

// True when the mailbox was empty: the owner has to be woken, if it sleeps.
static inline bool nnet__mailbox_push(struct nnet__mailbox *mailbox, struct nnet_task *task)
{
    struct nnet_task *before = atomic_load_explicit(&mailbox->newest, memory_order_relaxed);

    do {
        task->next = before;
        // Releases the task's contents: partner is the acquire in nnet__mailbox_take().
        // Sequentially consistent, like the look at the owner's sleep that follows, and like the
        // owner's falling asleep and its last look here: one of the two sees the other.
    } while (!atomic_compare_exchange_weak_explicit(&mailbox->newest, &before, task,
                                                    memory_order_seq_cst, memory_order_relaxed));
    return before == NULL;
}

// [any] A hint, except for the owner: what was pushed before is seen.
static inline bool nnet__mailbox_is_empty(struct nnet__mailbox *mailbox)
{
    return atomic_load_explicit(&mailbox->newest, memory_order_relaxed) == NULL;
}

// [owner] Asked after it fell asleep: see above.
static inline bool nnet__mailbox_stays_empty(struct nnet__mailbox *mailbox)
{
    return atomic_load(&mailbox->newest) == NULL;
}

// Everything that is there, oldest first, linked by `next`.
struct nnet_task *nnet__mailbox_take(struct nnet__mailbox *mailbox);
