#include <natsd/trie.h>

#include "nb_test.h"

#include "sub_fixture.h"
#include "trie.h"

struct heard {
    uint32_t yes_count;
    uint32_t no_count;
    bool last;
};

static void hear(void *ctx, bool has_interest)
{
    struct heard *heard = ctx;

    heard->yes_count += has_interest;
    heard->no_count += !has_interest;
    heard->last = has_interest;
}

static int watch(struct nsub_trie *trie, const char *subject, const char *queue,
                 struct heard *heard, bool *has_interest)
{
    return nsub_trie_notify(trie, nb_slice_of(subject), nb_slice_of(queue), hear, heard,
                            has_interest);
}

static void assert_heard(const struct heard *heard, uint32_t yes_count, uint32_t no_count)
{
    assert_int_equal(heard->yes_count, yes_count);
    assert_int_equal(heard->no_count, no_count);
}

static void listeners_hear_of_the_first_and_the_last(void **state NB_UNUSED)
{
    struct nsub_sub subs[] = {SUB("foo.bar"), SUB("foo.bar"), SUB_QUEUE("foo.bar", "q"),
                              SUB_QUEUE("foo.bar", "q")};
    struct nsub_trie *trie = nsub_trie_create();
    struct heard plain = {0};
    struct heard queue = {0};
    bool has_interest = true;

    assert_int_equal(watch(trie, "foo.bar", "", &plain, &has_interest), NB_OK);
    assert_false(has_interest);
    must_insert(trie, &subs[2]);
    assert_heard(&plain, 0, 0);
    assert_int_equal(watch(trie, "foo.bar", "q", &queue, &has_interest), NB_OK);
    assert_true(has_interest);
    must_insert(trie, &subs[0]);
    assert_heard(&plain, 1, 0);
    must_insert(trie, &subs[1]);
    must_insert(trie, &subs[3]);
    must_remove(trie, &subs[0]);
    assert_heard(&plain, 1, 0);
    must_remove(trie, &subs[1]);
    assert_heard(&plain, 1, 1);
    assert_heard(&queue, 0, 0);
    must_remove(trie, &subs[2]);
    must_remove(trie, &subs[3]);
    assert_heard(&queue, 0, 1);
    must_insert(trie, &subs[3]);
    assert_heard(&queue, 1, 1);
    assert_heard(&plain, 1, 1);
    nsub_trie_destroy(&trie);
}

static void wildcards_never_trigger(void **state NB_UNUSED)
{
    struct nsub_sub subs[] = {SUB("foo.*"), SUB("foo.>"),     SUB(">"),      SUB("*.bar"),
                              SUB("foo"),   SUB("foo.bar.x"), SUB("foo.baz")};
    struct nsub_trie *trie = nsub_trie_create();
    struct heard heard = {0};
    bool has_interest = true;

    for (size_t i = 0; i < NB_ARRAY_LEN(subs); i++) {
        if (i == 3) {
            assert_int_equal(watch(trie, "foo.bar", "", &heard, &has_interest), NB_OK);
            assert_false(has_interest);
        }
        must_insert(trie, &subs[i]);
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(subs); i++) {
        must_remove(trie, &subs[i]);
    }
    assert_heard(&heard, 0, 0);
    nsub_trie_destroy(&trie);
}

static void registrations_are_checked(void **state NB_UNUSED)
{
    static const char *const bad[] = {"foo.*", ">", "foo.>", "*", "foo..bar", "", ".foo"};
    struct nsub_trie *trie = nsub_trie_create();
    struct heard heard = {0};
    struct heard other = {0};
    bool has_interest = true;

    for (size_t i = 0; i < NB_ARRAY_LEN(bad); i++) {
        assert_int_equal(watch(trie, bad[i], "", &heard, &has_interest), NB_EMALFORMED);
    }
    assert_true(has_interest); // untouched
    assert_int_equal(watch(trie, "foo", "", &heard, &has_interest), NB_OK);
    assert_int_equal(watch(trie, "foo", "", &heard, &has_interest), NB_EEXISTS);
    assert_int_equal(watch(trie, "foo", "", &other, &has_interest), NB_OK);
    assert_int_equal(watch(trie, "foo", "q", &heard, &has_interest), NB_OK);
    assert_int_equal(nsub_trie_unnotify(trie, NB_SLICE("bar"), NB_SLICE(""), hear, &heard),
                     NB_ENOTFOUND);
    assert_int_equal(nsub_trie_unnotify(trie, NB_SLICE("foo"), NB_SLICE("x"), hear, &heard),
                     NB_ENOTFOUND);
    nsub_trie_destroy(&trie);
}

static void unregistered_listeners_hear_no_more(void **state NB_UNUSED)
{
    struct nsub_sub sub = SUB("foo");
    struct nsub_trie *trie = nsub_trie_create();
    struct heard heard[3] = {0};
    bool has_interest;

    for (size_t i = 0; i < NB_ARRAY_LEN(heard); i++) {
        assert_int_equal(watch(trie, "foo", "", &heard[i], &has_interest), NB_OK);
    }
    must_insert(trie, &sub);
    for (size_t i = 0; i < NB_ARRAY_LEN(heard); i++) {
        assert_heard(&heard[i], 1, 0);
        assert_int_equal(nsub_trie_unnotify(trie, NB_SLICE("foo"), NB_SLICE(""), hear, &heard[i]),
                         NB_OK);
        assert_int_equal(nsub_trie_unnotify(trie, NB_SLICE("foo"), NB_SLICE(""), hear, &heard[i]),
                         NB_ENOTFOUND);
    }
    assert_int_equal(trie->watches.table.count, 0); // nothing is left behind
    must_remove(trie, &sub);
    for (size_t i = 0; i < NB_ARRAY_LEN(heard); i++) {
        assert_heard(&heard[i], 1, 0);
    }
    assert_int_equal(watch(trie, "foo", "", &heard[0], &has_interest), NB_OK);
    assert_false(has_interest);
    nsub_trie_destroy(&trie);
}

struct echo {
    struct nsub_trie *trie;
    struct nsub_sub answer;
    bool was_there;
};

static void answer_with_a_subscription(void *ctx, bool has_interest)
{
    struct echo *echo = ctx;

    echo->was_there = nsub_trie_has_exact(echo->trie, NB_SLICE("ask"), NB_SLICE(""));
    assert_int_equal(has_interest ? nsub_trie_insert(echo->trie, &echo->answer)
                                  : nsub_trie_remove(echo->trie, &echo->answer),
                     NB_OK);
}

static void listeners_may_use_the_trie(void **state NB_UNUSED)
{
    struct nsub_sub sub = SUB("ask");
    struct echo echo = {.trie = nsub_trie_create(), .answer = SUB("answer")};
    bool has_interest;

    assert_int_equal(nsub_trie_notify(echo.trie, NB_SLICE("ask"), NB_SLICE(""),
                                      answer_with_a_subscription, &echo, &has_interest),
                     NB_OK);
    must_insert(echo.trie, &sub);
    assert_true(echo.was_there);
    assert_true(nsub_trie_has_interest(echo.trie, NB_SLICE("answer")));
    must_remove(echo.trie, &sub);
    assert_false(echo.was_there);
    assert_false(nsub_trie_has_interest(echo.trie, NB_SLICE("answer")));
    nsub_trie_destroy(&echo.trie);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listeners_hear_of_the_first_and_the_last),
        cmocka_unit_test(wildcards_never_trigger),
        cmocka_unit_test(registrations_are_checked),
        cmocka_unit_test(unregistered_listeners_hear_no_more),
        cmocka_unit_test(listeners_may_use_the_trie),
    };
    return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
