#include "worker.h"

#include "batch.h"
#include "conn.h"
#include "direct.h"

#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    FLUSH_ROUNDS_MAX = 8, // callbacks of a flush may make more to flush; then the next pass does
    SLEEP_ROUNDS_MAX = 4,
    RECLAIM_DELAY_MS = 1,
    POOL_IDLE_SMALL_MAX = 4096,
    POOL_IDLE_MEDIUM_MAX = 512,
    POOL_IDLE_LARGE_MAX = 128,
    POOL_IDLE_READ_MAX = 16,
};

#define TRIM_INTERVAL_NS (1 * NB_NS_PER_S)

void nnet__uv_check(int uv_rc, const char *call)
{
    if (uv_rc != 0) {
        fprintf(stderr, "natsd: %s: %s\n", call, uv_strerror(uv_rc));
        NB_UNREACHABLE("a call of libuv that cannot fail");
    }
}

void nnet__worker_enter_slow(struct nnet_worker *worker)
{
    worker->is_awake = true;
    nnet__direct_wake(worker);
    nb_epoch_online(&worker->group->epoch, worker->index);
    worker->now = nb_mono_now();
}

void nnet__worker_drain_mailbox_slow(struct nnet_worker *worker)
{
    struct nnet_task *task;

    assert(!worker->is_draining);
    worker->is_draining = true;
    task = nnet__mailbox_take(&worker->mailbox);
    while (task != NULL) {
        struct nnet_task *next = task->next; // the task is its owner's again once it runs

        task->run(task, worker);
        task = next;
        worker->task_count++;
    }
    worker->is_draining = false;
}

// Posts before each write, and writes until nothing is left to be written.
static void flush_rounds(struct nnet_worker *worker)
{
    for (unsigned round = 0; round < FLUSH_ROUNDS_MAX; round++) {
        nnet__batches_post(worker);
        if (nb_list_is_empty(&worker->dirty)) {
            return;
        }
        nnet__conn_flush_dirty(worker);
    }
    nnet__batches_post(worker);
    if (!nb_list_is_empty(&worker->dirty)) {
        nnet__worker_wake(worker);
    }
}

static void on_reclaim_due(struct nnet_timer *timer NB_UNUSED)
{
    // It is enough that there is a pass.
}

/* Chunks that a burst needed are given back once it is over. */

static void trim(struct nnet_worker *worker)
{
    struct nb_chunk *chunk = worker->read_chunk;

    if (chunk != NULL && !worker->has_read && nb_chunk_is_unshared(chunk)) {
        worker->read_chunk = NULL;
        nb_chunk_put(chunk, worker);
    }
    if (!worker->has_read) {
        nb_free(worker->tls_input);
        worker->tls_input = NULL;
        nb_buf_fini(&worker->tls_output);
    }
    worker->has_read = false;
    nb_chunk_pool_trim(&worker->small_chunks);
    nb_chunk_pool_trim(&worker->medium_chunks);
    nb_chunk_pool_trim(&worker->large_chunks);
    nb_chunk_pool_trim(&worker->read_chunks);
}

static void on_trim_due(struct nnet_timer *timer)
{
    trim(nb_container_of(timer, struct nnet_worker, trim_timer));
}

static void plan_trim(struct nnet_worker *worker)
{
    if (!nnet_timer_is_armed(&worker->trim_timer) &&
        (worker->read_chunk != NULL || worker->large_chunks.idle != NULL ||
         worker->small_chunks.idle != NULL || worker->medium_chunks.idle != NULL ||
         worker->read_chunks.idle != NULL)) {
        nnet_timer_arm(worker, &worker->trim_timer, TRIM_INTERVAL_NS);
    }
}

// Nothing shared is held here. The mailbox is drained between taking the bound and using it,
// so that what others posted about an item before they let go of it has been received.
static void reclaim(struct nnet_worker *worker)
{
    struct nb_epoch *epoch = &worker->group->epoch;
    uint64_t bound;

    nb_epoch_quiesce(epoch, worker->index);
    bound = nb_epoch_bound(epoch);
    nnet__worker_drain_mailbox(worker);
    nb_epoch_reclaim(epoch, worker->index, bound);
    nnet__worker_leave(worker);
    flush_rounds(worker);
    if (nb_epoch_has_retired(epoch, worker->index) &&
        !nnet_timer_is_armed(&worker->reclaim_timer)) {
        nnet_timer_arm(worker, &worker->reclaim_timer, RECLAIM_DELAY_MS * NB_NS_PER_MS);
    }
}

void nnet__worker_finish_pass(struct nnet_worker *worker)
{
    const struct nnet_group_opts *opts = &worker->group->opts;

    if (!worker->is_awake) {
        return;
    }
    nnet__worker_leave(worker);
    flush_rounds(worker);
    if (opts->pass_end != NULL) {
        opts->pass_end(opts->ctx, worker);
        nnet__worker_leave(worker);
        flush_rounds(worker);
    }
    if (nb_epoch_has_retired(&worker->group->epoch, worker->index)) {
        reclaim(worker);
    }
    plan_trim(worker);
    assert(worker->open_batch_count == 0); // they hold pointers to others' connections
    nb_epoch_offline(&worker->group->epoch, worker->index);
    worker->is_awake = false;
    nnet__direct_sleep(worker);
}

static void run_mailbox(struct nnet_worker *worker)
{
    nnet__worker_enter(worker);
    nnet__worker_drain_mailbox(worker);
    nnet__worker_leave(worker);
}

// Who posts to a worker that is awake does not wake it: it looks again once it sleeps.
static void on_before_sleep(uv_prepare_t *handle)
{
    struct nnet_worker *worker = handle->data;

    nnet__worker_finish_pass(worker);
    for (unsigned round = 0; !nnet__mailbox_stays_empty(&worker->mailbox); round++) {
        if (round == SLEEP_ROUNDS_MAX) { // let the sockets have their turn
            nnet__worker_wake(worker);
            return;
        }
        run_mailbox(worker);
        nnet__worker_finish_pass(worker);
    }
}

static void on_wake(uv_poll_t *handle, int status NB_UNUSED, int events NB_UNUSED)
{
    struct nnet_worker *worker = handle->data;
    uint64_t count;

    if (read(worker->wake_fd, &count, sizeof(count)) < 0) {
        return; // it counts nothing any more
    }
    run_mailbox(worker);
}

void nnet__worker_wake(const struct nnet_worker *worker)
{
    const uint64_t one = 1;

    // Fails only when it counts more than anybody can post: then it is ready anyway.
    (void)!write(worker->wake_fd, &one, sizeof(one));
}

static int init_loop(struct nnet_worker *worker)
{
    if (uv_loop_init(&worker->loop) != 0) {
        return NB_EIO;
    }
    worker->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (worker->wake_fd < 0) {
        (void)uv_loop_close(&worker->loop); // no handle is in it
        return NB_EIO;
    }
    NNET_UV_OK(uv_poll_init(&worker->loop, &worker->wake, worker->wake_fd));
    worker->wake.data = worker;
    NNET_UV_OK(uv_poll_start(&worker->wake, UV_READABLE, on_wake));
    NNET_UV_OK(uv_prepare_init(&worker->loop, &worker->before_sleep));
    worker->before_sleep.data = worker;
    NNET_UV_OK(uv_prepare_start(&worker->before_sleep, on_before_sleep));
    nnet__timers_init(worker);
    return NB_OK;
}

int nnet__worker_init(struct nnet_worker *worker, struct nnet_group *group, unsigned index)
{
    uint64_t seed;

    worker->group = group;
    worker->index = index;
    nnet__direct_sleep(worker); // until its first pass
    if (init_loop(worker) != NB_OK) {
        return NB_EIO;
    }
    worker->reclaim_timer.fire = on_reclaim_due;
    worker->trim_timer.fire = on_trim_due;
    nb_list_init(&worker->jobs);
    nb_list_init(&worker->dirty);
    nb_list_init(&worker->attention);
    nb_random_secure(&seed, sizeof(seed));
    nb_random_init(&worker->random, seed);
    nb_chunk_pool_init(&worker->small_chunks, worker, NNET__SMALL_TAIL_BYTES, POOL_IDLE_SMALL_MAX);
    nb_chunk_pool_init(&worker->medium_chunks, worker, NNET__MEDIUM_TAIL_BYTES,
                       POOL_IDLE_MEDIUM_MAX);
    nb_chunk_pool_init(&worker->large_chunks, worker, NNET__LARGE_CHUNK_BYTES, POOL_IDLE_LARGE_MAX);
    nb_chunk_pool_init(&worker->read_chunks, worker, NNET__READ_CHUNK_BYTES, POOL_IDLE_READ_MAX);
    worker->scratch = nb_alloc(NNET_OUT_RESERVE_MAX_BYTES);
    worker->batches = nb_calloc(group->total, sizeof(struct nnet__batch *));
    worker->open_batches = nb_calloc(group->total, sizeof(unsigned));
    return NB_OK;
}

static void on_stray_handle(uv_handle_t *handle, void *ctx NB_UNUSED)
{
    fprintf(stderr, "natsd: a %s handle is still open\n", uv_handle_type_name(handle->type));
}

void nnet__worker_close_handles(struct nnet_worker *worker)
{
    uv_close((uv_handle_t *)&worker->wake, NULL);
    uv_close((uv_handle_t *)&worker->before_sleep, NULL);
    uv_close((uv_handle_t *)&worker->alarm, NULL);
    (void)uv_run(&worker->loop, UV_RUN_NOWAIT);
    if (uv_loop_close(&worker->loop) != 0) {
        uv_walk(&worker->loop, on_stray_handle, NULL);
        NB_UNREACHABLE("a connection or listener was left open");
    }
    (void)close(worker->wake_fd);
}

void nnet__worker_fini(struct nnet_worker *worker)
{
    assert(nnet__mailbox_is_empty(&worker->mailbox));
    nnet__timers_fini(worker);
    nb_slab_pool_fini(&worker->segments);
    if (worker->read_chunk != NULL) {
        nb_chunk_put(worker->read_chunk, worker);
    }
    nb_chunk_pool_fini(&worker->small_chunks);
    nb_chunk_pool_fini(&worker->medium_chunks);
    nb_chunk_pool_fini(&worker->large_chunks);
    nb_chunk_pool_fini(&worker->read_chunks);
    nb_free(worker->scratch);
    nb_free(worker->tls_input);
    nb_buf_fini(&worker->tls_output);
    nb_free(worker->batches);
    nb_free(worker->open_batches);
}

unsigned nnet_worker_index(const struct nnet_worker *worker)
{
    return worker->index;
}

bool nnet_worker_is_control(const struct nnet_worker *worker)
{
    return worker->index + 1 == worker->group->total;
}

struct nnet_group *nnet_worker_group(const struct nnet_worker *worker)
{
    return worker->group;
}

bool nnet_worker_is_current(const struct nnet_worker *worker)
{
    return pthread_equal(worker->thread, pthread_self()) != 0;
}

void nnet_worker_set_user(struct nnet_worker *worker, void *user)
{
    nnet__assert_owner(worker);
    worker->user = user;
}

void *nnet_worker_user(const struct nnet_worker *worker)
{
    return worker->user;
}

struct nb_mono nnet_worker_now(const struct nnet_worker *worker)
{
    return worker->now;
}

struct nb_random *nnet_worker_random(struct nnet_worker *worker)
{
    return &worker->random;
}

void nnet_worker_post(struct nnet_worker *worker, struct nnet_task *task)
{
    assert(task->run != NULL);
    if (nnet__mailbox_push(&worker->mailbox, task) && atomic_load(&worker->sleep) != NNET__AWAKE) {
        nnet__worker_wake(worker);
    }
}

void nnet_worker_retire(struct nnet_worker *worker, struct nb_epoch_item *item,
                        void (*reclaim_item)(struct nb_epoch_item *item))
{
    nnet__assert_owner(worker);
    nb_epoch_retire(&worker->group->epoch, worker->index, item, reclaim_item);
}
