/* publish.c - the rules for a message that a client publishes (spec 01 section 9). */
#include <natsd/mapping.h>
#include <natsd/memory.h>
#include <natsd/quote.h>
#include <natsd/subject.h>

#include "clients/client.h"
#include "clients/deliver.h"

// `Permissions Violation for Publish to "<subject>"` and the like.
static void refuse_pub(struct nserver__client *c, const char *what, struct slice subject)
{
    struct nb_buf text;

    nb_buf_init(&text, 128 + 10 * subject.n);
    nb_buf_must_text(&text, what);
    if (nb_quote(subject, &text) == NB_OK) {
        nserver__client_send_err_slice(c, nb_buf_slice(&text));
        nserver__client_log(c, NB_LOG_ERROR, "Publish Violation - %.*s",
                            NB_SLICE_ARGS(nb_buf_slice(&text)));
    }
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
        refuse_pub(c, "Permissions Violation for Publish to ", subject);
        return true;
    }
    if (reply.n > 0 && (reply.p[0] == '_' || reply.p[0] == '$') &&
        (nb_slice_starts(reply, "_R_.") || (reply.n > 8 && nb_slice_starts(reply, "$JS.ACK.")) ||
         (reply.n > 5 && nb_slice_starts(reply, "_GR_.")))) {
        refuse_pub(c, "Permissions Violation for Publish with Reply of ", reply);
        return true;
    }
    return false;
}

// The account's mappings, if it has any. A lost message has an empty subject from here on.
static void map_subject(struct nserver__client *c, const struct nsub_mappings *mappings,
                        struct nproto_msg *msg)
{
    struct nserver__worker *self = c->worker;
    struct slice from = msg->subject;
    size_t size = 0;

    if (self->mapped_subject == NULL) {
        self->mapped_subject = nb_alloc(NSUB_MAPPING_ROOM_BYTES);
    }
    switch (nsub_mappings_map(mappings, from, (struct slice){0}, nnet_worker_random(self->net),
                              self->mapped_subject, NSUB_MAPPING_ROOM_BYTES, &size)) {
    case NSUB_MAPPING_NONE:
        return;
    case NSUB_MAPPING_LOST:
        msg->subject = (struct slice){0};
        break;
    case NSUB_MAPPING_DONE:
        msg->subject = nb_slice_make(self->mapped_subject, size);
        break;
    }
    if (c->is_traced) {
        nserver__client_trace_mapping(c, from, msg->subject);
    }
}

// hot: once per published message.
void nserver__client_on_pub(struct nserver__client *c, struct nproto_msg *msg)
{
    const struct nsub_mappings *mappings = nserver__account_mappings(c->account);

    if (NB_UNLIKELY(c->is_pedantic) && !nsub_subject_is_valid_literal(msg->subject)) {
        nserver__client_send_err(c, "Invalid Publish Subject");
    }
    if (NB_UNLIKELY(mappings != NULL)) {
        map_subject(c, mappings, msg);
    }
    c->in_msgs++;
    c->in_bytes += msg->payload.n;
    if (NB_UNLIKELY(uses_reserved(c, msg))) {
        return;
    }
    if (c->is_verbose) {
        nserver__client_send_ok(c);
    }
    if (nserver__deliver(c, msg) == 0 && msg->reply.n > 0 && c->has_no_responders) {
        nserver__deliver_no_responders(c, msg);
    }
}
