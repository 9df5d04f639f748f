#include "worker.h"

// A job on its way through libuv's pool.
struct nnet__job {
    uv_work_t request; // data: this
    struct nb_link link;
    struct nnet_worker *worker;
    struct nnet_job *job;
};

static void on_work(uv_work_t *request)
{
    struct nnet__job *impl = request->data;

    impl->job->work(impl->job);
}

static void on_done(uv_work_t *request, int status)
{
    struct nnet__job *impl = request->data;
    struct nnet_worker *worker = impl->worker;
    struct nnet_job *job = impl->job;

    assert(status == 0 || status == UV_ECANCELED);
    nnet__worker_enter(worker);
    nb_link_remove(&impl->link);
    job->impl = NULL;
    nb_free(impl);
    job->done(job, status == 0 ? NB_OK : NB_ECANCELED); // last: it may free the job
    nnet__worker_leave(worker);
}

void nnet_worker_run_job(struct nnet_worker *worker, struct nnet_job *job)
{
    struct nnet__job *impl = nb_zalloc(sizeof(*impl));

    nnet__assert_owner(worker);
    assert(job->work != NULL && job->done != NULL);
    impl->request.data = impl;
    impl->worker = worker;
    impl->job = job;
    job->impl = impl;
    nb_list_append(&worker->jobs, &impl->link);
    NNET_UV_OK(uv_queue_work(&worker->loop, &impl->request, on_work, on_done));
}

// Those that have not begun; the others end by themselves. All of them call back.
void nnet__jobs_cancel(struct nnet_worker *worker)
{
    NB_LIST_FOREACH (link, &worker->jobs) {
        (void)uv_cancel((uv_req_t *)&nb_container_of(link, struct nnet__job, link)->request);
    }
}
