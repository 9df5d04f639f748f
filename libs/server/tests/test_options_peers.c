/* Blocks about other servers: what is taken, what is refused, where, and in which words. */
#include "options_fixture.h"

#include <natsd/clock.h>

#define SEED "SUAIBDPBAUTWCWBKIO6XHQNINK5FWJW4OHLXC3HQ2KFE4PEJUA44CNHTC4"
#define NKEY "UDK7TL55MPXHPK7UIDK6LB2S72OZVRJIIRKSOK7DFNQG3R2GNTJJ6UNK"

/* Clusters. */

static void a_cluster_is_taken(void **state NB_UNUSED)
{
    struct nserver_options o = read_good(
        "cluster { name: c, listen: 'h:1', authorization { user: u, pass: p, timeout: 1.5 }\n"
        "routes: ['nats://u:p@a:1', 'nats://b'], advertise: adv, no_advertise: true\n"
        "connect_retries: 2, connect_backoff: on, pool_size: -1, accounts: [A, B]\n"
        "permissions { import: 'i.>', export: ['e', 'f'] }\n"
        "compression { mode: s2_auto, rtts: ['1ms', '0s', '2ms'] }\n"
        "ping_interval: '5s', ping_max: 3, write_deadline: '7s', write_timeout: close }");
    const struct nserver_cluster_options *c = &o.cluster;

    assert_true(c->is_set);
    assert_string_equal(c->name, "c");
    assert_string_equal(c->host, "h");
    assert_int_equal(c->port, 1);
    assert_string_equal(c->username, "u");
    assert_string_equal(c->password, "p");
    assert_true(c->auth_timeout_s == 1.5);
    assert_int_equal(c->route_count, 2);
    assert_string_equal(c->routes[0].user, "u");
    assert_string_equal(c->routes[1].host, "b");
    assert_string_equal(c->advertise, "adv");
    assert_int_equal(c->no_advertise, NSERVER_YES);
    assert_int_equal(c->connect_retries, 2);
    assert_true(c->connect_backoff);
    assert_int_equal(c->pool_size, -1);
    assert_int_equal(c->account_count, 2);
    assert_string_equal(c->accounts[1], "B");
    assert_int_equal(c->permissions->publish_allow.count, 1);
    assert_int_equal(c->permissions->subscribe_allow.count, 2);
    assert_string_equal(c->compression.mode, "s2_auto");
    assert_int_equal(c->compression.rtt_threshold_count, 3);
    assert_int_equal(c->compression.rtt_thresholds_ns[2], 2 * NB_NS_PER_MS);
    assert_int_equal(c->ping_interval_ns, 5 * NB_NS_PER_S);
    assert_int_equal(c->ping_max, 3);
    assert_int_equal(c->write_deadline_ns, 7 * NB_NS_PER_S);
    assert_int_equal(c->write_timeout, NSERVER_WRITE_TIMEOUT_CLOSE);
    nserver_options_fini(&o);
}

static void a_fault_of_a_cluster_has_its_place(void **state NB_UNUSED)
{
    static const struct refusal cases[] = {
        {"cluster { name: 'a b' }", "f.conf:1:10: cluster name cannot contain spaces\n"},
        {"cluster { name: _ }", "f.conf:1:10: cluster name is reserved\n"},
        {"cluster { authorization: x }", "f.conf:1:10: expected map, got string\n"},
        {"cluster { authorization { users: [] } }",
         "f.conf:1:10: Cluster authorization does not allow multiple users\n"},
        {"cluster { authorization { user: a, token: b } }",
         "f.conf:1:10: Cluster authorization does not support tokens\n"},
        {"cluster { authorization { users: x } }",
         "f.conf:1:26: Expected users field to be an array, got x\n"},
        {"cluster { authorization { auth_callout: x } }",
         "f.conf:1:26: Expected authorization callout to be a map/struct, got x\n"},
        {"cluster { permissions { export: 'a b' } }",
         "f.conf:1:10: cluster export allow: subject \"a b\" is not a valid subject\n"},
        {"cluster { permissions { export { deny: [a, 'b c'] } } }",
         "f.conf:1:10: cluster export deny: subject \"b c\" is not a valid subject\n"},
        {"cluster { permissions { export: 'a\tb' } }",
         "f.conf:1:10: cluster export allow: subject \"a\\tb\" is not a valid subject\n"},
        {"cluster { permissions { export: 'a b c' } }",
         "f.conf:1:24: subject \"a b c\" is not a valid subject\n"},
        {"cluster { authorization { permissions { export: 'a b' } } }",
         "f.conf:1:10: cluster export allow: subject \"a b\" is not a valid subject\n"},
        {"cluster { authorization { auth_callout {} } }",
         "f.conf:1:10: Cluster authorization does not support callouts\n"},
        {"cluster { authorization { foo: 5 } }", "f.conf:1:26: unknown field \"foo\"\n"},
        {"cluster { routes: x }", "f.conf:1:10: expected array, got string\n"},
        {"cluster { routes: [ 5 ] }", "f.conf:1:20: expected string, got integer\n"},
        {"cluster { routes: ['0.0.0.0:XX'] }",
         "f.conf:1:20: error parsing route url [\"0.0.0.0:XX\"]\n"},
        {"cluster { permissions { allow_responses: true } }",
         "f.conf:1:10: Cluster permissions do not support dynamic responses\n"},
        {"cluster { permissions { foo: 5 } }",
         "f.conf:1:24: Unknown field \"foo\" parsing permissions\n"},
        {"cluster { accounts: 5 }",
         "f.conf:1:10: error parsing accounts: unsupported type integer\n"},
        {"cluster { accounts: [ 5 ] }",
         "f.conf:1:22: error parsing accounts: unsupported type in array integer\n"},
        {"cluster { compression: 5 }",
         "f.conf:1:10: field \"compression\" should be a boolean or a structure, got integer\n"},
        {"cluster { compression { mode: 5 } }", "f.conf:1:24: expected string, got integer\n"},
        {"cluster { compression { rtts: x } }", "f.conf:1:24: expected array, got string\n"},
        {"cluster { compression { rtts: ['10ms', x] } }",
         "f.conf:1:24: time: invalid duration \"x\"\n"},
        {"cluster { compression { foo: 1 } }", "f.conf:1:24: unknown field \"foo\"\n"},
        {"cluster { listen: x }", "f.conf:1:10: could not parse address string \"x\"\n"},
        {"cluster { listen: 'a:b' }", "f.conf:1:10: could not parse port \"b\"\n"},
        {"cluster { write_timeout: x }",
         "f.conf:1:10: write_timeout must be 'default', 'close' or 'retry'\n"},
        {"cluster { tls: 5 }", "f.conf:1:10: expected map, got integer\n"},
        // All of them are told.
        {"cluster { port: x, foo: 1, ping_max: on }",
         "f.conf:1:10: expected integer, got string\n"
         "f.conf:1:19: unknown field \"foo\"\n"
         "f.conf:1:27: expected integer, got boolean\n"},
    };

    expect_refusals(cases, NB_ARRAY_LEN(cases));
}

struct warning {
    const char *text;
    const char *warnings;
};

static void expect_warnings(const struct warning *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct outcome out = read_config(cases[i].text);

        if (out.rc != NB_OK || strcmp(out.warnings, cases[i].warnings) != 0) {
            fail_msg("%s\nhas  %d %s%s\nnot  %s", cases[i].text, out.rc, out.warnings, out.errors,
                     cases[i].warnings);
        }
        outcome_fini(&out);
    }
}

static void odd_uses_are_warned_of(void **state NB_UNUSED)
{
    static const struct warning cases[] = {
        {"cluster { authorization { user: a, permissions { import: a } } }",
         "f.conf:1:10: invalid use of field \"authorization\": setting \"permissions\" within "
         "cluster authorization block is deprecated\n"},
        {"cluster { routes: ['nats://a:1','nats://a:1'] }",
         "f.conf:1:33: invalid use of field \"nats://a:1\": Duplicate route entry detected\n"},
        {"cluster { ping_interval: '2m' }",
         "f.conf:1:10: Cluster 'ping_interval' will reset to 30s which is the max for routes\n"},
        {"gateway { gateways: [{name: a, urls: ['nats://a:1', 'nats://a:1']}] }",
         "f.conf:1:53: invalid use of field \"nats://a:1\": Duplicate gateway entry detected\n"},
        {"leafnodes { remotes: [{urls: ['nats://a:1','nats://a:1']}] }",
         "f.conf:1:44: invalid use of field \"nats://a:1\": Duplicate leafnode entry detected\n"},
        {"leafnodes { reconnect_delay: 5 }", "f.conf:1:12: invalid use of field \"reconnect\": "
                                             "reconnect should be converted to a duration\n"},
        {"leafnodes { remotes: [ {url: 'ws://a:1', proxy { url: 'http://h', timeout: 5 } } ] }",
         "f.conf:1:66: invalid use of field \"proxy timeout\": proxy timeout should be converted "
         "to a duration\n"},
    };

    expect_warnings(cases, NB_ARRAY_LEN(cases));
}

// The cluster's own permissions come first, wherever they stand.
static void permissions_of_an_authorization_are_the_second_choice(void **state NB_UNUSED)
{
    static const char *const texts[] = {
        "cluster { authorization { permissions { import: a } }, permissions { import: [b, c] } }",
        "cluster { permissions { import: [b, c] }, authorization { permissions { import: a } } }",
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(texts); i++) {
        struct outcome out = read_config(texts[i]);

        assert_int_equal(out.opts.cluster.permissions->publish_allow.count, 2);
        outcome_fini(&out);
    }
}

/* Gateways. */

static void a_gateway_is_taken(void **state NB_UNUSED)
{
    struct nserver_options o =
        read_good("gateway { name: g, host: h, port: -1, authorization { user: u, pass: p }\n"
                  "gateways: [ {name: a, url: 'nats://a:1'}, {name: b, urls: ['nats://b:1', "
                  "'nats://c:1']} ]\n"
                  "reject_unknown: true, advertise: x, connect_retries: 3, connect_backoff: on }");

    assert_string_equal(o.gateway.name, "g");
    assert_int_equal(o.gateway.port, -1);
    assert_string_equal(o.gateway.username, "u");
    assert_int_equal(o.gateway.remote_count, 2);
    assert_string_equal(o.gateway.remotes[1].name, "b");
    assert_int_equal(o.gateway.remotes[1].url_count, 2);
    assert_true(o.gateway.reject_unknown);
    assert_true(o.gateway.connect_backoff);
    nserver_options_fini(&o);
}

static void a_fault_of_a_gateway_has_its_place(void **state NB_UNUSED)
{
    static const struct refusal cases[] = {
        {"gateway { authorization { users: [] } }",
         "f.conf:1:10: Gateway authorization does not allow multiple users\n"},
        {"gateway { authorization { token: x } }",
         "f.conf:1:10: Gateway authorization does not support tokens\n"},
        {"gateway { gateways: x }",
         "f.conf:1:10: Expected gateways field to be an array, got string\n"},
        {"gateway { gateways: [x] }",
         "f.conf:1:21: Expected gateway entry to be a map/struct, got x\n"},
        {"gateway { gateways: [{name: a, url: '0.0.0.0:XX'}] }",
         "f.conf:1:31: error parsing gateway url [\"0.0.0.0:XX\"]\n"},
        {"gateway { gateways: [{name: a, urls: x}] }", "f.conf:1:31: expected array, got string\n"},
        {"gateway { gateways: [{name: a, foo: 1}] }", "f.conf:1:31: unknown field \"foo\"\n"},
        {"gateway { name: 'a b' }", "f.conf:1:10: gateway name cannot contain spaces\n"},
        {"gateway { name: _ }", "f.conf:1:10: cluster name is reserved\n"},
        {"gateway { reject_unknown: 1 }", "f.conf:1:10: expected boolean, got integer\n"},
        {"gateway { foo: 1 }", "f.conf:1:10: unknown field \"foo\"\n"},
    };

    expect_refusals(cases, NB_ARRAY_LEN(cases));
}

/* Leaf nodes. */

static void leafnodes_are_taken(void **state NB_UNUSED)
{
    struct nserver_options o = read_good(
        "leafnodes { listen: 'h:7', advertise: a, no_advertise: false, reconnect: '2s'\n"
        "dial_timeout: '3s', min_version: 2.9.1, compression: off, isolate: on\n"
        "authorization { users: [ {user: a, pass: b, account: A, proxy_required: on} ], timeout: 3 "
        "}"
        "\nremotes: [ {\n url: 'nats://u:p@a', account: L, nkey: " SEED ", hub: true\n"
        "deny_imports: [x, 'y.>'], deny_export: z, ws_compress: on, ws_no_masking: on\n"
        "js_cluster_migrate { leader_migrate_delay: '5s', other: 1 }, request_isolation: on\n"
        "first_info_timeout: '4s', dial_timeout: '6s', disabled: on, dont_randomize: on\n"
        "ignore_discovered_servers: on, proxy { url: 'http://p:1', username: x, password: y } } "
        "] }");
    const struct nserver_leafnode_options *l = &o.leafnodes;
    const struct nserver_leaf_remote *r = &l->remotes[0];

    assert_int_equal(l->port, 7);
    assert_int_equal(l->no_advertise, NSERVER_NO);
    assert_int_equal(l->reconnect_ns, 2 * NB_NS_PER_S);
    assert_string_equal(l->min_version, "2.9.1");
    assert_string_equal(l->compression.mode, "off");
    assert_true(l->isolate);
    assert_int_equal(l->user_count, 1);
    assert_string_equal(l->users[0].account, "A");
    assert_true(l->users[0].proxy_required);
    assert_int_equal(l->remote_count, 1);
    assert_string_equal(r->urls[0].port, "7422");
    assert_string_equal(r->account, "L");
    assert_true(r->hub && r->ws_compression && r->ws_no_masking && r->request_isolation);
    assert_true(r->disabled && r->no_randomize && r->ignore_discovered_servers);
    assert_int_equal(r->deny_imports.count, 2);
    assert_int_equal(r->deny_exports.count, 1);
    assert_true(r->jetstream_cluster_migrate);
    assert_int_equal(r->jetstream_migrate_delay_ns, 5 * NB_NS_PER_S);
    assert_int_equal(r->first_info_timeout_ns, 4 * NB_NS_PER_S);
    assert_int_equal(r->dial_timeout_ns, 6 * NB_NS_PER_S);
    assert_string_equal(r->proxy.url, "http://p:1");
    nserver_options_fini(&o);
}

static void a_fault_of_leafnodes_has_its_place(void **state NB_UNUSED)
{
    static const struct refusal cases[] = {
        {"leafnodes { remotes: x }",
         "f.conf:1:12: Expected remotes field to be an array, got string\n"},
        {"leafnodes { remotes: [x] }",
         "f.conf:1:22: Expected remote leafnode entry to be a map/struct, got x\n"},
        {"leafnodes { authorization { timeout: on } }",
         "f.conf:1:28: error parsing leafnode authorization config, 'timeout' wrong type\n"},
        {"leafnodes { authorization { nkey: x } }",
         "f.conf:1:28: Not a valid public nkey for leafnode authorization\n"},
        {"leafnodes { authorization { users: x } }",
         "f.conf:1:28: Expected users field to be an array, got x\n"},
        {"leafnodes { authorization { users: [x] } }",
         "f.conf:1:36: Expected user entry to be a map/struct, got x\n"},
        {"leafnodes { authorization { users: [{user: a, foo: 1}] } }",
         "f.conf:1:46: unknown field \"foo\"\n"},
        {"leafnodes { authorization { user: a, users: [{user: b}] } }",
         "f.conf:1:12: can not have a single user/pass and a users array\n"},
        {"leafnodes { authorization { nkey: " NKEY ", users: [] } }",
         "f.conf:1:12: can not have a single nkey and a users array\n"},
        {"leafnodes { authorization { users: [{user: b}, {user: b}, {user: b}] } }",
         "f.conf:1:12: duplicate user \"b\" detected in leafnode authorization\n"},
        {"leafnodes { reconnect_delay: x }",
         "f.conf:1:12: error parsing reconnect: time: invalid duration \"x\"\n"},
        {"leafnodes { foo: 1 }", "f.conf:1:12: unknown field \"foo\"\n"},
    };

    expect_refusals(cases, NB_ARRAY_LEN(cases));
}

static void the_oldest_version_is_a_semantic_one(void **state NB_UNUSED)
{
    static const char *const good[] = {"2.8.0",   "2.8.0-rc1",           "2.9.0+x",
                                       "3.0.0",   "2.8.0-a.b-c.9+e.f",   "2.10.20",
                                       "2.9.0-0", "2.9.0-a.0.b+001.007", "10.0.0"};
    static const char *const bad[] = {"",        "x",        "2.9",      "v2.9.0", "2.09.0",
                                      "2.9.0.1", "2.9.0-",   "2.9.0-01", "2.9.0x", "2.9.0-a_b",
                                      "2.9.0+",  "2.9.0-a.", "2.9.0-.a", "2..0",   ".9.0",
                                      " 2.9.0",  "2.9.0.",   "+2.9.0",   "-",      "2.9.0-a..b"};
    char text[128];

    for (size_t i = 0; i < NB_ARRAY_LEN(good); i++) {
        struct nserver_options o;

        snprintf(text, sizeof(text), "leafnodes { min_version: '%s' }", good[i]);
        o = read_good(text);
        nserver_options_fini(&o);
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(bad); i++) {
        snprintf(text, sizeof(text), "leafnodes { min_version: '%s' }", bad[i]);
        expect_refusal(text, "f.conf:1:12: invalid leafnode's minimum version: invalid semver\n");
    }
    expect_refusal("leafnodes { min_version: 2.7.9 }",
                   "f.conf:1:12: the minimum version should be at least 2.8.0\n");
    expect_refusal("leafnodes { min_version: '2.9.99999999999999999999' }",
                   "f.conf:1:12: invalid leafnode's minimum version: strconv.Atoi: parsing "
                   "\"99999999999999999999\": value out of range\n");
}

#define REMOTE(text) "leafnodes { remotes: [ { " text " } ] }"

static void a_fault_of_a_remote_has_its_place(void **state NB_UNUSED)
{
    static const struct refusal cases[] = {
        {REMOTE("url: 5"),
         "f.conf:1:25: Expected remote leafnode url to be an array or string, got 5\n"},
        {REMOTE("url: '0.0.0.0:XX'"), "f.conf:1:25: error parsing leafnode url [\"0.0.0.0:XX\"]\n"},
        {REMOTE("foo: 1"), "f.conf:1:25: unknown field \"foo\"\n"},
        {REMOTE("nkey: x"), "f.conf:1:25: Remote leafnode nkey is not a valid seed: \"x\"\n"},
        {REMOTE("hub: x"), "f.conf:1:25: expected boolean, got string\n"},
        {REMOTE("deny_imports: 5"),
         "f.conf:1:25: Expected subject permissions to be a subject, or array of subjects, got "
         "integer\n"},
        {REMOTE("deny_imports: ['a', 'b..c']"),
         "f.conf:1:25: subject \"b..c\" is not a valid subject\n"},
        {REMOTE("jetstream_cluster_migrate: 5"),
         "f.conf:1:25: Expected boolean or map for jetstream_cluster_migrate, got integer\n"},
        {REMOTE("creds: x, nkey: " SEED),
         "f.conf:1:35: Remote leafnode can not have both creds and nkey defined\n"},
        {REMOTE("tls { verify_cert_and_check_known_urls: true }"),
         "f.conf:1:31: verify_cert_and_check_known_urls not supported in this context\n"},
        {"leafnodes { remotes: [ {url: 'nats://u:p@a:1'}, {url: 'nats://u:p@a:1'} ] }",
         "f.conf:1:49: duplicate remote urls=[\"nats://u:xxxxx@a:1\"], account=\"$G\"\n"},
        {"leafnodes { remotes: [ {url: 'nats://a:1', creds: c, account: A},\n"
         "{url: 'nats://a:1', creds: c, account: A} ] }",
         "f.conf:2:31: duplicate remote urls=[\"nats://a:1\"], account=\"A\", "
         "credentials=\"c\"\n"},
        {"leafnodes { remotes: [ {url: 'nats://a:1', nkey: " SEED "},\n{url: 'nats://a:1', "
         "nkey: " SEED "} ] }",
         "f.conf:2:21: duplicate remote urls=[\"nats://a:1\"], account=\"$G\", "
         "nkey=\"[REDACTED]\"\n"},
    };

    expect_refusals(cases, NB_ARRAY_LEN(cases));
}

// Remotes that differ in anything that tells them apart, or in the order of their URLs, are two.
static void other_remotes_are_no_duplicates(void **state NB_UNUSED)
{
    static const char *const texts[] = {
        "leafnodes { remotes: [ {url: 'nats://a:1'}, {url: 'nats://a:2'} ] }",
        "leafnodes { remotes: [ {url: 'nats://u:p@a:1'}, {url: 'nats://u:q@a:1'} ] }",
        "leafnodes { remotes: [ {url: 'nats://a:1'}, {url: 'nats://a:1', account: A} ] }",
        "leafnodes { remotes: [ {url: 'nats://a'}, {url: 'nats://a:7422'} ] }",
        "leafnodes { remotes: [{urls: ['nats://a','nats://b']}, {urls: ['nats://b','nats://a']}] }",
    };

    expect_good(texts, NB_ARRAY_LEN(texts));
}

#define PROXY(remote, proxy) REMOTE(remote ", proxy { " proxy " }")

static void a_fault_of_a_proxy_has_its_place(void **state NB_UNUSED)
{
    static const struct refusal cases[] = {
        {REMOTE("proxy: 5"), "f.conf:1:25: Expected proxy to be a map, got integer\n"},
        {PROXY("url: 'ws://a:1'", "foo: 5"), "f.conf:1:50: unknown field \"foo\"\n"},
        {PROXY("url: 'ws://a:1'", "url: 'ftp://x'"),
         "f.conf:1:42: proxy URL scheme must be http or https, got: ftp\n"},
        {PROXY("url: 'ws://a:1'", "url: '//x'"),
         "f.conf:1:42: proxy URL scheme must be http or https, got: \n"},
        {PROXY("url: 'ws://a:1'", "url: 'http://'"),
         "f.conf:1:42: proxy URL must specify a host\n"},
        {PROXY("url: 'ws://a:1'", "url: ':h'"),
         "f.conf:1:42: invalid proxy URL: parse \":h\": missing protocol scheme\n"},
        {PROXY("url: 'ws://a:1'", "url: 'http://h', username: a"),
         "f.conf:1:42: proxy username and password must both be specified or both be empty\n"},
        {PROXY("url: 'ws://a:1'", "url: 'http://h', timeout: '-1s'"),
         "f.conf:1:42: proxy timeout must be >= 0\n"},
        {PROXY("url: 'ws://a:1'", "username: a, password: b"),
         "f.conf:1:42: proxy URL must be specified when other proxy options are set\n"},
        {PROXY("url: 'ws://a:1'", "url: 'http://h', tls { insecure: true }"),
         "f.conf:1:42: proxy TLS configuration requires an https proxy URL, got: http\n"},
        {PROXY("url: 'ws://a:1'", "url: 'https://h', tls { timeout: -1 }"),
         "f.conf:1:42: proxy TLS timeout must be >= 0\n"},
        {PROXY("url: 'ws://a:1'", "url: 'https://h', tls { verify: true, first: on }"),
         "f.conf:1:74: \"verify\" is not supported for proxy TLS\n"
         "f.conf:1:88: \"first\" is not supported for proxy TLS\n"},
        {PROXY("url: 'wss://u:p@a:1'", "url: 'http://h:1'"),
         "f.conf:1:47: proxy is configured but remote URL wss://u:xxxxx@a:1 requires TLS and no "
         "TLS configuration is provided. When using proxy with TLS endpoints, ensure TLS is "
         "properly configured for the leafnode remote\n"},
    };
    static const char *const good[] = {
        PROXY("url: 'wss://a:1', tls {}", "url: 'http://h'"),
        PROXY("url: 'ws://a:1'", "url: 'https://h', tls { min_version: '1.3' }"),
        PROXY("url: 'nats://a:1'", ""),
    };

    expect_refusals(cases, NB_ARRAY_LEN(cases));
    expect_good(good, NB_ARRAY_LEN(good));
}

static void the_path_of_credentials_is_expanded(void **state NB_UNUSED)
{
    static const char *const cases[][2] = {
        {"~/c", "/h/ome/c"},
        {"$NATSD_DIR/c", "/my/dir/c"},
        {"${NATSD_DIR}x", "/my/dirx"},
        {"a~/c", "a~/c"},
        {"$", "$"},
        {"a$/b", "a$/b"},
        {"${NATSD_DIR", "${NATSD_DIR"},
        {"$NATSD_NONE.c", ".c"},
        {"${}", "${}"},
    };

    setenv("HOME", "/h/ome", 1);
    setenv("NATSD_DIR", "/my/dir", 1);
    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nserver_options o;
        char text[128];

        snprintf(text, sizeof(text), REMOTE("url: 'nats://a:1', creds: '%s'"), cases[i][0]);
        o = read_good(text);
        assert_string_equal(o.leafnodes.remotes[0].credentials, cases[i][1]);
        nserver_options_fini(&o);
    }
    setenv("HOME", "", 1);
    expect_refusal(REMOTE("creds: '~/x'"), "f.conf:1:25: failed to get home dir, require $HOME\n");
}

/* Secrets. */

static void faults_show_no_secret(void **state NB_UNUSED)
{
    static const struct refusal cases[] = {
        {"cluster { routes: ['nats://u:secret@h:x'] }",
         "f.conf:1:20: error parsing route url [\"nats://u:xxxxx@h:x\"]\n"},
        {"gateway { gateways [ {url: 'nats://u:secret@h:x'} ] }",
         "f.conf:1:22: error parsing gateway url [\"nats://u:xxxxx@h:x\"]\n"},
        {"gateway { gateways: ['nats://u:secret@h'] }",
         "f.conf:1:22: Expected gateway entry to be a map/struct, got nats://u:xxxxx@h\n"},
        {"leafnodes { remotes [ {url { x: 'nats://u:secret@h' }} ] }",
         "f.conf:1:23: Expected remote leafnode url to be an array or string, got map\n"},
        {"leafnodes { remotes [ {url: 'h:1', proxy { url: 'http://u:sec/ret@h:1' }} ] }",
         "f.conf:1:35: invalid proxy URL: parse \"http://u:xxxxx@h:1\": invalid port \"xxxxx\" "
         "after host\n"},
        {"leafnodes { remotes [ {url: 'h:1', nkey: " SEED "X} ] }",
         "f.conf:1:35: Remote leafnode nkey is not a valid seed: \"[REDACTED]\"\n"},
        {"accounts { A { nkey: " SEED " } }",
         "f.conf:1:15: Not a valid public nkey for an account: \"[REDACTED]\"\n"},
        {"authorization { users { user: u, password: secret } }",
         "f.conf:1:16: Expected users field to be an array, got map\n"},
    };

    expect_refusals(cases, NB_ARRAY_LEN(cases));
}

static void a_url_that_comes_twice_shows_no_password(void **state NB_UNUSED)
{
    struct outcome out = read_config("cluster { routes: ['nats://u:p@h:1', 'nats://u:p@h:1'] }");

    assert_int_equal(out.rc, NB_OK);
    assert_string_equal(out.warnings, "f.conf:1:38: invalid use of field \"nats://u:xxxxx@h:1\": "
                                      "Duplicate route entry detected\n");
    outcome_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cluster_is_taken),
        cmocka_unit_test(a_fault_of_a_cluster_has_its_place),
        cmocka_unit_test(odd_uses_are_warned_of),
        cmocka_unit_test(permissions_of_an_authorization_are_the_second_choice),
        cmocka_unit_test(a_gateway_is_taken),
        cmocka_unit_test(a_fault_of_a_gateway_has_its_place),
        cmocka_unit_test(leafnodes_are_taken),
        cmocka_unit_test(a_fault_of_leafnodes_has_its_place),
        cmocka_unit_test(the_oldest_version_is_a_semantic_one),
        cmocka_unit_test(a_fault_of_a_remote_has_its_place),
        cmocka_unit_test(other_remotes_are_no_duplicates),
        cmocka_unit_test(a_fault_of_a_proxy_has_its_place),
        cmocka_unit_test(the_path_of_credentials_is_expanded),
        cmocka_unit_test(faults_show_no_secret),
        cmocka_unit_test(a_url_that_comes_twice_shows_no_password),
    };
    return cmocka_run_group_tests_name("options_peers", tests, NULL, NULL);
}
