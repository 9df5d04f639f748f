/* The top level of a configuration: what is taken, what is refused, where, and in which words. */
#include "options_fixture.h"

#include <natsd/clock.h>

/* Taken. */

static void nothing_is_set_by_an_empty_text(void **state NB_UNUSED)
{
    struct outcome out = read_config("# nothing\n");
    struct nserver_options untouched = {0};

    assert_int_equal(out.rc, NB_OK);
    assert_string_equal(out.warnings, "f.conf: config has no values or is empty\n");
    assert_string_equal(out.errors, "");
    assert_string_equal(out.opts.config_file, "f.conf");
    assert_string_equal(out.opts.config_digest, "sha256:ca3d163bab055381827226140568f3bef7eaac187"
                                                "cebd76878e0b63e9e442356");
    nb_free(out.opts.config_file);
    nb_free(out.opts.config_digest);
    out.opts.config_file = NULL;
    out.opts.config_digest = NULL;
    assert_memory_equal(&out.opts, &untouched, sizeof(untouched));
    outcome_fini(&out);
}

static void numbers_and_texts_are_taken(void **state NB_UNUSED)
{
    struct nserver_options o = read_good(
        "server_name: N, client_advertise: 'me:1', workers: 3, max_connections: 10, max_subs: 11\n"
        "max_sub_tokens: 12, max_control_line: 13, max_payload: 2k, max_pending: 2MB\n"
        "max_closed_clients: 14, ping_max: 15, ping_interval: '1m30s', write_deadline: '1.5s'\n"
        "lame_duck_duration: '1m', lame_duck_grace_period: '5s', max_traced_msg_len: 16\n"
        "log_file: l, log_size_limit: 17, log_max_num: 18, remote_syslog: r, pid_file: p\n"
        "ports_file_dir: d, http_base_path: b, no_auth_user: u, connect_error_reports: 19\n"
        "reconnect_error_reports: 20, prof_port: 21, prof_block_rate: 22");

    assert_string_equal(o.server_name, "N");
    assert_string_equal(o.client_advertise, "me:1");
    assert_int_equal(o.workers, 3);
    assert_int_equal(o.max_connections, 10);
    assert_int_equal(o.max_subscriptions, 11);
    assert_int_equal(o.max_sub_tokens, 12);
    assert_int_equal(o.max_control_line, 13);
    assert_int_equal(o.max_payload, 2000);
    assert_int_equal(o.max_pending, 2 * 1024 * 1024);
    assert_int_equal(o.max_closed_clients, 14);
    assert_int_equal(o.ping_max, 15);
    assert_int_equal(o.ping_interval_ns, 90 * NB_NS_PER_S);
    assert_int_equal(o.write_deadline_ns, 1500 * NB_NS_PER_MS);
    assert_int_equal(o.lame_duck_duration_ns, 60 * NB_NS_PER_S);
    assert_int_equal(o.lame_duck_grace_ns, 5 * NB_NS_PER_S);
    assert_int_equal(o.max_traced_msg_len, 16);
    assert_string_equal(o.log_file, "l");
    assert_int_equal(o.log_size_limit, 17);
    assert_int_equal(o.log_max_num, 18);
    assert_string_equal(o.remote_syslog, "r");
    assert_string_equal(o.pid_file, "p");
    assert_string_equal(o.ports_file_dir, "d");
    assert_string_equal(o.http_base_path, "b");
    assert_string_equal(o.no_auth_user, "u");
    assert_int_equal(o.connect_error_reports, 19);
    assert_int_equal(o.reconnect_error_reports, 20);
    assert_int_equal(o.prof_port, 21);
    assert_int_equal(o.prof_block_rate, 22);
    nserver_options_fini(&o);
}

static void switches_are_taken(void **state NB_UNUSED)
{
    struct nserver_options o =
        read_good("no_header_support: on, disable_sublist_cache: on, no_fast_producer_stall: on\n"
                  "proxy_protocol: on, allow_non_tls: on, no_system_account: on, debug: on\n"
                  "trace: off, logtime: off, logtime_utc: on, syslog: off");

    assert_true(o.no_header_support);
    assert_true(o.no_sublist_cache);
    assert_true(o.no_fast_producer_stall);
    assert_true(o.proxy_protocol);
    assert_true(o.allow_non_tls);
    assert_true(o.no_system_account);
    assert_int_equal(o.debug, NSERVER_YES);
    assert_int_equal(o.trace, NSERVER_NO); // not the same as nothing
    assert_int_equal(o.logtime, NSERVER_NO);
    assert_int_equal(o.logtime_utc, NSERVER_YES);
    assert_int_equal(o.syslog, NSERVER_NO);
    assert_int_equal(o.trace_verbose, NSERVER_UNSET);
    nserver_options_fini(&o);
}

static void ways_of_tracing_switch_it(void **state NB_UNUSED)
{
    struct nserver_options verbose = read_good("trace_verbose: on");
    struct nserver_options headers = read_good("trace: on, trace_headers: off");

    assert_int_equal(verbose.trace, NSERVER_YES);
    assert_int_equal(verbose.trace_verbose, NSERVER_YES);
    assert_int_equal(headers.trace, NSERVER_NO);
    assert_int_equal(headers.trace_headers, NSERVER_NO);
    nserver_options_fini(&verbose);
    nserver_options_fini(&headers);
}

static void other_names_of_a_key_mean_the_same(void **state NB_UNUSED)
{
    static const char *const pairs[][2] = {
        {"host: x", "net: x"},
        {"HOST: x", "Net: x"},
        {"max_connections: 5", "max_conn: 5"},
        {"max_subscriptions: 5", "max_subs: 5"},
        {"max_sub_tokens: 5", "max_subscription_tokens: 5"},
        {"disable_sublist_cache: on", "no_sublist_cache: on"},
        {"no_system_account: on", "no_system: on"},
        {"no_system_account: on", "no_sys_acc: on"},
        {"system_account: A", "system: A"},
        {"log_file: x", "logfile: x"},
        {"log_size_limit: 5", "logfile_size_limit: 5"},
        {"log_max_num: 5", "logfile_max_num: 5"},
        {"pid_file: x", "pidfile: x"},
        {"http_port: 5", "monitor_port: 5"},
        {"mappings { a: b }", "maps { a: b }"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(pairs); i++) {
        struct nserver_options one = read_good(pairs[i][0]);
        struct nserver_options other = read_good(pairs[i][1]);

        assert_int_equal(one.max_connections, other.max_connections);
        assert_int_equal(one.max_subscriptions, other.max_subscriptions);
        assert_int_equal(one.max_sub_tokens, other.max_sub_tokens);
        assert_int_equal(one.no_sublist_cache, other.no_sublist_cache);
        assert_int_equal(one.no_system_account, other.no_system_account);
        assert_int_equal(one.log_size_limit, other.log_size_limit);
        assert_int_equal(one.log_max_num, other.log_max_num);
        assert_int_equal(one.http_port, other.http_port);
        assert_int_equal(one.mapping_count, other.mapping_count);
        assert_true(nb_slice_equal(nb_slice_of(one.host), nb_slice_of(other.host)));
        assert_true(nb_slice_equal(nb_slice_of(one.log_file), nb_slice_of(other.log_file)));
        assert_true(nb_slice_equal(nb_slice_of(one.pid_file), nb_slice_of(other.pid_file)));
        assert_true(
            nb_slice_equal(nb_slice_of(one.system_account), nb_slice_of(other.system_account)));
        nserver_options_fini(&one);
        nserver_options_fini(&other);
    }
}

static void addresses_are_a_port_or_host_and_port(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        const char *host; // NULL: none
        int port;
    } cases[] = {
        {"listen: 4223", NULL, 4223},
        {"host: x, listen: -1", NULL, -1}, // a port alone takes the host back
        {"listen: 127.0.0.1:4223", "127.0.0.1", 4223},
        {"listen: 'h:-1'", "h", -1},
        {"listen: ':4222'", NULL, 4222},
        {"listen: '[::1]:4222'", "::1", 4222},
        {"listen: 'h:99999'", "h", 99999}, // found out when it is listened on
        {"listen: 'h:99999999999'", "h", INT32_MAX},
        {"port: -5", NULL, -5},
        {"port: 99999999999", NULL, INT32_MAX},
        {"port: -99999999999", NULL, INT32_MIN},
    };
    struct nserver_options web;

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nserver_options o = read_good(cases[i].text);

        assert_int_equal(o.port, cases[i].port);
        assert_true(nb_slice_equal(nb_slice_of(o.host), nb_slice_of(cases[i].host)));
        nserver_options_fini(&o);
    }
    web = read_good("http: 'a:1', https: 'b:2'"); // they share the host
    assert_string_equal(web.http_host, "b");
    assert_int_equal(web.http_port, 1);
    assert_int_equal(web.https_port, 2);
    nserver_options_fini(&web);
}

static void max_connections_of_zero_refuses_everybody(void **state NB_UNUSED)
{
    struct nserver_options zero = read_good("max_connections: 0");
    struct nserver_options below = read_good("max_connections: -3");

    assert_int_equal(zero.max_connections, -1);
    assert_int_equal(below.max_connections, -3);
    nserver_options_fini(&zero);
    nserver_options_fini(&below);
}

static void tags_are_trimmed_lowered_and_each_kept_once(void **state NB_UNUSED)
{
    struct nserver_options many = read_good("server_tags: [A, ' b ', a, '', \"\\tC:x\"]");
    struct nserver_options one = read_good("server_tags: 'X Y'");

    assert_int_equal(many.tag_count, 3);
    assert_string_equal(many.tags[0], "a");
    assert_string_equal(many.tags[1], "b");
    assert_string_equal(many.tags[2], "c:x");
    assert_int_equal(one.tag_count, 1);
    assert_string_equal(one.tags[0], "x y");
    nserver_options_fini(&many);
    nserver_options_fini(&one);
}

static void metadata_keeps_its_case(void **state NB_UNUSED)
{
    struct nserver_options o = read_good("server_metadata: {A: b, a: C, e: ''}");

    assert_int_equal(o.metadata_count, 3);
    assert_string_equal(o.metadata[0].key, "A");
    assert_string_equal(o.metadata[0].value, "b");
    assert_string_equal(o.metadata[1].key, "a");
    assert_string_equal(o.metadata[1].value, "C");
    assert_string_equal(o.metadata[2].value, "");
    nserver_options_fini(&o);
}

static void write_timeout_has_three_values(void **state NB_UNUSED)
{
    struct nserver_options close = read_good("write_timeout: close");
    struct nserver_options retry = read_good("write_timeout: retry");
    struct nserver_options back = read_good("write_timeout: default");

    assert_int_equal(close.write_timeout, NSERVER_WRITE_TIMEOUT_CLOSE);
    assert_int_equal(retry.write_timeout, NSERVER_WRITE_TIMEOUT_RETRY);
    assert_int_equal(back.write_timeout, NSERVER_WRITE_TIMEOUT_DEFAULT);
    nserver_options_fini(&close);
    nserver_options_fini(&retry);
    nserver_options_fini(&back);
}

static void a_system_account_counts_in_lower_case_only(void **state NB_UNUSED)
{
    struct nserver_options lower = read_good("system_account: A");
    struct nserver_options upper = read_good("SYSTEM_ACCOUNT: A");

    assert_string_equal(lower.system_account, "A");
    assert_null(upper.system_account);
    nserver_options_fini(&lower);
    nserver_options_fini(&upper);
}

static void a_variable_is_no_field(void **state NB_UNUSED)
{
    struct nserver_options o = read_good("limit = 5\nmax_subs = $limit");

    assert_int_equal(o.max_subscriptions, 5);
    nserver_options_fini(&o);
}

static void what_was_set_before_stays(void **state NB_UNUSED)
{
    struct nserver_option_report report;
    struct nserver_options o;

    nserver_options_init(&o);
    o.max_payload = 7;
    nserver_options_set_text(&o.server_name, NB_SLICE("before"));
    nserver_option_report_init(&report);
    assert_int_equal(
        nserver_options_read_text(&o, "f.conf", NB_SLICE("server_name: after"), &report), NB_OK);
    nserver_option_report_fini(&report);
    assert_int_equal(o.max_payload, 7);
    assert_string_equal(o.server_name, "after");
    nserver_options_fini(&o);
}

/* Warned of. */

static void seconds_instead_of_a_duration_are_taken_with_a_warning(void **state NB_UNUSED)
{
    static const char *const keys[] = {"ping_interval", "write_deadline"};
    struct outcome upper = read_config("PING_INTERVAL: 5");

    assert_string_equal(upper.warnings, // the key as the documents have it
                        "f.conf:1:0: invalid use of field \"ping_interval\": ping_interval should "
                        "be converted to a duration\n");
    outcome_fini(&upper);
    for (size_t i = 0; i < NB_ARRAY_LEN(keys); i++) {
        char text[64];
        char want[256];
        struct outcome out;

        snprintf(text, sizeof(text), "\n%s = 100", keys[i]);
        snprintf(want, sizeof(want),
                 "f.conf:2:1: invalid use of field \"%s\": %s should be converted to a duration\n",
                 keys[i], keys[i]);
        out = read_config(text);
        assert_int_equal(out.rc, NB_OK);
        assert_string_equal(out.warnings, want);
        assert_int_equal(out.opts.ping_interval_ns + out.opts.write_deadline_ns, 100 * NB_NS_PER_S);
        outcome_fini(&out);
    }
}

static void warnings_come_apart_from_errors(void **state NB_UNUSED)
{
    struct outcome out = read_config("port: x\nwrite_deadline: 5\nfoo: 1");

    assert_int_equal(out.rc, NB_EMALFORMED);
    assert_string_equal(out.warnings, "f.conf:2:1: invalid use of field \"write_deadline\": "
                                      "write_deadline should be converted to a duration\n");
    assert_string_equal(out.errors, "f.conf:1:0: expected integer, got string\n"
                                    "f.conf:3:1: unknown field \"foo\"\n");
    outcome_fini(&out);
}

/* Refused. */

static void every_key_takes_one_type_only(void **state NB_UNUSED)
{
    static const struct {
        const char *key;
        const char *value; // of a wrong type
        const char *error;
    } cases[] = {
        {"port", "x", "expected integer, got string"},
        {"port", "1.5", "expected integer, got float"},
        {"max_pending", "on", "expected integer, got boolean"},
        {"ping_max", "[x]", "expected integer, got array"},
        {"log_size_limit", "'1k'", "expected integer, got string"},
        {"max_subs", "{x: y}", "expected integer, got map"},
        {"http_port", "2016-05-04T18:53:41Z", "expected integer, got time"},
        {"prof_port", "x", "expected integer, got string"},
        {"workers", "x", "expected integer, got string"},
        {"debug", "'true'", "expected boolean, got string"},
        {"proxy_protocol", "5", "expected boolean, got integer"},
        {"no_sys_acc", "x", "expected boolean, got string"},
        {"trace_verbose", "5", "expected boolean, got integer"},
        {"server_name", "5", "expected string, got integer"},
        {"pid_file", "on", "expected string, got boolean"},
        {"write_timeout", "5", "expected string, got integer"},
        {"lame_duck_duration", "5", "expected string, got integer"},
        {"lame_duck_grace_period", "1.5", "expected string, got float"},
        {"mappings", "x", "expected map, got string"},
        {"tls", "on", "expected map, got boolean"},
        {"authorization", "x", "expected map, got string"},
        {"system", "[a]", "system account name must be a string"},
        {"server_tags", "5", "error parsing tags: unsupported type integer"},
        {"server_tags", "[a, {b: c}]",
         "error parsing tags: unsupported type map where string is expected"},
        {"server_metadata", "[a]", "error parsing metadata: unsupported type array"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        char text[128];
        char want[256];

        snprintf(text, sizeof(text), "\n  %s: %s", cases[i].key, cases[i].value);
        snprintf(want, sizeof(want), "f.conf:2:3: %s\n", cases[i].error);
        expect_refusal(text, want);
    }
    expect_refusal("server_metadata: {a: 5, b: [x]}", "f.conf:1:18: expected string, got integer\n"
                                                      "f.conf:1:24: expected string, got array\n");
}

static void limits_hold_to_the_last_number(void **state NB_UNUSED)
{
    static const char *const good[] = {
        "max_payload: 2147483647",
        "max_control_line: 2147483647",
        "max_sub_tokens: 1",
        "max_sub_tokens: 255",
        "workers: 1",
        "workers: 256",
        "lame_duck_duration: '30s'",
        "lame_duck_grace_period: '0s'",
    };
    static const struct refusal bad[] = {
        {"max_payload: 2147483648", "f.conf:1:0: max_payload value is too big\n"},
        {"MAX_payload: 3g", "f.conf:1:0: MAX_payload value is too big\n"}, // as it is written
        {"max_control_line: 2147483648", "f.conf:1:0: max_control_line value is too big\n"},
        {"max_sub_tokens: 256", "f.conf:1:0: max_sub_tokens value is too big\n"},
        {"max_subscription_tokens: 0",
         "f.conf:1:0: max_subscription_tokens value can not be negative\n"},
        {"workers: 0", "f.conf:1:0: workers must be between 1 and 256\n"},
        {"workers: 257", "f.conf:1:0: workers must be between 1 and 256\n"},
        {"lame_duck_duration: '29.999s'",
         "f.conf:1:0: invalid lame_duck_duration of 29.999s, minimum is 30 seconds\n"},
        {"lame_duck_grace_period: '-1ns'",
         "f.conf:1:0: invalid lame_duck_grace_period, needs to be positive\n"},
        {"ping_interval: 9223372036854775807",
         "f.conf:1:0: error parsing ping_interval: value is too big\n"},
    };

    expect_good(good, NB_ARRAY_LEN(good));
    for (size_t i = 0; i < NB_ARRAY_LEN(bad); i++) {
        struct outcome out = read_config(bad[i].text);

        assert_int_equal(out.rc, NB_EMALFORMED);
        assert_string_equal(out.errors, bad[i].errors);
        outcome_fini(&out);
    }
}

static void faults_have_the_words_of_the_reference(void **state NB_UNUSED)
{
    static const struct refusal cases[] = {
        {"foo: 1", "f.conf:1:0: unknown field \"foo\"\n"},
        {"\"a\tb\": 1", "f.conf:1:1: unknown field \"a\\tb\"\n"},
        {"server_name: 'a b'", "f.conf:1:0: server name cannot contain spaces\n"},
        {"listen: host", "f.conf:1:0: could not parse address string \"host\"\n"},
        {"http: a:b:c", "f.conf:1:0: could not parse address string \"a:b:c\"\n"},
        {"https: 'host:'", "f.conf:1:0: could not parse port \"\"\n"},
        {"listen: 'h:0x10'", "f.conf:1:0: could not parse port \"0x10\"\n"},
        {"listen: on", "f.conf:1:0: expected port or host:port, got boolean\n"},
        {"write_timeout: Close",
         "f.conf:1:0: write_timeout must be 'default', 'close' or 'retry'\n"},
        {"PING_INTERVAL: x",
         "f.conf:1:0: error parsing ping_interval: time: invalid duration \"x\"\n"},
        {"lame_duck_duration: '5'",
         "f.conf:1:0: error parsing lame_duck_duration: time: missing unit in duration \"5\"\n"},
    };

    expect_refusals(cases, NB_ARRAY_LEN(cases));
}

static void keys_of_blocks_want_blocks(void **state NB_UNUSED)
{
    static const struct refusal cases[] = {
        {"cluster: 5", "f.conf:1:0: Expected map to define cluster, got integer\n"},
        {"gateway: 5", "f.conf:1:0: Expected gateway to be a map, got integer\n"},
        {"leafnodes: x", "f.conf:1:0: Expected map to define a leafnode, got string\n"},
        {"leaf: x", "f.conf:1:0: Expected map to define a leafnode, got string\n"},
        {"websocket: on", "f.conf:1:0: Expected websocket to be a map, got boolean\n"},
        {"ws: on", "f.conf:1:0: Expected websocket to be a map, got boolean\n"},
        {"mqtt: 1883", "f.conf:1:0: Expected mqtt to be a map, got integer\n"},
        {"jetstream: 5",
         "f.conf:1:0: Expected map, bool or string to define JetStream, got integer\n"},
        {"jetstream: Maybe",
         "f.conf:1:0: Expected 'enabled' or 'disabled' for string value, got 'Maybe'\n"},
        {"ocsp: 5", "f.conf:1:0: error parsing ocsp config: unsupported type integer\n"},
        {"ocsp_cache: 5", "f.conf:1:0: error parsing tags: unsupported type integer\n"},
        {"feature_flags: a", "f.conf:1:0: error parsing feature flags: unsupported type string\n"},
        {"default_js_domain: a",
         "f.conf:1:0: error default_js_domain config: unsupported type string\n"},
    };

    expect_refusals(cases, NB_ARRAY_LEN(cases));
}

static void faults_of_the_language_come_alone(void **state NB_UNUSED)
{
    struct outcome out = read_config("port: x\nfoo: 'x");

    assert_int_equal(out.rc, NB_EMALFORMED);
    assert_string_equal(out.errors, "Parse error on line 2: 'Unexpected EOF.'");
    assert_null(out.opts.config_digest);
    outcome_fini(&out);
}

static void long_names_are_shown_whole(void **state NB_UNUSED)
{
    char text[3000];
    char want[4000];

    memset(text, 'a', sizeof(text));
    memcpy(text + sizeof(text) - 4, ": 1", 4);
    snprintf(want, sizeof(want), "f.conf:1:0: unknown field \"%.*s\"\n", (int)sizeof(text) - 4,
             text);
    expect_refusal(text, want);
}

static void a_flood_of_faults_is_bounded(void **state NB_UNUSED)
{
    enum { KEYS = 200000 };
    struct nb_buf text;
    struct outcome out;

    nb_buf_init(&text, 64 * 1024 * 1024);
    for (int i = 0; i < KEYS; i++) {
        nb_buf_must_format(&text, "some_key_that_is_not_known_%d: 1\n", i);
    }
    nb_buf_must(&text, nb_slice_make("", 1));
    out = read_config((const char *)nb_buf_slice(&text).p);
    assert_int_equal(out.rc, NB_EMALFORMED);
    assert_true(strlen(out.errors) <= 16 * 1024 * 1024);
    assert_int_equal(out.errors[strlen(out.errors) - 1], '\n');
    outcome_fini(&out);
    nb_buf_fini(&text);
}

static void a_missing_file_is_told_with_its_name(void **state NB_UNUSED)
{
    struct nserver_option_report report;
    struct nserver_options o;

    nserver_options_init(&o);
    nserver_option_report_init(&report);
    assert_int_equal(nserver_options_read_file(&o, "/nonexistent/x.conf", &report), NB_ENOTFOUND);
    assert_true(nb_slice_is(nb_buf_slice(&report.errors),
                            "open /nonexistent/x.conf: no such file or directory"));
    nserver_option_report_fini(&report);
    nserver_options_fini(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_set_by_an_empty_text),
        cmocka_unit_test(numbers_and_texts_are_taken),
        cmocka_unit_test(switches_are_taken),
        cmocka_unit_test(ways_of_tracing_switch_it),
        cmocka_unit_test(other_names_of_a_key_mean_the_same),
        cmocka_unit_test(addresses_are_a_port_or_host_and_port),
        cmocka_unit_test(max_connections_of_zero_refuses_everybody),
        cmocka_unit_test(tags_are_trimmed_lowered_and_each_kept_once),
        cmocka_unit_test(metadata_keeps_its_case),
        cmocka_unit_test(write_timeout_has_three_values),
        cmocka_unit_test(a_system_account_counts_in_lower_case_only),
        cmocka_unit_test(a_variable_is_no_field),
        cmocka_unit_test(what_was_set_before_stays),
        cmocka_unit_test(seconds_instead_of_a_duration_are_taken_with_a_warning),
        cmocka_unit_test(warnings_come_apart_from_errors),
        cmocka_unit_test(every_key_takes_one_type_only),
        cmocka_unit_test(limits_hold_to_the_last_number),
        cmocka_unit_test(faults_have_the_words_of_the_reference),
        cmocka_unit_test(keys_of_blocks_want_blocks),
        cmocka_unit_test(faults_of_the_language_come_alone),
        cmocka_unit_test(long_names_are_shown_whole),
        cmocka_unit_test(a_flood_of_faults_is_bounded),
        cmocka_unit_test(a_missing_file_is_told_with_its_name),
    };
    return cmocka_run_group_tests_name("options_file", tests, NULL, NULL);
}
