#include "events/publish.h"

#include <natsd/memory.h>

#include "clients/deliver.h"
#include "clients/sender.h"
#include "events/system_trace.h"
#include "lifecycle/state.h"

unsigned nserver__publish(struct nserver__worker *self, struct nserver__account *account,
                          struct slice subject, struct slice reply, struct slice headers,
                          struct slice body)
{
    struct nserver__sender sender = nserver__sender_of_server(self, account);
    size_t size = headers.n + body.n;
    uint8_t *payload = nb_alloc(size + 1);
    struct nproto_msg msg = {
        .op = headers.n > 0 ? NPROTO_OP_HPUB : NPROTO_OP_PUB,
        .subject = subject,
        .reply = reply,
        .header_size = (uint32_t)headers.n,
        .payload = {payload, size},
    };
    unsigned count;

    if (headers.n > 0) {
        memcpy(payload, headers.p, headers.n);
    }
    if (body.n > 0) {
        memcpy(payload + headers.n, body.p, body.n);
    }
    if (account == self->server->system_account) {
        nserver__trace_system_publish(self->server, &msg);
    }
    count = nserver__deliver_on(&sender, &msg);
    nb_free(payload);
    return count;
}

struct publish_task {
    struct nnet_task task;
    struct nserver__account *account;
    struct slice subject, reply, headers, body; // owned
};

static void run_publish(struct nnet_task *task, struct nnet_worker *net)
{
    struct publish_task *publish = nb_container_of(task, struct publish_task, task);
    struct nserver__worker *self = nserver__worker_of(net);

    if (!self->is_stopping) { // or its clients have gone
        nserver__publish(self, publish->account, publish->subject, publish->reply, publish->headers,
                         publish->body);
        nserver__deliver_end(self);
    }
    nb_slice_free(&publish->subject);
    nb_slice_free(&publish->reply);
    nb_slice_free(&publish->headers);
    nb_slice_free(&publish->body);
    nb_free(publish);
}

void nserver__publish_soon(struct nserver *server, struct nserver__account *account,
                           struct slice subject, struct slice reply, struct slice headers,
                           struct slice body)
{
    struct publish_task *publish = nb_zalloc(sizeof(*publish));

    publish->task.run = run_publish;
    publish->account = account;
    publish->subject = nb_slice_dup(subject);
    publish->reply = nb_slice_dup(reply);
    publish->headers = nb_slice_dup(headers);
    publish->body = nb_slice_dup(body);
    nnet_worker_post(server->workers[0].net, &publish->task);
}
