#include "state.h"

#include <stdio.h>

enum {
    REPLY_MAX_BYTES = NCLIENT_INBOX_MAX_BYTES + 1 + NB_NUID_BYTES,
};

/* All requests of a client share one subscription: inbox.* . The token that replaces the star
 * finds the request. It is registered before its message can leave, because both go through
 * the outbox in this order.
 */
struct request {
    struct nclient__op op;
    struct nclient *client;
    struct nnet_timer timer;
    int64_t timeout_ns; // 0: none
    nclient_reply_fn done;
    void *ctx;
    char token[NB_NUID_BYTES + 1];
};

static struct slice token_of(const struct request *request)
{
    return nb_slice_make(request->token, NB_NUID_BYTES);
}

// Not in the table any more.
static void finish(struct request *request, int rc, const struct nclient_message *reply)
{
    struct nclient *client = request->client;

    nnet_timer_disarm(client->worker, &request->timer);
    nb_mutex_lock(&client->outbox.mutex);
    client->request_count--;
    nb_mutex_unlock(&client->outbox.mutex);
    request->done(request->ctx, rc, reply);
    nb_free(request);
}

static void on_timer(struct nnet_timer *timer)
{
    struct request *request = nb_container_of(timer, struct request, timer);

    (void)nb_map_remove(&request->client->requests, token_of(request)); // it is there
    finish(request, NB_ETIMEDOUT, NULL);
}

static void on_reply(void *ctx, struct nclient_sub *sub NB_UNUSED,
                     const struct nclient_message *message)
{
    struct nclient *client = ctx;
    struct slice token = nb_slice_sub(message->subject, strlen(client->inbox) + 1, NB_NUID_BYTES);
    struct request *request = nb_map_remove(&client->requests, token);

    if (request == NULL) {
        return; // too late, or a second reply
    }
    if (nclient__message_is_notice(message)) {
        finish(request, NB_ENOTFOUND, NULL);
    } else {
        finish(request, NB_OK, message);
    }
}

static void open_inbox(struct nclient *client)
{
    char subject[NCLIENT_INBOX_MAX_BYTES + 3];
    const struct nclient_sub_opts opts = {.subject = subject, .message = on_reply, .ctx = client};

    snprintf(subject, sizeof(subject), "%s.*", client->inbox);
    client->inbox_sub = nclient__sub_open_inner(client, &opts);
}

static void on_begin(struct nclient__op *op, struct nclient *client)
{
    struct request *request = nb_container_of(op, struct request, op);

    if (nclient__is_ending(client)) {
        finish(request, NB_ECLOSED, NULL);
        return;
    }
    if (client->inbox_sub == NULL) {
        open_inbox(client);
    }
    (void)nb_map_insert(&client->requests, token_of(request), request); // NUIDs are unique
    if (request->timeout_ns > 0) {
        nnet_timer_arm(client->worker, &request->timer, request->timeout_ns);
    }
}

// Under the lock.
static int ask(struct nclient *client, struct request *request, struct nclient_message *message)
{
    char reply[REPLY_MAX_BYTES + 1];
    int rc = nclient__message_admit(client, message);

    if (rc != NB_OK) {
        return rc;
    }
    if (client->request_count >= NCLIENT_REQUESTS_MAX) {
        return NB_ELIMIT;
    }
    client->request_count++;
    nb_nuid_next(&client->nuid, request->token);
    snprintf(reply, sizeof(reply), "%s.%s", client->inbox, request->token);
    message->reply = nb_slice_of(reply);
    nclient__outbox_add(&client->outbox, &request->op);
    nclient__message_add(client, message);
    return NB_OK;
}

int nclient_request(struct nclient *client, const struct nclient_message *message,
                    int64_t timeout_ns, nclient_reply_fn done, void *ctx)
{
    struct nclient_message own = *message;
    struct request *request;
    bool should_wake = false;
    int rc = message->reply.n > 0 ? NB_EINVALID : nclient__message_check(message);

    if (rc != NB_OK) {
        return rc;
    }
    request = nb_zalloc(sizeof(*request));
    request->op.run = on_begin;
    request->client = client;
    request->timer.fire = on_timer;
    request->timeout_ns = timeout_ns;
    request->done = done;
    request->ctx = ctx;
    nb_mutex_lock(&client->outbox.mutex);
    rc = ask(client, request, &own);
    if (rc == NB_OK) {
        should_wake = nclient__outbox_should_wake(&client->outbox);
    }
    nb_mutex_unlock(&client->outbox.mutex);
    if (should_wake) {
        nclient__wake(client);
    }
    if (rc != NB_OK) {
        nb_free(request);
    }
    return rc;
}

void nclient__requests_fail_all(struct nclient *client)
{
    size_t position = 0;
    struct request *request;

    while ((request = nb_map_next(&client->requests, &position)) != NULL) {
        (void)nb_map_remove(&client->requests, token_of(request)); // it is there
        finish(request, NB_ECLOSED, NULL);
        position = 0; // the table changed
    }
}

void nclient_new_inbox(struct nclient *client, char out[NCLIENT_INBOX_MAX_BYTES + 1])
{
    char id[NB_NUID_BYTES + 1];

    nb_mutex_lock(&client->outbox.mutex);
    nb_nuid_next(&client->nuid, id);
    nb_mutex_unlock(&client->outbox.mutex);
    snprintf(out, NCLIENT_INBOX_MAX_BYTES + 1, "%s.%s", client->config.opts.inbox_prefix, id);
}
