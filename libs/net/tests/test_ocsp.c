#include "ocsp_message.h"
#include "ocsp_replies.h"

#define NOW INT64_C(1893456000) // 2030-01-01: certificates made now are valid around the real now

static struct {
    struct certs files;
    struct cert ca;
    struct cert rsa_ca;
    struct cert other_ca;
    struct cert leaf;
    struct cert rsa_leaf;
    struct cert delegate;         // of the CA, for OCSP
    struct cert expired_delegate; // was
    struct cert idle_delegate;    // of the CA, not for OCSP
    struct cert foreign_delegate; // of the other CA, for OCSP
    int64_t now_s;
} made;

static int make_certs(void **state NB_UNUSED)
{
    certs_init(&made.files);
    made.now_s = reply_now_s();
    certs_make(&made.files, &(struct cert_opts){.name = "ca", .is_ca = true}, &made.ca);
    certs_make(&made.files,
               &(struct cert_opts){.name = "rsa-ca", .is_ca = true, .key_type = EVP_PKEY_RSA},
               &made.rsa_ca);
    certs_make(&made.files, &(struct cert_opts){.name = "other-ca", .is_ca = true}, &made.other_ca);
    certs_make(&made.files,
               &(struct cert_opts){.name = "leaf",
                                   .issuer = &made.ca,
                                   .ocsp_url = "http://127.0.0.1:8888/ocsp",
                                   .must_staple = true},
               &made.leaf);
    certs_make(&made.files, &(struct cert_opts){.name = "rsa-leaf", .issuer = &made.rsa_ca},
               &made.rsa_leaf);
    certs_make(
        &made.files,
        &(struct cert_opts){.name = "delegate", .issuer = &made.ca, .key_usage = "OCSPSigning"},
        &made.delegate);
    certs_make(&made.files,
               &(struct cert_opts){.name = "expired-delegate",
                                   .issuer = &made.ca,
                                   .key_usage = "OCSPSigning",
                                   .is_expired = true},
               &made.expired_delegate);
    certs_make(&made.files,
               &(struct cert_opts){.name = "idle", .issuer = &made.ca, .key_usage = "serverAuth"},
               &made.idle_delegate);
    certs_make(&made.files,
               &(struct cert_opts){
                   .name = "foreign", .issuer = &made.other_ca, .key_usage = "OCSPSigning"},
               &made.foreign_delegate);
    return 0;
}

static int drop_certs(void **state NB_UNUSED)
{
    struct cert *const all[] = {&made.ca,
                                &made.rsa_ca,
                                &made.other_ca,
                                &made.leaf,
                                &made.rsa_leaf,
                                &made.delegate,
                                &made.expired_delegate,
                                &made.idle_delegate,
                                &made.foreign_delegate};

    for (size_t i = 0; i < NB_ARRAY_LEN(all); i++) {
        cert_fini(all[i]);
    }
    certs_fini(&made.files);
    return 0;
}

static void responses_are_judged(void **state NB_UNUSED)
{
    const int64_t t = made.now_s;
    const struct {
        const char *name;
        struct reply_opts opts;
        int want;
        const char *text; // of the reason, a part of it
        bool is_delegated;
    } cases[] = {
        {"good", {.this_update_s = t, .next_update_s = t + 60}, NB_OK, "", false},
        {"without an end", {.this_update_s = t}, NB_OK, "", false},
        {"revoked", {.this_update_s = t, .status = NNET_OCSP_REVOKED}, NB_OK, "", false},
        {"unknown", {.this_update_s = t, .status = NNET_OCSP_UNKNOWN}, NB_OK, "", false},
        {"named by SHA-256", {.this_update_s = t, .names_by_sha256 = true}, NB_OK, "", false},
        {"RSA",
         {.this_update_s = t, .cert = &made.rsa_leaf, .issuer = &made.rsa_ca},
         NB_OK,
         "",
         false},
        {"delegated", {.this_update_s = t, .signer = &made.delegate}, NB_OK, "", true},
        {"by the issuer, embedded", {.this_update_s = t, .signer = &made.ca}, NB_OK, "", false},
        {"refused", {.this_update_s = t, .refusal = 6}, NB_ENOTFOUND, "unauthorized", false},
        {"refused in another way",
         {.this_update_s = t, .refusal = 200},
         NB_ENOTFOUND,
         "error from server",
         false},
        {"about another",
         {.this_update_s = t, .is_about_another = true},
         NB_ENOTFOUND,
         "no response matching",
         false},
        {"about another issuer's",
         {.this_update_s = t, .issuer = &made.other_ca},
         NB_ENOTFOUND,
         "no response matching",
         false},
        {"a wrong signature",
         {.this_update_s = t, .has_bad_signature = true},
         NB_ECRYPTO,
         "bad OCSP signature",
         false},
        {"a broken digest",
         {.this_update_s = t, .signs_with_sha1 = true},
         NB_ECRYPTO,
         "bad OCSP signature",
         false},
        {"somebody unknown",
         {.this_update_s = t, .signer = &made.delegate, .hides_signer = true},
         NB_ECRYPTO,
         "bad OCSP signature",
         false},
        {"the owner himself",
         {.this_update_s = t, .signer = &made.leaf},
         NB_EDENIED,
         "missing authorization",
         false},
        {"not appointed",
         {.this_update_s = t, .signer = &made.idle_delegate},
         NB_EDENIED,
         "OCSP staple's signer missing authorization by CA to act as OCSP signer",
         false},
        {"appointed once",
         {.this_update_s = t, .signer = &made.expired_delegate},
         NB_ECRYPTO,
         "bad signature on embedded certificate",
         false},
        {"appointed by another",
         {.this_update_s = t, .signer = &made.foreign_delegate},
         NB_ECRYPTO,
         "bad signature on embedded certificate",
         false},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct reply_opts opts = cases[i].opts;
        bool is_rsa = opts.cert == &made.rsa_leaf;
        struct slice cert = cert_der(is_rsa ? &made.rsa_leaf : &made.leaf);
        struct slice issuer = cert_der(is_rsa ? &made.rsa_ca : &made.ca);
        struct nnet_ocsp_answer answer = {.this_update_s = -1};
        struct nb_diag diag = {.text = ""};
        struct slice response;
        int rc;

        opts.cert = is_rsa ? &made.rsa_leaf : &made.leaf;
        opts.issuer = opts.issuer != NULL ? opts.issuer : &made.ca;
        response = reply_make(&opts);
        rc = nnet_ocsp_read_response(response, cert, issuer, t, &answer, &diag);
        if (rc != cases[i].want || strstr(diag.text, cases[i].text) == NULL ||
            (rc == NB_OK && (answer.status != opts.status || answer.this_update_s != t ||
                             answer.next_update_s != opts.next_update_s ||
                             answer.is_delegated != cases[i].is_delegated)) ||
            (rc != NB_OK && answer.this_update_s != -1)) {
            fail_msg("%s: %d %s", cases[i].name, rc, diag.text);
        }
        nb_slice_free(&response);
        nb_slice_free(&cert);
        nb_slice_free(&issuer);
    }
}

static void every_cut_and_changed_byte_is_refused(void **state NB_UNUSED)
{
    const struct reply_opts opts = {.cert = &made.leaf,
                                    .issuer = &made.ca,
                                    .signer = &made.delegate,
                                    .this_update_s = made.now_s};
    struct slice cert = cert_der(&made.leaf);
    struct slice issuer = cert_der(&made.ca);
    struct slice response = reply_make(&opts);
    struct nnet_ocsp_answer answer;
    size_t kept = 0;

    for (size_t n = 0; n < response.n; n++) {
        struct slice cut = nb_slice_dup(nb_slice_sub(response, 0, n));

        assert_int_not_equal(nnet_ocsp_read_response(cut, cert, issuer, made.now_s, &answer, NULL),
                             NB_OK);
        nb_slice_free(&cut);
    }
    for (size_t i = 0; i < response.n; i++) {
        struct slice changed = nb_slice_dup(response);

        ((uint8_t *)(uintptr_t)changed.p)[i] ^= 0x40;
        if (nnet_ocsp_read_response(changed, cert, issuer, made.now_s, &answer, NULL) == NB_OK) {
            // Something that neither signature covers and nobody reads: the answer is the same.
            assert_int_equal(answer.status, NNET_OCSP_GOOD);
            assert_int_equal(answer.this_update_s, made.now_s);
            kept++;
        }
        nb_slice_free(&changed);
    }
    assert_true(kept < 8);
    nb_slice_free(&response);
    nb_slice_free(&cert);
    nb_slice_free(&issuer);
}

// The frame and the digests are computed here anew.
static void a_request_names_the_certificate(void **state NB_UNUSED)
{
    struct slice cert = cert_der(&made.leaf);
    struct slice issuer = cert_der(&made.ca);
    struct slice request;
    CBB root;
    CBB list;
    CBB one;
    CBB tbs;
    CBB outer;
    struct reply_opts opts = {.cert = &made.leaf, .issuer = &made.ca};
    uint8_t *want = NULL;
    size_t want_n;

    assert_int_equal(nnet_ocsp_make_request(cert, issuer, &request), NB_OK);
    assert_true(CBB_init(&root, 64) && CBB_add_asn1(&root, &outer, CBS_ASN1_SEQUENCE) &&
                CBB_add_asn1(&outer, &tbs, CBS_ASN1_SEQUENCE) &&
                CBB_add_asn1(&tbs, &list, CBS_ASN1_SEQUENCE) &&
                CBB_add_asn1(&list, &one, CBS_ASN1_SEQUENCE));
    reply_add_id(&one, &opts);
    assert_true(CBB_finish(&root, &want, &want_n));
    // The same but for the NULL behind the algorithm's name, 2 bytes.
    assert_int_equal(request.n, want_n + 2);
    assert_memory_equal(request.p + request.n - 50, want + want_n - 50, 50);
    OPENSSL_free(want);
    assert_int_equal(nnet_ocsp_make_request(NB_SLICE("x"), issuer, &request), NB_EMALFORMED);
    nb_slice_free(&request);
    nb_slice_free(&cert);
    nb_slice_free(&issuer);
}

static void certificates_say_what_they_want(void **state NB_UNUSED)
{
    struct slice leaf = cert_der(&made.leaf);
    struct slice ca = cert_der(&made.ca);
    struct slice url = {.n = 0};

    assert_true(nnet_certificate_must_staple(leaf));
    assert_false(nnet_certificate_must_staple(ca));
    assert_true(nnet_certificate_ocsp_url(leaf, 0, &url));
    assert_true(nb_slice_is(url, "http://127.0.0.1:8888/ocsp"));
    assert_false(nnet_certificate_ocsp_url(leaf, 1, &url));
    assert_false(nnet_certificate_ocsp_url(ca, 0, &url));
    assert_true(nnet_certificate_is_ca(ca));
    assert_false(nnet_certificate_is_ca(leaf));
    assert_false(nnet_certificate_is_ca(NB_SLICE("x")));
    nb_slice_free(&leaf);
    nb_slice_free(&ca);
}

static void times_are_read(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        bool is_time;
        int64_t want;
    } cases[] = {
        {"19700101000000Z", true, 0},
        {"20300101000000Z", true, NOW},
        {"20240229120000Z", true, 1709208000},
        {"20000229000000Z", true, 951782400},
        {"99991231235959Z", true, 253402300799},
        {"20230229120000Z", false, 0},
        {"21000229120000Z", false, 0},
        {"19691231235959Z", false, 0},
        {"20240001000000Z", false, 0},
        {"20241301000000Z", false, 0},
        {"20240100000000Z", false, 0},
        {"20240431000000Z", false, 0},
        {"20240101240000Z", false, 0},
        {"20240101006000Z", false, 0},
        {"20240101000061Z", false, 0},
        {"2024010100000Z", false, 0},
        {"202401010000000", false, 0},
        {"2024010100000-Z", false, 0},
        {"20240101000000.5Z", false, 0},
        {"", false, 0},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        int64_t got = 0;

        if (nnet__ocsp_read_time(nb_slice_of(cases[i].text), &got) != cases[i].is_time ||
            got != cases[i].want) {
            fail_msg("%s: %lld", cases[i].text, (long long)got);
        }
    }
}

static void an_answer_is_current_between_its_times(void **state NB_UNUSED)
{
    static const struct {
        int64_t this_update_s;
        int64_t next_update_s;
        int64_t skew_s;
        int64_t ttl_s;
        bool want; // at 1000
    } cases[] = {
        {1000, 1000, 0, 0, true}, {1001, 2000, 0, 0, false}, {1001, 2000, 1, 0, true},
        {900, 999, 0, 0, false},  {900, 999, 1, 0, true},    {900, 0, 0, 100, true},
        {900, 0, 0, 99, false},   {900, 0, 0, -1, true},     {1001, 0, 0, -1, false},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nnet_ocsp_answer answer = {.this_update_s = cases[i].this_update_s,
                                          .next_update_s = cases[i].next_update_s};

        if (nnet_ocsp_is_current(&answer, 1000, cases[i].skew_s, cases[i].ttl_s) != cases[i].want) {
            fail_msg("case %zu", i);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(responses_are_judged),
        cmocka_unit_test(every_cut_and_changed_byte_is_refused),
        cmocka_unit_test(a_request_names_the_certificate),
        cmocka_unit_test(certificates_say_what_they_want),
        cmocka_unit_test(times_are_read),
        cmocka_unit_test(an_answer_is_current_between_its_times),
    };
    return cmocka_run_group_tests_name("ocsp", tests, make_certs, drop_certs);
}
