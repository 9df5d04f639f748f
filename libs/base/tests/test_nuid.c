#include <natsd/nuid.h>

#include <natsd/error.h>

#include "nb_test.h"

#include <ctype.h>
#include <string.h>

static void ids_are_22_letters_and_digits(void **state NB_UNUSED)
{
    struct nb_nuid nuid;
    char id[NB_NUID_BYTES + 1];

    nb_nuid_init(&nuid);
    for (unsigned i = 0; i < 1000; i++) {
        nb_nuid_next(&nuid, id);
        assert_int_equal(strlen(id), NB_NUID_BYTES);
        for (size_t j = 0; j < NB_NUID_BYTES; j++) {
            assert_true(isalnum((unsigned char)id[j]));
        }
    }
}

// The alphabet is in ASCII order, so increasing numbers are increasing texts.
static void ids_of_a_generator_share_a_prefix_and_increase(void **state NB_UNUSED)
{
    struct nb_nuid nuid;
    char last[NB_NUID_BYTES + 1];
    char id[NB_NUID_BYTES + 1];

    nb_nuid_init(&nuid);
    nuid.sequence = 0;
    nb_nuid_next(&nuid, last);
    for (unsigned i = 0; i < 10000; i++) {
        nb_nuid_next(&nuid, id);
        assert_memory_equal(id, last, NB_NUID_PREFIX_BYTES);
        assert_true(strcmp(id, last) > 0);
        memcpy(last, id, sizeof(last));
    }
}

static void a_used_up_sequence_gets_another_prefix(void **state NB_UNUSED)
{
    struct nb_nuid nuid;
    char before[NB_NUID_BYTES + 1];
    char after[NB_NUID_BYTES + 1];

    nb_nuid_init(&nuid);
    nuid.increment = 33;
    nuid.sequence = UINT64_C(839299365868340224) - 34; // 62 to the 10th
    nb_nuid_next(&nuid, before);
    assert_string_equal(before + NB_NUID_PREFIX_BYTES, "zzzzzzzzzz");
    nb_nuid_next(&nuid, after);
    assert_memory_not_equal(before, after, NB_NUID_PREFIX_BYTES);
}

static void two_generators_differ(void **state NB_UNUSED)
{
    struct nb_nuid a;
    struct nb_nuid b;
    char x[NB_NUID_BYTES + 1];
    char y[NB_NUID_BYTES + 1];

    nb_nuid_init(&a);
    nb_nuid_init(&b);
    nb_nuid_next(&a, x);
    nb_nuid_next(&b, y);
    assert_memory_not_equal(x, y, NB_NUID_PREFIX_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_22_letters_and_digits),
        cmocka_unit_test(ids_of_a_generator_share_a_prefix_and_increase),
        cmocka_unit_test(a_used_up_sequence_gets_another_prefix),
        cmocka_unit_test(two_generators_differ),
    };
    return cmocka_run_group_tests_name("nuid", tests, NULL, NULL);
}
