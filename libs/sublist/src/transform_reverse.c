#include "transform.h"

#include <natsd/buf.h>
#include <natsd/number.h>

#include <assert.h>

enum {
    NUMBER_TEXT_MAX_BYTES = 1 + NB_U64_TEXT_MAX_BYTES, // "$" and the number
};

static void put_token(struct nb_buf *out, struct slice token)
{
    if (nb_buf_slice(out).n > 0) {
        nb_buf_must_text(out, ".");
    }
    nb_buf_must(out, token);
}

static void put_numbered(struct nb_buf *out, uint32_t number)
{
    char text[NUMBER_TEXT_MAX_BYTES] = "$";

    put_token(out, nb_slice_make(text, 1 + nb_format_u64(number, text + 1)));
}

// Which wildcard of the destination takes token `index` of the source: 1 for the first, and
// one that isn't there when none does, so that the reverse is refused.
static uint32_t find_wildcard(const struct nsub_transform *transform, uint32_t index)
{
    uint32_t number = 0;

    for (uint32_t i = 0; i < transform->step_count; i++) {
        const struct nsub__step *step = &transform->steps[i];

        if (step->type == NSUB__STEP_WILDCARD) {
            number++;
            if (step->indexes[0] == index) {
                return number;
            }
        }
    }
    return number + 1;
}

static void put_reverse_source(struct nb_buf *out, const struct nsub_transform *transform)
{
    for (uint32_t i = 0; i < transform->step_count; i++) {
        const struct nsub__step *step = &transform->steps[i];

        if (step->type == NSUB__STEP_WILDCARD) {
            put_token(out, NB_SLICE("*"));
        } else if (step->type == NSUB__STEP_REST) {
            put_token(out, NB_SLICE(">"));
        } else { // a strict transform has nothing else
            assert(step->type == NSUB__STEP_LITERAL);
            put_token(out, step->text);
        }
    }
}

// A literal token of the source that a destination reads as a function can't go there.
static int check_literal(struct slice token, struct nb_diag *diag)
{
    struct nsub__step step;
    int rc = nsub__step_parse(token, &step, diag);

    if (rc == NB_OK && step.type != NSUB__STEP_LITERAL) {
        rc = nsub__transform_fail(diag, "invalid transform", token);
        nsub__step_fini(&step);
    }
    return rc;
}

static int put_reverse_destination(struct nb_buf *out, const struct nsub_transform *transform,
                                   struct nb_diag *diag)
{
    struct slice rest = nsub__rest_of(transform->source);
    struct slice token;

    for (uint32_t index = 0; nsub__take(&rest, &token); index++) {
        int rc = check_literal(token, diag);

        if (rc < 0) {
            return rc;
        }
        if (nsub__is_star(token)) {
            put_numbered(out, find_wildcard(transform, index));
        } else {
            put_token(out, token);
        }
    }
    return NB_OK;
}

int nsub_transform_reverse(const struct nsub_transform *transform, struct nsub_transform **out,
                           struct nb_diag *diag)
{
    size_t max = (transform->source.n + transform->destination.n) * NUMBER_TEXT_MAX_BYTES;
    struct nb_buf source;
    struct nb_buf destination;
    int rc;

    if (transform->mode != NSUB_TRANSFORM_STRICT) {
        return NB_EINVALID;
    }
    nb_buf_init(&source, max);
    nb_buf_init(&destination, max);
    put_reverse_source(&source, transform);
    rc = put_reverse_destination(&destination, transform, diag);
    if (rc == NB_OK) {
        rc = nsub_transform_create(nb_buf_slice(&source), nb_buf_slice(&destination),
                                   NSUB_TRANSFORM_STRICT, out, diag);
    }
    nb_buf_fini(&source);
    nb_buf_fini(&destination);
    return rc;
}

int nsub_transform_number_wildcards(struct slice subject, uint8_t *out, size_t room, size_t *size)
{
    struct nb_buf numbered;
    struct slice rest = nsub__rest_of(subject);
    struct slice token;
    uint32_t number = 0;
    int rc = NB_ELIMIT;

    nb_buf_init(&numbered, subject.n * NUMBER_TEXT_MAX_BYTES);
    while (nsub__take(&rest, &token)) {
        if (nsub__is_star(token)) {
            put_numbered(&numbered, ++number);
        } else {
            put_token(&numbered, token);
        }
    }
    if (nb_buf_slice(&numbered).n <= room) {
        *size = nb_buf_slice(&numbered).n;
        if (*size > 0) {
            memcpy(out, nb_buf_slice(&numbered).p, *size);
        }
        rc = NB_OK;
    }
    nb_buf_fini(&numbered);
    return rc;
}
