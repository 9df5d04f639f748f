#include <natsd/xkey.h>

#include "jwt_vectors.h"
#include "nb_test.h"

static struct nauth_nkey pair_of(const char *seed)
{
    struct nauth_nkey key;

    assert_int_equal(nauth_nkey_parse_seed(nb_slice_of(seed), &key, NULL), NB_OK);
    return key;
}

static struct nauth_nkey public_of(const char *text)
{
    struct nauth_nkey key;

    assert_int_equal(nauth_nkey_parse_public(nb_slice_of(text), &key, NULL), NB_OK);
    return key;
}

// Spec 03 section 6.3: from the first key to the second.
static const uint8_t vector[] = {
    0x78, 0x6b, 0x76, 0x31, 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09,
    0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17,
    0x1d, 0x1b, 0xbf, 0x5e, 0x23, 0x50, 0x92, 0xba, 0x51, 0xe3, 0x64, 0x62, 0xbf, 0x94,
    0x40, 0x99, 0x82, 0x79, 0xae, 0xa6, 0xe3, 0x62, 0xa3, 0x71, 0x61, 0xcb,
};

static void assert_not_opened(const struct nauth_nkey *own, const struct nauth_nkey *other,
                              struct slice sealed, int want, const char *diag_text)
{
    struct slice copy = nb_slice_dup(sealed);
    struct nb_diag diag = {""};
    struct nb_buf out;

    nb_buf_init(&out, 1000);
    assert_int_equal(nauth_xkey_open(own, other, copy, &out, &diag), want);
    assert_string_equal(diag.text, diag_text);
    assert_int_equal(nb_buf_slice(&out).n, 0);
    nb_buf_fini(&out);
    nb_slice_free(&copy);
}

static void the_box_of_the_specification_is_opened(void **state NB_UNUSED)
{
    struct nauth_nkey own = pair_of(X2_SEED);
    struct nauth_nkey other = public_of(X_KEY);
    struct nb_buf out;

    nb_buf_init(&out, 11); // exactly, and one that is never used
    assert_int_equal(
        nauth_xkey_open(&own, &other, nb_slice_make(vector, sizeof(vector)), &out, NULL), NB_OK);
    assert_true(nb_slice_is(nb_buf_slice(&out), "hello nats"));
    nb_buf_fini(&out);
}

static void a_changed_or_cut_box_is_not_opened(void **state NB_UNUSED)
{
    struct nauth_nkey own = pair_of(X2_SEED);
    struct nauth_nkey other = public_of(X_KEY);
    uint8_t bytes[sizeof(vector)];

    for (size_t i = 0; i < sizeof(vector); i++) {
        memcpy(bytes, vector, sizeof(vector));
        bytes[i] ^= 1;
        assert_not_opened(
            &own, &other, nb_slice_make(bytes, sizeof(bytes)), i < 4 ? NB_EMALFORMED : NB_ECRYPTO,
            i < 4 ? "nkeys: encrypted input wrong version" : "nkeys: could not decrypt input");
        assert_not_opened(
            &own, &other, nb_slice_make(vector, i), i <= 28 ? NB_EMALFORMED : NB_ECRYPTO,
            i <= 28 ? "nkeys: encrypted input is not valid" : "nkeys: could not decrypt input");
    }
    memcpy(bytes, "xkv2", 4);
    assert_not_opened(&own, &other, nb_slice_make(bytes, sizeof(bytes)), NB_EMALFORMED,
                      "nkeys: encrypted input wrong version");
}

static void what_is_sealed_is_opened_by_the_other_alone(void **state NB_UNUSED)
{
    struct nauth_nkey one = pair_of(X_SEED);
    struct nauth_nkey two = pair_of(X2_SEED);
    struct nauth_nkey stranger;

    assert_int_equal(nauth_nkey_create(NAUTH_NKEY_CURVE, &stranger), NB_OK);
    for (size_t n = 0; n < 200; n += 7) {
        uint8_t text[200];
        struct slice plain = nb_slice_make(text, n);
        struct nb_buf sealed;
        struct nb_buf again;
        struct nb_buf opened;

        memset(text, (int)n, sizeof(text));
        nb_buf_init(&sealed, n + NAUTH_XKEY_OVERHEAD_BYTES);
        nb_buf_init(&again, n + NAUTH_XKEY_OVERHEAD_BYTES);
        nb_buf_init(&opened, n + 1);
        assert_int_equal(nauth_xkey_seal(&one, &two, plain, &sealed, NULL), NB_OK);
        assert_int_equal(nauth_xkey_seal(&one, &two, plain, &again, NULL), NB_OK);
        assert_false(nb_slice_equal(nb_buf_slice(&sealed), nb_buf_slice(&again))); // the nonce
        assert_int_equal(nauth_xkey_open(&two, &one, nb_buf_slice(&sealed), &opened, NULL), NB_OK);
        assert_true(nb_slice_equal(nb_buf_slice(&opened), plain));
        assert_not_opened(&stranger, &one, nb_buf_slice(&sealed), NB_ECRYPTO,
                          "nkeys: could not decrypt input");
        assert_not_opened(&two, &stranger, nb_buf_slice(&sealed), NB_ECRYPTO,
                          "nkeys: could not decrypt input");
        nb_buf_fini(&sealed);
        nb_buf_fini(&again);
        nb_buf_fini(&opened);
    }
    nauth_nkey_fini(&stranger);
}

// Security history 2023-02: keys of zeroes, on either side, and points of low order, which give a
// shared key of zeroes whatever the seed is.
static void keys_of_zeroes_are_refused_2023_02(void **state NB_UNUSED)
{
    static const uint8_t low_order[][NAUTH_NKEY_RAW_BYTES] = {
        {0},
        {1},
        {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
         0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32,
         0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
    };
    struct nauth_nkey own = pair_of(X2_SEED);
    struct nauth_nkey zero = {.type = NAUTH_NKEY_CURVE, .has_seed = true};
    struct nauth_nkey other = public_of(X_KEY);
    struct nb_buf out;

    nb_buf_init(&out, 1000);
    for (size_t i = 0; i < NB_ARRAY_LEN(low_order); i++) {
        struct nauth_nkey point = {.type = NAUTH_NKEY_CURVE};

        memcpy(point.public_key, low_order[i], sizeof(point.public_key));
        assert_int_equal(nauth_xkey_seal(&own, &point, NB_SLICE("x"), &out, NULL), NB_ECRYPTO);
        assert_not_opened(&own, &point, nb_slice_make(vector, sizeof(vector)), NB_ECRYPTO,
                          "nkeys: could not decrypt input");
    }
    assert_int_equal(nauth_xkey_seal(&zero, &other, NB_SLICE("x"), &out, NULL), NB_ECRYPTO);
    assert_not_opened(&zero, &other, nb_slice_make(vector, sizeof(vector)), NB_ECRYPTO,
                      "nkeys: could not decrypt input");
    assert_int_equal(nb_buf_slice(&out).n, 0);
    nb_buf_fini(&out);
}

static void keys_of_other_types_and_small_buffers_are_refused(void **state NB_UNUSED)
{
    struct nauth_nkey own = pair_of(X2_SEED);
    struct nauth_nkey user = pair_of(U_SEED);
    struct nauth_nkey other = public_of(X_KEY);
    struct slice box = nb_slice_make(vector, sizeof(vector));
    struct nb_diag diag;
    struct nb_buf out;

    assert_not_opened(&user, &other, box, NB_EINVALID, "nkeys: not a valid curve seed");
    assert_not_opened(&other, &own, box, NB_EINVALID, "nkeys: not a valid curve seed");
    assert_not_opened(&own, &user, box, NB_EINVALID, "nkeys: not a valid sender public curve key");
    nb_buf_init(&out, 44);
    assert_int_equal(nauth_xkey_seal(&own, &user, NB_SLICE(""), &out, &diag), NB_EINVALID);
    assert_string_equal(diag.text, "nkeys: not a valid recipient public curve key");
    assert_int_equal(nauth_xkey_seal(&other, &own, NB_SLICE(""), &out, &diag), NB_EINVALID);
    assert_int_equal(nauth_xkey_seal(&own, &other, NB_SLICE("x"), &out, &diag), NB_ELIMIT);
    assert_int_equal(nauth_xkey_seal(&own, &other, NB_SLICE(""), &out, &diag), NB_OK);
    nb_buf_fini(&out);
    nb_buf_init(&out, 5);
    assert_int_equal(nauth_xkey_open(&own, &other, box, &out, &diag), NB_ELIMIT);
    nb_buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_box_of_the_specification_is_opened),
        cmocka_unit_test(a_changed_or_cut_box_is_not_opened),
        cmocka_unit_test(what_is_sealed_is_opened_by_the_other_alone),
        cmocka_unit_test(keys_of_zeroes_are_refused_2023_02),
        cmocka_unit_test(keys_of_other_types_and_small_buffers_are_refused),
    };
    return cmocka_run_group_tests_name("xkey", tests, NULL, NULL);
}
