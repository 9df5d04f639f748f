/* natsd/hash.h - a fast hash for tables, seeded so that nobody outside can choose collisions.
 *
 * Not for anything that leaves the process: values differ between runs when the seed does.
 * Threads: [any].
 */
#pragma once

#include <natsd/slice.h>

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// hot: once per message on its subject. Reads no byte outside the slice.
uint64_t nb_hash(struct slice bytes, uint64_t seed);
static inline uint64_t nb_hash_u64(uint64_t value, uint64_t seed)
{
    __uint128_t product = (__uint128_t)(value ^ seed) * UINT64_C(0x9E3779B97F4A7C15);

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

// [any] The seed of this process, drawn from the system at first use.
uint64_t nb_hash_process_seed(void);

#ifdef __cplusplus
}
#endif
