/* The canonical JSON and its digest (spec 02 section 2.12). */
#include "conf_fixture.h"

static void check_digest(const char *text, const char *want)
{
    struct nconf_doc doc = {0};
    char got[NCONF_DIGEST_BYTES + 1];

    assert_int_equal(parse_exact(NULL, nb_slice_of(text), &doc, NULL), NB_OK);
    nconf_digest(&doc, got);
    if (strcmp(got, want) != 0) {
        fail_msg("%s: got %s, want %s", text, got, want);
    }
    nconf_doc_fini(&doc);
}

static void digests_of_the_specification_hold(void **state NB_UNUSED)
{
    static const char *const cases[][2] = {
        {"foo = bar", "sha256:226e49e13d16e5e8aa0d62e58cd63361bf097d3e2b2444aa3044334628a2e8de"},
        {"{ 'foo': 'bar' }",
         "sha256:226e49e13d16e5e8aa0d62e58cd63361bf097d3e2b2444aa3044334628a2e8de"},
        {"# x\n{ foo: bar } // y",
         "sha256:226e49e13d16e5e8aa0d62e58cd63361bf097d3e2b2444aa3044334628a2e8de"},
        {"port: -1", "sha256:7ea4cc5c6864139d814ce940a40ee6546b7ac5285eec3c390a4ce11e34dc1102"},
        {"port: -1\nmax_connections: 10",
         "sha256:508a26309068f62c3022aa8951e712ed8ff5dd6f2360f727ad8242a2a233176e"},
        {"", "sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356"},
        {"# c", "sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356"},
        {"{}", "sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356"},
        {"a = \"<b>&\"", "sha256:a4bf7ba1985c3fe4fc5ba3af45fd003d24bcf176d2c58922b79184b823f339d0"},
        {"A=1\nport=$A", "sha256:220a9265723a9e9c3296e8a3aec76af866fac451653cf14fd01995ec79620251"},
        {"max_payload: 8MB\nping_interval: \"30s\"",
         "sha256:02e091e2dc4ea49d9c58531b596e5f996d2ec8edcab51cd8e4af1ebae5f06edc"},
        {"d = 2016-05-04T18:53:41Z",
         "sha256:541cc96d29d0c314a77a3711eb3880a63e899a3859f23edfdc9c02b483799300"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        check_digest(cases[i][0], cases[i][1]);
    }
}

static void json_sorts_keys_by_bytes(void **state NB_UNUSED)
{
    check_means("b 1, a 2, B 3, ab 4, '' 5, \xC3\xA9 6, a.b 7",
                "{\"\":5,\"B\":3,\"a\":2,\"a.b\":7,\"ab\":4,\"b\":1,\"\xC3\xA9\":6}");
}

static void json_escapes_what_the_reference_escapes(void **state NB_UNUSED)
{
    check_means("v = '<b>&\xE2\x80\xA8\xE2\x80\xA9\"\\/'",
                "{\"v\":\"\\u003cb\\u003e\\u0026\\u2028\\u2029\\\"\\\\/\"}");
    check_means("v = \"a\\tb\\r\\n\\x01\\x08\\x0c\\x1f\\x7f\xC3\xA9\"",
                "{\"v\":\"a\\tb\\r\\n\\u0001\\b\\f\\u001f\x7F\xC3\xA9\"}");
    check_means("v = '\xC3('", "{\"v\":\"\\ufffd(\"}");
    check_means("v = \"\\xe2\\x82\"", "{\"v\":\"\\ufffd\\ufffd\"}"); // one for each byte
    check_means("'<\xFF' 1", "{\"\\u003c\\ufffd\":1}");
}

static void json_in_a_full_buffer_is_told(void **state NB_UNUSED)
{
    const size_t bytes = sizeof("{\"a\":[1,\"x\"]}") - 1;
    struct nconf_doc doc = {0};

    assert_int_equal(parse_exact(NULL, NB_SLICE("a [1, x]"), &doc, NULL), NB_OK);
    for (size_t max = 0; max <= bytes; max++) {
        struct nb_buf out;

        nb_buf_init(&out, max);
        assert_int_equal(nconf_value_json(doc.root, &out), max < bytes ? NB_ELIMIT : NB_OK);
        nb_buf_fini(&out);
    }
    nconf_doc_fini(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_of_the_specification_hold),
        cmocka_unit_test(json_sorts_keys_by_bytes),
        cmocka_unit_test(json_escapes_what_the_reference_escapes),
        cmocka_unit_test(json_in_a_full_buffer_is_told),
    };
    return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
