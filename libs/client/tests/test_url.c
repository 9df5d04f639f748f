#include "url.h"

#include "nb_test.h"

struct url_case {
    const char *text;
    const char *host;
    unsigned port;
    bool is_tls;
    const char *user, *password, *token; // NULL: none
};

static const struct url_case accepted[] = {
    {"nats://localhost:4222", "localhost", 4222, false, NULL, NULL, NULL},
    {"localhost", "localhost", 4222, false, NULL, NULL, NULL},
    {"  localhost:1 ", "localhost", 1, false, NULL, NULL, NULL},
    {"TLS://h", "h", 4222, true, NULL, NULL, NULL},
    {"nats://h/", "h", 4222, false, NULL, NULL, NULL},
    {"h:65535", "h", 65535, false, NULL, NULL, NULL},
    {"127.0.0.1", "127.0.0.1", 4222, false, NULL, NULL, NULL},
    {"nats://[::1]:5", "::1", 5, false, NULL, NULL, NULL},
    {"[::1]", "::1", 4222, false, NULL, NULL, NULL},
    {"fe80::1", "fe80::1", 4222, false, NULL, NULL, NULL},
    {"nats://u:p@h:1", "h", 1, false, "u", "p", NULL},
    {"u:p:q@h", "h", 4222, false, "u", "p:q", NULL},
    {"u:@h", "h", 4222, false, "u", "", NULL},
    {":p@h", "h", 4222, false, "", "p", NULL},
    {"u:a@b@h", "h", 4222, false, "u", "a@b", NULL},
    {"tok@h", "h", 4222, false, NULL, NULL, "tok"},
    {"@h", "h", 4222, false, NULL, NULL, NULL},
    {"a%40b:%2Fc%2f@h", "h", 4222, false, "a@b", "/c/", NULL},
};

static bool is_text(const char *got, const char *want)
{
    return got == NULL ? want == NULL : want != NULL && strcmp(got, want) == 0;
}

static void url_is_taken_apart(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(accepted); i++) {
        const struct url_case *it = &accepted[i];
        struct slice exact = nb_slice_dup(nb_slice_of(it->text));
        struct nclient__url url = {0};
        int rc = nclient__url_parse(exact, &url, NULL);

        if (rc != NB_OK || !is_text(url.host, it->host) || url.port != it->port ||
            url.is_tls != it->is_tls || !is_text(url.user, it->user) ||
            !is_text(url.password, it->password) || !is_text(url.token, it->token)) {
            fail_msg("%s", it->text);
        }
        nclient__url_fini(&url);
        nclient__url_fini(&url);
        nb_slice_free(&exact);
    }
}

static const struct {
    const char *text;
    int want;
} refused[] = {
    {"", NB_EMALFORMED},
    {"nats://", NB_EMALFORMED},
    {"http://h", NB_EUNSUPPORTED},
    {"ws://h", NB_EUNSUPPORTED},
    {"wss://h", NB_EUNSUPPORTED},
    {"h:", NB_EMALFORMED},
    {"h:0", NB_EMALFORMED},
    {"h:65536", NB_EMALFORMED},
    {"h:-1", NB_EMALFORMED},
    {"h:1x", NB_EMALFORMED},
    {"h h", NB_EMALFORMED},
    {"h/path", NB_EMALFORMED},
    {"h\n", NB_OK},
    {"a\nb", NB_EMALFORMED},
    {"[::1", NB_EMALFORMED},
    {"[::1]4222", NB_EMALFORMED},
    {"[]:1", NB_EMALFORMED},
    {"]", NB_EMALFORMED},
    {"u:p%@h", NB_EMALFORMED},
    {"u:p%4@h", NB_EMALFORMED},
    {"u:p%zz@h", NB_EMALFORMED},
    {"u:p%00@h", NB_EMALFORMED},
    {"%00@h", NB_EMALFORMED},
    {"u:p@", NB_EMALFORMED},
    {"a,b", NB_EMALFORMED},
    {"\xc3\xa4", NB_EMALFORMED},
};

static void url_that_is_none_is_refused(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(refused); i++) {
        struct slice exact = nb_slice_dup(nb_slice_of(refused[i].text));
        struct nclient__url url = {0};
        struct nb_diag diag = {""};
        int rc = nclient__url_parse(exact, &url, &diag);

        if (rc != refused[i].want || (rc != NB_OK && diag.text[0] == '\0')) {
            fail_msg("\"%s\": %d %s", refused[i].text, rc, diag.text);
        }
        nclient__url_fini(&url);
        nb_slice_free(&exact);
    }
}

static void url_error_shows_no_secret(void **state NB_UNUSED)
{
    static const char *const texts[] = {"u:secret@h:0", "u:secret%@h", "u:secret@",
                                        "x://u:secret@h"};

    for (size_t i = 0; i < NB_ARRAY_LEN(texts); i++) {
        struct nclient__url url;
        struct nb_diag diag = {""};

        assert_int_not_equal(nclient__url_parse(nb_slice_of(texts[i]), &url, &diag), NB_OK);
        assert_null(strstr(diag.text, "secret"));
    }
}

static void url_obeys_host_length(void **state NB_UNUSED)
{
    char text[NCLIENT__HOST_MAX_BYTES + 2];
    struct nclient__url url;

    memset(text, 'h', sizeof(text));
    assert_int_equal(
        nclient__url_parse(nb_slice_make(text, NCLIENT__HOST_MAX_BYTES + 1), &url, NULL),
        NB_EMALFORMED);
    assert_int_equal(nclient__url_parse(nb_slice_make(text, NCLIENT__HOST_MAX_BYTES), &url, NULL),
                     NB_OK);
    nclient__url_fini(&url);
}

static void url_takes_no_byte_beyond_any_prefix(void **state NB_UNUSED)
{
    const struct slice whole = nb_slice_of("tls://a%40:b%20@[fe80::1]:4222");

    for (size_t n = 0; n <= whole.n; n++) {
        struct slice cut = nb_slice_dup(nb_slice_sub(whole, 0, n));
        struct nclient__url url = {0};
        int rc = nclient__url_parse(cut, &url, NULL);

        assert_true(rc == NB_OK || rc == NB_EMALFORMED || rc == NB_EUNSUPPORTED);
        nclient__url_fini(&url);
        nb_slice_free(&cut);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(url_is_taken_apart),
        cmocka_unit_test(url_that_is_none_is_refused),
        cmocka_unit_test(url_error_shows_no_secret),
        cmocka_unit_test(url_obeys_host_length),
        cmocka_unit_test(url_takes_no_byte_beyond_any_prefix),
    };
    return cmocka_run_group_tests_name("url", tests, NULL, NULL);
}
