#include "url.h"

#include "nb_test.h"

#include <natsd/http_client.h>

static const struct {
    const char *text;
    int want;
    bool is_tls;
    const char *user; // NULL: none
    const char *password;
    const char *authority;
    const char *host;
    uint16_t port;
    const char *target;
} cases[] = {
    {"http://h", NB_OK, false, NULL, "", "h", "h", 80, "/"},
    {"https://h", NB_OK, true, NULL, "", "h", "h", 443, "/"},
    {"HTTP://h:8080/a/b?c=d#e", NB_OK, false, NULL, "", "h:8080", "h", 8080, "/a/b?c=d"},
    {"http://h?x", NB_OK, false, NULL, "", "h", "h", 80, "?x"},
    {"http://h:/", NB_OK, false, NULL, "", "h:", "h", 80, "/"},
    {"http://u:p@h/", NB_OK, false, "u", "p", "h", "h", 80, "/"},
    {"http://u@h/", NB_OK, false, "u", "", "h", "h", 80, "/"},
    {"http://u:p@x@h/", NB_OK, false, "u", "p@x", "h", "h", 80, "/"},
    {"http://[::1]:81/", NB_OK, false, NULL, "", "[::1]:81", "::1", 81, "/"},
    {"http://127.0.0.1/", NB_OK, false, NULL, "", "127.0.0.1", "127.0.0.1", 80, "/"},
    {.text = "", .want = NB_EMALFORMED},
    {.text = "h", .want = NB_EMALFORMED},
    {.text = "http:/h", .want = NB_EMALFORMED},
    {.text = "http://", .want = NB_EMALFORMED},
    {.text = "http:///a", .want = NB_EMALFORMED},
    {.text = "http://u@/a", .want = NB_EMALFORMED},
    {.text = "http://h:0/", .want = NB_EMALFORMED},
    {.text = "http://h:65536/", .want = NB_EMALFORMED},
    {.text = "http://h:8x/", .want = NB_EMALFORMED},
    {.text = "http://[::1/", .want = NB_EMALFORMED},
    {.text = "http://[]/", .want = NB_EMALFORMED},
    {.text = "http://[::1]8/", .want = NB_EMALFORMED},
    {.text = "http://a:b:c/", .want = NB_EMALFORMED},
    {.text = "http://h/a b", .want = NB_EMALFORMED},
    {.text = "http://h/\r\nX: y", .want = NB_EMALFORMED},
    {.text = "http://h/\xc3\xa4", .want = NB_EMALFORMED},
    {.text = "http://h%41/", .want = NB_EMALFORMED},
    {.text = "file:///etc/passwd", .want = NB_EUNSUPPORTED},
    {.text = "ftp://h/", .want = NB_EUNSUPPORTED},
};

static bool is(struct slice got, const char *want)
{
    return nb_slice_is(got, want);
}

static void urls_are_taken_apart(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct slice text = nb_slice_dup(nb_slice_of(cases[i].text));
        struct nnet__url url = {.port = 0};
        int rc = nnet__url_parse(text, &url);

        if (rc != cases[i].want || nnet_fetch_check_url(text) != rc) {
            fail_msg("%s: %d", cases[i].text, rc);
        }
        if (rc == NB_OK &&
            (url.is_tls != cases[i].is_tls || url.has_user != (cases[i].user != NULL) ||
             !is(url.user, cases[i].user != NULL ? cases[i].user : "") ||
             !is(url.password, cases[i].password) || !is(url.authority, cases[i].authority) ||
             !is(url.host, cases[i].host) || url.port != cases[i].port ||
             !is(url.target, cases[i].target))) {
            fail_msg("%s: %.*s %u %.*s", cases[i].text, NB_SLICE_ARGS(url.host), url.port,
                     NB_SLICE_ARGS(url.target));
        }
        nb_slice_free(&text);
    }
}

static void long_urls_and_hosts_are_refused(void **state NB_UNUSED)
{
    struct nb_buf text;
    struct nnet__url url;

    nb_buf_init(&text, NNET_FETCH_URL_MAX_BYTES + 1);
    nb_buf_must_text(&text, "http://h/");
    while (nb_buf_slice(&text).n < NNET_FETCH_URL_MAX_BYTES) {
        nb_buf_must_text(&text, "x");
    }
    assert_int_equal(nnet__url_parse(nb_buf_slice(&text), &url), NB_OK);
    nb_buf_must_text(&text, "x");
    assert_int_equal(nnet__url_parse(nb_buf_slice(&text), &url), NB_ELIMIT);
    nb_buf_clear(&text);
    nb_buf_must_text(&text, "http://");
    for (unsigned i = 0; i < 253; i++) {
        nb_buf_must_text(&text, "h");
    }
    assert_int_equal(nnet__url_parse(nb_buf_slice(&text), &url), NB_OK);
    nb_buf_must_text(&text, "h");
    assert_int_equal(nnet__url_parse(nb_buf_slice(&text), &url), NB_EMALFORMED);
    nb_buf_fini(&text);
}

static void passwords_are_not_shown(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        const char *want;
    } shown[] = {
        {"http://h/a?b", "http://h/a?b"},
        {"http://u:secret@h/a", "http://u:xxxxx@h/a"},
        {"http://u:sec@ret@h/a", "http://u:xxxxx@h/a"},
        {"http://u@h", "http://u@h"},
        {"http://:secret@h", "http://:xxxxx@h"},
        {"gopher://u:secret@h h/", "gopher://u:xxxxx@h h/"}, // none that is fetched
        {"nothing", "nothing"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(shown); i++) {
        struct nb_buf out;

        nb_buf_init(&out, 1024);
        assert_int_equal(nnet_fetch_print_url(nb_slice_of(shown[i].text), &out), NB_OK);
        if (!is(nb_buf_slice(&out), shown[i].want)) {
            fail_msg("%.*s", NB_SLICE_ARGS(nb_buf_slice(&out)));
        }
        nb_buf_fini(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_are_taken_apart),
        cmocka_unit_test(long_urls_and_hosts_are_refused),
        cmocka_unit_test(passwords_are_not_shown),
    };
    return cmocka_run_group_tests_name("url", tests, NULL, NULL);
}
