#include "flags.h"

#include "nb_test.h"

#include <natsd/memory.h>
#include <natsd/slice.h>

#include "options_load.h"

enum {
    ARGUMENTS_MAX = 32,
};

// Arguments of one line, separated by blanks; "''" is an empty one.
struct line {
    char text[512];
    char *argv[ARGUMENTS_MAX];
    int argc;
};

static void split_line(struct line *line, const char *text)
{
    char *at = line->text;

    assert_true(strlen(text) < sizeof(line->text));
    memcpy(line->text, text, strlen(text) + 1);
    line->argv[0] = (char[]){"natsd"};
    line->argc = 1;
    while (*at != '\0') {
        char *end = at + strcspn(at, " ");
        bool is_last = *end == '\0';

        *end = '\0';
        assert_true(line->argc < ARGUMENTS_MAX);
        line->argv[line->argc++] = strcmp(at, "''") == 0 ? end : at;
        at = is_last ? end : end + 1;
    }
}

static int parse_line(struct line *line, const char *text, struct flags *flags,
                      struct nb_diag *diag)
{
    split_line(line, text);
    return flags_parse(flags, line->argc, line->argv, diag);
}

static void parse_good(struct line *line, const char *text, struct flags *flags)
{
    struct nb_diag diag = {0};

    if (parse_line(line, text, flags, &diag) != NB_OK) {
        fail_msg("%s: %s", text, diag.text);
    }
}

/* Parsing. */

static void a_flag_has_many_spellings(void **state NB_UNUSED)
{
    static const char *const lines[] = {
        "-p 4223",    "--p 4223",           "-port 4223", "--port 4223",
        "-p=4223",    "--port=4223",        "-p 0x107F",  "-p 0o10177",
        "-p 010177",  "-p 0b1000001111111", "-p 4_223",   "-p 1 -p 4223",
        "-D -p 4223", "-D=false -p 4223",   "-p +4223",   "-p 4223 --",
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(lines); i++) {
        struct line line;
        struct flags flags;

        parse_good(&line, lines[i], &flags);
        assert_true(flags.values[FLAG_PORT].is_set);
        if (flags.values[FLAG_PORT].number != 4223) {
            fail_msg("%s: %lld", lines[i], (long long)flags.values[FLAG_PORT].number);
        }
        assert_null(flags.positional);
    }
}

static void a_value_may_look_like_a_flag(void **state NB_UNUSED)
{
    struct line line;
    struct flags flags;

    parse_good(&line, "-p -1 -l -D --name=-x=y -c ''", &flags);
    assert_int_equal(flags.values[FLAG_PORT].number, -1);
    assert_string_equal(flags.values[FLAG_LOG].text, "-D");
    assert_false(flags.values[FLAG_DEBUG].is_set);
    assert_string_equal(flags.values[FLAG_NAME].text, "-x=y");
    assert_true(flags.values[FLAG_CONFIG].is_set);
    assert_string_equal(flags.values[FLAG_CONFIG].text, "");
}

static void switches_take_words_of_truth(void **state NB_UNUSED)
{
    static const char *const yes[] = {"1", "t", "T", "TRUE", "true", "True"};
    static const char *const no[] = {"0", "f", "F", "FALSE", "false", "False"};

    for (size_t i = 0; i < NB_ARRAY_LEN(yes); i++) {
        struct line line;
        struct flags flags;
        char text[32];

        snprintf(text, sizeof(text), "-D=%s -V=%s", yes[i], no[i]);
        parse_good(&line, text, &flags);
        assert_true(flags.values[FLAG_DEBUG].is_true);
        assert_true(flags.values[FLAG_TRACE].is_set);
        assert_false(flags.values[FLAG_TRACE].is_true);
    }
}

static void the_first_other_argument_ends_the_flags(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        const char *positional;
        bool is_debug;
    } cases[] = {
        {"", NULL, false},       {"foo", "foo", false},     {"foo -D", "foo", false},
        {"-D foo", "foo", true}, {"-- -D", "-D", false},    {"-D -- foo -V", "foo", true},
        {"-", "-", false},       {"-D true", "true", true}, // a switch takes no next argument
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct line line;
        struct flags flags;

        parse_good(&line, cases[i].text, &flags);
        assert_true(
            nb_slice_equal(nb_slice_of(flags.positional), nb_slice_of(cases[i].positional)));
        assert_int_equal(flags.values[FLAG_DEBUG].is_true, cases[i].is_debug);
        assert_false(flags.values[FLAG_TRACE].is_set);
    }
}

static void every_name_is_known_once(void **state NB_UNUSED)
{
    for (int id = 0; id < FLAG_COUNT; id++) {
        struct slice names = nb_slice_of(flag_rows[id].names);
        struct slice name;

        while (flag_rows[id].kind != FLAG_KIND_GROUP && nb_slice_take_field(&names, ' ', &name)) {
            struct line line;
            struct flags flags;
            char text[64];
            int set_count = 0;

            snprintf(text, sizeof(text), "-%.*s=1", NB_SLICE_ARGS(name));
            parse_good(&line, text, &flags);
            assert_true(flags.values[id].is_set);
            for (int other = 0; other < FLAG_COUNT; other++) {
                set_count += flags.values[other].is_set;
            }
            assert_int_equal(set_count, 1);
        }
    }
}

static void bad_flags_are_told_in_the_words_of_the_reference(void **state NB_UNUSED)
{
    static const char *const cases[][2] = {
        {"-xxx", "flag provided but not defined: -xxx"},
        {"--xxx=1", "flag provided but not defined: -xxx"},
        {"-pD", "flag provided but not defined: -pD"},
        {"--p4222", "flag provided but not defined: -p4222"},
        {"-p", "flag needs an argument: -p"},
        {"-D --config", "flag needs an argument: -config"},
        {"-p abc", "invalid value \"abc\" for flag -p: parse error"},
        {"--port=abc", "invalid value \"abc\" for flag -port: parse error"},
        {"-p ''", "invalid value \"\" for flag -p: parse error"},
        {"-p 9223372036854775808",
         "invalid value \"9223372036854775808\" for flag -p: value out of range"},
        {"-D=x", "invalid boolean value \"x\" for -D: parse error"},
        {"-D=", "invalid boolean value \"\" for -D: parse error"},
        {"---x", "bad flag syntax: ---x"},
        {"-=x", "bad flag syntax: -=x"},
        {"--=x", "bad flag syntax: --=x"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct line line;
        struct flags flags;
        struct nb_diag diag = {0};

        if (parse_line(&line, cases[i][0], &flags, &diag) != NB_EMALFORMED ||
            strcmp(diag.text, cases[i][1]) != 0) {
            fail_msg("%s: %s", cases[i][0], diag.text);
        }
    }
}

static void a_long_argument_is_told_within_bounds(void **state NB_UNUSED)
{
    char argument[4096];
    char *argv[] = {(char[]){"natsd"}, argument};
    struct flags flags;
    struct nb_diag diag = {0};

    memset(argument, 'x', sizeof(argument));
    argument[0] = '-';
    argument[sizeof(argument) - 1] = '\0';
    assert_int_equal(flags_parse(&flags, 2, argv, &diag), NB_EMALFORMED);
    assert_true(nb_slice_starts(nb_slice_of(diag.text), "flag provided but not defined: -xxx"));
}

/* Numbers. */

static void numbers_have_signs_bases_and_gaps(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        int64_t number;
    } good[] = {
        {"0", 0},
        {"-0", 0},
        {"7", 7},
        {"+7", 7},
        {"-7", -7},
        {"00", 0},
        {"017", 15},
        {"0o17", 15},
        {"0O17", 15},
        {"0x1F", 31},
        {"0XfF", 255},
        {"-0x10", -16},
        {"0b101", 5},
        {"1_000", 1000},
        {"0x_1_F", 31},
        {"0_7", 7},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
        {"0x7fffffffffffffff", INT64_MAX},
    };
    static const char *const malformed[] = {
        "",    "-",   "+",  "--1", "+-1", "1-",    " 1",   "1 ",  "x",
        "0x",  "0b",  "0o", "08",  "0b2", "0xg",   "1__0", "_1",  "1_",
        "-_1", "0x_", "0_", "1.5", "1e3", "0x1p3", "1,0",  "0b_", "0o_8",
    };
    static const char *const outside[] = {
        "9223372036854775808",
        "-9223372036854775809",
        "0x8000000000000000",
        "99999999999999999999999999",
    };
    int64_t number;

    for (size_t i = 0; i < NB_ARRAY_LEN(good); i++) {
        if (flags_parse_int(good[i].text, &number) != NB_OK || number != good[i].number) {
            fail_msg("%s: %lld", good[i].text, (long long)number);
        }
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(malformed); i++) {
        if (flags_parse_int(malformed[i], &number) != NB_EMALFORMED) {
            fail_msg("\"%s\" is taken", malformed[i]);
        }
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(outside); i++) {
        assert_int_equal(flags_parse_int(outside[i], &number), NB_ERANGE);
    }
    // What is wrong besides is told first.
    assert_int_equal(flags_parse_int("99999999999999999999x", &number), NB_EMALFORMED);
}

/* Applying. */

static struct nserver_options apply_good(const char *text, struct nserver_options opts)
{
    struct line line;
    struct flags flags;
    struct nb_diag diag = {0};

    parse_good(&line, text, &flags);
    if (flags_apply(&flags, &opts, &diag) != NB_OK) {
        fail_msg("%s: %s", text, diag.text);
    }
    return opts;
}

static struct nserver_options configured(const char *text)
{
    struct nserver_option_report report;
    struct nserver_options opts;

    nserver_options_init(&opts);
    nserver_option_report_init(&report);
    if (nserver_options_read_text(&opts, "f.conf", nb_slice_of(text), &report) != NB_OK) {
        fail_msg("%.*s", NB_SLICE_ARGS(nb_buf_slice(&report.errors)));
    }
    nserver_option_report_fini(&report);
    return opts;
}

static void flags_fill_options(void **state NB_UNUSED)
{
    struct nserver_options o = apply_good(
        "-a h -p 1 -n N -P pid -m 2 -ms 3 --client_advertise c --ports_file_dir d --workers 4 "
        "--profile 5",
        configured("debug: on"));

    assert_string_equal(o.host, "h");
    assert_int_equal(o.port, 1);
    assert_string_equal(o.server_name, "N");
    assert_string_equal(o.pid_file, "pid");
    assert_int_equal(o.http_port, 2);
    assert_int_equal(o.https_port, 3);
    assert_string_equal(o.client_advertise, "c");
    assert_string_equal(o.ports_file_dir, "d");
    assert_int_equal(o.workers, 4);
    assert_int_equal(o.prof_port, 5);
    nserver_options_fini(&o);
    o = apply_good("-l log -T=false --logtime_utc -s -r udp://x:1 --log_size_limit 6 "
                   "--max_traced_msg_len 7 --user u --pass p --auth t",
                   configured("debug: on"));
    assert_string_equal(o.log_file, "log");
    assert_int_equal(o.logtime, NSERVER_NO);
    assert_int_equal(o.logtime_utc, NSERVER_YES);
    assert_int_equal(o.syslog, NSERVER_YES);
    assert_string_equal(o.remote_syslog, "udp://x:1");
    assert_int_equal(o.log_size_limit, 6);
    assert_int_equal(o.max_traced_msg_len, 7);
    assert_string_equal(o.username, "u");
    assert_string_equal(o.password, "p");
    assert_string_equal(o.token, "t");
    nserver_options_fini(&o);
}

static void a_flag_beats_the_file_and_only_it(void **state NB_UNUSED)
{
    struct nserver_options o =
        apply_good("-n flag", configured("server_name: file, max_payload: 5, port: 1"));

    assert_string_equal(o.server_name, "flag");
    assert_int_equal(o.max_payload, 5);
    assert_int_equal(o.port, 1);
    nserver_options_fini(&o);
}

static void a_port_may_be_any_number(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        int port;
    } cases[] = {
        {"-p 0", 0},
        {"-p -1", -1},
        {"-p 99999", 99999},
        {"-p 99999999999", INT32_MAX},
        {"-p -99999999999", INT32_MIN},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nserver_options o = apply_good(cases[i].text, configured("port: 7"));

        assert_int_equal(o.port, cases[i].port);
        nserver_options_fini(&o);
    }
}

static void levels_have_short_flags(void **state NB_UNUSED)
{
    enum { NO = NSERVER_NO, YES = NSERVER_YES, UNSET = NSERVER_UNSET };
    static const struct {
        const char *file;
        const char *text;
        int debug, trace, verbose;
    } cases[] = {
        {"port: 1", "", UNSET, UNSET, UNSET},
        {"port: 1", "-D", YES, UNSET, UNSET},
        {"port: 1", "-V", UNSET, YES, UNSET},
        {"port: 1", "-VV", UNSET, YES, YES},
        {"port: 1", "-DV", YES, YES, UNSET},
        {"port: 1", "-DVV", YES, YES, YES},
        {"trace: on", "-V=false", UNSET, NO, UNSET},
        {"trace: on, debug: on", "-DV=false", NO, NO, UNSET},
        {"debug: off", "-D", YES, UNSET, UNSET},
        {"debug: on", "-V", YES, YES, UNSET},
        {"trace_verbose: on", "-DVV=false", NO, NO, NO},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nserver_options o = apply_good(cases[i].text, configured(cases[i].file));

        if ((int)o.debug != cases[i].debug || (int)o.trace != cases[i].trace ||
            (int)o.trace_verbose != cases[i].verbose) {
            fail_msg("%s, %s", cases[i].file, cases[i].text);
        }
        nserver_options_fini(&o);
    }
}

static void tls_flags_build_it_anew(void **state NB_UNUSED)
{
    struct nserver_options o = apply_good("--tls --tlscert c --tlskey k --tlscacert a",
                                          configured("tls { verify: on, timeout: 5 }"));

    assert_true(o.tls.is_set);
    assert_string_equal(o.tls.cert_file, "c");
    assert_string_equal(o.tls.key_file, "k");
    assert_string_equal(o.tls.ca_file, "a");
    assert_false(o.tls.verify);          // the block is gone
    assert_true(o.tls.timeout_s == 5.0); // but for its timeout
    nserver_options_fini(&o);
    o = apply_good("--tlsverify --tlscert c --tlskey k", configured("debug: on"));
    assert_true(o.tls.verify);
    nserver_options_fini(&o);
    o = apply_good("--tls=false", configured("tls {}"));
    assert_false(o.tls.is_set);
    nserver_options_fini(&o);
    o = apply_good("-p 1", configured("tls {}"));
    assert_true(o.tls.is_set);
    nserver_options_fini(&o);
}

static void expect_refused(const char *text, int code, const char *reason)
{
    struct nserver_options o = configured("debug: on");
    struct line line;
    struct flags flags;
    struct nb_diag diag = {0};
    int rc;

    parse_good(&line, text, &flags);
    rc = flags_apply(&flags, &o, &diag);
    if (rc != code || strcmp(diag.text, reason) != 0) {
        fail_msg("%s: %d %s", text, rc, diag.text);
    }
    nserver_options_fini(&o);
}

static void tls_flags_need_a_certificate_and_a_key(void **state NB_UNUSED)
{
    static const char certificate[] = "TLS Server certificate must be present and valid";
    static const char key[] = "TLS Server private key must be present and valid";

    expect_refused("--tls", NB_EINVALID, certificate);
    expect_refused("--tlsverify", NB_EINVALID, certificate);
    expect_refused("--tlskey k", NB_EINVALID, certificate);
    expect_refused("--tlscacert a", NB_EINVALID, certificate);
    expect_refused("--tls --tlscert c", NB_EINVALID, key);
}

/* Clusters. */

static void a_cluster_is_made_of_its_url(void **state NB_UNUSED)
{
    static const struct {
        const char *flags;
        const char *host; // NULL: none
        int port;
        const char *user;
        const char *password;
    } cases[] = {
        {"--cluster nats://127.0.0.1:6222", "127.0.0.1", 6222, NULL, NULL},
        {"--cluster_listen nats://127.0.0.1:-1", "127.0.0.1", -1, NULL, NULL},
        {"--cluster nats://ivan:pwd@h:1", "h", 1, "ivan", "pwd"},
        {"--cluster nats://ivan:@h:1", "h", 1, "ivan", ""},
        {"--cluster nats://[::1]:-1", "::1", -1, NULL, NULL},
        {"--cluster nats://:-1", NULL, -1, NULL, NULL},
        {"--cluster nats://h:99999999999", "h", INT32_MAX, NULL, NULL},
        {"--cluster nats://h:0", "h", 0, NULL, NULL},
        {"--cluster ''", "c", 0, "u", "p"}, // the rest stays
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nserver_options o =
            apply_good(cases[i].flags,
                       configured("cluster { listen: 'c:7', authorization { user: u, pass: p } }"));

        if (!nb_slice_equal(nb_slice_of(o.cluster.host), nb_slice_of(cases[i].host)) ||
            o.cluster.port != cases[i].port ||
            !nb_slice_equal(nb_slice_of(o.cluster.username), nb_slice_of(cases[i].user)) ||
            !nb_slice_equal(nb_slice_of(o.cluster.password), nb_slice_of(cases[i].password))) {
            fail_msg("%s: %s %d %s %s", cases[i].flags, o.cluster.host, o.cluster.port,
                     o.cluster.username, o.cluster.password);
        }
        nserver_options_fini(&o);
    }
}

static void routes_replace_those_of_the_file(void **state NB_UNUSED)
{
    static const char file[] = "cluster { port: -1, routes: ['nats://f:1'] }";
    struct nserver_options two = apply_good("--routes nats://a:1,,nats://b:2,", configured(file));
    struct nserver_options none = apply_good("--routes ''", configured(file));
    struct nserver_options same = apply_good("--cluster_name c", configured(file));

    assert_int_equal(two.cluster.route_count, 2);
    assert_string_equal(two.cluster.routes[1].text, "nats://b:2");
    assert_int_equal(none.cluster.route_count, 0);
    assert_int_equal(same.cluster.route_count, 1);
    nserver_options_fini(&two);
    nserver_options_fini(&none);
    nserver_options_fini(&same);
}

static void other_flags_of_a_cluster_beat_the_file(void **state NB_UNUSED)
{
    struct nserver_options o = apply_good(
        "--cluster_name c --cluster_advertise pub:1 --no_advertise=false --connect_retries 3",
        configured("cluster { port: 5, name: n, advertise: a, no_advertise: true }"));

    assert_string_equal(o.cluster.name, "c");
    assert_string_equal(o.cluster.advertise, "pub:1");
    assert_int_equal(o.cluster.no_advertise, NSERVER_NO);
    assert_int_equal(o.cluster.connect_retries, 3);
    assert_int_equal(o.cluster.port, 5);
    nserver_options_fini(&o);
}

static void flags_of_a_cluster_are_refused_in_the_words_of_the_reference(void **state NB_UNUSED)
{
    expect_refused("--cluster nats://ivan@h:1", NB_EINVALID, "expected cluster password to be set");
    expect_refused("--cluster nats://h", NB_EINVALID, "address h: missing port in address");
    expect_refused("--cluster 4222", NB_EINVALID, "missing port in address");
    expect_refused("--cluster h:x:1", NB_EINVALID, "missing port in address");
    expect_refused("--cluster 127.0.0.1:1", NB_EMALFORMED,
                   "parse \"127.0.0.1:1\": first path segment in URL cannot contain colon");
    expect_refused("--cluster nats://h:-2", NB_EMALFORMED,
                   "parse \"nats://h:-2\": invalid port \":-2\" after host");
    expect_refused("--routes nats://h:1", NB_EINVALID,
                   "solicited routes require cluster capabilities, e.g. --cluster");
    expect_refused("--routes ,", NB_EINVALID,
                   "solicited routes require cluster capabilities, e.g. --cluster");
    expect_refused("--routes nats://h:x", NB_EMALFORMED,
                   "parse \"nats://h:x\": invalid port \":x\" after host");
}

/* The file. */

static void an_empty_name_of_a_file_is_none(void **state NB_UNUSED)
{
    struct line line;
    struct flags flags;

    parse_good(&line, "-c ''", &flags);
    assert_null(options_path(&flags));
    parse_good(&line, "-c x", &flags);
    assert_string_equal(options_path(&flags), "x");
}

/* JetStream. */

static void jetstream_is_switched_by_its_flag(void **state NB_UNUSED)
{
    struct nserver_options on = apply_good("-js", configured("debug: on"));
    struct nserver_options off = apply_good("-js=false", configured("jetstream: on"));
    struct nserver_options same = apply_good("-D", configured("jetstream: on"));

    assert_true(on.jetstream.is_on);
    assert_false(off.jetstream.is_on);
    assert_true(same.jetstream.is_on);
    nserver_options_fini(&on);
    nserver_options_fini(&off);
    nserver_options_fini(&same);
}

// So that a file that names one is found out while it is read.
static void a_storage_folder_is_there_before_the_file(void **state NB_UNUSED)
{
    char *const argv[] = {"natsd", "-sd", "x", NULL};
    struct nserver_options opts = {0};
    struct flags flags;

    assert_int_equal(flags_parse(&flags, 3, argv, NULL), NB_OK);
    flags_prepare(&flags, &opts);
    assert_string_equal(opts.jetstream.store_dir, "x");
    nserver_options_fini(&opts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flag_has_many_spellings),
        cmocka_unit_test(a_value_may_look_like_a_flag),
        cmocka_unit_test(switches_take_words_of_truth),
        cmocka_unit_test(the_first_other_argument_ends_the_flags),
        cmocka_unit_test(every_name_is_known_once),
        cmocka_unit_test(bad_flags_are_told_in_the_words_of_the_reference),
        cmocka_unit_test(a_long_argument_is_told_within_bounds),
        cmocka_unit_test(numbers_have_signs_bases_and_gaps),
        cmocka_unit_test(flags_fill_options),
        cmocka_unit_test(a_flag_beats_the_file_and_only_it),
        cmocka_unit_test(a_port_may_be_any_number),
        cmocka_unit_test(levels_have_short_flags),
        cmocka_unit_test(tls_flags_build_it_anew),
        cmocka_unit_test(tls_flags_need_a_certificate_and_a_key),
        cmocka_unit_test(a_cluster_is_made_of_its_url),
        cmocka_unit_test(routes_replace_those_of_the_file),
        cmocka_unit_test(other_flags_of_a_cluster_beat_the_file),
        cmocka_unit_test(flags_of_a_cluster_are_refused_in_the_words_of_the_reference),
        cmocka_unit_test(jetstream_is_switched_by_its_flag),
        cmocka_unit_test(a_storage_folder_is_there_before_the_file),
        cmocka_unit_test(an_empty_name_of_a_file_is_none),
    };
    return cmocka_run_group_tests_name("flags", tests, NULL, NULL);
}
