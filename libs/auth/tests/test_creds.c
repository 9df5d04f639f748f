#include <natsd/creds.h>

#include "nb_test.h" // cmocka and the headers it needs

#define BLOCK(kind, body) "-----BEGIN " kind "-----\n" body "\n------END " kind "------\n"
#define JWT BLOCK("NATS USER JWT", "a.b.c")
#define SEED BLOCK("USER NKEY SEED", "SUAB")

static const struct {
    const char *name;
    const char *text;
    int want;
} cases[] = {
    {"JWT, then seed", JWT "Keep this secret.\n\n" SEED, NB_OK},
    {"seed, then JWT", SEED JWT, NB_OK},
    {"no seed", JWT, NB_EMALFORMED},
    {"two seeds", JWT SEED SEED, NB_EMALFORMED},
    {"empty block, then a good one", BLOCK("NATS USER JWT", "") JWT SEED, NB_EMALFORMED},
    {"two lines in a block", BLOCK("NATS USER JWT", "a\nb") SEED, NB_EMALFORMED},
    {"two JWTs", JWT JWT SEED, NB_EMALFORMED},
    {"no JWT", SEED, NB_EMALFORMED},
    {"nothing", "", NB_EMALFORMED},
    {"other blocks are for people", BLOCK("SOMETHING ELSE", "x") JWT SEED, NB_OK},
    {"CRLF",
     "-----BEGIN NATS USER JWT-----\r\na.b.c\r\n------END NATS USER JWT------\r\n"
     "-----BEGIN USER NKEY SEED-----\r\nSUAB\r\n------END USER NKEY SEED------\r\n",
     NB_OK},
    {"an end of five dashes",
     "-----BEGIN NATS USER JWT-----\na.b.c\n-----END NATS USER JWT-----\n" SEED, NB_EMALFORMED},
    {"an end without a label", "-----BEGIN NATS USER JWT-----\na.b.c\n------END ------\n" SEED,
     NB_EMALFORMED},
};

static void creds_parse_judges_each_text(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nauth_creds creds = {0};
        int rc = nauth_creds_parse(nb_slice_of(cases[i].text), &creds);

        if (rc != cases[i].want) {
            fail_msg("%s: got %d, want %d", cases[i].name, rc, cases[i].want);
        }
        // On failure the caller's struct is untouched.
        assert_true(nb_slice_equal(creds.jwt, nb_slice_of(rc == NB_OK ? "a.b.c" : "")));
        assert_true(nb_slice_equal(creds.seed, nb_slice_of(rc == NB_OK ? "SUAB" : "")));
        nauth_creds_fini(&creds);
    }
}

// Cut anywhere, it is refused. Each prefix is its own allocation, for the sanitizer.
static void creds_parse_refuses_every_prefix(void **state NB_UNUSED)
{
    const struct slice whole = nb_slice_of(JWT SEED);

    for (size_t n = 0; n < whole.n - 1; n++) { // the last newline may be missing
        struct slice cut = nb_slice_dup((struct slice){whole.p, n});
        struct nauth_creds creds = {0};

        assert_int_equal(nauth_creds_parse(cut, &creds), NB_EMALFORMED);
        nb_slice_wipe_free(&cut);
    }
}

// One byte more than allowed is refused before anything is looked at.
static void creds_parse_stops_at_the_size_limit(void **state NB_UNUSED)
{
    const struct slice frame = nb_slice_of(JWT SEED);
    uint8_t *text = nb_alloc(NAUTH_CREDS_TEXT_MAX_BYTES + 1);
    struct nauth_creds creds = {0};

    memset(text, '*', NAUTH_CREDS_TEXT_MAX_BYTES + 1);
    memcpy(text, frame.p, frame.n);
    assert_int_equal(nauth_creds_parse(nb_slice_make(text, NAUTH_CREDS_TEXT_MAX_BYTES + 1), &creds),
                     NB_ELIMIT);
    assert_int_equal(nauth_creds_parse(nb_slice_make(text, NAUTH_CREDS_TEXT_MAX_BYTES), &creds),
                     NB_OK);
    nauth_creds_fini(&creds);
    nauth_creds_fini(&creds);
    assert_null(creds.seed.p);
    nb_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(creds_parse_judges_each_text),
        cmocka_unit_test(creds_parse_refuses_every_prefix),
        cmocka_unit_test(creds_parse_stops_at_the_size_limit),
    };
    return cmocka_run_group_tests_name("creds", tests, NULL, NULL);
}
