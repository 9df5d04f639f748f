#include "transform.h"

#include <natsd/number.h>
#include <natsd/quote.h>
#include <natsd/subject.h>

#include <assert.h>

// FNV-1a, 32 bits: which partition a subject is in must be the same for all servers.
#define FNV_OFFSET UINT32_C(0x811C9DC5)
#define FNV_PRIME UINT32_C(0x01000193)

struct output {
    uint8_t *p;
    size_t room;
    size_t n;
    bool is_full; // something didn't fit; the first such error sticks
};

static void put(struct output *out, struct slice bytes)
{
    if (out->is_full || bytes.n > out->room - out->n) {
        out->is_full = true;
        return;
    }
    if (bytes.n > 0) {
        memcpy(out->p + out->n, bytes.p, bytes.n);
        out->n += bytes.n;
    }
}

static void put_dot(struct output *out)
{
    put(out, NB_SLICE("."));
}

static void put_number(struct output *out, uint32_t number)
{
    char text[NB_U64_TEXT_MAX_BYTES];

    put(out, nb_slice_make(text, nb_format_u64(number, text)));
}

static uint32_t fnv(uint32_t hash, struct slice bytes)
{
    for (size_t i = 0; i < bytes.n; i++) {
        hash = (hash ^ bytes.p[i]) * FNV_PRIME;
    }
    return hash;
}

static void put_partition(struct output *out, const struct nsub__step *step,
                          const struct nsub__tokens *tokens)
{
    uint32_t hash = FNV_OFFSET;

    if (step->index_count == 0) {
        hash = fnv(hash, nsub__tokens_from(tokens, 0));
    }
    for (uint32_t i = 0; i < step->index_count; i++) {
        hash = fnv(hash, nsub__tokens_find(tokens, (uint64_t)step->indexes[i]));
    }
    put_number(out, step->amount > 0 ? hash % (uint32_t)step->amount : 0);
}

static void put_random(struct output *out, const struct nsub__step *step, struct nb_random *random)
{
    put_number(out, step->amount > 0 ? nb_random_below(random, (uint32_t)step->amount) : 0);
}

// The next piece of a split: up to the delimiter, or with an empty one a character.
static struct slice take_piece(struct slice *text, struct slice delimiter, bool *is_last)
{
    struct slice piece;
    uint32_t rune;
    size_t at;

    if (delimiter.n == 0) {
        at = text->n > 0 ? nb_utf8_decode(*text, &rune) : 0;
        piece = nb_slice_sub(*text, 0, at);
        *text = nb_slice_sub(*text, at, text->n);
        *is_last = text->n == 0;
        return piece;
    }
    at = nb_slice_find(*text, delimiter);
    *is_last = at == text->n;
    piece = nb_slice_sub(*text, 0, at);
    *text = nb_slice_sub(*text, *is_last ? at : at + delimiter.n, text->n);
    return piece;
}

// Empty pieces are dropped; but as in the reference, two or more delimiters at the front leave
// one dot there.
static void put_split(struct output *out, struct slice token, struct slice delimiter)
{
    bool has_written = false;
    bool is_last = false;

    for (size_t i = 0; !is_last; i++) {
        struct slice piece = take_piece(&token, delimiter, &is_last);

        if (piece.n == 0) {
            continue;
        }
        if (has_written || i > 1) {
            put_dot(out);
        }
        put(out, piece);
        has_written = true;
    }
}

static void put_two(struct output *out, struct slice token, size_t first_size)
{
    put(out, nb_slice_sub(token, 0, first_size));
    put_dot(out);
    put(out, nb_slice_sub(token, first_size, token.n));
}

// Pieces of `size` bytes behind a first one of `first_size`.
static void put_slices(struct output *out, struct slice token, size_t first_size, size_t size)
{
    put(out, nb_slice_sub(token, 0, first_size));
    for (size_t at = first_size; at < token.n; at += size) {
        put_dot(out);
        put(out, nb_slice_sub(token, at, size));
    }
}

// The functions of one token and a number of bytes, which is less than the token has.
static void put_cut(struct output *out, enum nsub__step_type type, struct slice token, size_t size)
{
    switch (type) {
    case NSUB__STEP_SPLIT_FROM_LEFT:
        put_two(out, token, size);
        return;
    case NSUB__STEP_SPLIT_FROM_RIGHT:
        put_two(out, token, token.n - size);
        return;
    case NSUB__STEP_SLICE_FROM_LEFT:
        put_slices(out, token, size, size);
        return;
    case NSUB__STEP_SLICE_FROM_RIGHT:
        put_slices(out, token, token.n % size > 0 ? token.n % size : size, size);
        return;
    case NSUB__STEP_LEFT:
        put(out, nb_slice_sub(token, 0, size));
        return;
    case NSUB__STEP_RIGHT:
        put(out, nb_slice_sub(token, token.n - size, size));
        return;
    case NSUB__STEP_LITERAL:
    case NSUB__STEP_REST:
    case NSUB__STEP_WILDCARD:
    case NSUB__STEP_PARTITION:
    case NSUB__STEP_RANDOM:
    case NSUB__STEP_SPLIT:
        break;
    }
    NB_UNREACHABLE("no cutting function of a transform");
}

static void put_of_token(struct output *out, const struct nsub__step *step, struct slice token)
{
    if (step->type == NSUB__STEP_SPLIT) {
        put_split(out, token, step->text);
    } else if (step->type == NSUB__STEP_WILDCARD || step->amount <= 0 ||
               (uint64_t)step->amount >= token.n) {
        put(out, token);
    } else {
        put_cut(out, step->type, token, (size_t)step->amount);
    }
}

static void put_step(struct output *out, const struct nsub_transform *transform,
                     const struct nsub__step *step, const struct nsub__tokens *tokens,
                     struct nb_random *random)
{
    switch (step->type) {
    case NSUB__STEP_LITERAL:
        put(out, step->text);
        return;
    case NSUB__STEP_REST:
        put(out, nsub__tokens_from(tokens, transform->tail_index));
        return;
    case NSUB__STEP_PARTITION:
        put_partition(out, step, tokens);
        return;
    case NSUB__STEP_RANDOM:
        put_random(out, step, random);
        return;
    case NSUB__STEP_WILDCARD:
    case NSUB__STEP_SPLIT:
    case NSUB__STEP_SPLIT_FROM_LEFT:
    case NSUB__STEP_SPLIT_FROM_RIGHT:
    case NSUB__STEP_SLICE_FROM_LEFT:
    case NSUB__STEP_SLICE_FROM_RIGHT:
    case NSUB__STEP_LEFT:
    case NSUB__STEP_RIGHT:
        assert(step->index_count == 1);
        put_of_token(out, step, nsub__tokens_find(tokens, (uint64_t)step->indexes[0]));
        return;
    }
    NB_UNREACHABLE("step of a transform");
}

int nsub_transform_apply(const struct nsub_transform *transform, struct slice subject,
                         struct nb_random *random, uint8_t *out, size_t room, size_t *size)
{
    struct output output = {.p = out, .room = room};
    struct nsub__tokens tokens;

    if (transform->is_identity) {
        put(&output, subject);
    } else {
        nsub__tokens_init(&tokens, subject);
        for (uint32_t i = 0; i < transform->step_count; i++) {
            if (i > 0) {
                put_dot(&output);
            }
            put_step(&output, transform, &transform->steps[i], &tokens, random);
        }
    }
    if (output.is_full) {
        return NB_ELIMIT;
    }
    *size = output.n;
    return NB_OK;
}

int nsub_transform_match(const struct nsub_transform *transform, struct slice subject,
                         struct nb_random *random, uint8_t *out, size_t room, size_t *size)
{
    if (!transform->is_identity) {
        if (!nsub_subject_is_valid_literal(subject)) {
            return NB_EMALFORMED;
        }
        if (!nsub_subject_matches(subject, transform->source)) {
            return NB_ENOTFOUND;
        }
    }
    return nsub_transform_apply(transform, subject, random, out, room, size);
}
