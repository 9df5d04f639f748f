#include "net_certs.h"

#include <natsd/clock.h>
#include <natsd/tls.h>

#include <unistd.h>

static struct {
    struct certs files;
    struct cert ca;
    struct cert server;
    struct cert other;
    char garbage[CERTS_PATH_MAX];
    char half[CERTS_PATH_MAX];
    char bundle[CERTS_PATH_MAX];
} made;

static int make_files(void **state NB_UNUSED)
{
    static const char half[] = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    FILE *bundle;

    certs_init(&made.files);
    certs_make(&made.files, &(struct cert_opts){.name = "ca", .is_ca = true}, &made.ca);
    certs_make(&made.files, &(struct cert_opts){.name = "server", .issuer = &made.ca},
               &made.server);
    certs_make(&made.files, &(struct cert_opts){.name = "other", .issuer = &made.ca}, &made.other);
    snprintf(made.garbage, sizeof(made.garbage), "%s/garbage.pem", made.files.dir);
    certs_write_file(made.garbage, NB_SLICE("no certificate at all\n"));
    snprintf(made.half, sizeof(made.half), "%s/half.pem", made.files.dir);
    certs_write_file(made.half, NB_SLICE(half));
    snprintf(made.bundle, sizeof(made.bundle), "%s/bundle.pem", made.files.dir);
    bundle = fopen(made.bundle, "wb");
    assert_non_null(bundle);
    assert_int_equal(PEM_write_X509(bundle, made.server.x509), 1);
    assert_int_equal(PEM_write_X509(bundle, made.ca.x509), 1);
    assert_int_equal(fclose(bundle), 0);
    return 0;
}

static int drop_files(void **state NB_UNUSED)
{
    cert_fini(&made.ca);
    cert_fini(&made.server);
    cert_fini(&made.other);
    certs_fini(&made.files);
    return 0;
}

static void files_are_judged(void **state NB_UNUSED)
{
    const struct {
        const char *name;
        const char *cert_file; // NULL: none
        const char *key_file;
        const char *ca_file;
        int want;
        const char *text; // a part of it
    } cases[] = {
        {"nothing at all", NULL, NULL, NULL, NB_OK, ""},
        {"certificate and key", made.server.cert_file, made.server.key_file, NULL, NB_OK, ""},
        {"with a chain", made.bundle, made.server.key_file, NULL, NB_OK, ""},
        {"with a CA", made.server.cert_file, made.server.key_file, made.ca.cert_file, NB_OK, ""},
        {"no such certificate", "/nonexistent.pem", made.server.key_file, NULL, NB_EIO,
         "error parsing X509 certificate/key pair: open /nonexistent.pem: no such file or "
         "directory"},
        {"no such key", made.server.cert_file, "/nonexistent.pem", NULL, NB_EIO,
         "error parsing X509 certificate/key pair: open /nonexistent.pem: no such file"},
        {"another's key", made.server.cert_file, made.other.key_file, NULL, NB_EMALFORMED,
         "tls: private key does not match public key"},
        {"a key for a certificate", made.server.key_file, made.server.key_file, NULL, NB_EMALFORMED,
         "tls: failed to find any PEM data in certificate input"},
        {"a certificate for a key", made.server.cert_file, made.server.cert_file, NULL,
         NB_EMALFORMED, "tls: failed to parse private key"},
        {"garbage for a certificate", made.garbage, made.server.key_file, NULL, NB_EMALFORMED,
         "tls: failed to find any PEM data"},
        {"a broken certificate", made.half, made.server.key_file, NULL, NB_EMALFORMED,
         "x509: malformed certificate"},
        {"no such CA", NULL, NULL, "/nonexistent.pem", NB_EIO,
         "open /nonexistent.pem: no such file or directory"},
        {"garbage for a CA", NULL, NULL, made.garbage, NB_EMALFORMED,
         "failed to parse root ca certificate"},
        {"a broken CA", NULL, NULL, made.half, NB_EMALFORMED,
         "failed to parse root ca certificate"},
        {"a directory", made.files.dir, made.server.key_file, NULL, NB_EIO, "is a directory"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nnet_tls_cert_files files = {.cert_file = cases[i].cert_file,
                                            .key_file = cases[i].key_file};
        struct nnet_tls_opts opts = {.is_server = i % 2 == 0,
                                     .certs = &files,
                                     .cert_count = cases[i].cert_file != NULL ? 1 : 0,
                                     .ca_file = cases[i].ca_file};
        struct nnet_tls_context *context = NULL;
        struct nb_diag diag = {.text = ""};
        int rc = nnet_tls_context_create(&opts, &context, &diag);

        if (rc != cases[i].want || strstr(diag.text, cases[i].text) == NULL) {
            fail_msg("%s: %d %s", cases[i].name, rc, diag.text);
        }
        assert_true((context != NULL) == (rc == NB_OK));
        nnet_tls_context_unref(context);
    }
}

static void the_failing_pair_of_several_is_named(void **state NB_UNUSED)
{
    const struct nnet_tls_cert_files files[2] = {
        {.cert_file = made.server.cert_file, .key_file = made.server.key_file},
        {.cert_file = made.other.cert_file, .key_file = made.server.key_file}};
    struct nnet_tls_opts opts = {.is_server = true, .certs = files, .cert_count = 2};
    struct nnet_tls_context *context = NULL;
    struct nb_diag diag;

    assert_int_equal(nnet_tls_context_create(&opts, &context, &diag), NB_EMALFORMED);
    assert_string_equal(diag.text, "error parsing X509 certificate/key pair 2/2: "
                                   "tls: private key does not match public key");
}

static void the_end_of_a_certificate_is_known(void **state NB_UNUSED)
{
    struct nnet_tls_cert_files files = {.cert_file = made.server.cert_file,
                                        .key_file = made.server.key_file};
    struct nnet_tls_opts opts = {.is_server = true, .certs = &files, .cert_count = 1};
    struct nnet_tls_context *context = NULL;
    int64_t in_thirty_days = nb_wall_now().ns / NB_NS_PER_S + 30 * 24 * 60 * 60;

    assert_int_equal(nnet_tls_context_create(&opts, &context, NULL), NB_OK);
    assert_true(nnet_tls_context_not_after(context) > in_thirty_days - 1000);
    assert_true(nnet_tls_context_not_after(context) <= in_thirty_days);
    assert_ptr_equal(nnet_tls_context_ref(context), context);
    nnet_tls_context_unref(context);
    nnet_tls_context_unref(context);
    opts.cert_count = 0;
    assert_int_equal(nnet_tls_context_create(&opts, &context, NULL), NB_OK);
    assert_int_equal(nnet_tls_context_not_after(context), 0);
    nnet_tls_context_unref(context);
}

static void only_versions_1_2_and_1_3_are_known(void **state NB_UNUSED)
{
    static const struct {
        uint16_t version;
        int want;
    } cases[] = {{0, NB_OK},
                 {0x0303, NB_OK},
                 {0x0304, NB_OK},
                 {0x0302, NB_EINVALID},
                 {0x0305, NB_EINVALID},
                 {0xFFFF, NB_EINVALID}};

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nnet_tls_opts opts = {.min_version = cases[i].version};
        struct nnet_tls_context *context = NULL;

        assert_int_equal(nnet_tls_context_create(&opts, &context, NULL), cases[i].want);
        nnet_tls_context_unref(context);
    }
}

// Each name of the configuration can be used, alone and with all others, even those that
// BoringSSL does not have.
static void every_name_can_be_configured(void **state NB_UNUSED)
{
    const char *const *suites = nnet_tls_cipher_names();
    const char *const *curves = nnet_tls_curve_names();
    size_t suite_count = 0;
    size_t curve_count = 0;
    struct nnet_tls_context *context = NULL;
    struct nnet_tls_opts all = {.is_server = true};

    for (; suites[suite_count] != NULL; suite_count++) {
        struct nnet_tls_opts opts = {.cipher_suites = &suites[suite_count],
                                     .cipher_suite_count = 1};
        bool is_insecure;

        assert_true(nnet_tls_is_cipher_name(suites[suite_count], &is_insecure));
        assert_int_equal(is_insecure, suite_count >= 13);
        assert_int_equal(nnet_tls_context_create(&opts, &context, NULL), NB_OK);
        nnet_tls_context_unref(context);
    }
    for (; curves[curve_count] != NULL; curve_count++) {
        struct nnet_tls_opts opts = {.curves = &curves[curve_count], .curve_count = 1};

        assert_true(nnet_tls_is_curve_name(curves[curve_count]));
        assert_int_equal(nnet_tls_context_create(&opts, &context, NULL), NB_OK);
        nnet_tls_context_unref(context);
    }
    assert_int_equal(suite_count, 25);
    assert_int_equal(curve_count, 7);
    all.cipher_suites = suites;
    all.cipher_suite_count = suite_count;
    all.curves = curves;
    all.curve_count = curve_count;
    assert_int_equal(nnet_tls_context_create(&all, &context, NULL), NB_OK);
    nnet_tls_context_unref(context);
}

static void other_names_are_refused(void **state NB_UNUSED)
{
    static const char *const names[] = {"", "TLS_NULL", "tls_aes_128_gcm_sha256", "P-256",
                                        "TLS_AES_128_GCM_SHA256 "};
    bool is_insecure;

    for (size_t i = 0; i < NB_ARRAY_LEN(names); i++) {
        assert_false(nnet_tls_is_cipher_name(names[i], &is_insecure));
        assert_false(nnet_tls_is_curve_name(names[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_judged),
        cmocka_unit_test(the_failing_pair_of_several_is_named),
        cmocka_unit_test(the_end_of_a_certificate_is_known),
        cmocka_unit_test(only_versions_1_2_and_1_3_are_known),
        cmocka_unit_test(every_name_can_be_configured),
        cmocka_unit_test(other_names_are_refused),
    };
    return cmocka_run_group_tests_name("tls_context", tests, make_files, drop_files);
}
