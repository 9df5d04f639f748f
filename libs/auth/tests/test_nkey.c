#include <natsd/nkey.h>

#include <natsd/base64.h>

#include "base32.h"
#include "crc16.h"
#include "nb_test.h"
#include "odd_keys.h"

// Spec 03 section 6.1: keys whose raw seed counts up from `first`.
static const struct {
    enum nauth_nkey_type type;
    uint8_t first;
    uint8_t step;
    const char *seed;
    const char *public_text;
    const char *raw_public; // hex, or NULL
} keys[] = {
    {NAUTH_NKEY_OPERATOR, 0x00, 1, "SOAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H2AJA",
     "OAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3QZVT",
     "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"},
    {NAUTH_NKEY_ACCOUNT, 0x20, 1, "SAACAIJCEMSCKJRHFAUSUKZMFUXC6MBRGIZTINJWG44DSOR3HQ6T4P7MNU",
     "AAU2ZOXBIG6MV4FSFYNJJU2NBPDTMHSSNUF74EWIS6KLZEZCSZW5OICT",
     "29acbae141bccaf0b22e1a94d34d0bc7361e526d0bfe12c89794bc9322966dd7"},
    {NAUTH_NKEY_USER, 0x40, 1, "SUAEAQKCINCEKRSHJBEUUS2MJVHE6UCRKJJVIVKWK5MFSWS3LROV4XZ7LE",
     "UASUHOJP6EEVKEKHNLOIG2O3NXOJGNTFUEMXRXNBIBHOCBTMVFKZ3BWH",
     "2543b92ff1095511476adc8369db6ddc933665a11978dda1404ee1066ca9559d"},
    {NAUTH_NKEY_SERVER, 0x60, 1, "SNAGAYLCMNSGKZTHNBUWU23MNVXG64DROJZXI5LWO54HS6T3PR6X473DCU",
     "NALUKU5UK3O57RUQR3FLDQIB7ZVLEHRLVIDBO6K3PVB2MNECTE75KIVQ", NULL},
    {NAUTH_NKEY_CLUSTER, 0x80, 1, "SCAIBAMCQOCILBUHRCEYVC4MRWHI7EERSKJZJFMWS6MJTGU3TSOZ5H5PWM",
     "CDGRJM37SVXJKMMU7573OOZ5QHOMKYOWDJ2TQCKLPQ7BUZB64XZ2VOF6", NULL},
    {NAUTH_NKEY_CURVE, 0xA0, 1, "SXAKBINCUOSKLJVHVCU2VK5MVWXK7MFRWKZ3JNNWW64LTOV3XS635P55JM",
     "XBQFU4S5FJFN73VRUKPBP3OWEHA3OWJ65DG3YRFMNRFLNYXYAXJDZ6RI",
     "605a725d2a4adfeeb1a29e17edd621c1b7593ee8cdbc44ac6c4ab6e2f805d23c"},
    {NAUTH_NKEY_ACCOUNT, 0x07, 0, "SAAAOBYHA4DQOBYHA4DQOBYHA4DQOBYHA4DQOBYHA4DQOBYHA4DQOB6O4U",
     "ADVEU3DD4KOFECV66VIHWEZOYX4ZKR3WV27L464SIIPOU2IUI3JCZW22", NULL},
    {NAUTH_NKEY_CURVE, 0xC0, 1, "SXAMBQOCYPCMLRWHZDE4VS6MZXHM7UGR2LJ5JVOW27MNTWW33TO55X45WM",
     "XDOCZSRR5DSDXPMR3736I5OMUM2H5NDYCB6VXV3FVOSK4SRQYNOUIAJX", NULL},
};

enum { USER = 2, SERVER = 3 };

static void assert_is_key(const struct nauth_nkey *key, size_t i)
{
    char text[NAUTH_NKEY_PUBLIC_TEXT_BYTES + 1];

    assert_int_equal(key->type, keys[i].type);
    nauth_nkey_public_text(key, text);
    assert_string_equal(text, keys[i].public_text);
    for (size_t j = 0; keys[i].raw_public != NULL && j < NAUTH_NKEY_RAW_BYTES; j++) {
        char hex[3];

        snprintf(hex, sizeof(hex), "%02x", key->public_key[j]);
        assert_memory_equal(hex, keys[i].raw_public + 2 * j, 2);
    }
}

static void seeds_give_the_pairs_of_the_specification(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(keys); i++) {
        struct nauth_nkey key = {0};
        struct nauth_nkey again = {0};
        char text[NAUTH_NKEY_SEED_TEXT_BYTES + 1];

        assert_int_equal(nauth_nkey_parse_seed(nb_slice_of(keys[i].seed), &key, NULL), NB_OK);
        assert_true(key.has_seed);
        for (size_t j = 0; j < NAUTH_NKEY_RAW_BYTES; j++) {
            assert_int_equal(key.seed[j], (uint8_t)(keys[i].first + keys[i].step * j));
        }
        assert_is_key(&key, i);
        nauth_nkey_seed_text(&key, text);
        assert_string_equal(text, keys[i].seed);
        assert_int_equal(nauth_nkey_create_from(keys[i].type, key.seed, &again), NB_OK);
        assert_is_key(&again, i);
        nauth_nkey_fini(&key);
        nauth_nkey_fini(&again);
    }
}

static void public_keys_are_read_with_their_type(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(keys); i++) {
        struct slice text = nb_slice_of(keys[i].public_text);
        struct nauth_nkey key = {0};

        assert_int_equal(nauth_nkey_parse_public(text, &key, NULL), NB_OK);
        assert_false(key.has_seed);
        assert_is_key(&key, i);
        assert_true(nauth_nkey_is_public(text));
        for (size_t j = 0; j < NB_ARRAY_LEN(keys); j++) {
            assert_int_equal(nauth_nkey_is_public_of(text, keys[j].type),
                             keys[i].type == keys[j].type);
        }
    }
}

static void line_ends_around_and_inside_are_ignored(void **state NB_UNUSED)
{
    struct nauth_nkey key = {0};

    assert_int_equal(
        nauth_nkey_parse_seed(
            NB_SLICE("SUAEAQKCINCEKRSHJBEUUS2MJVHE6UCR\r\nKJJVIVKWK5MFSWS3LROV4XZ7LE\n"), &key,
            NULL),
        NB_OK);
    assert_is_key(&key, USER);
    nauth_nkey_fini(&key);
}

static void assert_refused(struct slice text, const char *public_diag, const char *seed_diag)
{
    struct slice copy = nb_slice_dup(text);
    struct nauth_nkey untouched;
    struct nauth_nkey key;
    struct nb_diag diag;

    memset(&untouched, 0x5A, sizeof(untouched));
    memcpy(&key, &untouched, sizeof(key));
    assert_int_equal(nauth_nkey_parse_public(copy, &key, &diag), NB_EMALFORMED);
    assert_string_equal(diag.text, public_diag);
    assert_int_equal(nauth_nkey_parse_seed(copy, &key, &diag), NB_EMALFORMED);
    assert_string_equal(diag.text, seed_diag);
    assert_memory_equal(&key, &untouched, sizeof(key));
    assert_false(nauth_nkey_is_public(copy));
    nb_slice_free(&copy);
}

// Of the user key: what the reference keeps a pair as, seed and public key.
#define PRIVATE_FORM                                                                   \
    "PBAECQSDIRCUMR2IJFFEWTCNJZHVAUKSKNKFKVSXLBMVUW24LVPF6JKDXEX7CCKVCFDWVXEDNHNW3XET" \
    "GZS2CGLY3WQUATXBAZWKSVM5IQ4Q"

static void texts_that_are_no_keys_are_refused(void **state NB_UNUSED)
{
    static const char *const texts[] = {
        "",
        "U",
        "\n",
        "not a key",
        "uasuhojp6eevkekhnloig2o3nxojgntfuemxrxnbibhocbtmvfkz3bwh",
        "UASUHOJP6EEVKEKHNLOIG2O3NXOJGNTFUEMXRXNBIBHOCBTMVFKZ3BWHA",
        "UASUHOJP6EEVKEKHNLOIG2O3NXOJGNTFUEMXRXNBIBHOCBTMVFKZ3BWHAAAAAAAA",
        "UASUHOJP6EEVKEKHNLOIG2O3NXOJGNTFUEMXRXNBIBHOCBTMVFKZ3BWH======",
        " UASUHOJP6EEVKEKHNLOIG2O3NXOJGNTFUEMXRXNBIBHOCBTMVFKZ3BWH",
        "suaeaqkcincekrshjbeuus2mjvhe6ucrkjjvivkwk5mfsws3lrov4xz7le",
        PRIVATE_FORM,
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(texts); i++) {
        assert_refused(nb_slice_of(texts[i]), "nkeys: invalid encoded key",
                       "nkeys: invalid encoded key");
    }
}

static void every_prefix_is_refused(void **state NB_UNUSED)
{
    for (size_t n = 0; n < NAUTH_NKEY_PUBLIC_TEXT_BYTES; n++) {
        assert_refused(nb_slice_make(keys[USER].public_text, n), "nkeys: invalid encoded key",
                       "nkeys: invalid encoded key");
    }
    for (size_t n = 0; n < NAUTH_NKEY_SEED_TEXT_BYTES; n++) {
        struct nauth_nkey key;

        assert_int_equal(nauth_nkey_parse_seed(nb_slice_make(keys[USER].seed, n), &key, NULL),
                         NB_EMALFORMED);
    }
}

static void any_changed_character_breaks_the_checksum(void **state NB_UNUSED)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    for (size_t i = 0; i < NAUTH_NKEY_PUBLIC_TEXT_BYTES; i++) {
        for (size_t j = 0; j < 32; j++) {
            char text[NAUTH_NKEY_PUBLIC_TEXT_BYTES + 1];

            memcpy(text, keys[USER].public_text, sizeof(text));
            if (text[i] != alphabet[j]) {
                text[i] = alphabet[j];
                assert_refused(nb_slice_of(text), "nkeys: invalid checksum",
                               "nkeys: invalid encoded key");
                assert_false(nauth_nkey_is_public_of(nb_slice_of(text), NAUTH_NKEY_USER));
            }
        }
    }
}

// A text with a right checksum over any first bytes.
static struct slice encode(uint8_t *bytes, size_t size, char *text)
{
    uint16_t crc = nauth__crc16(nb_slice_make(bytes, size - 2));

    bytes[size - 2] = (uint8_t)(crc & 0xFF);
    bytes[size - 1] = (uint8_t)(crc >> 8);
    nauth__base32_encode(nb_slice_make(bytes, size), text);
    return nb_slice_make(text, (size * 8 + 4) / 5);
}

// Security history 26-23: only a key of exactly 32 bytes is one, whatever its checksum says.
static void public_keys_of_a_wrong_length_are_refused_26_23(void **state NB_UNUSED)
{
    for (size_t size = 0; size <= ODD_KEY_BYTES_MAX; size++) {
        char text[64];
        struct nauth_nkey key;

        public_key_of_size(NAUTH_NKEY_USER, size, text);
        assert_int_equal(nauth_nkey_parse_public(nb_slice_of(text), &key, NULL),
                         size == NAUTH_NKEY_RAW_BYTES ? NB_OK : NB_EMALFORMED);
        assert_int_equal(nauth_nkey_is_public(nb_slice_of(text)), size == NAUTH_NKEY_RAW_BYTES);
        assert_int_equal(nauth_nkey_is_public_of(nb_slice_of(text), NAUTH_NKEY_USER),
                         size == NAUTH_NKEY_RAW_BYTES);
    }
}

static bool is_known_type(unsigned byte)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(keys); i++) {
        if ((unsigned)keys[i].type == byte) {
            return true;
        }
    }
    return false;
}

static void only_known_first_bytes_are_public_keys(void **state NB_UNUSED)
{
    for (unsigned first = 0; first < 256; first++) {
        uint8_t bytes[35] = {(uint8_t)first};
        char buffer[64];
        struct slice text = encode(bytes, sizeof(bytes), buffer);
        struct nauth_nkey key;
        struct nb_diag diag = {""};
        int rc = nauth_nkey_parse_public(text, &key, &diag);

        assert_int_equal(rc, is_known_type(first) ? NB_OK : NB_EMALFORMED);
        assert_string_equal(diag.text, rc == NB_OK ? "" : "nkeys: invalid public key");
        assert_int_equal(nauth_nkey_is_public_of(text, NAUTH_NKEY_USER),
                         (first & 0xF8) == NAUTH_NKEY_USER);
    }
}

static void only_marked_seeds_of_known_types_are_seeds(void **state NB_UNUSED)
{
    for (unsigned head = 0; head < 65536; head++) {
        uint8_t bytes[36] = {(uint8_t)(head >> 8), (uint8_t)(head & 0xFF)};
        unsigned type = ((head >> 8) & 7) << 5 | (head & 0xF8) >> 3;
        bool is_marked = (head >> 8 & 0xF8) == 0x90;
        struct nauth_nkey key = {0};
        struct nb_diag diag = {""};
        char buffer[64];
        int rc;

        if ((head & 7) != 0 && !is_marked) {
            continue; // 57,000 key derivations less
        }
        rc = nauth_nkey_parse_seed(encode(bytes, sizeof(bytes), buffer), &key, &diag);
        assert_int_equal(rc, is_marked && is_known_type(type) ? NB_OK : NB_EMALFORMED);
        assert_string_equal(diag.text, rc == NB_OK ? ""
                                       : is_marked ? "nkeys: invalid prefix byte"
                                                   : "nkeys: invalid seed");
        assert_int_equal(key.type, rc == NB_OK ? type : 0);
        nauth_nkey_fini(&key);
    }
}

static void new_pairs_differ_and_can_be_written_and_read(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(keys); i++) {
        struct nauth_nkey a = {0};
        struct nauth_nkey b = {0};
        char text[NAUTH_NKEY_SEED_TEXT_BYTES + 1];

        assert_int_equal(nauth_nkey_create(keys[i].type, &a), NB_OK);
        assert_int_equal(nauth_nkey_create(keys[i].type, &b), NB_OK);
        assert_memory_not_equal(a.seed, b.seed, NAUTH_NKEY_RAW_BYTES);
        nauth_nkey_seed_text(&a, text);
        assert_memory_equal(text, keys[i].seed, 2); // "SU" and so on
        assert_int_equal(nauth_nkey_parse_seed(nb_slice_of(text), &b, NULL), NB_OK);
        assert_memory_equal(a.public_key, b.public_key, NAUTH_NKEY_RAW_BYTES);
        nauth_nkey_fini(&a);
        nauth_nkey_fini(&b);
    }
    assert_int_equal(nauth_nkey_create((enum nauth_nkey_type)0x90, &(struct nauth_nkey){0}),
                     NB_EINVALID);
}

static void fini_wipes(void **state NB_UNUSED)
{
    struct nauth_nkey zero = {0};
    struct nauth_nkey key = {0};

    assert_int_equal(nauth_nkey_create(NAUTH_NKEY_USER, &key), NB_OK);
    nauth_nkey_fini(&key);
    assert_memory_equal(&key, &zero, sizeof(key));
    nauth_nkey_fini(&key);
}

// Spec 03 section 6.2.
static const struct {
    size_t key;
    const char *signature;
} signatures[] = {
    {USER,
     "-MZFqmH1fg4AQVJcoHYcoCuoBj2_xbFXH0XDGw8i8ZZTeo_p7lcluZcSV5j-b-g_zDuYwDu2AdZA76vvbSJzAA"},
    {SERVER,
     "BObDsRiEG7JteXB5Zq11jLVISlQe8-UVHU_qpuoWv-TTQ3SWgV5TMB7qu8W9fmV_LhMwfdHsUHtccPImmcU8Dg"},
};
#define NONCE "dGVzdC1ub25jZS0"

static void signatures_are_those_of_the_specification(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(signatures); i++) {
        uint8_t signature[NAUTH_NKEY_SIGNATURE_BYTES];
        struct nauth_nkey pair = {0};
        struct nb_buf text;

        assert_int_equal(
            nauth_nkey_parse_seed(nb_slice_of(keys[signatures[i].key].seed), &pair, NULL), NB_OK);
        assert_int_equal(nauth_nkey_sign(&pair, NB_SLICE(NONCE), signature), NB_OK);
        nb_buf_init(&text, 100);
        assert_int_equal(nauth_base64url_encode(nb_slice_make(signature, sizeof(signature)), &text),
                         NB_OK);
        assert_true(nb_slice_is(nb_buf_slice(&text), signatures[i].signature));
        nb_buf_fini(&text);
        nauth_nkey_fini(&pair);
    }
}

static void only_the_very_signature_is_verified(void **state NB_UNUSED)
{
    uint8_t bytes[NAUTH_NKEY_SIGNATURE_BYTES + 1] = {0};
    struct slice signature = nb_slice_make(bytes, NAUTH_NKEY_SIGNATURE_BYTES);
    struct nauth_nkey pair = {0};
    struct nauth_nkey public_only = {0};
    struct nauth_nkey other = {0};

    assert_int_equal(nauth_nkey_create(NAUTH_NKEY_USER, &pair), NB_OK);
    assert_int_equal(nauth_nkey_create(NAUTH_NKEY_USER, &other), NB_OK);
    memcpy(public_only.public_key, pair.public_key, sizeof(pair.public_key));
    public_only.type = NAUTH_NKEY_USER;
    assert_int_equal(nauth_nkey_sign(&pair, NB_SLICE(NONCE), bytes), NB_OK);
    assert_int_equal(nauth_nkey_verify(&public_only, NB_SLICE(NONCE), signature), NB_OK);
    assert_int_equal(nauth_nkey_verify(&other, NB_SLICE(NONCE), signature), NB_ECRYPTO);
    assert_int_equal(nauth_nkey_verify(&pair, NB_SLICE("eGVzdC1ub25jZS0"), signature), NB_ECRYPTO);
    assert_int_equal(nauth_nkey_verify(&pair, (struct slice){0}, signature), NB_ECRYPTO);
    for (size_t n = 0; n < NAUTH_NKEY_SIGNATURE_BYTES; n++) {
        assert_int_equal(nauth_nkey_verify(&pair, NB_SLICE(NONCE), nb_slice_sub(signature, 0, n)),
                         NB_ECRYPTO);
    }
    assert_int_equal(nauth_nkey_verify(&pair, NB_SLICE(NONCE), nb_slice_make(bytes, sizeof(bytes))),
                     NB_ECRYPTO);
    for (size_t bit = 0; bit < NAUTH_NKEY_SIGNATURE_BYTES * 8; bit += 7) {
        bytes[bit / 8] = (uint8_t)(bytes[bit / 8] ^ 1U << bit % 8);
        assert_int_equal(nauth_nkey_verify(&pair, NB_SLICE(NONCE), signature), NB_ECRYPTO);
        bytes[bit / 8] = (uint8_t)(bytes[bit / 8] ^ 1U << bit % 8);
    }
    assert_int_equal(nauth_nkey_sign(&public_only, NB_SLICE(NONCE), bytes), NB_EINVALID);
    nauth_nkey_fini(&pair);
    nauth_nkey_fini(&other);
}

static void an_empty_message_can_be_signed(void **state NB_UNUSED)
{
    uint8_t signature[NAUTH_NKEY_SIGNATURE_BYTES];
    struct nauth_nkey pair = {0};

    assert_int_equal(nauth_nkey_create(NAUTH_NKEY_ACCOUNT, &pair), NB_OK);
    assert_int_equal(nauth_nkey_sign(&pair, (struct slice){0}, signature), NB_OK);
    assert_int_equal(
        nauth_nkey_verify(&pair, (struct slice){0}, nb_slice_make(signature, sizeof(signature))),
        NB_OK);
    nauth_nkey_fini(&pair);
}

static void curve_keys_neither_sign_nor_verify(void **state NB_UNUSED)
{
    uint8_t signature[NAUTH_NKEY_SIGNATURE_BYTES] = {0};
    struct nauth_nkey pair = {0};

    assert_int_equal(nauth_nkey_create(NAUTH_NKEY_CURVE, &pair), NB_OK);
    assert_int_equal(nauth_nkey_sign(&pair, NB_SLICE("x"), signature), NB_EINVALID);
    assert_int_equal(
        nauth_nkey_verify(&pair, NB_SLICE("x"), nb_slice_make(signature, sizeof(signature))),
        NB_EINVALID);
    nauth_nkey_fini(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeds_give_the_pairs_of_the_specification),
        cmocka_unit_test(public_keys_are_read_with_their_type),
        cmocka_unit_test(line_ends_around_and_inside_are_ignored),
        cmocka_unit_test(texts_that_are_no_keys_are_refused),
        cmocka_unit_test(every_prefix_is_refused),
        cmocka_unit_test(any_changed_character_breaks_the_checksum),
        cmocka_unit_test(public_keys_of_a_wrong_length_are_refused_26_23),
        cmocka_unit_test(only_known_first_bytes_are_public_keys),
        cmocka_unit_test(only_marked_seeds_of_known_types_are_seeds),
        cmocka_unit_test(new_pairs_differ_and_can_be_written_and_read),
        cmocka_unit_test(fini_wipes),
        cmocka_unit_test(signatures_are_those_of_the_specification),
        cmocka_unit_test(only_the_very_signature_is_verified),
        cmocka_unit_test(an_empty_message_can_be_signed),
        cmocka_unit_test(curve_keys_neither_sign_nor_verify),
    };
    return cmocka_run_group_tests_name("nkey", tests, NULL, NULL);
}
