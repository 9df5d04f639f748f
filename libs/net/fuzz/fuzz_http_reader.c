/* Requests from a stream: whole, in two pieces and byte by byte they must come out the same,
 * and what comes out must be a part of what went in.
 */
#include "http_reader.h"
#include "http_target.h"

#include <natsd/hash.h>

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    REQUESTS_MAX = 64,
    MEMORY_MAX = 16 * 1024 * 1024,
};

struct outcome {
    size_t request_count;
    enum nnet__http_read last;
    uint64_t hash; // over all requests
};

static void mix(struct outcome *outcome, struct slice bytes)
{
    outcome->hash = nb_hash(bytes, outcome->hash);
}

static void take_request(struct outcome *outcome, const struct nnet__http_reader *reader)
{
    struct slice target = nnet__http_reader_target(reader);
    struct slice path;
    struct slice query;
    struct slice out = {.n = 0};
    struct nb_arena arena;

    nnet__http_target_split(target, &path, &query);
    assert(path.n + query.n <= target.n);
    nb_arena_init(&arena, MEMORY_MAX);
    if (nnet__http_decode_path(path, &arena, &out) == NB_OK) {
        assert(out.n <= path.n);
        mix(outcome, out);
    }
    if (nnet__http_query_find(query, NB_SLICE("a"), &arena, &out)) {
        assert(out.n > 0 && out.n <= query.n);
        mix(outcome, out);
    }
    nb_arena_fini(&arena);
    mix(outcome, nb_slice_of(nnet__http_reader_method(reader)));
    mix(outcome, target);
    outcome->hash = outcome->hash * 2 + (reader->keeps_alive ? 1 : 0);
    outcome->request_count++;
}

// Feeds one piece; false after the end.
static bool feed(struct nnet__http_reader *reader, struct slice piece, struct outcome *outcome)
{
    while (piece.n > 0) {
        size_t before = piece.n;

        outcome->last = nnet__http_reader_feed(reader, &piece);
        if (outcome->last == HTTP_READ_MORE) {
            assert(piece.n == 0);
            return true;
        }
        if (outcome->last != HTTP_READ_REQUEST) {
            return false;
        }
        assert(piece.n < before);
        take_request(outcome, reader);
        if (outcome->request_count == REQUESTS_MAX) {
            return false;
        }
        nnet__http_reader_next(reader);
    }
    return true;
}

static struct outcome run(struct slice whole, size_t step)
{
    struct nnet__http_reader reader;
    struct outcome outcome = {.last = HTTP_READ_MORE};

    nnet__http_reader_init(&reader);
    for (size_t at = 0; at < whole.n; at += step) {
        if (!feed(&reader, nb_slice_sub(whole, at, step), &outcome)) {
            break;
        }
    }
    nnet__http_reader_fini(&reader);
    return outcome;
}

// The end of a request at the very end of a piece is seen there; nothing comes behind it.
static void check_same(const struct outcome *a, const struct outcome *b)
{
    assert(a->request_count == b->request_count);
    assert(a->hash == b->hash);
    assert(a->last == b->last);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice whole = nb_slice_make(data, size);
    struct outcome at_once = run(whole, size > 0 ? size : 1);
    struct outcome halves = run(whole, size / 2 + 1);
    struct outcome bytes = run(whole, 1);

    check_same(&at_once, &halves);
    check_same(&at_once, &bytes);
    return 0;
}
