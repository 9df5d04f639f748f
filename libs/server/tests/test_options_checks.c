/* Defaults, what has to fit together at a start, and what cannot change while a server runs. */
#include "options_fixture.h"

#include <natsd/clock.h>

static struct nserver_options with_defaults(const char *text)
{
    struct nserver_options o = read_good(text);

    nserver_options_defaults(&o);
    return o;
}

/* Defaults. */

static void what_is_not_set_gets_its_default(void **state NB_UNUSED)
{
    struct nserver_options o = with_defaults("debug: on");

    assert_string_equal(o.host, "0.0.0.0");
    assert_string_equal(o.http_host, "0.0.0.0");
    assert_int_equal(o.port, 4222);
    assert_int_equal(o.http_port, 0);
    assert_int_equal(o.max_connections, 65536);
    assert_int_equal(o.max_subscriptions, 0);
    assert_int_equal(o.max_control_line, 4096);
    assert_int_equal(o.max_payload, 1024 * 1024);
    assert_int_equal(o.max_pending, 64 * 1024 * 1024);
    assert_int_equal(o.max_closed_clients, 10000);
    assert_int_equal(o.ping_interval_ns, 120 * NB_NS_PER_S);
    assert_int_equal(o.ping_max, 2);
    assert_int_equal(o.write_deadline_ns, 10 * NB_NS_PER_S);
    assert_int_equal(o.lame_duck_duration_ns, 120 * NB_NS_PER_S);
    assert_int_equal(o.lame_duck_grace_ns, 10 * NB_NS_PER_S);
    assert_int_equal(o.connect_error_reports, 3600);
    assert_int_equal(o.reconnect_error_reports, 1);
    assert_true(o.auth_timeout_s == 2.0);
    assert_true(o.tls.timeout_s == 2.0);
    nserver_options_fini(&o);
}

static void zero_means_the_default_too(void **state NB_UNUSED)
{
    struct nserver_options o =
        with_defaults("port: 0, max_payload: 0, max_control_line: 0, max_pending: 0, ping_max: 0\n"
                      "ping_interval: '0s', write_deadline: '0s', lame_duck_grace_period: '0s'\n"
                      "authorization { timeout: 0 }");

    assert_int_equal(o.port, 4222);
    assert_int_equal(o.max_payload, 1024 * 1024);
    assert_int_equal(o.max_control_line, 4096);
    assert_int_equal(o.max_pending, 64 * 1024 * 1024);
    assert_int_equal(o.ping_max, 2);
    assert_int_equal(o.ping_interval_ns, 120 * NB_NS_PER_S);
    assert_int_equal(o.write_deadline_ns, 10 * NB_NS_PER_S);
    assert_int_equal(o.lame_duck_grace_ns, 10 * NB_NS_PER_S);
    assert_true(o.auth_timeout_s == 2.0);
    nserver_options_fini(&o);
}

static void what_is_set_stays(void **state NB_UNUSED)
{
    struct nserver_options o = with_defaults("listen: 'h:-1', max_connections: 0, ping_max: 7");

    assert_string_equal(o.host, "h");
    assert_string_equal(o.http_host, "h"); // monitoring follows
    assert_int_equal(o.port, -1);
    assert_int_equal(o.max_connections, -1);
    assert_int_equal(o.ping_max, 7);
    nserver_options_fini(&o);
}

static void tls_gives_authentication_a_second_more(void **state NB_UNUSED)
{
    struct nserver_options plain = with_defaults("tls {}");
    struct nserver_options longer = with_defaults("tls { timeout: 5 }");
    struct nserver_options given =
        with_defaults("tls { timeout: 5 }, authorization { timeout: 1 }");

    assert_true(plain.auth_timeout_s == 3.0);
    assert_true(longer.auth_timeout_s == 6.0);
    assert_true(given.auth_timeout_s == 1.0);
    nserver_options_fini(&plain);
    nserver_options_fini(&longer);
    nserver_options_fini(&given);
}

static void defaults_hold_twice(void **state NB_UNUSED)
{
    struct nserver_options once = with_defaults("tls { timeout: 5 }");
    struct nserver_options twice = with_defaults("tls { timeout: 5 }");

    nserver_options_defaults(&twice);
    assert_true(once.auth_timeout_s == twice.auth_timeout_s);
    assert_int_equal(once.port, twice.port);
    assert_string_equal(once.host, twice.host);
    nserver_options_fini(&once);
    nserver_options_fini(&twice);
}

/* What has to fit together. */

static void expect_invalid(const char *text, const char *reason)
{
    struct nserver_options o = with_defaults(text);
    struct nb_diag diag = {0};
    int rc = nserver_options_validate(&o, &diag);

    if (rc != NB_EINVALID || strcmp(diag.text, reason) != 0) {
        fail_msg("%s: %d %s", text, rc, diag.text);
    }
    nserver_options_fini(&o);
}

static void expect_valid(const char *text)
{
    struct nserver_options o = with_defaults(text);
    struct nb_diag diag = {0};

    if (nserver_options_validate(&o, &diag) != NB_OK) {
        fail_msg("%s: %s", text, diag.text);
    }
    nserver_options_fini(&o);
}

static void options_that_do_not_fit_are_refused(void **state NB_UNUSED)
{
    static const char *const cases[][2] = {
        {"lame_duck_duration: 30s, lame_duck_grace_period: 30s",
         "lame duck grace period (30s) should be strictly lower than lame duck duration (30s)"},
        {"lame_duck_duration: 30s, lame_duck_grace_period: 1m30s",
         "lame duck grace period (1m30s) should be strictly lower than lame duck duration (30s)"},
        {"max_payload=100000\nmax_pending=50000",
         "max_payload (100000) cannot be higher than max_pending (50000)"},
        {"max_pending: 1k", "max_payload (1048576) cannot be higher than max_pending (1000)"},
        {"no_auth_user: a", "no_auth_user: \"a\" present, but users/nkeys are not defined"},
        {"no_auth_user: a\nauthorization {user: a, pass: b}",
         "no_auth_user: \"a\" present, but users/nkeys are not defined"},
        {"no_auth_user: a\naccounts {A: {users: [{user: b, pass: c}]}}",
         "no_auth_user: \"a\" not present as user or nkey in authorization block or account "
         "configuration"},
        {"system_account: X", "error resolving system account: account missing"},
        // ours: values that the reference takes, and then serves nobody
        {"max_control_line: -5", "max_control_line cannot be negative"},
        {"max_payload: -5", "max_payload cannot be negative"},
        {"max_closed_clients: -5", "max_closed_clients cannot be negative"},
        {"ping_interval: '-5s'", "ping_interval cannot be negative"},
        {"ping_max: -5", "ping_max cannot be negative"},
        {"write_deadline: '-5s'", "write_deadline cannot be negative"},
        // the first of several, in the order of the reference
        {"max_pending: 1k, no_auth_user: a",
         "max_payload (1048576) cannot be higher than max_pending (1000)"},
    };
    struct nserver_options spaces = with_defaults("debug: on");
    struct nb_diag diag = {0};

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        expect_invalid(cases[i][0], cases[i][1]);
    }
    nserver_options_set_text(&spaces.server_name, NB_SLICE("a b")); // by a flag
    assert_int_equal(nserver_options_validate(&spaces, &diag), NB_EINVALID);
    assert_string_equal(diag.text, "server name cannot contain spaces");
    nserver_options_fini(&spaces);
}

static void options_that_just_fit_are_taken(void **state NB_UNUSED)
{
    expect_valid("debug: on");
    expect_valid("lame_duck_duration: 30s, lame_duck_grace_period: 29999ms");
    expect_valid("max_payload: 50000, max_pending: 50000");
    expect_valid("max_payload: -1");
    expect_valid("no_auth_user: a, authorization { users: [ {user: a} ] }");
    expect_valid("no_auth_user: a, accounts { A { users: [ {user: a} ] } }");
    expect_valid("system_account: A, accounts { A {} }");
    expect_valid("accounts { $SYS {} }");
}

/* What cannot change. */

struct change {
    const char *was;
    const char *is;
    const char *reason; // behind "config reload not supported for "; NULL: it can
};

static void expect_change(const struct change *c)
{
    struct nserver_options was = with_defaults(c->was);
    struct nserver_options is = with_defaults(c->is);
    struct nb_diag diag = {0};
    char want[256] = "";
    int rc = nserver_options_check_reload(&was, &is, &diag);

    if (c->reason != NULL) {
        snprintf(want, sizeof(want), "config reload not supported for %s", c->reason);
    }
    if (rc != (c->reason != NULL ? NB_EUNSUPPORTED : NB_OK) || strcmp(diag.text, want) != 0) {
        fail_msg("%s -> %s: %d %s", c->was, c->is, rc, diag.text);
    }
    nserver_options_fini(&was);
    nserver_options_fini(&is);
}

static void what_cannot_change_is_named(void **state NB_UNUSED)
{
    static const struct change cases[] = {
        {"server_name: a", "server_name: b", "ServerName: old=a, new=b"},
        {"debug: on", "host: h", "Host: old=0.0.0.0, new=h"},
        {"port: 4222", "port: 4223", "Port: old=4222, new=4223"},
        {"port: 4222", "port: -5", "Port: old=4222, new=-5"},
        {"debug: on", "no_sublist_cache: on", "NoSublistCache: old=false, new=true"},
        {"no_header_support: on", "debug: on", "NoHeaderSupport: old=true, new=false"},
        {"max_subs: 5", "max_subs: 6", "MaxSubs: old=5, new=6"},
        {"debug: on", "max_sub_tokens: 5", "MaxSubTokens: old=0, new=5"},
        {"system_account: A", "system_account: B", "SystemAccount: old=A, new=B"},
        {"debug: on", "system_account: '$SYS'", "SystemAccount: old=, new=$SYS"},
        {"accounts { '$SYS' {} }", "accounts { A {} }, system_account: A",
         "SystemAccount: old=$SYS, new=A"},
        {"debug: on", "no_sys_acc: on", "NoSystemAccount: old=false, new=true"},
        {"debug: on", "proxy_protocol: on", "ProxyProtocol: old=false, new=true"},
        {"http: 'a:1'", "http: 'b:1'", "HTTPHost: old=a, new=b"},
        {"http_port: 8222", "http_port: -1", "HTTPPort: old=8222, new=-1"},
        {"debug: on", "http_base_path: /", "HTTPBasePath: old=, new=/"},
        {"debug: on", "https_port: 5", "HTTPSPort: old=0, new=5"},
        {"debug: on", "max_pending: 32MB", "MaxPending: old=67108864, new=33554432"},
        {"debug: on", "prof_port: -1", "ProfPort: old=0, new=-1"},
        {"debug: on", "log_size_limit: 10", "LogSizeLimit: old=0, new=10"},
        {"debug: on", "log_max_num: 10", "LogMaxFiles: old=0, new=10"},
        {"tls {}", "tls { connection_rate_limit: 5 }", "TLSRateLimit: old=0, new=5"},
        {"debug: on", "allow_non_tls: on", "AllowNonTLS: old=false, new=true"},
        {"debug: on", "write_timeout: retry", "WriteTimeout: old=, new=retry"},
        {"debug: on", "max_closed_clients: 5", "MaxClosedClients: old=10000, new=5"},
        {"debug: on", "lame_duck_duration: '1m'", "LameDuckDuration: old=2m0s, new=1m0s"},
        {"debug: on", "lame_duck_grace_period: '5s'", "LameDuckGracePeriod: old=10s, new=5s"},
        {"workers: 2", "workers: 3", "Workers: old=2, new=3"},
        // the first of several, in the order of the reference
        {"debug: on", "log_max_num: 5, max_closed_clients: 5, max_subs: 5, max_pending: 4MB",
         "MaxSubs: old=0, new=5"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        expect_change(&cases[i]);
    }
}

static void what_can_change_is_let_through(void **state NB_UNUSED)
{
    static const struct change cases[] = {
        {"port: 4222", "port: -1", NULL}, // keeps the one it has
        {"debug: on", "debug: off, trace: on, logtime: off, log_file: x", NULL},
        {"debug: on", "max_connections: 5, max_payload: 5, max_control_line: 500", NULL},
        {"debug: on", "ping_interval: '5s', ping_max: 5, write_deadline: '5s'", NULL},
        {"debug: on", "authorization { user: a, pass: b, timeout: 5 }", NULL},
        {"accounts { A {} }", "accounts { B {} }", NULL},
        {"debug: on", "tls { timeout: 5 }", NULL},
        {"debug: on", "mappings { a: b }, server_tags: a, client_advertise: x", NULL},
        {"debug: on", "prof_block_rate: 5, connect_error_reports: 5", NULL},
        {"system_account: '$SYS'", "debug: on", NULL},
        {"accounts { '$SYS' {} }", "accounts { '$SYS' {} }, system_account: '$SYS'", NULL},
        {"accounts { '$SYS' {} }", "accounts { A {} }", NULL},
        {"debug: on", "accounts { '$SYS' {} }", NULL},
        {"debug: on", "lame_duck_grace_period: '0s', ping_max: 2, max_pending: 64MB", NULL},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        expect_change(&cases[i]);
    }
}

static void the_user_for_all_may_go_with_its_user_only(void **state NB_UNUSED)
{
#define USERS_AB "authorization { users: [ {user: a}, {user: b} ] }"
#define USERS_B "authorization { users: [ {user: b} ] }"
    static const struct change cases[] = {
        {USERS_AB, USERS_AB ", no_auth_user: a", "NoAuthUser: old=, new=a"},
        {USERS_AB ", no_auth_user: a", USERS_AB ", no_auth_user: b", "NoAuthUser: old=a, new=b"},
        {USERS_AB ", no_auth_user: a", USERS_AB, "NoAuthUser: old=a, new="},
        {USERS_AB ", no_auth_user: a", USERS_B, NULL},
        {USERS_AB ", no_auth_user: a", USERS_AB ", no_auth_user: a", NULL},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        expect_change(&cases[i]);
    }
}

/* Passwords. */

static void plain_passwords_are_noticed(void **state NB_UNUSED)
{
#define BCRYPT "'$2a$04$ybQOpHvP9NzBd6Ot8UXKAOOvqyoZ8hKqTcyFYS2/vhxPq7LX5TxzS'"
    static const struct {
        const char *text;
        bool is_plain;
    } cases[] = {
        {"debug: on", false},
        {"authorization { user: a, pass: b }", true},
        {"authorization { user: a, pass: " BCRYPT " }", false},
        {"authorization { token: plain }", false},
        {"authorization { users: [ {user: a} ] }", false},
        {"authorization { users: [ {user: a, pass: " BCRYPT "}, {user: b, pass: c} ] }", true},
        {"accounts { A { users: [ {user: b, pass: c} ] } }", true},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nserver_options o = read_good(cases[i].text);

        if (nserver_options_has_plain_password(&o) != cases[i].is_plain) {
            fail_msg("%s", cases[i].text);
        }
        nserver_options_fini(&o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_set_gets_its_default),
        cmocka_unit_test(zero_means_the_default_too),
        cmocka_unit_test(what_is_set_stays),
        cmocka_unit_test(tls_gives_authentication_a_second_more),
        cmocka_unit_test(defaults_hold_twice),
        cmocka_unit_test(options_that_do_not_fit_are_refused),
        cmocka_unit_test(options_that_just_fit_are_taken),
        cmocka_unit_test(what_cannot_change_is_named),
        cmocka_unit_test(what_can_change_is_let_through),
        cmocka_unit_test(the_user_for_all_may_go_with_its_user_only),
        cmocka_unit_test(plain_passwords_are_noticed),
    };
    return cmocka_run_group_tests_name("options_checks", tests, NULL, NULL);
}
