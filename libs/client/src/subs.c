#include "state.h"

#include <natsd/headers.h>
#include <natsd/number.h>
#include <natsd/subject.h>

#include <stdio.h>

enum {
    LINE_MAX_BYTES = 2 * NCLIENT_SUBJECT_MAX_BYTES + 128, // of a SUB, and an UNSUB
    STATUS_NO_RESPONDERS = 503,
};

/* Its life: `begin_op` registers it; it ends once (unsubscribed, drained, full, or with its
 * client); it is freed when it has ended and nobody can name it any more: its handle was
 * given back (`end_op` ran) or was never given out, or the client's own handle was given back.
 */
struct nclient_sub {
    struct nclient *client;
    struct nclient__op begin_op;
    struct nclient__op end_op;
    struct nb_link link; // in client->subs
    char *subject;
    char *queue;
    uint64_t max_msgs;
    nclient_message_fn message;
    nclient_sub_done_fn done;
    void *ctx;
    bool has_handle;
    bool is_inner;             // the client's own
    _Atomic bool is_end_asked; // end_op is on its way, or ran
    _Atomic bool is_stopped;   // no message is delivered any more
    bool is_drain_asked;       // written before end_op, read by it
    // [owner]
    uint64_t sid;
    uint64_t delivered;
    bool has_end_run;
    bool has_ended;
    bool is_draining; // a PONG will end it
    bool is_draining_with_all;
};

// -- the end ---------------------------------------------------------------------------------

static void free_sub(struct nclient_sub *sub)
{
    nb_link_remove(&sub->link);
    nb_free(sub->subject);
    nb_free(sub->queue);
    nb_free(sub);
}

static bool is_nameable(const struct nclient_sub *sub)
{
    if (atomic_load_explicit(&sub->is_end_asked, memory_order_relaxed)) {
        return !sub->has_end_run;
    }
    // An end_op that is asked for later comes from who has the handle, and before the
    // client's is given back.
    return sub->has_handle && !sub->client->is_handle_closed;
}

static void free_unless_used(struct nclient_sub *sub)
{
    if (sub->has_ended && !sub->is_draining && !is_nameable(sub)) {
        free_sub(sub);
    }
}

static void end_sub(struct nclient_sub *sub)
{
    assert(!sub->has_ended);
    sub->has_ended = true;
    (void)nb_u64map_remove(&sub->client->subs_by_sid, sub->sid); // not there before begin_op
    if (sub->done != NULL) {
        sub->done(sub->ctx);
    }
    free_unless_used(sub);
}

// -- on the wire -----------------------------------------------------------------------------

static void write_sub(struct nclient_sub *sub)
{
    struct nb_buf line;

    nb_buf_init(&line, LINE_MAX_BYTES);
    nb_buf_must_format(&line, "SUB %s%s%s %llu\r\n", sub->subject, sub->queue != NULL ? " " : "",
                       sub->queue != NULL ? sub->queue : "", (unsigned long long)sub->sid);
    if (sub->max_msgs > 0) { // the server counts anew
        nb_buf_must_format(&line, "UNSUB %llu %llu\r\n", (unsigned long long)sub->sid,
                           (unsigned long long)(sub->max_msgs - sub->delivered));
    }
    nclient__link_write(sub->client, nb_buf_slice(&line));
    nb_buf_fini(&line);
}

static void write_unsub(struct nclient_sub *sub)
{
    char line[64];
    int n = snprintf(line, sizeof(line), "UNSUB %llu\r\n", (unsigned long long)sub->sid);

    nclient__link_write(sub->client, nb_slice_make(line, (size_t)n));
}

void nclient__subs_renew(struct nclient *client)
{
    NB_LIST_FOREACH (it, &client->subs) {
        struct nclient_sub *sub = nb_container_of(it, struct nclient_sub, link);

        if (!sub->has_ended) {
            write_sub(sub);
        }
    }
}

// -- subscribing -----------------------------------------------------------------------------

static void begin_sub(struct nclient_sub *sub)
{
    struct nclient *client = sub->client;

    nb_list_append(&client->subs, &sub->link);
    sub->sid = ++client->last_sid;
    if (nclient__is_ending(client)) {
        end_sub(sub);
        return;
    }
    (void)nb_u64map_insert(&client->subs_by_sid, sub->sid, sub); // a new number
    if (client->phase == NCLIENT__ONLINE) {
        write_sub(sub);
    }
}

static void on_begin(struct nclient__op *op, struct nclient *client NB_UNUSED)
{
    begin_sub(nb_container_of(op, struct nclient_sub, begin_op));
}

static void on_drained(void *ctx, int rc NB_UNUSED)
{
    struct nclient_sub *sub = ctx;

    sub->is_draining = false; // also when the connection was lost: nothing is on its way then
    if (sub->has_ended) {
        free_unless_used(sub);
    } else {
        end_sub(sub);
    }
}

static void on_end(struct nclient__op *op, struct nclient *client)
{
    struct nclient_sub *sub = nb_container_of(op, struct nclient_sub, end_op);

    sub->has_end_run = true;
    if (sub->has_ended || sub->is_draining) {
        free_unless_used(sub);
        return;
    }
    if (client->phase == NCLIENT__ONLINE) {
        write_unsub(sub);
        if (sub->is_drain_asked) {
            sub->is_draining = true;
            nclient__flush_start(client, nclient__flush_create(0, on_drained, sub));
            return;
        }
    }
    end_sub(sub);
}

static struct nclient_sub *create_sub(struct nclient *client, const struct nclient_sub_opts *opts)
{
    struct nclient_sub *sub = nb_zalloc(sizeof(*sub));

    assert(opts->message != NULL);
    sub->client = client;
    sub->begin_op.run = on_begin;
    sub->end_op.run = on_end;
    sub->subject = nb_strdup(opts->subject);
    sub->queue = opts->queue != NULL ? nb_strdup(opts->queue) : NULL;
    sub->max_msgs = opts->max_msgs;
    sub->message = opts->message;
    sub->done = opts->done;
    sub->ctx = opts->ctx;
    return sub;
}

struct nclient_sub *nclient__sub_open_inner(struct nclient *client,
                                            const struct nclient_sub_opts *opts)
{
    struct nclient_sub *sub = create_sub(client, opts);

    sub->is_inner = true;
    begin_sub(sub);
    return sub;
}

// Not checked by the server, but it must not end the argument (spec 01 section 3.1).
static bool is_queue_name(struct slice queue)
{
    for (size_t i = 0; i < queue.n; i++) {
        if (queue.p[i] <= ' ') {
            return false;
        }
    }
    return queue.n > 0 && queue.n <= NCLIENT_SUBJECT_MAX_BYTES;
}

int nclient_subscribe(struct nclient *client, const struct nclient_sub_opts *opts,
                      struct nclient_sub **out)
{
    struct slice subject = nb_slice_of(opts->subject);
    struct nclient_sub *sub;
    bool is_closed;

    if (subject.n > NCLIENT_SUBJECT_MAX_BYTES || !nsub_subject_is_valid(subject) ||
        (opts->queue != NULL && !is_queue_name(nb_slice_of(opts->queue)))) {
        return NB_EINVALID;
    }
    nb_mutex_lock(&client->outbox.mutex);
    is_closed = client->outbox.is_closed;
    nb_mutex_unlock(&client->outbox.mutex);
    if (is_closed) {
        return NB_ECLOSED;
    }
    sub = create_sub(client, opts);
    sub->has_handle = out != NULL;
    if (out != NULL) {
        *out = sub; // before a callback may want it
    }
    nclient__ask(client, &sub->begin_op);
    return NB_OK;
}

static void ask_end(struct nclient_sub *sub)
{
    // Only callbacks of a subscription without a handle can ask twice: in one thread.
    if (!atomic_exchange_explicit(&sub->is_end_asked, true, memory_order_relaxed)) {
        nclient__ask(sub->client, &sub->end_op);
    }
}

void nclient_unsubscribe(struct nclient_sub *sub)
{
    atomic_store_explicit(&sub->is_stopped, true, memory_order_relaxed);
    ask_end(sub);
}

void nclient_drain_sub(struct nclient_sub *sub)
{
    sub->is_drain_asked = true;
    ask_end(sub);
}

// -- delivering ------------------------------------------------------------------------------

static void add_relaxed(_Atomic uint64_t *counter, uint64_t n)
{
    uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);

    atomic_store_explicit(counter, value + n, memory_order_relaxed); // the only writer
}

bool nclient__message_is_notice(const struct nclient_message *message)
{
    struct slice description;

    return message->headers.n > 0 && message->data.n == 0 &&
           nproto_headers_status(message->headers, &description) == STATUS_NO_RESPONDERS;
}

void nclient__subs_deliver(struct nclient *client, const struct nproto_msg *msg)
{
    const struct nclient_message message = {
        .subject = msg->subject,
        .reply = msg->reply,
        .headers = nb_slice_sub(msg->payload, 0, msg->header_size),
        .data = nb_slice_sub(msg->payload, msg->header_size, msg->payload.n)};
    struct nclient_sub *sub;
    uint64_t sid;

    add_relaxed(&client->in_msgs, 1);
    add_relaxed(&client->in_bytes, msg->payload.n);
    if (nb_parse_u64(msg->sid, UINT64_MAX, &sid) != NB_OK) {
        return; // none of ours
    }
    sub = nb_u64map_find(&client->subs_by_sid, sid);
    if (sub == NULL || atomic_load_explicit(&sub->is_stopped, memory_order_relaxed)) {
        return; // it was on its way when the subscription ended
    }
    // The server doesn't count a notice, either (spec 01 section 10.3).
    if (sub->max_msgs > 0 && !nclient__message_is_notice(&message)) {
        sub->delivered++;
    }
    sub->message(sub->ctx, sub, &message);
    if (sub->max_msgs > 0 && sub->delivered >= sub->max_msgs) {
        end_sub(sub);
    }
}

// -- all of them -----------------------------------------------------------------------------

void nclient__subs_end_all(struct nclient *client)
{
    NB_LIST_FOREACH (it, &client->subs) {
        struct nclient_sub *sub = nb_container_of(it, struct nclient_sub, link);

        if (!sub->has_ended) {
            end_sub(sub);
        }
    }
}

void nclient__subs_free_all(struct nclient *client)
{
    struct nb_link *link;

    while ((link = nb_list_take_first(&client->subs)) != NULL) {
        struct nclient_sub *sub = nb_container_of(link, struct nclient_sub, link);

        assert(sub->has_ended && !sub->is_draining);
        free_sub(sub);
    }
}

struct drain {
    struct nclient__op op;
    struct nclient *client;
    int64_t timeout_ns;
    nclient_flush_fn done;
    void *ctx;
};

static void on_all_drained(void *ctx, int rc)
{
    struct drain *drain = ctx;

    NB_LIST_FOREACH (it, &drain->client->subs) {
        struct nclient_sub *sub = nb_container_of(it, struct nclient_sub, link);

        if (sub->is_draining_with_all) {
            sub->is_draining_with_all = false;
            on_drained(sub, rc);
        }
    }
    drain->done(drain->ctx, rc);
    nb_free(drain);
}

// The one for replies stays: callbacks may still ask something.
static void on_drain(struct nclient__op *op, struct nclient *client)
{
    struct drain *drain = nb_container_of(op, struct drain, op);

    NB_LIST_FOREACH (it, &client->subs) {
        struct nclient_sub *sub = nb_container_of(it, struct nclient_sub, link);

        if (sub->has_ended || sub->is_draining || sub->is_inner) {
            continue;
        }
        sub->is_draining = true;
        sub->is_draining_with_all = true;
        if (client->phase == NCLIENT__ONLINE) {
            write_unsub(sub);
        }
    }
    if (client->phase != NCLIENT__ONLINE && !nclient__is_ending(client)) {
        on_all_drained(drain, NB_OK); // away, nothing is on its way
        return;
    }
    nclient__flush_start(client, nclient__flush_create(drain->timeout_ns, on_all_drained, drain));
}

void nclient__drain_subs(struct nclient *client, int64_t timeout_ns, nclient_flush_fn done,
                         void *ctx)
{
    struct drain *drain = nb_zalloc(sizeof(*drain));

    drain->op.run = on_drain;
    drain->client = client;
    drain->timeout_ns = timeout_ns;
    drain->done = done;
    drain->ctx = ctx;
    nclient__ask(client, &drain->op);
}
