/* The shortest text of a number. */
#include "nb_test.h"

#include "float_text.h"

#include <natsd/number.h>
#include <natsd/random.h>

#include <float.h>
#include <math.h>

static const struct nconf__float_style style = {
    .exponent_min = -6,
    .exponent_end = 21,
    .exponent_digits = 1,
};

static void the_text_is_the_shortest_that_reads_back(void **state NB_UNUSED)
{
    static const struct {
        double number;
        const char *text;
    } cases[] = {
        {0.0, "0"},
        {-0.0, "-0"},
        {1.0, "1"},
        {0.1, "0.1"},
        {0.3, "0.3"},
        {1.0 / 3, "0.3333333333333333"},
        {100.0, "100"},
        {123456.789, "123456.789"},
        {1e20, "100000000000000000000"},
        {1e21, "1e+21"},
        {1.5e300, "1.5e+300"},
        {1e-6, "0.000001"},
        {9.5e-7, "9.5e-7"},
        {1e-10, "1e-10"},
        {5e-324, "5e-324"},
        {-DBL_MAX, "-1.7976931348623157e+308"},
        {DBL_MIN, "2.2250738585072014e-308"},
        {9007199254740993.0, "9007199254740992"},
        {-1.2345678901234567e-6, "-0.0000012345678901234567"},
        {123456789012345678901.0, "123456789012345680000"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        char out[NCONF__FLOAT_TEXT_BYTES];
        struct slice text = nconf__float_text(cases[i].number, &style, out);

        if (!nb_slice_is(text, cases[i].text)) {
            fail_msg("%s: got %.*s", cases[i].text, NB_SLICE_ARGS(text));
        }
    }
}

static void random_numbers_read_back_the_same(void **state NB_UNUSED)
{
    struct nb_random random;

    nb_random_init(&random, 1);
    for (int i = 0; i < 20000; i++) {
        char out[NCONF__FLOAT_TEXT_BYTES];
        uint64_t bits = nb_random_u64(&random);
        double number;
        double again;

        memcpy(&number, &bits, sizeof(number));
        if (!isfinite(number)) {
            continue;
        }
        assert_int_equal(nb_parse_double(nconf__float_text(number, &style, out), &again), NB_OK);
        assert_memory_equal(&again, &number, sizeof(number));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_is_the_shortest_that_reads_back),
        cmocka_unit_test(random_numbers_read_back_the_same),
    };
    return cmocka_run_group_tests_name("float_text", tests, NULL, NULL);
}
