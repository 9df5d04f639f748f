#include "state.h"

#include <pthread.h>

enum {
    OUTBOX_ROUNDS_MAX = 16, // callbacks may ask for more; then others of this worker come first
};

// -- what is asked ---------------------------------------------------------------------------

void nclient__wake(struct nclient *client)
{
    nnet_worker_post(client->worker, &client->outbox_task);
}

void nclient__ask(struct nclient *client, struct nclient__op *op)
{
    struct nclient__outbox *outbox = &client->outbox;
    bool should_wake;

    nb_mutex_lock(&outbox->mutex);
    nclient__outbox_add(outbox, op);
    should_wake = nclient__outbox_should_wake(outbox);
    nb_mutex_unlock(&outbox->mutex);
    if (should_wake) {
        nclient__wake(client);
    }
}

void nclient__attend(struct nclient *client)
{
    nb_mutex_lock(&client->outbox.mutex);
    client->outbox.is_attended = true;
    nb_mutex_unlock(&client->outbox.mutex);
}

static void leave_outbox(struct nclient *client)
{
    struct nclient__outbox *outbox = &client->outbox;
    bool should_wake;

    nb_mutex_lock(&outbox->mutex);
    outbox->is_attended = false;
    should_wake = outbox->first != NULL && nclient__outbox_should_wake(outbox);
    nb_mutex_unlock(&outbox->mutex);
    if (should_wake) {
        nclient__wake(client);
    }
}

bool nclient__run_outbox(struct nclient *client)
{
    bool has_run = false;

    for (unsigned round = 0; round < OUTBOX_ROUNDS_MAX; round++) {
        struct nclient__op *op = nclient__outbox_take(&client->outbox);

        if (op == NULL) {
            break;
        }
        has_run = true;
        while (op != NULL) {
            struct nclient__op *next = op->next;

            op->run(op, client); // its owner may free it
            op = next;
        }
    }
    leave_outbox(client);
    return has_run;
}

// -- the end ---------------------------------------------------------------------------------

static void *destroy_group(void *arg)
{
    struct nnet_group *group = arg;

    nnet_group_destroy(&group);
    return NULL;
}

// A worker can't wait for its own end.
static void destroy_group_elsewhere(struct nnet_group *group)
{
    pthread_attr_t attr;
    pthread_t thread;

    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    // Without a thread the idle group stays: nothing else can be done with it.
    (void)pthread_create(&thread, &attr, destroy_group, group);
    pthread_attr_destroy(&attr);
}

static void free_client(struct nclient *client)
{
    nclient__subs_free_all(client);
    nb_u64map_fini(&client->subs_by_sid);
    nb_map_fini(&client->requests);
    nclient__pool_fini(&client->pool);
    nclient__config_fini(&client->config);
    nnet_tls_context_unref(client->tls);
    nb_slice_free(&client->server_json);
    nclient__outbox_fini(&client->outbox);
    nb_free(client);
}

// Everything is over, the handle was given back, and no task of the client's is on its way.
static void check_freeable(struct nclient *client)
{
    struct nclient__waiter *waiter;
    struct nnet_group *group = client->group;
    bool is_task_posted;

    nb_mutex_lock(&client->outbox.mutex);
    is_task_posted = client->outbox.is_task_posted;
    nb_mutex_unlock(&client->outbox.mutex);
    if (client->phase != NCLIENT__CLOSED || !client->is_handle_closed || is_task_posted) {
        return;
    }
    waiter = client->close_waiter;
    free_client(client);
    if (waiter != NULL) {
        nclient__waiter_signal(waiter, NB_OK, ""); // that thread destroys the group
    } else if (group != NULL) {
        destroy_group_elsewhere(group);
    }
}

static void on_outbox_task(struct nnet_task *task, struct nnet_worker *worker NB_UNUSED)
{
    struct nclient *client = nb_container_of(task, struct nclient, outbox_task);

    nb_mutex_lock(&client->outbox.mutex);
    client->outbox.is_task_posted = false;
    client->outbox.is_attended = true;
    nb_mutex_unlock(&client->outbox.mutex);
    (void)nclient__run_outbox(client); // what there was doesn't matter
    check_freeable(client);
}

void nclient__emit(struct nclient *client, enum nclient_event event, const char *text)
{
    if (client->config.opts.event != NULL) {
        client->config.opts.event(client->config.opts.event_ctx, client, event, text);
    }
}

void nclient__set_why(struct nclient *client, int rc, const char *text)
{
    client->why_rc = rc;
    nb_diag_set(&client->why, "%s", text);
}

static void on_end_task(struct nnet_task *task, struct nnet_worker *worker)
{
    struct nclient *client = nb_container_of(task, struct nclient, end_task);

    nclient__attend(client);
    nclient__flush_fail_all(client);
    nclient__requests_fail_all(client);
    nclient__subs_end_all(client);
    nclient__drop_held(client);
    if (nclient__run_outbox(client)) { // it may have brought more of all that
        nnet_worker_post(worker, &client->end_task);
        return;
    }
    client->phase = NCLIENT__CLOSED;
    nclient__emit(client, NCLIENT_CLOSED, client->why.text);
    if (client->connect_waiter != NULL) {
        nclient__waiter_signal(client->connect_waiter, client->why_rc, client->why.text);
        client->connect_waiter = NULL;
    }
    check_freeable(client);
}

void nclient__check_gone(struct nclient *client)
{
    if (client->phase == NCLIENT__CLOSING && client->link_count == 0 && client->dial == NULL &&
        !client->is_tls_job_running && !client->is_end_posted) {
        client->is_end_posted = true;
        nnet_worker_post(client->worker, &client->end_task);
    }
}

void nclient__begin_close(struct nclient *client)
{
    bool was_online = client->phase == NCLIENT__ONLINE;

    assert(!nclient__is_ending(client));
    client->phase = NCLIENT__CLOSING;
    nclient__outbox_set_closed(&client->outbox);
    nclient__session_stop(client);
    nclient__keepalive_stop(client);
    nclient__link_drop(client, was_online ? NNET_CLOSE_FLUSH : NNET_CLOSE_NOW);
    nclient__check_gone(client);
}

static void on_close(struct nclient__op *op NB_UNUSED, struct nclient *client)
{
    client->is_handle_closed = true;
    if (!nclient__is_ending(client)) {
        nclient__set_why(client, NB_ECLOSED, "closed");
        nclient__begin_close(client);
    }
}

void nclient_close(struct nclient *client)
{
    nclient__ask(client, &client->close_op);
}

void nclient_close_wait(struct nclient *client)
{
    struct nnet_group *group = client->group;
    struct nclient__waiter waiter;

    assert(!nnet_worker_is_current(client->worker));
    nclient__waiter_init(&waiter);
    client->close_waiter = &waiter;
    nclient__ask(client, &client->close_op);
    (void)nclient__waiter_wait(&waiter); // it can't fail
    nnet_group_destroy(&group);
}

// -- the beginning ---------------------------------------------------------------------------

static void on_begin(struct nclient__op *op NB_UNUSED, struct nclient *client)
{
    nclient__session_begin(client);
}

static void init_state(struct nclient *client)
{
    nclient__outbox_init(&client->outbox, client->config.opts.reconnect_buffer_size);
    client->outbox_task.run = on_outbox_task;
    client->end_task.run = on_end_task;
    client->begin_op.run = on_begin;
    client->close_op.run = on_close;
    client->held_last = &client->held_first;
    nb_list_init(&client->subs);
    nb_list_init(&client->pongs);
    nb_list_init(&client->parked);
    nb_nuid_init(&client->nuid);
}

// The group lives a moment longer than its client.
static const struct nb_logger no_log;

static int make_worker(struct nclient *client, struct nb_diag *diag)
{
    const struct nb_logger *log = client->config.opts.log;
    const struct nnet_group_opts opts = {.worker_count = 1, .log = log != NULL ? log : &no_log};

    client->worker = client->config.opts.worker;
    if (client->worker != NULL) {
        return NB_OK;
    }
    if (nnet_group_create(&opts, &client->group) != NB_OK) {
        nb_diag_set(diag, "no thread could be made");
        return NB_EIO;
    }
    client->worker = nnet_group_worker(client->group, 0);
    return NB_OK;
}

static int begin(const struct nclient_opts *opts, struct nclient__waiter *waiter,
                 struct nclient **out, struct nb_diag *diag)
{
    struct nclient *client = nb_zalloc(sizeof(*client));
    int rc = nclient__config_init(&client->config, opts, diag);

    if (rc == NB_OK) {
        rc = nclient__pool_init(&client->pool, opts->urls, diag);
    }
    if (rc == NB_OK) {
        rc = make_worker(client, diag);
    }
    if (rc != NB_OK) {
        goto fail;
    }
    init_state(client);
    nclient_new_inbox(client, client->inbox);
    client->connect_waiter = waiter;
    *out = client;
    nclient__ask(client, &client->begin_op);
    return NB_OK;

fail:
    nclient__pool_fini(&client->pool);
    nclient__config_fini(&client->config);
    nb_free(client);
    return rc;
}

int nclient_connect(const struct nclient_opts *opts, struct nclient **out, struct nb_diag *diag)
{
    return begin(opts, NULL, out, diag);
}

int nclient_connect_wait(const struct nclient_opts *opts, struct nclient **out,
                         struct nb_diag *diag)
{
    struct nclient__waiter waiter;
    struct nclient *client;
    int rc;

    assert(opts->worker == NULL || !nnet_worker_is_current(opts->worker));
    nclient__waiter_init(&waiter);
    rc = begin(opts, &waiter, &client, diag);
    if (rc != NB_OK) {
        nclient__waiter_drop(&waiter);
        return rc;
    }
    rc = nclient__waiter_wait(&waiter);
    if (rc != NB_OK) {
        nb_diag_set(diag, "%s", waiter.diag.text);
        nclient_close_wait(client);
        return rc;
    }
    *out = client;
    return NB_OK;
}
