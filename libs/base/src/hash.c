#include <natsd/hash.h>

#include <natsd/random.h>

#include <stdatomic.h>

// Multiplying two 64-bit words and folding the 128-bit product mixes both into all bits; a
// key of up to 16 bytes costs two such multiplications. The constants are digits of pi.
#define HASH_K0 UINT64_C(0x243F6A8885A308D3)
#define HASH_K1 UINT64_C(0x13198A2E03707345)
#define HASH_K2 UINT64_C(0xA4093822299F31D1)

static inline uint64_t mix(uint64_t a, uint64_t b)
{
    __uint128_t product = (__uint128_t)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t load8(const uint8_t *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof(word));
    return word;
}

static inline uint64_t load4(const uint8_t *p)
{
    uint32_t word;

    memcpy(&word, p, sizeof(word));
    return word;
}

uint64_t nb_hash(struct slice bytes, uint64_t seed)
{
    const uint8_t *p = bytes.p;
    size_t n = bytes.n;
    // Into every product goes something that nobody outside knows: a factor that a key could
    // make zero would let all such keys collide.
    const uint64_t secret = mix(seed ^ HASH_K0, HASH_K1);
    uint64_t state = seed ^ HASH_K0;
    uint64_t a = 0;
    uint64_t b = 0;

    if (n > 16) {
        for (; n > 16; n -= 16, p += 16) {
            state = mix(load8(p) ^ secret, load8(p + 8) ^ state);
        }
        a = load8(p + n - 16); // the last 16 bytes overlap what the loop took
        b = load8(p + n - 8);
    } else if (n >= 8) { // two loads that overlap cover any length
        a = load8(p);
        b = load8(p + n - 8);
    } else if (n >= 4) {
        a = load4(p);
        b = load4(p + n - 4);
    } else if (n > 0) {
        a = (uint64_t)p[0] | (uint64_t)p[n / 2] << 8 | (uint64_t)p[n - 1] << 16;
    }
    return mix(mix(a ^ secret, b ^ state) ^ HASH_K2, bytes.n ^ HASH_K1 ^ seed);
}

uint64_t nb_hash_process_seed(void)
{
    // Relaxed: the value is all there is, and the first thread to store one decides.
    static _Atomic uint64_t process_seed;
    uint64_t seed = atomic_load_explicit(&process_seed, memory_order_relaxed);

    if (seed == 0) {
        uint64_t drawn;

        nb_random_secure(&drawn, sizeof(drawn));
        drawn |= 1; // 0 means not drawn yet
        if (atomic_compare_exchange_strong_explicit(&process_seed, &seed, drawn,
                                                    memory_order_relaxed, memory_order_relaxed)) {
            seed = drawn;
        }
    }
    return seed;
}
