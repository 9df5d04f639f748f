/* Operators, their accounts' JWTs, resolvers and trusted proxies: read, and judged at start. */
#include "options_fixture.h"

#include <natsd/jwt.h>

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define USER_NKEY "UDK7TL55MPXHPK7UIDK6LB2S72OZVRJIIRKSOK7DFNQG3R2GNTJJ6UNK"
#define OPERATOR_NKEY "OCROJG75MJIR32AJEILVXOLDD5HQ3ASRSSAEWQTJKZ76XCBGGDW6DQBE"
#define ACCOUNT_NKEY "AB3WI33M7VZAPNHQSVL554IPUDVS7GRG7XVJBA5WCFXNHRQGCZXMDNRF"
#define OTHER_ACCOUNT_NKEY "ACYWLCOQADEEUSEJZPSMGVZ6ML2F7J5MKNAMEN7D5V6R25N63BKQOEZB"

enum {
    TEXT_MAX_BYTES = 16 * 1024,
};

/* JWTs, all signed by keys of this test. */

static const uint8_t operator_seed[NAUTH_NKEY_RAW_BYTES] = {1};
static const uint8_t account_seed[NAUTH_NKEY_RAW_BYTES] = {2};
static const uint8_t user_seed[NAUTH_NKEY_RAW_BYTES] = {3};

struct names {
    char operator[NAUTH_NKEY_PUBLIC_TEXT_BYTES + 1];
    char account[NAUTH_NKEY_PUBLIC_TEXT_BYTES + 1];
    char user[NAUTH_NKEY_PUBLIC_TEXT_BYTES + 1];
};

static struct nauth_nkey key_of(enum nauth_nkey_type type, const uint8_t *seed)
{
    struct nauth_nkey key;

    assert_int_equal(nauth_nkey_create_from(type, seed, &key), NB_OK);
    return key;
}

static struct names names_of(void)
{
    struct names names;
    struct nauth_nkey key = key_of(NAUTH_NKEY_OPERATOR, operator_seed);

    nauth_nkey_public_text(&key, names.operator);
    key = key_of(NAUTH_NKEY_ACCOUNT, account_seed);
    nauth_nkey_public_text(&key, names.account);
    key = key_of(NAUTH_NKEY_USER, user_seed);
    nauth_nkey_public_text(&key, names.user);
    return names;
}

// Owned by the caller.
static char *jwt_of(const struct nauth_claims *claims, enum nauth_nkey_type issuer,
                    const uint8_t *seed)
{
    struct nauth_nkey key = key_of(issuer, seed);
    struct nb_diag diag = {0};
    struct nb_buf text;
    char *jwt;

    nb_buf_init(&text, NAUTH_JWT_MAX_BYTES);
    if (nauth_jwt_encode(claims, &key, 1700000000, &text, &diag) != NB_OK) {
        fail_msg("%s", diag.text);
    }
    jwt = nb_slice_cstr(nb_buf_slice(&text));
    nb_buf_fini(&text);
    return jwt;
}

static char *operator_jwt(struct nauth_operator_claims claims)
{
    const struct names names = names_of();
    const struct nauth_claims whole = {
        .kind = NAUTH_CLAIMS_OPERATOR,
        .subject = nb_slice_of(names.operator),
        .op = claims,
    };

    return jwt_of(&whole, NAUTH_NKEY_OPERATOR, operator_seed);
}

static char *account_jwt(void)
{
    const struct names names = names_of();
    const struct nauth_claims whole = {
        .kind = NAUTH_CLAIMS_ACCOUNT,
        .subject = nb_slice_of(names.account),
    };

    return jwt_of(&whole, NAUTH_NKEY_OPERATOR, operator_seed);
}

static char *user_jwt(struct nauth_user_claims claims)
{
    const struct names names = names_of();
    const struct nauth_claims whole = {
        .kind = NAUTH_CLAIMS_USER,
        .subject = nb_slice_of(names.user),
        .user = claims,
    };

    return jwt_of(&whole, NAUTH_NKEY_ACCOUNT, account_seed);
}

/* Reading. */

static void an_operator_is_a_file_or_a_jwt(void **state NB_UNUSED)
{
    char path[] = "/tmp/natsd-operator-XXXXXX";
    int fd = mkstemp(path);
    char *jwt = operator_jwt((struct nauth_operator_claims){0});
    char text[TEXT_MAX_BYTES];
    struct nserver_options o;

    assert_true(fd >= 0);
    snprintf(text, sizeof(text),
             "-----BEGIN NATS OPERATOR JWT-----\n%s\n------END NATS OPERATOR JWT------\n", jwt);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(close(fd), 0);
    snprintf(text, sizeof(text), "operators: [ '%s', '%s' ]", path, jwt);
    o = read_good(text);
    assert_int_equal(o.operators.jwt_count, 2);
    assert_string_equal(o.operators.jwts[0], jwt);
    assert_string_equal(o.operators.jwts[1], jwt);
    nserver_options_fini(&o);
    assert_int_equal(unlink(path), 0);
    nb_free(jwt);
}

static void the_only_operator_says_where_accounts_come_from(void **state NB_UNUSED)
{
    static const struct {
        const char *more;
        enum nserver_resolver_kind kind;
        const char *url;
        const char *system_account;
    } cases[] = {
        {"", NSERVER_RESOLVER_URL, "http://x/jwt/accounts/", ACCOUNT_NKEY},
        {"\nresolver: MEM\nsystem_account: X", NSERVER_RESOLVER_MEMORY, NULL, "X"},
    };
    char *jwt = operator_jwt((struct nauth_operator_claims){
        .account_server_url = NB_SLICE("http://x/jwt/"),
        .system_account = NB_SLICE(ACCOUNT_NKEY),
    });
    char text[TEXT_MAX_BYTES];

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nserver_options o;

        snprintf(text, sizeof(text), "operator: %s%s", jwt, cases[i].more);
        o = read_good(text);
        assert_int_equal(o.operators.resolver.kind, cases[i].kind);
        if (cases[i].url != NULL) {
            assert_string_equal(o.operators.resolver.url, cases[i].url);
        }
        assert_string_equal(o.system_account, cases[i].system_account);
        nserver_options_fini(&o);
    }
    snprintf(text, sizeof(text), "operator: [ %s, %s ]", jwt, jwt);
    struct nserver_options two = read_good(text);
    assert_int_equal(two.operators.resolver.kind, NSERVER_RESOLVER_NONE);
    assert_null(two.system_account);
    nserver_options_fini(&two);
    nb_free(jwt);
}

static void keys_and_preloads_are_lists_and_maps(void **state NB_UNUSED)
{
    char *jwt = account_jwt();
    char text[TEXT_MAX_BYTES];
    struct nserver_options o;

    snprintf(text, sizeof(text),
             "trusted_keys: " OPERATOR_NKEY "\nresolver_preload { A: %s }\n"
             "resolver_pinned_accounts: [x, y]\ndefault_sentinel: s",
             jwt);
    o = read_good(text);
    assert_int_equal(o.operators.trusted_key_count, 1);
    assert_string_equal(o.operators.trusted_keys[0], OPERATOR_NKEY);
    assert_int_equal(o.operators.preload_count, 1);
    assert_string_equal(o.operators.preloads[0].key, "A");
    assert_string_equal(o.operators.preloads[0].value, jwt);
    assert_int_equal(o.operators.pinned_account_count, 2);
    assert_string_equal(o.operators.default_sentinel, "s");
    nserver_options_fini(&o);
    nb_free(jwt);
}

static void faults_stand_where_the_reference_puts_them(void **state NB_UNUSED)
{
    static const struct refusal cases[] = {
        {"operator: /nonexistent", "f.conf:1:0: error parsing operator JWT: open /nonexistent: no "
                                   "such file or directory\n"},
        {"operator: eyJx", "f.conf:1:0: error parsing operator JWT: expected 3 chunks\n"},
        {"operator: 5", "f.conf:1:0: error parsing operators: unsupported type integer\n"},
        {"operator: [5 , x ]", "f.conf:1:0: error parsing operators: unsupported type integer "
                               "where string is expected\n"},
        {"trusted: 5", "f.conf:1:0: error parsing trusted: unsupported type integer\n"},
        {"trusted: [5 ]",
         "f.conf:1:10: error parsing trusted: unsupported type in array integer\n"},
        {"trusted_keys: " ACCOUNT_NKEY, "f.conf:1:0: trust key \"" ACCOUNT_NKEY
                                        "\" required to be a valid public operator nkey\n"},
        {"resolver_preload: x",
         "f.conf:1:0: preload should be a map of account_public_key:account_jwt\n"},
        {"resolver_preload { A: x, B: 5 }",
         "f.conf:1:19: invalid account JWT\n"
         "f.conf:1:25: preload map value should be a string JWT\n"},
        {"resolver_pinned_accounts: 5",
         "f.conf:1:0: error parsing resolver_pinned_accounts: unsupported type integer\n"},
        {"default_sentinel: 5", "f.conf:1:0: expected string, got integer\n"},
        {"proxies: x", "f.conf:1:0: expected proxies to be a map/struct, got string\n"},
        {"proxies {foo: 1, trusted: x}",
         "f.conf:1:9: unknown field \"foo\"\n"
         "f.conf:1:17: expected proxies' trusted field to be an array, got string\n"},
        {"proxies {trusted: [x, {key: y, bar: 1}, {public_key: ''}]}",
         "f.conf:1:19: expected proxies' trusted entry to be a map/struct, got string\n"
         "f.conf:1:23: invalid proxy key \"y\"\n"
         "f.conf:1:31: unknown field \"bar\"\n"
         "f.conf:1:41: invalid proxy key \"\"\n"},
    };

    expect_refusals(cases, NB_ARRAY_LEN(cases));
}

static void proxies_are_any_public_keys(void **state NB_UNUSED)
{
    struct nserver_options o =
        read_good("proxies {trusted: [{key: " USER_NKEY "}, {public_key: " ACCOUNT_NKEY "}]}");

    assert_int_equal(o.trusted_proxy_count, 2);
    assert_string_equal(o.trusted_proxies[1], ACCOUNT_NKEY);
    nserver_options_fini(&o);
}

/* Resolvers. */

static void a_resolver_is_memory_a_url_or_a_directory(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        enum nserver_resolver_kind kind;
        const char *url;
    } cases[] = {
        {"resolver: MEM", NSERVER_RESOLVER_MEMORY, NULL},
        {"account_resolver: Memory", NSERVER_RESOLVER_MEMORY, NULL},
        {"resolver: 'URL(http://mem.x/)'", NSERVER_RESOLVER_MEMORY, NULL}, // as the reference
        {"accounts_resolver: 'URL(http://a/b)'", NSERVER_RESOLVER_URL, "http://a/b/"},
        {"resolver: 'x url( \"http://a/b/\" ) y'", NSERVER_RESOLVER_URL, "http://a/b/"},
        {"resolver {type: MEM, limit: 5, ttl: '1s'}", NSERVER_RESOLVER_MEMORY, NULL},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nserver_options o = read_good(cases[i].text);

        assert_int_equal(o.operators.resolver.kind, cases[i].kind);
        if (cases[i].url != NULL) {
            assert_string_equal(o.operators.resolver.url, cases[i].url);
        }
        nserver_options_fini(&o);
    }
}

static void a_directory_is_made_with_all_above_it(void **state NB_UNUSED)
{
    char base[] = "/tmp/natsd-resolver-XXXXXX";
    char text[256];
    char path[64];
    struct stat status;
    struct nserver_options o;

    assert_non_null(mkdtemp(base));
    snprintf(path, sizeof(path), "%s/a/b", base);
    snprintf(text, sizeof(text),
             "resolver {type: full, dir: '%s', limit: 7, allow_delete: true, hard_delete: true\n"
             " interval: '5s', timeout: '3s', foo: bar}",
             path);
    o = read_good(text);
    assert_int_equal(o.operators.resolver.kind, NSERVER_RESOLVER_FULL);
    assert_string_equal(o.operators.resolver.dir, path);
    assert_int_equal(o.operators.resolver.limit, 7);
    assert_true(o.operators.resolver.hard_delete);
    assert_int_equal(o.operators.resolver.interval_ns, INT64_C(5000000000));
    assert_int_equal(o.operators.resolver.timeout_ns, INT64_C(3000000000));
    nserver_options_fini(&o);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    assert_int_equal(rmdir(path), 0);
    snprintf(path, sizeof(path), "%s/a", base);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(base), 0);
}

static void faults_of_resolvers_stand_at_the_resolver(void **state NB_UNUSED)
{
#define UNUSABLE                                                                           \
    "f.conf:1:0: error parsing account resolver, should be MEM or  URL(\"url\") or a map " \
    "containing dir and type state=[FULL|CACHE])\n"
    static const struct refusal cases[] = {
        {"resolver: x", UNUSABLE},
        {"resolver: 'URL(http://a'", UNUSABLE},
        {"resolver {}", UNUSABLE},
        {"resolver {type: x}", UNUSABLE},
        {"resolver {type: x, dir: a}", UNUSABLE},
        {"resolver {type: x, dir: 5}", "f.conf:1:19: expected string, got integer\n"},
        {"resolver {ttl: x}", "f.conf:1:0: time: invalid duration \"x\"\n"},
        {"resolver {type: 5}", "f.conf:1:10: expected string, got integer\n"},
        {"resolver: 5", "f.conf:1:0: error parsing operator resolver, wrong type integer\n"},
        {"resolver: 'URL(://)'", "f.conf:1:0: error parsing account resolver url [\"://\"]\n"},
        {"resolver {type: full}",
         "f.conf:1:0: dir has no value and needs to point to a directory\n"},
        {"resolver {type: full, dir: '/dev/null'}",
         "f.conf:1:0: dir needs to point to an accessible directory\n"},
        {"resolver {type: full, dir: 5, limit: x, allow_delete: 1}",
         "f.conf:1:22: expected string, got integer\n"
         "f.conf:1:30: expected integer, got string\n"
         "f.conf:1:40: expected boolean, got integer\n"},
        {"resolver {type: full, dir: '/tmp', interval: 5, ttl: x}",
         "f.conf:1:35: expected string, got integer\n"
         "f.conf:1:0: time: invalid duration \"x\"\n"},
        {"resolver {type: full, dir: '/tmp', ttl: '1s', hard_delete: false, timeout: '-5s'}",
         "f.conf:1:0: FULL does not accept ttl\n"
         "f.conf:1:0: hard_delete has no effect without delete\n"
         "f.conf:1:0: Fetch timeout -5s is too smal\n"},
        {"resolver {type: cache, dir: '/tmp', interval: '1s', allow_delete: true, "
         "hard_delete: true}",
         "f.conf:1:0: CACHE does not accept sync\n"
         "f.conf:1:0: CACHE does not accept allow_delete\n"
         "f.conf:1:0: CACHE does not accept hard_delete\n"},
        {"resolver_tls {foo: x}", "f.conf:1:14: error parsing tls config, unknown field \"foo\"\n"},
    };

    expect_refusals(cases, NB_ARRAY_LEN(cases));
}

/* At start. */

static void expect_start(const char *text, const char *error)
{
    struct nserver_options o = read_good(text);
    struct nb_diag diag = {0};
    int rc;

    nserver_options_defaults(&o);
    rc = nserver_options_validate(&o, &diag);
    if (rc != (error != NULL ? NB_EINVALID : NB_OK) ||
        (error != NULL && strcmp(diag.text, error) != 0)) {
        fail_msg("%s\nhas %d %s\nnot %s", text, rc, diag.text, error);
    }
    nserver_options_fini(&o);
}

static void what_does_not_go_with_operators_is_refused(void **state NB_UNUSED)
{
    static const struct {
        const char *more;
        const char *error;
    } cases[] = {
        {"resolver: URL(http://x)", NULL},
        {"", "operators require an account resolver to be configured"},
        {"resolver: URL(http://x)\naccounts: [A]",
         "operators do not allow Accounts to be configured directly"},
        {"resolver: URL(http://x)\nauthorization {users: [{user: a}]}",
         "operators do not allow users to be configured directly"},
        {"resolver: URL(http://x)\nauthorization {user: a, pass: b}", NULL},
        {"resolver: URL(http://x)\ntrusted: " OPERATOR_NKEY,
         "conflicting options for 'TrustedKeys' and 'TrustedOperators'"},
        {"resolver: URL(http://x)\nsystem_account: " OTHER_ACCOUNT_NKEY,
         "system_account in config and operator JWT must be identical"},
        {"resolver: URL(http://x)\nresolver_pinned_accounts: [" USER_NKEY "]",
         "pinned account key \"" USER_NKEY "\" is not a valid public account nkey"},
        {"resolver: URL(http://x)\nauthorization { auth_callout { issuer: " ACCOUNT_NKEY
         ", users: [a] } }",
         "operators do not allow authorization callouts to be configured directly"},
        {"resolver: URL(http://x)\nno_auth_user: a",
         "no_auth_user not compatible with Trusted Operator"},
        {"resolver: URL(http://x)\ndefault_sentinel: x", "default sentinel JWT not valid"},
        {"resolver: MEM", "error resolving system account: account missing"},
    };
    char *jwt = operator_jwt((struct nauth_operator_claims){
        .system_account = NB_SLICE(ACCOUNT_NKEY),
    });
    char text[TEXT_MAX_BYTES];

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        snprintf(text, sizeof(text), "operator: %s\n%s", jwt, cases[i].more);
        expect_start(text, cases[i].error);
    }
    nb_free(jwt);
}

static void without_operators_less_is_refused(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        const char *error;
    } cases[] = {
        {"default_sentinel: x", "default sentinel requires operators and accounts"},
        {"trusted: " OPERATOR_NKEY "\naccounts: [A]\nauthorization {users: [{user: a}]}", NULL},
        {"resolver_pinned_accounts: x", NULL},
        {"resolver: MEM", NULL},
        {"authorization {users: [{nkey: " USER_NKEY "}]}\nno_auth_user: " USER_NKEY, NULL},
        {"authorization {users: [{nkey: " USER_NKEY "}]}\nno_auth_user: a",
         "no_auth_user: \"a\" not present as user or nkey in authorization block or account "
         "configuration"},
        {"system_account: X", "error resolving system account: account missing"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        expect_start(cases[i].text, cases[i].error);
    }
}

static void a_directory_of_jwts_needs_a_system_account(void **state NB_UNUSED)
{
    char *jwt = operator_jwt((struct nauth_operator_claims){0});
    char text[TEXT_MAX_BYTES];

    snprintf(text, sizeof(text), "operator: %s\nresolver {type: cache, dir: /tmp}", jwt);
    expect_start(text, "using nats based account resolver - the system account needs to be "
                       "specified in configuration or the operator jwt");
    nb_free(jwt);
}

static void an_operator_may_ask_for_a_version(void **state NB_UNUSED)
{
    const struct names names = names_of();
    static const struct {
        const char *version;
        const char *error; // behind "operator O..."; NULL: fine
    } cases[] = {
        {"2.15.2", NULL},
        {"1.99.99", NULL},
        {"2.15.3", "expected update version 3 > server update version 2"},
        {"2.16.0", "expected minor version 16 > server minor version 15"},
        {"3.0.0", "expected major version 3 > server major version 2"},
        {"v2.1.0", "expects version v2.1.0 got error instead: asserted server version cant parse "
                   "v2 to int"},
        {"2.1", "expects version 2.1 got error instead: asserted server version must be of the "
                "form <major>.<minor>.<update>"},
        {"1.1.0.5", "expects version 1.1.0.5 got error instead: asserted server version must be "
                    "of the form <major>.<minor>.<update>"},
        {"-1.1.0", "expects version -1.1.0 got error instead: asserted server version can'b "
                   "contain negative values: -1.1.0"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        char *jwt = operator_jwt((struct nauth_operator_claims){
            .assert_server_version = nb_slice_of(cases[i].version),
        });
        char text[TEXT_MAX_BYTES];
        char error[512];

        snprintf(text, sizeof(text), "operator: %s\nresolver: MEM", jwt);
        snprintf(error, sizeof(error), "operator %s %s", names.operator, cases[i].error);
        expect_start(text, cases[i].error != NULL ? error : NULL);
        nb_free(jwt);
    }
}

static void a_sentinel_is_a_bearer_or_scoped(void **state NB_UNUSED)
{
    const struct {
        struct nauth_user_claims claims;
        const char *error;
    } cases[] = {
        {{.limits = {.bearer_token = true}}, NULL},
        {{.issuer_account = NB_SLICE(ACCOUNT_NKEY)}, NULL},
        {{.limits = {.subs = -1}, .issuer_account = NB_SLICE(ACCOUNT_NKEY)},
         "default sentinel must be a bearer token"},
        {{.limits = {.subs = -1}}, "default sentinel must be a bearer token"},
    };
    char *jwt = operator_jwt((struct nauth_operator_claims){0});
    char text[TEXT_MAX_BYTES];

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        char *sentinel = user_jwt(cases[i].claims);

        snprintf(text, sizeof(text), "operator: %s\nresolver: MEM\ndefault_sentinel: %s", jwt,
                 sentinel);
        expect_start(text, cases[i].error);
        nb_free(sentinel);
    }
    nb_free(jwt);
}

static void proxies_that_a_program_names_are_checked_at_start(void **state NB_UNUSED)
{
    struct nserver_options o;
    struct nb_diag diag = {0};

    nserver_options_init(&o);
    o.trusted_proxies = nserver_options_alloc(&o, sizeof(*o.trusted_proxies));
    o.trusted_proxies[0] = nserver_options_keep(&o, NB_SLICE("x"));
    o.trusted_proxy_count = 1;
    nserver_options_defaults(&o);
    assert_int_equal(nserver_options_validate(&o, &diag), NB_EINVALID);
    assert_string_equal(diag.text, "proxy trusted key \"x\" is invalid");
    nserver_options_fini(&o);
}

static void a_jwt_of_another_kind_is_refused(void **state NB_UNUSED)
{
    char *operator= operator_jwt((struct nauth_operator_claims){0});
    char *account = account_jwt();
    char text[TEXT_MAX_BYTES];

    snprintf(text, sizeof(text), "operator: %s", account);
    expect_refusal(text, "f.conf:1:0: error parsing operator JWT: not operator claim\n");
    snprintf(text, sizeof(text), "resolver_preload { A: %s }", operator);
    expect_refusal(text, "f.conf:1:19: invalid account JWT\n");
    nb_free(operator);
    nb_free(account);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_operator_is_a_file_or_a_jwt),
        cmocka_unit_test(the_only_operator_says_where_accounts_come_from),
        cmocka_unit_test(keys_and_preloads_are_lists_and_maps),
        cmocka_unit_test(faults_stand_where_the_reference_puts_them),
        cmocka_unit_test(proxies_are_any_public_keys),
        cmocka_unit_test(a_resolver_is_memory_a_url_or_a_directory),
        cmocka_unit_test(a_directory_is_made_with_all_above_it),
        cmocka_unit_test(faults_of_resolvers_stand_at_the_resolver),
        cmocka_unit_test(what_does_not_go_with_operators_is_refused),
        cmocka_unit_test(without_operators_less_is_refused),
        cmocka_unit_test(a_directory_of_jwts_needs_a_system_account),
        cmocka_unit_test(an_operator_may_ask_for_a_version),
        cmocka_unit_test(a_sentinel_is_a_bearer_or_scoped),
        cmocka_unit_test(proxies_that_a_program_names_are_checked_at_start),
        cmocka_unit_test(a_jwt_of_another_kind_is_refused),
    };
    return cmocka_run_group_tests_name("options_operators", tests, NULL, NULL);
}
