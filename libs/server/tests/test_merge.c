#include "nb_test.h"

#include "resolver/merge.h"

#include "token_fixture.h"

#define KEY "AAU2ZOXBIG6MV4FSFYNJJU2NBPDTMHSSNUF74EWIS6KLZEZCSZW5OICT"
#define OTHER_KEY "ADVEU3DD4KOFECV66VIHWEZOYX4ZKR3WV27L464SIIPOU2IUI3JCZW22"

/* Pack messages. */

static const struct {
    const char *name;
    const char *message;
    const char *want; // each entry as <key's 4th letter>=<token>, errors as their text
} packs[] = {
    {"nothing", "", ""},
    {"blank lines", "\n \n\t\r\n", ""},
    {"one", KEY "|a.b.c", "ok a.b.c;"},
    {"two, and a last newline", KEY "|a\n" OTHER_KEY "|b\n", "ok a;ok b;"},
    {"no bar", "x\n" KEY "|a", "line in package didn't contain 2 entries: \"x\";ok a;"},
    {"two bars", KEY "|a|b", "line in package didn't contain 2 entries: \"" KEY "|a|b\";"},
    {"a path", "../../x|a", "key to merge is not a valid public account key;"},
    {"a key and a path", KEY "/../x|a", "key to merge is not a valid public account key;"},
    {"a user", "UASUHOJP6EEVKEKHNLOIG2O3NXOJGNTFUEMXRXNBIBHOCBTMVFKZ3BWH|a",
     "key to merge is not a valid public account key;"},
    {"no key", "|a", "key to merge is not a valid public account key;"},
    {"no JWT", KEY "|", "the JWT to merge is empty;"},
    {"unprintable", "\x01\xff", "line in package didn't contain 2 entries: \"\\x01\\xff\";"},
};

static void show_pack(struct slice message, struct nb_buf *out)
{
    struct nserver__pack_entry entry;
    struct nb_diag diag;
    int rc;

    while (nserver__pack_take(&message, &entry, &rc, &diag)) {
        if (rc == NB_OK) {
            assert_int_equal(entry.key.n, NAUTH_NKEY_PUBLIC_TEXT_BYTES);
            nb_buf_must_format(out, "ok %.*s;", NB_SLICE_ARGS(entry.token));
        } else {
            nb_buf_must_format(out, "%s;", diag.text);
        }
    }
}

static void pack_is_cut_into_its_entries(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(packs); i++) {
        struct slice message = nb_slice_dup(nb_slice_of(packs[i].message));
        struct nb_buf out;

        nb_buf_init(&out, 4096);
        show_pack(message, &out);
        if (!nb_slice_is(nb_buf_slice(&out), packs[i].want)) {
            fail_msg("%s: %.*s", packs[i].name, NB_SLICE_ARGS(nb_buf_slice(&out)));
        }
        nb_buf_fini(&out);
        nb_slice_free(&message);
    }
}

static void pack_shows_no_more_than_the_beginning_of_a_bad_line(void **state NB_UNUSED)
{
    struct slice message;
    struct nserver__pack_entry entry;
    struct nb_diag diag;
    struct nb_buf line;
    int rc;

    nb_buf_init(&line, 8192);
    for (size_t i = 0; i < 2000; i++) {
        nb_buf_must_text(&line, "\xff");
    }
    message = nb_buf_slice(&line);
    assert_true(nserver__pack_take(&message, &entry, &rc, &diag));
    assert_int_equal(rc, NB_EMALFORMED);
    assert_true(strlen(diag.text) < 400);
    nb_buf_fini(&line);
}

/* Which of two. */

static void merge_keeps_the_newer_of_two(void **state NB_UNUSED)
{
    struct fixture_key account = fixture_key(NAUTH_NKEY_ACCOUNT, 1);
    struct fixture_key other = fixture_key(NAUTH_NKEY_ACCOUNT, 2);
    struct slice key = nb_slice_of(account.text);
    struct slice old = fixture_account(&account, "a", 1000, 0);
    struct slice same_time = fixture_account(&account, "b", 1000, 0);
    struct slice newer = fixture_account(&account, "a", 1001, 0);
    struct slice others = fixture_account(&other, "a", 2000, 0);
    const struct {
        const char *name;
        struct slice old, token;
        int want;
        bool is_newer;
    } cases[] = {
        {"there is none", {0}, old, NB_OK, true},
        {"the same", old, old, NB_OK, false},
        {"of the same second, another id", old, same_time, NB_OK, true},
        {"newer", old, newer, NB_OK, true},
        {"older", newer, old, NB_OK, false},
        {"what is there can't be read", NB_SLICE("x.y.z"), old, NB_OK, true},
        {"what comes can't be read", old, NB_SLICE("x.y.z"), NB_EMALFORMED, false},
        {"nor when there is none", {0}, NB_SLICE("x"), NB_EMALFORMED, false},
        {"another account's", old, others, NB_EINVALID, false},
        {"another account's, alone", {0}, others, NB_EINVALID, false},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nb_diag diag = {""};
        bool is_newer = false;
        int rc = nserver__merge_judge(key, cases[i].old, cases[i].token, &is_newer, &diag);

        if (rc != cases[i].want || is_newer != cases[i].is_newer) {
            fail_msg("%s: %d %d %s", cases[i].name, rc, is_newer, diag.text);
        }
        assert_int_equal(rc != NB_OK, diag.text[0] != '\0');
    }
    nb_slice_free(&old);
    nb_slice_free(&same_time);
    nb_slice_free(&newer);
    nb_slice_free(&others);
}

static void expiry_of_a_token_is_what_it_says(void **state NB_UNUSED)
{
    struct fixture_key account = fixture_key(NAUTH_NKEY_ACCOUNT, 1);
    struct slice never = fixture_account(&account, "a", 1000, 0);
    struct slice some_day = fixture_account(&account, "a", 1000, 5000);

    assert_int_equal(nserver__token_expiry(never), 0);
    assert_int_equal(nserver__token_expiry(some_day), 5000);
    assert_int_equal(nserver__token_expiry(NB_SLICE("no token")), 0);
    nb_slice_free(&never);
    nb_slice_free(&some_day);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pack_is_cut_into_its_entries),
        cmocka_unit_test(pack_shows_no_more_than_the_beginning_of_a_bad_line),
        cmocka_unit_test(merge_keeps_the_newer_of_two),
        cmocka_unit_test(expiry_of_a_token_is_what_it_says),
    };
    return cmocka_run_group_tests_name("merge", tests, NULL, NULL);
}
