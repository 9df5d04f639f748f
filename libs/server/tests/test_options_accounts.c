/* What accounts have beside users: limits, JetStream, tracing, exports and imports. */
#include "options_fixture.h"

#define ACCOUNT_NKEY "AB3WI33M7VZAPNHQSVL554IPUDVS7GRG7XVJBA5WCFXNHRQGCZXMDNRF"

static void an_account_has_no_limits_unless_it_says_so(void **state NB_UNUSED)
{
    struct nserver_options o =
        read_good("accounts { A { nkey: " ACCOUNT_NKEY " }\n"
                  " B { limits { max_conn: 5, max_subs: 0, max_pay: 1k, max_leafs: 3 } } }");

    assert_string_equal(o.accounts[0].nkey, ACCOUNT_NKEY);
    assert_int_equal(o.accounts[0].max_connections, -1);
    assert_int_equal(o.accounts[0].max_payload, -1);
    assert_int_equal(o.accounts[0].jetstream, NSERVER_ACCOUNT_JETSTREAM_UNSET);
    assert_int_equal(o.accounts[0].jetstream_limits.max_streams, -1);
    assert_int_equal(o.accounts[1].max_connections, 5);
    assert_int_equal(o.accounts[1].max_subscriptions, 0);
    assert_int_equal(o.accounts[1].max_payload, 1000);
    assert_int_equal(o.accounts[1].max_leafnodes, 3);
    nserver_options_fini(&o);
}

static void jetstream_of_an_account_is_a_switch_or_limits(void **state NB_UNUSED)
{
    struct nserver_options o = read_good(
        "accounts { A { jetstream: Enabled }, B { jetstream: disable }, C { jetstream: false }\n"
        " D { jetstream { mem: 1k, disk: 2k, streams: 3, consumers: 4, max_bytes: true\n"
        "  mem_max_stream_bytes: 5, store_max_stream_bytes: 6, max_ack_pending: 7\n"
        "  cluster_traffic: owner } } }");
    const struct nserver_jetstream_account_limits *limits = &o.accounts[3].jetstream_limits;

    assert_int_equal(o.accounts[0].jetstream, NSERVER_ACCOUNT_JETSTREAM_ON);
    assert_int_equal(o.accounts[1].jetstream, NSERVER_ACCOUNT_JETSTREAM_OFF);
    assert_int_equal(o.accounts[2].jetstream, NSERVER_ACCOUNT_JETSTREAM_OFF);
    assert_int_equal(o.accounts[3].jetstream, NSERVER_ACCOUNT_JETSTREAM_ON);
    assert_int_equal(limits->max_memory, 1000);
    assert_int_equal(limits->max_store, 2000);
    assert_int_equal(limits->max_streams, 3);
    assert_int_equal(limits->max_consumers, 4);
    assert_true(limits->max_bytes_required);
    assert_int_equal(limits->memory_max_stream_bytes, 5);
    assert_int_equal(limits->disk_max_stream_bytes, 6);
    assert_int_equal(limits->max_ack_pending, 7);
    assert_string_equal(limits->cluster_traffic, "owner");
    nserver_options_fini(&o);
}

static void a_trace_has_a_destination_and_a_share(void **state NB_UNUSED)
{
    struct nserver_options o =
        read_good("accounts { A { msg_trace: t.a }, B { trace_dest { dest: t, sampling: '5%' } }\n"
                  " C { trace_dest { sampling: 50, dest: t } } }");

    assert_string_equal(o.accounts[0].trace_dest, "t.a");
    assert_int_equal(o.accounts[0].trace_sampling, 100);
    assert_int_equal(o.accounts[1].trace_sampling, 5);
    assert_int_equal(o.accounts[2].trace_sampling, 50);
    nserver_options_fini(&o);
}

static void a_share_without_a_destination_is_warned_of(void **state NB_UNUSED)
{
    struct outcome out = read_config("accounts { A { msg_trace: { sampling: 50 } } }");

    assert_int_equal(out.rc, NB_OK);
    assert_string_equal(
        out.warnings,
        "f.conf:1:15: Trace destination sampling ignored since no destination was set\n");
    assert_int_equal(out.opts.accounts[0].trace_sampling, 0);
    outcome_fini(&out);
}

static void faults_stand_where_the_reference_puts_them(void **state NB_UNUSED)
{
#define A(keys) "accounts { A { " keys " } }"
    static const struct refusal cases[] = {
        {A("nkey: x"), "f.conf:1:15: Not a valid public nkey for an account: \"x\"\n"},
        {A("default_permissions: x, users: [{user: a, permissions: y}]"),
         "f.conf:1:15: Expected permissions to be a map/struct, got x\n"
         "f.conf:1:57: Expected permissions to be a map/struct, got y\n"},
        {A("limits: x"), "f.conf:1:15: Expected account limits to be a map/struct, got x\n"},
        {A("limits {foo: x, max_conn: y}"),
         "f.conf:1:23: Unknown field \"foo\" parsing account limits\n"
         "f.conf:1:31: expected integer, got string\n"},
        {A("jetstream: 5"),
         "f.conf:1:15: Expected map, bool or string to define JetStream, got integer\n"},
        {A("jetstream: x"),
         "f.conf:1:15: Expected 'enabled' or 'disabled' for string value, got 'x'\n"},
        {A("jetstream: {mem: 1.5, max_bytes: 5, cluster_traffic: System, foo: 5}"),
         "f.conf:1:27: Expected a parseable size for \"mem\", got 1.5\n"
         "f.conf:1:37: Expected a parseable bool for \"max_bytes\", got 5\n"
         "f.conf:1:51: Expected 'system' or 'owner' string value for \"cluster_traffic\", got "
         "System\n"
         "f.conf:1:76: unknown field \"foo\"\n"},
        {A("jetstream: {cluster_traffic: 5}"), "f.conf:1:27: Expected either 'system' or 'owner' "
                                               "string value for \"cluster_traffic\", got 5\n"},
        {A("msg_trace: 'a b'"), "f.conf:1:15: Trace destination \"a b\" is not valid\n"},
        {A("msg_trace: ''"), "f.conf:1:15: Trace destination \"\" is not valid\n"},
        {A("msg_trace: { dest: '', sampling: 5 }"),
         "f.conf:1:28: Trace destination \"\" is not valid\n"},
        {A("trace_dest: 5"), "f.conf:1:15: Expected account message trace \"trace_dest\" to be a "
                             "string or a map/struct, got integer\n"},
        {A("msg_trace { dest: 5, sampling: 0, foo: 1 }"),
         "f.conf:1:27: Field \"dest\" should be a string, got integer\n"
         "f.conf:1:36: Ttrace destination sampling value 0 is invalid, needs to be [1..100]\n"
         "f.conf:1:49: Unknown field \"foo\" parsing account message trace map/struct "
         "\"msg_trace\"\n"},
        {A("msg_trace { dest: a, sampling: '5%%' }"),
         "f.conf:1:36: Invalid trace destination sampling value \"5%%\"\n"},
        {A("msg_trace { dest: a, sampling: true }"),
         "f.conf:1:36: Trace destination sampling field \"sampling\" should be an integer or a "
         "percentage, got boolean\n"},
    };

    expect_refusals(cases, NB_ARRAY_LEN(cases));
}

/* Exports and imports. */

static void exports_are_streams_or_services(void **state NB_UNUSED)
{
    struct nserver_options o = read_good(
        "accounts { B {}, A { exports: [ {stream: a.>, accounts: [B]}, {service: '*.b'\n"
        "  account_token_position: 1, response_type: Chunked, threshold: '1s', allow_trace: true}\n"
        " {service: c, latency: lat}, {service: d, latency: {subject: lat, sampling: headers}}\n"
        " {service: e, latency: {subject: lat, sampling: '50%'}}, {response: single}, {} ] } }");
    const struct nserver_export *e = o.accounts[1].exports;

    assert_int_equal(o.accounts[1].export_count, 5);
    assert_false(e[0].is_service);
    assert_string_equal(e[0].subject, "a.>");
    assert_true(e[0].is_restricted);
    assert_string_equal(e[0].accounts[0], "B");
    assert_true(e[1].is_service);
    assert_false(e[1].is_restricted);
    assert_int_equal(e[1].account_token_position, 1);
    assert_int_equal(e[1].response_type, NAUTH_RESPONSE_CHUNKED);
    assert_int_equal(e[1].response_threshold_ns, 1000000000);
    assert_true(e[1].allow_trace);
    assert_null(e[1].latency_subject);
    assert_string_equal(e[2].latency_subject, "lat");
    assert_int_equal(e[2].latency_sampling, 100);
    assert_int_equal(e[3].latency_sampling, 0);
    assert_int_equal(e[4].latency_sampling, 50);
    nserver_options_fini(&o);
}

static void imports_name_an_account_and_a_subject(void **state NB_UNUSED)
{
    struct nserver_options o = read_good(
        "accounts { B { exports: [ {stream: >}, {service: >} ] }, A { imports: [\n"
        " {stream: {account: B, subject: a}, prefix: p, allow_trace: true}, {}\n"
        " {service: {account: B, subject: b}, to: c, share: true, prefix: ignored} ] } }");
    const struct nserver_import *i = o.accounts[1].imports;

    assert_int_equal(o.accounts[1].import_count, 2);
    assert_false(i[0].is_service);
    assert_string_equal(i[0].account, "B");
    assert_string_equal(i[0].subject, "a");
    assert_string_equal(i[0].prefix, "p");
    assert_null(i[0].to);
    assert_true(i[0].allow_trace);
    assert_true(i[1].is_service);
    assert_string_equal(i[1].to, "c");
    assert_null(i[1].prefix);
    assert_true(i[1].share);
    nserver_options_fini(&o);
}

static void faults_of_exports_stand_where_the_reference_puts_them(void **state NB_UNUSED)
{
#define E(entry) "accounts { A { exports: [" entry "] } }"
    static const struct refusal cases[] = {
        {A("exports: x"), "f.conf:1:15: Exports should be an array, got string\n"},
        {E("x"), "f.conf:1:25: Export Items should be a map with type entry, got string\n"},
        {E("{foo: x, bar: 5, stream: 5, service: 7}"),
         "f.conf:1:26: unknown field \"foo\"\n"
         "f.conf:1:34: unknown field \"bar\"\n"
         "f.conf:1:42: Expected stream name to be string, got integer\n"
         "f.conf:1:53: Expected service name to be string, got integer\n"},
        {E("{stream: a, service: b}"),
         "f.conf:1:37: Detected service \"b\" but already saw a stream\n"},
        {E("{service: a, stream: b}"),
         "f.conf:1:38: Detected stream \"b\" but already saw a service\n"},
        {E("{service: a, accounts: x}"), "f.conf:1:38: expected array, got string\n"},
        {E("{service: a, account_token_position: x}"),
         "f.conf:1:38: expected integer, got string\n"},
        {E("{service: a, account_token_position: -1}"),
         "f.conf:1:38: account_token_position must be the number of a token\n"},
        {E("{response: single, latency: b, allow_trace: on, stream: a}"),
         "f.conf:1:26: Detected response directive on non-service\n"
         "f.conf:1:44: Detected latency directive on non-service\n"
         "f.conf:1:56: Detected allow_trace directive on non-service\n"},
        {E("{service: a, response: x, response_type: single}"),
         "f.conf:1:38: Unknown response type: \"x\"\n"
         "f.conf:1:51: Duplicate response type definition\n"},
        {E("{service: a, response: 5}"),
         "f.conf:1:38: Expected response type to be string, got integer\n"},
        {E("{service: a, threshold: 5, response_time: '1s'}"),
         "f.conf:1:38: Expected response threshold to be a parseable time duration, got integer\n"
         "f.conf:1:52: Duplicate response threshold detected\n"},
        {E("{service: a, threshold: x}"), "f.conf:1:38: Expected response threshold to be a "
                                          "parseable time duration, got \"x\"\n"},
        {E("{service: a, latency: 5}"),
         "f.conf:1:38: Expected latency entry to be a map/struct or string, got integer\n"},
        {E("{service: a, latency: {sampling: 0, subject: b}}"),
         "f.conf:1:48: bad sampling percentage, should be 1-100\n"},
        {E("{service: a, latency: {sampling: '0%', subject: b}}"),
         "f.conf:1:48: bad sampling percentage, should be 1-100\n"},
        {E("{service: a, latency: {sampling: 'x%', subject: b}}"),
         "f.conf:1:48: Failed to parse latency sample: strconv.Atoi: parsing \"x\": invalid "
         "syntax\n"},
        {E("{service: a, latency: {sampling: true, subject: b}}"),
         "f.conf:1:48: Expected latency sample to be a string or map/struct, got boolean\n"},
        {E("{service: a, latency: {sampling: 5}}"),
         "f.conf:1:38: Latency subject required, but missing\n"},
        {E("{service: a, latency: {subject: 7}}"),
         "f.conf:1:48: Expected latency subject to be a string, got integer\n"},
    };

    expect_refusals(cases, NB_ARRAY_LEN(cases));
}

static void faults_of_imports_stand_where_the_reference_puts_them(void **state NB_UNUSED)
{
#define I(entry) "accounts { A { imports: [" entry "] } }"
    static const struct refusal cases[] = {
        {A("imports: 5"), "f.conf:1:15: Imports should be an array, got integer\n"},
        {I("x"), "f.conf:1:25: Import Items should be a map with type entry, got string\n"},
        {I("{foo: x, stream: 5, service: 7}"),
         "f.conf:1:26: unknown field \"foo\"\n"
         "f.conf:1:34: Stream entry should be an account map, got integer\n"
         "f.conf:1:45: Service entry should be an account map, got integer\n"},
        {I("{service: {account: B}}"), "f.conf:1:26: Expect an account name and a subject\n"},
        {I("{stream: {account: '', subject: 5, foo: 1}}"),
         "f.conf:1:48: expected string, got integer\n"
         "f.conf:1:60: unknown field \"foo\"\n"
         "f.conf:1:26: Expect an account name and a subject\n"},
        {I("{stream: {account: B, subject: x}, service: {account: B, subject: x}}"),
         "f.conf:1:60: Detected service but already saw a stream\n"},
        {I("{stream: {account: B, subject: x}, service: x}"),
         "f.conf:1:60: Detected service but already saw a stream\n"},
        {I("{allow_trace: on, service: {account: B, subject: x}}"),
         "f.conf:1:26: Detected allow_trace directive on a non-stream\n"},
        {I("{stream: {account: B, subject: x}, prefix: p, to: t}"),
         "f.conf:1:71: Stream import can not have a 'prefix' and a 'to' property\n"},
        {I("{to: t, prefix: p, stream: {account: B, subject: x}}"),
         "f.conf:1:33: Stream import can not have a 'prefix' and a 'to' property\n"},
        {I("{service: {account: B, subject: x}}, {service: {account: B, subject: y}, to: x}"),
         "f.conf:1:104: Duplicate service import subject \"x\", previously used in import for "
         "account \"B\", subject \"x\"\n"},
        {I("{stream: {account: B, subject: x}, prefix: 5, to: 6, share: 7, allow_trace: 8}"),
         "f.conf:1:60: expected string, got integer\n"
         "f.conf:1:71: expected string, got integer\n"
         "f.conf:1:78: expected boolean, got integer\n"
         "f.conf:1:88: expected boolean, got integer\n"},
    };

    expect_refusals(cases, NB_ARRAY_LEN(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_account_has_no_limits_unless_it_says_so),
        cmocka_unit_test(jetstream_of_an_account_is_a_switch_or_limits),
        cmocka_unit_test(a_trace_has_a_destination_and_a_share),
        cmocka_unit_test(a_share_without_a_destination_is_warned_of),
        cmocka_unit_test(faults_stand_where_the_reference_puts_them),
        cmocka_unit_test(exports_are_streams_or_services),
        cmocka_unit_test(imports_name_an_account_and_a_subject),
        cmocka_unit_test(faults_of_exports_stand_where_the_reference_puts_them),
        cmocka_unit_test(faults_of_imports_stand_where_the_reference_puts_them),
    };
    return cmocka_run_group_tests_name("options_accounts", tests, NULL, NULL);
}
