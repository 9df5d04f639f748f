#include <natsd/short_bytes.h>

#include "nb_test.h"

#include <natsd/memory.h>

enum {
    SIZE_MAX_TESTED = 80,
};

// Of exactly n bytes, so that a sanitizer sees one too many.
static uint8_t *make_pattern(size_t n)
{
    uint8_t *bytes = nb_alloc(n > 0 ? n : 1);

    for (size_t i = 0; i < n; i++) {
        bytes[i] = (uint8_t)(i * 7 + 1);
    }
    return bytes;
}

static void every_size_is_copied_whole(void **state NB_UNUSED)
{
    for (size_t n = 0; n <= SIZE_MAX_TESTED; n++) {
        uint8_t *from = make_pattern(n);
        uint8_t *to = nb_calloc(n + 2, 1);

        nb_bytes_copy(to + 1, from, n);
        assert_int_equal(to[0], 0);
        assert_memory_equal(to + 1, from, n);
        assert_int_equal(to[n + 1], 0);
        nb_free(from);
        nb_free(to);
    }
    nb_bytes_copy(NULL, NULL, 0);
}

static void every_byte_counts_for_equality(void **state NB_UNUSED)
{
    for (size_t n = 0; n <= SIZE_MAX_TESTED; n++) {
        uint8_t *a = make_pattern(n);
        uint8_t *b = make_pattern(n);

        assert_true(nb_bytes_equal(a, b, n));
        for (size_t i = 0; i < n; i++) {
            b[i] ^= 0x80;
            assert_false(nb_bytes_equal(a, b, n));
            b[i] ^= 0x80;
        }
        nb_free(a);
        nb_free(b);
    }
    assert_true(nb_bytes_equal(NULL, NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_is_copied_whole),
        cmocka_unit_test(every_byte_counts_for_equality),
    };

    return cmocka_run_group_tests_name("short_bytes", tests, NULL, NULL);
}
