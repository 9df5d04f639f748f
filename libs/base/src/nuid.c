#include <natsd/nuid.h>

#include <natsd/random.h>

#include <string.h>

enum {
    NUID_INCREMENT_MIN = 33,
    NUID_INCREMENT_SPAN = 300,
    NUID_BASE = 62,
};
#define NUID_SEQUENCE_END UINT64_C(839299365868340224) // 62 to the 10th

static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
_Static_assert(sizeof(digits) == NUID_BASE + 1, "one character per value");

// Bytes from 248 (4 * 62) on are thrown away, so that each digit is equally likely.
static void draw_prefix(struct nb_nuid *nuid)
{
    unsigned done = 0;

    while (done < NB_NUID_PREFIX_BYTES) {
        uint8_t byte;

        nb_random_secure(&byte, sizeof(byte));
        if (byte < 4 * NUID_BASE) {
            nuid->prefix[done++] = digits[byte % NUID_BASE];
        }
    }
}

static void draw_sequence(struct nb_nuid *nuid)
{
    uint64_t random[2];

    nb_random_secure(random, sizeof(random));
    nuid->sequence = random[0] % NUID_SEQUENCE_END;
    nuid->increment = NUID_INCREMENT_MIN + random[1] % NUID_INCREMENT_SPAN;
}

void nb_nuid_init(struct nb_nuid *nuid)
{
    draw_prefix(nuid);
    draw_sequence(nuid);
}

void nb_nuid_next(struct nb_nuid *nuid, char out[NB_NUID_BYTES + 1])
{
    uint64_t rest;

    nuid->sequence += nuid->increment;
    if (nuid->sequence >= NUID_SEQUENCE_END) { // used up: ids go on under another prefix
        nb_nuid_init(nuid);
    }
    memcpy(out, nuid->prefix, NB_NUID_PREFIX_BYTES);
    rest = nuid->sequence;
    for (unsigned i = NB_NUID_BYTES; i > NB_NUID_PREFIX_BYTES; i--) {
        out[i - 1] = digits[rest % NUID_BASE];
        rest /= NUID_BASE;
    }
    out[NB_NUID_BYTES] = '\0';
}
