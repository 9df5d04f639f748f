#include "token_fixture.h"

#include "accounts/operators.h"

static struct slice sign_operator(unsigned number, bool is_strict, const struct fixture_key *signer)
{
    struct fixture_key op = fixture_key(NAUTH_NKEY_OPERATOR, number);
    struct slice key = nb_slice_of(signer->text);
    struct nauth_claims claims = {
        .kind = NAUTH_CLAIMS_OPERATOR,
        .subject = nb_slice_of(op.text),
        .name = NB_SLICE("OP"),
        .op = {.signing_keys = {&key, 1}, .strict_signing_key_usage = is_strict},
    };

    return fixture_sign(&claims, &op);
}

// A text that ends.
static char *text_of(struct slice *owned)
{
    char *text = nb_alloc(owned->n + 1);

    memcpy(text, owned->p, owned->n);
    text[owned->n] = '\0';
    nb_slice_free(owned);
    return text;
}

static const struct nserver__trust *trust(const struct nserver__operators *operators,
                                          const struct fixture_key *key)
{
    return nserver__operators_trust(operators, nb_slice_of(key->text));
}

static void an_operator_and_its_signing_keys_are_trusted(void **state NB_UNUSED)
{
    for (unsigned is_strict = 0; is_strict < 2; is_strict++) {
        struct fixture_key op = fixture_key(NAUTH_NKEY_OPERATOR, 1);
        struct fixture_key signer = fixture_key(NAUTH_NKEY_OPERATOR, 2);
        struct fixture_key stranger = fixture_key(NAUTH_NKEY_OPERATOR, 3);
        struct slice token = sign_operator(1, is_strict != 0, &signer);
        char *text = text_of(&token);
        struct nserver_options opts = {.operators = {.jwts = &text, .jwt_count = 1}};
        struct nserver__operators *operators = NULL;
        struct nb_diag diag = {""};

        assert_int_equal(nserver__operators_create(&opts, &operators, &diag), NB_OK);
        assert_int_equal(trust(operators, &op) != NULL, is_strict == 0); // strict: not its own
        assert_non_null(trust(operators, &signer));
        assert_int_equal(trust(operators, &signer)->is_strict, is_strict != 0);
        assert_null(trust(operators, &stranger));
        assert_null(nserver__operators_trust(operators, (struct slice){0}));
        assert_true(nserver__operators_let_in(operators, NB_SLICE(A_KEY)));
        nserver__operators_destroy(&operators);
        nb_free(text);
    }
}

static void trusted_keys_need_no_token(void **state NB_UNUSED)
{
    struct fixture_key op = fixture_key(NAUTH_NKEY_OPERATOR, 1);
    struct fixture_key other = fixture_key(NAUTH_NKEY_OPERATOR, 2);
    char *keys[] = {op.text, op.text}; // twice is as good as once
    struct nserver_options opts = {.operators = {.trusted_keys = keys, .trusted_key_count = 2}};
    struct nserver__operators *operators = NULL;
    struct nb_diag diag = {""};

    assert_int_equal(nserver__operators_create(&opts, &operators, &diag), NB_OK);
    assert_non_null(trust(operators, &op));
    assert_false(trust(operators, &op)->is_strict);
    assert_null(trust(operators, &other));
    nserver__operators_destroy(&operators);
}

static void only_pinned_accounts_and_the_system_account_are_let_in(void **state NB_UNUSED)
{
    struct fixture_key op = fixture_key(NAUTH_NKEY_OPERATOR, 1);
    char *key = op.text;
    char *pinned = (char *)A_KEY;
    struct nserver_options opts = {
        .system_account = (char *)ASK_KEY,
        .operators = {.trusted_keys = &key,
                      .trusted_key_count = 1,
                      .pinned_accounts = &pinned,
                      .pinned_account_count = 1},
    };
    struct nserver__operators *operators = NULL;
    struct nb_diag diag = {""};

    assert_int_equal(nserver__operators_create(&opts, &operators, &diag), NB_OK);
    assert_true(nserver__operators_let_in(operators, NB_SLICE(A_KEY)));
    assert_true(nserver__operators_let_in(operators, NB_SLICE(ASK_KEY)));
    assert_false(nserver__operators_let_in(operators, NB_SLICE(U_KEY)));
    assert_false(nserver__operators_let_in(operators, (struct slice){0}));
    nserver__operators_destroy(&operators);
}

static void without_operators_there_are_none(void **state NB_UNUSED)
{
    struct nserver_options opts = {0};
    struct nserver__operators *operators = NULL;
    struct nb_diag diag = {""};

    assert_int_equal(nserver__operators_create(&opts, &operators, &diag), NB_OK);
    assert_null(operators);
    assert_null(nserver__operators_trust(NULL, NB_SLICE(O_KEY)));
    nserver__operators_destroy(&operators);
}

static void a_token_that_is_no_operators_is_refused(void **state NB_UNUSED)
{
    static char *const tokens[] = {(char *)JWT_ACCOUNT, (char *)"", (char *)"a.b.c",
                                   (char *)"eyJ0eXAiOiJKV1QifQ.e30."};

    for (size_t i = 0; i < NB_ARRAY_LEN(tokens); i++) {
        char *both[] = {(char *)JWT_OPERATOR, tokens[i]};
        struct nserver_options opts = {.operators = {.jwts = both, .jwt_count = 2}};
        struct nserver__operators *operators = NULL;
        struct nb_diag diag = {""};

        assert_int_not_equal(nserver__operators_create(&opts, &operators, &diag), NB_OK);
        assert_null(operators);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_operator_and_its_signing_keys_are_trusted),
        cmocka_unit_test(trusted_keys_need_no_token),
        cmocka_unit_test(only_pinned_accounts_and_the_system_account_are_let_in),
        cmocka_unit_test(without_operators_there_are_none),
        cmocka_unit_test(a_token_that_is_no_operators_is_refused),
    };
    return cmocka_run_group_tests_name("operators", tests, NULL, NULL);
}
