/* natsd/worker.h - worker threads, one event loop each, and the mailboxes between them.
 *
 * A group has W workers for connections and one control worker, which accepts, keeps the
 * process-wide timers and answers monitoring. A worker runs in passes: drain the mailbox,
 * serve the ready sockets, then, at the end of the pass, post what was gathered for other
 * workers and only then write the sockets (causality: architecture, "Threads and ownership").
 * The mailbox is drained again before the bytes of each socket are handed out.
 *
 * Ownership: whatever a worker owns is touched by its thread alone; others post tasks.
 * Threads:   tags at each function. [owner] is the worker's own thread.
 */
#pragma once

#include <natsd/chunk.h>
#include <natsd/clock.h>
#include <natsd/epoch.h>
#include <natsd/error.h>
#include <natsd/log.h>
#include <natsd/random.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nnet_group;
struct nnet_worker;

enum {
    NNET_WORKERS_MAX = 256,
};

struct nnet_group_opts {
    unsigned worker_count; // 1 to NNET_WORKERS_MAX
    const struct nb_logger *log;
    // All three run in the worker's thread and may be NULL. `start` before the first pass,
    // `pass_end` after each pass (sockets written; nothing borrowed is held), `stop` after the
    // last. The control worker has them too: nnet_worker_is_control() tells.
    void (*start)(void *ctx, struct nnet_worker *worker);
    void (*pass_end)(void *ctx, struct nnet_worker *worker);
    void (*stop)(void *ctx, struct nnet_worker *worker);
    void *ctx;
};

// [any] Starts the threads; NB_EIO if the system refuses.
NB_MUST_USE int nnet_group_create(const struct nnet_group_opts *opts, struct nnet_group **out);
// [main] Ends the loops and joins the threads. All connections, listeners and timers must be
// closed before; what is left in mailboxes is run, what is retired is reclaimed.
void nnet_group_destroy(struct nnet_group **group);

unsigned nnet_group_worker_count(const struct nnet_group *group); // without the control worker
struct nnet_worker *nnet_group_worker(struct nnet_group *group, unsigned index);
struct nnet_worker *nnet_group_control(struct nnet_group *group);
struct nb_epoch *nnet_group_epoch(struct nnet_group *group); // readers: W workers, then control

// [any] A worker's fixed properties. The control worker's index is the worker count.
unsigned nnet_worker_index(const struct nnet_worker *worker);
bool nnet_worker_is_control(const struct nnet_worker *worker);
struct nnet_group *nnet_worker_group(const struct nnet_worker *worker);
bool nnet_worker_is_current(const struct nnet_worker *worker); // am I in its thread?

// [owner] A pointer of the user's, for per-worker state made in `start`.
void nnet_worker_set_user(struct nnet_worker *worker, void *user);
void *nnet_worker_user(const struct nnet_worker *worker);

// [owner] The times of this pass, read once.
struct nb_mono nnet_worker_now(const struct nnet_worker *worker);
struct nb_random *nnet_worker_random(struct nnet_worker *worker);

// A message to a worker: embedded in an object that lives until `run` was called, once.
struct nnet_task {
    void (*run)(struct nnet_task *task, struct nnet_worker *worker);
    struct nnet_task *next; // private
};

// [any] Tasks of one sender run in the order they were posted. Wakes the worker at most once.
void nnet_worker_post(struct nnet_worker *worker, struct nnet_task *task);

// [owner] Retires memory that other workers may still see (natsd/epoch.h); `reclaim` runs in
// this thread once they can't, and messages posted about it before were received.
void nnet_worker_retire(struct nnet_worker *worker, struct nb_epoch_item *item,
                        void (*reclaim)(struct nb_epoch_item *item));

// Blocking work for the background pool. `work` runs there and touches nothing of a worker;
// `done` runs in the worker that asked, also when the work was canceled.
struct nnet_job {
    void (*work)(struct nnet_job *job);
    void (*done)(struct nnet_job *job, int rc); // NB_OK or NB_ECANCELED
    void *impl;                                 // private
};

void nnet_worker_run_job(struct nnet_worker *worker, struct nnet_job *job); // [owner]
