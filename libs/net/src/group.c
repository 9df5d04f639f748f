#include "worker.h"

#include <signal.h>
#include <stdio.h>

/* Starting: the threads wait at a gate until all of them exist, so that a worker may post to
 * any other from `start` on, and so that a thread that can't be made undoes the rest.
 *
 * Winding down: loops end; then all workers run what is left in their mailboxes in rounds,
 * until a round in which nobody had anything; then `stop`, rounds again, and what is retired
 * is reclaimed, each item in its own worker.
 */
enum group_gate { GATE_CLOSED, GATE_OPEN, GATE_ABANDONED };

static enum group_gate pass_gate(struct nnet_group *group)
{
    enum group_gate gate;

    pthread_mutex_lock(&group->gate_mutex);
    while (group->gate == GATE_CLOSED) {
        pthread_cond_wait(&group->gate_changed, &group->gate_mutex);
    }
    gate = (enum group_gate)group->gate;
    pthread_mutex_unlock(&group->gate_mutex);
    return gate;
}

static void set_gate(struct nnet_group *group, enum group_gate gate)
{
    pthread_mutex_lock(&group->gate_mutex);
    group->gate = (int)gate;
    pthread_cond_broadcast(&group->gate_changed);
    pthread_mutex_unlock(&group->gate_mutex);
}

static void meet_others(struct nnet_group *group)
{
    int rc = pthread_barrier_wait(&group->winding_down);

    assert(rc == 0 || rc == PTHREAD_BARRIER_SERIAL_THREAD);
}

static void run_left(struct nnet_worker *worker)
{
    nnet__worker_enter(worker);
    nnet__worker_drain_mailbox(worker);
    nnet__worker_finish_pass(worker);
    (void)uv_run(&worker->loop, UV_RUN_NOWAIT); // handles closed by those tasks
    nnet__worker_finish_pass(worker);
}

// All workers together.
static void run_all_left(struct nnet_worker *worker)
{
    struct nnet_group *group = worker->group;
    uint64_t total;

    do {
        uint64_t before = worker->task_count;
        uint64_t mine;

        run_left(worker);
        meet_others(group); // nobody posts from here on
        mine = worker->task_count - before;
        mine += nnet__mailbox_is_empty(&worker->mailbox) ? 0 : 1;
        atomic_fetch_add(&group->left_count, mine); // ordered by the barriers
        meet_others(group);
        total = atomic_load(&group->left_count);
        meet_others(group);
        if (worker->index == 0) {
            atomic_store(&group->left_count, 0);
        }
        meet_others(group);
    } while (total > 0);
}

static void reclaim_all(struct nnet_worker *worker)
{
    struct nb_epoch *epoch = &worker->group->epoch;

    while (nb_epoch_has_retired(epoch, worker->index)) { // reclaiming may retire more
        nb_epoch_reclaim(epoch, worker->index, UINT64_MAX);
    }
}

static void wind_down(struct nnet_worker *worker)
{
    const struct nnet_group_opts *opts = &worker->group->opts;

    nnet__jobs_cancel(worker);
    while (!nb_list_is_empty(&worker->jobs)) {
        (void)uv_run(&worker->loop, UV_RUN_ONCE);
    }
    run_all_left(worker);
    if (opts->stop != NULL) {
        nnet__worker_enter(worker);
        opts->stop(opts->ctx, worker);
    }
    run_all_left(worker);
    // All are offline now and nobody posts: what is retired is seen by nobody.
    reclaim_all(worker);
    run_all_left(worker);
    nnet_timer_disarm(worker, &worker->reclaim_timer);
    nnet_timer_disarm(worker, &worker->trim_timer);
    assert(worker->timer_count == 0);
    nnet__worker_close_handles(worker);
}

static void *worker_main(void *arg)
{
    struct nnet_worker *worker = arg;
    const struct nnet_group_opts *opts = &worker->group->opts;

    if (pass_gate(worker->group) == GATE_ABANDONED) {
        return NULL;
    }
    nnet__worker_enter(worker);
    if (opts->start != NULL) {
        opts->start(opts->ctx, worker);
    }
    nnet__worker_leave(worker);
    (void)uv_run(&worker->loop, UV_RUN_DEFAULT); // until on_stop
    wind_down(worker);
    return NULL;
}

static void name_thread(const struct nnet_worker *worker)
{
    char name[16]; // what Linux allows

    if (nnet_worker_is_control(worker)) {
        snprintf(name, sizeof(name), "natsd-control");
    } else {
        snprintf(name, sizeof(name), "natsd-w%u", worker->index);
    }
    (void)pthread_setname_np(worker->thread, name); // only for people
}

// Signals are the program's own business: none is delivered to a worker.
static int start_thread(struct nnet_worker *worker)
{
    sigset_t all;
    sigset_t before;
    int rc;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(&worker->thread, NULL, worker_main, worker);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc != 0) {
        return NB_EIO;
    }
    name_thread(worker);
    return NB_OK;
}

// The group as far as it exists: no thread runs.
static void free_group(struct nnet_group *group, unsigned worker_count)
{
    for (unsigned i = 0; i < worker_count; i++) {
        nnet__worker_fini(&group->workers[i]);
    }
    nb_epoch_fini(&group->epoch);
    pthread_barrier_destroy(&group->winding_down);
    pthread_cond_destroy(&group->gate_changed);
    pthread_mutex_destroy(&group->gate_mutex);
    nb_free(group->workers);
    nb_free(group);
}

static struct nnet_group *make_group(const struct nnet_group_opts *opts)
{
    struct nnet_group *group = nb_zalloc(sizeof(*group));

    group->opts = *opts;
    group->total = opts->worker_count + 1;
    group->workers =
        nb_aligned_zalloc(_Alignof(struct nnet_worker), group->total * sizeof(struct nnet_worker));
    group->gate = GATE_CLOSED;
    nb_epoch_init(&group->epoch, group->total);
    pthread_mutex_init(&group->gate_mutex, NULL);
    pthread_cond_init(&group->gate_changed, NULL);
    pthread_barrier_init(&group->winding_down, NULL, group->total);
    return group;
}

int nnet_group_create(const struct nnet_group_opts *opts, struct nnet_group **out)
{
    struct nnet_group *group;
    unsigned ready = 0;
    unsigned started = 0;

    assert(opts->worker_count >= 1 && opts->worker_count <= NNET_WORKERS_MAX);
    group = make_group(opts);
    while (ready < group->total) {
        if (nnet__worker_init(&group->workers[ready], group, ready) != NB_OK) {
            goto fail;
        }
        ready++;
    }
    while (started < group->total) {
        if (start_thread(&group->workers[started]) != NB_OK) {
            goto fail;
        }
        started++;
    }
    set_gate(group, GATE_OPEN);
    *out = group;
    return NB_OK;

fail:
    set_gate(group, GATE_ABANDONED);
    for (unsigned i = 0; i < started; i++) {
        pthread_join(group->workers[i].thread, NULL);
    }
    for (unsigned i = 0; i < ready; i++) {
        nnet__worker_close_handles(&group->workers[i]);
    }
    free_group(group, ready);
    return NB_EIO;
}

static void on_stop(struct nnet_task *task NB_UNUSED, struct nnet_worker *worker)
{
    uv_stop(&worker->loop);
}

void nnet_group_destroy(struct nnet_group **group)
{
    struct nnet_group *g = *group;

    if (g == NULL) {
        return;
    }
    *group = NULL;
    for (unsigned i = 0; i < g->total; i++) {
        g->workers[i].stop_task.run = on_stop;
        nnet_worker_post(&g->workers[i], &g->workers[i].stop_task);
    }
    for (unsigned i = 0; i < g->total; i++) {
        pthread_join(g->workers[i].thread, NULL);
    }
    free_group(g, g->total);
}

unsigned nnet_group_worker_count(const struct nnet_group *group)
{
    return group->total - 1;
}

struct nnet_worker *nnet_group_worker(struct nnet_group *group, unsigned index)
{
    assert(index + 1 < group->total);
    return &group->workers[index];
}

struct nnet_worker *nnet_group_control(struct nnet_group *group)
{
    return &group->workers[group->total - 1];
}

struct nb_epoch *nnet_group_epoch(struct nnet_group *group)
{
    return &group->epoch;
}
