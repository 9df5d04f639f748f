/* publish.c - the rules for a message that a client publishes (spec 01 section 9). */
#include <natsd/mapping.h>
#include <natsd/memory.h>
#include <natsd/quote.h>
#include <natsd/subject.h>

#include "clients/client.h"
#include "clients/deliver.h"

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
        nserver__client_log(c, NB_LOG_ERROR, "Publish Violation - %s %.*s", role,
                            NB_SLICE_ARGS(nb_buf_slice(&quoted)));
    }
    nb_buf_fini(&quoted);
    nb_buf_fini(&text);
}

// Prefixes that belong to the servers among themselves. hot: one byte of each decides.
static bool uses_reserved(struct nserver__client *c, const struct nproto_msg *msg)
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
}

static bool is_permitted(struct nserver__client *c, const struct nproto_msg *msg)
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

// hot: once per published message.
void nserver__client_on_pub(struct nserver__client *c, struct nproto_msg *msg)
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
        if (nserver__deliver(&c->sender, msg) == 0 && msg->reply.n > 0 && c->has_no_responders) {
            nserver__deliver_no_responders(c, msg);
        }
    }
    if (NB_UNLIKELY(room != NULL)) {
        nserver__worker_room_back(c->worker, room);
    }
}
