/* transform.h - a compiled transform: one step per token of the destination. */
#pragma once

#include "tokens.h"

#include <natsd/transform.h>

enum nsub__step_type {
    NSUB__STEP_LITERAL,
    NSUB__STEP_REST, // the ">" at the end
    NSUB__STEP_WILDCARD,
    NSUB__STEP_PARTITION,
    NSUB__STEP_RANDOM,
    NSUB__STEP_SPLIT,
    NSUB__STEP_SPLIT_FROM_LEFT,
    NSUB__STEP_SPLIT_FROM_RIGHT,
    NSUB__STEP_SLICE_FROM_LEFT,
    NSUB__STEP_SLICE_FROM_RIGHT,
    NSUB__STEP_LEFT,
    NSUB__STEP_RIGHT,
};

struct nsub__step {
    enum nsub__step_type type;
    struct slice text; // borrowed: a literal token, or the delimiter of a split
    int64_t amount;    // of partitions, random numbers or bytes
    // Which wildcards it takes, as written; once resolved, token numbers of the subject.
    int64_t *indexes; // owned
    uint32_t index_count;
};

// Reads one token of a destination, but for its being in range: the source isn't looked at.
// Fails with the text of spec 15.3. The step borrows from `token`.
NB_MUST_USE int nsub__step_parse(struct slice token, struct nsub__step *step, struct nb_diag *diag);
void nsub__step_fini(struct nsub__step *step);
bool nsub__is_function(struct slice token); // looks like one: {{...}}
// Takes one token off a destination and says whether it is its ">".
bool nsub__take_destination(struct slice *rest, struct slice *token, bool *is_rest);

// "<what> in <token>", with the words that all these texts begin with.
int nsub__transform_fail(struct nb_diag *diag, const char *what, struct slice token);
int nsub__transform_fail_subject(struct nb_diag *diag); // "invalid subject"

// A part of outside text for a "%.*s" in a diag, which is shorter than any text may be.
#define NSUB__DIAG_ARGS(s) (int)((s).n < 256 ? (s).n : 256), (const char *)(s).p

struct nsub_transform {
    struct slice source;      // owned
    struct slice destination; // owned; the steps borrow from it
    enum nsub_transform_mode mode;
    bool is_identity;    // ">" to ">"
    bool is_literal;     // the source has no wildcard
    uint32_t tail_index; // the token number of ">" in the source
    uint32_t step_count;
    struct nsub__step *steps; // owned
};
