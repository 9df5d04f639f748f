#include "resolver/file_queue.h"

#include <natsd/memory.h>

struct nserver__file_queue {
    struct nnet_job job;
    struct nnet_worker *control;
    struct nserver__store *store;
    struct nb_link waiting;
    struct nserver__file_work *current; // in the pool
    bool is_ended;
};

struct nserver__file_queue *nserver__file_queue_create(struct nserver__store *store)
{
    struct nserver__file_queue *queue = nb_zalloc(sizeof(*queue));

    queue->store = store;
    nb_list_init(&queue->waiting);
    return queue;
}

static void destroy(struct nserver__file_queue *queue)
{
    nserver__store_close(&queue->store);
    nb_free(queue);
}

static void run_next(struct nserver__file_queue *queue);

static void in_pool(struct nnet_job *job)
{
    struct nserver__file_queue *queue = nb_container_of(job, struct nserver__file_queue, job);

    queue->current->work(queue->current, queue->store);
}

static void back_in_control(struct nnet_job *job, int rc)
{
    struct nserver__file_queue *queue = nb_container_of(job, struct nserver__file_queue, job);
    struct nserver__file_work *work = queue->current;

    queue->current = NULL;
    if (queue->is_ended) {
        work->done(work, NB_ECANCELED);
        destroy(queue);
        return;
    }
    run_next(queue); // first: `done` may end the queue
    work->done(work, rc);
}

static void run_next(struct nserver__file_queue *queue)
{
    struct nb_link *first = nb_list_take_first(&queue->waiting);

    if (first != NULL) {
        queue->current = nb_container_of(first, struct nserver__file_work, link);
        queue->job.work = in_pool;
        queue->job.done = back_in_control;
        nnet_worker_run_job(queue->control, &queue->job);
    }
}

void nserver__file_queue_add(struct nserver__file_queue *queue, struct nnet_worker *control,
                             struct nserver__file_work *work)
{
    queue->control = control;
    nb_list_append(&queue->waiting, &work->link);
    if (queue->current == NULL) {
        run_next(queue);
    }
}

void nserver__file_queue_end(struct nserver__file_queue **queue)
{
    struct nserver__file_queue *q = *queue;
    struct nb_link *first;

    if (q == NULL) {
        return;
    }
    *queue = NULL;
    q->is_ended = true;
    while ((first = nb_list_take_first(&q->waiting)) != NULL) {
        struct nserver__file_work *work = nb_container_of(first, struct nserver__file_work, link);

        work->done(work, NB_ECANCELED);
    }
    if (q->current == NULL) {
        destroy(q);
    }
}
