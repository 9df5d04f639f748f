#include "hits.h"

#include <natsd/memory.h>

#include <string.h>

void nsub__hits_init(struct nsub__hits *hits)
{
    hits->at = hits->first;
    hits->count = 0;
    hits->room = NSUB__HITS_INLINE;
}

static void grow(struct nsub__hits *hits)
{
    bool is_inline = hits->at == hits->first;

    hits->room *= 2;
    hits->at = nb_realloc(is_inline ? NULL : hits->at, hits->room * sizeof(*hits->at));
    if (is_inline) {
        memcpy(hits->at, hits->first, sizeof(hits->first));
    }
}

void nsub__hits_add(struct nsub__hits *hits, struct nsub__ref ref)
{
    if (hits->count == hits->room) {
        grow(hits);
    }
    hits->at[hits->count++] = ref;
}

void nsub__hits_fini(struct nsub__hits *hits)
{
    if (hits->at != hits->first) {
        nb_free(hits->at);
    }
}
