/* URLs of other servers: what they are made of, which are none, and how they are shown. */
#include "nb_test.h"

#include <natsd/server_options.h>

#include "options/url.h"

#include <string.h>

static const struct {
    const char *text;
    const char *parts; // scheme|user|password|host|port|path, "-" for one that is not there
} good[] = {
    {"nats://a:1", "nats|-|-|a|1|"},
    {" nats://a:1\t", "nats|-|-|a|1|"},
    {"NATS+x-1.://a", "nats+x-1.|-|-|a||"},
    {"nats://u:p@a:1", "nats|u|p|a|1|"},
    {"nats://u@a", "nats|u|-|a||"},
    {"nats://:@a", "nats|||a||"},
    {"nats://u@p@a:1", "nats|u@p|-|a|1|"},
    {"nats://u%3a:%70%40@a", "nats|u:|p@|a||"},
    {"nats://[::1]:5", "nats|-|-|::1|5|"},
    {"nats://[::1]", "nats|-|-|::1||"},
    {"nats://[fe80::1%25en0]:1", "nats|-|-|fe80::1%en0|1|"},
    {"nats://[fe80::1%25e%6e]:1", NULL},
    {"nats://::1:5", "nats|-|-|::1|5|"},
    {"nats://a:", "nats|-|-|a||"},
    {"nats://", "nats|-|-|||"},
    {"nats://a:1/p%20q?q=%zz#f", "nats|-|-|a|1|/p q"},
    {"nats://a?q", "nats|-|-|a||"},
    {"nats:///p", "nats|-|-|||/p"},
    {"//a:1", "|-|-|a|1|"},
    {"///p:1", "|-|-|||///p:1"},
    {"a", "|-|-|||a"},
    {"a/b:c", "|-|-|||a/b:c"},
    {"localhost:4222", "localhost|-|-|||4222"},
    {"nats:a:b", "nats|-|-|||a:b"},
    {"", "|-|-|||"},
    {"nats://\xc3\xa9:1", "nats|-|-|\xc3\xa9|1|"},
    {"nats://%C3%A9:1", "nats|-|-|\xc3\xa9|1|"},
    {"nats://a\"b", "nats|-|-|a\"b||"},
};

static const char *or_dash(bool has, struct slice text, char *room, size_t size)
{
    snprintf(room, size, "%.*s", has ? (int)text.n : 1,
             has && text.n > 0 ? (const char *)text.p : "-");
    return has && text.n == 0 ? "" : room;
}

static int split(const char *text, struct nserver__url_parts *parts, char *shown, size_t shown_size,
                 struct nb_diag *diag)
{
    size_t n = strlen(text);
    uint8_t *exact = malloc(n + 1);
    uint8_t *room = malloc(nserver__url_room(nb_slice_of(text)));
    char pieces[6][256] = {""};
    int rc;

    memcpy(exact, text, n); // without a terminator in sight of the sanitizer
    rc = nserver__url_split(nb_slice_make(exact, n), room, parts, diag);
    if (rc == NB_OK) {
        snprintf(shown, shown_size, "%s|%s|%s|%s|%s|%s",
                 or_dash(true, parts->scheme, pieces[0], sizeof(pieces[0])),
                 or_dash(parts->has_user, parts->user, pieces[1], sizeof(pieces[1])),
                 or_dash(parts->has_password, parts->password, pieces[2], sizeof(pieces[2])),
                 or_dash(true, parts->host, pieces[3], sizeof(pieces[3])),
                 or_dash(true, parts->port, pieces[4], sizeof(pieces[4])),
                 or_dash(true, parts->path, pieces[5], sizeof(pieces[5])));
    }
    free(exact);
    free(room);
    return rc;
}

static void url_split_finds_the_parts(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(good); i++) {
        struct nserver__url_parts parts = {0};
        struct nb_diag diag = {0};
        char shown[1600] = "";
        int rc = split(good[i].text, &parts, shown, sizeof(shown), &diag);

        if ((rc == NB_OK) != (good[i].parts != NULL) ||
            (rc == NB_OK && strcmp(shown, good[i].parts) != 0)) {
            fail_msg("%s: %d %s %s", good[i].text, rc, shown, diag.text);
        }
    }
}

// The texts are the reference's, which shows passwords.
static void url_split_says_what_is_wrong(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        const char *reason;
    } bad[] = {
        {"127.0.0.1:1", "parse \"127.0.0.1:1\": first path segment in URL cannot contain colon"},
        {"a%20b://x", "parse \"a%20b://x\": first path segment in URL cannot contain colon"},
        {":a", "parse \":a\": missing protocol scheme"},
        {"nats://a:x", "parse \"nats://a:x\": invalid port \":x\" after host"},
        {"nats://a b", "parse \"nats://a b\": invalid character \" \" in host name"},
        {"nats://[::1", "parse \"nats://[::1\": missing ']' in host"},
        {"nats://[", "parse \"nats://[\": missing ']' in host"},
        {"nats://[a]:1",
         "parse \"nats://[a]:1\": invalid host: ParseAddr(\"a\"): unable to parse IP"},
        {"nats://[]", "parse \"nats://[]\": invalid host: ParseAddr(\"\"): unable to parse IP"},
        {"nats://[::1%25]:1", "parse \"nats://[::1%25]:1\": invalid host: ParseAddr(\"::1%\"): "
                              "zone must be a non-empty string"},
        {"nats://[1.2.3.4]:1", "parse \"nats://[1.2.3.4]:1\": invalid IP-literal"},
        {"nats://[::1]x", "parse \"nats://[::1]x\": invalid port \"x\" after host"},
        {"nats://[::1]5:5", "parse \"nats://[::1]5:5\": invalid port \"5:5\" after host"},
        {"nats://u:p%zz@a", "parse \"nats://u:xxxxx@a\": invalid URL escape \"xxxxx\""},
        {"nats://u:p/w@a", "parse \"nats://u:xxxxx@a\": invalid port \"xxxxx\" after host"},
        {"nats://[::x]/p@a", "parse \"nats://[:xxxxx@a\": invalid host: ParseAddr(\"xxxxx\"): "
                             "unable to parse IP"},
        {"nats://u:p w@a", "parse \"nats://u:xxxxx@a\": net/url: invalid userinfo"},
        {"nats://u:p@a:x", "parse \"nats://u:xxxxx@a:x\": invalid port \":x\" after host"},
        {"nats://a%41:1", "parse \"nats://a%41:1\": invalid URL escape \"%41\""},
        {"nats://a/%z", "parse \"nats://a/%z\": invalid URL escape \"%z\""},
        {"nats://a#%", "parse \"nats://a#%\": invalid URL escape \"%\""},
        {"nats://a\x01z", "parse \"nats://a\\x01z\": net/url: invalid control character in URL"},
        {"nats://a\x7fz", "parse \"nats://a\\x7fz\": net/url: invalid control character in URL"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(bad); i++) {
        struct nserver__url_parts parts = {0};
        struct nb_diag diag = {0};
        char shown[1600];
        int rc = split(bad[i].text, &parts, shown, sizeof(shown), &diag);

        if (rc != NB_EMALFORMED || strcmp(diag.text, bad[i].reason) != 0) {
            fail_msg("%s: %d %s", bad[i].text, rc, diag.text);
        }
        assert_null(parts.text.p); // untouched
    }
}

static void url_split_has_a_limit(void **state NB_UNUSED)
{
    static uint8_t room[2 * (NSERVER_URL_MAX_BYTES + 1) + 1];
    static uint8_t text[NSERVER_URL_MAX_BYTES + 1];
    struct nserver__url_parts parts;
    struct nb_diag diag;

    memset(text, 'a', sizeof(text));
    assert_int_equal(
        nserver__url_split(nb_slice_make(text, NSERVER_URL_MAX_BYTES), room, &parts, &diag), NB_OK);
    assert_int_equal(parts.path.n, NSERVER_URL_MAX_BYTES);
    assert_int_equal(nserver__url_split(nb_slice_make(text, sizeof(text)), room, &parts, &diag),
                     NB_ELIMIT);
}

static void url_split_survives_every_prefix(void **state NB_UNUSED)
{
    static const char whole[] = "nats://u%41:p@[fe80::1%25en0]:4222/a/%20b?c#%64";

    for (size_t n = 0; n < sizeof(whole); n++) {
        struct slice cut = nb_slice_dup(nb_slice_make(whole, n));
        uint8_t *room = malloc(nserver__url_room(cut));
        struct nserver__url_parts parts;
        int rc = nserver__url_split(cut, room, &parts, NULL);

        assert_true(rc == NB_OK || rc == NB_EMALFORMED);
        free(room);
        nb_slice_free(&cut);
    }
}

static void a_kept_url_shows_no_password(void **state NB_UNUSED)
{
    static const char *const cases[][2] = {
        {"nats://a:1", "nats://a:1"},
        {"nats://u:secret@a:1/p", "nats://u:xxxxx@a:1/p"},
        {"nats://u:@a", "nats://u:xxxxx@a"},
        {"nats://u@a:1", "nats://u@a:1"},
        {"nats://u@x:secret@a:1?q", "nats://u@x:xxxxx@a:1?q"},
        {"//:secret@a", "//:xxxxx@a"},
        {"a/b", "a/b"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nserver_options opts = {0};
        struct nserver_url url;
        struct nb_buf shown;

        nb_buf_init(&shown, 1000);
        assert_int_equal(nserver_options_read_url(&opts, nb_slice_of(cases[i][0]), &url, NULL),
                         NB_OK);
        assert_int_equal(nserver_url_redact(&url, &shown), NB_OK);
        if (!nb_slice_is(nb_buf_slice(&shown), cases[i][1])) {
            fail_msg("%s: %.*s", cases[i][0], NB_SLICE_ARGS(nb_buf_slice(&shown)));
        }
        nb_buf_fini(&shown);
        nserver_options_fini(&opts);
    }
}

static void what_may_be_no_url_shows_no_secret(void **state NB_UNUSED)
{
    static const char *const cases[][2] = {
        {"a:b", "a:b"},
        {"", ""},
        {"nats://u:secret@a:x", "nats://u:xxxxx@a:x"},
        {"nats://u:se/cr#e?t@a", "nats://u:xxxxx@a"},
        {"nats://u:se@cret@a", "nats://u:xxxxx@a"},
        {"nats://token@[a", "nats://xxxxx@[a"},
        {"u:secret@a", "u:xxxxx@a"},
        {"u:se//cret@a", "u:xxxxx@a"},
        {"//u:secret@a b", "//u:xxxxx@a b"},
        {"@", "xxxxx@"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nb_buf shown;

        nb_buf_init(&shown, 1000);
        assert_int_equal(nserver__url_hide(nb_slice_of(cases[i][0]), &shown), NB_OK);
        if (!nb_slice_is(nb_buf_slice(&shown), cases[i][1])) {
            fail_msg("%s: %.*s", cases[i][0], NB_SLICE_ARGS(nb_buf_slice(&shown)));
        }
        nb_buf_fini(&shown);
    }
}

static void a_port_by_default_is_shown(void **state NB_UNUSED)
{
    static const char *const texts[][2] = {
        {"nats://u:p@a", "nats://u:xxxxx@a:7422"},
        {"nats://a:/p", "nats://a:7422/p"},
        {"nats://[::7422]", "nats://[::7422]:7422"},
        {"nats://b:7422", "nats://b:7422"},
    };
    char port[] = "7422";

    for (size_t i = 0; i < NB_ARRAY_LEN(texts); i++) {
        struct nserver_options opts = {0};
        struct nserver_url url;
        struct nb_buf shown;

        nb_buf_init(&shown, 1000);
        assert_int_equal(nserver_options_read_url(&opts, nb_slice_of(texts[i][0]), &url, NULL),
                         NB_OK);
        url.port = port;
        assert_int_equal(nserver_url_redact(&url, &shown), NB_OK);
        if (!nb_slice_is(nb_buf_slice(&shown), texts[i][1])) {
            fail_msg("%s: %.*s", texts[i][0], NB_SLICE_ARGS(nb_buf_slice(&shown)));
        }
        nb_buf_fini(&shown);
        nserver_options_fini(&opts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(url_split_finds_the_parts),
        cmocka_unit_test(url_split_says_what_is_wrong),
        cmocka_unit_test(url_split_has_a_limit),
        cmocka_unit_test(url_split_survives_every_prefix),
        cmocka_unit_test(a_kept_url_shows_no_password),
        cmocka_unit_test(what_may_be_no_url_shows_no_secret),
        cmocka_unit_test(a_port_by_default_is_shown),
    };
    return cmocka_run_group_tests_name("url", tests, NULL, NULL);
}
