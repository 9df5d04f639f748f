#include "parser_step.h"

#include "arguments.h"
#include "verb.h"

#include <natsd/chunk.h>
#include <natsd/memory.h>

#include <assert.h>
#include <string.h>

/*
 *  START --letter--> VERB --last letter--+-> BLANK --+--> BLANKS --> LINE --LF--> an operation,
 *    ^                                   |           |                   or a message's PAYLOAD
 *    |                                   +-----------+
 *    +------------ LF -- SKIP <----------+
 *
 *  An operation that lies in `cut` leaves DELIVERED, which becomes START at the next call; any
 *  other leaves START. Whatever is wrong leaves FAULT.
 */

enum {
    LINE_CUT_BYTES = 128,  // the first chunk for a cut line; most lines fit
    PAYLOAD_END_BYTES = 2, // CR LF
};

// An implementation limit above which an assembled message would be no chunk.
static_assert((int64_t)NPROTO_CONTROL_LINE_MAX_BYTES + NPROTO_PAYLOAD_MAX_BYTES +
                      PAYLOAD_END_BYTES <=
                  NB_CHUNK_MAX_BYTES,
              "line, payload and CR LF fit a chunk");

// What a step of the machine came to.
enum outcome {
    STEP_AGAIN, // go on in the new state
    STEP_EMPTY, // the input is used up
    STEP_DONE,  // *msg is an operation
    STEP_FAULT,
};

static void consume(struct slice *input, size_t n)
{
    assert(n <= input->n);
    if (n > 0) {
        input->p += n;
        input->n -= n;
    }
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

static enum nproto_op op_of(const struct nproto_parser *parser)
{
    return (enum nproto_op)nproto__verbs[parser->verb].op;
}

// A CONNECT holds secrets.
static void drop_cut(struct nproto_parser *parser)
{
    if (parser->cut == NULL) {
        return;
    }
    if (op_of(parser) == NPROTO_OP_CONNECT && nb_chunk_is_unshared(parser->cut)) {
        nb_wipe(parser->cut->data, parser->cut_used);
    }
    nb_chunk_unref(parser->cut);
    parser->cut = NULL;
    parser->cut_used = 0;
    parser->cut_line_size = 0;
}

static enum outcome fail(struct nproto_parser *parser, enum nproto_fault fault)
{
    parser->fault = fault;
    parser->state = NPROTO__STATE_FAULT;
    return STEP_FAULT;
}

// -- the verb --------------------------------------------------------------------------------

static enum outcome begin(struct nproto_parser *parser, const struct slice *input,
                          struct nproto_msg *msg)
{
    if (input->n == 0) {
        return STEP_EMPTY;
    }
    if (parser->is_gated && input->p[0] != 'C' && input->p[0] != 'c') {
        msg->op = NPROTO_OP_GATE;
        return STEP_DONE;
    }
    parser->verb_matched = 0;
    parser->skipped = 0;
    parser->state = NPROTO__STATE_VERB;
    return STEP_AGAIN;
}

static uint8_t after_verb(const struct nproto__verb *verb)
{
    switch ((enum nproto__rest)verb->rest) {
    case NPROTO__REST_SKIPPED:
        return NPROTO__STATE_SKIP;
    case NPROTO__REST_ARGUMENT:
        return NPROTO__STATE_BLANKS;
    case NPROTO__REST_BLANK_ARGUMENT:
        return NPROTO__STATE_BLANK;
    }
    NB_UNREACHABLE("rest of a verb");
}

static enum outcome read_verb(struct nproto_parser *parser, struct slice *input)
{
    while (input->n > 0) {
        if (!nproto__verb_goes_on(parser->peer, input->p[0], parser->verb_matched, &parser->verb)) {
            return fail(parser, NPROTO_FAULT_OPERATION);
        }
        consume(input, 1);
        parser->verb_matched++;
        if (parser->verb_matched == nproto__verbs[parser->verb].size) {
            parser->state = after_verb(&nproto__verbs[parser->verb]);
            return STEP_AGAIN;
        }
    }
    return STEP_EMPTY;
}

static enum outcome read_blank(struct nproto_parser *parser, const struct slice *input)
{
    if (input->n == 0) {
        return STEP_EMPTY;
    }
    if (!is_blank(input->p[0])) {
        return fail(parser, NPROTO_FAULT_OPERATION);
    }
    parser->state = NPROTO__STATE_BLANKS;
    return STEP_AGAIN;
}

static enum outcome skip_blanks(struct nproto_parser *parser, struct slice *input)
{
    while (input->n > 0 && is_blank(input->p[0])) {
        if (parser->skipped == NPROTO_SKIP_MAX_BYTES) {
            return fail(parser, NPROTO_FAULT_CONTROL_LINE);
        }
        parser->skipped++;
        consume(input, 1);
    }
    if (input->n == 0) {
        return STEP_EMPTY;
    }
    parser->state = NPROTO__STATE_LINE;
    return STEP_AGAIN;
}

static enum outcome skip_line(struct nproto_parser *parser, struct slice *input,
                              struct nproto_msg *msg)
{
    const size_t room = NPROTO_SKIP_MAX_BYTES - parser->skipped;
    const struct slice window = nb_slice_sub(*input, 0, room + 1); // LF may stand behind the last
    const size_t lf = nb_slice_find_byte(window, '\n');

    if (lf == window.n && window.n > room) {
        return fail(parser, NPROTO_FAULT_CONTROL_LINE);
    }
    if (lf == window.n) {
        parser->skipped += (uint32_t)window.n;
        consume(input, window.n);
        return STEP_EMPTY;
    }
    consume(input, lf + 1);
    msg->op = op_of(parser);
    parser->state = NPROTO__STATE_START;
    return STEP_DONE;
}

// -- the line --------------------------------------------------------------------------------

static size_t line_max(const struct nproto_parser *parser)
{
    return parser->control_line_max < NPROTO_CONTROL_LINE_MAX_BYTES
               ? parser->control_line_max
               : (size_t)NPROTO_CONTROL_LINE_MAX_BYTES;
}

// Appends to the cut line, in a larger chunk when it is full.
static void gather(struct nproto_parser *parser, struct slice bytes)
{
    struct nb_chunk *old = parser->cut;
    const size_t used = parser->cut_used;
    size_t size = old != NULL ? old->size : LINE_CUT_BYTES;

    while (size - used < bytes.n) {
        size *= 2;
    }
    if (old == NULL || size > old->size) {
        struct nb_chunk *larger = nb_chunk_create(size);

        if (old != NULL) {
            memcpy(larger->data, old->data, used);
            drop_cut(parser);
        }
        parser->cut = larger;
    }
    if (bytes.n > 0) {
        memcpy(parser->cut->data + used, bytes.p, bytes.n);
    }
    parser->cut_used = (uint32_t)(used + bytes.n);
}

static struct slice without_cr(struct slice line)
{
    if (line.n > 0 && line.p[line.n - 1] == '\r') {
        line.n--;
    }
    return line;
}

// Looks for the end of the line. STEP_DONE with the argument, which lies in the input, or in
// `cut` when an earlier input had a part of it.
static enum outcome read_line(struct nproto_parser *parser, struct slice *input, struct slice *arg)
{
    const size_t held = parser->cut_used;
    const size_t most = line_max(parser) + 1;              // a CR is not measured
    const size_t room = most > held ? most - held : 0;     // the limit may have sunk meanwhile
    struct slice part = nb_slice_sub(*input, 0, room + 1); // LF may stand behind the last

    part.n = nb_slice_find_byte(part, '\n');
    if (held > 0 || part.n == input->n) {
        gather(parser, part);
        *arg = nb_slice_make(parser->cut->data, parser->cut_used);
    } else {
        *arg = part;
    }
    *arg = without_cr(*arg);
    if (arg->n > line_max(parser)) {
        return fail(parser, NPROTO_FAULT_CONTROL_LINE);
    }
    consume(input, part.n);
    if (input->n == 0) {
        return STEP_EMPTY;
    }
    assert(input->p[0] == '\n');
    consume(input, 1);
    return STEP_DONE;
}

static enum nproto_fault read_arguments(struct nproto_parser *parser, struct nproto_msg *msg)
{
    struct nproto__tokens tokens;

    switch (msg->op) {
    case NPROTO_OP_PUB:
    case NPROTO_OP_HPUB:
    case NPROTO_OP_MSG:
    case NPROTO_OP_HMSG:
        nproto__split(msg->arg, false, &tokens);
        return nproto__read_message(parser, msg->op, &tokens, msg, &parser->argument_fault);
    case NPROTO_OP_SUB:
        nproto__split(msg->arg, true, &tokens);
        return nproto__read_sub(&tokens, msg, &parser->argument_fault);
    case NPROTO_OP_UNSUB:
        nproto__split(msg->arg, true, &tokens);
        return nproto__read_unsub(&tokens, msg, &parser->argument_fault);
    default: // CONNECT, INFO, -ERR: the argument is the caller's to read
        return NPROTO_FAULT_NONE;
    }
}

// -- the payload -----------------------------------------------------------------------------

static struct slice moved(struct slice s, const uint8_t *from, const uint8_t *to)
{
    return s.n > 0 ? nb_slice_make(to + (s.p - from), s.n) : s;
}

// The message moves into a chunk of exactly its size; its line lies in the input or in `cut`.
static void begin_payload(struct nproto_parser *parser, const struct nproto_msg *msg)
{
    const size_t size = msg->arg.n + msg->payload_size + PAYLOAD_END_BYTES;
    struct nb_chunk *chunk = nb_chunk_create(size);
    struct nproto_msg *pending = &parser->pending;

    memcpy(chunk->data, msg->arg.p, msg->arg.n);
    *pending = *msg;
    pending->arg = moved(msg->arg, msg->arg.p, chunk->data);
    pending->subject = moved(msg->subject, msg->arg.p, chunk->data);
    pending->reply = moved(msg->reply, msg->arg.p, chunk->data);
    pending->sid = moved(msg->sid, msg->arg.p, chunk->data);
    pending->payload = nb_slice_make(chunk->data + msg->arg.n, msg->payload_size);
    pending->chunk = chunk;
    drop_cut(parser);
    parser->cut = chunk;
    parser->cut_used = (uint32_t)msg->arg.n;
    parser->cut_line_size = (uint32_t)msg->arg.n;
    parser->state = NPROTO__STATE_PAYLOAD;
}

// Bytes that the message in assembly still lacks.
static size_t payload_missing(const struct nproto_parser *parser)
{
    const size_t size =
        (size_t)parser->cut_line_size + parser->pending.payload_size + PAYLOAD_END_BYTES;

    assert(parser->cut_used <= size);
    return size - parser->cut_used;
}

static enum outcome read_payload(struct nproto_parser *parser, struct slice *input,
                                 struct nproto_msg *msg)
{
    const struct slice part = nb_slice_sub(*input, 0, payload_missing(parser));
    const uint8_t *end = parser->cut->data + parser->cut_line_size + parser->pending.payload_size;
    size_t missing;

    if (part.n > 0) {
        memcpy(parser->cut->data + parser->cut_used, part.p, part.n);
    }
    parser->cut_used += (uint32_t)part.n;
    consume(input, part.n);
    missing = payload_missing(parser);
    if ((missing < PAYLOAD_END_BYTES && end[0] != '\r') || (missing == 0 && end[1] != '\n')) {
        *msg = parser->pending;
        return fail(parser, NPROTO_FAULT_OPERATION);
    }
    if (missing > 0) {
        return STEP_EMPTY;
    }
    *msg = parser->pending;
    parser->state = NPROTO__STATE_DELIVERED;
    return STEP_DONE;
}

// The payload and its CR LF are there already, behind a line that was not cut: nothing is copied.
static bool payload_is_whole(const struct nproto_parser *parser, struct slice input, size_t size)
{
    return parser->cut == NULL && input.n >= size + PAYLOAD_END_BYTES && input.p[size] == '\r' &&
           input.p[size + 1] == '\n';
}

// The argument is complete. Faults show now, before any payload.
static enum outcome finish_line(struct nproto_parser *parser, struct slice arg, struct slice *input,
                                struct nproto_msg *msg)
{
    enum nproto_fault fault;

    msg->op = op_of(parser);
    msg->arg = arg;
    fault = read_arguments(parser, msg);
    if (fault != NPROTO_FAULT_NONE) {
        return fail(parser, fault);
    }
    if (nproto__is_message(msg->op) && payload_is_whole(parser, *input, msg->payload_size)) {
        msg->payload = nb_slice_make(input->p, msg->payload_size);
        consume(input, msg->payload_size + PAYLOAD_END_BYTES);
        parser->state = NPROTO__STATE_START;
        return STEP_DONE;
    }
    if (nproto__is_message(msg->op)) {
        begin_payload(parser, msg);
        return STEP_AGAIN;
    }
    msg->chunk = parser->cut;
    parser->state = parser->cut != NULL ? NPROTO__STATE_DELIVERED : NPROTO__STATE_START;
    return STEP_DONE;
}

static enum outcome step(struct nproto_parser *parser, struct slice *input, struct nproto_msg *msg)
{
    struct slice arg;
    enum outcome outcome;

    switch ((enum nproto__state)parser->state) {
    case NPROTO__STATE_START:
        return begin(parser, input, msg);
    case NPROTO__STATE_VERB:
        return read_verb(parser, input);
    case NPROTO__STATE_BLANK:
        return read_blank(parser, input);
    case NPROTO__STATE_BLANKS:
        return skip_blanks(parser, input);
    case NPROTO__STATE_LINE:
        outcome = read_line(parser, input, &arg);
        return outcome == STEP_DONE ? finish_line(parser, arg, input, msg) : outcome;
    case NPROTO__STATE_SKIP:
        return skip_line(parser, input, msg);
    case NPROTO__STATE_PAYLOAD:
        return read_payload(parser, input, msg);
    case NPROTO__STATE_DELIVERED:
        drop_cut(parser);
        parser->state = NPROTO__STATE_START;
        return STEP_AGAIN;
    case NPROTO__STATE_FAULT:
        return STEP_FAULT;
    }
    NB_UNREACHABLE("parser state");
}

int nproto__parser_step(struct nproto_parser *parser, struct slice *input, struct nproto_msg *msg,
                        enum nproto_fault *fault)
{
    enum outcome outcome;

    *msg = (struct nproto_msg){.op = NPROTO_OP_NONE};
    do {
        outcome = step(parser, input, msg);
    } while (outcome == STEP_AGAIN);
    if (outcome == STEP_EMPTY) {
        *msg = (struct nproto_msg){.op = NPROTO_OP_NONE}; // what was read of it is remembered
    }
    if (outcome != STEP_FAULT) {
        return NB_OK;
    }
    if (parser->verb_matched == nproto__verbs[parser->verb].size) {
        msg->op = op_of(parser);
    }
    *fault = parser->fault;
    return NB_EMALFORMED;
}

// -- what the caller may ask -----------------------------------------------------------------

struct nproto_room nproto_parser_wanted(const struct nproto_parser *parser)
{
    struct nproto_room room = {.p = NULL, .n = 0};

    if (parser->state == NPROTO__STATE_PAYLOAD) {
        room.p = parser->cut->data + parser->cut_used;
        room.n = payload_missing(parser);
    }
    return room;
}

void nproto_parser_filled(struct nproto_parser *parser, size_t n)
{
    assert(parser->state == NPROTO__STATE_PAYLOAD);
    assert(n <= payload_missing(parser));
    parser->cut_used += (uint32_t)n;
}

bool nproto_parser_is_inside(const struct nproto_parser *parser)
{
    switch ((enum nproto__state)parser->state) {
    case NPROTO__STATE_VERB:
    case NPROTO__STATE_BLANK:
    case NPROTO__STATE_BLANKS:
    case NPROTO__STATE_LINE:
    case NPROTO__STATE_SKIP:
    case NPROTO__STATE_PAYLOAD:
        return true;
    case NPROTO__STATE_START:
    case NPROTO__STATE_DELIVERED:
    case NPROTO__STATE_FAULT:
        return false;
    }
    NB_UNREACHABLE("parser state");
}

void nproto_parser_init(struct nproto_parser *parser, enum nproto_peer peer)
{
    *parser = (struct nproto_parser){
        .peer = peer,
        .control_line_max = NPROTO_CONTROL_LINE_DEFAULT_BYTES,
        .payload_max = NPROTO_PAYLOAD_DEFAULT_BYTES,
    };
}

void nproto_parser_fini(struct nproto_parser *parser)
{
    drop_cut(parser);
    parser->state = NPROTO__STATE_START;
}
