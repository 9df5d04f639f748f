#include <natsd/match_cache.h>

#include "nb_test.h"

#include "sub_fixture.h"

enum {
    ENTRY_COUNT = 8,
    SUBJECT_ROOM_BYTES = 24,
};

static const struct nsub_result *find(struct nsub_match_cache *cache, const char *subject)
{
    return nsub_match_cache_find(cache, nb_slice_of(subject));
}

static void results_are_remembered_also_empty_ones(void **state NB_UNUSED)
{
    struct nsub_sub sub = SUB("foo.*");
    struct nsub_trie *trie = nsub_trie_create();
    struct nsub_match_cache *cache = nsub_match_cache_create(trie, ENTRY_COUNT);
    const struct nsub_result *hit;
    const struct nsub_result *none;
    struct nsub_match_cache_stats stats;

    must_insert(trie, &sub);
    hit = find(cache, "foo.bar");
    none = find(cache, "bar");
    assert_int_equal(plain_places(hit, &sub), 1);
    assert_int_equal(none->plain_count, 0);
    for (int i = 0; i < 10; i++) {
        assert_ptr_equal(find(cache, "foo.bar"), hit);
        assert_ptr_equal(find(cache, "bar"), none);
        nsub_match_cache_trim(cache);
    }
    stats = nsub_match_cache_stats(cache);
    assert_int_equal(stats.lookup_count, 22);
    assert_int_equal(stats.hit_count, 20);
    assert_int_equal(stats.entry_count, 2);
    assert_int_equal(nsub_trie_stats(trie).match_count, 2);
    nsub_match_cache_destroy(&cache);
    nsub_match_cache_destroy(&cache);
    assert_null(cache);
    nsub_trie_destroy(&trie);
}

static void changes_are_seen_at_once(void **state NB_UNUSED)
{
    struct nsub_sub subs[] = {SUB("foo.bar"), SUB("*.bar"), SUB("foo.>"), SUB(">"),
                              SUB_QUEUE("foo.bar", "q")};
    struct nsub_trie *trie = nsub_trie_create();
    struct nsub_match_cache *cache = nsub_match_cache_create(trie, ENTRY_COUNT);

    subs[4].is_remote = true;
    for (uint32_t i = 0; i < NB_ARRAY_LEN(subs); i++) {
        assert_int_equal(find(cache, "foo.bar")->plain_count, i);
        assert_int_equal(find(cache, "foo.bar")->plain_count, i);
        assert_int_equal(nsub_match_cache_stats(cache).hit_count, i + 1); // and is remembered
        must_insert(trie, &subs[i]);
    }
    assert_int_equal(group_places(find(cache, "foo.bar"), &subs[4]), 1);
    assert_int_equal(nsub_trie_set_weight(trie, &subs[4], 3), NB_OK);
    assert_int_equal(group_places(find(cache, "foo.bar"), &subs[4]), 3);
    for (uint32_t i = 0; i < 4; i++) {
        must_remove(trie, &subs[i]);
        assert_int_equal(find(cache, "foo.bar")->plain_count, 3 - i);
    }
    nsub_match_cache_destroy(&cache);
    nsub_trie_destroy(&trie);
}

static void a_result_lives_until_the_trim(void **state NB_UNUSED)
{
    struct nsub_sub subs[] = {SUB("foo"), SUB("foo"), SUB("foo")};
    struct nsub_trie *trie = nsub_trie_create();
    struct nsub_match_cache *cache = nsub_match_cache_create(trie, ENTRY_COUNT);
    const struct nsub_result *results[NB_ARRAY_LEN(subs)];

    for (uint32_t i = 0; i < NB_ARRAY_LEN(subs); i++) {
        must_insert(trie, &subs[i]);
        results[i] = find(cache, "foo");
    }
    for (int i = 0; i < 3 * ENTRY_COUNT; i++) { // and pushes it out
        char subject[SUBJECT_ROOM_BYTES];

        snprintf(subject, sizeof(subject), "other.%d", i);
        find(cache, subject);
    }
    for (uint32_t i = 0; i < NB_ARRAY_LEN(subs); i++) { // under the address sanitizer
        assert_int_equal(results[i]->plain_count, i + 1);
        assert_int_equal(plain_places(results[i], &subs[i]), 1);
    }
    nsub_match_cache_trim(cache);
    assert_int_equal(find(cache, "foo")->plain_count, 3);
    nsub_match_cache_destroy(&cache);
    nsub_trie_destroy(&trie);
}

// What comes and goes elsewhere doesn't make the entry old. Inboxes have two regions in 64 of
// being in that of "orders"; then the test says nothing.
static void inboxes_leave_other_subjects_alone(void **state NB_UNUSED)
{
    struct nsub_sub inbox = SUB("_INBOX.abc.*");
    struct nsub_sub orders = SUB("orders.*");
    struct nsub_trie *trie = nsub_trie_create();
    struct nsub_match_cache *cache = nsub_match_cache_create(trie, ENTRY_COUNT);
    bool is_apart = nsub_trie_region(trie, NB_SLICE("orders.new")) !=
                    nsub_trie_region(trie, NB_SLICE("_INBOX.abc.1"));

    must_insert(trie, &orders);
    find(cache, "orders.new");
    must_insert(trie, &inbox);
    find(cache, "orders.new");
    must_remove(trie, &inbox);
    find(cache, "orders.new");
    assert_int_equal(nsub_match_cache_stats(cache).hit_count, is_apart ? 2 : 0);
    nsub_match_cache_destroy(&cache);
    nsub_trie_destroy(&trie);
}

static void entries_are_bounded_and_used_ones_stay(void **state NB_UNUSED)
{
    struct nsub_sub sub = SUB("often");
    struct nsub_trie *trie = nsub_trie_create();
    struct nsub_match_cache *cache = nsub_match_cache_create(trie, ENTRY_COUNT);
    uint64_t hits;

    must_insert(trie, &sub);
    find(cache, "often");
    hits = nsub_match_cache_stats(cache).hit_count;
    for (int i = 0; i < 1000; i++) {
        char subject[SUBJECT_ROOM_BYTES];

        snprintf(subject, sizeof(subject), "once.%d", i);
        find(cache, subject);
        find(cache, "often");
        assert_true(nsub_match_cache_stats(cache).entry_count <= ENTRY_COUNT);
        nsub_match_cache_trim(cache);
    }
    assert_int_equal(nsub_match_cache_stats(cache).hit_count, hits + 1000);
    assert_int_equal(nsub_match_cache_stats(cache).entry_count, ENTRY_COUNT);
    nsub_match_cache_destroy(&cache);
    nsub_trie_destroy(&trie);
}

static void entries_that_are_all_used_make_room(void **state NB_UNUSED)
{
    struct nsub_trie *trie = nsub_trie_create();
    struct nsub_match_cache *cache = nsub_match_cache_create(trie, ENTRY_COUNT);
    char subject[SUBJECT_ROOM_BYTES];

    for (int i = 0; i < 10 * ENTRY_COUNT; i++) {
        snprintf(subject, sizeof(subject), "twice.%d", i);
        find(cache, subject);
        find(cache, subject);
        assert_int_equal(nsub_match_cache_stats(cache).hit_count, i + 1);
    }
    assert_int_equal(nsub_match_cache_stats(cache).entry_count, ENTRY_COUNT);
    nsub_match_cache_destroy(&cache);
    nsub_trie_destroy(&trie);
}

static void of_unused_entries_the_newest_stay(void **state NB_UNUSED)
{
    struct nsub_trie *trie = nsub_trie_create();
    struct nsub_match_cache *cache = nsub_match_cache_create(trie, ENTRY_COUNT);
    char subject[SUBJECT_ROOM_BYTES];

    for (int i = 0; i < 10 * ENTRY_COUNT; i++) {
        snprintf(subject, sizeof(subject), "once.%d", i);
        find(cache, subject);
    }
    assert_int_equal(nsub_match_cache_stats(cache).hit_count, 0);
    for (int i = 1; i <= ENTRY_COUNT / 2; i++) {
        snprintf(subject, sizeof(subject), "once.%d", 10 * ENTRY_COUNT - i);
        find(cache, subject);
        assert_int_equal(nsub_match_cache_stats(cache).hit_count, i);
    }
    nsub_match_cache_destroy(&cache);
    nsub_trie_destroy(&trie);
}

static void zero_entries_keep_nothing(void **state NB_UNUSED)
{
    struct nsub_sub sub = SUB("foo");
    struct nsub_trie *trie = nsub_trie_create();
    struct nsub_match_cache *cache = nsub_match_cache_create(trie, 0);

    must_insert(trie, &sub);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(find(cache, "foo")->plain_count, 1);
        assert_int_equal(find(cache, "")->plain_count, 0);
        if (i % 7 == 0) {
            nsub_match_cache_trim(cache);
        }
    }
    assert_int_equal(nsub_match_cache_stats(cache).entry_count, 0);
    assert_int_equal(nsub_match_cache_stats(cache).hit_count, 0);
    assert_int_equal(nsub_trie_stats(trie).match_count, 200);
    nsub_match_cache_destroy(&cache);
    nsub_trie_destroy(&trie);
}

// Queue groups of remote members with the weight of a full group each: results of half a
// megabyte per group.
struct heavy {
    struct nsub_trie *trie;
    struct nsub_sub subs[16];
    char texts[16][2 * SUBJECT_ROOM_BYTES]; // subject and queue
};

static void heavy_init(struct heavy *heavy, size_t group_count)
{
    *heavy = (struct heavy){.trie = nsub_trie_create()};
    for (size_t i = 0; i < group_count; i++) {
        snprintf(heavy->texts[i], sizeof(heavy->texts[i]), "foo.*q%zu", i);
        heavy->subs[i] = (struct nsub_sub){.subject = nb_slice_make(heavy->texts[i], 5),
                                           .queue_size = i < 10 ? 2 : 3,
                                           .weight = NSUB_GROUP_MEMBER_MAX,
                                           .is_remote = true};
        must_insert(heavy->trie, &heavy->subs[i]);
    }
}

static void bytes_are_bounded(void **state NB_UNUSED)
{
    enum { GROUP_COUNT = 15, SUBJECT_COUNT = 20 };
    size_t result_size = sizeof(void *) * GROUP_COUNT * NSUB_GROUP_MEMBER_MAX;
    struct heavy heavy;
    struct nsub_match_cache *cache;
    struct nsub_match_cache_stats stats;

    heavy_init(&heavy, GROUP_COUNT);
    cache = nsub_match_cache_create(heavy.trie, 1000);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < SUBJECT_COUNT; i++) {
            char subject[SUBJECT_ROOM_BYTES];

            snprintf(subject, sizeof(subject), "foo.%d", i);
            assert_int_equal(find(cache, subject)->group_count, GROUP_COUNT);
            nsub_match_cache_trim(cache);
        }
        stats = nsub_match_cache_stats(cache);
        assert_int_equal(stats.entry_count, NSUB_MATCH_CACHE_MAX_BYTES / result_size);
        assert_int_equal(stats.fanout_total, stats.entry_count * GROUP_COUNT);
    }
    nsub_match_cache_destroy(&cache);
    nsub_trie_destroy(&heavy.trie);
}

static void a_result_that_is_too_long_is_not_kept(void **state NB_UNUSED)
{
    struct heavy heavy;
    struct nsub_match_cache *cache;

    heavy_init(&heavy, 16); // with what is around the members a bit more than the limit
    cache = nsub_match_cache_create(heavy.trie, 1000);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(find(cache, "foo.bar")->group_count, 16);
        nsub_match_cache_trim(cache);
    }
    assert_int_equal(nsub_match_cache_stats(cache).entry_count, 0);
    must_remove(heavy.trie, &heavy.subs[0]);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(find(cache, "foo.bar")->group_count, 15);
        nsub_match_cache_trim(cache);
    }
    assert_int_equal(nsub_match_cache_stats(cache).hit_count, 2);
    must_insert(heavy.trie, &heavy.subs[0]); // an entry that gets too long
    assert_int_equal(find(cache, "foo.bar")->group_count, 16);
    nsub_match_cache_trim(cache);
    assert_int_equal(nsub_match_cache_stats(cache).entry_count, 0);
    nsub_match_cache_destroy(&cache);
    nsub_trie_destroy(&heavy.trie);
}

static void fanout_follows_the_entries(void **state NB_UNUSED)
{
    struct nsub_sub subs[] = {SUB("foo.*"), SUB("foo.>"), SUB_QUEUE("foo.bar", "q"),
                              SUB_QUEUE("foo.bar", "q"), SUB("foo.baz")};
    struct nsub_trie *trie = nsub_trie_create();
    struct nsub_match_cache *cache = nsub_match_cache_create(trie, ENTRY_COUNT);
    struct nsub_match_cache_stats stats;

    for (size_t i = 0; i < NB_ARRAY_LEN(subs); i++) {
        must_insert(trie, &subs[i]);
    }
    find(cache, "foo.bar"); // two and a group
    find(cache, "foo.baz"); // three
    find(cache, "foo.x");   // two
    find(cache, "none");
    stats = nsub_match_cache_stats(cache);
    assert_int_equal(stats.fanout_max, 3);
    assert_int_equal(stats.fanout_total, 3 + 3 + 2);
    for (size_t i = 1; i < NB_ARRAY_LEN(subs); i++) {
        must_remove(trie, &subs[i]);
    }
    find(cache, "foo.bar");
    find(cache, "foo.baz");
    find(cache, "foo.x");
    nsub_match_cache_stats(cache); // asks for it; the owner's trim makes it exact
    nsub_match_cache_trim(cache);
    stats = nsub_match_cache_stats(cache);
    assert_int_equal(stats.fanout_max, 1);
    assert_int_equal(stats.fanout_total, 3);
    nsub_match_cache_destroy(&cache);
    nsub_trie_destroy(&trie);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_are_remembered_also_empty_ones),
        cmocka_unit_test(changes_are_seen_at_once),
        cmocka_unit_test(a_result_lives_until_the_trim),
        cmocka_unit_test(inboxes_leave_other_subjects_alone),
        cmocka_unit_test(entries_are_bounded_and_used_ones_stay),
        cmocka_unit_test(entries_that_are_all_used_make_room),
        cmocka_unit_test(of_unused_entries_the_newest_stay),
        cmocka_unit_test(zero_entries_keep_nothing),
        cmocka_unit_test(bytes_are_bounded),
        cmocka_unit_test(a_result_that_is_too_long_is_not_kept),
        cmocka_unit_test(fanout_follows_the_entries),
    };
    return cmocka_run_group_tests_name("match cache", tests, NULL, NULL);
}
