#include <natsd/trie.h>

#include "nb_test.h"

#include "sub_fixture.h"

// Spec 01 section 13: the same queue on different matching subjects is one group.
static void a_queue_is_one_group_over_all_matching_subjects(void **state NB_UNUSED)
{
    struct nsub_sub subs[] = {SUB_QUEUE("foo.*", "q"),
                              SUB_QUEUE("foo.bar", "q"),
                              SUB_QUEUE("foo.bar", "q"),
                              SUB_QUEUE("foo.>", "r"),
                              SUB("foo.bar"),
                              SUB_QUEUE("foo.baz", "q")};
    struct nsub_trie *trie = nsub_trie_create();
    struct nsub_result *result;
    uint32_t plain;
    uint32_t queue;

    for (size_t i = 0; i < NB_ARRAY_LEN(subs); i++) {
        must_insert(trie, &subs[i]);
    }
    result = nsub_trie_match(trie, NB_SLICE("foo.bar"));
    assert_int_equal(result->plain_count, 1);
    assert_int_equal(result->group_count, 2);
    assert_int_equal(find_group(result, NB_SLICE("q"))->member_count, 3);
    assert_int_equal(find_group(result, NB_SLICE("r"))->member_count, 1);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(group_places(result, &subs[i]), 1);
    }
    assert_int_equal(group_places(result, &subs[5]), 0);
    nsub_result_free(result);
    nsub_trie_count_interest(trie, NB_SLICE("foo.bar"), &plain, &queue);
    assert_int_equal(plain, 1);
    assert_int_equal(queue, 4);
    nsub_result_free(NULL);
    nsub_trie_destroy(&trie);
}

static void remote_members_stand_there_as_often_as_they_weigh(void **state NB_UNUSED)
{
    struct nsub_sub subs[] = {SUB_QUEUE("foo", "q"), SUB_QUEUE("foo", "q"), SUB_QUEUE("*", "q"),
                              SUB("foo"), SUB_QUEUE("foo", "q")};
    struct nsub_trie *trie = nsub_trie_create();
    struct nsub_result *result;

    subs[0].weight = 7; // local: its weight doesn't count
    subs[1].weight = 3;
    subs[1].is_remote = true;
    subs[2].weight = 2;
    subs[2].is_remote = true;
    subs[3].weight = 9; // no queue: neither
    subs[3].is_remote = true;
    subs[4].weight = 0; // stands for one all the same
    subs[4].is_remote = true;
    for (size_t i = 0; i < NB_ARRAY_LEN(subs); i++) {
        must_insert(trie, &subs[i]);
    }
    result = nsub_trie_match(trie, NB_SLICE("foo"));
    assert_int_equal(find_group(result, NB_SLICE("q"))->member_count, 1 + 3 + 2 + 1);
    assert_int_equal(group_places(result, &subs[0]), 1);
    assert_int_equal(group_places(result, &subs[1]), 3);
    assert_int_equal(group_places(result, &subs[2]), 2);
    assert_int_equal(group_places(result, &subs[4]), 1);
    assert_int_equal(plain_places(result, &subs[3]), 1);
    nsub_result_free(result);

    assert_int_equal(nsub_trie_set_weight(trie, &subs[1], 1), NB_OK);
    assert_int_equal(nsub_trie_set_weight(trie, &subs[2], 5), NB_OK);
    result = nsub_trie_match(trie, NB_SLICE("foo"));
    assert_int_equal(group_places(result, &subs[1]), 1);
    assert_int_equal(group_places(result, &subs[2]), 5);
    nsub_result_free(result);
    nsub_trie_destroy(&trie);
}

// What peers announce must not decide how much memory a match takes.
static void absurd_weights_share_a_limited_number_of_places(void **state NB_UNUSED)
{
    struct nsub_sub subs[] = {SUB_QUEUE("foo", "q"), SUB_QUEUE("foo", "q"), SUB_QUEUE("foo", "q")};
    struct nsub_trie *trie = nsub_trie_create();
    struct nsub_result *result;

    subs[0].weight = NSUB_GROUP_MEMBER_MAX - 2;
    for (size_t i = 0; i < NB_ARRAY_LEN(subs); i++) {
        subs[i].is_remote = i < 2;
        must_insert(trie, &subs[i]);
    }
    result = nsub_trie_match(trie, NB_SLICE("foo")); // at the limit: exact
    assert_int_equal(group_places(result, &subs[0]), NSUB_GROUP_MEMBER_MAX - 2);
    assert_int_equal(result->groups[0].member_count, NSUB_GROUP_MEMBER_MAX);
    nsub_result_free(result);

    assert_int_equal(nsub_trie_set_weight(trie, &subs[0], UINT32_MAX), NB_OK);
    assert_int_equal(nsub_trie_set_weight(trie, &subs[1], UINT32_MAX), NB_OK);
    result = nsub_trie_match(trie, NB_SLICE("foo"));
    assert_int_equal(group_places(result, &subs[0]), NSUB_GROUP_MEMBER_MAX / 2 - 1);
    assert_int_equal(group_places(result, &subs[1]), NSUB_GROUP_MEMBER_MAX / 2 - 1);
    assert_int_equal(group_places(result, &subs[2]), 1);
    nsub_result_free(result);

    assert_int_equal(nsub_trie_set_weight(trie, &subs[1], 1), NB_OK);
    result = nsub_trie_match(trie, NB_SLICE("foo")); // a light one keeps its place
    assert_int_equal(group_places(result, &subs[1]), 1);
    nsub_result_free(result);
    nsub_trie_destroy(&trie);
}

// Beyond the number that is searched one by one, on two subjects that both match; with weights
// that all groups together have to share.
static void many_queues_are_merged_and_bounded(void **state NB_UNUSED)
{
    enum { QUEUE_COUNT = 200 };
    struct nsub_sub subs[2 * QUEUE_COUNT];
    char texts[2 * QUEUE_COUNT][16];
    struct nsub_trie *trie = nsub_trie_create();
    struct nsub_result *result;
    uint64_t places = 0;

    for (size_t i = 0; i < NB_ARRAY_LEN(subs); i++) {
        const char *subject = i < QUEUE_COUNT ? "foo" : "*";
        char queue[8];

        snprintf(queue, sizeof(queue), "q%zu", i % QUEUE_COUNT);
        snprintf(texts[i], sizeof(texts[i]), "%s", subject);
        subs[i] = (struct nsub_sub){
            .subject = nb_slice_of(texts[i]), .weight = UINT32_MAX, .is_remote = i % 2 == 0};
        set_queue(&subs[i], queue);
        must_insert(trie, &subs[i]);
    }
    result = nsub_trie_match(trie, NB_SLICE("foo"));
    assert_int_equal(result->group_count, QUEUE_COUNT);
    for (size_t i = 0; i < NB_ARRAY_LEN(subs); i++) {
        assert_true(group_places(result, &subs[i]) > 0);
        places += group_places(result, &subs[i]);
    }
    assert_true(places <= (uint64_t)16 * NSUB_GROUP_MEMBER_MAX + NB_ARRAY_LEN(subs));
    nsub_result_free(result);
    for (size_t i = 0; i < NB_ARRAY_LEN(subs); i++) {
        must_remove(trie, &subs[i]);
    }
    nsub_trie_destroy(&trie);
}

// Leaving a list of thousands must not depend on its length; and places are never mixed up.
static void many_subscriptions_of_one_subject_come_and_go(void **state NB_UNUSED)
{
    enum { SUB_COUNT = 20000 };
    struct nsub_sub *subs = calloc(SUB_COUNT, sizeof(*subs));
    struct nsub_trie *trie = nsub_trie_create();
    struct nsub_result *result;

    assert_non_null(subs);
    for (size_t i = 0; i < SUB_COUNT; i++) {
        subs[i] = (struct nsub_sub)SUB("foo.bar");
        if (i % 2 == 0) {
            subs[i] = (struct nsub_sub)SUB_QUEUE("foo.bar", "q");
        }
        must_insert(trie, &subs[i]);
    }
    result = nsub_trie_match(trie, NB_SLICE("foo.bar"));
    assert_int_equal(result->plain_count, SUB_COUNT / 2);
    assert_int_equal(result->groups[0].member_count, SUB_COUNT / 2);
    nsub_result_free(result);
    for (size_t i = 0; i < SUB_COUNT; i++) {
        must_remove(trie, &subs[(i * 7919) % SUB_COUNT]); // a prime: each once
        if (i % 1999 == 0) {
            result = nsub_trie_match(trie, NB_SLICE("foo.bar"));
            assert_int_equal(result->plain_count + result->groups[0].member_count,
                             SUB_COUNT - i - 1);
            nsub_result_free(result);
        }
    }
    assert_false(nsub_trie_has_interest(trie, NB_SLICE("foo.bar")));
    nsub_trie_destroy(&trie);
    free(subs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_queue_is_one_group_over_all_matching_subjects),
        cmocka_unit_test(remote_members_stand_there_as_often_as_they_weigh),
        cmocka_unit_test(absurd_weights_share_a_limited_number_of_places),
        cmocka_unit_test(many_queues_are_merged_and_bounded),
        cmocka_unit_test(many_subscriptions_of_one_subject_come_and_go),
    };
    return cmocka_run_group_tests_name("result", tests, NULL, NULL);
}
