#include "net_certs.h"

#include <natsd/certificate.h>

static EVP_PKEY *test_key;

static int make_key(void **state NB_UNUSED)
{
    test_key = certs_make_key(EVP_PKEY_EC);
    return 0;
}

static int drop_key(void **state NB_UNUSED)
{
    EVP_PKEY_free(test_key);
    return 0;
}

static void add_attribute(X509_NAME *name, struct slice text, int kind, bool is_first)
{
    size_t at = nb_slice_find_byte(text, '=');
    struct slice value = nb_slice_sub(text, at + 1, text.n);
    char *type = nb_slice_cstr(nb_slice_sub(text, 0, at));

    assert_true(at < text.n);
    assert_int_equal(
        X509_NAME_add_entry_by_txt(name, type, kind, value.p, (int)value.n, -1, is_first ? 0 : -1),
        1);
    nb_free(type);
}

// "DC=org/DC=DEV+O=users", in certificate order.
static void set_subject(X509 *x509, const char *subject, int kind)
{
    X509_NAME *name = X509_get_subject_name(x509);
    struct slice rest = nb_slice_of(subject);
    struct slice rdn;
    struct slice attribute;

    while (nb_slice_take_field(&rest, '/', &rdn)) {
        bool is_first = true; // the others go to the same RDN

        while (nb_slice_take_field(&rdn, '+', &attribute)) {
            add_attribute(name, attribute, kind, is_first);
            is_first = false;
        }
    }
}

static struct slice der_of(X509 *x509)
{
    uint8_t *p = NULL;
    int n = i2d_X509(x509, &p);
    struct slice der;

    assert_true(n > 0);
    der = nb_slice_dup(nb_slice_make(p, (size_t)n)); // of its exact size
    OPENSSL_free(p);
    return der;
}

static struct slice make_der(const char *subject, const char *alt_names, int kind)
{
    X509 *x509 = X509_new();
    struct slice der;

    assert_int_equal(X509_set_version(x509, 2), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(x509), 7), 1);
    set_subject(x509, subject, kind);
    certs_set_times(x509, false);
    assert_int_equal(X509_set_pubkey(x509, test_key), 1);
    if (alt_names != NULL) {
        certs_extend(x509, x509, NID_subject_alt_name, alt_names);
    }
    assert_true(X509_sign(x509, test_key, EVP_sha256()) > 0);
    der = der_of(x509);
    X509_free(x509);
    return der;
}

static const char *const kinds[] = {
    [NNET_IDENTITY_EMAIL] = "email", [NNET_IDENTITY_DNS] = "dns",
    [NNET_IDENTITY_URI] = "uri",     [NNET_IDENTITY_DN] = "dn",
    [NNET_IDENTITY_SUBJECT] = "go",  [NNET_IDENTITY_SUBJECT_WITH_DC] = "dc",
};

static void print_names(const struct nnet_identity *identity, struct nb_buf *out)
{
    for (size_t i = 0; i < identity->count; i++) {
        nb_buf_must_format(out, "%s<%.*s> ", kinds[identity->names[i].kind],
                           NB_SLICE_ARGS(identity->names[i].text));
    }
}

static void candidates_come_in_their_order(void **state NB_UNUSED)
{
    static const struct {
        const char *subject;
        const char *alt_names;
        const char *want;
    } cases[] = {
        {"", NULL, ""},
        {"CN=a", NULL, "dn<CN=a> go<CN=a> "},
        {"CN=a", "URI:spiffe://x/y,DNS:b.example,email:c@d.e,IP:127.0.0.1,DNS:a.example",
         "email<c@d.e> dns<b.example> dns<a.example> uri<spiffe://x/y> dn<CN=a> go<CN=a> "},
        {"", "DNS:a.example", "dns<a.example> "},
        {"", "IP:127.0.0.1", ""},
        {"C=US/ST=CA/L=Los Angeles/O=NATS/OU=NATS/CN=localhost/DC=foo1/DC=foo2", NULL,
         "dn<DC=foo2,DC=foo1,CN=localhost,OU=NATS,O=NATS,L=Los Angeles,ST=CA,C=US> "
         "dc<CN=localhost,OU=NATS,O=NATS,L=Los Angeles,ST=CA,C=US,DC=foo1,DC=foo2> "
         "go<CN=localhost,OU=NATS,O=NATS,L=Los Angeles,ST=CA,C=US> "},
        {"DC=org/DC=OpenSSL/DC=DEV+O=users/CN=John Doe", NULL,
         "dn<CN=John Doe,DC=DEV+O=users,DC=OpenSSL,DC=org> "
         "dc<CN=John Doe,O=users,DC=org,DC=OpenSSL,DC=DEV> go<CN=John Doe,O=users> "},
        {"CN=John Doe/CN=123456/CN=jdoe/OU=Users/OU=Organic Units/DC=acme/DC=com", NULL,
         "dn<DC=com,DC=acme,OU=Organic Units,OU=Users,CN=jdoe,CN=123456,CN=John Doe> "
         "dc<CN=jdoe,OU=Users+OU=Organic Units,DC=acme,DC=com> "
         "go<CN=jdoe,OU=Users+OU=Organic Units> "},
        // An attribute without a name here: no DN, and not in the subject.
        {"CN=a/emailAddress=a@b.c", NULL, "go<CN=a> "},
        {"emailAddress=a@b.c", NULL, ""},
        {"UID=u/CN=a", NULL, "go<CN=a> "},
        {"serialNumber=7/postalCode=12345/street=Main/L=l/ST=s/C=US/O=o/OU=u/CN=x", NULL,
         "dn<CN=x,OU=u,O=o,C=US,ST=s,L=l,STREET=Main,POSTALCODE=12345,SERIALNUMBER=7> "
         "go<SERIALNUMBER=7,CN=x,OU=u,O=o,POSTALCODE=12345,STREET=Main,L=l,ST=s,C=US> "},
        {"CN=#a, b\\c;<d> ", NULL,
         "dn<CN=\\#a\\, b\\\\c\\;\\<d\\>\\ > go<CN=\\#a\\, b\\\\c\\;\\<d\\>\\ > "},
        {"DC=com", NULL, "dn<DC=com> dc<,DC=com> "},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct slice der = make_der(cases[i].subject, cases[i].alt_names, MBSTRING_UTF8);
        struct nnet_identity identity;
        struct nb_buf got;

        nb_buf_init(&got, 64 * 1024);
        assert_int_equal(nnet_identity_read(der, &identity), NB_OK);
        nb_slice_free(&der); // nothing is borrowed
        print_names(&identity, &got);
        if (!nb_slice_is(nb_buf_slice(&got), cases[i].want)) {
            fail_msg("%s: %.*s", cases[i].subject, NB_SLICE_ARGS(nb_buf_slice(&got)));
        }
        nb_buf_fini(&got);
        nnet_identity_fini(&identity);
        nnet_identity_fini(&identity);
    }
}

// Strings of two bytes per character and of old code pages name nobody.
static void subject_in_another_alphabet_is_no_candidate(void **state NB_UNUSED)
{
    static const int types[] = {V_ASN1_BMPSTRING, V_ASN1_T61STRING};

    for (size_t i = 0; i < NB_ARRAY_LEN(types); i++) {
        struct slice der = make_der("CN=abcd", "DNS:h", types[i]);
        struct nnet_identity identity;

        assert_int_equal(nnet_identity_read(der, &identity), NB_OK);
        assert_int_equal(identity.count, 1);
        assert_int_equal(identity.names[0].kind, NNET_IDENTITY_DNS);
        assert_int_equal(identity.dn.count, 0);
        nnet_identity_fini(&identity);
        nb_slice_free(&der);
    }
}

// What a certificate's DN is to a configured name: 2 the same, 1 in another order, 0 another.
static void names_match_subjects_exactly_or_in_another_order(void **state NB_UNUSED)
{
    static const char us[] = "C=US/ST=CA/L=Los Angeles/O=NATS/OU=NATS/CN=localhost/DC=foo1/DC=foo2";
    static const char multi[] = "DC=org/DC=OpenSSL/DC=DEV+O=users/CN=John Doe";
    static const struct {
        const char *subject;
        const char *name;
        int want;
    } cases[] = {
        {us, "DC=foo2,DC=foo1,CN=localhost,OU=NATS,O=NATS,L=Los Angeles,ST=CA,C=US", 2},
        {us, "DC=foo2, DC=foo1, CN=localhost, OU=NATS, O=NATS, L=Los Angeles, ST=CA, C=US", 2},
        {us, "dc=foo2,Dc=foo1,cn=localhost,ou=NATS,o=NATS,l=Los Angeles,st=CA,c=US", 2},
        {us, "DC=foo1,DC=foo2,CN=localhost,OU=NATS,O=NATS,L=Los Angeles,ST=CA,C=US", 1},
        {us, "DC=foo2,DC=foo1,CN=Localhost,OU=NATS,O=NATS,L=Los Angeles,ST=CA,C=US", 0},
        {us, "CN=localhost,OU=NATS,O=NATS,L=Los Angeles,ST=CA,C=US", 0},
        {multi, "CN=John Doe,DC=DEV+O=users,DC=OpenSSL,DC=org", 2},
        {multi, "CN=John Doe,O=users+DC=DEV,DC=OpenSSL,DC=org", 2},
        {multi, "CN=John Doe,O=users + DC=DEV , DC=OpenSSL,DC=org", 2},
        {multi, "DC=org,DC=OpenSSL,O=users+DC=DEV,CN=John Doe", 1},
        {multi, "CN=John Doe,DC=DEV,DC=OpenSSL,DC=org", 0},
        {multi, "CN=John Doe,DC=DEV,O=users,DC=OpenSSL,DC=org", 0},
        {multi, "CN=John Doe+DC=DEV,O=users,DC=OpenSSL,DC=org", 0},
        {"CN=a", "CN=a", 2},
        {"CN=a", "CN=\\61", 2},
        {"CN=a", "CN=a\\ ", 0},
        {"CN=a ", "CN=a\\ ", 2},
        {"CN=a,b", "CN=a\\,b", 2},
        {"CN=a\\b", "CN=a\\\\b", 2},
        {"CN=a=b", "CN=a=b", 2},
        // As often, not only the same kinds (spec 13, 26-13).
        {"CN=a/CN=a/O=x", "CN=a,O=x,OU=y", 0},
        {"CN=a/CN=a/O=x", "CN=a,O=x,O=x", 0},
        {"CN=a/O=x/O=x", "CN=a,CN=a,O=x", 0},
        {"CN=a/CN=a/O=x", "CN=a,O=x", 0},
        {"CN=a/CN=a/O=x", "CN=a,O=x,CN=a", 1},
        {"CN=a+CN=a+O=x", "CN=a+O=x+O=x", 0},
        {"CN=a+CN=a+O=x", "CN=a+O=x+CN=a", 2},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct slice der = make_der(cases[i].subject, NULL, MBSTRING_UTF8);
        struct nnet_identity identity;
        struct nnet_dn dn;
        int got;

        assert_int_equal(nnet_identity_read(der, &identity), NB_OK);
        assert_int_equal(nnet_dn_parse(nb_slice_of(cases[i].name), &dn), NB_OK);
        got = nnet_dn_equal_unordered(&identity.dn, &dn) ? 1 : 0;
        assert_int_equal(nnet_dn_equal_unordered(&dn, &identity.dn), got);
        if (nnet_dn_equal(&identity.dn, &dn)) {
            assert_int_equal(got, 1);
            got = 2;
        }
        if (got != cases[i].want) {
            fail_msg("%s, %s: %d", cases[i].subject, cases[i].name, got);
        }
        nnet_dn_fini(&dn);
        nnet_identity_fini(&identity);
        nb_slice_free(&der);
    }
}

static void names_that_are_no_dn_are_refused(void **state NB_UNUSED)
{
    static const char *const cases[] = {
        "",      "joe",       "joe@example.com", "CN",    "CN=a,",   "CN=a+",   ",CN=a",  "=a",
        "CN=#a", "CN=#0403a", "CN=a,b",          "CN=\\", "CN=a\\g", "CN=\\6g", "CN=\\6", "+=",
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct slice text = nb_slice_dup(nb_slice_of(cases[i]));
        struct nnet_dn dn;

        if (nnet_dn_parse(text, &dn) != NB_EMALFORMED) {
            fail_msg("%s", cases[i]);
        }
        nb_slice_free(&text);
    }
}

static int parse_many(size_t count)
{
    struct nb_buf text;
    struct nnet_dn dn;
    int rc;

    nb_buf_init(&text, 1024 * 1024);
    for (size_t i = 0; i < count; i++) {
        nb_buf_must_format(&text, "%sO=%zu", i > 0 ? "," : "", i);
    }
    rc = nnet_dn_parse(nb_buf_slice(&text), &dn);
    if (rc == NB_OK) {
        assert_int_equal(dn.count, count);
        assert_int_equal(dn.attributes[count - 1].rdn, count - 1);
        nnet_dn_fini(&dn);
    }
    nb_buf_fini(&text);
    return rc;
}

static void names_with_too_many_attributes_are_refused(void **state NB_UNUSED)
{
    assert_int_equal(parse_many(NNET_DN_ATTRIBUTES_MAX), NB_OK);
    assert_int_equal(parse_many(NNET_DN_ATTRIBUTES_MAX + 1), NB_ELIMIT);
}

static int read_with_many_names(size_t count)
{
    struct nb_buf names;
    struct nnet_identity identity;
    struct slice der;
    int rc;

    nb_buf_init(&names, 1024 * 1024);
    for (size_t i = 0; i < count; i++) {
        nb_buf_must_format(&names, "%sDNS:h%zu", i > 0 ? "," : "", i);
    }
    nb_buf_must(&names, nb_slice_make("", 1));
    der = make_der("CN=a", (const char *)nb_buf_slice(&names).p, MBSTRING_UTF8);
    rc = nnet_identity_read(der, &identity);
    if (rc == NB_OK) {
        assert_int_equal(identity.count, count + 2);
        nnet_identity_fini(&identity);
    }
    nb_slice_free(&der);
    nb_buf_fini(&names);
    return rc;
}

static void certificates_with_too_many_names_are_refused(void **state NB_UNUSED)
{
    assert_int_equal(read_with_many_names(NNET_IDENTITY_NAMES_MAX), NB_OK);
    assert_int_equal(read_with_many_names(NNET_IDENTITY_NAMES_MAX + 1), NB_ELIMIT);
}

static void every_prefix_of_a_certificate_is_refused(void **state NB_UNUSED)
{
    struct slice der = make_der("CN=a/DC=b", "DNS:a,URI:b://c,email:d@e", MBSTRING_UTF8);
    struct nnet_identity identity;

    for (size_t n = 0; n < der.n; n++) {
        struct slice cut = nb_slice_dup(nb_slice_sub(der, 0, n));

        assert_int_equal(nnet_identity_read(cut, &identity), NB_EMALFORMED);
        nb_slice_free(&cut);
    }
    nb_slice_free(&der);
}

static void uris_are_compared_in_one_form(void **state NB_UNUSED)
{
    static const struct {
        const char *uri;
        const char *want; // NULL: no candidate
    } cases[] = {
        {"spiffe://x/y", "spiffe://x/y"},
        {"SPIFFE://X/Y", "spiffe://X/Y"},
        {"urn:uuid:1-2", "urn:uuid:1-2"},
        {"mailto:a@b", "mailto:a@b"},
        {"http://h", "http://h"},
        {"http://h/", "http://h/"},
        {"http://h?q", "http://h?q"},
        {"http://h/?", "http://h/?"},
        {"http://h/#", "http://h/"},
        {"http://h/#a b", "http://h/#a%20b"},
        {"http://h/a b", "http://h/a%20b"},
        {"http://h/a%20b", "http://h/a%20b"},
        {"http://h/a%2fb", "http://h/a%2fb"},
        {"http://h/a%2fb c", "http://h/a/b%20c"}, // recoded as a whole
        {"http://h/a%7e", "http://h/a%7e"},
        {"http://h/a[b]", "http://h/a[b]"},
        {"http://h/{a}", "http://h/%7Ba%7D"},
        {"http://u:p@h:80/", "http://u:p@h:80/"},
        {"http://u!@h/", "http://u%21@h/"},
        {"http://[::1]:80/a", "http://[::1]:80/a"},
        {"file:///a", "file:///a"},
        {"http:/a", "http:/a"},
        {"/a/b", "/a/b"},
        {"a/b", "a/b"},
        {"//h/a", "//h/a"},
        {"http://h:x/", NULL},
        {"http://h h/", NULL},
        {"http://h%41/", NULL},
        {"http://[::1/", NULL},
        {"http://[::1]x/", NULL},
        {"http://h./", NULL},
        {"http://.h/", NULL},
        {"http://a..h/", NULL},
        {"http://u @h/", NULL},
        {"http://h/%4", NULL},
        {"http://h/%zz", NULL},
        {"http://h/#%4", NULL},
        {":a", NULL},
        {"1a:b", NULL},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        char alt_names[128];
        struct slice der;
        struct nnet_identity identity;

        snprintf(alt_names, sizeof(alt_names), "URI:%s", cases[i].uri);
        der = make_der("", alt_names, MBSTRING_UTF8);
        assert_int_equal(nnet_identity_read(der, &identity), NB_OK);
        if (identity.count != (cases[i].want != NULL ? 1 : 0) ||
            (cases[i].want != NULL && !nb_slice_is(identity.names[0].text, cases[i].want))) {
            fail_msg("%s: %s", cases[i].uri,
                     identity.count > 0 ? (const char *)identity.names[0].text.p : "none");
        }
        nnet_identity_fini(&identity);
        nb_slice_free(&der);
    }
}

static void dns_names_match_hosts_label_by_label(void **state NB_UNUSED)
{
    static const struct {
        const char *pattern;
        const char *host;
        bool want;
    } cases[] = {
        {"a.example", "a.example", true},
        {"A.example", "a.EXAMPLE", true},
        {"*.example", "a.example", true},
        {"*.example", "a.b.example", false},
        {"*.example", "example", false},
        {"*.example", ".example", false},
        {"a*.example", "ab.example", false},
        {"a.*.example", "a.b.example", false},
        {"*", "a", false},
        {"a.example", "a.example.com", false},
        {"a.example.com", "a.example", false},
        {"", "", false},
        {"a.", "a", false},
        {"a", "a.", false},
        {"a..b", "a..b", false},
        {"a", "", false},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        if (nnet_dns_name_matches(nb_slice_of(cases[i].pattern), nb_slice_of(cases[i].host)) !=
            cases[i].want) {
            fail_msg("%s %s", cases[i].pattern, cases[i].host);
        }
    }
}

static void certificate_speaks_for_hosts_in_its_dns_names_only(void **state NB_UNUSED)
{
    struct slice der = make_der("CN=c.example", "DNS:a.example,DNS:*.b,URI:x://u", MBSTRING_UTF8);
    struct nnet_identity identity;

    assert_int_equal(nnet_identity_read(der, &identity), NB_OK);
    assert_true(nnet_identity_speaks_for_host(&identity, NB_SLICE("a.example")));
    assert_true(nnet_identity_speaks_for_host(&identity, NB_SLICE("x.b")));
    assert_false(nnet_identity_speaks_for_host(&identity, NB_SLICE("c.example")));
    assert_false(nnet_identity_speaks_for_host(&identity, NB_SLICE("x://u")));
    nnet_identity_fini(&identity);
    nb_slice_free(&der);
}

static void pem_reads_back_as_the_certificate(void **state NB_UNUSED)
{
    struct slice der = make_der("CN=a", NULL, MBSTRING_UTF8);
    struct nb_buf pem;
    struct nb_buf tight;
    BIO *bio;
    X509 *x509;
    struct slice again;

    nb_buf_init(&pem, 64 * 1024);
    assert_int_equal(nnet_certificate_to_pem(der, &pem), NB_OK);
    bio = BIO_new_mem_buf(nb_buf_slice(&pem).p, (int)nb_buf_slice(&pem).n);
    x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    assert_non_null(x509);
    again = der_of(x509);
    assert_true(nb_slice_equal(again, der));
    assert_true(nb_slice_ends(nb_buf_slice(&pem), "-----END CERTIFICATE-----\n"));
    nb_buf_init(&tight, nb_buf_slice(&pem).n - 1);
    assert_int_equal(nnet_certificate_to_pem(der, &tight), NB_ELIMIT);
    nb_buf_fini(&tight);
    nb_slice_free(&again);
    X509_free(x509);
    BIO_free(bio);
    nb_buf_fini(&pem);
    nb_slice_free(&der);
}

static void subject_and_issuer_are_printed(void **state NB_UNUSED)
{
    struct slice der = make_der("O=b/CN=a/DC=x", NULL, MBSTRING_UTF8);
    struct nb_buf text;

    nb_buf_init(&text, 1024);
    assert_int_equal(nnet_certificate_print_subject(der, &text), NB_OK);
    assert_true(nb_slice_is(nb_buf_slice(&text), "CN=a,O=b"));
    assert_int_equal(nnet_certificate_print_issuer(der, &text), NB_OK); // it has none
    assert_int_equal(nnet_certificate_print_subject(NB_SLICE("garbage"), &text), NB_OK);
    assert_true(nb_slice_is(nb_buf_slice(&text), "CN=a,O=b"));
    nb_buf_fini(&text);
    nb_slice_free(&der);
}

// The digests are recomputed from other forms of the same: OpenSSL's own of the public key.
static void fingerprints_are_digests_of_the_whole_and_of_the_key(void **state NB_UNUSED)
{
    struct slice der = make_der("CN=a", NULL, MBSTRING_ASC);
    struct nnet_certificate_fingerprints prints;
    uint8_t digest[SHA256_DIGEST_LENGTH];
    uint8_t *key = NULL;
    int n = i2d_PUBKEY(test_key, &key);

    assert_int_equal(nnet_certificate_fingerprint(der, &prints), NB_OK);
    SHA256(der.p, der.n, digest);
    assert_memory_equal(prints.whole, digest, sizeof(digest));
    assert_true(n > 0);
    SHA256(key, (size_t)n, digest);
    assert_memory_equal(prints.key, digest, sizeof(digest));
    assert_int_equal(nnet_certificate_fingerprint(nb_slice_sub(der, 0, der.n - 1), &prints),
                     NB_EMALFORMED);
    OPENSSL_free(key);
    nb_slice_free(&der);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(candidates_come_in_their_order),
        cmocka_unit_test(subject_in_another_alphabet_is_no_candidate),
        cmocka_unit_test(names_match_subjects_exactly_or_in_another_order),
        cmocka_unit_test(names_that_are_no_dn_are_refused),
        cmocka_unit_test(names_with_too_many_attributes_are_refused),
        cmocka_unit_test(certificates_with_too_many_names_are_refused),
        cmocka_unit_test(every_prefix_of_a_certificate_is_refused),
        cmocka_unit_test(uris_are_compared_in_one_form),
        cmocka_unit_test(dns_names_match_hosts_label_by_label),
        cmocka_unit_test(certificate_speaks_for_hosts_in_its_dns_names_only),
        cmocka_unit_test(pem_reads_back_as_the_certificate),
        cmocka_unit_test(subject_and_issuer_are_printed),
        cmocka_unit_test(fingerprints_are_digests_of_the_whole_and_of_the_key),
    };
    return cmocka_run_group_tests_name("certificate", tests, make_key, drop_key);
}
