#include <natsd/base64.h>

#include "nb_test.h"

// RFC 4648 section 10; the url form has no padding.
static const struct {
    const char *bytes;
    const char *url;
    const char *standard;
} vectors[] = {
    {"", "", ""},
    {"f", "Zg", "Zg=="},
    {"fo", "Zm8", "Zm8="},
    {"foo", "Zm9v", "Zm9v"},
    {"foob", "Zm9vYg", "Zm9vYg=="},
    {"fooba", "Zm9vYmE", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
    {"\xFB\xEF\xFF\xFE", "--___g", "++///g=="},
    {"test-nonce-4", "dGVzdC1ub25jZS00", "dGVzdC1ub25jZS00"},
};

typedef int (*convert_fn)(struct slice text, struct nb_buf *out);

// Input in an exact-size allocation, output in a buffer of exactly the size wanted.
static void assert_converts(convert_fn convert, const char *text, const char *want)
{
    struct slice wanted = nb_slice_of(want);
    size_t n = strlen(text);
    uint8_t *copy = malloc(n + (n == 0));
    struct nb_buf out;

    assert_non_null(copy);
    memcpy(copy, text, n);
    nb_buf_init(&out, wanted.n);
    assert_int_equal(convert(nb_slice_make(copy, n), &out), NB_OK);
    assert_true(nb_slice_equal(nb_buf_slice(&out), wanted));
    nb_buf_fini(&out);
    if (wanted.n > 0) {
        nb_buf_init(&out, wanted.n - 1);
        assert_int_equal(convert(nb_slice_make(copy, n), &out), NB_ELIMIT);
        assert_int_equal(nb_buf_slice(&out).n, 0);
        nb_buf_fini(&out);
    }
    free(copy);
}

static void all_forms_agree_with_the_rfc(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(vectors); i++) {
        assert_converts(nauth_base64url_encode, vectors[i].bytes, vectors[i].url);
        assert_converts(nauth_base64url_decode, vectors[i].url, vectors[i].bytes);
        assert_converts(nauth_base64_decode, vectors[i].standard, vectors[i].bytes);
    }
}

static void conversions_append(void **state NB_UNUSED)
{
    struct nb_buf out;

    nb_buf_init(&out, 100);
    nb_buf_must_text(&out, "<");
    assert_int_equal(nauth_base64url_encode(NB_SLICE("f"), &out), NB_OK);
    assert_int_equal(nauth_base64url_decode(NB_SLICE("Zg"), &out), NB_OK);
    assert_int_equal(nauth_base64_decode(NB_SLICE("Zg=="), &out), NB_OK);
    assert_true(nb_slice_is(nb_buf_slice(&out), "<Zgff"));
    nb_buf_fini(&out);
}

static void every_byte_value_comes_back(void **state NB_UNUSED)
{
    uint8_t bytes[256];
    struct nb_buf text;
    struct nb_buf back;

    for (unsigned i = 0; i < 256; i++) {
        bytes[i] = (uint8_t)i;
    }
    nb_buf_init(&text, 1000);
    nb_buf_init(&back, 1000);
    for (size_t n = 0; n <= 256; n++) {
        assert_int_equal(nauth_base64url_encode(nb_slice_make(bytes, n), &text), NB_OK);
        assert_int_equal(nauth_base64url_decode(nb_buf_slice(&text), &back), NB_OK);
        assert_true(nb_slice_equal(nb_buf_slice(&back), nb_slice_make(bytes, n)));
        nb_buf_clear(&text);
        nb_buf_clear(&back);
    }
    nb_buf_fini(&text);
    nb_buf_fini(&back);
}

static void line_ends_and_unused_bits_are_ignored(void **state NB_UNUSED)
{
    assert_converts(nauth_base64url_decode, "\nZm\r\n9v\n", "foo");
    assert_converts(nauth_base64_decode, "Zm8\n=\r\n", "fo");
    assert_converts(nauth_base64_decode, "Zg=\n=", "f");
    assert_converts(nauth_base64url_decode, "Zh", "f"); // Zg with other unused bits
    assert_converts(nauth_base64_decode, "Zm9=", "fo");
}

static void malformed_texts_are_refused(void **state NB_UNUSED)
{
    static const char *const bad_url[] = {"Z",    "Zm9vY", "Zg==", "Zg=",  "=",
                                          "Zm8 ", "Zm+v",  "Zm/v", "Z*==", "\x80g"};
    static const char *const bad_standard[] = {
        "Z",  "Zg",       "Zg=",  "Zm9v=", "Zm8==", "Z===",  "====", "=",
        "==", "Zg==Zg==", "Z=g=", "Zm-v",  "Zm_v",  "Zg== ", "Zm8=A"};
    struct nb_buf out;

    nb_buf_init(&out, 100);
    for (size_t i = 0; i < NB_ARRAY_LEN(bad_url); i++) {
        if (nauth_base64url_decode(nb_slice_of(bad_url[i]), &out) != NB_EMALFORMED) {
            fail_msg("url: %s", bad_url[i]);
        }
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(bad_standard); i++) {
        if (nauth_base64_decode(nb_slice_of(bad_standard[i]), &out) != NB_EMALFORMED) {
            fail_msg("standard: %s", bad_standard[i]);
        }
    }
    assert_int_equal(nb_buf_slice(&out).n, 0);
    nb_buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_forms_agree_with_the_rfc),
        cmocka_unit_test(conversions_append),
        cmocka_unit_test(every_byte_value_comes_back),
        cmocka_unit_test(line_ends_and_unused_bits_are_ignored),
        cmocka_unit_test(malformed_texts_are_refused),
    };
    return cmocka_run_group_tests_name("base64", tests, NULL, NULL);
}
