/* natsd/nuid.h - unique ids of 22 base-62 characters: 12 random, 10 sequential.
 * Threads: a generator belongs to one thread.
 */
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NB_NUID_BYTES = 22,
    NB_NUID_PREFIX_BYTES = 12,
};

struct nb_nuid {
    // private
    char prefix[NB_NUID_PREFIX_BYTES];
    uint64_t sequence;
    uint64_t increment;
};

void nb_nuid_init(struct nb_nuid *nuid);                              // secure prefix, random start
void nb_nuid_next(struct nb_nuid *nuid, char out[NB_NUID_BYTES + 1]); // terminated

#ifdef __cplusplus
}
#endif
