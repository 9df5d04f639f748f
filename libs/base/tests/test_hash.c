#include <natsd/hash.h>

#include <natsd/random.h>

#include "nb_test.h"

#include <pthread.h>

enum { LENGTH_MAX = 70, SEED = 12345 };

// Where the bytes lie must not matter, and nothing around them may be read: each copy has its
// exact size for the address sanitizer.
static void hash_depends_on_the_bytes_alone(void **state NB_UNUSED)
{
    for (size_t n = 0; n <= LENGTH_MAX; n++) {
        uint64_t want = 0;

        for (size_t offset = 0; offset < 8; offset++) {
            uint8_t *block = malloc(offset + n + (offset + n == 0));

            assert_non_null(block);
            for (size_t i = 0; i < n; i++) {
                block[offset + i] = (uint8_t)(i * 31 + 7);
            }
            if (offset == 0) {
                want = nb_hash(nb_slice_make(block, n), SEED);
            }
            assert_true(nb_hash(nb_slice_make(block + offset, n), SEED) == want);
            free(block);
        }
    }
    assert_true(nb_hash((struct slice){0}, SEED) == nb_hash(NB_SLICE(""), SEED));
}

static unsigned bits_changed(uint64_t a, uint64_t b)
{
    return (unsigned)__builtin_popcountll(a ^ b);
}

// Changing any one bit of key or seed changes about half of the result.
static void every_bit_of_key_and_seed_spreads(void **state NB_UNUSED)
{
    uint8_t key[LENGTH_MAX];

    for (size_t n = 1; n <= LENGTH_MAX; n++) {
        uint64_t total = 0;

        for (size_t i = 0; i < n; i++) {
            key[i] = (uint8_t)('a' + i % 26);
        }
        for (size_t bit = 0; bit < n * 8; bit++) {
            uint64_t before = nb_hash(nb_slice_make(key, n), SEED);
            unsigned changed;

            key[bit / 8] = (uint8_t)(key[bit / 8] ^ 1U << bit % 8);
            changed = bits_changed(before, nb_hash(nb_slice_make(key, n), SEED));
            key[bit / 8] = (uint8_t)(key[bit / 8] ^ 1U << bit % 8);
            assert_in_range(changed, 8, 56);
            total += changed;
        }
        assert_in_range(total / (n * 8), 28, 36);
        for (unsigned bit = 0; bit < 64; bit++) {
            uint64_t a = nb_hash(nb_slice_make(key, n), SEED);
            uint64_t b = nb_hash(nb_slice_make(key, n), SEED ^ UINT64_C(1) << bit);

            assert_in_range(bits_changed(a, b), 8, 56);
        }
    }
}

static void length_counts(void **state NB_UNUSED)
{
    static const uint8_t zeros[LENGTH_MAX];

    for (size_t n = 0; n <= LENGTH_MAX; n++) {
        for (size_t m = 0; m < n; m++) {
            assert_true(nb_hash(nb_slice_make(zeros, n), SEED) !=
                        nb_hash(nb_slice_make(zeros, m), SEED));
        }
    }
}

enum { BUCKETS = 1024, PER_BUCKET = 64 };

// Keys that differ little, as subjects do, in a table that uses the low bits.
static void numbered_subjects_fill_buckets_evenly(void **state NB_UNUSED)
{
    static unsigned counts[BUCKETS];
    static unsigned counts_u64[BUCKETS];

    for (unsigned i = 0; i < BUCKETS * PER_BUCKET; i++) {
        char subject[40];
        int n = snprintf(subject, sizeof(subject), "orders.eu.%u.created", i);

        counts[nb_hash(nb_slice_make(subject, (size_t)n), SEED) % BUCKETS]++;
        counts_u64[nb_hash_u64(i, SEED) % BUCKETS]++;
    }
    for (unsigned i = 0; i < BUCKETS; i++) {
        assert_in_range(counts[i], PER_BUCKET / 3, PER_BUCKET * 2);
        assert_in_range(counts_u64[i], PER_BUCKET / 4, PER_BUCKET * 3);
    }
}

// A key holds, where a product's factor is made of it, the constant of the source that would
// make this factor zero: then nothing else of the key would count.
static void keys_with_the_constants_in_them_do_not_collide(void **state NB_UNUSED)
{
    static const uint64_t constants[] = {UINT64_C(0x243F6A8885A308D3), UINT64_C(0x13198A2E03707345),
                                         UINT64_C(0xA4093822299F31D1)};

    for (size_t c = 0; c < NB_ARRAY_LEN(constants); c++) {
        for (size_t n = 8; n <= 48; n++) {
            for (size_t at = 0; at + 8 <= n; at++) {
                uint8_t one[48] = {0};
                uint8_t other[48];

                memcpy(one + at, &constants[c], 8);
                memcpy(other, one, sizeof(other));
                other[at == 0 ? n - 1 : 0] ^= 1; // a byte outside the constant
                if (at == 0 && n == 8) {
                    continue; // there is none
                }
                assert_true(nb_hash(nb_slice_make(one, n), SEED) !=
                            nb_hash(nb_slice_make(other, n), SEED));
            }
        }
    }
}

static void *read_seed(void *out)
{
    *(uint64_t *)out = nb_hash_process_seed();
    return NULL;
}

static void all_threads_have_the_same_process_seed(void **state NB_UNUSED)
{
    pthread_t threads[4];
    uint64_t seeds[4] = {0};

    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, read_seed, &seeds[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(seeds[i] != 0);
        assert_true(seeds[i] == seeds[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_threads_have_the_same_process_seed),
        cmocka_unit_test(hash_depends_on_the_bytes_alone),
        cmocka_unit_test(every_bit_of_key_and_seed_spreads),
        cmocka_unit_test(keys_with_the_constants_in_them_do_not_collide),
        cmocka_unit_test(length_counts),
        cmocka_unit_test(numbered_subjects_fill_buckets_evenly),
    };
    return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
