#include "bench/script.h"

#include "bench/worker.h"

#include <natsd/number.h>
#include <natsd/random.h>

#include <assert.h>

enum {
    BATCH_BYTES = 96 * 1024, // about: written at once, and small enough to take turns
    BATCHED_MESSAGE_MAX_BYTES = 16 * 1024,
    CYCLE_MAX_BYTES = 64 * 1024 * 1024, // longer ones are not made in advance
    RANDOM_CYCLE_MSGS = 65536,          // at least, so that few repeat
    LINE_MAX_BYTES = 2 * BENCH_SUBJECT_MAX_BYTES + 256,
    WHOLE_MAX_BYTES = NNET_OUT_RESERVE_MAX_BYTES, // put together in one place
};

// -- parts -----------------------------------------------------------------------------------

static void make_lines(struct bench_script *script, const struct bench_script_opts *opts)
{
    bool has_headers = opts->headers.n > 0;

    nb_buf_init(&script->start, LINE_MAX_BYTES);
    nb_buf_init(&script->middle, LINE_MAX_BYTES);
    nb_buf_init(&script->finish, LINE_MAX_BYTES);
    nb_buf_must_format(&script->start, "%s %s%s", has_headers ? "HPUB" : "PUB", opts->subject,
                       opts->has_numbers ? "." : "");
    nb_buf_must_text(&script->middle, " ");
    if (opts->reply != NULL) {
        nb_buf_must_text(&script->middle, opts->reply);
        nb_buf_must_text(&script->finish, " ");
    }
    if (has_headers) {
        nb_buf_must_format(&script->finish, "%zu ", opts->headers.n);
    }
    nb_buf_must_format(&script->finish, "%zu\r\n", opts->headers.n + opts->payload.n);
}

static void make_body(struct bench_script *script, const struct bench_script_opts *opts)
{
    size_t stamp = opts->payload.n < BENCH_STAMP_BYTES ? opts->payload.n : BENCH_STAMP_BYTES;
    uint8_t *p;

    script->header_size = opts->headers.n;
    script->message_bytes = opts->headers.n + opts->payload.n;
    script->body_size = script->message_bytes + 2;
    script->body = nb_chunk_create(script->body_size);
    p = script->body->data;
    if (opts->headers.n > 0) {
        memcpy(p, opts->headers.p, opts->headers.n);
    }
    if (opts->payload.n > 0) {
        memcpy(p + opts->headers.n, opts->payload.p, opts->payload.n);
    }
    memcpy(p + script->message_bytes, "\r\n", 2);
    if (opts->has_stamps) { // zero is none
        memset(p + opts->headers.n, 0, stamp);
    }
}

static uint8_t *put(uint8_t *out, struct slice part)
{
    if (part.n > 0) {
        memcpy(out, part.p, part.n);
    }
    return out + part.n;
}

static uint8_t *put_token(uint8_t *out, uint64_t token)
{
    for (size_t i = BENCH_TOKEN_DIGITS; i > 0; i--) {
        out[i - 1] = (uint8_t)('0' + token % 10);
        token /= 10;
    }
    return out + BENCH_TOKEN_DIGITS;
}

// At most LINE_MAX_BYTES.
static size_t put_line(const struct bench_script *script, uint8_t *out, uint64_t number,
                       uint64_t token)
{
    uint8_t *at = put(out, nb_buf_slice(&script->start));

    if (script->has_numbers) {
        at += nb_format_u64(number, (char *)at);
    }
    at = put(at, nb_buf_slice(&script->middle));
    if (script->has_reply) {
        at = put_token(at, token);
    }
    at = put(at, nb_buf_slice(&script->finish));
    return (size_t)(at - out);
}

static size_t line_max(const struct bench_script *script)
{
    char digits[NB_U64_TEXT_MAX_BYTES];
    size_t number = nb_format_u64(script->number_max - 1, digits); // of the longest, also for none

    return nb_buf_slice(&script->start).n + nb_buf_slice(&script->middle).n +
           nb_buf_slice(&script->finish).n + (script->has_numbers ? number : 0) +
           (script->has_reply ? BENCH_TOKEN_DIGITS : 0);
}

// -- batches ---------------------------------------------------------------------------------

struct cycle {
    uint64_t count; // of messages
    uint64_t next;
    struct nb_random random;
};

static uint64_t next_number(const struct bench_script *script, struct cycle *cycle)
{
    uint64_t i = cycle->next++;

    if (!script->has_numbers) {
        return 0;
    }
    return script->is_random ? nb_random_u64(&cycle->random) % script->number_max
                             : i % script->number_max;
}

static void make_batch(const struct bench_script *script, struct cycle *cycle,
                       struct bench_batch *out)
{
    size_t message_max = line_max(script) + script->body_size;
    size_t room = BATCH_BYTES / message_max + 1;
    uint64_t left = cycle->count - cycle->next;
    unsigned count = (unsigned)(left < room ? left : room);
    struct bench_batch batch = {.count = count};
    size_t used = 0;

    batch.chunk = nb_chunk_create(count * message_max);
    batch.ends = nb_calloc(count, sizeof(batch.ends[0]));
    for (unsigned i = 0; i < count; i++) {
        uint8_t *p = batch.chunk->data;

        used += put_line(script, p + used, next_number(script, cycle), 0);
        memcpy(p + used, script->body->data, script->body_size);
        used += script->body_size;
        batch.ends[i] = (uint32_t)used;
    }
    *out = batch;
}

// How many messages are made in advance; 0: they are sent one by one.
static uint64_t cycle_size(const struct bench_script *script)
{
    size_t message_max = line_max(script) + script->body_size;
    uint64_t count = BATCH_BYTES / message_max + 1;

    if (script->has_reply || message_max > BATCHED_MESSAGE_MAX_BYTES) {
        return 0;
    }
    if (script->has_numbers) {
        if (script->number_max == 0 || script->number_max > CYCLE_MAX_BYTES / message_max) {
            return 0;
        }
        // Whole rounds over the numbers that fill a batch at least.
        count = (count + script->number_max - 1) / script->number_max * script->number_max;
        if (script->is_random && count < RANDOM_CYCLE_MSGS) {
            count = RANDOM_CYCLE_MSGS;
        }
    }
    return count * message_max <= CYCLE_MAX_BYTES ? count : 0;
}

static void make_batches(struct bench_script *script)
{
    struct cycle cycle = {.count = cycle_size(script)};
    size_t room = 0;

    nb_random_init(&cycle.random, 1);
    while (cycle.next < cycle.count) {
        if (script->batch_count == room) {
            room = room > 0 ? 2 * room : 8;
            script->batches = nb_realloc(script->batches, room * sizeof(script->batches[0]));
        }
        make_batch(script, &cycle, &script->batches[script->batch_count++]);
    }
}

struct bench_script_opts bench_script_opts_of(const struct bench_options *options,
                                              const char *subject)
{
    return (struct bench_script_opts){.subject = subject,
                                      .has_numbers = options->has_numbers,
                                      .number_max = options->number_max,
                                      .is_random = options->is_random,
                                      .headers = nb_buf_slice(&options->headers),
                                      .payload = nb_buf_slice(&options->payload)};
}

void bench_script_init(struct bench_script *script, const struct bench_script_opts *opts)
{
    *script = (struct bench_script){.has_stamps = opts->has_stamps,
                                    .has_numbers = opts->has_numbers,
                                    .number_max = opts->number_max,
                                    .is_random = opts->is_random,
                                    .has_reply = opts->reply != NULL};
    make_lines(script, opts);
    make_body(script, opts);
    make_batches(script);
}

void bench_script_fini(struct bench_script *script)
{
    for (size_t i = 0; i < script->batch_count; i++) {
        nb_chunk_unref(script->batches[i].chunk);
        nb_free(script->batches[i].ends);
    }
    nb_free(script->batches);
    nb_buf_fini(&script->start);
    nb_buf_fini(&script->middle);
    nb_buf_fini(&script->finish);
    if (script->body != NULL) {
        nb_chunk_unref(script->body);
    }
    *script = (struct bench_script){.batches = NULL};
}

// -- one message -----------------------------------------------------------------------------

// What of the stamp the payload has room for.
static size_t put_stamp(const struct bench_script *script, const struct bench_send *send,
                        uint8_t out[BENCH_STAMP_BYTES])
{
    uint64_t times[2] = {htole64(send->due_ns), htole64(send->sent_ns)};
    size_t payload = script->message_bytes - script->header_size;

    if (!script->has_stamps || send->due_ns == 0 || payload < BENCH_STAMP_MIN_BYTES) {
        return 0;
    }
    memcpy(out, times, BENCH_STAMP_BYTES);
    return payload < BENCH_STAMP_BYTES ? BENCH_STAMP_MIN_BYTES : BENCH_STAMP_BYTES;
}

static uint64_t number_of(const struct bench_script *script, struct bench_session *session,
                          uint64_t index)
{
    if (script->number_max == 0) {
        return index;
    }
    return script->is_random
               ? nb_random_u64(nnet_worker_random(session->worker->worker)) % script->number_max
               : index % script->number_max;
}

void bench_script_send(const struct bench_script *script, struct bench_session *session,
                       const struct bench_send *send)
{
    struct nnet_worker *thread = session->worker->worker;
    struct slice body = nb_slice_make(script->body->data, script->body_size);
    uint64_t number = script->has_numbers ? number_of(script, session, send->index) : 0;
    uint8_t stamp[BENCH_STAMP_BYTES];
    size_t stamp_size = put_stamp(script, send, stamp);
    size_t max = line_max(script);
    bool is_whole = max + script->body_size <= WHOLE_MAX_BYTES;
    uint8_t *out =
        nnet_out_reserve(thread, &session->conn, max + (is_whole ? script->body_size : 0));
    size_t n = put_line(script, out, number, send->token);

    if (is_whole) {
        memcpy(out + n, body.p, body.n);
        memcpy(out + n + script->header_size, stamp, stamp_size);
        nnet_out_commit(thread, &session->conn, n + body.n, 0, 0);
        return;
    }
    nnet_out_commit(thread, &session->conn, n, 0, 0);
    if (stamp_size > 0) {
        nnet_out_append(thread, &session->conn, nb_slice_sub(body, 0, script->header_size));
        nnet_out_append(thread, &session->conn, nb_slice_make(stamp, stamp_size));
        body = nb_slice_sub(body, script->header_size + stamp_size, body.n);
    }
    nnet_out_append_ref(thread, &session->conn, script->body, body);
}
