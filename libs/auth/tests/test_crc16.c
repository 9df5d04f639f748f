#include "crc16.h"

#include "nb_test.h"

static void crc16_has_the_check_value_of_xmodem(void **state NB_UNUSED)
{
    assert_int_equal(nauth__crc16(NB_SLICE("123456789")), 0x31C3);
    assert_int_equal(nauth__crc16((struct slice){0}), 0);
    assert_int_equal(nauth__crc16(NB_SLICE("A")), 0x58E5);
}

// What makes a mistyped key fail: every single changed bit is noticed.
static void crc16_notices_every_changed_bit(void **state NB_UNUSED)
{
    uint8_t bytes[34] = "some bytes of a key to be changed";
    uint16_t before = nauth__crc16(nb_slice_make(bytes, sizeof(bytes)));

    for (size_t bit = 0; bit < sizeof(bytes) * 8; bit++) {
        bytes[bit / 8] = (uint8_t)(bytes[bit / 8] ^ 1U << bit % 8);
        assert_int_not_equal(nauth__crc16(nb_slice_make(bytes, sizeof(bytes))), before);
        bytes[bit / 8] = (uint8_t)(bytes[bit / 8] ^ 1U << bit % 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc16_has_the_check_value_of_xmodem),
        cmocka_unit_test(crc16_notices_every_changed_bit),
    };
    return cmocka_run_group_tests_name("crc16", tests, NULL, NULL);
}
