#include "jwt_fixture.h"
#include "odd_keys.h"

static void assert_is(struct slice text, const char *want)
{
    if (!nb_slice_is(text, want)) {
        fail_msg("got %.*s, want %s", NB_SLICE_ARGS(text), want);
    }
}

static const struct {
    const char *token;
    enum nauth_claims_kind kind;
    const char *id;
} vectors[] = {
    {JWT_OPERATOR, NAUTH_CLAIMS_OPERATOR, "KIIMP3VQX4WYXN7DVQSMSLMISZ53PXORUV5EXFZYVI23IUTEJMBA"},
    {JWT_ACCOUNT, NAUTH_CLAIMS_ACCOUNT, "IZBD5M4DHXK4EI6VJOJGOEEKSIV3LL52FXDYG4IUVWELYE3DFLZA"},
    {JWT_USER, NAUTH_CLAIMS_USER, "OSL4F2F446N6XQSPXF5FT3ZD7CLSTGCGMNKKNLAMN5Q45L4VG3XQ"},
    {JWT_SCOPED_ACCOUNT, NAUTH_CLAIMS_ACCOUNT,
     "NAJBFG7UA7KQ6MTWAAPMLTPR7EZUZV6CO3VKZRB4P5H4S43SD6LQ"},
    {JWT_SCOPED_USER, NAUTH_CLAIMS_USER, "SUNAKW6QZ4CWFT53LYEEM4GRLRDMXXH5OXWDDJLR4TTFYZSI3AIA"},
    {JWT_ACTIVATION, NAUTH_CLAIMS_ACTIVATION,
     "GOWSIWCWVZSLBF5NZP62SGWFPVBFNR7B7JKOLKQRIQUHWYQ5P6XQ"},
    {JWT_GENERIC, NAUTH_CLAIMS_GENERIC, "2CVZ527KYDKGTESR7HGCBF747LXW6JUEYVZNQ4ZHHMOB6LDRUG2A"},
    {JWT_V1_USER, NAUTH_CLAIMS_USER, "DS4YS646ZMGOSC3BYZYTNZ6BW3OIP2NVA3WEUAAMC2U6BWZXOTRA"},
};

static void tokens_of_the_specification_are_decoded(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(vectors); i++) {
        struct slice copy = nb_slice_dup(nb_slice_of(vectors[i].token));
        struct nauth_claims claims = {.kind = NAUTH_CLAIMS_GENERIC};
        struct nb_diag diag = {""};

        if (nauth_jwt_decode(copy, vectors[i].kind, &claims, &diag) < 0) {
            fail_msg("%zu: %s", i, diag.text);
        }
        nb_slice_free(&copy); // claims own their texts
        assert_int_equal(claims.kind, vectors[i].kind);
        assert_is(claims.id, vectors[i].id);
        assert_int_equal(claims.issued_at, 1700000000);
        nauth_claims_fini(&claims);
        nauth_claims_fini(&claims);
    }
}

static void the_contents_of_the_tokens_are_those_of_the_specification(void **state NB_UNUSED)
{
    struct nauth_claims claims[NB_ARRAY_LEN(vectors)];
    const struct nauth_signing_key *key;

    for (size_t i = 0; i < NB_ARRAY_LEN(vectors); i++) {
        assert_int_equal(
            nauth_jwt_decode(nb_slice_of(vectors[i].token), vectors[i].kind, &claims[i], NULL),
            NB_OK);
    }
    assert_is(claims[0].op.system_account, A_KEY);
    assert_int_equal(claims[1].account.limits.conn, -1);
    assert_true(claims[1].account.limits.wildcards);
    assert_int_equal(claims[1].account.limits.jetstream.mem_storage, 0);
    assert_int_equal(claims[2].user.limits.permissions.publish_deny.count, 1);
    assert_is(claims[2].user.limits.permissions.publish_deny.items[0], "secret.>");
    assert_int_equal(claims[3].account.signing_key_count, 1);
    key = &claims[3].account.signing_keys[0];
    assert_true(key->is_scoped);
    assert_is(key->key, ASK_KEY);
    assert_is(key->role, "r1");
    assert_is(key->scope.permissions.publish_allow.items[0], "foo.{{name()}}");
    assert_is(claims[4].user.issuer_account, A_KEY);
    assert_int_equal(claims[4].user.limits.subs, 0); // absent in version 2: nothing
    assert_false(claims[4].user.limits.has_any_list);
    assert_is(claims[5].activation.subject, "foo");
    assert_false(claims[5].activation.is_service);
    assert_is(claims[6].generic, "{\"accounts\":[\"" A_KEY "\"],\"version\":2}");
    assert_int_equal(claims[7].version, 1);
    assert_int_equal(claims[7].user.limits.subs, -1); // absent in version 1: anything
    assert_int_equal(claims[7].user.limits.payload, -1);
    for (size_t i = 0; i < NB_ARRAY_LEN(vectors); i++) {
        nauth_claims_fini(&claims[i]);
    }
}

static void assert_refused(struct slice token, enum nauth_claims_kind want, int rc,
                           const char *diag_text)
{
    struct slice copy = nb_slice_dup(token);
    struct nauth_claims untouched;
    struct nauth_claims claims;
    struct nb_diag diag = {""};
    int got;

    memset(&untouched, 0x5A, sizeof(untouched));
    memcpy(&claims, &untouched, sizeof(claims));
    got = nauth_jwt_decode(copy, want, &claims, &diag);
    if (got != rc || (diag_text != NULL && strcmp(diag.text, diag_text) != 0)) {
        fail_msg("got %d %s, want %d %s", got, diag.text, rc, diag_text);
    }
    assert_memory_equal(&claims, &untouched, sizeof(claims));
    nb_slice_free(&copy);
}

static void refused_payload(const char *payload, const char *seed, enum nauth_claims_kind want,
                            int rc, const char *diag)
{
    struct slice token = token_of(payload, seed);

    assert_refused(token, want, rc, diag);
    nb_slice_free(&token);
}

static void every_prefix_of_a_token_is_refused(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(vectors); i++) {
        struct slice whole = nb_slice_of(vectors[i].token);

        for (size_t n = 0; n < whole.n; n++) {
            struct slice copy = nb_slice_dup(nb_slice_make(whole.p, n));
            struct nauth_claims claims;

            assert_true(nauth_jwt_decode(copy, vectors[i].kind, &claims, NULL) < 0);
            nb_slice_free(&copy);
        }
    }
}

static void a_changed_token_is_refused(void **state NB_UNUSED)
{
    struct slice whole = nb_slice_of(JWT_USER);
    struct nb_buf copy;

    nb_buf_init(&copy, whole.n + 1);
    for (size_t at = 0; at < whole.n - 1; at++) { // the last character has unused bits
        struct nauth_claims claims;

        nb_buf_clear(&copy);
        nb_buf_must(&copy, nb_slice_sub(whole, 0, at));
        nb_buf_must_text(&copy, whole.p[at] == 'A' ? "B" : "A");
        nb_buf_must(&copy, nb_slice_sub(whole, at + 1, whole.n));
        assert_true(nauth_jwt_decode(nb_buf_slice(&copy), NAUTH_CLAIMS_USER, &claims, NULL) < 0);
    }
    nb_buf_fini(&copy);
    assert_refused(NB_SLICE("a.b"), NAUTH_CLAIMS_USER, NB_EMALFORMED, "expected 3 chunks");
    assert_refused(NB_SLICE("a.b.c.d"), NAUTH_CLAIMS_USER, NB_EMALFORMED, "expected 3 chunks");
    assert_refused(NB_SLICE(""), NAUTH_CLAIMS_USER, NB_EMALFORMED, "expected 3 chunks");
}

static void headers_are_checked_first(void **state NB_UNUSED)
{
    static const struct {
        const char *header;
        int rc;
        const char *diag;
    } cases[] = {
        {"{\"typ\":\"jwt\",\"alg\":\"ED25519-NKEY\"}", NB_OK, ""},
        {"{\"TYP\":\"JWT\",\"Alg\":\"ed25519\"}", NB_OK, ""},
        {"{\"typ\":\"JWT\",\"alg\":\"HS256\"}", NB_EUNSUPPORTED, "unexpected \"HS256\" algorithm"},
        {"{\"typ\":\"JWT\",\"alg\":\"none\"}", NB_EUNSUPPORTED, "unexpected \"none\" algorithm"},
        {"{\"typ\":\"JWT\"}", NB_EUNSUPPORTED, "unexpected \"\" algorithm"},
        {"{\"typ\":\"JWS\",\"alg\":\"ed25519\"}", NB_EUNSUPPORTED, "not supported type \"JWS\""},
        {"{}", NB_EUNSUPPORTED, "not supported type \"\""},
        {"[]", NB_EMALFORMED, NULL},
        {"", NB_EMALFORMED, NULL},
        {"{\"typ\":1}", NB_EMALFORMED, NULL},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct slice token = token_with_header(cases[i].header, NB_SLICE(USER_OF("")), A_SEED);
        struct nauth_claims claims = {.kind = NAUTH_CLAIMS_GENERIC};

        if (cases[i].rc == NB_OK) { // the algorithm doesn't decide what is signed: version does
            assert_int_equal(nauth_jwt_decode(token, NAUTH_CLAIMS_USER, &claims, NULL), NB_OK);
            nauth_claims_fini(&claims);
        } else {
            assert_refused(token, NAUTH_CLAIMS_USER, cases[i].rc, cases[i].diag);
        }
        nb_slice_free(&token);
    }
}

#define BODY(iss, nats) "{\"iss\":\"" iss "\",\"sub\":\"" U_KEY "\",\"nats\":{" nats "}}"

static void kind_version_and_issuer_are_checked_in_order(void **state NB_UNUSED)
{
    static const struct {
        const char *payload;
        const char *seed;
        int rc;
        const char *diag;
    } cases[] = {
        {BODY(A_KEY, "\"type\":\"user\",\"version\":3"), A_SEED, NB_EUNSUPPORTED,
         "JWT was generated by a newer version "},
        {BODY(A_KEY, "\"type\":\"user\""), A_SEED, NB_EUNSUPPORTED,
         "library supports version 2 or less - received 0"},
        {BODY(A_KEY, "\"type\":\"user\",\"version\":-1"), A_SEED, NB_EUNSUPPORTED,
         "library supports version 2 or less - received -1"},
        {BODY(A_KEY, "\"type\":\"cluster\",\"version\":2"), A_SEED, NB_EUNSUPPORTED,
         "ClusterClaims are not supported"},
        {BODY(A_KEY, "\"type\":\"server\",\"version\":2"), A_SEED, NB_EUNSUPPORTED,
         "ServerClaims are not supported"},
        {BODY(A_KEY, "\"type\":\"user\",\"version\":2"), U_SEED, NB_ECRYPTO,
         "claim failed V2 signature verification"},
        {BODY(A_KEY, "\"type\":\"user\",\"version\":1"), A_SEED, NB_ECRYPTO,
         "claim failed V1 signature verification"},
        {BODY(A_KEY, "\"type\":\"strange\",\"version\":2"), A_SEED, NB_ECRYPTO,
         "claim failed V1 signature verification"},
        {BODY("nobody", "\"type\":\"user\",\"version\":2"), A_SEED, NB_EMALFORMED,
         "nkeys: invalid encoded key"},
        {"{\"nats\":{\"type\":\"user\",\"version\":2}}", A_SEED, NB_EMALFORMED,
         "nkeys: invalid encoded key"},
        {BODY(O_KEY, "\"type\":\"user\",\"version\":2"), O_SEED, NB_EMALFORMED,
         "unable to validate expected prefixes - [account]"},
        {BODY(U_KEY, "\"type\":\"account\",\"version\":2"), U_SEED, NB_EMALFORMED,
         "unable to validate expected prefixes - [account operator]"},
        {BODY(A_KEY, "\"type\":\"operator\",\"version\":2"), A_SEED, NB_EMALFORMED,
         "unable to validate expected prefixes - [operator]"},
        {BODY(A_KEY, "\"type\":\"authorization_request\",\"version\":2"), A_SEED, NB_EMALFORMED,
         "unable to validate expected prefixes - [server]"},
        {BODY(A_KEY, "\"type\":\"account\",\"version\":2"), A_SEED, NB_EMALFORMED,
         "not user claim"},
        {"[]", A_SEED, NB_EMALFORMED, "json: cannot read array as object"},
        {"{} x", A_SEED, NB_EMALFORMED, NULL},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        refused_payload(cases[i].payload, cases[i].seed, NAUTH_CLAIMS_USER, cases[i].rc,
                        cases[i].diag);
    }
}

static void another_kind_is_named_by_what_was_wanted(void **state NB_UNUSED)
{
    static const struct {
        enum nauth_claims_kind want;
        const char *diag;
    } cases[] = {
        {NAUTH_CLAIMS_OPERATOR, "not operator claim"},
        {NAUTH_CLAIMS_ACCOUNT, "not account claim"},
        {NAUTH_CLAIMS_ACTIVATION, "not activation claim"},
        {NAUTH_CLAIMS_AUTH_REQUEST, "not an authorization request claim"},
        {NAUTH_CLAIMS_AUTH_RESPONSE, "not an authorization request claim"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        assert_refused(nb_slice_of(JWT_USER), cases[i].want, NB_EMALFORMED, cases[i].diag);
    }
    assert_refused(nb_slice_of(JWT_OPERATOR), NAUTH_CLAIMS_USER, NB_EMALFORMED, "not user claim");
}

// Security history 26-23: keys of another length, whose letter and checksum are right.
static void issuers_of_a_wrong_length_are_refused_26_23(void **state NB_UNUSED)
{
    static const size_t sizes[] = {0, 1, 31, 33};

    for (size_t i = 0; i < NB_ARRAY_LEN(sizes); i++) {
        char payload[512];
        char issuer[64] = "";

        public_key_of_size(NAUTH_NKEY_ACCOUNT, sizes[i], issuer);
        snprintf(payload, sizeof(payload),
                 "{\"iss\":\"%s\",\"sub\":\"" U_KEY
                 "\",\"nats\":{\"type\":\"user\",\"version\":2}}",
                 issuer);
        refused_payload(payload, A_SEED, NAUTH_CLAIMS_USER, NB_EMALFORMED,
                        "nkeys: invalid encoded key");
        refused_payload(payload, A_SEED, NAUTH_CLAIMS_GENERIC, NB_EMALFORMED,
                        "nkeys: invalid encoded key");
    }
}

static void sizes_are_limited(void **state NB_UNUSED)
{
    size_t n = NAUTH_JWT_MAX_BYTES + 1;
    uint8_t *text = nb_alloc(n);

    memset(text, 'A', n);
    assert_refused(nb_slice_make(text, n), NAUTH_CLAIMS_USER, NB_ELIMIT,
                   "token size 1048577 exceeds maximum of 1048576 bytes: token too large");
    assert_refused(nb_slice_make(text, n - 1), NAUTH_CLAIMS_USER, NB_EMALFORMED,
                   "expected 3 chunks");
    nb_free(text);
}

static void deep_and_wide_payloads_are_refused_or_read(void **state NB_UNUSED)
{
    struct nb_buf payload;
    struct slice token;
    struct nauth_claims claims;

    nb_buf_init(&payload, NAUTH_JWT_MAX_BYTES);
    nb_buf_must_text(&payload, "{\"iss\":\"" A_KEY "\",\"nats\":{\"a\":");
    for (int i = 0; i < 40; i++) {
        nb_buf_must_text(&payload, "[");
    }
    for (int i = 0; i < 40; i++) {
        nb_buf_must_text(&payload, "]");
    }
    nb_buf_must_text(&payload, "}}");
    token = token_with_header(V2_HEADER, nb_buf_slice(&payload), A_SEED);
    assert_refused(token, NAUTH_CLAIMS_GENERIC, NB_ELIMIT, "claims are too large");
    nb_slice_free(&token);
    nb_buf_clear(&payload);
    nb_buf_must_text(&payload,
                     "{\"iss\":\"" O_KEY "\",\"nats\":{\"type\":\"account\",\"version\":2,"
                     "\"imports\":[{}");
    for (int i = 1; i < 100 * 1000; i++) {
        nb_buf_must_text(&payload, ",{}");
    }
    nb_buf_must_text(&payload, "]}}");
    token = token_with_header(V2_HEADER, nb_buf_slice(&payload), O_SEED);
    assert_int_equal(nauth_jwt_decode(token, NAUTH_CLAIMS_ACCOUNT, &claims, NULL), NB_OK);
    assert_int_equal(claims.account.import_count, 100 * 1000);
    nauth_claims_fini(&claims);
    nb_slice_free(&token);
    nb_buf_fini(&payload);
}

static void keys_are_read_in_any_case_and_the_last_counts(void **state NB_UNUSED)
{
    struct nauth_claims claims = claims_of(
        NAUTH_CLAIMS_USER,
        "{\"ISS\":\"" A_KEY "\",\"Sub\":\"first\",\"sub\":\"" U_KEY
        "\",\"exp\":7,\"exp\":null,\"strange\":[{}],"
        "\"nats\":{\"type\":\"user\",\"version\":2,\"pub\":{\"allow\":[\"a\"]},\"SUBS\":5},"
        "\"NATS\":{\"pub\":{\"deny\":[\"b\"]},\"subs\":null,\"tags\":[\"x:1\",null]}}",
        A_SEED);

    assert_is(claims.subject, U_KEY);
    assert_int_equal(claims.expires, 7);
    assert_int_equal(claims.user.limits.subs, 5);
    assert_is(claims.user.limits.permissions.publish_allow.items[0], "a");
    assert_is(claims.user.limits.permissions.publish_deny.items[0], "b");
    assert_int_equal(claims.tags.count, 2);
    assert_is(claims.tags.items[1], "");
    nauth_claims_fini(&claims);
}

static void values_of_a_wrong_type_are_refused(void **state NB_UNUSED)
{
    static const char *const payloads[] = {
        USER_OF("\"subs\":\"1\","),
        USER_OF("\"subs\":1.5,"),
        USER_OF("\"subs\":1e3,"),
        USER_OF("\"subs\":9223372036854775808,"),
        USER_OF("\"bearer_token\":1,"),
        USER_OF("\"pub\":[],"),
        USER_OF("\"pub\":{\"allow\":{}},"),
        USER_OF("\"pub\":{\"allow\":[1]},"),
        USER_OF("\"resp\":1,"),
        USER_OF("\"src\":1,"),
        USER_OF("\"times\":{},"),
        USER_OF("\"times\":[1],"),
        USER_OF("\"issuer_account\":{},"),
        USER_OF("\"tags\":\"x\","),
        USER_OF("\"allowed_connection_types\":true,"),
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(payloads); i++) {
        refused_payload(payloads[i], A_SEED, NAUTH_CLAIMS_USER, NB_EMALFORMED, NULL);
    }
}

static void user_claims_have_all_their_fields(void **state NB_UNUSED)
{
    struct nauth_claims claims = claims_of(
        NAUTH_CLAIMS_USER,
        USER_OF("\"pub\":{\"allow\":[],\"deny\":[\"d\"]},\"sub\":{\"allow\":[]},"
                "\"resp\":{\"max\":5,\"ttl\":-1},\"src\":\"10.0.0.0/8, ::1/128,10.0.0.0/8,\","
                "\"times\":[{\"start\":\"08:00:00\",\"end\":\"09:00:00\"}],"
                "\"times_location\":\"Europe/Berlin\",\"data\":7,\"proxy_required\":true,"
                "\"bearer_token\":true,\"allowed_connection_types\":[\"MQTT\"],"
                "\"issuer_account\":\"" A_KEY "\","),
        A_SEED);
    const struct nauth_user_limits *limits = &claims.user.limits;

    assert_true(limits->permissions.has_publish_allow); // beside a deny list
    assert_false(limits->permissions.has_subscribe_allow);
    assert_true(limits->has_any_list);
    assert_true(limits->permissions.has_responses);
    assert_int_equal(limits->permissions.responses_max, 5);
    assert_int_equal(limits->permissions.responses_ttl_ns, -1);
    assert_int_equal(limits->src.count, 2);
    assert_is(limits->src.items[1], "::1/128");
    assert_int_equal(limits->time_count, 1);
    assert_is(limits->times[0].end, "09:00:00");
    assert_is(limits->times_location, "Europe/Berlin");
    assert_int_equal(limits->data, 7);
    assert_true(limits->bearer_token && limits->proxy_required);
    assert_is(limits->connection_types.items[0], "MQTT");
    nauth_claims_fini(&claims);
}

static void account_claims_have_all_their_fields(void **state NB_UNUSED)
{
    struct nauth_claims claims = claims_of(
        NAUTH_CLAIMS_ACCOUNT,
        ACCOUNT_OF(
            "\"imports\":[{\"name\":\"i\",\"subject\":\"s\",\"account\":\"" A_KEY
            "\",\"token\":\"t\",\"to\":\"o\",\"local_subject\":\"l\",\"type\":\"service\","
            "\"share\":true,\"allow_trace\":true}],"
            "\"exports\":[{\"subject\":\"e.*\",\"type\":\"service\",\"token_req\":true,"
            "\"revocations\":{\"*\":5},\"response_type\":\"Chunked\",\"response_threshold\":9,"
            "\"service_latency\":{\"sampling\":\"Headers\",\"results\":\"r\"},"
            "\"account_token_position\":2,\"advertise\":true},"
            "{\"type\":\"stream\",\"service_latency\":{\"sampling\":50}}],"
            "\"limits\":{\"subs\":1,\"disallow_bearer\":true,\"mem_storage\":3,"
            "\"tiered_limits\":{\"R1\":{\"disk_storage\":4},\"R3\":{},\"R1\":{\"streams\":6}}},"
            "\"signing_keys\":[\"" ASK_KEY "\",{\"kind\":\"user_scope\",\"key\":\"" ASK_KEY
            "\",\"role\":\"r\",\"template\":{\"payload\":8}}],"
            "\"revocations\":{\"*\":1,\"" U_KEY "\":2,\"*\":3},"
            "\"default_permissions\":{\"pub\":{\"deny\":[\"x\"]}},"
            "\"mappings\":{\"z\":[{\"subject\":\"y\",\"weight\":20,\"cluster\":\"c\"}],\"a\":[]},"
            "\"authorization\":{\"auth_users\":[\"" U_KEY "\"],\"xkey\":\"" X_KEY "\"},"
            "\"trace\":{\"dest\":\"td\",\"sampling\":30},\"cluster_traffic\":\"owner\","
            "\"description\":\"d\",\"info_url\":\"u\",\"tags\":[\"t\"],"),
        O_SEED);
    const struct nauth_account_claims *account = &claims.account;

    assert_is(account->imports[0].local_subject, "l");
    assert_true(account->imports[0].is_service && account->imports[0].share);
    assert_int_equal(account->export_count, 2);
    assert_is(account->exports[0].response_type, "Chunked");
    assert_int_equal(account->exports[0].response_threshold_ns, 9);
    assert_true(account->exports[0].has_latency);
    assert_int_equal(account->exports[0].latency_sampling, 0);
    assert_int_equal(account->exports[0].account_token_position, 2);
    assert_int_equal(account->exports[0].revocations.items[0].at, 5);
    assert_int_equal(account->exports[1].latency_sampling, 50);
    assert_int_equal(account->limits.jetstream.mem_storage, 0); // tiers are there
    assert_int_equal(account->limits.tier_count, 2);
    assert_int_equal(account->limits.tiers[0].limits.streams, 6);
    assert_int_equal(account->limits.tiers[0].limits.disk_storage, 0);
    assert_int_equal(account->signing_key_count, 1); // the last of the same key
    assert_true(account->signing_keys[0].is_scoped);
    assert_int_equal(account->signing_keys[0].scope.subs, -1);
    assert_int_equal(account->signing_keys[0].scope.payload, 8);
    assert_int_equal(account->revocations.count, 2);
    assert_int_equal(account->revocations.items[0].at, 3);
    assert_int_equal(account->default_permissions.publish_deny.count, 1);
    assert_is(account->mappings[0].subject, "z");
    assert_is(account->mappings[0].dests[0].cluster, "c");
    assert_int_equal(account->mappings[1].dest_count, 0);
    assert_is(account->authorization.xkey, X_KEY);
    assert_true(account->has_trace);
    assert_int_equal(account->trace_sampling, 30);
    assert_is(account->cluster_traffic, "owner");
    nauth_claims_fini(&claims);
}

static void strange_account_claims_are_refused(void **state NB_UNUSED)
{
    static const struct {
        const char *payload;
        const char *diag;
    } cases[] = {
        {ACCOUNT_OF("\"exports\":[{\"type\":\"x\"}],"), "unknown export type \"x\""},
        {ACCOUNT_OF("\"imports\":[{\"type\":\"x\"}],"), "unknown export type \"x\""},
        {ACCOUNT_OF("\"signing_keys\":[{\"kind\":\"x\"}],"), "unknown signing key scope \"x\""},
        {ACCOUNT_OF("\"signing_keys\":[{}],"), "unknown signing key scope \"\""},
        {ACCOUNT_OF("\"exports\":[{\"account_token_position\":-1}],"),
         "json: cannot read number as uint"},
        {ACCOUNT_OF("\"exports\":[{\"service_latency\":{\"sampling\":\"x\"}}],"),
         "unknown sampling \"x\""},
        {ACCOUNT_OF("\"mappings\":{\"a\":[{\"weight\":256}]},"),
         "json: cannot read number as uint8"},
        {ACCOUNT_OF("\"revocations\":[],"), "json: cannot read array as object"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        refused_payload(cases[i].payload, O_SEED, NAUTH_CLAIMS_ACCOUNT, NB_EMALFORMED,
                        cases[i].diag);
    }
}

static struct nauth_claims v1_claims_of(enum nauth_claims_kind kind, const char *payload,
                                        const char *seed)
{
    struct slice token = v1_token_of(payload, seed);
    struct nauth_claims claims = {.kind = NAUTH_CLAIMS_GENERIC};
    struct nb_diag diag = {""};

    if (nauth_jwt_decode(token, kind, &claims, &diag) < 0) {
        fail_msg("%s", diag.text);
    }
    nb_slice_free(&token);
    return claims;
}

// Spec 03 section 4.9.
static void claims_of_version_1_are_read_as_version_1(void **state NB_UNUSED)
{
    struct nauth_claims claims = v1_claims_of(
        NAUTH_CLAIMS_ACCOUNT,
        "{\"iss\":\"" O_KEY "\",\"sub\":\"" A_KEY "\",\"type\":\"account\",\"tags\":[\"t\"],"
        "\"nats\":{\"identity\":[{}],\"tags\":[\"no\"],\"trace\":{},\"signing_keys\":[\"" ASK_KEY
        "\"],\"limits\":{\"subs\":5,\"conn\":-1,\"mem_storage\":9,"
        "\"tiered_limits\":{\"R1\":{\"streams\":1}}}}}",
        O_SEED);

    assert_int_equal(claims.version, 1);
    assert_int_equal(claims.tags.count, 1);
    assert_is(claims.tags.items[0], "t");
    assert_is(claims.account.signing_keys[0].key, ASK_KEY);
    assert_int_equal(claims.account.limits.subs, 5);
    assert_int_equal(claims.account.limits.jetstream.mem_storage, 0);
    assert_int_equal(claims.account.limits.tier_count, 0);
    assert_false(claims.account.has_trace);
    nauth_claims_fini(&claims);

    claims = v1_claims_of(NAUTH_CLAIMS_ACTIVATION,
                          "{\"iss\":\"" ASK_KEY "\",\"sub\":\"" A_KEY
                          "\",\"type\":\"activation\",\"issuer_account\":\"" A_KEY
                          "\",\"nats\":{\"subject\":\"s\",\"type\":\"service\",\"max\":5}}",
                          ASK_SEED);
    assert_true(claims.activation.is_service);
    assert_is(claims.activation.issuer_account, A_KEY);
    nauth_claims_fini(&claims);

    claims = v1_claims_of(NAUTH_CLAIMS_USER,
                          "{\"iss\":\"" ASK_KEY "\",\"sub\":\"" U_KEY
                          "\",\"type\":\"user\",\"issuer_account\":\"" A_KEY
                          "\",\"nats\":{\"issuer_account\":\"no\",\"subs\":3,\"max\":5}}",
                          ASK_SEED);
    assert_is(claims.user.issuer_account, A_KEY);
    assert_int_equal(claims.user.limits.subs, 3);
    assert_int_equal(claims.user.limits.data, -1);
    nauth_claims_fini(&claims);

    claims = v1_claims_of(NAUTH_CLAIMS_OPERATOR,
                          "{\"iss\":\"" O_KEY "\",\"sub\":\"" O_KEY
                          "\",\"type\":\"operator\",\"nats\":{\"system_account\":\"" A_KEY
                          "\",\"strict_signing_key_usage\":true}}",
                          O_SEED);
    assert_is(claims.op.system_account, A_KEY);
    assert_false(claims.op.strict_signing_key_usage);
    nauth_claims_fini(&claims);

    claims = v1_claims_of(NAUTH_CLAIMS_GENERIC,
                          "{\"iss\":\"" O_KEY "\",\"type\":\"x\",\"tags\":[\"t\"],"
                          "\"nats\":{\"a\":1}}",
                          O_SEED);
    assert_is(claims.generic, "{\"a\":1,\"type\":\"x\",\"tags\":[\"t\"]}");
    nauth_claims_fini(&claims);
}

// What was read is shown with the version that it had.
static void read_claims_are_written_with_their_version(void **state NB_UNUSED)
{
    struct nauth_claims claims = v1_claims_of(NAUTH_CLAIMS_OPERATOR,
                                              "{\"iss\":\"" O_KEY "\",\"sub\":\"" O_KEY
                                              "\",\"name\":\"n\",\"type\":\"operator\"}",
                                              O_SEED);
    struct nb_json_writer w;
    struct nb_buf text;

    nb_buf_init(&text, 1024);
    nb_json_begin(&w, &text, NB_JSON_COMPACT);
    nauth_claims_write(&claims, &w);
    assert_int_equal(nb_json_end(&w), NB_OK);
    assert_is(nb_buf_slice(&text), "{\"iss\":\"" O_KEY "\",\"name\":\"n\",\"sub\":\"" O_KEY
                                   "\",\"nats\":{\"type\":\"operator\",\"version\":1}}");
    nb_buf_fini(&text);
    nauth_claims_fini(&claims);
}

static void version_1_is_signed_over_the_payload_alone(void **state NB_UNUSED)
{
    static const char payload[] =
        "{\"iss\":\"" A_KEY "\",\"sub\":\"" U_KEY "\",\"type\":\"user\",\"nats\":{}}";
    struct slice v2_signed = token_of(payload, A_SEED);
    struct slice v1_signed = v1_token_of(USER_OF(""), A_SEED);
    struct slice scoped = v1_token_of("{\"iss\":\"" O_KEY "\",\"type\":\"account\",\"nats\":{"
                                      "\"signing_keys\":[{\"kind\":\"user_scope\"}]}}",
                                      O_SEED);

    assert_refused(v2_signed, NAUTH_CLAIMS_USER, NB_ECRYPTO,
                   "claim failed V1 signature verification");
    assert_refused(v1_signed, NAUTH_CLAIMS_USER, NB_ECRYPTO,
                   "claim failed V2 signature verification");
    assert_refused(scoped, NAUTH_CLAIMS_ACCOUNT, NB_EMALFORMED,
                   "json: cannot read object as string");
    nb_slice_free(&v2_signed);
    nb_slice_free(&v1_signed);
    nb_slice_free(&scoped);
}

static void a_jwt_in_a_file_may_be_decorated(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        const char *want;
    } cases[] = {
        {"a.b.c", "a.b.c"},
        {"  a.b.c\r\n", "a.b.c"},
        {"-----BEGIN NATS OPERATOR JWT-----\na.b.c\n------END NATS OPERATOR JWT------\n", "a.b.c"},
        {"\r\n---x---\r\na.b.c\r\n---y---", "a.b.c"},
        {"---x---\na.b.c\n---y---\n---x---\nSUAB\n---y---\n", "a.b.c"},
        {"---x---\na b\n---y---\n---x---\nd.e.f\n---y---\n", "d.e.f"},
        {"---x---\na.b.c", "---x---\na.b.c"},
        {"", ""},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        assert_is(nauth_jwt_of_file(nb_slice_of(cases[i].text)), cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_of_the_specification_are_decoded),
        cmocka_unit_test(the_contents_of_the_tokens_are_those_of_the_specification),
        cmocka_unit_test(every_prefix_of_a_token_is_refused),
        cmocka_unit_test(a_changed_token_is_refused),
        cmocka_unit_test(headers_are_checked_first),
        cmocka_unit_test(kind_version_and_issuer_are_checked_in_order),
        cmocka_unit_test(another_kind_is_named_by_what_was_wanted),
        cmocka_unit_test(issuers_of_a_wrong_length_are_refused_26_23),
        cmocka_unit_test(sizes_are_limited),
        cmocka_unit_test(deep_and_wide_payloads_are_refused_or_read),
        cmocka_unit_test(keys_are_read_in_any_case_and_the_last_counts),
        cmocka_unit_test(values_of_a_wrong_type_are_refused),
        cmocka_unit_test(user_claims_have_all_their_fields),
        cmocka_unit_test(account_claims_have_all_their_fields),
        cmocka_unit_test(strange_account_claims_are_refused),
        cmocka_unit_test(claims_of_version_1_are_read_as_version_1),
        cmocka_unit_test(read_claims_are_written_with_their_version),
        cmocka_unit_test(version_1_is_signed_over_the_payload_alone),
        cmocka_unit_test(a_jwt_in_a_file_may_be_decorated),
    };
    return cmocka_run_group_tests_name("jwt_decode", tests, NULL, NULL);
}
