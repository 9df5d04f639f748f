#include "nb_test.h"

#include "clients/conn_row.h"

#include <natsd/memory.h>

// All that a row has, in memory that is gone before it is looked at.
struct source {
    char texts[16][8];
    struct slice tags[2];
    struct nserver__peer_cert certs[2];
    size_t count;
};

static struct slice next_text(struct source *source, const char *text)
{
    char *room = source->texts[source->count++];

    assert_true(strlen(text) < sizeof(source->texts[0]));
    memcpy(room, text, strlen(text) + 1);
    return nb_slice_of(room);
}

static void fill(struct source *source, struct nserver__conn_row *row)
{
    *row = (struct nserver__conn_row){
        .cid = 7,
        .name = next_text(source, "name"),
        .lang = next_text(source, "lang"),
        .version = next_text(source, "version"),
        .user = next_text(source, "user"),
        .account = next_text(source, "account"),
        .account_tag = next_text(source, "acctag"),
        .user_tag = next_text(source, "usertag"),
        .jwt = next_text(source, "jwt"),
        .issuer_key = next_text(source, "issuer"),
        .proxy_key = next_text(source, "proxy"),
        .tags = source->tags,
        .tag_count = NB_ARRAY_LEN(source->tags),
        .peer_certs = source->certs,
        .peer_cert_count = NB_ARRAY_LEN(source->certs),
    };
    source->tags[0] = next_text(source, "t0");
    source->tags[1] = next_text(source, "");
    for (size_t i = 0; i < NB_ARRAY_LEN(source->certs); i++) {
        source->certs[i].subject = next_text(source, i == 0 ? "CN=0" : "CN=1");
        source->certs[i].fingerprints.whole[31] = (uint8_t)(i + 1);
        source->certs[i].fingerprints.key[0] = (uint8_t)(i + 11);
    }
}

static void give_subs(struct nserver__conn_row *row)
{
    static const char text[] = "a.bq1a2";
    struct nserver__sub_row *subs;
    char *room;

    row->sub_count = 2;
    row->subs_size = 2 * sizeof(*subs) + strlen(text);
    row->subs = subs = nb_zalloc(row->subs_size);
    room = (char *)(subs + 2);
    memcpy(room, text, strlen(text));
    subs[0] = (struct nserver__sub_row){.subject = nb_slice_make(room, 3),
                                        .queue = nb_slice_make(room + 3, 1),
                                        .sid = nb_slice_make(room + 4, 1)};
    subs[1] = (struct nserver__sub_row){.subject = nb_slice_make(room + 5, 1),
                                        .sid = nb_slice_make(room + 6, 1)};
}

static void expect_texts(const struct nserver__conn_row *row)
{
    assert_int_equal(row->cid, 7);
    assert_true(nb_slice_is(row->name, "name"));
    assert_true(nb_slice_is(row->lang, "lang"));
    assert_true(nb_slice_is(row->version, "version"));
    assert_true(nb_slice_is(row->user, "user"));
    assert_true(nb_slice_is(row->account, "account"));
    assert_true(nb_slice_is(row->account_tag, "acctag"));
    assert_true(nb_slice_is(row->user_tag, "usertag"));
    assert_true(nb_slice_is(row->jwt, "jwt"));
    assert_true(nb_slice_is(row->issuer_key, "issuer"));
    assert_true(nb_slice_is(row->proxy_key, "proxy"));
    assert_int_equal(row->tag_count, 2);
    assert_true(nb_slice_is(row->tags[0], "t0"));
    assert_true(nb_slice_is(row->tags[1], ""));
    assert_int_equal(row->peer_cert_count, 2);
    assert_true(nb_slice_is(row->peer_certs[1].subject, "CN=1"));
    assert_int_equal(row->peer_certs[0].fingerprints.whole[31], 1);
    assert_int_equal(row->peer_certs[1].fingerprints.key[0], 12);
}

static void make_owned(struct nserver__conn_row *row)
{
    struct source *source = nb_zalloc(sizeof(*source));

    fill(source, row);
    nserver__conn_row_own(row);
    nb_free(source);
}

static void a_row_owns_its_texts(void **state NB_UNUSED)
{
    struct nserver__conn_row row;

    make_owned(&row);
    expect_texts(&row);
    nserver__conn_row_fini(&row);
    assert_null(row.texts);
}

static void copies_outlive_the_row(void **state NB_UNUSED)
{
    struct nserver__conn_row row, first, second;

    make_owned(&row);
    give_subs(&row);
    nserver__conn_row_copy(&row, &first);
    nserver__conn_row_copy(&row, &second);
    nserver__conn_row_fini(&row);
    nserver__conn_row_fini(&first);
    expect_texts(&second);
    assert_true(nb_slice_is(second.subs[0].subject, "a.b"));
    assert_true(nb_slice_is(second.subs[0].queue, "q"));
    assert_true(nb_slice_is(second.subs[0].sid, "1"));
    assert_true(nb_slice_is(second.subs[1].subject, "a"));
    assert_true(nb_slice_is(second.subs[1].queue, ""));
    assert_true(nb_slice_is(second.subs[1].sid, "2"));
    nserver__conn_row_fini(&second);
}

static void an_empty_row_is_copied(void **state NB_UNUSED)
{
    struct nserver__conn_row row = {.cid = 1};
    struct nserver__conn_row copy;

    nserver__conn_row_own(&row);
    nserver__conn_row_copy(&row, &copy);
    nserver__conn_row_fini(&row);
    assert_int_equal(copy.cid, 1);
    assert_int_equal(copy.name.n, 0);
    assert_null(copy.subs);
    nserver__conn_row_fini(&copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_owns_its_texts),
        cmocka_unit_test(copies_outlive_the_row),
        cmocka_unit_test(an_empty_row_is_copied),
    };

    return cmocka_run_group_tests_name("conn_row", tests, NULL, NULL);
}
