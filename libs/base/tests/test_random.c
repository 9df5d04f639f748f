#include <natsd/random.h>

#include <natsd/error.h>

#include "nb_test.h"

static void secure_fills_all_bytes(void **state NB_UNUSED)
{
    uint8_t bytes[1000] = {0};
    unsigned counts[256] = {0};
    unsigned different = 0;

    nb_random_secure(bytes, 0);
    assert_int_equal(bytes[0], 0);
    nb_random_secure(bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++) {
        different += counts[bytes[i]]++ == 0 ? 1 : 0;
    }
    assert_in_range(different, 200, 256); // 251 are expected of 1000 draws
}

static void the_same_seed_gives_the_same_numbers(void **state NB_UNUSED)
{
    struct nb_random a;
    struct nb_random b;
    struct nb_random other;
    unsigned same = 0;

    nb_random_init(&a, 99);
    nb_random_init(&b, 99);
    nb_random_init(&other, 100);
    for (unsigned i = 0; i < 1000; i++) {
        uint64_t value = nb_random_u64(&a);

        assert_true(value == nb_random_u64(&b));
        same += value == nb_random_u64(&other) ? 1 : 0;
    }
    assert_int_equal(same, 0);
}

// The outputs for the state 1, 2, 3, 4, worked out by hand from the published recurrence.
static void u64_follows_the_published_recurrence(void **state NB_UNUSED)
{
    struct nb_random random = {.state = {1, 2, 3, 4}};

    assert_true(nb_random_u64(&random) == 11520);
    assert_true(nb_random_u64(&random) == 0);
    assert_true(nb_random_u64(&random) == 1509978240);
}

static void seed_zero_works_too(void **state NB_UNUSED)
{
    struct nb_random random;

    nb_random_init(&random, 0);
    assert_true(nb_random_u64(&random) != nb_random_u64(&random));
}

static void below_is_even_and_in_range(void **state NB_UNUSED)
{
    struct nb_random random;
    unsigned counts[7] = {0};

    nb_random_init(&random, 5);
    for (unsigned i = 0; i < 7000; i++) {
        counts[nb_random_below(&random, 7)]++;
        assert_int_equal(nb_random_below(&random, 1), 0);
        assert_true(nb_random_below(&random, UINT32_MAX) < UINT32_MAX);
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(counts); i++) {
        assert_in_range(counts[i], 850, 1150);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secure_fills_all_bytes),
        cmocka_unit_test(the_same_seed_gives_the_same_numbers),
        cmocka_unit_test(u64_follows_the_published_recurrence),
        cmocka_unit_test(seed_zero_works_too),
        cmocka_unit_test(below_is_even_and_in_range),
    };
    return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
