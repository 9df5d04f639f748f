#include "lifecycle/visit.h"

#include <natsd/lock.h>
#include <natsd/memory.h>
#include <natsd/timer.h>

#include "lifecycle/state.h"

/* A call: the caller's stack holds it and waits. */

struct call {
    struct nnet_task task;
    struct nserver *server;
    nserver__call_fn fn;
    void *arg;
    pthread_mutex_t lock;
    pthread_cond_t done_changed;
    bool is_done;
};

static void run_call(struct nnet_task *task, struct nnet_worker *worker NB_UNUSED)
{
    struct call *call = nb_container_of(task, struct call, task);

    call->fn(call->server, call->arg);
    pthread_mutex_lock(&call->lock);
    call->is_done = true;
    pthread_cond_signal(&call->done_changed); // under the lock: the caller may not leave before
    pthread_mutex_unlock(&call->lock);
}

void nserver__call_control(struct nserver *server, nserver__call_fn fn, void *arg)
{
    struct call call = {
        .task.run = run_call,
        .server = server,
        .fn = fn,
        .arg = arg,
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .done_changed = PTHREAD_COND_INITIALIZER,
    };

    nnet_worker_post(nnet_group_control(server->group), &call.task);
    pthread_mutex_lock(&call.lock);
    while (!call.is_done) {
        pthread_cond_wait(&call.done_changed, &call.lock);
    }
    pthread_mutex_unlock(&call.lock);
    pthread_mutex_destroy(&call.lock);
    pthread_cond_destroy(&call.done_changed);
}

// The least that is not in the pass that arms it.
#define SETTLING_NS 1

/* A visit: one object for all, counted down by the workers. */

struct visit {
    struct nserver *server;
    nserver__visit_fn fn;
    nserver__call_fn done;
    void *arg;
    _Atomic unsigned left;
    struct nnet_task finish;
    struct stop_over {
        struct nnet_task task;
        struct nnet_timer settled;
        unsigned passes_left; // before it is settled
        struct nnet_worker *worker;
        struct visit *visit;
    } stops[]; // one per worker
};

static void finish_visit(struct nnet_task *task, struct nnet_worker *worker NB_UNUSED)
{
    struct visit *visit = nb_container_of(task, struct visit, finish);

    if (visit->done != NULL) {
        visit->done(visit->server, visit->arg);
    }
    nb_free(visit);
}

static void stop_over(struct stop_over *stop)
{
    struct visit *visit = stop->visit;

    visit->fn(nserver__worker_of(stop->worker), visit->arg);
    if (atomic_fetch_sub(&visit->left, 1) == 1) {
        nnet_worker_post(nnet_group_control(visit->server->group), &visit->finish);
    }
}

static void on_stop(struct nnet_task *task, struct nnet_worker *worker NB_UNUSED)
{
    stop_over(nb_container_of(task, struct stop_over, task));
}

// Timers come before sockets in a pass. So between the first and the second time this fires,
// all sockets were looked at, also those that were opened in the pass of the visit.
static void on_settled(struct nnet_timer *timer)
{
    struct stop_over *stop = nb_container_of(timer, struct stop_over, settled);

    if (stop->passes_left == 0) {
        stop_over(stop);
        return;
    }
    stop->passes_left--;
    nnet_timer_arm(stop->worker, timer, SETTLING_NS);
}

static void on_settling_stop(struct nnet_task *task, struct nnet_worker *worker)
{
    struct stop_over *stop = nb_container_of(task, struct stop_over, task);

    stop->passes_left = 1;
    nnet_timer_arm(worker, &stop->settled, SETTLING_NS);
}

// From the second post on the visit may already be over elsewhere, but not freed: freeing is a
// task of this very thread's.
static void visit_workers(struct nserver *server, nserver__visit_fn fn, nserver__call_fn done,
                          void *arg,
                          void (*run)(struct nnet_task *task, struct nnet_worker *worker))
{
    struct visit *visit =
        nb_zalloc(sizeof(*visit) + server->worker_count * sizeof(visit->stops[0]));

    visit->server = server;
    visit->fn = fn;
    visit->done = done;
    visit->arg = arg;
    atomic_store(&visit->left, server->worker_count);
    visit->finish.run = finish_visit;
    for (unsigned i = 0; i < server->worker_count; i++) {
        visit->stops[i] = (struct stop_over){
            .task.run = run,
            .settled.fire = on_settled,
            .worker = server->workers[i].net,
            .visit = visit,
        };
    }
    for (unsigned i = 0; i < server->worker_count; i++) {
        nnet_worker_post(server->workers[i].net, &visit->stops[i].task);
    }
}

void nserver__visit_workers(struct nserver *server, nserver__visit_fn fn, nserver__call_fn done,
                            void *arg)
{
    visit_workers(server, fn, done, arg, on_stop);
}

void nserver__visit_settled_workers(struct nserver *server, nserver__visit_fn fn,
                                    nserver__call_fn done, void *arg)
{
    visit_workers(server, fn, done, arg, on_settling_stop);
}
