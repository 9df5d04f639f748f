/* parser_transcript.h - what a parser made of a stream, as text: "PUB(foo,re,hello) PING()
 * !operation". For tests and the fuzz target: two ways of cutting a stream must read the same.
 */
#pragma once

#include <natsd/buf.h>
#include <natsd/chunk.h>
#include <natsd/memory.h>
#include <natsd/parser.h>

#include <assert.h>
#include <string.h>

enum {
    TRANSCRIPT_MAX_BYTES = 16 * 1024 * 1024,
};

struct transcript {
    struct nproto_parser parser;
    struct nb_buf text;
    bool has_fault;
    bool fills; // payload bytes are put where the parser wants them
};

static inline bool transcript_inside(struct slice part, const uint8_t *p, size_t n)
{
    return part.n == 0 || (part.p >= p && part.n <= n && (size_t)(part.p - p) <= n - part.n);
}

// All slices of an operation lie in its chunk, or else in the input.
static inline void transcript_check_place(const struct nproto_msg *msg, struct slice piece)
{
    const uint8_t *p = msg->chunk != NULL ? msg->chunk->data : piece.p;
    const size_t n = msg->chunk != NULL ? msg->chunk->size : piece.n;

    assert(transcript_inside(msg->arg, p, n));
    assert(transcript_inside(msg->subject, p, n));
    assert(transcript_inside(msg->reply, p, n));
    assert(transcript_inside(msg->queue, p, n));
    assert(transcript_inside(msg->sid, p, n));
    assert(transcript_inside(msg->payload, p, n));
    assert(msg->header_size <= msg->payload.n);
}

static inline void transcript_message(struct nb_buf *text, const struct nproto_msg *msg)
{
    nb_buf_must(text, msg->subject);
    nb_buf_must_text(text, ",");
    nb_buf_must(text, msg->reply);
    if (msg->op == NPROTO_OP_HPUB || msg->op == NPROTO_OP_HMSG) {
        nb_buf_must_format(text, ",%u", msg->header_size);
    }
    nb_buf_must_text(text, ",");
    nb_buf_must(text, msg->payload);
}

static inline void transcript_fields(struct nb_buf *text, const struct nproto_msg *msg)
{
    switch (msg->op) {
    case NPROTO_OP_MSG:
    case NPROTO_OP_HMSG:
        nb_buf_must(text, msg->sid);
        nb_buf_must_text(text, ",");
        transcript_message(text, msg);
        break;
    case NPROTO_OP_PUB:
    case NPROTO_OP_HPUB:
        transcript_message(text, msg);
        break;
    case NPROTO_OP_SUB:
        nb_buf_must(text, msg->subject);
        nb_buf_must_text(text, ",");
        nb_buf_must(text, msg->queue);
        nb_buf_must_text(text, ",");
        nb_buf_must(text, msg->sid);
        break;
    case NPROTO_OP_UNSUB:
        nb_buf_must(text, msg->sid);
        if (msg->has_max) {
            nb_buf_must_format(text, ",%llu", (unsigned long long)msg->max);
        }
        break;
    default:
        nb_buf_must(text, msg->arg);
        break;
    }
}

static inline const char *transcript_fault_name(enum nproto_fault fault)
{
    static const char *const names[] = {"none",         "operation", "arguments",
                                        "control line", "payload",   "headers"};

    assert((size_t)fault < NB_ARRAY_LEN(names));
    return names[fault];
}

static inline void transcript_write(struct transcript *t, int rc, const struct nproto_msg *msg,
                                    enum nproto_fault fault)
{
    if (nb_buf_slice(&t->text).n > 0) {
        nb_buf_must_text(&t->text, " ");
    }
    if (rc != NB_OK) {
        nb_buf_must_format(&t->text, "!%s", transcript_fault_name(fault));
        return;
    }
    if (msg->op == NPROTO_OP_GATE) {
        nb_buf_must_text(&t->text, "GATE");
        return;
    }
    nb_buf_must_text(&t->text, nproto_op_name(msg->op));
    nb_buf_must_text(&t->text, "(");
    transcript_fields(&t->text, msg);
    nb_buf_must_text(&t->text, ")");
}

static inline void transcript_drain(struct transcript *t, struct slice piece)
{
    struct slice input = piece;
    struct nproto_msg msg = {.op = NPROTO_OP_NONE};
    enum nproto_fault fault = NPROTO_FAULT_NONE;

    while (!t->has_fault) {
        const int rc = nproto_parser_next(&t->parser, &input, &msg, &fault);

        if (rc == NB_OK && msg.op == NPROTO_OP_NONE) {
            assert(input.n == 0);
            return;
        }
        assert(rc == NB_OK || fault != NPROTO_FAULT_NONE);
        if (rc == NB_OK) {
            transcript_check_place(&msg, piece);
        }
        assert(msg.op != NPROTO_OP_GATE || input.n > 0);
        transcript_write(t, rc, &msg, fault);
        if (msg.op == NPROTO_OP_GATE) {
            t->parser.is_gated = false;
        }
        t->has_fault = rc != NB_OK;
    }
}

// Gives the parser the next bytes of the stream, from an allocation of exactly their size.
static inline void transcript_feed(struct transcript *t, struct slice piece)
{
    while (t->fills && !t->has_fault && piece.n > 0) {
        const struct nproto_room room = nproto_parser_wanted(&t->parser);
        const size_t n = room.n < piece.n ? room.n : piece.n;

        if (n == 0) {
            break;
        }
        memcpy(room.p, piece.p, n);
        nproto_parser_filled(&t->parser, n);
        piece = nb_slice_sub(piece, n, piece.n - n);
        transcript_drain(t, (struct slice){.p = NULL, .n = 0});
    }
    if (piece.n > 0) {
        uint8_t *exact = nb_alloc(piece.n);

        memcpy(exact, piece.p, piece.n);
        transcript_drain(t, nb_slice_make(exact, piece.n));
        nb_free(exact);
    }
}

static inline void transcript_init(struct transcript *t, const struct nproto_parser *like)
{
    *t = (struct transcript){.has_fault = false};
    nproto_parser_init(&t->parser, like->peer);
    t->parser.is_gated = like->is_gated;
    t->parser.has_headers = like->has_headers;
    t->parser.control_line_max = like->control_line_max;
    t->parser.payload_max = like->payload_max;
    nb_buf_init(&t->text, TRANSCRIPT_MAX_BYTES);
}

static inline void transcript_fini(struct transcript *t)
{
    nproto_parser_fini(&t->parser);
    nb_buf_fini(&t->text);
}
