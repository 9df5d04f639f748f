/* Blocks about other protocols, JetStream and OCSP: what is taken, what is refused, where, and in
 * which words.
 */
#include "options_fixture.h"

#include <natsd/clock.h>

/* WebSocket and MQTT. */

static void a_websocket_listener_is_taken(void **state NB_UNUSED)
{
    struct nserver_options o = read_good(
        "ws { listen: 'h:1', advertise: a, no_tls: on, same_origin: on, origins: ['http://a', b]\n"
        "handshake_timeout: 3, compress: on, authentication { user: u, pass: p, timeout: 2.5 }\n"
        "jwt_cookie: j, user_cookie: u, pass_cookie: p, token_cookie: t, no_auth_user: n\n"
        "headers { A: b, a: c }, ping_interval: '5s' }");
    const struct nserver_websocket_options *w = &o.websocket;

    assert_true(w->is_set && w->no_tls && w->same_origin && w->compression);
    assert_string_equal(w->host, "h");
    assert_int_equal(w->port, 1);
    assert_int_equal(w->allowed_origin_count, 2);
    assert_int_equal(w->handshake_timeout_ns, 3 * NB_NS_PER_S);
    assert_string_equal(w->username, "u");
    assert_true(w->auth_timeout_s == 2.5);
    assert_string_equal(w->token_cookie, "t");
    assert_int_equal(w->header_count, 2);
    assert_string_equal(w->headers[1].key, "a");
    assert_int_equal(w->ping_interval_ns, 5 * NB_NS_PER_S);
    nserver_options_fini(&o);
}

static void an_mqtt_listener_is_taken(void **state NB_UNUSED)
{
    struct nserver_options o = read_good(
        "mqtt { listen: 1883, authorization { token: t, timeout: x }, no_auth_user: n\n"
        "ackwait: '5s', api_timeout: '6s', max_inflight: 65535, js_domain: d, stream_replicas: 3\n"
        "consumer_memory_storage: on, consumer_auto_cleanup: '7s', reject_qos2_publish: on\n"
        "downgrade_qos2_subscribe: on }");

    assert_int_equal(o.mqtt.port, 1883);
    assert_null(o.mqtt.host);
    assert_string_equal(o.mqtt.token, "t");
    assert_true(o.mqtt.auth_timeout_s == 1.0); // what is no number is one second
    assert_int_equal(o.mqtt.ack_wait_ns, 5 * NB_NS_PER_S);
    assert_int_equal(o.mqtt.js_api_timeout_ns, 6 * NB_NS_PER_S);
    assert_int_equal(o.mqtt.max_ack_pending, 65535);
    assert_int_equal(o.mqtt.stream_replicas, 3);
    assert_int_equal(o.mqtt.consumer_inactive_threshold_ns, 7 * NB_NS_PER_S);
    assert_true(o.mqtt.reject_qos2_publish && o.mqtt.downgrade_qos2_subscribe);
    nserver_options_fini(&o);
}

static void a_fault_of_a_protocol_has_its_place(void **state NB_UNUSED)
{
    static const struct refusal cases[] = {
        {"websocket { allowed_origins: 5 }",
         "f.conf:1:12: error parsing allowed origins: unsupported type integer\n"},
        {"websocket { handshake_timeout: x }", "f.conf:1:12: time: invalid duration \"x\"\n"},
        {"websocket { handshake_timeout: 1.5 }",
         "f.conf:1:12: error parsing handshake timeout: unsupported type float\n"},
        {"websocket { headers: x }",
         "f.conf:1:12: error parsing headers: unsupported type string\n"},
        {"websocket { headers {a: 5} }",
         "f.conf:1:21: error parsing header key a: unsupported type integer\n"},
        {"websocket { authorization: x }", "f.conf:1:12: expected map, got string\n"},
        {"websocket { authorization { foo: x } }", "f.conf:1:28: unknown field \"foo\"\n"},
        {"websocket { foo: x, no_tls: 1 }", "f.conf:1:12: unknown field \"foo\"\n"
                                            "f.conf:1:20: expected boolean, got integer\n"},
        {"mqtt { max_ack_pending: 65536 }",
         "f.conf:1:7: invalid value 65536, should in [0..65535] range\n"},
        {"mqtt { max_pending: -1 }", "f.conf:1:7: invalid value -1, should in [0..65535] range\n"},
        {"mqtt { ackwait: x }",
         "f.conf:1:7: error parsing ack_wait: time: invalid duration \"x\"\n"},
        {"mqtt { advertise: x }", "f.conf:1:7: unknown field \"advertise\"\n"},
    };

    expect_refusals(cases, NB_ARRAY_LEN(cases));
}

static void replicas_of_consumers_are_warned_of(void **state NB_UNUSED)
{
    struct outcome out = read_config("mqtt { consumer_replicas: x }");

    assert_int_equal(out.rc, NB_OK);
    assert_string_equal(out.warnings,
                        "f.conf:1:7: invalid use of field \"consumer_replicas\": consumer replicas "
                        "setting ignored in this server version\n");
    outcome_fini(&out);
}

/* JetStream. */

static void jetstream_is_taken(void **state NB_UNUSED)
{
    struct nserver_options o = read_good(
        "jetstream { store: d, max_mem: '1G', max_file: 2G, strict: off, sync: '5s', domain: x\n"
        "ek: k, prev_ek: p, cipher: AES, extension_hint: no_extend, unique_tag: ' AZ: '\n"
        "max_outstanding_catchup: '3M', max_buffered_size: '4K', max_buffered_msgs: 5\n"
        "request_queue_limit: 6, info_queue_limit: 7, meta_compact: 8, meta_compact_size: '9K'\n"
        "meta_compact_sync: on, max_concurrent_io: 8192, tpm { keys_file: f, srk_password: s }\n"
        "limits { max_ack_pending: 10, max_ha_assets: 11, max_request_batch: 12\n"
        "duplicate_window: '13s', batch { max_msgs: 14, timeout: '15s' } } }");
    const struct nserver_jetstream_options *j = &o.jetstream;

    assert_true(j->is_on && j->no_strict && j->meta_compact_sync);
    assert_string_equal(j->store_dir, "d");
    assert_true(j->has_max_memory && j->has_max_store);
    assert_int_equal(j->max_memory, INT64_C(1) << 30);
    assert_int_equal(j->max_store, INT64_C(2000000000));
    assert_int_equal(j->sync_interval_ns, 5 * NB_NS_PER_S);
    assert_string_equal(j->key, "k");
    assert_string_equal(j->prev_key, "p");
    assert_int_equal(j->cipher, NSERVER_JETSTREAM_CIPHER_AES);
    assert_string_equal(j->unique_tag, "az:");
    assert_int_equal(j->max_outstanding_catchup, 3 << 20);
    assert_int_equal(j->max_buffered_size, 4 << 10);
    assert_int_equal(j->meta_compact_size, 9 << 10);
    assert_int_equal(j->max_concurrent_io, 8192);
    assert_int_equal(j->tpm.pcr, 22);
    assert_int_equal(j->limits.max_request_batch, 12);
    assert_int_equal(j->limits.duplicate_window_ns, 13 * NB_NS_PER_S);
    assert_int_equal(j->limits.batch_timeout_ns, 15 * NB_NS_PER_S);
    nserver_options_fini(&o);
}

static void jetstream_is_switched_in_many_ways(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        bool is_on;
    } cases[] = {
        {"jetstream: on", true},
        {"jetstream: off", false},
        {"jetstream: enabled", true},
        {"jetstream: Enable", true},
        {"jetstream: DISABLED", false},
        {"jetstream: disable", false},
        {"jetstream: {}", true},
        {"jetstream { enabled: no }", false},
        {"jetstream { enable: yes }", true},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nserver_options o = read_good(cases[i].text);

        if (o.jetstream.is_on != cases[i].is_on) {
            fail_msg("%s", cases[i].text);
        }
        nserver_options_fini(&o);
    }
}

static void a_fault_of_jetstream_has_its_place(void **state NB_UNUSED)
{
    static const struct refusal cases[] = {
        {"jetstream { max_mem: '1GB' }",
         "f.conf:1:12: max_mem_store strconv.ParseInt: parsing \"1G\": invalid syntax\n"},
        {"jetstream { max_mem: x }",
         "f.conf:1:12: max_mem_store strconv.ParseInt: parsing \"\": invalid syntax\n"},
        {"jetstream { max_mem: '12' }",
         "f.conf:1:12: max_mem_store sizes defined as strings must end in K, M, G, T\n"},
        {"jetstream { max_mem: '99999999999999999999K' }",
         "f.conf:1:12: max_mem_store strconv.ParseInt: parsing \"99999999999999999999\": value "
         "out of range\n"},
        {"jetstream { max_mem: '9999999999999999K' }",
         "f.conf:1:12: max_mem_store value is too big\n"},
        {"jetstream { max_file: '1k' }",
         "f.conf:1:12: max_file_store sizes defined as strings must end in K, M, G, T\n"},
        {"jetstream { max_file: 1.5 }", "f.conf:1:12: max_file_store must be int64 or string\n"},
        {"jetstream { strict: x }",
         "f.conf:1:12: Expected 'true' or 'false' for bool value, got 'x'\n"},
        {"jetstream { sync: x }",
         "f.conf:1:12: error parsing sync: time: invalid duration \"x\"\n"},
        {"jetstream { cipher: x }", "f.conf:1:12: Unknown cipher type: \"x\"\n"},
        {"jetstream { limits: x }",
         "f.conf:1:12: Expected a map to define JetStreamLimits, got string\n"},
        {"jetstream { limits { duplicate_window: x, foo: 1 } }",
         "f.conf:1:21: time: invalid duration \"x\"\nf.conf:1:42: unknown field \"foo\"\n"},
        {"jetstream { limits { batch: x } }",
         "f.conf:1:21: Expected a map to define batch limits, got string\n"},
        {"jetstream { tpm: x }",
         "f.conf:1:12: Expected a map to define JetStreamLimits, got string\n"},
        {"jetstream { max_buffered_msgs: x }",
         "f.conf:1:12: Expected a parseable size for \"max_buffered_msgs\", got x\n"},
        {"jetstream { meta_compact: -1 }",
         "f.conf:1:12: Expected an absolute size for \"meta_compact\", got -1\n"},
        {"jetstream { meta_compact_size: '-1K' }",
         "f.conf:1:12: Expected an absolute size for \"meta_compact_size\", got -1K\n"},
        {"jetstream { max_concurrent_io: 3 }",
         "f.conf:1:12: Expected an absolute size for \"max_concurrent_io\" between 4 and 8192, got "
         "3\n"},
        {"jetstream { max_concurrent_io: 8193 }",
         "f.conf:1:12: Expected an absolute size for \"max_concurrent_io\" between 4 and 8192, got "
         "8193\n"},
        {"jetstream { store_dir: a }\nstore_dir: b",
         "f.conf:2:1: Duplicate 'store_dir' configuration\n"},
        {"store_dir: b\njetstream { store: a }",
         "f.conf:2:13: Duplicate 'store_dir' configuration\n"},
        {"feature_flags { a: 5, b: on }",
         "f.conf:1:16: error parsing feature flag \"a\": expected bool, got integer\n"},
        {"default_js_domain { a: 5 }", "f.conf:1:0: expected string, got integer\n"},
    };

    expect_refusals(cases, NB_ARRAY_LEN(cases));
}

/* OCSP. */

static void ocsp_is_taken(void **state NB_UNUSED)
{
    static const char *const good[] = {
        "ocsp: off",
        "ocsp { mode: ALWAYS, url: 'http://a' }",
        "ocsp_cache: on",
        "tls { ocsp_peer: true }",
        "tls { ocsp_peer { VERIFY: true, ca_timeout: -5 } }",
    };
    struct nserver_options o = read_good(
        "ocsp { mode: must, urls: ['http://a', 'http://b'] }\n"
        "ocsp_cache { type: NONE, local_store: d, preserve_revoked: on, save_interval: '10.9s' }\n"
        "tls { ocsp_peer { verify: true, ca_timeout: 3, allowed_clockskew: '4s', warn_only: on\n"
        "unknown_is_good: on, allow_when_ca_unreachable: on, cache_ttl_when_next_update_unset: 5 } "
        "}");

    assert_int_equal(o.ocsp.mode, NSERVER_OCSP_MUST);
    assert_int_equal(o.ocsp.url_count, 2);
    assert_int_equal(o.ocsp_cache.type, NSERVER_OCSP_CACHE_NONE);
    assert_int_equal(o.ocsp_cache.save_interval_s, 10);
    assert_true(o.tls.ocsp_peer.verify && o.tls.ocsp_peer.warn_only);
    assert_true(o.tls.ocsp_peer.ca_timeout_s == 3.0);
    assert_true(o.tls.ocsp_peer.cache_ttl_s == 5.0);
    nserver_options_fini(&o);
    expect_good(good, NB_ARRAY_LEN(good));
}

static void times_of_ocsp_have_their_defaults(void **state NB_UNUSED)
{
    struct nserver_options o = read_good("tls { ocsp_peer { ca_timeout: -5 } }\n"
                                         "ocsp_cache { save_interval: 0.2 }");

    assert_true(o.tls.ocsp_peer.ca_timeout_s == NSERVER_OCSP_CA_TIMEOUT_DEFAULT_S);
    assert_true(o.tls.ocsp_peer.allowed_clockskew_s == NSERVER_OCSP_CLOCKSKEW_DEFAULT_S);
    assert_int_equal(o.ocsp_cache.save_interval_s, 1);
    nserver_options_fini(&o);
}

static void a_fault_of_ocsp_has_its_place(void **state NB_UNUSED)
{
    static const struct refusal cases[] = {
        {"ocsp { mode: x }",
         "f.conf:1:7: error parsing ocsp config: unsupported ocsp mode string\n"},
        {"ocsp { MODE: auto }",
         "f.conf:1:7: error parsing ocsp config: unsupported field string\n"},
        {"ocsp_cache { type: x }",
         "f.conf:1:13: error parsing OCSP peer cache config, unknown type [x]\n"},
        {"ocsp_cache { type: 5, foo: 1 }",
         "f.conf:1:13: error parsing OCSP peer cache config, unknown field [\"type\"]\n"
         "f.conf:1:22: error parsing OCSP peer cache config, unknown field [\"foo\"]\n"},
        {"ocsp_cache { save_interval: x }",
         "f.conf:1:13: error parsing tls peer config, conversion error: time: invalid duration "
         "\"x\"\n"},
        {"ocsp_cache { save_interval: on }",
         "f.conf:1:13: error parsing OCSP peer cache config, conversion error: unexpected type\n"},
        {"tls { ocsp_peer: x }",
         "f.conf:1:6: error parsing ocsp peer config: unsupported type map\n"},
        {"tls { ocsp_peer { verify: 5 } }",
         "f.conf:1:6: f.conf:1:18: error parsing tls peer config, unknown field [\"verify\"]\n"},
        {"tls { ocsp_peer { ca_timeout: x } }",
         "f.conf:1:6: f.conf:1:18: error parsing tls peer config, conversion error: time: invalid "
         "duration \"x\"\n"},
        {"tls { ocsp_peer { ca_timeout: on } }",
         "f.conf:1:6: f.conf:1:18: error parsing tls peer config, conversion error: unexpected "
         "type\n"},
    };

    expect_refusals(cases, NB_ARRAY_LEN(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_websocket_listener_is_taken),
        cmocka_unit_test(an_mqtt_listener_is_taken),
        cmocka_unit_test(a_fault_of_a_protocol_has_its_place),
        cmocka_unit_test(replicas_of_consumers_are_warned_of),
        cmocka_unit_test(jetstream_is_taken),
        cmocka_unit_test(jetstream_is_switched_in_many_ways),
        cmocka_unit_test(a_fault_of_jetstream_has_its_place),
        cmocka_unit_test(ocsp_is_taken),
        cmocka_unit_test(times_of_ocsp_have_their_defaults),
        cmocka_unit_test(a_fault_of_ocsp_has_its_place),
    };
    return cmocka_run_group_tests_name("options_protocols", tests, NULL, NULL);
}
