/* natsd/subject.h - subjects: tokens, validity, matching, collision, subset. Spec 01 section 12.
 *
 * Pure functions on bytes. Tokens are separated by '.'; "*" and ">" are wildcards only when
 * they are a whole token. Threads: [any]. No allocation.
 */
#pragma once

#include <natsd/slice.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Cuts the next token off; false at the end. "a..b" has an empty one; "" has none.
bool nsub_subject_take_token(struct slice *rest, struct slice *token);
uint32_t nsub_subject_token_count(struct slice subject); // 0 for an empty subject

bool nsub_subject_is_insertable(struct slice subject);    // what SUB accepts
bool nsub_subject_is_valid(struct slice subject);         // configuration, permissions, mappings
bool nsub_subject_is_valid_text(struct slice subject);    // valid, no NUL, no U+FFFD
bool nsub_subject_is_valid_literal(struct slice subject); // pedantic publish
bool nsub_subject_is_valid_publish(struct slice subject); // valid and without wildcards
bool nsub_subject_has_wildcard(struct slice subject);

// Does the filter match the literal subject? One with an empty token matches nothing.
bool nsub_subject_matches(struct slice subject, struct slice filter);
// Is everything that `subject` (which may have wildcards) matches also matched by `filter`?
bool nsub_subject_is_subset(struct slice subject, struct slice filter);
// Could some literal subject match both?
bool nsub_subject_collides(struct slice a, struct slice b);

#ifdef __cplusplus
}
#endif
