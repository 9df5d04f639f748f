/* Blocks about other servers and protocols: defaults, what has to fit together at a start, and what
 * cannot change while a server runs.
 */
#include "options_fixture.h"

#include <natsd/clock.h>

static struct nserver_options with_defaults(const char *text)
{
    struct outcome out = read_config(text); // warnings are no matter here
    struct nserver_options o;

    if (out.rc != NB_OK) {
        fail_msg("%s\n%s", text, out.errors);
    }
    nserver_options_copy(&o, &out.opts);
    outcome_fini(&out);
    nserver_options_defaults(&o);
    return o;
}

/* Defaults. */

static void listeners_that_are_on_have_defaults(void **state NB_UNUSED)
{
    struct nserver_options o = with_defaults(
        "cluster { port: -1, tls {}, ping_interval: '5m' }, gateway { name: g, port: 1 }\n"
        "leafnodes { port: 2, tls { timeout: 5 } }, websocket { port: 3, host: h }, mqtt { port: 4 "
        "}");

    assert_string_equal(o.cluster.host, "0.0.0.0");
    assert_string_equal(o.cluster.name, "g"); // the gateway's
    assert_int_equal(o.cluster.pool_size, 3);
    assert_int_equal(o.cluster.ping_interval_ns, 30 * NB_NS_PER_S);
    assert_true(o.cluster.tls.timeout_s == 2.0);
    assert_true(o.cluster.auth_timeout_s == 3.0);
    assert_true(o.gateway.auth_timeout_s == 2.0);
    assert_true(o.leafnodes.auth_timeout_s == 6.0);
    assert_int_equal(o.leafnodes.reconnect_ns, NB_NS_PER_S);
    assert_int_equal(o.leafnodes.dial_timeout_ns, NB_NS_PER_S);
    assert_string_equal(o.websocket.host, "h");
    assert_string_equal(o.mqtt.host, "0.0.0.0");
    assert_int_equal(o.mqtt.ack_wait_ns, 30 * NB_NS_PER_S);
    assert_int_equal(o.mqtt.max_ack_pending, 1024);
    nserver_options_fini(&o);
}

static void listeners_that_are_off_have_none(void **state NB_UNUSED)
{
    struct nserver_options o = with_defaults("cluster { name: c }, websocket {}");

    assert_null(o.cluster.host);
    assert_null(o.websocket.host);
    assert_true(o.cluster.auth_timeout_s == 0.0);
    nserver_options_fini(&o);
}

static void jetstream_has_defaults(void **state NB_UNUSED)
{
    struct nserver_options o = with_defaults("jetstream { request_queue_limit: 7 }");
    struct nserver_options set = with_defaults("jetstream { max_mem: 0, sync: always }");

    assert_int_equal(o.jetstream.max_memory, -1);
    assert_int_equal(o.jetstream.max_store, -1);
    assert_int_equal(o.jetstream.sync_interval_ns, 120 * NB_NS_PER_S);
    assert_int_equal(o.jetstream.limits.default_max_consumers, 1000);
    assert_int_equal(o.jetstream.info_queue_limit, 7);
    assert_int_equal(o.jetstream.max_concurrent_io, 4096);
    assert_int_equal(set.jetstream.max_memory, 0);
    assert_int_equal(set.jetstream.sync_interval_ns, 120 * NB_NS_PER_S);
    assert_int_equal(set.jetstream.request_queue_limit, 10000);
    nserver_options_fini(&o);
    nserver_options_fini(&set);
}

/* What has to fit together. */

struct conflict {
    const char *text;
    const char *fault; // NULL: none
};

static void expect_conflicts(const struct conflict *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct nserver_options o = with_defaults(cases[i].text);
        struct nb_diag diag = {0};
        int rc = nserver_options_validate(&o, &diag);

        if (rc != (cases[i].fault != NULL ? NB_EINVALID : NB_OK) ||
            strcmp(diag.text, cases[i].fault != NULL ? cases[i].fault : "") != 0) {
            fail_msg("%s\nhas  %d %s\nnot  %s", cases[i].text, rc, diag.text, cases[i].fault);
        }
        nserver_options_fini(&o);
    }
}

static void other_servers_are_judged(void **state NB_UNUSED)
{
    static const struct conflict cases[] = {
        {"leafnodes { remotes: [{url: 'nats://a:1', account: X}] }",
         "cannot find local account \"X\" specified in leafnode remote"},
        {"leafnodes { authorization { account: X } }",
         "cannot find local account \"X\" specified in leafnode authorization"},
        {"leafnodes { authorization { users: [{user: a, account: X}] } }",
         "cannot find local account \"X\" specified in leafnode authorization"},
        {"leafnodes { remotes: [{url: 'nats://a:1', account: \"$SYS\"}] }", NULL},
        {"no_system_account: on\nleafnodes { remotes: [{url: 'nats://a:1', account: \"$SYS\"}] }",
         "cannot find local account \"$SYS\" specified in leafnode remote"},
        {"accounts { A {} }\nleafnodes { remotes: [{url: 'nats://a:1', account: A}] }", NULL},
        {"leafnodes { compression: xyz }", "unsupported compression mode \"xyz\""},
        {"leafnodes { remotes: [{url: 'nats://a:1', compression: xyz}] }",
         "unsupported compression mode \"xyz\""},
        {"leafnodes { remotes: [{urls: ['wss://u:p@a:1', 'nats://b']}] }",
         "remote leaf node configuration cannot have a mix of websocket and non-websocket urls: "
         "[\"wss://u:xxxxx@a:1\" \"nats://b:7422\"]"},
        {"leafnodes { remotes: [{urls: ['wss://a:1', 'ws://b']}] }", NULL},
        {"leafnodes { port: -1 }\ngateway {name: a, port: -1}",
         "leaf nodes and gateways (both being defined) require a system account to also be "
         "configured"},
        {"leafnodes { port: -1 }\ngateway {name: a, port: -1}\naccounts {A {}}\nsystem: A", NULL},
        {"gateway { port: -1 }", "gateway has no name"},
        {"gateway { name: a }", "gateway \"a\" has no port specified (select -1 for random port)"},
        {"gateway { name: a, port: -1, gateways: [{name: b, url: 'nats://a'}, {url: 'nats://a'}] }",
         "gateway in the list 1 has no name"},
        {"gateway { name: a, port: -1, gateways: [{name: b}] }", "gateway \"b\" has no URL"},
        {"gateway { gateways: [{url: 'nats://a:1'}] }", NULL},
        {"cluster { pool_size: -1, accounts: [A] }",
         "pool_size cannot be negative if pinned accounts are specified"},
        {"cluster { accounts: [A, A] }",
         "found duplicate account name \"A\" in pinned accounts list [\"A\" \"A\"]"},
        {"cluster { port: -1, accounts: [A, A] }",
         "found duplicate account name \"A\" in pinned accounts list [\"A\" \"A\" \"$SYS\"]"},
        {"cluster { port: -1, accounts: [A, \"$SYS\"] }", NULL},
        {"cluster { compression: xyz }", "unsupported compression mode \"xyz\""},
        {"gateway { name: a, port: -1 }\ncluster { name: b, port: -1 }",
         "cluster name conflicts between cluster and gateway definitions"},
        {"gateway { name: a, port: -1 }\ncluster { name: a, port: -1 }", NULL},
        {"server_name: _\nleafnodes { remotes: [ {url: 'nats://127.0.0.1:1'} ] }",
         "cluster name is reserved"},
        {"server_name: _\ncluster { port: -1 }", NULL},
    };

    expect_conflicts(cases, NB_ARRAY_LEN(cases));
}

static void other_protocols_are_judged(void **state NB_UNUSED)
{
#define USERS "\nauthorization {users: [{user: a, pass: b}]}\njetstream: on"
    static const struct conflict cases[] = {
        {"mqtt { port: -1 }",
         "mqtt requires JetStream to be enabled if running in standalone mode"},
        {"mqtt {}", NULL},
        {"mqtt { port: -1 }\nleafnodes { port: -1 }", NULL},
        {"mqtt { port: -1 }\ncluster {port: -1}", "mqtt requires server name to be explicitly set"},
        {"mqtt { port: -1, ack_wait: '-1s' }\njetstream: on", "ack wait must be a positive value"},
        {"mqtt { port: -1, js_api_timeout: '-1s' }\njetstream: on",
         "JS API timeout must be a positive value"},
        {"mqtt { port: -1, authorization {user: a} }" USERS,
         "mqtt authentication username not compatible with presence of users/nkeys"},
        {"mqtt { port: -1, authorization {token: a} }" USERS,
         "mqtt authentication token not compatible with presence of users/nkeys"},
        {"mqtt { port: -1, no_auth_user: a }" USERS, NULL},
        {"mqtt { port: -1, no_auth_user: x }" USERS,
         "no_auth_user: \"x\" not present as user or nkey in authorization block or account "
         "configuration"},
        {"websocket { port: -1 }", "websocket requires TLS configuration"},
        {"websocket { port: -1, tls {} }", NULL},
        {"websocket { port: -1, no_tls: true, origins: ['http://'] }",
         "unable to parse allowed origin \"http://\": host is required"},
        {"websocket { port: -1, no_tls: true, origins: ['//x'] }",
         "unable to parse allowed origin \"//x\": allowed origins must be absolute URLs with http "
         "or https scheme"},
        {"websocket { port: -1, no_tls: true, origins: ['http://a:x'] }",
         "unable to parse allowed origin: parse \"http://a:x\": invalid port \":x\" after host"},
        {"websocket { port: -1, no_tls: true, origins: [x] }",
         "unable to parse allowed origin: parse \"x\": invalid URI for request"},
        {"websocket { port: -1, no_tls: true, origins: ['%zz'] }",
         "unable to parse allowed origin: parse \"%zz\": invalid URI for request"},
        {"websocket { port: -1, no_tls: true, origins: ['a/b:c'] }",
         "unable to parse allowed origin: parse \"a/b:c\": invalid URI for request"},
        {"websocket { port: -1, no_tls: true, origins: [' http://a'] }",
         "unable to parse allowed origin: parse \" http://a\": invalid URI for request"},
        {"websocket { port: -1, no_tls: true, origins: [':x'] }",
         "unable to parse allowed origin: parse \":x\": missing protocol scheme"},
        {"websocket { port: -1, no_tls: true, origins: [''] }",
         "unable to parse allowed origin: parse \"\": empty url"},
        {"websocket { port: -1, no_tls: true, origins: ['*'] }",
         "unable to parse allowed origin \"*\": allowed origins must be absolute URLs with http "
         "or https scheme"},
        {"websocket { port: -1, no_tls: true, origins: ['https://a.b:1'] }", NULL},
        {"websocket { port: -1, no_tls: true, jwt_cookie: x }",
         "trusted operators or trusted keys configuration is required for JWT authentication via "
         "cookie \"x\""},
        {"websocket { port: -1, no_tls: true, headers {Nats-No-Masking: x} }",
         "websocket: invalid header \"Nats-No-Masking\" not allowed"},
        {"websocket { port: -1, no_tls: true, headers {sec-websocket-x: x} }",
         "websocket: invalid header \"sec-websocket-x\", \"Sec-WebSocket-\" prefix not allowed"},
        {"websocket { port: -1, no_tls: true, headers {'': x} }", NULL},
        {"websocket { port: -1, no_tls: true, authorization {token: a} }" USERS,
         "websocket authentication token not compatible with presence of users/nkeys"},
        {"tls { ocsp_peer: true }", "OCSP peer verification for client connections requires TLS "
                                    "verify (mTLS) to be enabled"},
        {"leafnodes { tls { ocsp_peer: true } }",
         "OCSP peer verification for client connections requires TLS verify (mTLS) to be enabled"},
        {"cluster { tls { ocsp_peer: true } }", NULL}, // it always verifies
    };

    expect_conflicts(cases, NB_ARRAY_LEN(cases));
}

static void jetstream_is_judged(void **state NB_UNUSED)
{
    static const struct conflict cases[] = {
        {"jetstream {domain: 'a.b'}", "invalid domain name: may not contain ., * or >"},
        {"jetstream {domain: 'a>'}", "invalid domain name: may not contain ., * or >"},
        {"jetstream {domain: 'a b'}",
         "invalid domain name: derived \"$JS.a b.API.>\" is not a valid subject"},
        {"jetstream: on\ncluster {port: -1}", "jetstream cluster requires `server_name` to be set"},
        {"jetstream: on\ncluster {port: -1}\nserver_name: a",
         "jetstream cluster requires `cluster.name` to be set"},
        {"jetstream {extension_hint: foo}\nserver_name: a\ncluster {name: c, port: -1}",
         "expected 'no_extend' for string value, got 'foo'"},
        {"jetstream {extension_hint: foo}", NULL},
        {"jetstream {max_outstanding_catchup: -1}\nserver_name: a\ncluster {name: c, port: -1}",
         "jetstream max catchup cannot be negative"},
        {"default_js_domain {NOPE: x}", "in non operator mode, `default_js_domain` references non "
                                        "existing account \"NOPE\""},
        {"default_js_domain {A: x}\naccounts {A {jetstream: on}}",
         "default_js_domain contains account name \"A\" with enabled JetStream"},
        {"default_js_domain {A: x}\naccounts {A {}}\nsystem_account: A",
         "system account \"A\" can not be in default_js_domain"},
        {"default_js_domain {\"$G\": 'a b'}",
         "default_js_domain contains account \"$G\" with invalid domain name \"a b\""},
        {"default_js_domain {\"$G\": 'a.b'}", NULL},
    };

    expect_conflicts(cases, NB_ARRAY_LEN(cases));
}

/* What cannot change. */

struct change {
    const char *was;
    const char *is;
    const char *refusals; // "" for none; each with its line end
};

static void expect_changes(const struct change *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct nserver_options was = with_defaults(cases[i].was);
        struct nserver_options is = with_defaults(cases[i].is);
        struct nb_diag diag = {0};
        struct nb_buf lines;
        int listed;
        int rc = nserver_options_check_reload(&was, &is, &diag);

        nb_buf_init(&lines, 64 * 1024);
        listed = nserver_options_list_refusals(&was, &is, &lines);
        if (rc != listed || (rc == NB_OK) != (cases[i].refusals[0] == '\0') ||
            !nb_slice_is(nb_buf_slice(&lines), cases[i].refusals) ||
            strncmp(diag.text, cases[i].refusals, strlen(diag.text)) != 0) {
            fail_msg("%s -> %s\nhas  %d %.*s\nnot  %s", cases[i].was, cases[i].is, rc,
                     NB_SLICE_ARGS(nb_buf_slice(&lines)), cases[i].refusals);
        }
        nb_buf_fini(&lines);
        nserver_options_fini(&was);
        nserver_options_fini(&is);
    }
}

#define NOT "config reload not supported for "

static void what_other_servers_cannot_change_is_named(void **state NB_UNUSED)
{
    static const struct change cases[] = {
        {"debug: on", "cluster { host: h, port: 5 }", NOT "cluster host: old=, new=h\n"},
        {"cluster { port: 5 }", "cluster { port: 6 }", NOT "cluster port: old=5, new=6\n"},
        {"cluster { port: 5 }", "cluster { port: -1 }", ""}, // keeps the one it has
        {"cluster { port: -1, name: a }",
         "cluster { port: -1, name: b, pool_size: 7, routes: ['nats://a:1'], compression: off }",
         ""},
        {"cluster { port: -1 }", "cluster { port: -1, advertise: 'a:b:c' }",
         "invalid Cluster.Advertise value of a:b:c, err=address a:b:c: too many colons in "
         "address\n"},
        {"debug: on", "gateway { name: g, port: -1 }",
         "gateway \"g\" has no port specified (select -1 for random port)\n"},
        {"debug: on", "gateway { name: g, port: 5 }", NOT "Gateway: old={name: }, new={name: g}\n"},
        {"gateway { name: g, port: 5 }", "gateway { name: g, port: 5, reject_unknown: on }",
         NOT "Gateway: old={reject_unknown_cluster: false}, new={reject_unknown_cluster: true}\n"},
        {"gateway { name: g, port: 5, gateways: [{name: a, url: 'nats://a'}, {name: b, url: "
         "'nats://b'}] }",
         "gateway { name: g, port: 5, gateways: [{name: b, url: 'nats://b'}, {name: a, url: "
         "'nats://a'}] }",
         ""},
        {"gateway { name: g, port: 5, gateways: [{name: a, url: 'nats://a'}] }",
         "gateway { name: g, port: 5, gateways: [{name: a, url: 'nats://b'}] }",
         NOT "Gateway: old={gateways: 1}, new={gateways: 1, not the same}\n"},
        {"leafnodes { port: 5 }", "leafnodes { port: 6, host: h, min_version: 2.9.0 }",
         NOT "LeafNode: field \"Host\": old=0.0.0.0, new=h\n" NOT
             "LeafNode: field \"Port\": old=5, new=6\n" NOT
             "LeafNode: field \"MinVersion\": old=, new=2.9.0\n"},
        {"leafnodes { authorization { password: a } }",
         "leafnodes { authorization { password: b } }",
         NOT "LeafNode: field \"Password\": old=[REDACTED], new=[REDACTED]\n"},
        {"leafnodes { authorization { users: [{user: a}, {user: b}] } }",
         "leafnodes { authorization { users: [{user: b}, {user: a, proxy_required: on}] } }", ""},
        {"leafnodes { authorization { users: [{user: a}] } }",
         "leafnodes { authorization { users: [{user: b}] } }",
         NOT "LeafNode: field \"Users\": old=[1], new=[1]\n"},
        {"leafnodes { reconnect: '1s' }", "leafnodes { reconnect: '2s' }",
         NOT "LeafNode: field \"ReconnectInterval\": old=1s, new=2s\n"},
        {"leafnodes { remotes: [{url: 'nats://u:p@a'}, {url: 'nats://b'}] }",
         "leafnodes { remotes: [{url: 'nats://c'}, {url: 'nats://u:p@a', hub: on, deny_imports: "
         "[x, y]}] }",
         NOT "LeafNode: remote urls=[\"nats://u:xxxxx@a:7422\"], account=\"$G\": field \"Hub\": "
             "old=false, new=true\n" NOT
             "LeafNode: remote urls=[\"nats://u:xxxxx@a:7422\"], account=\"$G\": field "
             "\"DenyImports\": old=[], new=[x y]\n"},
        {"leafnodes { remotes: [{url: 'ws://a', proxy {url: 'http://h'}}] }",
         "leafnodes { remotes: [{url: 'ws://a', proxy {url: 'http://i'}}] }",
         NOT "LeafNode: remote urls=[\"ws://a:7422\"], account=\"$G\": field \"Proxy\": only the "
             "proxy TLS configuration can be changed\n"},
        {"leafnodes { compression: off, remotes: [{url: 'nats://a'}] }",
         "leafnodes { compression: on, remotes: [{url: 'nats://a', disabled: on, compression: "
         "off}] }",
         ""},
    };

    expect_changes(cases, NB_ARRAY_LEN(cases));
}

static void what_other_protocols_cannot_change_is_named(void **state NB_UNUSED)
{
    static const struct change cases[] = {
        {"debug: on", "ws { port: -1, no_tls: on }",
         NOT "Websocket: old={host: }, new={host: 0.0.0.0}\n"},
        {"ws { port: -1, no_tls: on }", "ws { port: -1, no_tls: on, compression: on }",
         NOT "Websocket: old={compression: false}, new={compression: true}\n"},
        {"ws { port: -1, origins: [a, b] }", "ws { port: -1, origins: [b, a] }", ""},
        {"ws { port: -1, headers {a: b} }", "ws { port: -1, headers {a: c} }",
         NOT "Websocket: old={headers: map[a:b]}, new={headers: map[a:c]}\n"},
        {"ws { authorization {token: a} }", "ws { authorization {token: b} }",
         NOT "Websocket: old={token: [REDACTED]}, new={token: [REDACTED]}\n"},
        {"mqtt { port: -1 }", "mqtt { port: -1, js_domain: x }",
         NOT "MQTT: old={js_domain: }, new={js_domain: x}\n"},
        {"mqtt { port: -1 }", "mqtt { port: -1, ack_wait: '5s', max_pending: 5 }", ""},
        {"feature_flags { a: on, b: off }", "feature_flags { b: off, a: on }", ""},
        {"debug: on", "feature_flags { a: on }", NOT "FeatureFlags: old=map[], new=map[a:true]\n"},
        {"tls {}", "tls { verify_and_map: true }", NOT "TLSMap: old=false, new=true\n"},
    };

    expect_changes(cases, NB_ARRAY_LEN(cases));
}

static void what_jetstream_cannot_change_is_named(void **state NB_UNUSED)
{
#define JS "jetstream { store_dir: js"
    static const struct change cases[] = {
        {"debug: on", JS "}", ""},
        {JS "}", "debug: on", ""},
        {JS "}", JS ", strict: off }", NOT "NoJetStreamStrict: old=false, new=true\n"},
        {JS "}", JS ", key: verysecret, prev_key: too }",
         NOT "JetStreamKey: old=, new=[REDACTED]\n" NOT "JetStreamOldKey: old=, new=[REDACTED]\n"},
        {JS "}", JS ", cipher: aes }", NOT "JetStreamCipher: old=ChaCha20-Poly1305, new=AES-GCM\n"},
        {JS "}", JS ", cipher: chacha }", ""},
        {JS "}", JS ", sync: always }", NOT "SyncAlways: old=false, new=true\n"},
        {JS "}", JS ", sync: '5s' }", NOT "SyncInterval: old=2m0s, new=5s\n"},
        {JS "}", JS ", tpm { pcr: 5 } }", NOT "JetStreamTpm: old={set: false}, new={set: true}\n"},
        {JS ", max_concurrent_io: 5 }", "debug: on", ""},
        {JS "}", "jetstream { store_dir: other }", NOT "jetstream storage directory\n"},
        {JS "}", "jetstream: on", NOT "jetstream storage dir\n"},
        {JS ", max_mem: 5, max_file: 5 }", JS ", max_mem: 6, max_file: 4 }",
         NOT "decreasing jetstream max memory and store\n"},
        {JS ", max_mem: 5 }", JS ", max_mem: 6 }", ""},
        {JS "}", JS ", max_mem: 5 }", NOT "jetstream dynamic max memory and store\n"},
        {JS ", max_mem: 5 }", JS "}", NOT "jetstream max memory and max store\n"},
        {JS ", max_mem: 5 }", "debug: on", ""},
        {"debug: on", "default_js_domain {\"$G\": x}",
         NOT "JsAccDefaultDomain: old=map[], new=map[$G:x]\n"},
        {JS "}", JS ", limits { max_ack_pending: 5 }, meta_compact: 5 }", ""},
    };

    expect_changes(cases, NB_ARRAY_LEN(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listeners_that_are_on_have_defaults),
        cmocka_unit_test(listeners_that_are_off_have_none),
        cmocka_unit_test(jetstream_has_defaults),
        cmocka_unit_test(other_servers_are_judged),
        cmocka_unit_test(other_protocols_are_judged),
        cmocka_unit_test(jetstream_is_judged),
        cmocka_unit_test(what_other_servers_cannot_change_is_named),
        cmocka_unit_test(what_other_protocols_cannot_change_is_named),
        cmocka_unit_test(what_jetstream_cannot_change_is_named),
    };
    return cmocka_run_group_tests_name("options_blocks", tests, NULL, NULL);
}
