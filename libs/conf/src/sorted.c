#include "sorted.h"

#include <assert.h>
#include <stdlib.h>

static int compare_keys(const void *a, const void *b)
{
    const struct nconf_value *const *left = a;
    const struct nconf_value *const *right = b;

    return nb_slice_compare((*left)->key, (*right)->key);
}

const struct nconf_value **nconf__sorted(const struct nconf_value *map)
{
    const struct nconf_value **entries = nb_calloc(map->count + 1, sizeof(*entries));
    size_t n = 0;

    assert(map->type == NCONF_MAP);
    for (const struct nconf_value *entry = map->first; entry != NULL; entry = entry->next) {
        assert(n < map->count);
        entries[n++] = entry;
    }
    qsort(entries, n, sizeof(*entries), compare_keys);
    return entries;
}
