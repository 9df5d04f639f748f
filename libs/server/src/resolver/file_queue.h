/* file_queue.h - what a resolver does with its files: one thing after the other, in the background.
 *
 * The order is that of nserver__file_queue_add(), and so is that of `done`: an update never
 * overtakes another, and what was fetched before an update is in force before it.
 *
 * Threads: [control]; `work` runs in the pool and has the store for itself.
 */
#pragma once

#include <natsd/list.h>
#include <natsd/worker.h>

#include "resolver/store.h"

struct nserver__file_queue;

struct nserver__file_work {
    void (*work)(struct nserver__file_work *work, struct nserver__store *store);
    // Frees it. NB_ECANCELED: the queue has ended, `work` may not have run, and all that it was for
    // is gone.
    void (*done)(struct nserver__file_work *work, int rc);
    struct nb_link link;
};

// Takes the store; its thread is only asked for when there is work.
struct nserver__file_queue *nserver__file_queue_create(struct nserver__store *store);
void nserver__file_queue_add(struct nserver__file_queue *queue, struct nnet_worker *control,
                             struct nserver__file_work *work);
// What waits is canceled now; what runs in the pool, when it comes back. Then the store is closed.
void nserver__file_queue_end(struct nserver__file_queue **queue);
