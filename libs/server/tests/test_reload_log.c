/* Each change that a reload makes has its line, in the order of the reference. */
#include "lifecycle/reload_log.h"

#include "options_fixture.h"

#include <stdlib.h>
#include <unistd.h>

#include "certificates.h"

/* A log that keeps its lines. */

struct lines {
    struct nb_logger log;
    struct nb_buf text;
};

static void keep_line(void *ctx, enum nb_log_level level, struct slice line)
{
    struct lines *lines = ctx;

    assert_int_equal(level, NB_LOG_INFO);
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

static struct nserver__config *config_of(const char *text)
{
    struct nserver_options opts = read_good(text);
    struct nserver__config *config = NULL;
    struct nb_diag diag = {0};

    nserver_options_defaults(&opts);
    if (nserver__config_create(&opts, &config, &diag) != NB_OK) {
        fail_msg("%s: %s", text, diag.text);
    }
    nserver_options_fini(&opts);
    return config;
}

#define NKEY "UDK7TL55MPXHPK7UIDK6LB2S72OZVRJIIRKSOK7DFNQG3R2GNTJJ6UNK"
#define OTHER "AB3WI33M7VZAPNHQSVL554IPUDVS7GRG7XVJBA5WCFXNHRQGCZXMDNRF"
#define ALWAYS "Reloaded: authorization users\nReloaded: accounts\n"

static void expect_lines(const char *was_text, const char *is_text, int64_t surplus,
                         const char *want)
{
    struct nserver__config *was = config_of(was_text);
    struct nserver__config *is = config_of(is_text);
    struct lines lines;

    lines_init(&lines);
    nserver__log_changes(&lines.log, was, is, surplus);
    if (!nb_slice_is(nb_buf_slice(&lines.text), want)) {
        fail_msg("%s -> %s\nhas\n%.*snot\n%s", was_text, is_text,
                 NB_SLICE_ARGS(nb_buf_slice(&lines.text)), want);
    }
    nb_buf_fini(&lines.text);
    nserver__config_destroy(&was);
    nserver__config_destroy(&is);
}

static void nothing_changed_has_two_lines(void **state NB_UNUSED)
{
    expect_lines("debug: on", "debug: on", 0, ALWAYS);
    expect_lines("debug: on", "debug: on, ping_max: 2, max_connections: 65536", 0, ALWAYS);
}

static void each_change_has_its_line(void **state NB_UNUSED)
{
    static const struct {
        const char *was;
        const char *is;
        const char *before; // the two lines that are always there
        const char *after;
    } cases[] = {
        {"trace: off", "client_advertise: 'me:1'", "Reload: client_advertise = me:1\n", ""},
        {"client_advertise: me", "trace: off", "Reload: client_advertise = \n", ""},
        {"trace: off", "debug: on", "Reloaded: debug = true\n", ""},
        {"trace: off", "trace_verbose: on",
         "Reloaded: trace = true\nReloaded: trace_verbose = true\n", ""},
        {"logtime: off", "trace: off", "Reloaded: logtime = true\n", ""},
        {"max_connections: 10", "max_connections: 0", "Reloaded: max_connections = -1\n", ""},
        {"trace: off", "authorization { user: a, pass: b }", "",
         "Reloaded: authorization username\nReloaded: authorization password\n"},
        {"trace: off", "authorization { token: secret }", "", "Reloaded: authorization token\n"},
        {"accounts { A {} }", "accounts { A { users: [ {nkey: " NKEY "} ] } }",
         "Reloaded: authorization nkey users\n", ""},
        {"authorization { users: [ {nkey: " NKEY "}, {user: a} ] }",
         "authorization { users: [ {user: a}, {nkey: " NKEY "} ] }", "", ""},
        {"authorization { users: [ {nkey: " NKEY "} ] }",
         "authorization { users: [ {nkey: " NKEY ", permissions { publish: x }} ] }",
         "Reloaded: authorization nkey users\n", ""},
        {"trace: off", "default_sentinel: x", "", "Reloaded: default_sentinel = x\n"},
        {"resolver: MEM", "resolver: URL(http://a)", "", "Reloaded: accounts\n"},
        {"trace: off", "resolver_tls { insecure: true }", "", "Reloaded: accounts\n"},
        {"trace: off", "proxies { trusted: [ {key: " NKEY "} ] }", "",
         "Reloaded: proxies trusted keys [\"" NKEY "\"] were added\n"},
        {"proxies { trusted: [ {key: " NKEY "}, {key: " OTHER "} ] }",
         "proxies { trusted: [ {key: " OTHER "} ] }", "",
         "Reloaded: proxies trusted keys [\"" NKEY "\"] were removed\n"},
        {"proxies { trusted: [ {key: " NKEY "}, {key: " OTHER "} ] }",
         "proxies { trusted: [ {key: " OTHER "}, {key: " NKEY "} ] }", "", ""},
        {"ping_interval: '1m30s'", "trace: off", "", "Reloaded: ping_interval = 2m0s\n"},
        {"trace: off", "authorization { timeout: 1.5 }", "",
         "Reloaded: authorization timeout = 1.5\n"},
        {"trace: off", "no_fast_producer_stall: on", "",
         "Reloaded: fast producers will not be stalled\n"},
        {"no_fast_producer_stall: on", "trace: off", "",
         "Reloaded: fast producers will be stalled\n"},
        {"pid_file: p", "trace: off", "", ""},
        {"trace: off", "remote_syslog: 'udp://u:secret@h:1'", "",
         "Reloaded: remote_syslog = udp://u:xxxxx@h:1\n"},
        {"trace: off", "pid_file: p, ports_file_dir: d, log_file: l, remote_syslog: r, syslog: on",
         "",
         "Reloaded: pid_file = p\nReloaded: ports_file_dir = d\nReloaded: log_file = l\n"
         "Reloaded: syslog = true\nReloaded: remote_syslog = r\n"},
        {"log_file: l", "trace: off", "", "Reloaded: log_file = \n"},
        {"trace: off", "prof_block_rate: 5", "", "Reloaded: prof_block_rate = 5\n"},
        {"trace: off", "write_deadline: '1.5s', max_traced_msg_len: 5", "",
         "Reloaded: write_deadline = 1.5s\nReloaded: max_traced_msg_len = 5\n"},
        {"trace: off", "connect_error_reports: 5, reconnect_error_reports: 6", "",
         "Reloaded: connect_error_reports = 5\nReloaded: reconnect_error_reports = 6\n"},
        {"server_tags: [a, b]", "server_tags: [b, a]", "", "Reloaded: tags\n"},
        {"server_metadata {a: b}", "server_metadata {a: c}", "", "Reloaded: metadata\n"},
        {"server_metadata {a: b, c: d}", "server_metadata {c: d, a: b}", "", ""},
        {"server_metadata {a: b, c: d}", "server_metadata {a: b, e: d}", "",
         "Reloaded: metadata\n"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        char want[1024];

        snprintf(want, sizeof(want), "%s" ALWAYS "%s", cases[i].before, cases[i].after);
        expect_lines(cases[i].was, cases[i].is, 0, want);
    }
}

static void many_changes_come_in_one_order(void **state NB_UNUSED)
{
    expect_lines("trace: off",
                 "server_tags: a, max_traced_msg_len: 5, write_deadline: '1s', max_payload: 9\n"
                 "max_control_line: 999, ping_max: 5, ping_interval: '1s', max_connections: 9\n"
                 "logtime_utc: on, debug: on, trace: on, client_advertise: me",
                 2,
                 "Reload: client_advertise = me\nReloaded: trace = true\nReloaded: debug = true\n"
                 "Reloaded: logtime_utc = true\n"
                 "Closed 2 connections to fall within max_connections\n"
                 "Reloaded: max_connections = 9\n" ALWAYS
                 "Reloaded: ping_interval = 1s\nReloaded: ping_max = 5\n"
                 "Reloaded: max_control_line = 999\nReloaded: max_payload = 9\n"
                 "Reloaded: write_deadline = 1s\nReloaded: max_traced_msg_len = 5\n"
                 "Reloaded: tags\n");
}

/* TLS. */

#define FILES "cert_file: live.pem, key_file: live-key.pem"
#define HEX "a8f407340dcc719864214b85ed96f98d16cbffa8f509d9fa4ca237b7bb3f9c32"

static void write_text(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void tls_has_a_line_for_each_part(void **state NB_UNUSED)
{
    static const char *const cases[][3] = {
        {"tls { " FILES " }", "tls { " FILES " }", ""},
        {"trace: off", "tls { " FILES ", timeout: 5.5, pinned_certs: [" HEX "] }",
         "Reloaded: authorization timeout = 6.5\nReloaded: tls timeout = 5.5\n"
         "Reloaded: tls = enabled\nReloaded: 1 pinned_certs\n"},
        {"tls { " FILES " }", "trace: off",
         "Reloaded: authorization timeout = 2\nReloaded: tls = disabled\n"},
        {"tls { " FILES " }", "tls { " FILES ", min_version: '1.3' }", "Reloaded: tls = enabled\n"},
        {"tls { " FILES " }", "tls { " FILES ", curve_preferences: [X25519] }",
         "Reloaded: tls = enabled\n"},
        {"tls { " FILES ", first: auto }", "tls { " FILES ", first: '300ms' }",
         "Reloaded: Client TLS handshake first fallback delay: 300ms\n"},
        {"tls { " FILES ", first: auto }", "tls { " FILES ", first: off }",
         "Reloaded: Client TLS handshake first: false\n"
         "Reloaded: Client TLS handshake first fallback delay: 0s\n"},
    };

    write_text("live.pem", CERTIFICATE_ONE);
    write_text("live-key.pem", KEY_ONE);
    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        char want[1024];

        snprintf(want, sizeof(want), ALWAYS "%s", cases[i][2]);
        expect_lines(cases[i][0], cases[i][1], 0, want);
    }
}

static void another_certificate_under_the_same_name_is_noticed(void **state NB_UNUSED)
{
    struct nserver__config *was;
    struct nserver__config *is;
    struct lines lines;

    write_text("live.pem", CERTIFICATE_ONE);
    write_text("live-key.pem", KEY_ONE);
    was = config_of("tls { " FILES " }");
    write_text("live.pem", CERTIFICATE_TWO);
    write_text("live-key.pem", KEY_TWO);
    is = config_of("tls { " FILES " }");
    lines_init(&lines);
    nserver__log_changes(&lines.log, was, is, 0);
    assert_true(nb_slice_is(nb_buf_slice(&lines.text), ALWAYS "Reloaded: tls = enabled\n"));
    nb_buf_fini(&lines.text);
    nserver__config_destroy(&was);
    nserver__config_destroy(&is);
}

static char folder[64];

static int enter_folder(void **state NB_UNUSED)
{
    snprintf(folder, sizeof(folder), "/tmp/natsd-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return chdir(folder);
}

static int leave_folder(void **state NB_UNUSED)
{
    unlink("live.pem");
    unlink("live-key.pem");
    assert_int_equal(chdir("/"), 0);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_changed_has_two_lines),
        cmocka_unit_test(each_change_has_its_line),
        cmocka_unit_test(many_changes_come_in_one_order),
        cmocka_unit_test(tls_has_a_line_for_each_part),
        cmocka_unit_test(another_certificate_under_the_same_name_is_noticed),
    };
    return cmocka_run_group_tests_name("reload_log", tests, enter_folder, leave_folder);
}
