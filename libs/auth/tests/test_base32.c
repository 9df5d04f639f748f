#include "base32.h"

#include "nb_test.h"

// RFC 4648 section 10, without the padding.
static const struct {
    const char *bytes;
    const char *text;
} vectors[] = {
    {"", ""},
    {"f", "MY"},
    {"fo", "MZXQ"},
    {"foo", "MZXW6"},
    {"foob", "MZXW6YQ"},
    {"fooba", "MZXW6YTB"},
    {"foobar", "MZXW6YTBOI"},
};

// Decodes into an exact-size allocation, for the address sanitizer.
static int decode(const char *text, size_t size, uint8_t *out)
{
    struct slice copy = nb_slice_dup(nb_slice_of(text));
    uint8_t *room = malloc(size + (size == 0));
    int rc;

    assert_non_null(room);
    rc = nauth__base32_decode(copy, room, size);
    if (rc == NB_OK) {
        memcpy(out, room, size);
    }
    free(room);
    nb_slice_free(&copy);
    return rc;
}

static void both_directions_agree_with_the_rfc(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(vectors); i++) {
        size_t n = strlen(vectors[i].bytes);
        size_t text_size = (8 * n + 4) / 5;
        uint8_t bytes[8] = {0};
        char text[16] = "";

        assert_int_equal(decode(vectors[i].text, n, bytes), NB_OK);
        assert_memory_equal(bytes, vectors[i].bytes, n);
        memset(text, '#', sizeof(text));
        nauth__base32_encode(nb_slice_of(vectors[i].bytes), text);
        assert_memory_equal(text, vectors[i].text, text_size);
        assert_int_equal(text[text_size], '#');
    }
}

static void decode_wants_exactly_the_size(void **state NB_UNUSED)
{
    uint8_t out[8];

    assert_int_equal(decode("MZXW6YTB", 4, out), NB_EMALFORMED);
    assert_int_equal(decode("MZXW6YTB", 6, out), NB_EMALFORMED);
    assert_int_equal(decode("MZXW6YTBA", 5, out), NB_EMALFORMED); // a letter too many
    assert_int_equal(decode("MZXW6YT", 5, out), NB_EMALFORMED);
    assert_int_equal(decode("MYA", 1, out), NB_EMALFORMED);
    assert_int_equal(decode("MZXW6YTBOI", 5, out), NB_EMALFORMED); // a byte too many
}

static void decode_ignores_line_ends_and_unused_bits_only(void **state NB_UNUSED)
{
    static const char *const bad[] = {"m5", "M=",  "M1",       "M8",   "M0",
                                      "M ", "M\t", "MY======", "M\x80"};
    uint8_t out[8];

    assert_int_equal(decode("\rM\nY\r\n", 1, out), NB_OK);
    assert_int_equal(out[0], 'f');
    assert_int_equal(decode("MZ", 1, out), NB_OK); // MY with other unused bits
    assert_int_equal(out[0], 'f');
    for (size_t i = 0; i < NB_ARRAY_LEN(bad); i++) {
        assert_int_equal(decode(bad[i], 1, out), NB_EMALFORMED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_directions_agree_with_the_rfc),
        cmocka_unit_test(decode_wants_exactly_the_size),
        cmocka_unit_test(decode_ignores_line_ends_and_unused_bits_only),
    };
    return cmocka_run_group_tests_name("base32", tests, NULL, NULL);
}
