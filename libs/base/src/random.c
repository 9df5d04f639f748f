#include <natsd/random.h>

#include <natsd/error.h>

#include <errno.h>
#include <sys/random.h>

void nb_random_secure(void *out, size_t n)
{
    char *p = out;

    while (n > 0) {
        ssize_t got = getrandom(p, n, 0);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            NB_UNREACHABLE("the system has no random numbers");
        }
        p += got;
        n -= (size_t)got;
    }
}

// SplitMix64 spreads one seed over the state, xoshiro256** draws from it; both are in the
// public domain and described by Blackman and Vigna.
static uint64_t split_mix(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

void nb_random_init(struct nb_random *random, uint64_t seed)
{
    uint64_t state = seed != 0 ? seed : UINT64_C(0x243F6A8885A308D3);

    for (size_t i = 0; i < NB_ARRAY_LEN(random->state); i++) {
        random->state[i] = split_mix(&state);
    }
}

static uint64_t rotate(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

uint64_t nb_random_u64(struct nb_random *random)
{
    uint64_t *s = random->state;
    uint64_t result = rotate(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate(s[3], 45);
    return result;
}
