/* bench/stream.h - reading what a server sends, at the price of counting.
 *
 * Of a message only the line's end and the size are looked for; the payload is skipped without
 * being touched, also when it comes in many reads. Who needs more of a message asks for it by
 * the handler. What lies across two reads is kept here.
 *
 * This is no parser for clients that do something with what they get: it trusts the server's
 * sizes and does not look at line ends behind payloads. libs/proto has that one.
 *
 * Threads: one at a time. Errors: NB_EMALFORMED, NB_ELIMIT for a line without end.
 */
#pragma once

#include <natsd/buf.h>

enum bench_op {
    BENCH_OP_INFO,
    BENCH_OP_PING,
    BENCH_OP_PONG,
    BENCH_OP_OK,
    BENCH_OP_ERR,
};

enum {
    BENCH_STREAM_LINE_MAX_BYTES = 1024 * 1024, // an INFO with many URLs has room
    BENCH_STREAM_HEAD_BYTES = 16,              // of a payload's start
};

struct bench_stream;

struct bench_message {
    struct slice subject; // borrowed, like the others, until the callback returns
    struct slice reply;   // n 0: none
    size_t header_bytes;
    size_t bytes; // of headers and payload
};

// A callback that answers false stops the reading behind it: see bench_stream_read().
struct bench_stream_handler {
    bool (*control)(struct bench_stream *stream, enum bench_op op, struct slice argument);
    // At the end of each message, with the start of its payload (behind headers). NULL: not
    // wanted.
    void (*head)(struct bench_stream *stream, const uint8_t *head, size_t n);
    // All NULL, or all there: the line, the bytes of headers and payload in pieces, the end.
    void (*begin)(struct bench_stream *stream, const struct bench_message *message);
    void (*body)(struct bench_stream *stream, struct slice piece);
    bool (*end)(struct bench_stream *stream);
};

struct bench_stream {
    const struct bench_stream_handler *handler;
    uint64_t msgs;  // whole ones so far
    uint64_t bytes; // theirs: headers and payload
    // private
    struct nb_buf line;  // the start of one that is cut
    size_t left;         // of this message's bytes and the CR LF behind them
    size_t message_size; // of its headers and payload
    size_t header_left;  // of its headers, before `head`
    uint8_t head[BENCH_STREAM_HEAD_BYTES];
    size_t head_size;
};

void bench_stream_init(struct bench_stream *stream, const struct bench_stream_handler *handler);
// For another connection: what was counted stays. Fine on a zeroed stream.
void bench_stream_reset(struct bench_stream *stream, const struct bench_stream_handler *handler);
void bench_stream_fini(struct bench_stream *stream);
// Takes *input from the front: all of it, or up to where a callback stopped. NB_OK then, too.
NB_MUST_USE int bench_stream_read(struct bench_stream *stream, struct slice *input);
