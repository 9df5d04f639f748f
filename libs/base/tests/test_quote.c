#include <natsd/quote.h>

#include "nb_test.h"

static const struct {
    const char *text;
    size_t n;
    const char *want;
} cases[] = {
#define CASE(text, want)             \
    {                                \
        text, sizeof(text) - 1, want \
    }
    CASE("", "\"\""),
    CASE("foo.bar", "\"foo.bar\""),
    CASE("a\"b\\c", "\"a\\\"b\\\\c\""),
    CASE("\a\b\f\n\r\t\v", "\"\\a\\b\\f\\n\\r\\t\\v\""),
    CASE("\0\x01\x1f\x7f", "\"\\x00\\x01\\x1f\\x7f\""),
    CASE("a b'", "\"a b'\""),
    CASE("\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80", "\"\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\""),
    CASE("\xFF\xC3", "\"\\xff\\xc3\""),
    CASE("\xC3(", "\"\\xc3(\""),
    CASE("\xC0\x80", "\"\\xc0\\x80\""),                   // overlong NUL
    CASE("\xE0\x80\xAF", "\"\\xe0\\x80\\xaf\""),          // overlong slash
    CASE("\xED\xA0\x80", "\"\\xed\\xa0\\x80\""),          // a surrogate
    CASE("\xF4\x90\x80\x80", "\"\\xf4\\x90\\x80\\x80\""), // U+110000
    CASE("\xEF\xBF\xBD", "\"\xEF\xBF\xBD\""),             // a real U+FFFD is printable
    CASE("\xC2\x85", "\"\\u0085\""),
    CASE("\xC2\xA0\xC2\xAD\xC2\xAE", "\"\\u00a0\\u00ad\xC2\xAE\""),
    CASE("\xE1\x9A\x80", "\"\\u1680\""),
    CASE("\xE2\x80\x80\xE2\x80\x8F\xE2\x80\x90", "\"\\u2000\\u200f\xE2\x80\x90\""),
    CASE("\xE2\x80\xA7\xE2\x80\xA8\xE2\x80\xAF\xE2\x80\xB0",
         "\"\xE2\x80\xA7\\u2028\\u202f\xE2\x80\xB0\""),
    CASE("\xE2\x81\x9F\xE2\x81\xA0\xE2\x81\xAF\xE2\x81\xB0",
         "\"\\u205f\\u2060\\u206f\xE2\x81\xB0\""),
    CASE("\xE3\x80\x80\xE3\x80\x81", "\"\\u3000\xE3\x80\x81\""),
    CASE("\xEE\x80\x80\xEF\xA3\xBF\xEF\xA4\x80", "\"\\ue000\\uf8ff\xEF\xA4\x80\""),
    CASE("\xEF\xBB\xBF\xEF\xBF\xBB\xEF\xBF\xBF", "\"\\ufeff\\ufffb\\uffff\""),
    CASE("\xF3\xA0\x80\x81\xF4\x8F\xBF\xBF", "\"\\U000e0001\\U0010ffff\""),
};

static void quote_shows_everything_safely(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct slice text = nb_slice_dup(nb_slice_make(cases[i].text, cases[i].n));
        struct slice inner = nb_slice_of(cases[i].want);
        struct nb_buf buf;

        nb_buf_init(&buf, 256);
        assert_int_equal(nb_quote(text, &buf), NB_OK);
        if (!nb_slice_is(nb_buf_slice(&buf), cases[i].want)) {
            fail_msg("got %.*s, want %s", NB_SLICE_ARGS(nb_buf_slice(&buf)), cases[i].want);
        }
        nb_buf_clear(&buf);
        assert_int_equal(nb_quote_inner(text, &buf), NB_OK);
        assert_true(nb_slice_equal(nb_buf_slice(&buf), nb_slice_sub(inner, 1, inner.n - 2)));
        nb_buf_fini(&buf);
        nb_slice_free(&text);
    }
}

static void a_full_buffer_is_left_as_it_was(void **state NB_UNUSED)
{
    const struct slice text = NB_SLICE("ab\n\xC2\x85\xFF");
    const char *whole = "\"ab\\n\\u0085\\xff\"";

    for (size_t max = 0; max <= strlen(whole); max++) {
        struct nb_buf buf;
        bool fits = max == strlen(whole);

        nb_buf_init(&buf, max + 1);
        nb_buf_must_text(&buf, ">");
        assert_int_equal(nb_quote(text, &buf), fits ? NB_OK : NB_ELIMIT);
        assert_int_equal(nb_buf_slice(&buf).n, fits ? max + 1 : 1);
        nb_buf_clear(&buf);
        fits = max + 1 >= strlen(whole) - 2; // without the quotes
        assert_int_equal(nb_quote_inner(text, &buf), fits ? NB_OK : NB_ELIMIT);
        assert_int_equal(nb_buf_slice(&buf).n, fits ? strlen(whole) - 2 : 0);
        nb_buf_fini(&buf);
    }
}

// Each rune there is, and each pair of one cut off.
static void every_rune_survives_encode_and_decode(void **state NB_UNUSED)
{
    for (uint32_t rune = 0; rune <= 0x10FFFF; rune++) {
        bool is_surrogate = rune >= 0xD800 && rune <= 0xDFFF;
        uint8_t bytes[4];
        size_t n = nb_utf8_encode(rune, bytes);
        uint32_t got;

        assert_int_equal(nb_utf8_decode(nb_slice_make(bytes, n), &got), n);
        assert_int_equal(got, is_surrogate ? 0xFFFD : rune);
        assert_int_equal(n, rune < 0x80 ? 1 : rune < 0x800 ? 2 : rune < 0x10000 ? 3 : 4);
        if (n > 1) {
            assert_int_equal(nb_utf8_decode(nb_slice_make(bytes, n - 1), &got), 1);
            assert_int_equal(got, 0xFFFD);
        }
    }
    assert_int_equal(nb_utf8_encode(0x110000, (uint8_t[4]){0}), 3);
}

static void decode_of_nothing_is_nothing(void **state NB_UNUSED)
{
    uint32_t rune;

    assert_int_equal(nb_utf8_decode((struct slice){0}, &rune), 0);
    assert_true(nb_utf8_is_valid((struct slice){0}));
}

// All sequences of three bytes against the ranges of RFC 3629.
static bool is_valid_by_table(const uint8_t b[3])
{
    size_t i = 0;

    while (i < 3) {
        size_t left = 3 - i;
        uint8_t second = left > 1 ? b[i + 1] : 0;

        if (b[i] <= 0x7F) {
            i += 1;
        } else if (b[i] >= 0xC2 && b[i] <= 0xDF && second >= 0x80 && second <= 0xBF) {
            i += 2;
        } else if (left == 3 && b[i] >= 0xE0 && b[i] <= 0xEF &&
                   second >= (b[i] == 0xE0 ? 0xA0 : 0x80) &&
                   second <= (b[i] == 0xED ? 0x9F : 0xBF) && b[2] >= 0x80 && b[2] <= 0xBF) {
            i += 3;
        } else {
            return false;
        }
    }
    return true;
}

static void validity_agrees_with_the_ranges_of_the_rfc(void **state NB_UNUSED)
{
    static const uint8_t edges[] = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF,
                                    0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
                                    0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF};

    for (unsigned first = 0; first < 256; first++) {
        for (unsigned second = 0; second < 256; second++) {
            for (size_t k = 0; k < NB_ARRAY_LEN(edges); k++) {
                uint8_t b[3] = {(uint8_t)first, (uint8_t)second, edges[k]};

                assert_int_equal(nb_utf8_is_valid(nb_slice_make(b, 3)), is_valid_by_table(b));
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quote_shows_everything_safely),
        cmocka_unit_test(a_full_buffer_is_left_as_it_was),
        cmocka_unit_test(every_rune_survives_encode_and_decode),
        cmocka_unit_test(decode_of_nothing_is_nothing),
        cmocka_unit_test(validity_agrees_with_the_ranges_of_the_rfc),
    };
    return cmocka_run_group_tests_name("quote", tests, NULL, NULL);
}
