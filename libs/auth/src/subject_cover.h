/* subject_cover.h - which of many subjects are within another one of them: the index that
 * permissions use finds what matches a subject, and with its own number as a queue each tells
 * itself from others. Comparing each with each would take minutes for what fits into one token.
 * Threads: one at a time.
 */
#pragma once

#include "rule_list.h"

#include <natsd/number.h>

struct nauth__subject_cover {
    bool is_small; // comparing each with each is cheap, and sees also what isn't in the list
    struct nauth__rule *rules;
    char (*numbers)[NB_U64_TEXT_MAX_BYTES];
    struct nauth__rule_list list;
};

// The subjects live as long. Of many, those that nobody could subscribe to aren't looked into.
void nauth__subject_cover_init(struct nauth__subject_cover *cover, const struct slice *subjects,
                               size_t count);
void nauth__subject_cover_fini(struct nauth__subject_cover *cover);
// May the subject at `index` be within another, or equal to it? Of few subjects each may.
bool nauth__subject_cover_may_have(const struct nauth__subject_cover *cover, struct slice subject,
                                   size_t index);
