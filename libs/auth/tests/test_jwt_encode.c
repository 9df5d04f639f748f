#include "jwt_fixture.h"

enum { NOW = 1700000000 };

static struct nauth_nkey key_of(const char *seed)
{
    struct nauth_nkey key;

    assert_int_equal(nauth_nkey_parse_seed(nb_slice_of(seed), &key, NULL), NB_OK);
    return key;
}

static struct slice encoded(const struct nauth_claims *claims, const char *seed) // owned
{
    struct nauth_nkey key = key_of(seed);
    struct nb_diag diag = {""};
    struct nb_buf out;

    nb_buf_init(&out, NAUTH_JWT_MAX_BYTES);
    if (nauth_jwt_encode(claims, &key, NOW, &out, &diag) < 0) {
        fail_msg("%s", diag.text);
    }
    nauth_nkey_fini(&key);
    return nb_buf_take(&out);
}

// Byte for byte: keys in the same order, the same id, and so the same signature.
static void tokens_of_the_specification_are_written_again(void **state NB_UNUSED)
{
    static const struct {
        const char *token;
        enum nauth_claims_kind kind;
        const char *seed;
    } vectors[] = {
        {JWT_OPERATOR, NAUTH_CLAIMS_OPERATOR, O_SEED},
        {JWT_ACCOUNT, NAUTH_CLAIMS_ACCOUNT, O_SEED},
        {JWT_USER, NAUTH_CLAIMS_USER, A_SEED},
        {JWT_SCOPED_ACCOUNT, NAUTH_CLAIMS_ACCOUNT, O_SEED},
        {JWT_SCOPED_USER, NAUTH_CLAIMS_USER, ASK_SEED},
        {JWT_ACTIVATION, NAUTH_CLAIMS_ACTIVATION, A_SEED},
        {JWT_GENERIC, NAUTH_CLAIMS_GENERIC, O_SEED},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(vectors); i++) {
        struct nauth_claims claims;
        struct slice token;

        assert_int_equal(
            nauth_jwt_decode(nb_slice_of(vectors[i].token), vectors[i].kind, &claims, NULL), NB_OK);
        claims.id.n = 0;
        token = encoded(&claims, vectors[i].seed);
        if (!nb_slice_is(token, vectors[i].token)) {
            fail_msg("%zu: %.*s", i, NB_SLICE_ARGS(token));
        }
        nb_slice_free(&token);
        nauth_claims_fini(&claims);
    }
}

#define FULL_ACCOUNT                                                                              \
    "\"imports\":[{\"name\":\"i\",\"subject\":\"s\",\"account\":\"" A_KEY                         \
    "\",\"token\":\"t\",\"to\":\"o\",\"local_subject\":\"l\",\"type\":\"service\","               \
    "\"share\":true,\"allow_trace\":true}],"                                                      \
    "\"exports\":[{\"name\":\"e\",\"subject\":\"e.*\",\"type\":\"service\",\"token_req\":true,"   \
    "\"revocations\":{\"*\":5},\"response_type\":\"Chunked\",\"response_threshold\":9,"           \
    "\"service_latency\":{\"sampling\":\"headers\",\"results\":\"r\"},"                           \
    "\"account_token_position\":2,\"advertise\":true,\"allow_trace\":true,\"description\":\"d\"," \
    "\"info_url\":\"http://h\"},"                                                                 \
    "{\"subject\":\"f\",\"type\":\"stream\",\"service_latency\":{\"sampling\":50,"                \
    "\"results\":\"r\"}}],"                                                                       \
    "\"limits\":{\"subs\":1,\"data\":2,\"payload\":3,\"imports\":4,\"exports\":5,"                \
    "\"wildcards\":true,\"disallow_bearer\":true,\"conn\":6,\"leaf\":7,"                          \
    "\"tiered_limits\":{\"R1\":{\"mem_storage\":1,\"disk_storage\":2,\"streams\":3,"              \
    "\"consumer\":4,\"max_ack_pending\":5,\"mem_max_stream_bytes\":6,"                            \
    "\"disk_max_stream_bytes\":7,\"max_bytes_required\":true},\"R3\":{}}},"                       \
    "\"signing_keys\":[\"" A_KEY "\",{\"kind\":\"user_scope\",\"key\":\"" ASK_KEY                 \
    "\",\"role\":\"r\",\"template\":{\"pub\":{\"allow\":[],\"deny\":[\"x\"]},\"sub\":{},"         \
    "\"subs\":0,\"data\":-1,\"payload\":8},\"description\":\"\"}],"                               \
    "\"revocations\":{\"*\":1,\"" U_KEY "\":2},"                                                  \
    "\"default_permissions\":{\"pub\":{\"deny\":[\"x\"]},\"sub\":{},"                             \
    "\"resp\":{\"max\":1,\"ttl\":-1}},"                                                           \
    "\"mappings\":{\"z\":[{\"subject\":\"y\",\"weight\":20,\"cluster\":\"c\"}],\"a\":[]},"        \
    "\"authorization\":{\"auth_users\":[\"" U_KEY "\"],\"allowed_accounts\":[\"*\"],"             \
    "\"xkey\":\"" X_KEY "\"},"                                                                    \
    "\"trace\":{\"dest\":\"td\",\"sampling\":30},\"cluster_traffic\":\"owner\","                  \
    "\"description\":\"d\",\"info_url\":\"http://h\",\"tags\":[\"t\"],"
#define FULL_USER                                                                             \
    "\"issuer_account\":\"" A_KEY "\",\"pub\":{\"allow\":[\"a\"],\"deny\":[\"d\"]},"          \
    "\"sub\":{\"allow\":[\"a q\"]},\"resp\":{\"max\":5,\"ttl\":-1},\"src\":[\"10.0.0.0/8\"]," \
    "\"times\":[{\"start\":\"08:00:00\",\"end\":\"09:00:00\"}],\"times_location\":\"UTC\","   \
    "\"subs\":1,\"data\":2,\"payload\":3,\"bearer_token\":true,\"proxy_required\":true,"      \
    "\"allowed_connection_types\":[\"MQTT\"],\"tags\":[\"x:y\"],"
#define FULL_REQUEST                                                                            \
    "\"server_id\":{\"name\":\"n\",\"host\":\"h\",\"id\":\"" N_KEY "\",\"version\":\"2\","      \
    "\"cluster\":\"c\",\"tags\":[\"t\"],\"xkey\":\"" X_KEY "\"},\"user_nkey\":\"" U_KEY "\","   \
    "\"client_info\":{\"host\":\"h\",\"id\":9,\"user\":\"u\",\"name\":\"n\",\"tags\":[\"t\"],"  \
    "\"name_tag\":\"nt\",\"kind\":\"Client\",\"type\":\"nats\",\"mqtt_id\":\"m\","              \
    "\"nonce\":\"o\"},\"connect_opts\":{\"jwt\":\"j\",\"nkey\":\"k\",\"sig\":\"s\","            \
    "\"auth_token\":\"a\",\"user\":\"u\",\"pass\":\"p\",\"name\":\"n\",\"lang\":\"l\","         \
    "\"version\":\"v\",\"protocol\":1},\"client_tls\":{\"version\":\"1.3\",\"cipher\":\"c\","   \
    "\"certs\":[\"pem\"],\"verified_chains\":[[\"a\",\"b\"],[\"c\"]]},\"request_nonce\":\"r\"," \
    "\"tags\":[\"t\"],"

// What is decoded from a payload with every field, in the order of the writer, is written as it
// was.
static void every_field_is_written(void **state NB_UNUSED)
{
    static const struct {
        enum nauth_claims_kind kind;
        const char *name;
        const char *nats;
        const char *issuer, *seed, *subject;
    } cases[] = {
        {NAUTH_CLAIMS_ACCOUNT, "account", FULL_ACCOUNT, O_KEY, O_SEED, A_KEY},
        {NAUTH_CLAIMS_USER, "user", FULL_USER, A_KEY, A_SEED, U_KEY},
        {NAUTH_CLAIMS_AUTH_REQUEST, "authorization_request", FULL_REQUEST, N_KEY, N_SEED, U_KEY},
        {NAUTH_CLAIMS_AUTH_RESPONSE, "authorization_response",
         "\"jwt\":\"j\",\"error\":\"e\",\"issuer_account\":\"" A_KEY "\",", A_KEY, A_SEED, U_KEY},
        {NAUTH_CLAIMS_ACTIVATION, "activation",
         "\"subject\":\"s\",\"kind\":\"service\",\"issuer_account\":\"" A_KEY "\",", A_KEY, A_SEED,
         ASK_KEY},
        {NAUTH_CLAIMS_OPERATOR, "operator",
         "\"signing_keys\":[\"" O_KEY "\"],\"account_server_url\":\"u\","
         "\"operator_service_urls\":[\"v\"],\"system_account\":\"" A_KEY
         "\",\"assert_server_version\":\"1.2.3\",\"strict_signing_key_usage\":true,",
         O_KEY, O_SEED, O_KEY},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        char payload[8192];
        struct nauth_claims claims;
        struct slice first;
        struct slice second;
        struct slice body;
        struct nb_buf text;

        snprintf(payload, sizeof(payload),
                 "{\"aud\":\"a\",\"exp\":1800000000,\"iat\":1700000000,\"iss\":\"%s\","
                 "\"name\":\"n\",\"nbf\":5,\"sub\":\"%s\",\"nats\":{%s\"type\":\"%s\","
                 "\"version\":2}}",
                 cases[i].issuer, cases[i].subject, cases[i].nats, cases[i].name);
        claims = claims_of(cases[i].kind, payload, cases[i].seed);
        first = encoded(&claims, cases[i].seed);
        nauth_claims_fini(&claims);
        // Apart from the id, it is the text that was there.
        nb_buf_init(&text, sizeof(payload));
        body = nb_slice_sub(first, nb_slice_find_byte(first, '.') + 1, first.n);
        body.n = nb_slice_find_byte(body, '.');
        assert_int_equal(nauth_base64url_decode(body, &text), NB_OK);
        body = nb_buf_slice(&text);
        body = nb_slice_sub(body, nb_slice_find(body, NB_SLICE("\"nats\"")), body.n);
        if (!nb_slice_is(body, strstr(payload, "\"nats\""))) {
            fail_msg("%.*s", NB_SLICE_ARGS(body));
        }
        nb_buf_fini(&text);
        assert_int_equal(nauth_jwt_decode(first, cases[i].kind, &claims, NULL), NB_OK);
        second = encoded(&claims, cases[i].seed);
        assert_true(nb_slice_equal(first, second));
        nb_slice_free(&first);
        nb_slice_free(&second);
        nauth_claims_fini(&claims);
    }
}

static void issuer_time_and_id_are_set(void **state NB_UNUSED)
{
    const struct nauth_claims built = {
        .kind = NAUTH_CLAIMS_USER,
        .subject = NB_SLICE(U_KEY),
        .issuer = NB_SLICE("someone else"),
        .name = NB_SLICE("<a&b>\xE2\x80\xA8"),
    };
    struct slice token = encoded(&built, A_SEED);
    struct nauth_claims claims;

    assert_int_equal(nauth_jwt_decode(token, NAUTH_CLAIMS_USER, &claims, NULL), NB_OK);
    assert_int_equal(claims.version, 2);
    assert_int_equal(claims.issued_at, NOW);
    assert_true(nb_slice_is(claims.issuer, A_KEY));
    assert_true(nb_slice_equal(claims.name, built.name));
    // SHA-512/256 by another implementation, of the text with escapes.
    assert_true(nb_slice_is(claims.id, "7KKIHKCQ5PRGRLQKOOSXJSRCFBQXYFYJRD7WRZGMM4NQP4Z2WPWQ"));
    nauth_claims_fini(&claims);
    nb_slice_free(&token);
}

static void signers_and_subjects_have_to_be_of_the_right_type(void **state NB_UNUSED)
{
    static const struct {
        enum nauth_claims_kind kind;
        const char *seed;
        const char *subject;
        const char *diag;
    } cases[] = {
        {NAUTH_CLAIMS_OPERATOR, A_SEED, O_KEY, "unable to validate expected prefixes - [operator]"},
        {NAUTH_CLAIMS_ACCOUNT, U_SEED, A_KEY,
         "unable to validate expected prefixes - [account operator]"},
        {NAUTH_CLAIMS_USER, O_SEED, U_KEY, "unable to validate expected prefixes - [account]"},
        {NAUTH_CLAIMS_ACTIVATION, N_SEED, A_KEY,
         "unable to validate expected prefixes - [account operator]"},
        {NAUTH_CLAIMS_AUTH_REQUEST, A_SEED, U_KEY,
         "unable to validate expected prefixes - [server]"},
        {NAUTH_CLAIMS_AUTH_RESPONSE, N_SEED, U_KEY,
         "unable to validate expected prefixes - [account]"},
        {NAUTH_CLAIMS_OPERATOR, O_SEED, A_KEY, "expected subject to be operator key"},
        {NAUTH_CLAIMS_ACCOUNT, O_SEED, O_KEY, "expected subject to be account public key"},
        {NAUTH_CLAIMS_USER, A_SEED, A_KEY, "expected subject to be user public key"},
        {NAUTH_CLAIMS_ACTIVATION, A_SEED, U_KEY, "expected subject to be account public key"},
        {NAUTH_CLAIMS_AUTH_REQUEST, N_SEED, "", "expected subject to be set"},
        {NAUTH_CLAIMS_AUTH_RESPONSE, A_SEED, "", "expected subject to be set"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        const struct nauth_claims claims = {.kind = cases[i].kind,
                                            .subject = nb_slice_of(cases[i].subject)};
        struct nauth_nkey key = key_of(cases[i].seed);
        struct nb_diag diag = {""};
        struct nb_buf out;

        nb_buf_init(&out, NAUTH_JWT_MAX_BYTES);
        assert_int_equal(nauth_jwt_encode(&claims, &key, NOW, &out, &diag), NB_EMALFORMED);
        assert_string_equal(diag.text, cases[i].diag);
        assert_int_equal(nb_buf_slice(&out).n, 0);
        nb_buf_fini(&out);
        nauth_nkey_fini(&key);
    }
}

static void what_cannot_be_written_leaves_nothing(void **state NB_UNUSED)
{
    static const struct {
        const char *generic;
        size_t room;
        int rc;
    } cases[] = {
        {"{\"a\":1}", 1000, NB_OK},  {"", 1000, NB_OK},          {"{\"a\":1}", 10, NB_ELIMIT},
        {"[]", 1000, NB_EMALFORMED}, {"{", 1000, NB_EMALFORMED},
    };
    struct nauth_nkey key = key_of(O_SEED);

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        const struct nauth_claims claims = {.kind = NAUTH_CLAIMS_GENERIC,
                                            .generic = nb_slice_of(cases[i].generic)};
        struct nb_buf out;

        nb_buf_init(&out, cases[i].room);
        assert_int_equal(nauth_jwt_encode(&claims, &key, NOW, &out, NULL), cases[i].rc);
        assert_int_equal(nb_buf_slice(&out).n > 0, cases[i].rc == NB_OK);
        nb_buf_fini(&out);
    }
    {
        struct nauth_nkey public_only = key;
        struct nauth_claims claims = {.kind = NAUTH_CLAIMS_GENERIC};
        struct nb_buf out;

        public_only.has_seed = false;
        nb_buf_init(&out, 1000);
        assert_int_equal(nauth_jwt_encode(&claims, &public_only, NOW, &out, NULL), NB_EINVALID);
        nb_buf_fini(&out);
    }
    nauth_nkey_fini(&key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_of_the_specification_are_written_again),
        cmocka_unit_test(every_field_is_written),
        cmocka_unit_test(issuer_time_and_id_are_set),
        cmocka_unit_test(signers_and_subjects_have_to_be_of_the_right_type),
        cmocka_unit_test(what_cannot_be_written_leaves_nothing),
    };
    return cmocka_run_group_tests_name("jwt_encode", tests, NULL, NULL);
}
