/* subscribe.c - SUB, UNSUB and the end of subscriptions (spec 01 section 11). */
#include "clients/subscription.h"

#include <natsd/memory.h>
#include <natsd/quote.h>
#include <natsd/subject.h>

#include "clients/client.h"
#include "clients/deliver.h"
#include "sharing/responses.h"
#include "sharing/shadows.h"

#define QUEUE_RESERVED "_sys_"

static void note_activity(struct nserver__client *c)
{
    c->active_at = nnet_worker_now(c->worker->net);
    c->ping_active_at = c->active_at;
}

// `<before><quoted subject>[<between><quoted queue>]`; empty when it is longer than a line may be.
static void put_names(struct nb_buf *out, const char *before, struct slice subject,
                      const char *between, struct slice queue)
{
    int rc;

    nb_buf_init(out, 256 + 10 * (subject.n + queue.n)); // \UNNNNNNNN is the longest escape
    nb_buf_must_text(out, before);
    rc = nb_quote(subject, out);
    if (rc == NB_OK && queue.n > 0) {
        nb_buf_must_text(out, between);
        rc = nb_quote(queue, out);
    }
    if (rc != NB_OK) {
        nb_buf_clear(out);
    }
}

// `Permissions Violation for Subscription to "<subject>"[ using queue "<queue>"]<more>`
static void tell_violation(struct nserver__client *c, struct slice subject, struct slice queue,
                           const char *more)
{
    struct nb_buf text;

    put_names(&text, "Permissions Violation for Subscription to ", subject, " using queue ", queue);
    nb_buf_must_text(&text, more);
    nserver__client_send_err_slice(c, nb_buf_slice(&text));
    nb_buf_fini(&text);
}

static void refuse_sub(struct nserver__client *c, const struct nproto_msg *msg, const char *more)
{
    struct nb_buf text;

    tell_violation(c, msg->subject, msg->queue, more);
    put_names(&text, "Subscription Violation - Subject ", msg->subject, ", Queue: ", msg->queue);
    nserver__client_log(c, NB_LOG_ERROR, "%.*s, SID %.*s", NB_SLICE_ARGS(nb_buf_slice(&text)),
                        NB_SLICE_ARGS(msg->sid));
    nb_buf_fini(&text);
}

static size_t sub_size(size_t sid_size, size_t subject_size, size_t queue_size)
{
    size_t size = offsetof(struct nserver__sub, bytes) + sid_size + subject_size + queue_size;

    return size > sizeof(struct nserver__sub) ? size : sizeof(struct nserver__sub);
}

static struct nserver__sub *make_sub(struct nserver__client *c, const struct nproto_msg *msg)
{
    struct nserver__sub *sub =
        nb_slab_get(&c->worker->sub_pool, sub_size(msg->sid.n, msg->subject.n, msg->queue.n));
    uint8_t *at = sub->bytes;

    *sub = (struct nserver__sub){
        .index = {.subject = {at + msg->sid.n, msg->subject.n}, // a line is never 2 GiB long
                  .queue_size = (uint32_t)msg->queue.n & INT32_MAX,
                  .weight = 1},
        .client = c,
        .sid_size = (uint32_t)msg->sid.n & NSERVER__SID_SIZE_MAX,
    };
    memcpy(at, msg->sid.p, msg->sid.n);
    at += msg->sid.n;
    memcpy(at, msg->subject.p, msg->subject.n);
    at += msg->subject.n;
    if (msg->queue.n > 0) {
        memcpy(at, msg->queue.p, msg->queue.n);
    }
    return sub;
}

static void free_sub(struct nserver__worker *worker, struct nserver__sub *sub)
{
    nb_slab_put(&worker->sub_pool, sub,
                sub_size(sub->sid_size, sub->index.subject.n, sub->index.queue_size));
}

static bool is_allowed(struct nserver__client *c, const struct nproto_msg *msg)
{
    const struct nserver_options *opts = &nserver__config(c->server)->opts;

    if (nb_slice_is(msg->queue, QUEUE_RESERVED)) {
        refuse_sub(c, msg, "");
        return false;
    }
    if (opts->max_sub_tokens > 0 && nsub_subject_token_count(msg->subject) > opts->max_sub_tokens) {
        refuse_sub(c, msg, ", too many tokens");
        return false;
    }
    if (!nserver__client_may_subscribe(c, msg->subject, msg->queue)) {
        refuse_sub(c, msg, "");
        return false;
    }
    if (c->max_subscriptions >= 0 && c->subs.count >= (uint64_t)c->max_subscriptions) {
        nserver__client_send_err(c, "maximum subscriptions exceeded");
        return false;
    }
    return true;
}

void nserver__client_on_sub(struct nserver__client *c, const struct nproto_msg *msg)
{
    struct nserver__sub *sub;

    note_activity(c);
    if (!is_allowed(c, msg)) {
        return;
    }
    if (nserver__sid_table_find(&c->subs, msg->sid) == NULL) { // a known sid keeps what it has
        sub = make_sub(c, msg);
        if (nsub_trie_insert(c->sender.account->trie, &sub->index) != NB_OK) {
            free_sub(c->worker, sub);
            nserver__client_send_err(c, "Invalid Subject");
            return;
        }
        nserver__sid_table_insert(&c->subs, sub);
        nserver__shadows_begin(c, sub);
    }
    if (c->is_verbose) {
        nserver__client_send_ok(c);
    }
}

// Out of the index at once; freed when no worker can be delivering to it.
static void end_sub(struct nserver__client *c, struct nserver__sub *sub)
{
    int rc;

    atomic_store_explicit(&sub->is_closed, true, memory_order_relaxed);
    rc = nsub_trie_remove(c->sender.account->trie, &sub->index);
    NB_DEBUG_ASSERT(rc == NB_OK);
    (void)rc; // it is there: only its owner removes it
    nserver__shadows_end(c, sub);
    if (NB_UNLIKELY(atomic_load_explicit(&c->sender.account->awaited, memory_order_relaxed) > 0)) {
        nserver__responses_note_unsubscribed(&c->sender, sub->index.subject);
    }
    if (c->sender.is_traced) {
        nserver__client_trace_delsub(c, nserver__sub_sid(sub));
    }
    sub->index.next = c->worker->ended_subs;
    c->worker->ended_subs = &sub->index;
}

/* What a pass has ended is retired as one at its end: a subscription needs no room for that,
 * and a client with a million of them that goes asks for one place in the order of epochs.
 */

struct ended_subs {
    struct nb_epoch_item retired;
    struct nserver__worker *worker;
    struct nsub_sub *first;
};

static void reclaim_subs(struct nb_epoch_item *item)
{
    struct ended_subs *ended = nb_container_of(item, struct ended_subs, retired);

    while (ended->first != NULL) {
        struct nsub_sub *sub = ended->first;

        ended->first = sub->next;
        free_sub(ended->worker, nserver__sub_of(sub));
    }
    nb_free(ended);
}

void nserver__worker_retire_subs(struct nserver__worker *worker)
{
    struct ended_subs *ended;

    if (worker->ended_subs == NULL) {
        return;
    }
    ended = nb_alloc(sizeof(*ended));
    ended->worker = worker;
    ended->first = worker->ended_subs;
    worker->ended_subs = NULL;
    nnet_worker_retire(worker->net, &ended->retired, reclaim_subs);
}

static void remove_sub(struct nserver__client *c, struct nserver__sub *sub)
{
    nserver__sid_table_remove(&c->subs, sub);
    end_sub(c, sub);
}

void nserver__client_on_unsub(struct nserver__client *c, const struct nproto_msg *msg)
{
    struct nserver__sub *sub = nserver__sid_table_find(&c->subs, msg->sid);

    note_activity(c);
    if (sub != NULL) {
        if (!nserver__sub_limit(sub, msg->has_max ? msg->max : 0)) {
            remove_sub(c, sub);
        }
    }
    if (c->is_verbose) {
        nserver__client_send_ok(c);
    }
}

// `Removed sub "x" [using queue "q" ](sid "1") for User "u" - not authorized`
static void log_removal(struct nserver__client *c, struct nserver__sub *sub, const char *sid)
{
    struct nb_buf text;
    struct nb_buf who;

    put_names(&text, "Removed sub ", sub->index.subject, " using queue ",
              nsub_sub_queue(&sub->index));
    nb_buf_init(&who, NSERVER__WHO_MAX_BYTES);
    nserver__client_add_who(c, &who);
    if (nb_buf_slice(&who).n == 0) {
        nb_buf_must_text(&who, "User \"N/A\"");
    }
    nb_log_info(c->server->log, "%.*s%s for %.*s - not authorized",
                NB_SLICE_ARGS(nb_buf_slice(&text)), sid, NB_SLICE_ARGS(nb_buf_slice(&who)));
    nb_buf_fini(&who);
    nb_buf_fini(&text);
}

static void revoke_sub(struct nserver__client *c, struct nserver__sub *sub)
{
    struct nb_buf sid;

    put_names(&sid, " (sid ", nserver__sub_sid(sub), "", (struct slice){0});
    nb_buf_must(&sid, nb_slice_make(")", 2)); // terminated
    tell_violation(c, sub->index.subject, nsub_sub_queue(&sub->index),
                   (const char *)nb_buf_slice(&sid).p);
    log_removal(c, sub, (const char *)nb_buf_slice(&sid).p);
    nb_buf_fini(&sid);
    remove_sub(c, sub);
}

void nserver__client_recheck_subs(struct nserver__client *c)
{
    struct nserver__sub **refused = nb_calloc(c->subs.count + 1, sizeof(struct nserver__sub *));
    struct nserver__sub *sub;
    size_t count = 0;
    size_t at = 0;

    while ((sub = nserver__sid_table_next(&c->subs, &at)) != NULL) {
        if (!nserver__client_may_subscribe(c, sub->index.subject, nsub_sub_queue(&sub->index))) {
            refused[count++] = sub;
        }
    }
    for (size_t i = 0; i < count; i++) {
        revoke_sub(c, refused[i]);
    }
    nb_free(refused);
}

void nserver__client_drop_subs(struct nserver__client *c)
{
    struct nserver__sub *sub;
    size_t at = 0;

    while ((sub = nserver__sid_table_next(&c->subs, &at)) != NULL) {
        end_sub(c, sub);
    }
    nserver__sid_table_fini(&c->subs);
}

/* The last message that a subscription wanted was claimed by some worker. */

struct spent_sub {
    struct nnet_task task;
    struct nserver__sub *sub;
};

// The subscription may have ended since, but its memory is there: it is reclaimed only after
// this task, which was posted by a worker that could still see it.
static void remove_if_there(struct nserver__sub *sub)
{
    if (!atomic_load_explicit(&sub->is_closed, memory_order_relaxed)) {
        remove_sub(sub->client, sub);
    }
}

static void on_spent(struct nnet_task *task, struct nnet_worker *worker NB_UNUSED)
{
    struct spent_sub *spent = nb_container_of(task, struct spent_sub, task);

    remove_if_there(spent->sub);
    nb_free(spent);
}

void nserver__sub_spent(struct nserver__worker *self, struct nserver__sub *sub)
{
    struct spent_sub *spent;

    if (sub->client->worker == self) {
        remove_if_there(sub);
        return;
    }
    spent = nb_zalloc(sizeof(*spent));
    spent->task.run = on_spent;
    spent->sub = sub;
    nnet_worker_post(sub->client->worker->net, &spent->task);
}
