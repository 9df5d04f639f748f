/* hits.h - a growing list of refs to members, short ones without an allocation. */
#pragma once

#include "ref.h"

enum {
    NSUB__HITS_INLINE = 32,
};

struct nsub__hits {
    struct nsub__ref *at;
    size_t count;
    size_t room;
    struct nsub__ref first[NSUB__HITS_INLINE];
};

void nsub__hits_init(struct nsub__hits *hits);
void nsub__hits_add(struct nsub__hits *hits, struct nsub__ref ref);
void nsub__hits_fini(struct nsub__hits *hits);
