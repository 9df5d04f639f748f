#include "jwt_fixture.h"

enum { NOW = 1700000000 };

static void print_issues(const struct nauth_issues *issues)
{
    for (size_t i = 0; i < issues->count; i++) {
        print_message("  %d %.*s\n", issues->items[i].level, NB_SLICE_ARGS(issues->items[i].text));
    }
}

// Exactly one issue, or none when `want` is NULL.
static void expect_issue(const struct nauth_claims *claims, const char *name, const char *want,
                         enum nauth_issue_level level)
{
    struct nauth_issues issues = {.count = 0};
    size_t count = want != NULL ? 1 : 0;

    nauth_claims_validate(claims, NOW, &issues);
    if (issues.count != count || (count == 1 && (!nb_slice_is(issues.items[0].text, want) ||
                                                 issues.items[0].level != level))) {
        print_issues(&issues);
        fail_msg("%s: want %s", name, want != NULL ? want : "nothing");
    }
    assert_int_equal(nauth_issues_have(&issues, level), count == 1);
    nauth_issues_fini(&issues);
    nauth_issues_fini(&issues);
}

struct rule {
    const char *payload;
    const char *want;
};

static void check_rules(enum nauth_claims_kind kind, const char *seed, const struct rule *rules,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct nauth_claims claims = claims_of(kind, rules[i].payload, seed);

        expect_issue(&claims, rules[i].payload, rules[i].want, NAUTH_ISSUE_ERROR);
        nauth_claims_fini(&claims);
    }
}

static void tokens_of_the_specification_are_valid(void **state NB_UNUSED)
{
    static const struct {
        const char *token;
        enum nauth_claims_kind kind;
    } tokens[] = {
        {JWT_OPERATOR, NAUTH_CLAIMS_OPERATOR}, {JWT_ACCOUNT, NAUTH_CLAIMS_ACCOUNT},
        {JWT_USER, NAUTH_CLAIMS_USER},         {JWT_SCOPED_ACCOUNT, NAUTH_CLAIMS_ACCOUNT},
        {JWT_SCOPED_USER, NAUTH_CLAIMS_USER},  {JWT_ACTIVATION, NAUTH_CLAIMS_ACTIVATION},
        {JWT_GENERIC, NAUTH_CLAIMS_GENERIC},   {JWT_V1_USER, NAUTH_CLAIMS_USER},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(tokens); i++) {
        struct nauth_claims claims;

        assert_int_equal(
            nauth_jwt_decode(nb_slice_of(tokens[i].token), tokens[i].kind, &claims, NULL), NB_OK);
        expect_issue(&claims, tokens[i].token, NULL, NAUTH_ISSUE_WARNING);
        nauth_claims_fini(&claims);
    }
}

static void times_are_whole_seconds_and_strict(void **state NB_UNUSED)
{
    static const struct {
        int64_t expires;
        int64_t not_before;
        const char *want;
    } cases[] = {
        {0, 0, NULL},  {NOW, 0, NULL}, {NOW - 1, 0, "claim is expired"},
        {-1, 0, NULL}, {0, NOW, NULL}, {0, NOW + 1, "claim is not yet valid"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        const struct nauth_claims claims = {.kind = NAUTH_CLAIMS_GENERIC,
                                            .expires = cases[i].expires,
                                            .not_before = cases[i].not_before};
        struct nauth_issues issues = {.count = 0};

        expect_issue(&claims, "times", cases[i].want, NAUTH_ISSUE_TIME);
        nauth_claims_validate(&claims, NOW, &issues);
        assert_false(nauth_issues_have(&issues, NAUTH_ISSUE_ERROR)); // a time check blocks no more
        nauth_issues_fini(&issues);
    }
}

static void users_follow_their_rules(void **state NB_UNUSED)
{
    static const struct rule rules[] = {
        {USER_OF("\"pub\":{\"allow\":[\"a.*\"]},\"sub\":{\"allow\":[\"a q\"]},"), NULL},
        {USER_OF("\"pub\":{\"allow\":[\"\"]},"), "subject cannot be empty"},
        {USER_OF("\"pub\":{\"deny\":[\".a\"]},"), "subject \".a\" cannot start or end with a `.`"},
        {USER_OF("\"sub\":{\"allow\":[\"a.\"]},"), "subject \"a.\" cannot start or end with a `.`"},
        {USER_OF("\"sub\":{\"deny\":[\"a..b\"]},"),
         "subject \"a..b\" cannot contain consecutive `.`"},
        {USER_OF("\"pub\":{\"allow\":[\"a q\"]},"),
         "Permission Subject \"a q\" is not allowed to contain queue"},
        {USER_OF("\"sub\":{\"allow\":[\"a b c\"]},"),
         "Permission Subject \"a b c\" contains too many spaces"},
        {USER_OF("\"sub\":{\"allow\":[\"a q..q\"]},"),
         "subject \"q..q\" cannot contain consecutive `.`"},
        {USER_OF("\"src\":[\"10.0.0.0/8\",\"::1/128\"],"), NULL},
        {USER_OF("\"src\":[\"10.0.0.0\"],"), "invalid cidr \"10.0.0.0\" in user src limits"},
        {USER_OF("\"src\":\"10.0.0.0/33\","), "invalid cidr \"10.0.0.0/33\" in user src limits"},
        {USER_OF("\"times\":[{\"start\":\"08:00:00\",\"end\":\"9:00:00\"}],"), NULL},
        {USER_OF("\"times\":[{\"end\":\"09:00:00\"}],"), "time ranges start must contain a start"},
        {USER_OF("\"times\":[{\"start\":\"24:00:00\",\"end\":\"09:00:00\"}],"),
         "start in time range is invalid \"24:00:00\""},
        {USER_OF("\"times\":[{\"start\":\"09:00:00\"}],"), "time ranges end must contain an end"},
        {USER_OF("\"times\":[{\"start\":\"09:00:00\",\"end\":\"x\"}],"),
         "end in time range is invalid \"x\""},
        {USER_OF("\"times_location\":\"Europe/Berlin\","), NULL},
        {USER_OF("\"times_location\":\"../x\","),
         "could not parse iana time zone by name: unknown time zone ../x"},
        {USER_OF("\"issuer_account\":\"" A_KEY "\","), NULL},
        {USER_OF("\"issuer_account\":\"" U_KEY "\","), "account_id is not an account public key"},
    };

    check_rules(NAUTH_CLAIMS_USER, A_SEED, rules, NB_ARRAY_LEN(rules));
}

static void operators_follow_their_rules(void **state NB_UNUSED)
{
    static const struct rule rules[] = {
        {OPERATOR_OF("\"account_server_url\":\"http://x/jwt/v1\","
                     "\"operator_service_urls\":[\"nats://h:4222\",\"tls://h\",\"WSS://h\",\"\"],"
                     "\"signing_keys\":[\"" O_KEY "\"],\"assert_server_version\":\"2.11.0\","),
         NULL},
        {OPERATOR_OF("\"account_server_url\":\"x\","),
         "account server url \"x\" requires a protocol"},
        {OPERATOR_OF("\"operator_service_urls\":[\"h:1\"],"),
         "operator service url \"h:1\" requires a protocol"},
        {OPERATOR_OF("\"operator_service_urls\":[\"http://h\"],"),
         "operator service url \"http://h\" - protocol not supported (only 'nats', 'tls', 'ws', "
         "'wss' only)"},
        {OPERATOR_OF("\"operator_service_urls\":[\"nats://u:p@h\"],"),
         "operator service url \"nats://u:p@h\" - credentials are not supported"},
        {OPERATOR_OF("\"operator_service_urls\":[\"nats://h/p\"],"),
         "operator service url \"nats://h/p\" - paths are not supported"},
        {OPERATOR_OF("\"signing_keys\":[\"" A_KEY "\"],"), A_KEY " is not an operator public key"},
        {OPERATOR_OF("\"system_account\":\"" U_KEY "\","), U_KEY " is not an account public key"},
        {OPERATOR_OF("\"assert_server_version\":\"2.11\","),
         "assert server version error: asserted server version \"2.11\" must be of the form "
         "<major>.<minor>.<update>"},
        {OPERATOR_OF("\"assert_server_version\":\"2.11.0.\","),
         "assert server version error: asserted server version \"2.11.0.\" must be of the form "
         "<major>.<minor>.<update>"},
        {OPERATOR_OF("\"assert_server_version\":\"2.-1.0\","),
         "assert server version error: asserted server version \"2.-1.0\" must be of the form "
         "<major>.<minor>.<update>"},
    };

    check_rules(NAUTH_CLAIMS_OPERATOR, O_SEED, rules, NB_ARRAY_LEN(rules));
}

#define FREE_LIMITS "\"limits\":{\"imports\":-1,\"exports\":-1,\"wildcards\":true},"
#define FREE(nats) ACCOUNT_OF(FREE_LIMITS nats)
#define EXPORT_OF(fields) FREE("\"exports\":[{" fields "}],")
#define SERVICE(fields) EXPORT_OF("\"type\":\"service\"" fields)
#define STREAM(fields) EXPORT_OF("\"type\":\"stream\"" fields)
#define S_A ",\"subject\":\"a\""

static void accounts_follow_their_rules(void **state NB_UNUSED)
{
    static const struct rule rules[] = {
        {FREE("\"default_permissions\":{\"pub\":{\"allow\":[\"a q\"]}},"),
         "Permission Subject \"a q\" is not allowed to contain queue"},
        {FREE("\"signing_keys\":[\"" ASK_KEY "\"],"), NULL},
        {FREE("\"signing_keys\":[\"" U_KEY "\"],"),
         "\"" U_KEY "\" is not a valid account signing key"},
        {FREE("\"signing_keys\":[{\"kind\":\"user_scope\",\"key\":\"" U_KEY "\"}],"),
         U_KEY " is not an account public key"},
        {ACCOUNT_OF(
             "\"limits\":{\"imports\":0},\"imports\":[{\"subject\":\"a\",\"account\":\"" ASK_KEY
             "\",\"type\":\"stream\"}],"),
         "the account contains more imports than allowed by the operator"},
        {ACCOUNT_OF(
             "\"limits\":{\"exports\":0},\"exports\":[{\"subject\":\"a\",\"type\":\"stream\"}],"),
         "the account contains more exports than allowed by the operator"},
        {ACCOUNT_OF(
             "\"limits\":{\"exports\":1},\"exports\":[{\"subject\":\"*\",\"type\":\"stream\"}],"),
         "the account contains wildcard exports that are not allowed by the operator"},
        {ACCOUNT_OF(
             "\"limits\":{\"exports\":-1},\"exports\":[{\"subject\":\"*\",\"type\":\"stream\"}],"),
         NULL},
        {FREE("\"limits\":{\"tiered_limits\":{\"\":{\"streams\":1}}},"),
         "Tiered JetStream Limits can not contain a blank \"\" tier name"},
        {FREE(
             "\"mappings\":{\"a\":[{\"subject\":\"b\",\"weight\":60},{\"subject\":\"c\",\"weight\":"
             "40},{\"subject\":\"d\",\"cluster\":\"x\"}]},"),
         NULL},
        {FREE(
             "\"mappings\":{\"a\":[{\"subject\":\"b\",\"weight\":60},{\"subject\":\"c\",\"weight\":"
             "41}]},"),
         "Mapping \"a\" exceeds 100% among all of it's weighted to mappings"},
        {FREE("\"mappings\":{\"a\":[{\"subject\":\"b\",\"cluster\":\"x\"},{\"subject\":\"c\","
              "\"cluster\":\"x\",\"weight\":1}]},"),
         "Mapping \"a\" in cluster \"x\" exceeds 100% among all of it's weighted to mappings"},
        {FREE("\"mappings\":{\"a..b\":[]},"), "subject \"a..b\" cannot contain consecutive `.`"},
        {FREE("\"mappings\":{\"a\":[{\"subject\":\"\"}]},"), "subject cannot be empty"},
        {FREE("\"authorization\":{\"auth_users\":[\"" U_KEY "\"],\"allowed_accounts\":[\"*\"],"
              "\"xkey\":\"" X_KEY "\"},"),
         NULL},
        {FREE("\"authorization\":{\"allowed_accounts\":[\"*\"]},"),
         "External authorization cannot have accounts without users specified"},
        {FREE("\"authorization\":{\"auth_users\":[\"" A_KEY "\"]},"),
         "AuthUser \"" A_KEY "\" is not a valid user public key"},
        {FREE("\"authorization\":{\"auth_users\":[\"" U_KEY
              "\"],\"allowed_accounts\":[\"*\",\"" A_KEY "\"]},"),
         "AllowedAccounts can only be a list of accounts or \"*\""},
        {FREE("\"authorization\":{\"auth_users\":[\"" U_KEY "\"],\"allowed_accounts\":[\"x\"]},"),
         "Account \"x\" is not a valid account public key"},
        {FREE("\"authorization\":{\"xkey\":\"" U_KEY "\"},"),
         "XKey \"" U_KEY "\" is not a valid public xkey"},
        {FREE("\"trace\":{\"dest\":\"a\"},"), NULL},
        {FREE("\"trace\":{},"), "the account Trace.Destination subject cannot be empty"},
        {FREE("\"trace\":{\"dest\":\"a.*\"},"),
         "the account Trace.Destination subject \"a.*\" is not a valid publish subject"},
        {FREE("\"trace\":{\"dest\":\"a\",\"sampling\":101},"),
         "the account Trace.Sampling value '101' is not valid, should be in the range [1..100]"},
        {FREE("\"cluster_traffic\":\"system\","), NULL},
        {FREE("\"cluster_traffic\":\"x\","), "unknown cluster traffic option: \"x\""},
        {FREE("\"info_url\":\"x\","), "error parsing info url: no hostname or scheme"},
    };

    check_rules(NAUTH_CLAIMS_ACCOUNT, O_SEED, rules, NB_ARRAY_LEN(rules));
}

static void exports_follow_their_rules(void **state NB_UNUSED)
{
    static const struct rule rules[] = {
        {SERVICE(S_A ",\"response_type\":\"Stream\",\"response_threshold\":5,\"allow_trace\":true,"
                     "\"service_latency\":{\"sampling\":100,\"results\":\"r\"}"),
         NULL},
        {EXPORT_OF("\"subject\":\"a\""), "invalid export type: \"unknown\""},
        {STREAM(""), "subject cannot be empty"},
        {SERVICE(S_A ",\"response_type\":\"stream\""),
         "invalid response type for service: \"stream\""},
        {STREAM(S_A ",\"response_type\":\"Stream\""),
         "invalid response type for stream: \"Stream\""},
        {STREAM(S_A ",\"allow_trace\":true"), "AllowTrace only valid for service export"},
        {STREAM(S_A ",\"service_latency\":{\"sampling\":1,\"results\":\"r\"}"),
         "latency tracking only permitted for services"},
        {SERVICE(S_A ",\"service_latency\":{\"sampling\":101,\"results\":\"r\"}"),
         "sampling percentage needs to be between 1-100"},
        {SERVICE(S_A ",\"service_latency\":{\"sampling\":-1,\"results\":\"r\"}"),
         "sampling percentage needs to be between 1-100"},
        {SERVICE(S_A ",\"service_latency\":{\"sampling\":1,\"results\":\"r.*\"}"),
         "results subject can not contain wildcards"},
        {SERVICE(S_A ",\"response_threshold\":-1"), "negative response threshold is invalid"},
        {STREAM(S_A ",\"response_threshold\":1"), "response threshold only valid for services"},
        {STREAM(",\"subject\":\"a.*\",\"account_token_position\":2"), NULL},
        {STREAM(S_A ",\"account_token_position\":1"),
         "Account Token Position can only be used with wildcard subjects: a"},
        {STREAM(",\"subject\":\"a.*\",\"account_token_position\":3"),
         "Account Token Position 3 exceeds length of subject 'a.*'"},
        {STREAM(",\"subject\":\"a.*\",\"account_token_position\":1"),
         "Account Token Position 1 matches 'a' but must match a * in: a.*"},
        {FREE("\"exports\":[{\"type\":\"stream\",\"subject\":\"a.*\"},{\"type\":\"service\","
              "\"subject\":\"a.b\"}],"),
         NULL},
        {FREE("\"exports\":[{\"type\":\"stream\",\"subject\":\"a.*\"},{\"type\":\"stream\","
              "\"subject\":\"a.b\"}],"),
         "stream export subject \"a.*\" already exports \"a.b\""},
        {FREE("\"exports\":[{\"type\":\"service\",\"subject\":\"a.>\"},{\"type\":\"service\","
              "\"subject\":\"a.*.c\"}],"),
         "service export subject \"a.>\" already exports \"a.*.c\""},
        {FREE("\"exports\":[{\"type\":\"service\",\"subject\":\"a.*.c\"},{\"type\":\"service\","
              "\"subject\":\"*.b.c\"}],"),
         NULL},
    };

    check_rules(NAUTH_CLAIMS_ACCOUNT, O_SEED, rules, NB_ARRAY_LEN(rules));
}

#define IMPORT_OF(fields) FREE("\"imports\":[{" fields "}],")
#define FROM ",\"account\":\"" ASK_KEY "\""
#define IS(subject, local) \
    "\"type\":\"service\",\"subject\":\"" subject "\",\"local_subject\":\"" local "\"" FROM

static void imports_follow_their_rules(void **state NB_UNUSED)
{
    static const struct rule rules[] = {
        {IMPORT_OF("\"type\":\"stream\",\"subject\":\"a\",\"allow_trace\":true" FROM), NULL},
        {IMPORT_OF("\"subject\":\"a\"" FROM), "invalid import type: \"unknown\""},
        {IMPORT_OF("\"type\":\"service\",\"subject\":\"a\",\"allow_trace\":true" FROM),
         "AllowTrace only valid for stream import"},
        {IMPORT_OF("\"type\":\"service\",\"subject\":\"a\""),
         "account to import from is not specified"},
        {IMPORT_OF("\"type\":\"stream\",\"subject\":\"a\",\"share\":true" FROM),
         "sharing information (for latency tracking) is only valid for services: \"a\""},
        {IMPORT_OF("\"type\":\"stream\",\"subject\":\"a\",\"token\":\"x\"" FROM),
         "import \"a\" contains an invalid activation token"},
        {IMPORT_OF(IS("a.*.*", "b.$2.$1")), NULL},
        {IMPORT_OF(IS("a.*.>", "b.*.>")), NULL},
        {IMPORT_OF(IS("a.>", "b")),
         "both, renaming subject and subject, need to end or not end in >"},
        {IMPORT_OF(IS("a.*.*", "b.*")),
         "subject does not contain enough * or reference wildcards $[0-9]"},
        {IMPORT_OF(IS("a", "b.$2")),
         "Reference $2 in \"b.$2\" reference * in \"a\" that do not exist"},
        {FREE("\"imports\":[{" IS("a.*", "b.$1") "},{" IS("c", "b.c") "}],"),
         "overlapping subject namespace for \"b.c\" and \"b.*\" in same account \"" ASK_KEY "\""},
        {FREE("\"imports\":[{" IS("a.*", "*.b") "},{" IS("c", "d.e") "},{" IS("f", "d.b") "}],"),
         "overlapping subject namespace for \"d.b\" and \"*.b\" in same account \"" ASK_KEY "\""},
        {FREE("\"imports\":[{" IS("c", "b") "},{" IS("d", "bb") "},{" IS("e", "b.b") "}],"), NULL},
        {FREE("\"imports\":[{" IS("c", "b.x") "},{" IS("d", "a") "},{" IS("e.*", "b.*") "}],"),
         "overlapping subject namespace for \"b.*\" and \"b.x\" in same account \"" ASK_KEY "\""},
        {FREE("\"imports\":[{" IS("a", "b") "},{\"type\":\"service\",\"subject\":\"b\",\"account\":"
                                            "\"" A_KEY "\"}],"),
         NULL},
        {FREE("\"imports\":[{\"type\":\"stream\",\"subject\":\"a\"" FROM
              "},{\"type\":\"stream\",\"subject\":\"a\"" FROM "}],"),
         NULL},
    };

    check_rules(NAUTH_CLAIMS_ACCOUNT, O_SEED, rules, NB_ARRAY_LEN(rules));
}

// The first issue of an account that shares x.*.0, x.*.1 and so on, and one more; owned.
static struct slice told_of_many(const char *field, const char *type, const char *more)
{
    struct nauth_issues issues = {.count = 0};
    struct nauth_claims claims;
    struct slice told = {NULL, 0};
    struct nb_buf shares, payload;

    nb_buf_init(&shares, SIZE_MAX);
    nb_buf_init(&payload, SIZE_MAX);
    for (int i = 0; i < 200; i++) {
        nb_buf_must_format(&shares, "{\"type\":\"%s\",\"subject\":\"x.*.%d\"" FROM "},", type, i);
    }
    nb_buf_must_format(&shares, "{\"type\":\"%s\",\"subject\":\"%s\"" FROM "}", type, more);
    nb_buf_must_format(&payload, FREE("\"%s\":[%.*s],"), field,
                       NB_SLICE_ARGS(nb_buf_slice(&shares)));
    nb_buf_must(&payload, nb_slice_make("", 1));
    claims = claims_of(NAUTH_CLAIMS_ACCOUNT, (const char *)nb_buf_slice(&payload).p, O_SEED);
    nauth_claims_validate(&claims, NOW, &issues);
    if (issues.count > 0) {
        told = nb_slice_dup(issues.items[0].text);
    }
    nauth_issues_fini(&issues);
    nauth_claims_fini(&claims);
    nb_buf_fini(&payload);
    nb_buf_fini(&shares);
    return told;
}

// With many an index says what to compare.
static void many_shares_follow_the_rules_of_few(void **state NB_UNUSED)
{
    static const struct {
        const char *more;
        const char *want; // of exports and imports, one after the other
    } cases[] = {
        {"x.*.none", "\n"},
        {"x.*.7", "stream export subject \"x.*.7\" already exports \"x.*.7\"\n"
                  "overlapping subject namespace for \"x.*.7\" and \"x.*.7\" in same account "
                  "\"" ASK_KEY "\""},
        {"x.a.7", "stream export subject \"x.*.7\" already exports \"x.a.7\"\n"
                  "overlapping subject namespace for \"x.a.7\" and \"x.*.7\" in same account "
                  "\"" ASK_KEY "\""},
        {"*.*.7", "stream export subject \"*.*.7\" already exports \"x.*.7\"\n"
                  "overlapping subject namespace for \"*.*.7\" and \"x.*.7\" in same account "
                  "\"" ASK_KEY "\""},
        {"x.*.*", "stream export subject \"x.*.*\" already exports \"x.*.0\"\n"
                  "overlapping subject namespace for \"x.*.*\" and \"x.*.0\" in same account "
                  "\"" ASK_KEY "\""},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct slice exports_told = told_of_many("exports", "stream", cases[i].more);
        struct slice imports_told = told_of_many("imports", "service", cases[i].more);
        struct nb_buf told;

        nb_buf_init(&told, SIZE_MAX);
        nb_buf_must(&told, exports_told);
        nb_buf_must_text(&told, "\n");
        nb_buf_must(&told, imports_told);
        if (!nb_slice_is(nb_buf_slice(&told), cases[i].want)) {
            fail_msg("%s: told %.*s", cases[i].more, NB_SLICE_ARGS(nb_buf_slice(&told)));
        }
        nb_buf_fini(&told);
        nb_slice_free(&exports_told);
        nb_slice_free(&imports_told);
    }
}

static void deprecated_fields_are_warned_of(void **state NB_UNUSED)
{
    struct nauth_claims claims =
        claims_of(NAUTH_CLAIMS_ACCOUNT,
                  IMPORT_OF("\"type\":\"stream\",\"subject\":\"a\",\"to\":\"b\"" FROM), O_SEED);
    struct nauth_issues issues = {.count = 0};

    expect_issue(&claims, "to", "the field to has been deprecated (use LocalSubject instead)",
                 NAUTH_ISSUE_WARNING);
    nauth_claims_fini(&claims);
    claims = claims_of(NAUTH_CLAIMS_ACCOUNT,
                       IMPORT_OF("\"type\":\"stream\",\"subject\":\"a\",\"to\":\"b\","
                                 "\"local_subject\":\"c\"" FROM),
                       O_SEED);
    nauth_claims_validate(&claims, NOW, &issues);
    assert_int_equal(issues.count, 2);
    assert_true(nb_slice_is(issues.items[1].text, "Local Subject replaces To"));
    nauth_issues_fini(&issues);
    nauth_claims_fini(&claims);
}

static void accounts_that_sign_for_themselves_should_have_no_limits(void **state NB_UNUSED)
{
    struct nauth_claims claims =
        claims_of(NAUTH_CLAIMS_ACCOUNT,
                  "{\"iss\":\"" A_KEY "\",\"sub\":\"" A_KEY
                  "\",\"nats\":{\"limits\":{\"conn\":1},\"type\":\"account\",\"version\":2}}",
                  A_SEED);

    expect_issue(&claims, "limits", "self-signed account JWTs shouldn't contain operator limits",
                 NAUTH_ISSUE_WARNING);
    nauth_claims_fini(&claims);
}

static void flat_and_tiered_limits_exclude_each_other(void **state NB_UNUSED)
{
    static const struct nauth_tier tier = {.name = {(const uint8_t *)"R1", 2}};
    const struct nauth_claims claims = {
        .kind = NAUTH_CLAIMS_ACCOUNT,
        .account = {.limits = {.jetstream = {.streams = 1}, .tiers = &tier, .tier_count = 1}}};

    expect_issue(&claims, "tiers",
                 "JetStream Limits and tiered JetStream Limits are mutually exclusive",
                 NAUTH_ISSUE_ERROR);
}

#define RESPONSE_OF(sub, aud, nats)                                                  \
    "{\"iss\":\"" A_KEY "\",\"sub\":\"" sub "\",\"aud\":\"" aud "\",\"nats\":{" nats \
    "\"type\":\"authorization_response\",\"version\":2}}"

static void auth_responses_follow_their_rules(void **state NB_UNUSED)
{
    static const struct rule rules[] = {
        {RESPONSE_OF(U_KEY, N_KEY, "\"jwt\":\"x\","), NULL},
        {RESPONSE_OF(A_KEY, N_KEY, "\"error\":\"x\","), "Subject must be a user public key"},
        {RESPONSE_OF(U_KEY, U_KEY, "\"error\":\"x\","), "Audience must be a server public key"},
        {RESPONSE_OF(U_KEY, N_KEY, ""), "Error or Jwt is required"},
        {RESPONSE_OF(U_KEY, N_KEY, "\"error\":\"x\",\"jwt\":\"y\","),
         "Only Error or Jwt can be set"},
        {RESPONSE_OF(U_KEY, N_KEY, "\"jwt\":\"y\",\"issuer_account\":\"x\","),
         "issuer_account is not an account public key"},
    };

    check_rules(NAUTH_CLAIMS_AUTH_RESPONSE, A_SEED, rules, NB_ARRAY_LEN(rules));
}

// Security history 2021-02: a token is bound to who exports, who imports, what and how.
static void activation_tokens_are_bound_to_their_import_2021_02(void **state NB_UNUSED)
{
    static const struct {
        const char *account; // exporter
        const char *importer;
        const char *subject;
        bool is_service;
        const char *want;
    } cases[] = {
        {A_KEY, ASK_KEY, "foo", false, NULL},
        {U_KEY, ASK_KEY, "foo", false, "activation token doesn't match account for import \"foo\""},
        {A_KEY, A_KEY, "foo", false,
         "activation token doesn't match account it is being included in, \"foo\""},
        {A_KEY, ASK_KEY, "foo", true,
         "mismatch between token import type stream and type of import service"},
        {A_KEY, ASK_KEY, "bar", false,
         "activation token import subject \"foo\" doesn't match import \"bar\""},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        const struct nauth_import_claims import = {
            .account = nb_slice_of(cases[i].account),
            .subject = nb_slice_of(cases[i].subject),
            .is_service = cases[i].is_service,
            .token = nb_slice_of(JWT_ACTIVATION),
        };
        struct nauth_issues issues = {.count = 0};

        nauth_import_validate_token(&import, nb_slice_of(cases[i].importer), &issues);
        assert_int_equal(issues.count, cases[i].want != NULL);
        if (issues.count > 0 && !nb_slice_is(issues.items[0].text, cases[i].want)) {
            print_issues(&issues);
            fail_msg("want %s", cases[i].want);
        }
        nauth_issues_fini(&issues);
    }
}

static void issues_are_limited_but_no_error_is_lost(void **state NB_UNUSED)
{
    struct nauth_issues issues = {.count = 0};
    struct nauth_claims claims;
    struct nb_buf payload;
    struct slice token;

    nb_buf_init(&payload, NAUTH_JWT_MAX_BYTES);
    nb_buf_must_text(&payload,
                     "{\"iss\":\"" O_KEY "\",\"nats\":{\"type\":\"account\",\"version\":2,"
                     "\"limits\":{\"imports\":-1},\"imports\":[{\"type\":\"x\"}");
    payload.n -= sizeof("{\"type\":\"x\"}") - 1;
    for (int i = 0; i < 3000; i++) { // each with a warning alone
        nb_buf_must_format(
            &payload, "%s{\"type\":\"stream\",\"subject\":\"s%d\",\"to\":\"t\",\"account\":\"x\"}",
            i > 0 ? "," : "", i);
    }
    nb_buf_must_text(&payload, ",{\"type\":\"stream\",\"subject\":\"s\"}]}}");
    token = token_with_header(V2_HEADER, nb_buf_slice(&payload), O_SEED);
    assert_int_equal(nauth_jwt_decode(token, NAUTH_CLAIMS_ACCOUNT, &claims, NULL), NB_OK);
    nauth_claims_validate(&claims, NOW, &issues);
    assert_int_equal(issues.count, 1001);
    assert_true(nauth_issues_have(&issues, NAUTH_ISSUE_ERROR));
    nauth_issues_fini(&issues);
    nauth_claims_fini(&claims);
    nb_slice_free(&token);
    nb_buf_fini(&payload);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_of_the_specification_are_valid),
        cmocka_unit_test(times_are_whole_seconds_and_strict),
        cmocka_unit_test(users_follow_their_rules),
        cmocka_unit_test(operators_follow_their_rules),
        cmocka_unit_test(accounts_follow_their_rules),
        cmocka_unit_test(exports_follow_their_rules),
        cmocka_unit_test(imports_follow_their_rules),
        cmocka_unit_test(many_shares_follow_the_rules_of_few),
        cmocka_unit_test(deprecated_fields_are_warned_of),
        cmocka_unit_test(accounts_that_sign_for_themselves_should_have_no_limits),
        cmocka_unit_test(flat_and_tiered_limits_exclude_each_other),
        cmocka_unit_test(auth_responses_follow_their_rules),
        cmocka_unit_test(activation_tokens_are_bound_to_their_import_2021_02),
        cmocka_unit_test(issues_are_limited_but_no_error_is_lost),
    };
    return cmocka_run_group_tests_name("validate", tests, NULL, NULL);
}
