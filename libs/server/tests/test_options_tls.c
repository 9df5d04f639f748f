/* A tls block: what is taken, and every fault with its place. */
#include "options_fixture.h"

#include <errno.h>
#include <natsd/clock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "certificates.h"

#define ONE "cert_file: one.pem, key_file: one-key.pem"
#define TWO "cert_file: two.pem, key_file: two-key.pem"
#define HEX "a8f407340dcc719864214b85ed96f98d16cbffa8f509d9fa4ca237b7bb3f9c32"

static const char *const file_names[] = {"one.pem", "one-key.pem", "two.pem", "two-key.pem"};
static char folder[64];

static void write_text(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");

    assert_non_null(file);
    assert_int_equal(fputs(text, file) >= 0, 1);
    assert_int_equal(fclose(file), 0);
}

static int enter_folder(void **state NB_UNUSED)
{
    snprintf(folder, sizeof(folder), "/tmp/natsd-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    write_text("one.pem", CERTIFICATE_ONE);
    write_text("one-key.pem", KEY_ONE);
    write_text("two.pem", CERTIFICATE_TWO);
    write_text("two-key.pem", KEY_TWO);
    return 0;
}

static int leave_folder(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(file_names); i++) {
        unlink(file_names[i]);
    }
    assert_int_equal(chdir("/"), 0);
    return rmdir(folder);
}

/* Taken. */

static void files_are_taken(void **state NB_UNUSED)
{
    struct nserver_options one = read_good("tls { " ONE ", ca_file: two.pem, verify: true }");
    struct nserver_options many = read_good("tls { certs: [ {" ONE "}, {" TWO "} ] }");
    struct nserver_options other = read_good("tls { Certificates: [ {" TWO "} ] }");

    assert_true(one.tls.is_set);
    assert_string_equal(one.tls.cert_file, "one.pem");
    assert_string_equal(one.tls.key_file, "one-key.pem");
    assert_string_equal(one.tls.ca_file, "two.pem");
    assert_true(one.tls.verify);
    assert_int_equal(many.tls.cert_count, 2);
    assert_string_equal(many.tls.certs[1].cert_file, "two.pem");
    assert_string_equal(many.tls.certs[1].key_file, "two-key.pem");
    assert_int_equal(other.tls.cert_count, 1);
    nserver_options_fini(&one);
    nserver_options_fini(&many);
    nserver_options_fini(&other);
}

static void an_empty_block_is_tls(void **state NB_UNUSED)
{
    struct nserver_options o = read_good("tls {}");

    assert_true(o.tls.is_set);
    nserver_options_fini(&o);
}

static void an_empty_name_is_no_file(void **state NB_UNUSED)
{
    struct nserver_options o = read_good("tls { cert_file: '', key_file: '', ca_file: '' }");

    assert_true(o.tls.is_set);
    assert_null(o.tls.cert_file);
    assert_null(o.tls.key_file);
    assert_null(o.tls.ca_file);
    nserver_options_fini(&o);
}

static void a_later_block_replaces_an_earlier_one(void **state NB_UNUSED)
{
    struct nserver_option_report report;
    struct nserver_options o = read_good("tls { certs: [ {" ONE "} ], timeout: 5 }");

    nserver_option_report_init(&report);
    assert_int_equal(nserver_options_read_text(&o, "f.conf", NB_SLICE("tls { " TWO " }"), &report),
                     NB_OK);
    nserver_option_report_fini(&report);
    assert_int_equal(o.tls.cert_count, 0);
    assert_string_equal(o.tls.cert_file, "two.pem");
    assert_true(o.tls.timeout_s == 0.0);
    nserver_options_fini(&o);
}

static void choices_of_the_handshake_are_taken(void **state NB_UNUSED)
{
    struct nserver_options o = read_good(
        "tls { timeout: 1.5, min_version: '1.3', connection_rate_limit: 5, insecure: true\n"
        "cipher_suites: [TLS_AES_128_GCM_SHA256, TLS_RSA_WITH_AES_128_CBC_SHA]\n"
        "allow_insecure_cipher_suites: true, curve_preferences: [X25519, CurveP256]\n"
        "pinned_certs: [" HEX "] }");

    assert_true(o.tls.timeout_s == 1.5);
    assert_int_equal(o.tls.min_version, 0x0304);
    assert_int_equal(o.tls.connection_rate_limit, 5);
    assert_true(o.tls.insecure);
    assert_int_equal(o.tls.cipher_suite_count, 2);
    assert_string_equal(o.tls.cipher_suites[1], "TLS_RSA_WITH_AES_128_CBC_SHA");
    assert_int_equal(o.tls.curve_count, 2);
    assert_string_equal(o.tls.curves[0], "X25519");
    assert_int_equal(o.tls.pin_count, 1);
    assert_int_equal(o.tls.pins[0][0], 0xa8);
    assert_int_equal(o.tls.pins[0][31], 0x32);
    nserver_options_fini(&o);
}

static void handshake_first_has_many_spellings(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        bool is_first;
        int64_t fallback_ns;
    } cases[] = {
        {"handshake_first: true", true, 0},
        {"handshake_first: false", false, 0},
        {"first: 'ON'", true, 0},
        {"first: 'off'", false, 0},
        {"immediate: auto", true, 50 * NB_NS_PER_MS},
        {"immediate: AUTO_FALLBACK", true, 50 * NB_NS_PER_MS},
        {"first: '300ms'", true, 300 * NB_NS_PER_MS},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        char text[64];
        struct nserver_options o;

        snprintf(text, sizeof(text), "tls { %s }", cases[i].text);
        o = read_good(text);
        assert_int_equal(o.tls.handshake_first, cases[i].is_first);
        assert_int_equal(o.tls.handshake_first_fallback_ns, cases[i].fallback_ns);
        nserver_options_fini(&o);
    }
}

static void what_means_nothing_here_is_taken_when_it_is_off(void **state NB_UNUSED)
{
    static const char *const good[] = {
        "tls { verify_and_map: false }",
        "tls { verify_cert_and_check_known_urls: false }",
        "tls { ocsp_peer: false }",
        "tls { cert_match_by: subject, cert_match: x, ca_certs_match: [a, b] }",
        "tls { ca_certs_match: 5, cert_match_skip_invalid: on }",
    };

    expect_good(good, NB_ARRAY_LEN(good));
}

/* Refused. */

static void a_fault_of_files_has_its_place(void **state NB_UNUSED)
{
    static const struct refusal cases[] = {
        {"tls { cert_file: one.pem }", "f.conf:1:0: missing 'key_file' in TLS configuration\n"},
        {"tls { key_file: one.pem }", "f.conf:1:0: missing 'cert_file' in TLS configuration\n"},
        {"tls { CERT_FILE: 5 }",
         "f.conf:1:6: error parsing tls config, expected 'cert_file' to be filename\n"},
        {"tls { ca_file: [x] }",
         "f.conf:1:6: error parsing tls config, expected 'ca_file' to be filename\n"},
        {"tls { cert_file: none.pem, key_file: none.pem }",
         "f.conf:1:0: error parsing X509 certificate/key pair: open none.pem: no such file or "
         "directory\n"},
        {"\n tls { ca_file: none.pem }", "f.conf:2:2: open none.pem: no such file or directory\n"},
        {"tls { ca_file: one-key.pem }", "f.conf:1:0: failed to parse root ca certificate\n"},
        {"tls { certs: x }",
         "f.conf:1:6: error parsing certificates config: unsupported type map\n"},
        {"tls { certs: [x] }",
         "f.conf:1:14: error parsing certificates config: unsupported type string\n"},
        {"tls { certs: [{foo: x}] }",
         "f.conf:1:15: error parsing tls certs config, unknown field \"foo\"\n"},
        {"tls { certs: [{cert_file: 5}] }",
         "f.conf:1:15: error parsing certificates config: unsupported type integer\n"},
        {"tls { certs: [{CERT_FILE: x}] }",
         "f.conf:1:15: error parsing tls certs config, unknown field \"CERT_FILE\"\n"},
        {"tls { certs: [{cert_file: x}] }",
         "f.conf:1:15: error parsing certificates config: both 'cert_file' and 'cert_key' options "
         "are required\n"},
        {"tls { certs: [{}] }", "f.conf:1:16: error parsing certificates config: both 'cert_file' "
                                "and 'cert_key' options are required\n"},
        {"tls { " ONE ", certs: [{" ONE "}] }",
         "f.conf:1:0: error parsing tls config, cannot combine 'cert_file' option with 'certs' "
         "option\n"},
        {"tls { certs: [{" ONE "}, {cert_file: none.pem, key_file: b}] }",
         "f.conf:1:0: error parsing X509 certificate/key pair 2/2: open none.pem: no such file or "
         "directory\n"},
    };
    struct outcome mixed = read_config("tls { cert_file: one.pem, key_file: two-key.pem }");

    expect_refusals(cases, NB_ARRAY_LEN(cases));
    assert_int_equal(mixed.rc, NB_EMALFORMED);
    assert_non_null(strstr(mixed.errors, "f.conf:1:0: error parsing X509 certificate/key pair: "));
    outcome_fini(&mixed);
}

static void a_fault_of_choices_has_its_place(void **state NB_UNUSED)
{
    static const struct refusal cases[] = {
        {"tls { cipher_suites: x }", "f.conf:1:6: expected array, got string\n"},
        {"tls { cipher_suites: [] }",
         "f.conf:1:6: error parsing tls config, 'cipher_suites' cannot be empty\n"},
        {"tls { cipher_suites: [FOO] }", "f.conf:1:22: unrecognized cipher FOO\n"},
        {"tls { cipher_suites: [TLS_AES_128_GCM_SHA256, 5] }",
         "f.conf:1:46: expected string, got integer\n"},
        {"tls { cipher_suites: [TLS_RSA_WITH_RC4_128_SHA, TLS_AES_128_GCM_SHA256\n"
         "TLS_RSA_WITH_AES_128_CBC_SHA] }",
         "f.conf:1:0: insecure cipher suites configured without 'allow_insecure_cipher_suites' "
         "option set: TLS_RSA_WITH_RC4_128_SHA, TLS_RSA_WITH_AES_128_CBC_SHA\n"},
        {"tls { curve_preferences: [] }",
         "f.conf:1:6: error parsing tls config, 'curve_preferences' cannot be empty\n"},
        {"tls { curve_preferences: [x25519] }",
         "f.conf:1:26: unrecognized curve preference x25519\n"},
        {"tls { min_version: 1.2 }",
         "f.conf:1:6: error parsing tls config: 'min_version' wrong type: 1.2\n"},
        {"tls { min_version: '1.1' }",
         "f.conf:1:6: error parsing tls config: unsupported TLS version: TLS 1.1\n"},
        {"tls { min_version: '1.4' }",
         "f.conf:1:6: error parsing tls config: unknown version: 1.4\n"},
        {"tls { pinned_certs: x }",
         "f.conf:1:6: error parsing tls config, expected 'pinned_certs' to be a list of "
         "hex-encoded sha256 of DER encoded SubjectPublicKeyInfo\n"},
        {"tls { pinned_certs: [5] }", "f.conf:1:21: expected string, got integer\n"},
        {"tls { pinned_certs: [" HEX ", g8] }",
         "f.conf:1:87: error parsing tls config, 'pinned_certs' key g8 does not look like "
         "hex-encoded sha256 of DER encoded SubjectPublicKeyInfo\n"},
    };

    expect_refusals(cases, NB_ARRAY_LEN(cases));
}

static void a_fault_of_other_keys_has_its_place(void **state NB_UNUSED)
{
    static const struct refusal cases[] = {
        {"tls { hello: 1, verify: x }",
         "f.conf:1:6: error parsing tls config, unknown field \"hello\"\n"
         "f.conf:1:16: error parsing tls config, expected 'verify' to be a boolean\n"},
        {"tls { hello: 1, cert_file: none.pem }", // the whole is not judged then
         "f.conf:1:6: error parsing tls config, unknown field \"hello\"\n"},
        {"tls { VERIFY: 5 }",
         "f.conf:1:6: error parsing tls config, expected 'verify' to be a boolean\n"},
        {"tls { verify_and_map: 5 }",
         "f.conf:1:6: error parsing tls config, expected 'verify_and_map' to be a boolean\n"},
        {"tls { allow_insecure_cipher_suites: x }",
         "f.conf:1:6: error parsing tls config, expected 'allow_insecure_cipher_suites' to be a "
         "boolean\n"},
        {"tls { timeout: x }",
         "f.conf:1:6: error parsing tls config, 'timeout' time: invalid duration \"x\"\n"},
        {"tls { timeout: on }", "f.conf:1:6: error parsing tls config, 'timeout' wrong type\n"},
        {"tls { connection_rate_limit: 1.5 }",
         "f.conf:1:6: error parsing tls config, 'connection_rate_limit' wrong type\n"},
        {"tls { FIRST: x }", "f.conf:1:6: field \"FIRST\"'s value \"x\" is invalid\n"},
        {"tls { first: 5 }",
         "f.conf:1:6: field \"first\" should be a boolean or a string, got integer\n"},
        {"tls { verify_cert_and_check_known_urls: true }",
         "f.conf:1:6: verify_cert_and_check_known_urls not supported in this context\n"},
        {"tls { cert_store: x }", "f.conf:1:6: cert store type not implemented\n"},
        {"tls { cert_store: windowslocalmachine }",
         "f.conf:1:6: cert_store not compatible with current operating system\n"},
        {"tls { cert_store: '' }",
         "f.conf:1:6: expected 'cert_store' to be a valid non-empty string\n"},
        {"tls { cert_match_by: x }", "f.conf:1:6: cert match by type not implemented\n"},
        {"tls { cert_match: 5 }",
         "f.conf:1:6: expected 'cert_match' to be a valid non-empty string\n"},
        {"tls { ca_certs_match: [5] }",
         "f.conf:1:6: error parsing ca_cert_match: unsupported type integer\n"},
        {"tls { cert_match_skip_invalid: x }",
         "f.conf:1:6: expected 'cert_match_skip_invalid' to be a boolean\n"},
    };

    expect_refusals(cases, NB_ARRAY_LEN(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_taken),
        cmocka_unit_test(an_empty_block_is_tls),
        cmocka_unit_test(an_empty_name_is_no_file),
        cmocka_unit_test(a_later_block_replaces_an_earlier_one),
        cmocka_unit_test(choices_of_the_handshake_are_taken),
        cmocka_unit_test(handshake_first_has_many_spellings),
        cmocka_unit_test(what_means_nothing_here_is_taken_when_it_is_off),
        cmocka_unit_test(a_fault_of_files_has_its_place),
        cmocka_unit_test(a_fault_of_choices_has_its_place),
        cmocka_unit_test(a_fault_of_other_keys_has_its_place),
    };
    return cmocka_run_group_tests_name("options_tls", tests, enter_folder, leave_folder);
}
