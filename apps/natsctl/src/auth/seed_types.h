/* seed_types.h - types of nkeys by the names that people use. Threads: [any]. */
#pragma once

#include <natsd/nkey.h>

#define SEED_TYPES "user|account|server|cluster|operator|curve|x25519"

// NB_ENOTFOUND.
NB_MUST_USE int seed_type_of(const char *name, enum nauth_nkey_type *out);
const char *seed_type_name(enum nauth_nkey_type type);
