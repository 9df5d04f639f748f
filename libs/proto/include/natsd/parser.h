/* natsd/parser.h - the NATS protocol, read from a byte stream cut anywhere. Spec 01 section 3.
 *
 * Pull parser: give it input, take one operation after the other. Slices in an operation point
 * into the input, or, when an operation was cut by the end of an input, into a chunk in which
 * the parser put it together. A large payload can be read from the socket straight into that
 * chunk (nproto_parser_wanted).
 *
 * The parser knows the grammar and the limits; what an operation means, and whether it is
 * allowed, is the caller's business.
 *
 * Memory: none while no operation is cut; otherwise at most one control line, or one message.
 * Threads: one. Errors: see enum nproto_fault; after a fault the parser stays at it.
 */
#pragma once

#include <natsd/slice.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nb_chunk; // natsd/chunk.h, for who takes references

enum {
    NPROTO_CONTROL_LINE_DEFAULT_BYTES = 4096,
    NPROTO_CONTROL_LINE_MAX_BYTES = 16 * 1024 * 1024, // a higher control_line_max counts as this
    NPROTO_PAYLOAD_DEFAULT_BYTES = 1024 * 1024,
    // A higher payload_max counts as this: an assembled message is one chunk.
    NPROTO_PAYLOAD_MAX_BYTES = 96 * 1024 * 1024,
    NPROTO_SIZE_DIGITS_MAX = 9, // spec 3.3
    // What may follow PING, PONG and +OK on their line, and how many blanks a verb; all of it is
    // skipped, not kept. Beyond it is a fault like that of a long control line (spec 13, 3.1).
    NPROTO_SKIP_MAX_BYTES = 64 * 1024,
};

// Who is at the other end, which decides the verbs that are accepted.
enum nproto_peer {
    NPROTO_PEER_CLIENT, // we are the server
    NPROTO_PEER_SERVER, // we are a client
};

enum nproto_op {
    NPROTO_OP_NONE, // the input is used up
    NPROTO_OP_GATE, // is_gated: the next operation does not begin with 'C'; nothing was consumed
    NPROTO_OP_CONNECT,
    NPROTO_OP_INFO,
    NPROTO_OP_PUB,
    NPROTO_OP_HPUB,
    NPROTO_OP_SUB,
    NPROTO_OP_UNSUB,
    NPROTO_OP_PING,
    NPROTO_OP_PONG,
    NPROTO_OP_OK,
    NPROTO_OP_ERR,
    NPROTO_OP_MSG,
    NPROTO_OP_HMSG,
};

enum nproto_fault {
    NPROTO_FAULT_NONE,
    NPROTO_FAULT_OPERATION,    // state machine: "Unknown Protocol Operation"
    NPROTO_FAULT_ARGUMENTS,    // wrong count or bad number: closed without a word
    NPROTO_FAULT_CONTROL_LINE, // longer than control_line_max, or NPROTO_SKIP_MAX_BYTES
    NPROTO_FAULT_PAYLOAD,      // size above payload_max
    NPROTO_FAULT_HEADERS,      // HPUB without has_headers
};

// One operation. Slices live until the next call with this parser.
struct nproto_msg {
    enum nproto_op op;
    struct slice arg;       // the whole argument as received, without verb, the blanks behind it
                            // and the line end: for CONNECT, INFO, -ERR, and traces
    struct slice subject;   // PUB HPUB SUB MSG HMSG
    struct slice reply;     // PUB HPUB MSG HMSG; n 0: none
    struct slice queue;     // SUB; n 0: none
    struct slice sid;       // SUB UNSUB MSG HMSG
    bool has_max;           // UNSUB with a second argument
    uint32_t max;           // UNSUB; 0 when it is no number
    uint32_t header_size;   // HPUB HMSG: bytes of payload that are headers
    uint32_t payload_size;  // what the line says; known also with NPROTO_FAULT_PAYLOAD
    struct slice payload;   // headers and body, without the final CR LF
    struct nb_chunk *chunk; // the chunk all of it lies in when it was put together, borrowed;
                            // NULL: it lies in the input
};

struct nproto_parser {
    // set by the caller, may change between operations
    enum nproto_peer peer;
    bool is_gated;             // spec 7.2: only 'C' may begin an operation
    bool has_headers;          // HPUB (HMSG) is allowed
    uint32_t control_line_max; // bytes of argument
    uint32_t payload_max;
    // private
    enum nproto_fault fault;
    uint8_t state;
    uint8_t verb;              // a row of the verbs: the one that is read, or was
    uint8_t verb_matched;      // letters of it that are there
    uint8_t argument_fault;    // what was wrong, with NPROTO_FAULT_ARGUMENTS
    uint32_t skipped;          // bytes of this line that were skipped
    struct nb_chunk *cut;      // the operation in assembly: its argument, then payload and CR LF
    uint32_t cut_used;         // bytes of it that are there
    uint32_t cut_line_size;    // bytes of it that are the argument, once that is complete
    struct nproto_msg pending; // the message whose payload is being put together
};

void nproto_parser_init(struct nproto_parser *parser, enum nproto_peer peer);
void nproto_parser_fini(struct nproto_parser *parser); // fine on a zeroed one, and twice

// hot: once per operation. Consumes from the front of *input. NB_OK with msg->op, or
// NB_EMALFORMED with *fault; `msg` then tells what is known for the log: op once the verb is
// complete, arg once the line is, and *input begins at or behind what was wrong.
// NPROTO_OP_NONE: *input is empty and the rest is remembered.
NB_MUST_USE int nproto_parser_next(struct nproto_parser *parser, struct slice *input,
                                   struct nproto_msg *msg, enum nproto_fault *fault);

// Where the next bytes of the stream should be put when a payload is in assembly (n 0: nowhere
// special), and how many were. A message that this completes comes from the next call of
// nproto_parser_next(), even with empty input.
struct nproto_room {
    uint8_t *p;
    size_t n;
};
struct nproto_room nproto_parser_wanted(const struct nproto_parser *parser);
void nproto_parser_filled(struct nproto_parser *parser, size_t n);

// What the reference's log says of this fault, to be followed by ": " and the quoted argument:
// "processPub Bad or Missing Size" (spec 3.6). Only after NPROTO_FAULT_ARGUMENTS or _HEADERS; the
// latter's text stands alone.
const char *nproto_parser_fault_text(const struct nproto_parser *parser);

// Is an operation begun and not complete?
bool nproto_parser_is_inside(const struct nproto_parser *parser);

const char *nproto_op_name(enum nproto_op op); // "PUB"; "" for NONE and GATE

#ifdef __cplusplus
}
#endif
