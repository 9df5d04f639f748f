/* What a program that drives the protocol itself has to say to a server. */
#include "nb_test.h"

#include <natsd/buf.h>
#include <natsd/login.h>

static const char seed[] = "SUAEAQKCINCEKRSHJBEUUS2MJVHE6UCRKJJVIVKWK5MFSWS3LROV4XZ7LE";

static struct nclient_login *make(const struct nclient_opts *opts)
{
    struct nb_diag diag = {""};
    struct nclient_login *login = NULL;

    if (nclient_login_create(opts, &login, &diag) != NB_OK) {
        fail_msg("%s", diag.text);
    }
    return login;
}

// What it says, as a text of the caller's.
static char *say(const struct nclient_login *login, size_t index, const struct nproto_info *info,
                 bool has_tls)
{
    struct nb_diag diag = {""};
    struct nb_buf buf;
    char *text;

    nb_buf_init(&buf, 64 * 1024);
    if (nclient_login_write(login, index, info, has_tls, &buf, &diag) != NB_OK) {
        fail_msg("%s", diag.text);
    }
    text = nb_slice_cstr(nb_buf_slice(&buf));
    nb_buf_wipe_fini(&buf);
    return text;
}

static void expect_in(const char *text, const char *part, bool is_there)
{
    if ((strstr(text, part) != NULL) != is_there) {
        fail_msg("\"%s\" is %sin \"%s\"", part, is_there ? "not " : "", text);
    }
}

static void login_names_each_server_without_secrets(void **state NB_UNUSED)
{
    const struct nclient_opts opts = {.urls = "nats://joe:secret@one.example:4000,tls://two",
                                      .tls_server_name = NULL};
    struct nclient_login *login = make(&opts);
    struct nclient_login_server server;

    assert_int_equal(nclient_login_server_count(login), 2);
    nclient_login_server(login, 0, &server);
    assert_string_equal(server.host, "one.example");
    assert_int_equal(server.port, 4000);
    assert_string_equal(server.label, "nats://one.example:4000");
    assert_string_equal(server.tls_name, "one.example");
    assert_false(server.wants_tls);
    nclient_login_server(login, 1, &server);
    assert_int_equal(server.port, 4222);
    assert_true(server.wants_tls);
    assert_false(nclient_login_is_tls_first(login));
    nclient_login_destroy(&login);
    assert_null(login);
}

static void login_says_what_the_url_says_before_the_options(void **state NB_UNUSED)
{
    const struct nclient_opts opts = {
        .urls = "nats://joe:sesame@one,nats://two", .user = "sue", .password = "open"};
    const struct nproto_info info = {.headers = true};
    struct nclient_login *login = make(&opts);
    char *first = say(login, 0, &info, false);
    char *second = say(login, 1, &info, true);

    expect_in(first, "\"user\":\"joe\"", true);
    expect_in(first, "\"pass\":\"sesame\"", true);
    expect_in(first, "\"tls_required\":false", true);
    expect_in(first, "\"no_responders\":true", true);
    expect_in(first, "\"sig\"", false);
    expect_in(first, "}\r\nPING\r\n", true);
    expect_in(second, "\"user\":\"sue\"", true);
    expect_in(second, "\"tls_required\":true", true);
    nb_free(first);
    nb_free(second);
    nclient_login_destroy(&login);
}

// Ed25519 is deterministic: the same nonce has the same signature, another one another.
static void login_signs_the_nonce_of_each_info(void **state NB_UNUSED)
{
    const struct nclient_opts opts = {.nkey_seed = seed};
    const struct nproto_info one = {.nonce = NB_SLICE("PXoWU7zWAMt75FY")};
    const struct nproto_info other = {.nonce = NB_SLICE("PXoWU7zWAMt75FZ")};
    struct nclient_login *login = make(&opts);
    char *first = say(login, 0, &one, false);
    char *again = say(login, 0, &one, false);
    char *second = say(login, 0, &other, false);

    expect_in(first, "\"sig\":\"", true);
    expect_in(first, "\"nkey\":\"U", true);
    expect_in(first, "\"no_responders\":true", false); // that server has no headers
    assert_string_equal(first, again);
    assert_string_not_equal(first, second);
    nb_free(first);
    nb_free(again);
    nb_free(second);
    nclient_login_destroy(&login);
}

static void login_refuses_a_server_without_nonce_for_an_nkey(void **state NB_UNUSED)
{
    const struct nclient_opts opts = {.nkey_seed = seed};
    const struct nproto_info info = {.headers = true};
    struct nclient_login *login = make(&opts);
    struct nb_diag diag = {""};
    struct nb_buf buf;

    nb_buf_init(&buf, 64 * 1024);
    assert_int_equal(nclient_login_write(login, 0, &info, false, &buf, &diag), NB_EUNSUPPORTED);
    assert_int_equal(nb_buf_slice(&buf).n, 0);
    nb_buf_wipe_fini(&buf);
    nclient_login_destroy(&login);
}

static void login_refuses_options_that_make_no_sense(void **state NB_UNUSED)
{
    static const struct nclient_opts cases[] = {
        {.urls = "http://one"}, {.urls = "nats://one:0"},      {.nkey_seed = "not a seed"},
        {.creds = "no creds"},  {.tls_cert_file = "cert.pem"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nb_diag diag = {""};
        struct nclient_login *login = NULL;

        assert_int_not_equal(nclient_login_create(&cases[i], &login, &diag), NB_OK);
        assert_null(login);
        assert_true(diag.text[0] != '\0');
    }
}

static void login_describes_what_the_server_told(void **state NB_UNUSED)
{
    const struct nclient_opts opts = {.urls = "nats://joe:secret@one:4000"};
    const struct nproto_info info = {.server_id = NB_SLICE("NABC"),
                                     .server_name = NB_SLICE("one"),
                                     .version = NB_SLICE("2.15.2"),
                                     .max_payload = 1024,
                                     .client_id = 7,
                                     .headers = true};
    struct nclient_login *login = make(&opts);
    struct nclient_server_info told;

    nclient_login_describe(login, 0, &info, true, &told);
    assert_string_equal(told.id, "NABC");
    assert_string_equal(told.name, "one");
    assert_string_equal(told.version, "2.15.2");
    assert_string_equal(told.url, "nats://one:4000");
    assert_int_equal(told.max_payload, 1024);
    assert_int_equal(told.client_id, 7);
    assert_true(told.has_tls && told.has_headers && !told.has_jetstream);
    nclient_login_destroy(&login);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(login_names_each_server_without_secrets),
        cmocka_unit_test(login_says_what_the_url_says_before_the_options),
        cmocka_unit_test(login_signs_the_nonce_of_each_info),
        cmocka_unit_test(login_refuses_a_server_without_nonce_for_an_nkey),
        cmocka_unit_test(login_refuses_options_that_make_no_sense),
        cmocka_unit_test(login_describes_what_the_server_told),
    };

    return cmocka_run_group_tests_name("login", tests, NULL, NULL);
}
