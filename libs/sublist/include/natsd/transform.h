/* natsd/transform.h - subject transforms: source pattern to destination. Spec 01 section 15.
 *
 * A transform is compiled once, with every validation error the reference has, and applied
 * without allocation into a buffer of the caller's.
 *
 * Limits:  texts longer than 256 bytes are cut in diag. What an output may be is the caller's
 *   room; a token that a split leaves empty makes a subject that reaches nobody.
 * Threads: a transform is read-only once made: [any]. Random choices take the caller's
 *   generator, which others don't use (NULL will do then).
 * Errors:  NB_EMALFORMED with the exact text in diag; NB_ENOTFOUND when the subject doesn't
 *   match ("no matching transforms available"), NB_EMALFORMED when it isn't a valid literal;
 *   NB_ELIMIT when the output is too small.
 */
#pragma once

#include <natsd/random.h>
#include <natsd/slice.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nsub_transform;

enum nsub_transform_mode {
    NSUB_TRANSFORM_PLAIN,  // streams, mappings: all functions, wildcards may stay unused
    NSUB_TRANSFORM_STRICT, // imports: only wildcards, all of them used
};

// An empty source means ">"; an empty destination gives *out = NULL: no transform. Both texts
// are copied.
NB_MUST_USE int nsub_transform_create(struct slice source, struct slice destination,
                                      enum nsub_transform_mode mode, struct nsub_transform **out,
                                      struct nb_diag *diag);
void nsub_transform_destroy(struct nsub_transform **transform);

// Matches the literal `subject` and writes what it becomes; *size is its length.
NB_MUST_USE int nsub_transform_match(const struct nsub_transform *transform, struct slice subject,
                                     struct nb_random *random, uint8_t *out, size_t room,
                                     size_t *size);
// The same for a subject known to match.
NB_MUST_USE int nsub_transform_apply(const struct nsub_transform *transform, struct slice subject,
                                     struct nb_random *random, uint8_t *out, size_t room,
                                     size_t *size);

// The inverse of a strict transform (spec 15.6). NB_EINVALID for another; NB_EMALFORMED when
// it has none, because a wildcard is lost on the way.
NB_MUST_USE int nsub_transform_reverse(const struct nsub_transform *transform,
                                       struct nsub_transform **out, struct nb_diag *diag);
// "foo.*.*" to "foo.$1.$2" for a valid subject (spec 15.6); NB_ELIMIT when out is too small.
NB_MUST_USE int nsub_transform_number_wildcards(struct slice subject, uint8_t *out, size_t room,
                                                size_t *size);

struct slice nsub_transform_source(const struct nsub_transform *transform);      // borrowed
struct slice nsub_transform_destination(const struct nsub_transform *transform); // borrowed

#ifdef __cplusplus
}
#endif
