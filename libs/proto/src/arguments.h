/* arguments.h - what the argument of an operation means, once it is cut into tokens.
 *
 * Inline: the parser's fast way calls it with a constant operation, once per message.
 * Spec 01 sections 3.3 to 3.7.
 */
#pragma once

#include <natsd/parser.h>

enum {
    NPROTO__TOKENS_MAX = 5, // HMSG subject sid reply header-size total-size
};

// Start and size in one number: stored as a slice of two, and read back by the compiler as one,
// each token would wait for its store to reach the cache (a fifth of a small message's time).
struct nproto__tokens {
    const uint8_t *base;
    unsigned count; // NPROTO__TOKENS_MAX + 1: more than any operation has
    uint64_t at[NPROTO__TOKENS_MAX];
};

static inline uint64_t nproto__span(size_t start, size_t size)
{
    return (uint64_t)start << 32 | size;
}

static inline struct slice nproto__token(const struct nproto__tokens *tokens, unsigned i)
{
    return nb_slice_make(tokens->base + (tokens->at[i] >> 32), (uint32_t)tokens->at[i]);
}

// What is wrong with NPROTO_FAULT_ARGUMENTS; the log names it.
enum nproto__argument_fault {
    NPROTO__ARGUMENT_COUNT,
    NPROTO__ARGUMENT_SIZE,
    NPROTO__ARGUMENT_HEADER_SIZE,
    NPROTO__ARGUMENT_TOTAL_SIZE,
    NPROTO__ARGUMENT_HEADER_LARGER,
};

// Cuts at runs of SP and TAB, and with `at_cr` at CR too. The tokens point into `arg`.
void nproto__split(struct slice arg, bool at_cr, struct nproto__tokens *out);

static inline bool nproto__is_message(enum nproto_op op)
{
    return op == NPROTO_OP_PUB || op == NPROTO_OP_HPUB || op == NPROTO_OP_MSG ||
           op == NPROTO_OP_HMSG;
}

// One to nine digits (spec 3.3).
static inline bool nproto__read_size(struct slice text, uint32_t *out)
{
    uint32_t value = 0;

    if (text.n == 0 || text.n > NPROTO_SIZE_DIGITS_MAX) {
        return false;
    }
    for (size_t i = 0; i < text.n; i++) {
        const uint32_t digit = (uint32_t)text.p[i] - '0';

        if (digit > 9) {
            return false;
        }
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

static inline uint32_t nproto__payload_max(const struct nproto_parser *parser)
{
    return parser->payload_max < NPROTO_PAYLOAD_MAX_BYTES ? parser->payload_max
                                                          : NPROTO_PAYLOAD_MAX_BYTES;
}

// PUB HPUB MSG HMSG, in the order of checks of spec 3.6.
static inline enum nproto_fault nproto__read_message(const struct nproto_parser *parser,
                                                     enum nproto_op op,
                                                     const struct nproto__tokens *tokens,
                                                     struct nproto_msg *msg, uint8_t *why)
{
    const bool has_sid = op == NPROTO_OP_MSG || op == NPROTO_OP_HMSG;
    const bool has_headers = op == NPROTO_OP_HPUB || op == NPROTO_OP_HMSG;
    const unsigned fixed = 1 + has_sid; // what comes before the reply
    const unsigned least = fixed + 1 + has_headers;

    if (has_headers && !parser->has_headers) {
        return NPROTO_FAULT_HEADERS;
    }
    if (tokens->count != least && tokens->count != least + 1) {
        *why = NPROTO__ARGUMENT_COUNT;
        return NPROTO_FAULT_ARGUMENTS;
    }
    msg->subject = nproto__token(tokens, 0);
    if (has_sid) {
        msg->sid = nproto__token(tokens, 1);
    }
    if (tokens->count == least + 1) {
        msg->reply = nproto__token(tokens, fixed);
    }
    if (has_headers &&
        !nproto__read_size(nproto__token(tokens, tokens->count - 2), &msg->header_size)) {
        *why = NPROTO__ARGUMENT_HEADER_SIZE;
        return NPROTO_FAULT_ARGUMENTS;
    }
    if (!nproto__read_size(nproto__token(tokens, tokens->count - 1), &msg->payload_size)) {
        *why = has_headers ? NPROTO__ARGUMENT_TOTAL_SIZE : NPROTO__ARGUMENT_SIZE;
        return NPROTO_FAULT_ARGUMENTS;
    }
    if (msg->header_size > msg->payload_size) {
        *why = NPROTO__ARGUMENT_HEADER_LARGER;
        return NPROTO_FAULT_ARGUMENTS;
    }
    return msg->payload_size <= nproto__payload_max(parser) ? NPROTO_FAULT_NONE
                                                            : NPROTO_FAULT_PAYLOAD;
}

// SUB <subject> [<queue>] <sid>
static inline enum nproto_fault nproto__read_sub(const struct nproto__tokens *tokens,
                                                 struct nproto_msg *msg, uint8_t *why)
{
    if (tokens->count != 2 && tokens->count != 3) {
        *why = NPROTO__ARGUMENT_COUNT;
        return NPROTO_FAULT_ARGUMENTS;
    }
    msg->subject = nproto__token(tokens, 0);
    if (tokens->count == 3) {
        msg->queue = nproto__token(tokens, 1);
    }
    msg->sid = nproto__token(tokens, tokens->count - 1);
    return NPROTO_FAULT_NONE;
}

// UNSUB <sid> [<max>]; a max that is none counts as 0.
static inline enum nproto_fault nproto__read_unsub(const struct nproto__tokens *tokens,
                                                   struct nproto_msg *msg, uint8_t *why)
{
    uint32_t max = 0;

    if (tokens->count != 1 && tokens->count != 2) {
        *why = NPROTO__ARGUMENT_COUNT;
        return NPROTO_FAULT_ARGUMENTS;
    }
    msg->sid = nproto__token(tokens, 0);
    msg->has_max = tokens->count == 2;
    if (msg->has_max && nproto__read_size(nproto__token(tokens, 1), &max)) {
        msg->max = max;
    }
    return NPROTO_FAULT_NONE;
}
