/* natsd/short_bytes.h - copying and comparing a few bytes in place, without a call.
 *
 * hot: what a message line is made of is mostly shorter than 32 bytes; for those a call of
 * memcpy() or memcmp() costs more than its work. Two words that overlap cover any length
 * between one and two of them. Longer ones are left to the library.
 *
 * Threads: [any]. Nothing beyond n bytes is read or written; n 0 needs no memory.
 */
#pragma once

#include <natsd/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nb_bytes16 { // what the compiler moves as one
    uint64_t words[2];
};

static inline void nb_bytes_copy(uint8_t *to, const uint8_t *from, size_t n)
{
    if (NB_LIKELY(n >= 8)) {
        uint64_t first;
        uint64_t last;

        if (n <= 16) {
            memcpy(&first, from, 8);
            memcpy(&last, from + n - 8, 8);
            memcpy(to, &first, 8);
            memcpy(to + n - 8, &last, 8);
        } else if (n <= 32) {
            struct nb_bytes16 head;
            struct nb_bytes16 tail;

            memcpy(&head, from, 16);
            memcpy(&tail, from + n - 16, 16);
            memcpy(to, &head, 16);
            memcpy(to + n - 16, &tail, 16);
        } else {
            memcpy(to, from, n);
        }
        return;
    }
    if (n >= 4) {
        uint32_t first;
        uint32_t last;

        memcpy(&first, from, 4);
        memcpy(&last, from + n - 4, 4);
        memcpy(to, &first, 4);
        memcpy(to + n - 4, &last, 4);
    } else if (n > 0) { // the three cover 1, 2 and 3
        uint8_t middle = from[n / 2];
        uint8_t last = from[n - 1];

        to[0] = from[0];
        to[n / 2] = middle;
        to[n - 1] = last;
    }
}

static inline bool nb_bytes_equal(const uint8_t *a, const uint8_t *b, size_t n)
{
    if (NB_LIKELY(n >= 8)) {
        uint64_t words[4];

        if (n > 16) {
            return memcmp(a, b, n) == 0;
        }
        memcpy(&words[0], a, 8);
        memcpy(&words[1], b, 8);
        memcpy(&words[2], a + n - 8, 8);
        memcpy(&words[3], b + n - 8, 8);
        return ((words[0] ^ words[1]) | (words[2] ^ words[3])) == 0;
    }
    if (n >= 4) {
        uint32_t words[4];

        memcpy(&words[0], a, 4);
        memcpy(&words[1], b, 4);
        memcpy(&words[2], a + n - 4, 4);
        memcpy(&words[3], b + n - 4, 4);
        return ((words[0] ^ words[1]) | (words[2] ^ words[3])) == 0;
    }
    return n == 0 || (a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1]);
}

#ifdef __cplusplus
}
#endif
