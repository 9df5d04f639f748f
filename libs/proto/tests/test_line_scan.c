#include "nb_test.h" // cmocka and the headers it needs

#include "line_scan.h"

// Each value of a byte in each place, among bytes that are marked and bytes that aren't.
static void marks_are_the_same_with_and_without_sse2(void **state NB_UNUSED)
{
    static const uint8_t around[] = {'x', ' ', 0xff, 0};

    for (size_t a = 0; a < NB_ARRAY_LEN(around); a++) {
        for (size_t at = 0; at < NPROTO__SCAN_BYTES; at++) {
            for (int byte = 0; byte < 256; byte++) {
                uint8_t block[NPROTO__SCAN_BYTES];
                uint32_t want = around[a] <= ' ' ? 0xffff : 0;

                memset(block, around[a], sizeof(block));
                block[at] = (uint8_t)byte;
                want = byte <= ' ' ? want | 1U << at : want & ~(1U << at);
                assert_int_equal(nproto__mark(block), want);
                assert_int_equal(nproto__mark_portable(block), want);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_are_the_same_with_and_without_sse2),
    };
    return cmocka_run_group_tests_name("line_scan", tests, NULL, NULL);
}
