/* message_trace.h - where one message came in and went out, told to a subject that it names
 * (spec 04 section 12).
 *
 * It lives in the frame that publishes the message; senders on the message's way refer to it, so
 * what is delivered adds its entries. When all is delivered the event is published.
 *
 * Threads: [owner] of the worker that publishes.
 */
#pragma once

#include <natsd/buf.h>
#include <natsd/clock.h>

#include <stdbool.h>

#include "tracing/trace_headers.h"

struct nproto_msg;
struct nserver__account;
struct nserver__client;
struct nserver__shadow;
struct nserver__sub;

struct nserver__trace {
    struct nserver__client *client;       // who published
    const struct nserver__shadow *shadow; // NULL: what is delivered now doesn't go through one
    bool is_only;                         // nothing is delivered
    // private: slices are the message's as it came
    struct slice dest;
    bool has_encoding;
    struct slice encoding;
    struct slice headers;
    struct slice subject;
    size_t size;
    struct nb_wall came_at;
    struct nb_buf error;   // why it went no further; empty: it did
    struct nb_buf entries; // JSON objects with commas between them
};

void nserver__trace_begin(struct nserver__trace *trace, struct nserver__client *client,
                          const struct nproto_msg *msg, const struct nserver__trace_ask *ask,
                          struct slice dest);
// Publishes the event.
void nserver__trace_end(struct nserver__trace *trace);

static inline bool nserver__trace_is_only(const struct nserver__trace *trace) // NULL is fine
{
    return trace != NULL && trace->is_only;
}

/* What happened to it; entries that the event has no room for are left out. */

void nserver__trace_note_refused(struct nserver__trace *trace, struct slice error);
void nserver__trace_note_mapping(struct nserver__trace *trace, struct slice to);
void nserver__trace_note_stream_import(struct nserver__trace *trace,
                                       const struct nserver__account *importer, struct slice to);
void nserver__trace_note_service_import(struct nserver__trace *trace,
                                        const struct nserver__account *exporter, struct slice from,
                                        struct slice to);
// To a subscription of a client's, in `account`; error: why it didn't get it, or NULL.
void nserver__trace_note_delivery(struct nserver__trace *trace,
                                  const struct nserver__account *account,
                                  const struct nserver__sub *sub, const char *error);

// From here on nobody traces it: the header says so. The new payload, to be freed when the message
// is delivered; NULL: its headers are none, it stays as it is.
uint8_t *nserver__trace_disable(struct nproto_msg *msg);
