#include <natsd/parser.h>

#include "arguments.h"
#include "line_scan.h"
#include "parser_step.h"

#include <string.h>

/*
 * The fast way: an operation that lies whole in the input and is perfect. Anything else, faults
 * above all, is left untouched to nproto__parser_step(), so nothing here decides what is wrong.
 * bench/bench_parser.c measures it.
 */

enum {
    SHORTEST_BYTES = 6, // "PING\r\n": as many bytes may be looked at without a further check
    PAYLOAD_END_BYTES = 2,
};

// Four letters, lower case, as they stand in memory.
#define LETTERS(a, b, c, d) \
    ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)
#define LOWER UINT32_C(0x20202020) // set in lower case letters; a blank has it too

static inline uint32_t first_four(const uint8_t *p)
{
    uint32_t word;

    memcpy(&word, p, sizeof(word));
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? word : __builtin_bswap32(word);
}

static inline void take(struct slice *input, size_t n)
{
    input->p += n;
    input->n -= n;
}

// Field by field: for one assignment of the whole GCC emits "rep stos", which costs more than all
// the rest of a PING.
static inline void clear(struct nproto_msg *msg, enum nproto_op op)
{
    const struct slice none = {.p = NULL, .n = 0};

    msg->op = op;
    msg->arg = none;
    msg->subject = none;
    msg->reply = none;
    msg->queue = none;
    msg->sid = none;
    msg->has_max = false;
    msg->max = 0;
    msg->header_size = 0;
    msg->payload_size = 0;
    msg->payload = none;
    msg->chunk = NULL;
}

static inline __attribute__((always_inline)) bool take_message(struct nproto_parser *parser,
                                                               enum nproto_op op, size_t verb_size,
                                                               struct slice *input,
                                                               struct nproto_msg *msg)
{
    const struct slice text = {.p = input->p + verb_size, .n = input->n - verb_size};
    struct nproto__line line;
    const uint8_t *payload;
    size_t size;
    uint8_t why;

    clear(msg, op);
    if (!nproto__scan_line(text, &line) || line.arg.n > parser->control_line_max ||
        nproto__read_message(parser, op, &line.tokens, msg, &why) != NPROTO_FAULT_NONE) {
        return false;
    }
    payload = text.p + line.size;
    size = msg->payload_size;
    if (text.n - line.size < size + PAYLOAD_END_BYTES || payload[size] != '\r' ||
        payload[size + 1] != '\n') {
        return false;
    }
    msg->arg = line.arg;
    msg->payload = nb_slice_make(payload, size);
    take(input, verb_size + line.size + size + PAYLOAD_END_BYTES);
    return true;
}

static inline bool take_sub(struct nproto_parser *parser, enum nproto_op op, size_t verb_size,
                            struct slice *input, struct nproto_msg *msg)
{
    const struct slice text = {.p = input->p + verb_size, .n = input->n - verb_size};
    struct nproto__line line;
    enum nproto_fault fault;
    uint8_t why;

    clear(msg, op);
    if (!nproto__scan_line(text, &line) || line.arg.n > parser->control_line_max) {
        return false;
    }
    fault = op == NPROTO_OP_SUB ? nproto__read_sub(&line.tokens, msg, &why)
                                : nproto__read_unsub(&line.tokens, msg, &why);
    if (fault != NPROTO_FAULT_NONE) {
        return false;
    }
    msg->arg = line.arg;
    take(input, verb_size + line.size);
    return true;
}

static inline bool take_bare(enum nproto_op op, struct slice *input, struct nproto_msg *msg)
{
    if (input->p[4] != '\r' || input->p[5] != '\n') {
        return false;
    }
    clear(msg, op);
    take(input, SHORTEST_BYTES);
    return true;
}

static bool take_whole(struct nproto_parser *parser, struct slice *input, struct nproto_msg *msg)
{
    const uint8_t *p = input->p;
    const bool from_client = parser->peer == NPROTO_PEER_CLIENT;

    switch (first_four(p) | LOWER) {
    case LETTERS('p', 'u', 'b', ' '): // or NUL, which LOWER makes a blank
        return from_client && p[3] == ' ' && take_message(parser, NPROTO_OP_PUB, 4, input, msg);
    case LETTERS('h', 'p', 'u', 'b'):
        return from_client && p[4] == ' ' && take_message(parser, NPROTO_OP_HPUB, 5, input, msg);
    case LETTERS('m', 's', 'g', ' '):
        return !from_client && p[3] == ' ' && take_message(parser, NPROTO_OP_MSG, 4, input, msg);
    case LETTERS('h', 'm', 's', 'g'):
        return !from_client && p[4] == ' ' && take_message(parser, NPROTO_OP_HMSG, 5, input, msg);
    case LETTERS('s', 'u', 'b', ' '):
        return from_client && p[3] == ' ' && take_sub(parser, NPROTO_OP_SUB, 4, input, msg);
    case LETTERS('u', 'n', 's', 'u'):
        return from_client && (p[4] | 0x20) == 'b' && p[5] == ' ' &&
               take_sub(parser, NPROTO_OP_UNSUB, 6, input, msg);
    case LETTERS('p', 'i', 'n', 'g'):
        return take_bare(NPROTO_OP_PING, input, msg);
    case LETTERS('p', 'o', 'n', 'g'):
        return take_bare(NPROTO_OP_PONG, input, msg);
    default:
        return false;
    }
}

int nproto_parser_next(struct nproto_parser *parser, struct slice *input, struct nproto_msg *msg,
                       enum nproto_fault *fault)
{
    if (parser->state == NPROTO__STATE_START && input->n >= SHORTEST_BYTES && !parser->is_gated &&
        take_whole(parser, input, msg)) {
        return NB_OK;
    }
    return nproto__parser_step(parser, input, msg, fault);
}
