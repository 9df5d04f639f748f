/* natsd/random.h - random numbers: secure ones from the system, fast ones from a seed. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// [any] From the system's CSPRNG; ends the process if that fails.
void nb_random_secure(void *out, size_t n);

// Fast, not secure, one per thread or owner. Seed 0 is replaced by a constant.
struct nb_random {
    // private
    uint64_t state[4];
};

void nb_random_init(struct nb_random *random, uint64_t seed);
uint64_t nb_random_u64(struct nb_random *random);
// Uniform in [0, bound), bound > 0.
static inline uint32_t nb_random_below(struct nb_random *random, uint32_t bound)
{
    return (uint32_t)(((nb_random_u64(random) >> 32) * (uint64_t)bound) >> 32);
}

#ifdef __cplusplus
}
#endif
