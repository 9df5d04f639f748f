#include "clients/deliver.h"

#include <natsd/headers.h>
#include <natsd/message_line.h>
#include <natsd/short_bytes.h>

#include "clients/client.h"
#include "clients/subscription.h"
#include "sharing/inner_sub.h"
#include "sharing/shadows.h"
#include "sharing/stream_import.h"
#include "tracing/message_trace.h"

enum {
    CRLF_BYTES = 2,
};

// Enough to copy a message in one piece: its line, its payload and CR LF.
static bool is_small(const struct nproto_delivery *delivery, size_t sid_size, size_t payload_size)
{
    return nproto_delivery_line_max(delivery, sid_size) + payload_size + CRLF_BYTES <=
           NNET_OUT_RESERVE_MAX_BYTES;
}

static void write_copied(struct nserver__worker *self, struct nserver__client *to,
                         const struct nproto_delivery *delivery, struct slice sid, bool has_headers,
                         struct slice payload)
{
    size_t max = nproto_delivery_line_max(delivery, sid.n) + payload.n + CRLF_BYTES;
    uint8_t *out = nnet_out_reserve(self->net, &to->conn, max);
    size_t n = has_headers ? nproto_delivery_write_hmsg(delivery, sid, out)
                           : nproto_delivery_write_msg(delivery, sid, out);

    nb_bytes_copy(out + n, payload.p, payload.n);
    n += payload.n;
    out[n] = '\r';
    out[n + 1] = '\n';
    nnet_out_commit(self->net, &to->conn, n + CRLF_BYTES, 1, payload.n);
}

// A control line may be longer than one reserve: then it goes through memory of its own.
static void write_line(struct nserver__worker *self, struct nserver__client *to,
                       const struct nproto_delivery *delivery, struct slice sid, bool has_headers)
{
    size_t max = nproto_delivery_line_max(delivery, sid.n);
    uint8_t *line = max > NNET_OUT_RESERVE_MAX_BYTES ? nb_alloc(max) : NULL;
    uint8_t *out = line != NULL ? line : nnet_out_reserve(self->net, &to->conn, max);
    size_t n = has_headers ? nproto_delivery_write_hmsg(delivery, sid, out)
                           : nproto_delivery_write_msg(delivery, sid, out);

    if (line != NULL) {
        nnet_out_append(self->net, &to->conn, nb_slice_make(line, n));
        nb_free(line);
    } else {
        nnet_out_commit(self->net, &to->conn, n, 0, 0);
    }
}

// The message counts with its last bytes: what is posted to another worker is never cut
// inside one.
static void write_large(struct nserver__worker *self, struct nserver__client *to,
                        const struct nproto_delivery *delivery, struct slice sid, bool has_headers,
                        struct slice payload, struct nb_chunk *chunk)
{
    write_line(self, to, delivery, sid, has_headers);
    if (chunk != NULL && payload.n >= NNET_OUT_REFERENCE_MIN_BYTES) {
        nnet_out_append_ref(self->net, &to->conn, chunk, payload);
    } else {
        nnet_out_append(self->net, &to->conn, payload);
    }
    memcpy(nnet_out_reserve(self->net, &to->conn, CRLF_BYTES), "\r\n", CRLF_BYTES);
    nnet_out_commit(self->net, &to->conn, CRLF_BYTES, 1, payload.n);
}

static void trace_delivery(const struct nserver__client *to, const struct nproto_delivery *delivery,
                           struct slice sid, bool has_headers, struct slice payload,
                           uint32_t header_size)
{
    uint8_t *line = nb_alloc(nproto_delivery_line_max(delivery, sid.n));
    size_t n = has_headers ? nproto_delivery_write_hmsg(delivery, sid, line)
                           : nproto_delivery_write_msg(delivery, sid, line);

    nserver__client_trace_delivery(to, nb_slice_make(line, n - CRLF_BYTES), payload,
                                   has_headers ? header_size : 0);
    nb_free(line);
}

// The reader is far behind: the producer waits a little for it, or it misses the message
// (spec 16.4). False: it misses it.
static bool stall(struct nserver__client *publisher, struct nserver__client *to, size_t pending)
{
    struct nserver__worker *self = publisher->worker;
    int64_t wait_ns = pending >= to->conn.output_max ? NSERVER__STALL_LONG_NS : NSERVER__STALL_NS;

    if (nserver__config(publisher->server)->opts.no_fast_producer_stall) {
        return false;
    }
    if (publisher->stall_budget_ns > 0) {
        publisher->stall_budget_ns -=
            wait_ns < publisher->stall_budget_ns ? wait_ns : publisher->stall_budget_ns;
        atomic_fetch_add_explicit(&to->stalls, 1, memory_order_relaxed);
        nserver__count(&self->counters.stalls, 1);
    }
    return true;
}

static bool is_ready(const struct nserver__sender *sender, struct nserver__client *to)
{
    size_t pending = nnet_conn_backlog_bytes(&to->conn);

    return NB_LIKELY(pending <= to->stall_gate_bytes) || sender->client == NULL ||
           stall(sender->client, to, pending);
}

static void end_run(struct nserver__worker *self, struct nserver__run *run)
{
    struct nserver__sub *sub = run->sub;

    run->sub = NULL;
    if (NB_UNLIKELY(nserver__sub_count_late(sub, run->count))) {
        nserver__sub_spent(self, sub);
    }
}

void nserver__deliver_end(struct nserver__worker *self)
{
    for (uint64_t used = self->runs.used; used != 0; used &= used - 1) {
        end_run(self, &self->runs.at[__builtin_ctzll(used)]);
    }
    self->runs.used = 0;
}

static enum nserver__claim begin_run(const struct nserver__sender *sender, struct nserver__sub *sub)
{
    struct nserver__worker *self = sender->worker;
    unsigned place = nserver__runs_place(sub);
    struct nserver__run *run = &self->runs.at[place];

    if (run->sub != NULL) {
        end_run(self, run);
        self->runs.used &= ~(UINT64_C(1) << place);
    }
    if (!is_ready(sender, sub->client)) {
        return CLAIM_REFUSED;
    }
    if (!nserver__sub_is_unlimited(sub)) {
        return nserver__sub_claim(sub);
    }
    *run = (struct nserver__run){.sub = sub, .count = 1};
    self->runs.used |= UINT64_C(1) << place;
    return CLAIM_GRANTED;
}

// hot: may it have this message?
static inline __attribute__((always_inline)) enum nserver__claim claim_for(
    const struct nserver__sender *sender, struct nserver__sub *sub)
{
    struct nserver__worker *self = sender->worker;
    struct nserver__run *run;

    if (NB_LIKELY(sub->client->worker == self)) {
        return is_ready(sender, sub->client) ? nserver__sub_claim_own(sub) : CLAIM_REFUSED;
    }
    run = nserver__runs_find(&self->runs, sub);
    if (NB_LIKELY(run != NULL && nserver__sub_is_unlimited(sub))) {
        run->count++;
        return CLAIM_GRANTED;
    }
    return begin_run(sender, sub);
}

// A deny is asked about the subject that a subscription sees; for one of a queue group, whose members
// may see it under different ones, also about the one under which it was published.
static bool is_denied(const struct nserver__guard *guard, const struct nproto_msg *msg,
                      const struct nproto_delivery *delivery, const struct nserver__sub *sub)
{
    struct slice queue = nsub_sub_queue(&sub->index);

    return !nserver__guard_lets_pass(guard, delivery->subject, queue) ||
           (queue.n > 0 && !nserver__guard_lets_pass(guard, msg->subject, queue));
}

// It doesn't get the message; a trace tells why.
static __attribute__((noinline, cold)) bool refuse(const struct nserver__sender *sender,
                                                   const struct nserver__sub *sub, const char *why)
{
    if (sender->trace != NULL) {
        nserver__trace_note_delivery(sender->trace, sender->account, sub, why);
    }
    return false;
}

static __attribute__((noinline, cold)) enum nserver__claim claim_traced(
    const struct nserver__sender *sender, struct nserver__sub *sub)
{
    enum nserver__claim claim = CLAIM_REFUSED;

    if (!sender->trace->is_only) {
        claim = claim_for(sender, sub);
    }
    if (claim != CLAIM_REFUSED) {
        nserver__trace_note_delivery(sender->trace, sender->account, sub, NULL);
    }
    return claim;
}

// The claim was refused. Where there is only a trace, it is as if the message had been taken.
static __attribute__((noinline, cold)) bool refuse_claim(const struct nserver__sender *sender,
                                                         const struct nserver__sub *sub)
{
    if (atomic_load_explicit(&sub->is_closed, memory_order_relaxed)) {
        return refuse(sender, sub, "Not delivered because subscription is closed");
    }
    if (nserver__trace_is_only(sender->trace)) {
        nserver__trace_note_delivery(sender->trace, sender->account, sub, NULL);
        return true;
    }
    return refuse(sender, sub,
                  nserver__sub_is_unlimited(sub)
                      ? "Not delivered because fast producer not stalled and consumer is slow"
                      : "Not delivered because auto-unsubscribe exceeded");
}

// hot: once per delivery. The checks stand in the order of spec 14.1. `sub` is the subscription
// of the client's.
static bool deliver_to(const struct nserver__sender *sender, const struct nproto_msg *msg,
                       const struct nproto_delivery *delivery, struct nserver__sub *sub)
{
    struct nserver__worker *self = sender->worker;
    struct nserver__client *to = sub->client;
    const struct nserver__guard *guard;
    struct slice sid = nserver__sub_sid(sub);
    struct slice payload = msg->payload;
    enum nserver__claim claim;
    bool has_headers;

    if (to == sender->client && !to->has_echo) {
        return refuse(sender, sub, "Not delivered because of no echo");
    }
    if (atomic_load_explicit(&to->conn.is_closing, memory_order_relaxed)) {
        return refuse(sender, sub, "Not delivered because client is closed");
    }
    guard = atomic_load_explicit(&to->guard, memory_order_acquire);
    if (NB_UNLIKELY(guard != NULL) && is_denied(guard, msg, delivery, sub)) {
        return refuse(sender, sub, "Not delivered because subscription denies this subject");
    }
    claim = NB_LIKELY(sender->trace == NULL) ? claim_for(sender, sub) : claim_traced(sender, sub);
    if (NB_UNLIKELY(claim == CLAIM_REFUSED)) {
        return refuse_claim(sender, sub);
    }
    if (NB_UNLIKELY(guard != NULL)) {
        nserver__guard_note_reply(guard, msg->reply);
    }
    has_headers =
        msg->header_size > 0 && atomic_load_explicit(&to->has_headers, memory_order_relaxed);
    if (!has_headers) { // what is not understood is taken off
        payload.p += msg->header_size;
        payload.n -= msg->header_size;
    }
    if (NB_UNLIKELY(sender->is_traced)) {
        trace_delivery(to, delivery, sid, has_headers, payload, msg->header_size);
    }
    if (NB_LIKELY(payload.n < NNET_OUT_REFERENCE_MIN_BYTES &&
                  is_small(delivery, sid.n, payload.n))) {
        write_copied(self, to, delivery, sid, has_headers, payload);
    } else {
        write_large(self, to, delivery, sid, has_headers, payload, msg->chunk);
    }
    if (NB_UNLIKELY(claim == CLAIM_LAST)) {
        nserver__sub_spent(self, sub);
    }
    return true;
}

/* Subscriptions that are not a client's in this account. What they lead to delivers again, with
 * other subjects, so they come when the message's own deliveries are done.
 */

static void count_out(struct nserver__worker *self, unsigned count, size_t payload_bytes)
{
    nserver__count(&self->counters.out_msgs, count);
    nserver__count(&self->counters.out_bytes, (uint64_t)count * payload_bytes);
}

// By an import that allows it a trace goes on to the importing account's client.
static bool deliver_traced(const struct nserver__sender *sender, const struct nproto_msg *msg,
                           const struct nproto_delivery *delivery,
                           const struct nserver__shadow *shadow)
{
    struct nserver__trace *trace = sender->trace;
    struct nserver__sender untraced = *sender;
    bool is_taken = true; // also where only the trace has got so far

    nserver__trace_note_stream_import(trace, shadow->importer, delivery->subject);
    if (shadow->import->allow_trace) {
        trace->shadow = shadow;
        is_taken = deliver_to(sender, msg, delivery, shadow->owner);
        trace->shadow = NULL;
    } else if (!trace->is_only) {
        untraced.trace = NULL;
        is_taken = deliver_to(&untraced, msg, delivery, shadow->owner);
    }
    return is_taken;
}

static bool deliver_to_shadow(const struct nserver__sender *sender, const struct nproto_msg *msg,
                              struct nserver__shadow *shadow)
{
    uint8_t *room = nserver__worker_room(sender->worker);
    struct nproto_delivery delivery;
    struct slice subject;
    bool is_taken = false;

    // A message that came by a service import goes no further.
    if (sender->hops == NULL && nserver__shadow_subject(shadow, msg->subject, room, &subject)) {
        nproto_delivery_init(&delivery, subject, msg->reply, msg->header_size,
                             (uint32_t)msg->payload.n);
        is_taken = sender->trace == NULL ? deliver_to(sender, msg, &delivery, shadow->owner)
                                         : deliver_traced(sender, msg, &delivery, shadow);
    }
    nserver__worker_room_back(sender->worker, room);
    if (!nserver__trace_is_only(sender->trace)) {
        count_out(sender->worker, is_taken, msg->payload.n);
    }
    return is_taken;
}

// Counts what goes out itself.
static unsigned deliver_to_other(const struct nserver__sender *sender, const struct nproto_msg *msg,
                                 struct nserver__sub *sub)
{
    struct nserver__inner_sub *inner;

    if (sub->kind == NSERVER__SUB_SHADOW) {
        return deliver_to_shadow(sender, msg, nserver__shadow_of(sub));
    }
    if (atomic_load_explicit(&sub->is_closed, memory_order_relaxed)) {
        return 0;
    }
    inner = nserver__inner_sub_of(sub);
    return inner->on_message(inner, sender, msg);
}

// One member takes it: from a random start, the first that can. Adds to `others` what is counted.
static unsigned deliver_to_group(const struct nserver__sender *sender, const struct nproto_msg *msg,
                                 struct nproto_delivery *delivery,
                                 const struct nsub_queue_group *group, unsigned *others)
{
    uint32_t at = nb_random_below(nnet_worker_random(sender->worker->net), group->member_count);
    unsigned count = 0;

    for (uint32_t i = 0; i < group->member_count && count == 0; i++) {
        struct nserver__sub *sub = nserver__sub_of(group->members[at]);

        if (NB_LIKELY(sub->kind == NSERVER__SUB_CLIENT)) {
            count = deliver_to(sender, msg, delivery, sub);
        } else {
            count = deliver_to_other(sender, msg, sub);
            *others += count;
            nproto_delivery_next(delivery, msg->subject, msg->reply, msg->header_size,
                                 (uint32_t)msg->payload.n); // it may have been used meanwhile
        }
        at = at + 1 < group->member_count ? at + 1 : 0;
    }
    return count;
}

static unsigned deliver_to_others(const struct nserver__sender *sender,
                                  const struct nproto_msg *msg, const struct nsub_result *result)
{
    unsigned count = 0;

    for (uint32_t i = 0; i < result->plain_count; i++) {
        struct nserver__sub *sub = nserver__sub_of(result->plain[i]);

        if (sub->kind != NSERVER__SUB_CLIENT) {
            count += deliver_to_other(sender, msg, sub);
        }
    }
    return count;
}

// hot: once per message. Good until the end of the pass.
static const struct nsub_result *match(const struct nserver__sender *sender, struct slice subject)
{
    struct nsub_match_cache *cache =
        atomic_load_explicit(&sender->view->cache, memory_order_relaxed); // ours: it is there

    nserver__worker_use_view(sender->worker, sender->view);
    return nsub_match_cache_find(cache, subject);
}

// hot: inlined where a client's own messages come from, and once more for all others.
static inline __attribute__((always_inline)) unsigned deliver(const struct nserver__sender *sender,
                                                              const struct nproto_msg *msg,
                                                              const struct nserver__trace *trace)
{
    const struct nsub_result *result = match(sender, msg->subject);
    struct nproto_delivery *delivery = &sender->worker->delivery;
    bool has_others = false;
    unsigned count = 0, others = 0;

    if (result->plain_count == 0 && result->group_count == 0) {
        return 0;
    }
    nproto_delivery_next(delivery, msg->subject, msg->reply, msg->header_size,
                         (uint32_t)msg->payload.n);
    for (uint32_t i = 0; i < result->plain_count; i++) {
        struct nserver__sub *sub = nserver__sub_of(result->plain[i]);

        if (NB_LIKELY(sub->kind == NSERVER__SUB_CLIENT)) {
            count += deliver_to(sender, msg, delivery, sub);
        } else {
            has_others = true;
        }
    }
    for (uint32_t i = 0; i < result->group_count; i++) {
        count += deliver_to_group(sender, msg, delivery, &result->groups[i], &others);
    }
    if (!nserver__trace_is_only(trace)) {
        count_out(sender->worker, count - others, msg->payload.n);
    }
    if (NB_UNLIKELY(has_others)) {
        count += deliver_to_others(sender, msg, result);
    }
    return count;
}

unsigned nserver__deliver(const struct nserver__sender *sender, const struct nproto_msg *msg)
{
    NB_DEBUG_ASSERT(sender->trace == NULL);
    return deliver(sender, msg, NULL);
}

// Apart: what has one caller only is made a part of it.
__attribute__((noinline, cold)) unsigned nserver__deliver_on(const struct nserver__sender *sender,
                                                             const struct nproto_msg *msg)
{
    return deliver(sender, msg, sender->trace);
}

// Any plain subscription of the requester's that its reply subject would reach.
static const struct nserver__sub *own_reply_sub(struct nserver__client *c, struct slice reply)
{
    const struct nsub_result *result = match(&c->sender, reply);

    for (uint32_t i = 0; i < result->plain_count; i++) {
        const struct nserver__sub *sub = nserver__sub_of(result->plain[i]);

        if (sub->client == c && sub->kind == NSERVER__SUB_CLIENT &&
            !atomic_load_explicit(&sub->is_closed, memory_order_relaxed)) {
            return sub;
        }
    }
    return NULL;
}

void nserver__deliver_no_responders(struct nserver__client *requester, const struct nproto_msg *msg)
{
    struct nserver__worker *self = requester->worker;
    uint32_t header_size = NPROTO_NO_RESPONDERS_BYTES + (uint32_t)msg->subject.n;
    const struct nserver__sub *sub = own_reply_sub(requester, msg->reply);
    struct nproto_delivery delivery;
    uint8_t *notice;

    if (sub == NULL) {
        return;
    }
    notice = nb_alloc(header_size + CRLF_BYTES);
    nproto_headers_write_no_responders(msg->subject, notice);
    memcpy(notice + header_size, "\r\n", CRLF_BYTES);
    nproto_delivery_init(&delivery, msg->reply, (struct slice){0}, header_size, header_size);
    if (requester->sender.is_traced) {
        trace_delivery(requester, &delivery, nserver__sub_sid(sub), true,
                       nb_slice_make(notice, header_size), header_size);
    }
    write_line(self, requester, &delivery, nserver__sub_sid(sub), true);
    nnet_out_append(self->net, &requester->conn, nb_slice_make(notice, header_size + CRLF_BYTES));
    nb_free(notice);
}
