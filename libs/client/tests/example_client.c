// Connects, answers requests on a subject and asks one itself.
#include "example_server.h"

#include <natsd/client.h>

static void on_question(void *ctx, struct nclient_sub *sub NB_UNUSED,
                        const struct nclient_message *message)
{
    int rc = nclient_publish(ctx, message->reply, NB_SLICE("42"));

    assert(rc == NB_OK);
}

static void on_answer(void *ctx, int rc, const struct nclient_message *reply)
{
    if (rc == NB_OK) { // NB_ENOTFOUND: nobody is there
        printf("%.*s\n", NB_SLICE_ARGS(reply->data));
    }
    *(int *)ctx = rc;
}

int main(void)
{
    const struct nclient_message question = {.subject = NB_SLICE("life"), .data = NB_SLICE("?")};
    struct nclient_opts opts = {.name = "example"};
    struct nclient_sub_opts sub = {.subject = "life", .message = on_question};
    struct example_server server;
    struct nb_diag diag = {""};
    struct nclient *client;
    int answered = NB_EAGAIN;

    example_start(&server);
    opts.urls = server.url;
    int rc = nclient_connect_wait(&opts, &client, &diag);
    if (rc != NB_OK) {
        fprintf(stderr, "%s\n", diag.text);
        return 1;
    }
    sub.ctx = client;
    rc = nclient_subscribe(client, &sub, NULL);
    assert(rc == NB_OK);
    rc = nclient_request(client, &question, 2000000000, on_answer, &answered);
    assert(rc == NB_OK);
    // The server answers this after the question, and we ours before the drain is over.
    rc = nclient_flush_wait(client, 2000000000);
    assert(rc == NB_OK);
    rc = nclient_drain_wait(client, 2000000000);
    example_stop(&server);
    return rc == NB_OK && answered == NB_OK ? 0 : 1;
}
