/* trace_headers.h - does a message ask to be traced? (spec 04 section 12.1)
 *
 * A block that a client publishes is not checked, so this reads whatever it gets.
 *
 * Threads: [any].
 */
#pragma once

#include <natsd/json_writer.h>

#include <stdbool.h>

#define NSERVER__TRACE_DEST_HEADER "Nats-Trace-Dest"
#define NSERVER__TRACE_DISABLED "trace disabled" // a destination that is none

enum nserver__trace_kind {
    TRACE_NOT_ASKED,
    TRACE_ASKED,    // with a destination
    TRACE_EXTERNAL, // by a traceparent: to the destination of the account, if it has one
};

// Slices are borrowed from the block.
struct nserver__trace_ask {
    enum nserver__trace_kind kind;
    struct slice dest; // of TRACE_ASKED
    bool is_only;      // trace, don't deliver
    bool has_encoding;
    struct slice encoding; // that the event may have
    bool has_origin;
    struct slice origin; // Nats-Trace-Origin-Account, of servers of another time
};

// hot: once per message with headers. False: certainly not.
bool nserver__trace_headers_may_ask(struct slice block);
void nserver__trace_headers_read(struct slice block, struct nserver__trace_ask *ask);
// All of them as an object: name to values.
void nserver__trace_headers_write(struct slice block, struct nb_json_writer *w);
