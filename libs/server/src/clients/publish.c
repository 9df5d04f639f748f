/* publish.c - the rules for a message that a client publishes (spec 01 section 9), and whether it is
 * traced on its way (spec 04 section 12.3).
 */
#include <natsd/mapping.h>
#include <natsd/memory.h>
#include <natsd/quote.h>
#include <natsd/subject.h>

#include "clients/client.h"
#include "clients/deliver.h"
#include "tracing/message_trace.h"

enum {
    PERCENT_ALWAYS = 100,
};

typedef unsigned (*deliver_fn)(const struct nserver__sender *sender, const struct nproto_msg *msg);

// `Permissions Violation for Publish to "<subject>"` and the like; the log names it as `role`.
static void refuse_pub(struct nserver__client *c, const char *what, const char *role,
                       struct slice subject)
{
    struct nb_buf quoted;
    struct nb_buf text;

    nb_buf_init(&quoted, 16 + 10 * subject.n); // \UNNNNNNNN is the longest escape
    nb_buf_init(&text, 128 + 10 * subject.n);
    if (nb_quote(subject, &quoted) == NB_OK) {
        nb_buf_must_text(&text, what);
        nb_buf_must(&text, nb_buf_slice(&quoted));
        nserver__client_send_err_slice(c, nb_buf_slice(&text));
        if (c->sender.trace != NULL) {
            nserver__trace_note_refused(c->sender.trace, nb_buf_slice(&text));
        }
        nserver__client_log(c, NB_LOG_ERROR, "Publish Violation - %s %.*s", role,
                            NB_SLICE_ARGS(nb_buf_slice(&quoted)));
    }
    nb_buf_fini(&quoted);
    nb_buf_fini(&text);
}

// Prefixes that belong to the servers among themselves. hot: one byte of each decides.
static inline __attribute__((always_inline)) bool uses_reserved(struct nserver__client *c,
                                                                const struct nproto_msg *msg)
{
    struct slice subject = msg->subject;
    struct slice reply = msg->reply;

    if (subject.n > 0 && (subject.p[0] == '_' || subject.p[0] == '$') &&
        ((subject.n > 5 && nb_slice_starts(subject, "_GR_.")) ||
         (nb_slice_starts(subject, "$NRG.") && !nserver__client_is_system(c)))) {
        refuse_pub(c, "Permissions Violation for Publish to ", "Subject", subject);
        return true;
    }
    if (reply.n > 0 && (reply.p[0] == '_' || reply.p[0] == '$') &&
        (nb_slice_starts(reply, "_R_.") || (reply.n > 8 && nb_slice_starts(reply, "$JS.ACK.")) ||
         (reply.n > 5 && nb_slice_starts(reply, "_GR_.")))) {
        refuse_pub(c, "Permissions Violation for Publish with Reply of ", "Reply", reply);
        return true;
    }
    return false;
}

// The account's mappings, if it has any. A lost message has an empty subject from here on; a new
// one is in `room`.
static void map_subject(struct nserver__client *c, const struct nsub_mappings *mappings,
                        struct nproto_msg *msg, uint8_t *room)
{
    struct nserver__worker *self = c->worker;
    struct slice from = msg->subject;
    size_t size = 0;

    switch (nsub_mappings_map(mappings, from, (struct slice){0}, nnet_worker_random(self->net),
                              room, NSUB_MAPPING_ROOM_BYTES, &size)) {
    case NSUB_MAPPING_NONE:
        return;
    case NSUB_MAPPING_LOST:
        msg->subject = (struct slice){0};
        break;
    case NSUB_MAPPING_DONE:
        msg->subject = nb_slice_make(room, size);
        break;
    }
    if (c->sender.is_traced) {
        nserver__client_trace_mapping(c, from, msg->subject);
    }
    if (c->sender.trace != NULL) {
        nserver__trace_note_mapping(c->sender.trace, msg->subject);
    }
}

static inline __attribute__((always_inline)) bool is_permitted(struct nserver__client *c,
                                                               const struct nproto_msg *msg)
{
    if (NB_UNLIKELY(uses_reserved(c, msg))) {
        return false;
    }
    if (NB_UNLIKELY(!nserver__client_may_publish(c, msg->subject))) {
        refuse_pub(c, "Permissions Violation for Publish to ", "Subject", msg->subject);
        return false;
    }
    return true;
}

// hot: once per published message, inlined for those that don't ask to be traced, and once more for
// those that do.
static inline __attribute__((always_inline)) void publish(struct nserver__client *c,
                                                          struct nproto_msg *msg,
                                                          deliver_fn deliver)
{
    const struct nsub_mappings *mappings = nserver__account_terms(c->sender.account)->mappings;
    uint8_t *room = NULL;

    if (NB_UNLIKELY(c->is_pedantic) && !nsub_subject_is_valid_literal(msg->subject)) {
        nserver__client_send_err(c, "Invalid Publish Subject");
    }
    if (NB_UNLIKELY(mappings != NULL)) {
        room = nserver__worker_room(c->worker);
        map_subject(c, mappings, msg, room);
    }
    c->in_msgs++;
    c->in_bytes += msg->payload.n;
    if (NB_LIKELY(is_permitted(c, msg))) {
        if (c->is_verbose) {
            nserver__client_send_ok(c);
        }
        if (deliver(&c->sender, msg) == 0 && msg->reply.n > 0 && c->has_no_responders) {
            nserver__deliver_no_responders(c, msg);
        }
    }
    if (NB_UNLIKELY(room != NULL)) {
        nserver__worker_room_back(c->worker, room);
    }
}

/* A message that asks to be traced. */

enum decision {
    DECIDED_PLAIN,  // it goes its way as any other
    DECIDED_HIDDEN, // so does it, but the next server must not trace it either
    DECIDED_TRACED,
    DECIDED_LOST,
};

static enum decision without_trace(const struct nserver__trace_ask *ask)
{
    return ask->is_only ? DECIDED_LOST : DECIDED_PLAIN;
}

static bool is_sampled(struct nserver__client *c, int percent)
{
    return percent <= 0 || percent >= PERCENT_ALWAYS ||
           nb_random_below(nnet_worker_random(c->worker->net), PERCENT_ALWAYS) <= (uint32_t)percent;
}

static void log_quoted(struct nserver__client *c, const char *before, struct slice text,
                       const char *after)
{
    struct nb_buf quoted;

    nserver__quote_for_log(text, &quoted);
    nserver__client_log(c, NB_LOG_ERROR, "%s%.*s%s", before, NB_SLICE_ARGS(nb_buf_slice(&quoted)),
                        after);
    nb_buf_fini(&quoted);
}

// One that the client could publish to; headers have more room than a line.
static bool is_subject(const struct nserver__client *c, struct slice dest)
{
    return dest.n <= c->parser.control_line_max && nsub_subject_is_valid_publish(dest);
}

// Where to, by its headers and its account. Whether it may go there is another question.
static enum decision decide(struct nserver__client *c, const struct nserver__trace_ask *ask,
                            struct slice *dest)
{
    const struct nserver_account_options *account =
        &nserver__account_terms(c->sender.account)->options;

    *dest = ask->dest;
    if (ask->kind == TRACE_NOT_ASKED) {
        return DECIDED_PLAIN;
    }
    if (ask->has_origin) {
        log_quoted(c,
                   "Message tracing disabled because of header \"Nats-Trace-Origin-Account\" "
                   "with value=",
                   ask->origin, "");
        return ask->is_only ? DECIDED_LOST : DECIDED_HIDDEN;
    }
    if (ask->kind == TRACE_EXTERNAL) {
        *dest = nb_slice_of(account->trace_dest);
        if (dest->n == 0) {
            return DECIDED_PLAIN;
        }
        if (!is_sampled(c, account->trace_sampling)) {
            return DECIDED_HIDDEN;
        }
    }
    if (!is_subject(c, *dest)) {
        log_quoted(c, "Destination ", *dest, " is not valid, won't be able to trace events");
        return without_trace(ask);
    }
    return DECIDED_TRACED;
}

// The rules for the destination are those for any subject that the client publishes to.
static bool may_trace_to(struct nserver__client *c, struct slice dest)
{
    const struct nproto_msg event = {.subject = dest};

    return is_permitted(c, &event);
}

static __attribute__((noinline, cold)) void publish_apart(struct nserver__client *c,
                                                          struct nproto_msg *msg)
{
    publish(c, msg, nserver__deliver_on);
}

static void publish_traced(struct nserver__client *c, struct nproto_msg *msg,
                           const struct nserver__trace_ask *ask, struct slice dest)
{
    struct nserver__trace trace;

    nserver__trace_begin(&trace, c, msg, ask, dest);
    c->sender.trace = &trace;
    publish_apart(c, msg);
    c->sender.trace = NULL;
    nserver__trace_end(&trace);
}

static __attribute__((noinline, cold)) void publish_asking(struct nserver__client *c,
                                                           struct nproto_msg *msg)
{
    struct nserver__trace_ask ask;
    uint8_t *untraced;
    struct slice dest;

    nserver__trace_headers_read(nb_slice_sub(msg->payload, 0, msg->header_size), &ask);
    switch (decide(c, &ask, &dest)) {
    case DECIDED_PLAIN:
        publish_apart(c, msg);
        return;
    case DECIDED_HIDDEN:
        untraced = nserver__trace_disable(msg);
        publish_apart(c, msg);
        nb_free(untraced);
        return;
    case DECIDED_TRACED:
        if (may_trace_to(c, dest)) {
            publish_traced(c, msg, &ask, dest);
        }
        return;
    case DECIDED_LOST:
        return;
    }
    NB_UNREACHABLE("decision about a trace");
}

// hot: once per message with headers.
static __attribute__((noinline)) bool is_asking(const struct nproto_msg *msg)
{
    return nserver__trace_headers_may_ask(nb_slice_sub(msg->payload, 0, msg->header_size));
}

void nserver__client_trace_oversized(struct nserver__client *c, const struct nproto_msg *msg,
                                     struct slice began)
{
    struct nproto_msg headers = *msg;
    struct nserver__trace_ask ask;
    struct nserver__trace trace;
    struct slice dest;

    headers.payload = nb_slice_sub(began, 0, msg->header_size);
    nserver__trace_headers_read(headers.payload, &ask);
    if (decide(c, &ask, &dest) == DECIDED_TRACED && may_trace_to(c, dest)) {
        nserver__trace_begin(&trace, c, &headers, &ask, dest);
        nserver__trace_note_refused(&trace, NB_SLICE("maximum payload exceeded"));
        nserver__trace_end(&trace);
    }
}

// hot: once per published message.
void nserver__client_on_pub(struct nserver__client *c, struct nproto_msg *msg)
{
    if (NB_UNLIKELY(msg->header_size > 0) && is_asking(msg)) {
        publish_asking(c, msg);
        return;
    }
    publish(c, msg, nserver__deliver);
}
