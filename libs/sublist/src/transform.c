#include "transform.h"

#include <natsd/memory.h>
#include <natsd/subject.h>

// The wildcards of a source.
struct pattern {
    uint32_t *star_indexes; // owned; token numbers
    uint32_t star_count;
    uint32_t token_count;
    bool has_full;
};

static bool pattern_init(struct pattern *pattern, struct slice subject)
{
    struct slice rest = nsub__rest_of(subject);
    struct slice token;

    *pattern = (struct pattern){0};
    if (!nsub_subject_is_insertable(subject)) {
        return false;
    }
    pattern->star_indexes =
        nb_calloc(nsub_subject_token_count(subject), sizeof(*pattern->star_indexes));
    while (nsub__take(&rest, &token)) {
        if (nsub__is_star(token)) {
            pattern->star_indexes[pattern->star_count++] = pattern->token_count;
        }
        pattern->has_full |= nsub__is_full(token);
        pattern->token_count++;
    }
    return true;
}

static void pattern_fini(struct pattern *pattern)
{
    nb_free(pattern->star_indexes);
}

static bool destination_fits(struct slice destination, const struct pattern *source)
{
    struct pattern pattern;
    bool fits = pattern_init(&pattern, destination) && pattern.star_count == 0 &&
                pattern.has_full == source->has_full;

    pattern_fini(&pattern);
    return fits;
}

static int fail_out_of_range(struct nb_diag *diag, struct slice token, int64_t index)
{
    nb_diag_set(diag, "invalid mapping destination: wildcard index out of range in %.*s: [%lld]",
                NSUB__DIAG_ARGS(token), (long long)index);
    return NB_EMALFORMED;
}

// Turns the wildcards that a step names into token numbers. Numbers below 1 pass, as in the
// reference, and mean the first token.
static int resolve(struct nsub__step *step, struct slice token, const struct pattern *source,
                   struct nb_diag *diag)
{
    if (source->star_count == 0 && !source->has_full) {
        if (step->type != NSUB__STEP_LITERAL && step->type != NSUB__STEP_PARTITION &&
            step->type != NSUB__STEP_RANDOM) {
            return nsub__transform_fail(diag, "wildcard index out of range", token);
        }
        step->index_count = 0; // the whole subject is the key
        return NB_OK;
    }
    for (uint32_t i = 0; i < step->index_count; i++) {
        int64_t index = step->indexes[i];

        if (index > (int64_t)source->star_count) {
            return fail_out_of_range(diag, token, index);
        }
        step->indexes[i] = index > 0 ? source->star_indexes[index - 1] : 0;
    }
    return NB_OK;
}

static int add_step(struct nsub_transform *transform, struct slice token, bool is_rest,
                    const struct pattern *source, struct nb_diag *diag)
{
    struct nsub__step *step = &transform->steps[transform->step_count++];
    int rc;

    if (is_rest) {
        *step = (struct nsub__step){.type = NSUB__STEP_REST};
        return NB_OK;
    }
    rc = nsub__step_parse(token, step, diag);
    if (rc < 0) {
        return rc;
    }
    if (transform->mode == NSUB_TRANSFORM_STRICT && step->type != NSUB__STEP_LITERAL &&
        step->type != NSUB__STEP_WILDCARD) {
        return nsub__transform_fail(
            diag, "the only mapping function allowed for import transforms is {{Wildcard()}}",
            token);
    }
    return resolve(step, token, source, diag);
}

static int add_steps(struct nsub_transform *transform, const struct pattern *source,
                     struct nb_diag *diag)
{
    struct slice rest = nsub__rest_of(transform->destination);
    struct slice token;
    uint32_t wildcard_count = 0;
    bool is_rest;

    transform->steps =
        nb_calloc(nsub_subject_token_count(transform->destination), sizeof(*transform->steps));
    while (nsub__take_destination(&rest, &token, &is_rest)) {
        int rc = add_step(transform, token, is_rest, source, diag);

        if (rc < 0) {
            return rc;
        }
        wildcard_count += transform->steps[transform->step_count - 1].type == NSUB__STEP_WILDCARD;
    }
    if (transform->mode == NSUB_TRANSFORM_STRICT && wildcard_count < source->star_count) {
        return nsub__transform_fail(diag, "not using all of the token wildcard(s)",
                                    transform->destination);
    }
    return NB_OK;
}

static bool is_everything(struct slice subject)
{
    return nb_slice_is(subject, ">");
}

int nsub_transform_create(struct slice source, struct slice destination,
                          enum nsub_transform_mode mode, struct nsub_transform **out,
                          struct nb_diag *diag)
{
    struct nsub_transform *transform = NULL;
    struct pattern pattern = {0};
    int rc;

    if (destination.n == 0) {
        *out = NULL;
        return NB_OK;
    }
    if (source.n == 0) {
        source = NB_SLICE(">");
    }
    if (!pattern_init(&pattern, source) || !destination_fits(destination, &pattern)) {
        rc = nsub__transform_fail_subject(diag);
        goto fail;
    }
    transform = nb_zalloc(sizeof(*transform));
    transform->source = nb_slice_dup(source);
    transform->destination = nb_slice_dup(destination);
    transform->mode = mode;
    transform->is_identity = is_everything(source) && is_everything(destination);
    transform->is_literal = pattern.star_count == 0 && !pattern.has_full;
    transform->tail_index = pattern.token_count - 1;
    rc = add_steps(transform, &pattern, diag);
    if (rc < 0) {
        goto fail;
    }
    pattern_fini(&pattern);
    *out = transform;
    return NB_OK;

fail:
    pattern_fini(&pattern);
    nsub_transform_destroy(&transform);
    return rc;
}

void nsub_transform_destroy(struct nsub_transform **transform)
{
    if (*transform == NULL) {
        return;
    }
    for (uint32_t i = 0; i < (*transform)->step_count; i++) {
        nsub__step_fini(&(*transform)->steps[i]);
    }
    nb_free((*transform)->steps);
    nb_slice_free(&(*transform)->source);
    nb_slice_free(&(*transform)->destination);
    nb_free(*transform);
    *transform = NULL;
}

struct slice nsub_transform_source(const struct nsub_transform *transform)
{
    return transform->source;
}

struct slice nsub_transform_destination(const struct nsub_transform *transform)
{
    return transform->destination;
}
