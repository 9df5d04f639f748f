/* worker.h - the inside of a worker: its loop, and what the parts of net keep there.
 *
 * Every callback of the loop begins with nnet__worker_enter() and ends with
 * nnet__worker_leave(). A pass is all callbacks from one sleep of the loop to the next; it is
 * finished in the loop's prepare hook, which runs right before the loop sleeps.
 */
#pragma once

#include "mailbox.h"

#include <natsd/buf.h>
#include <natsd/conn.h>
#include <natsd/list.h>
#include <natsd/slab.h>
#include <natsd/timer.h>
#include <natsd/worker.h>

#include <assert.h>
#include <pthread.h>
#include <uv.h>

struct nnet__batch;

enum {
    NNET__SMALL_TAIL_BYTES = 1024,       // the first chunk of an output queue
    NNET__MEDIUM_TAIL_BYTES = 8 * 1024,  // the next
    NNET__LARGE_CHUNK_BYTES = 64 * 1024, // full output queues, batches
    NNET__READ_CHUNK_BYTES = 256 * 1024,
    NNET__TLS_INPUT_BYTES = 192 * 1024, // one read: with a record begun before it fits a chunk
};

struct nnet_worker {
    struct nnet_group *group;
    unsigned index;
    pthread_t thread;
    void *user;
    struct nb_mono now;
    bool is_awake; // in a pass: online for the epoch
    // Who may touch what the worker owns; [any], see direct.h.
    _Atomic unsigned sleep;
    bool is_draining; // running the mailbox's tasks
    bool is_firing;   // running timers

    uv_loop_t loop;
    int wake_fd; // [any] counts: see nnet__worker_wake()
    uv_poll_t wake;
    uv_prepare_t before_sleep;
    uv_timer_t alarm;
    uint64_t alarm_ns; // what `alarm` is set for; UINT64_MAX: nothing

    struct nnet_timer **timers; // a binary heap, the next one first
    size_t timer_count;
    size_t timer_room;
    struct nnet_timer reclaim_timer; // another pass, because something retired is left

    struct nb_link jobs; // struct nnet__job
    uint64_t task_count; // tasks run so far
    struct nnet_task stop_task;
    struct nb_random random;

    // input
    struct nb_chunk *read_chunk;
    size_t read_used;         // bytes at its front that somebody kept
    bool has_read;            // since the last trim
    unsigned read_fan_out;    // connections written in the last round: see read.c
    uint8_t *scratch;         // NNET_OUT_RESERVE_MAX_BYTES: where bytes for nobody go
    uint8_t *tls_input;       // NNET__TLS_INPUT_BYTES of ciphertext; NULL until it is needed
    struct nb_buf tls_output; // a spare buffer for ciphertext: see transport.c

    // output
    struct nb_link dirty;     // connections to be written at the end of the pass
    struct nb_link attention; // connections with a callback due when the loop's callback ends
    struct nb_chunk_pool small_chunks;
    struct nb_chunk_pool medium_chunks;
    struct nb_chunk_pool large_chunks;
    struct nb_chunk_pool read_chunks;
    struct nnet_timer trim_timer; // of the pools
    struct nb_slab_pool segments; // not between chunks, which are given back
    struct nnet__batch **batches; // for each worker: what is gathered for it, or NULL
    unsigned *open_batches;       // whose batch is not NULL
    unsigned open_batch_count;

    // [any] below, on lines of their own
    struct nnet__mailbox mailbox __attribute__((aligned(64)));
    _Atomic size_t unreceived_bytes __attribute__((aligned(64))); // posted, not yet received
};

struct nnet_group {
    struct nnet_group_opts opts;
    struct nb_epoch epoch;
    unsigned total; // worker_count + 1
    struct nnet_worker *workers;
    pthread_barrier_t winding_down; // all workers
    _Atomic uint64_t left_count;    // what ran or came in this round of winding down
    // what `main` tells the new threads
    pthread_mutex_t gate_mutex;
    pthread_cond_t gate_changed;
    int gate; // enum in group.c
};

// A call that cannot fail: names it and aborts if it does.
#define NNET_UV_OK(call) nnet__uv_check((call), #call)
void nnet__uv_check(int uv_rc, const char *call);

#define nnet__assert_owner(worker) assert(nnet_worker_is_current(worker))

// worker.c
NB_MUST_USE int nnet__worker_init(struct nnet_worker *worker, struct nnet_group *group,
                                  unsigned index);
void nnet__worker_fini(struct nnet_worker *worker); // after its thread ended, or never began
void nnet__worker_enter_slow(struct nnet_worker *worker);
void nnet__worker_finish_pass(struct nnet_worker *worker);
// [any] There will be a pass after this. (Not libuv's own way, which makes the woken thread wait
// for the one that wakes it to get out of the way.)
void nnet__worker_wake(const struct nnet_worker *worker);
void nnet__worker_drain_mailbox_slow(struct nnet_worker *worker);
void nnet__worker_close_handles(struct nnet_worker *worker);

static inline void nnet__worker_enter(struct nnet_worker *worker)
{
    if (!worker->is_awake) {
        nnet__worker_enter_slow(worker);
    }
}

// Runs what others posted. Called after the bytes of a socket were read and before they are
// handed out: a post that was made before the peer could have sent them is then run first.
static inline void nnet__worker_drain_mailbox(struct nnet_worker *worker)
{
    if (NB_UNLIKELY(!nnet__mailbox_is_empty(&worker->mailbox))) {
        nnet__worker_drain_mailbox_slow(worker);
    }
}

void nnet__conn_settle_all(struct nnet_worker *worker); // settle.c

// Ends a callback of the loop: calls what could not be called in the middle of it.
static inline void nnet__worker_leave(struct nnet_worker *worker)
{
    if (NB_UNLIKELY(!nb_list_is_empty(&worker->attention))) {
        nnet__conn_settle_all(worker);
    }
}

// timer.c
void nnet__timers_init(struct nnet_worker *worker);
void nnet__timers_fini(struct nnet_worker *worker);

// job.c
void nnet__jobs_cancel(struct nnet_worker *worker);
