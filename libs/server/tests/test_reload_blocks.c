/* What a reload says about blocks of options, and what is said of one that isn't done. */
#include "options_fixture.h"

#include <natsd/server.h>

#include "lifecycle/capabilities.h"
#include "lifecycle/reload_log.h"

/* A log that keeps its lines, with a letter for the level. */

struct lines {
    struct nb_logger log;
    struct nb_buf text;
};

static void keep_line(void *ctx, enum nb_log_level level, struct slice line)
{
    struct lines *lines = ctx;

    nb_buf_must_text(&lines->text, level == NB_LOG_WARN ? "W " : "I ");
    nb_buf_must(&lines->text, line);
    nb_buf_must_text(&lines->text, "\n");
}

static void lines_init(struct lines *lines)
{
    memset(lines, 0, sizeof(*lines));
    lines->log.write = keep_line;
    lines->log.ctx = lines;
    nb_buf_init(&lines->text, 64 * 1024);
}

static struct nserver_options options_of(const char *text)
{
    struct outcome out = read_config(text);
    struct nserver_options o;

    if (out.rc != NB_OK) {
        fail_msg("%s\n%s", text, out.errors);
    }
    nserver_options_copy(&o, &out.opts);
    outcome_fini(&out);
    return o;
}

struct preview {
    const char *was;
    const char *is;
    const char *lines;    // between those that are always there and the end
    const char *refusals; // "" for none
};

#define ALWAYS "I Reloaded: authorization users\nI Reloaded: accounts\n"

static void expect_preview(const struct preview *want)
{
    struct nserver_options was = options_of(want->was);
    struct nserver_options is = options_of(want->is);
    struct nb_buf refusals;
    struct lines lines;
    char all[4096];
    int rc;

    snprintf(all, sizeof(all), "%s%s", want->refusals[0] == '\0' ? ALWAYS : "", want->lines);
    lines_init(&lines);
    nb_buf_init(&refusals, 64 * 1024);
    rc = nserver_reload_preview(&was, &is, &lines.log, &refusals);
    if ((rc == NB_OK) != (want->refusals[0] == '\0') ||
        !nb_slice_is(nb_buf_slice(&refusals), want->refusals) ||
        !nb_slice_is(nb_buf_slice(&lines.text), all)) {
        fail_msg("%s -> %s\nhas  %d\n%.*s%.*snot\n%s%s", want->was, want->is, rc,
                 NB_SLICE_ARGS(nb_buf_slice(&lines.text)), NB_SLICE_ARGS(nb_buf_slice(&refusals)),
                 all, want->refusals);
    }
    nb_buf_fini(&refusals);
    nb_buf_fini(&lines.text);
    nserver_options_fini(&was);
    nserver_options_fini(&is);
}

static void expect_previews(const struct preview *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        expect_preview(&cases[i]);
    }
}

static void each_change_of_a_block_has_its_line(void **state NB_UNUSED)
{
#define CLUSTER "cluster { name: c, port: -1"
#define LEAF "leafnodes { remotes: [{url: 'nats://a:1'"
#define REMOTE "urls=[\"nats://a:1\"], account=\"$G\""
    static const struct preview cases[] = {
        {"debug: on", "debug: on", "", ""},
        {CLUSTER " }", CLUSTER ", connect_retries: 3 }", "I Reloaded: cluster\n", ""},
        {CLUSTER ", routes: ['nats://a:1', 'nats://b:1'] }",
         CLUSTER ", routes: ['nats://b:1', 'nats://a:1'] }", "", ""},
        {CLUSTER " }", CLUSTER ", routes: ['nats://b:1'] }", "I Reloaded: cluster routes\n", ""},
        {CLUSTER " }", CLUSTER ", tls { insecure: true } }",
         "I Reloaded: cluster\n"
         "W TLS certificate chain and hostname of solicited routes will not be verified. DO NOT "
         "USE IN PRODUCTION!\n",
         ""},
        {CLUSTER ", permissions { import: a } }", CLUSTER ", permissions { import: b } }",
         "I Reloaded: cluster\n", ""},
        {LEAF "}] }", "leafnodes { remotes: [] }",
         "I Reloaded: LeafNode Remote " REMOTE " removed\n", ""},
        {LEAF "}] }", LEAF ", disabled: true, compression: off}] }",
         "I Reloaded: LeafNode Remote " REMOTE " Compression value is: off\n"
         "I Reloaded: LeafNode Remote " REMOTE " Disabled value is: true\n",
         ""},
        {"leafnodes { port: -1 }", "leafnodes { port: -1, compression: off, tls { first: '5s' } }",
         "", "config reload not supported for LeafNode: field \"AuthTimeout\": old=2, new=3\n"},
        {"leafnodes { port: -1, tls {} }",
         "leafnodes { port: -1, compression: off, tls { first: '5s' } }",
         "I Reloaded: LeafNode TLS HandshakeFirst value is: true\n"
         "I Reloaded: LeafNode TLS HandshakeFirstFallback value is: 5s\n"
         "I Reloaded: LeafNode Compression value is: off\n",
         ""},
        {"jetstream { store_dir: d, max_mem: 5K }", "jetstream { store_dir: d, max_mem: 1536MB }",
         "I Reloaded: JetStream max_mem_store = 1.50 GB\n", ""},
        {"jetstream { max_file: 1 }", "jetstream { max_file: 5 }",
         "I Reloaded: JetStream max_file_store = 5 B\n", ""},
        {"jetstream: on", "debug: off", "I Reloaded: JetStream\n", ""},
        {"jetstream: on", "jetstream { limits { max_ack_pending: 5 } }",
         "I Reloaded: JetStream limits\n", ""},
        {"debug: off", "mqtt { max_ack_pending: 5 }",
         "I Reloaded: MQTT ack_wait = 30s\nI Reloaded: MQTT max_ack_pending = 5\n"
         "I Reloaded: MQTT stream_replicas = 0\nI Reloaded: MQTT consumer_replicas = 0\n"
         "I Reloaded: MQTT consumer_memory_storage = false\n"
         "I Reloaded: MQTT consumer_inactive_threshold = 0s\n",
         ""},
        {"debug: off", "ocsp: on, ocsp_cache: off",
         "I Reloaded: OCSP\nI Reloaded OCSP peer cache\n", ""},
    };

    expect_previews(cases, NB_ARRAY_LEN(cases));
}

static void a_preview_tells_every_reason(void **state NB_UNUSED)
{
    static const struct preview cases[] = {
        {"server_name: a", "server_name: b, max_subs: 5", "",
         "config reload not supported for ServerName: old=a, new=b\n"
         "config reload not supported for MaxSubs: old=0, new=5\n"},
        {"debug: on", "cluster { compression: xyz }", "", "unsupported compression mode \"xyz\"\n"},
        {"debug: on", "client_advertise: 'a:b:c'", "",
         "invalid ClientAdvertise value of a:b:c, err=address a:b:c: too many colons in address\n"},
    };

    expect_previews(cases, NB_ARRAY_LEN(cases));
}

/* What is configured and not there. */

static void what_is_missing_is_warned_of(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        const char *block; // NULL: nothing is said
    } cases[] = {
        {"cluster { port: -1 }",
         "cluster is configured, but this version of natsd has no clustering"},
        {"cluster { routes: ['nats://a'] }",
         "cluster is configured, but this version of natsd has no clustering"},
        {"cluster { name: c }", NULL},
        {"gateway { name: g, port: 1 }",
         "gateway is configured, but this version of natsd has no gateways"},
        {"leafnodes { remotes: [{url: 'nats://a'}] }",
         "leafnodes is configured, but this version of natsd has no leaf nodes"},
        {"websocket { port: 1 }",
         "websocket is configured, but this version of natsd has no WebSocket listener"},
        {"websocket {}", NULL},
        {"mqtt { port: 1 }", "mqtt is configured, but this version of natsd has no MQTT listener"},
        {"jetstream: on", "jetstream is configured, but this version of natsd has no JetStream"},
        {"jetstream: off", NULL},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nserver_options o = options_of(cases[i].text);
        struct lines lines;
        char want[256] = "";

        if (cases[i].block != NULL) {
            snprintf(want, sizeof(want), "W %s: it is ignored\n", cases[i].block);
        }
        lines_init(&lines);
        nserver__warn_of_missing(&lines.log, NULL, &o);
        if (!nb_slice_is(nb_buf_slice(&lines.text), want)) {
            fail_msg("%s: %.*s", cases[i].text, NB_SLICE_ARGS(nb_buf_slice(&lines.text)));
        }
        nb_buf_clear(&lines.text);
        nserver__warn_of_missing(&lines.log, &o, &o); // it was there before
        assert_int_equal(nb_buf_slice(&lines.text).n, 0);
        nb_buf_fini(&lines.text);
        nserver_options_fini(&o);
    }
}

static void addresses_to_tell_others_are_checked(void **state NB_UNUSED)
{
    static const char *const cases[][2] = {
        {"cluster { port: -1, advertise: 'a:b:c' }",
         "Error setting route INFO with Cluster.Advertise value of a:b:c, err=address a:b:c: too "
         "many colons in address"},
        {"leafnodes { port: -1, advertise: 'a:x' }",
         "Error setting leafnode INFO with LeafNode.Advertise value of a:x, err=\"x\": invalid "
         "syntax"},
        {"gateway { name: a, port: -1, advertise: '[a' }",
         "Error setting gateway INFO with Gateway.Advertise value of [a, err=address [a:0: missing "
         "']' in address"},
        {"cluster { advertise: 'a:b:c' }", ""},
        {"cluster { port: -1, advertise: 'a' }", ""},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nserver_options o = options_of(cases[i][0]);
        struct nb_diag diag = {0};
        int rc = nserver__check_advertised(&o, &diag);

        if ((rc == NB_OK) != (cases[i][1][0] == '\0') || strcmp(diag.text, cases[i][1]) != 0) {
            fail_msg("%s: %d %s", cases[i][0], rc, diag.text);
        }
        nserver_options_fini(&o);
    }
}

/* Feature flags. */

static void feature_flags_are_listed_by_name(void **state NB_UNUSED)
{
    static const char *const cases[][2] = {
        {"debug: on", ""},
        {"feature_flags {}", ""},
        {"feature_flags { zzz: on }",
         "I   Feature flags:\nI     Configured:    none\nI     Unsupported:   zzz\n"},
        {"feature_flags { js_snapshot_sources: off, zzz: on, js_ack_fc_v2: on, aaa: off }",
         "I   Feature flags:\n"
         "I     Configured:    js_ack_fc_v2 (opt-in), js_snapshot_sources (disabled)\n"
         "I     Unsupported:   aaa, zzz\n"},
        {"feature_flags { js_raft_delete_range: off }",
         "I   Feature flags:\nI     Configured:    js_raft_delete_range (opt-out)\n"},
        {"feature_flags { js_raft_delete_range: on }",
         "I   Feature flags:\nI     Configured:    js_raft_delete_range (enabled)\n"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nserver_options o = options_of(cases[i][0]);
        struct lines lines;

        lines_init(&lines);
        nserver__log_feature_flags(&lines.log, &o);
        if (!nb_slice_is(nb_buf_slice(&lines.text), cases[i][1])) {
            fail_msg("%s: %.*s", cases[i][0], NB_SLICE_ARGS(nb_buf_slice(&lines.text)));
        }
        nb_buf_fini(&lines.text);
        nserver_options_fini(&o);
    }
}

static void a_feature_is_what_is_configured_or_its_default(void **state NB_UNUSED)
{
    struct nserver_options o = options_of("feature_flags { js_raft_delete_range: off, zzz: on }");
    struct nserver_options none = options_of("debug: on");

    assert_false(nserver_feature_is_on(&o, "js_raft_delete_range"));
    assert_true(nserver_feature_is_on(&none, "js_raft_delete_range"));
    assert_false(nserver_feature_is_on(&none, "js_ack_fc_v2"));
    nserver_options_fini(&o);
    nserver_options_fini(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_change_of_a_block_has_its_line),
        cmocka_unit_test(a_preview_tells_every_reason),
        cmocka_unit_test(what_is_missing_is_warned_of),
        cmocka_unit_test(addresses_to_tell_others_are_checked),
        cmocka_unit_test(feature_flags_are_listed_by_name),
        cmocka_unit_test(a_feature_is_what_is_configured_or_its_default),
    };
    return cmocka_run_group_tests_name("reload_blocks", tests, NULL, NULL);
}
