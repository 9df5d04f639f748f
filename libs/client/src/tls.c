#include "state.h"

bool nclient__tls_is_wanted(const struct nclient *client)
{
    return client->config.opts.tls || nclient__pool_current(&client->pool)->url.is_tls;
}

static void load(struct nnet_job *job)
{
    struct nclient *client = nb_container_of(job, struct nclient, tls_job);

    client->tls_job_rc =
        nclient__config_load_tls(&client->config, &client->tls_job_context, &client->tls_job_diag);
}

static void on_loaded(struct nnet_job *job, int rc)
{
    struct nclient *client = nb_container_of(job, struct nclient, tls_job);

    client->is_tls_job_running = false;
    client->tls = client->tls_job_context;
    client->tls_job_context = NULL;
    if (nclient__is_ending(client)) {
        nclient__check_gone(client);
        return;
    }
    if (rc == NB_OK) {
        rc = client->tls_job_rc;
    }
    nclient__session_on_tls_ready(client, rc, client->tls_job_diag.text);
}

bool nclient__tls_prepare(struct nclient *client)
{
    if (client->tls == NULL && !client->is_tls_job_running) {
        client->is_tls_job_running = true;
        client->tls_job.work = load;
        client->tls_job.done = on_loaded;
        nnet_worker_run_job(client->worker, &client->tls_job);
    }
    return client->tls != NULL;
}
