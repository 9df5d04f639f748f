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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(creds_parse_judges_each_text),
        cmocka_unit_test(creds_parse_refuses_every_prefix),
    };
    return cmocka_run_group_tests_name("creds", tests, NULL, NULL);
}
