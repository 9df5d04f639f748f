/* sorted.h - the entries of a map by key. */
#pragma once

#include <natsd/conf_value.h>

// Pointers to the entries, sorted by the bytes of their keys. Owned: nb_free().
const struct nconf_value **nconf__sorted(const struct nconf_value *map);
