#include "resolver/lookup.h"

#include <stdio.h>

#include <natsd/memory.h>

#include "clients/deliver.h"
#include "events/publish.h"
#include "lifecycle/state.h"
#include "resolver/desk.h"

// Shared by the lookup and the task that publishes it; whoever is last frees it.
struct question {
    struct nnet_task task;
    struct nserver *server;
    struct slice subject, reply; // owned
    unsigned heard;              // by how many
    struct lookup *lookup;       // [control] NULL: it is over
};

struct lookup {
    struct nb_link link;
    struct nnet_timer timeout;
    struct nnet_worker *control;
    struct question *question; // NULL: it is known how many were asked
    uint64_t number;
    unsigned asked;
    unsigned empty; // answers
    nserver__looked_up_fn done;
    void *ctx;
};

void nserver__lookups_init(struct nserver__lookups *lookups)
{
    nb_list_init(&lookups->open);
}

static void destroy(struct lookup *lookup)
{
    nb_link_remove(&lookup->link);
    nnet_timer_disarm(lookup->control, &lookup->timeout);
    if (lookup->question != NULL) {
        lookup->question->lookup = NULL;
    }
    nb_free(lookup);
}

static void finish(struct lookup *lookup, int rc, struct slice token, const char *why)
{
    nserver__looked_up_fn done = lookup->done;
    void *ctx = lookup->ctx;

    destroy(lookup);
    done(ctx, rc, token, why);
}

static void finish_if_nobody_is_left(struct lookup *lookup)
{
    if (lookup->question == NULL && lookup->empty >= lookup->asked) {
        finish(lookup, NB_ENOTFOUND, (struct slice){0}, "account jwt not found");
    }
}

void nserver__lookups_fini(struct nserver__lookups *lookups)
{
    NB_LIST_FOREACH (link, &lookups->open) {
        destroy(nb_container_of(link, struct lookup, link));
    }
}

/* The question. */

static void on_published(struct nnet_task *task, struct nnet_worker *control NB_UNUSED)
{
    struct question *question = nb_container_of(task, struct question, task);
    struct lookup *lookup = question->lookup;

    if (lookup != NULL) {
        lookup->question = NULL;
        lookup->asked = question->heard;
        finish_if_nobody_is_left(lookup);
    }
    nb_slice_free(&question->subject);
    nb_slice_free(&question->reply);
    nb_free(question);
}

static void publish(struct nnet_task *task, struct nnet_worker *net)
{
    struct question *question = nb_container_of(task, struct question, task);
    struct nserver *server = question->server;
    struct nserver__worker *self = nserver__worker_of(net);

    question->heard = nserver__publish(self, server->system_account, question->subject,
                                       question->reply, (struct slice){0}, (struct slice){0});
    nserver__deliver_end(self);
    question->task.run = on_published;
    nnet_worker_post(nnet_group_control(server->group), &question->task);
}

static void on_timeout(struct nnet_timer *timer)
{
    finish(nb_container_of(timer, struct lookup, timeout), NB_ETIMEDOUT, (struct slice){0},
           "fetching jwt timed out");
}

void nserver__lookup_start(struct nserver__lookups *lookups,
                           const struct nserver__claims_desk *desk, struct nserver *server,
                           struct slice key, int64_t timeout_ns, nserver__looked_up_fn done,
                           void *ctx)
{
    struct lookup *lookup = nb_zalloc(sizeof(*lookup));
    struct question *question = nb_zalloc(sizeof(*question));
    char subject[128];

    snprintf(subject, sizeof(subject), "$SYS.REQ.ACCOUNT.%.*s.CLAIMS.LOOKUP", NB_SLICE_ARGS(key));
    lookup->number = ++lookups->last;
    lookup->control = nnet_group_control(server->group);
    lookup->question = question;
    lookup->done = done;
    lookup->ctx = ctx;
    lookup->timeout.fire = on_timeout;
    nb_list_append(&lookups->open, &lookup->link);
    nnet_timer_arm(lookup->control, &lookup->timeout, timeout_ns);
    question->server = server;
    question->lookup = lookup;
    question->subject = nb_slice_dup(nb_slice_of(subject));
    question->reply = nserver__claims_desk_inbox(desk, lookup->number);
    question->task.run = publish;
    nnet_worker_post(server->workers[0].net, &question->task);
}

/* Answers. */

void nserver__lookup_take(struct nserver__lookups *lookups, uint64_t number, struct slice token)
{
    NB_LIST_FOREACH (link, &lookups->open) {
        struct lookup *lookup = nb_container_of(link, struct lookup, link);

        if (lookup->number != number) {
            continue;
        }
        if (token.n > 0) {
            finish(lookup, NB_OK, token, NULL);
        } else {
            lookup->empty++;
            finish_if_nobody_is_left(lookup);
        }
        return;
    }
}
