#include "nb_test.h"

#include <natsd/memory.h>

#include "accounts/operators.h"
#include "resolver/delete_request.h"

#include "token_fixture.h"

#define SYSTEM "ADVEU3DD4KOFECV66VIHWEZOYX4ZKR3WV27L464SIIPOU2IUI3JCZW22"
#define ACCOUNT "AAU2ZOXBIG6MV4FSFYNJJU2NBPDTMHSSNUF74EWIS6KLZEZCSZW5OICT"
#define USER "UASUHOJP6EEVKEKHNLOIG2O3NXOJGNTFUEMXRXNBIBHOCBTMVFKZ3BWH"

// A server that trusts this key, which it borrows.
static struct nserver__operators *trusting(struct fixture_key *op)
{
    char *keys[] = {op->text};
    struct nserver_options opts = {.operators = {.trusted_keys = keys, .trusted_key_count = 1}};
    struct nserver__operators *operators;

    assert_int_equal(nserver__operators_create(&opts, &operators, NULL), NB_OK);
    return operators;
}

static struct slice request_of(unsigned signer, unsigned subject, const char *nats)
{
    struct fixture_key key = fixture_key(NAUTH_NKEY_OPERATOR, signer);
    struct fixture_key about = fixture_key(NAUTH_NKEY_OPERATOR, subject);
    struct nauth_claims claims = {
        .kind = NAUTH_CLAIMS_GENERIC,
        .subject = nb_slice_of(about.text),
        .generic = nb_slice_of(nats),
    };

    return fixture_sign(&claims, &key);
}

static const struct {
    unsigned signer, subject;
    const char *nats;
    const char *want; // NULL: taken
    size_t count;
} cases[] = {
    {1, 1, "{\"accounts\":[\"" ACCOUNT "\"]}", NULL, 1},
    {1, 1, "{\"accounts\":[\"" ACCOUNT "\",\"" ACCOUNT "\"]}", NULL, 2},
    {1, 1, "{\"accounts\":[]}", NULL, 0},
    {2, 2, "{\"accounts\":[\"" ACCOUNT "\"]}", "not trusted", 0},
    {1, 2, "{\"accounts\":[\"" ACCOUNT "\"]}", "not self signed", 0},
    {1, 1, "{}", "malformed request", 0},
    {1, 1, "{\"accounts\":\"all\"}", "malformed request", 0},
    {1, 1, "{\"accounts\":null}", "malformed request", 0},
    {1, 1, "{\"accounts\":[1]}", "malformed request", 0},
    {1, 1, "{\"accounts\":[\"../../x\"]}", "malformed request", 0},
    {1, 1, "{\"accounts\":[\"" ACCOUNT "\",\"" USER "\"]}", "malformed request", 0},
    {1, 1, "{\"accounts\":[\"" ACCOUNT "\",\"" SYSTEM "\"]}",
     "not allowed to delete system account", 0},
};

static void delete_request_is_the_operators_word_or_nothing(void **state NB_UNUSED)
{
    struct fixture_key op = fixture_key(NAUTH_NKEY_OPERATOR, 1);
    struct nserver__operators *operators = trusting(&op);

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct fixture_key subject = fixture_key(NAUTH_NKEY_OPERATOR, cases[i].subject);
        struct slice token = request_of(cases[i].signer, cases[i].subject, cases[i].nats);
        struct nserver__delete_request request;
        struct nb_diag diag = {""};
        int rc = nserver__delete_request_read(token, operators, NB_SLICE(SYSTEM), &request, &diag);

        assert_int_equal(rc == NB_OK, cases[i].want == NULL);
        assert_string_equal(diag.text, cases[i].want != NULL ? cases[i].want : "");
        assert_int_equal(request.count, cases[i].count);
        assert_true(nb_slice_is(request.subject, subject.text));
        nserver__delete_request_fini(&request);
        nb_slice_free(&token);
    }
    nserver__operators_destroy(&operators);
}

static void delete_request_that_is_no_token_names_nobody(void **state NB_UNUSED)
{
    struct nserver__delete_request request;
    struct nb_diag diag = {""};

    assert_true(nserver__delete_request_read(NB_SLICE("x"), NULL, NB_SLICE(SYSTEM), &request,
                                             &diag) != NB_OK);
    assert_string_equal(diag.text, "expected 3 chunks");
    assert_int_equal(request.subject.n, 0);
    nserver__delete_request_fini(&request);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delete_request_is_the_operators_word_or_nothing),
        cmocka_unit_test(delete_request_that_is_no_token_names_nobody),
    };
    return cmocka_run_group_tests_name("delete_request", tests, NULL, NULL);
}
