/* bench/script.h - the messages that clients send, made once and sent many times.
 *
 * At full speed they lie in chunks of whole operations that are queued by reference. Single ones
 * (at a rate, with a reply subject of their own, large ones) are put together from parts.
 *
 * Threads: read-only once made; a script outlives what was queued of it.
 */
#pragma once

#include "bench/options.h"
#include "bench/session.h"

#include <endian.h>

enum {
    BENCH_SUBJECT_MAX_BYTES = 4096,
    BENCH_STAMP_BYTES = 16, // when it was due, and when it was sent: nanoseconds, little-endian;
                            // the first alone in payloads below that
    BENCH_STAMP_MIN_BYTES = 8,
};

struct bench_script_opts {
    const char *subject;
    bool has_numbers;     // to "<subject>.<n>"
    uint64_t number_max;  // n is below; 0: n is the number of the message
    bool is_random;       // not in turn
    const char *reply;    // a token is put behind it; NULL: no reply subject
    struct slice headers; // a whole block, or none
    struct slice payload;
    bool has_stamps;
};

struct bench_batch {
    struct nb_chunk *chunk;
    uint32_t *ends; // of its messages
    unsigned count;
};

struct bench_script {
    size_t message_bytes; // headers and payload
    bool has_stamps;
    struct bench_batch *batches; // all of the cycle in turn
    size_t batch_count;          // 0: the messages are sent one by one
    // private
    uint64_t number_max;
    bool has_numbers;
    bool is_random;
    bool has_reply;
    struct nb_buf start;   // "PUB subject", before the number
    struct nb_buf middle;  // behind it, before the token
    struct nb_buf finish;  // behind that
    struct nb_chunk *body; // headers, payload, CR LF
    size_t body_size;
    size_t header_size;
};

// What the command line says of messages to this subject. Borrowed from both.
struct bench_script_opts bench_script_opts_of(const struct bench_options *options,
                                              const char *subject);
void bench_script_init(struct bench_script *script, const struct bench_script_opts *opts);
void bench_script_fini(struct bench_script *script);

struct bench_send {
    uint64_t index; // of the message, for its number
    uint64_t token; // of the reply subject
    uint64_t due_ns;
    uint64_t sent_ns; // both 0: no stamp
};

enum {
    BENCH_TOKEN_DIGITS = 10, // always so many
};

// Queues one message.
void bench_script_send(const struct bench_script *script, struct bench_session *session,
                       const struct bench_send *send);

static inline uint64_t bench_stamp_get(const uint8_t *p)
{
    uint64_t value;

    memcpy(&value, p, sizeof(value));
    return le64toh(value);
}
