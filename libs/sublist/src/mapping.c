#include <natsd/mapping.h>

#include "transform.h"
#include "tree.h"
#include "walk.h"

#include <natsd/memory.h>
#include <natsd/quote.h>
#include <natsd/subject.h>
#include <natsd/transform.h>

enum {
    WEIGHT_MAX = 100,
    QUOTED_MAX_BYTES = 480,                              // what a diag has room for
    LONG_SUBJECT_SHOWN_BYTES = QUOTED_MAX_BYTES / 4 - 2, // quoting makes four bytes of one
};

struct destination {
    struct nsub_transform *transform; // owned; NULL: the subject stays
    uint32_t weight;
};

// The destinations for one cluster; the first of a mapping is for all that have none.
struct scope {
    struct slice cluster;             // owned
    struct destination *destinations; // owned
    uint32_t count;
    uint32_t weight_total;
};

struct mapping {
    struct nsub_sub source; // the subject is owned
    size_t index;           // its place in the table
    struct scope *scopes;   // owned
    uint32_t scope_count;
};

struct nsub_mappings {
    struct nsub__tree tree; // of the sources, so that a message doesn't pass all of them
    struct mapping **at;    // owned
    size_t count;
};

struct nsub_mappings *nsub_mappings_create(void)
{
    struct nsub_mappings *mappings = nb_zalloc(sizeof(*mappings));

    nsub__tree_init(&mappings->tree);
    return mappings;
}

static void scope_fini(struct scope *scope)
{
    for (uint32_t i = 0; i < scope->count; i++) {
        nsub_transform_destroy(&scope->destinations[i].transform);
    }
    nb_free(scope->destinations);
    nb_slice_free(&scope->cluster);
}

static void mapping_destroy(struct mapping *mapping)
{
    for (uint32_t i = 0; i < mapping->scope_count; i++) {
        scope_fini(&mapping->scopes[i]);
    }
    nb_free(mapping->scopes);
    nb_slice_free(&mapping->source.subject);
    nb_free(mapping);
}

void nsub_mappings_destroy(struct nsub_mappings **mappings)
{
    if (*mappings == NULL) {
        return;
    }
    nsub__tree_fini(&(*mappings)->tree);
    for (size_t i = 0; i < (*mappings)->count; i++) {
        mapping_destroy((*mappings)->at[i]);
    }
    nb_free((*mappings)->at);
    nb_free(*mappings);
    *mappings = NULL;
}

bool nsub_mappings_is_empty(const struct nsub_mappings *mappings)
{
    return mappings == NULL || mappings->count == 0;
}

static struct scope *add_scope(struct mapping *mapping, struct slice cluster)
{
    struct scope *scope;

    mapping->scopes =
        nb_realloc(mapping->scopes, (mapping->scope_count + 1) * sizeof(*mapping->scopes));
    scope = &mapping->scopes[mapping->scope_count++];
    *scope = (struct scope){.cluster = nb_slice_dup(cluster)};
    return scope;
}

static struct scope *find_scope(const struct mapping *mapping, struct slice cluster)
{
    for (uint32_t i = 0; i < mapping->scope_count; i++) {
        if (nb_slice_equal(mapping->scopes[i].cluster, cluster)) {
            return &mapping->scopes[i];
        }
    }
    return NULL;
}

static struct mapping *mapping_create(struct slice source)
{
    struct mapping *mapping = nb_zalloc(sizeof(*mapping));

    mapping->source.subject = nb_slice_dup(source);
    add_scope(mapping, nb_slice_make(NULL, 0));
    return mapping;
}

static void add_destination(struct scope *scope, struct nsub_transform *transform, uint32_t weight)
{
    scope->destinations =
        nb_realloc(scope->destinations, (scope->count + 1) * sizeof(*scope->destinations));
    scope->destinations[scope->count++] =
        (struct destination){.transform = transform, .weight = weight};
    scope->weight_total += weight;
}

static int fail_duplicate(struct nb_diag *diag, struct slice destination)
{
    struct nb_buf quoted;

    nb_buf_init(&quoted, QUOTED_MAX_BYTES);
    if (nb_quote(destination, &quoted) == NB_OK ||
        nb_quote(nb_slice_sub(destination, 0, LONG_SUBJECT_SHOWN_BYTES), &quoted) == NB_OK) {
        nb_diag_set(diag, "duplicate entry for %.*s", NB_SLICE_ARGS(nb_buf_slice(&quoted)));
    }
    nb_buf_fini(&quoted);
    return NB_EEXISTS;
}

static bool has_space(struct slice token)
{
    for (size_t i = 0; i < token.n; i++) {
        switch (token.p[i]) {
        case ' ':
        case '\t':
        case '\n':
        case '\f':
        case '\r':
            return true;
        }
    }
    return false;
}

static int fail_invalid_transform(struct nb_diag *diag, struct slice token)
{
    if (token.n > 0) {
        return nsub__transform_fail(diag, "invalid transform", token);
    }
    nb_diag_set(diag, "invalid mapping destination: invalid transform");
    return NB_EMALFORMED;
}

// Mappings look at a destination before it is compiled, and have texts of their own.
static int check_destination(struct slice destination, struct nb_diag *diag)
{
    struct slice rest = nsub__rest_of(destination);
    struct slice token;
    bool has_full = false;

    if (destination.n == 0) {
        return nsub__transform_fail_subject(diag);
    }
    while (nsub__take(&rest, &token)) {
        struct nsub__step step;
        int rc;

        if (token.n == 0 || has_full) {
            return fail_invalid_transform(diag, token);
        }
        has_full = nsub__is_full(token);
        if (!nsub__is_function(token) && has_space(token)) {
            return fail_invalid_transform(diag, nb_slice_make(NULL, 0));
        }
        rc = nsub__step_parse(token, &step, diag);
        if (rc < 0) {
            return rc;
        }
        nsub__step_fini(&step);
    }
    return NB_OK;
}

static int check_weight(const struct scope *scope, uint8_t weight, struct nb_diag *diag)
{
    if (weight > WEIGHT_MAX) {
        nb_diag_set(diag, "individual weights need to be <= 100");
        return NB_ELIMIT;
    }
    if (scope->weight_total + weight > WEIGHT_MAX) {
        nb_diag_set(diag, "total weight needs to be <= 100");
        return NB_ELIMIT;
    }
    return NB_OK;
}

static int read_destination(struct mapping *mapping, const struct nsub_mapping_dest *dest,
                            struct nb_diag *diag)
{
    struct nsub_transform *transform = NULL;
    struct scope *scope = find_scope(mapping, dest->cluster);
    int rc;

    if (scope == NULL) {
        scope = add_scope(mapping, dest->cluster);
    }
    rc = check_weight(scope, dest->weight, diag);
    if (rc == NB_OK) {
        rc = check_destination(dest->subject, diag);
    }
    if (rc == NB_OK) {
        rc = nsub_transform_create(mapping->source.subject, dest->subject, NSUB_TRANSFORM_PLAIN,
                                   &transform, diag);
    }
    if (rc == NB_OK) {
        add_destination(scope, transform, dest->weight);
    }
    return rc;
}

static bool is_listed(struct slice subject, const struct nsub_mapping_dest *dests, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (nb_slice_equal(dests[i].subject, subject)) {
            return true;
        }
    }
    return false;
}

static int read_destinations(struct mapping *mapping, const struct nsub_mapping_dest *dests,
                             size_t dest_count, struct nb_diag *diag)
{
    for (size_t i = 0; i < dest_count; i++) {
        int rc = is_listed(dests[i].subject, dests, i) ? fail_duplicate(diag, dests[i].subject)
                                                       : read_destination(mapping, &dests[i], diag);

        if (rc < 0) {
            return rc;
        }
    }
    if (is_listed(mapping->source.subject, dests, dest_count)) {
        return NB_OK; // what is missing to 100 is lost, on purpose
    }
    for (uint32_t i = 0; i < mapping->scope_count; i++) {
        if (mapping->scopes[i].weight_total < WEIGHT_MAX) {
            add_destination(&mapping->scopes[i], NULL,
                            WEIGHT_MAX - mapping->scopes[i].weight_total);
        }
    }
    return NB_OK;
}

static void put(struct nsub_mappings *mappings, struct mapping *mapping)
{
    struct nsub__ref old = nsub__tree_find(&mappings->tree, mapping->source.subject);
    bool is_only;

    if (nsub__ref_is_none(old)) {
        mapping->index = mappings->count++;
        mappings->at = nb_realloc(mappings->at, mappings->count * sizeof(struct mapping *));
    } else {
        struct nsub_sub *source = nsub__members_sample(old);
        struct mapping *replaced = nb_container_of(source, struct mapping, source);
        int rc = nsub__tree_remove(&mappings->tree, source, &is_only);

        assert(rc == NB_OK);
        mapping->index = replaced->index;
        mapping_destroy(replaced);
    }
    mappings->at[mapping->index] = mapping;
    if (nsub__tree_insert(&mappings->tree, &mapping->source, &is_only) < 0) {
        NB_UNREACHABLE("a mapping is there twice");
    }
}

int nsub_mappings_add(struct nsub_mappings *mappings, struct slice source,
                      const struct nsub_mapping_dest *dests, size_t dest_count,
                      struct nb_diag *diag)
{
    struct mapping *mapping;
    int rc;

    if (!nsub_subject_is_valid(source) || source.n > UINT32_MAX) {
        return nsub__transform_fail_subject(diag);
    }
    mapping = mapping_create(source);
    rc = read_destinations(mapping, dests, dest_count, diag);
    if (rc < 0) {
        mapping_destroy(mapping);
        return rc;
    }
    put(mappings, mapping);
    return NB_OK;
}

// The first in the table whose source covers the subject.
static const struct mapping *find_mapping(const struct nsub_mappings *mappings,
                                          struct slice subject)
{
    const struct mapping *first = NULL;
    struct nsub__walk walk;

    nsub__walk_init(&walk, &mappings->tree, subject);
    while (nsub__walk_step(&walk)) {
        for (uint32_t i = 0; i < walk.hit_count; i++) {
            const struct nsub_sub *source = nsub__members_sample(walk.hits[i]);
            const struct mapping *mapping = nb_container_of(source, struct mapping, source);

            if (first == NULL || mapping->index < first->index) {
                first = mapping;
            }
        }
    }
    nsub__walk_fini(&walk);
    return first;
}

static const struct destination *choose(const struct mapping *mapping, struct slice cluster,
                                        struct nb_random *random)
{
    const struct scope *scope = find_scope(mapping, cluster);
    uint32_t below = 0;
    uint32_t drawn;

    if (scope == NULL) {
        scope = &mapping->scopes[0];
    }
    if (scope->count == 1 && scope->weight_total == WEIGHT_MAX) {
        return &scope->destinations[0];
    }
    drawn = nb_random_below(random, WEIGHT_MAX);
    for (uint32_t i = 0; i < scope->count; i++) {
        below += scope->destinations[i].weight;
        if (drawn < below) {
            return &scope->destinations[i];
        }
    }
    return NULL;
}

static int keep(struct slice subject, uint8_t *out, size_t room, size_t *size)
{
    if (subject.n > room) {
        return NB_ELIMIT;
    }
    memcpy(out, subject.p, subject.n);
    *size = subject.n;
    return NB_OK;
}

enum nsub_mapping_outcome nsub_mappings_map(const struct nsub_mappings *mappings,
                                            struct slice subject, struct slice cluster,
                                            struct nb_random *random, uint8_t *out, size_t room,
                                            size_t *size)
{
    const struct mapping *mapping =
        nsub_mappings_is_empty(mappings) ? NULL : find_mapping(mappings, subject);
    const struct destination *chosen;
    int rc;

    if (mapping == NULL) {
        return NSUB_MAPPING_NONE;
    }
    chosen = choose(mapping, cluster, random);
    if (chosen == NULL) {
        return NSUB_MAPPING_LOST;
    }
    if (chosen->transform == NULL) {
        rc = keep(subject, out, room, size);
    } else {
        rc = nsub_transform_apply(chosen->transform, subject, random, out, room, size);
    }
    return rc == NB_OK ? NSUB_MAPPING_DONE : NSUB_MAPPING_LOST;
}
