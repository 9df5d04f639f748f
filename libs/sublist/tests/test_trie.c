#include <natsd/trie.h>

#include "nb_test.h"

#include "sub_fixture.h"
#include "trie.h"

#include <natsd/memory.h>
#include <natsd/subject.h>

static void assert_sound(struct nsub_trie *trie)
{
    assert_true(nsub__tree_check(&trie->tree, nsub_trie_stats(trie).subscription_count));
}

static void match_finds_literals_and_wildcards(void **state NB_UNUSED)
{
    static const struct {
        const char *subject;
        const char *want; // a letter per subscription, in order
    } cases[] = {
        {"foo", "afg"},
        {"foo.bar", "bdeg"},
        {"foo.baz", "ceg"},
        {"foo.bar.x", "eg"},
        {"bar", "fg"},
        {"bar.bar", "dg"},
        {"a.b.c", "g"},
        {"foo..bar", ""},
        {"", ""},
        {".", ""},
        {"foo.", ""},
        {".foo", ""},
        {"foo.*", "eg"},
        {"*", "fg"},
        {">", "fg"},
        {"foo.>", "eg"},
        {"foo.bar.x.y.z", "eg"},
    };
    struct nsub_sub subs[] = {SUB("foo"),   SUB("foo.bar"), SUB("foo.baz"), SUB("*.bar"),
                              SUB("foo.>"), SUB("*"),       SUB(">")};
    struct nsub_trie *trie = nsub_trie_create();

    for (size_t i = 0; i < NB_ARRAY_LEN(subs); i++) {
        must_insert(trie, &subs[i]);
        assert_sound(trie);
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nsub_result *result = nsub_trie_match(trie, nb_slice_of(cases[i].subject));
        uint32_t plain;
        uint32_t queue;

        for (size_t k = 0; k < NB_ARRAY_LEN(subs); k++) {
            bool is_wanted = strchr(cases[i].want, (char)('a' + k)) != NULL;

            if (plain_places(result, &subs[k]) != is_wanted) {
                fail_msg("\"%s\" and the subscription %c", cases[i].subject, (char)('a' + k));
            }
        }
        assert_int_equal(result->plain_count, strlen(cases[i].want));
        assert_int_equal(result->group_count, 0);
        assert_int_equal(nsub_trie_has_interest(trie, nb_slice_of(cases[i].subject)),
                         cases[i].want[0] != '\0');
        nsub_trie_count_interest(trie, nb_slice_of(cases[i].subject), &plain, &queue);
        assert_int_equal(plain, strlen(cases[i].want));
        assert_int_equal(queue, 0);
        nsub_result_free(result);
    }
    nsub_trie_destroy(&trie);
    nsub_trie_destroy(&trie);
    assert_null(trie);
}

static void wildcards_inside_a_token_are_text(void **state NB_UNUSED)
{
    struct nsub_sub subs[] = {SUB("foo*"), SUB("foo.>x"), SUB("**"), SUB("foo.*")};
    struct nsub_trie *trie = nsub_trie_create();
    struct nsub_result *result;

    for (size_t i = 0; i < NB_ARRAY_LEN(subs); i++) {
        must_insert(trie, &subs[i]);
    }
    assert_true(nsub_trie_has_interest(trie, NB_SLICE("foo*")));
    assert_false(nsub_trie_has_interest(trie, NB_SLICE("foox")));
    assert_true(nsub_trie_has_interest(trie, NB_SLICE("**")));
    assert_false(nsub_trie_has_interest(trie, NB_SLICE("*x")));
    result = nsub_trie_match(trie, NB_SLICE("foo.>x"));
    assert_int_equal(result->plain_count, 2);
    nsub_result_free(result);
    nsub_trie_destroy(&trie);
}

static void insert_refuses_bad_subjects(void **state NB_UNUSED)
{
    struct nsub_sub subs[] = {SUB(""),     SUB("."),         SUB("foo."),  SUB(".foo"),
                              SUB("a..b"), SUB("foo.>.bar"), SUB(">.foo"), SUB("foo.>.>")};
    struct nsub_trie *trie = nsub_trie_create();
    uint64_t generation = nsub_trie_generation(trie);

    for (size_t i = 0; i < NB_ARRAY_LEN(subs); i++) {
        assert_int_equal(nsub_trie_insert(trie, &subs[i]), NB_EMALFORMED);
        assert_int_equal(nsub_trie_remove(trie, &subs[i]), NB_EMALFORMED);
        assert_int_equal(nsub_trie_set_weight(trie, &subs[i], 2), NB_EMALFORMED);
    }
    assert_int_equal(nsub_trie_stats(trie).subscription_count, 0);
    assert_int_equal(nsub_trie_generation(trie), generation);
    nsub_trie_destroy(&trie);
}

// Whether a subject leads nowhere, to another subscription, or to a branch without this one.
static void unknown_and_double_subscriptions_are_refused(void **state NB_UNUSED)
{
    struct nsub_sub subs[] = {SUB("a.b.c"), SUB("a.b.c"), SUB_QUEUE("a.b.c", "q"),
                              SUB_QUEUE("a.b.c", "q")};
    struct nsub_sub others[] = {SUB("a"),     SUB("a.b"), SUB("a.b.d"), SUB("a.b.c.d"), SUB("x"),
                                SUB("a.*.c"), SUB("*"),   SUB(">"),     SUB("a.>")};
    struct nsub_trie *trie = nsub_trie_create();

    for (size_t n = 0; n <= NB_ARRAY_LEN(subs); n++) {
        for (size_t i = 0; i < NB_ARRAY_LEN(others); i++) {
            assert_int_equal(nsub_trie_remove(trie, &others[i]), NB_ENOTFOUND);
            assert_int_equal(nsub_trie_set_weight(trie, &others[i], 2), NB_ENOTFOUND);
        }
        for (size_t i = 0; i < NB_ARRAY_LEN(subs); i++) {
            if (i < n) {
                assert_int_equal(nsub_trie_insert(trie, &subs[i]), NB_EEXISTS);
            } else {
                assert_int_equal(nsub_trie_remove(trie, &subs[i]), NB_ENOTFOUND);
                assert_int_equal(nsub_trie_set_weight(trie, &subs[i], 2), NB_ENOTFOUND);
            }
        }
        assert_int_equal(nsub_trie_stats(trie).subscription_count, n);
        assert_sound(trie);
        if (n < NB_ARRAY_LEN(subs)) {
            must_insert(trie, &subs[n]);
        }
    }
    nsub_trie_destroy(&trie);
}

// Every order of coming and going over subjects that share paths; nothing is left at the end.
static void removal_prunes_branches(void **state NB_UNUSED)
{
    struct nsub_sub subs[] = {SUB("a"),   SUB("a.b.c.d"), SUB("a.b.c.e"), SUB("a.*.c.d"),
                              SUB("a.>"), SUB("a.b"),     SUB("*.b.>"),   SUB("a.b.c.d")};
    size_t count = NB_ARRAY_LEN(subs);
    struct nsub_trie *trie = nsub_trie_create();

    for (size_t first = 0; first < count; first++) {
        for (size_t step = 1; step < count; step += 2) { // odd: reaches each of eight
            for (size_t i = 0; i < count; i++) {
                must_insert(trie, &subs[(first + i * step) % count]);
                assert_sound(trie);
            }
            for (size_t i = 0; i < count; i++) {
                must_remove(trie, &subs[i]);
                assert_sound(trie);
            }
            assert_int_equal(trie->tree.root->literals.count, 0);
            assert_int_equal(trie->tree.root->star.bits, 0);
        }
    }
    nsub_trie_destroy(&trie);
}

// The bytes of a subject may go with its subscription, also when others share its path.
static void removed_subjects_are_not_looked_at_again(void **state NB_UNUSED)
{
    static const char *const texts[] = {"a.b.c", "a.b.c", "a.b.d", "a.b.*", "a.b.cq", "a.b.c.d"};
    struct nsub_trie *trie = nsub_trie_create();
    struct nsub_sub *subs[NB_ARRAY_LEN(texts)];

    for (size_t gone = 0; gone < NB_ARRAY_LEN(texts); gone++) {
        for (size_t i = 0; i < NB_ARRAY_LEN(texts); i++) {
            subs[i] = nb_zalloc(sizeof(*subs[i]));
            subs[i]->subject = nb_slice_dup(nb_slice_of(texts[i]));
            subs[i]->queue_size = i == 4; // its last byte
            subs[i]->subject.n -= subs[i]->queue_size;
            must_insert(trie, subs[i]);
        }
        for (size_t i = 0; i < NB_ARRAY_LEN(texts); i++) {
            struct nsub_sub *sub = subs[(gone + i) % NB_ARRAY_LEN(texts)];

            must_remove(trie, sub);
            nb_slice_free(&sub->subject);
            nb_free(sub);
            assert_sound(trie);
            nsub_result_free(nsub_trie_match(trie, NB_SLICE("a.b.c")));
            nsub_result_free(nsub_trie_reverse_match(trie, NB_SLICE(">")));
        }
    }
    nsub_trie_destroy(&trie);
}

static void more_than_32_tokens_work(void **state NB_UNUSED)
{
    enum { TOKEN_COUNT = 100 };
    char literal[TOKEN_COUNT * 2];
    char stars[TOKEN_COUNT * 2];
    struct nsub_sub subs[3] = {{.weight = 1}, {.weight = 1}, {.weight = 1}};
    struct nsub_trie *trie = nsub_trie_create();

    memset(literal, '.', sizeof(literal));
    memset(stars, '.', sizeof(stars));
    for (size_t i = 0; i < TOKEN_COUNT; i++) {
        literal[i * 2] = 'a';
        stars[i * 2] = '*';
    }
    subs[0].subject = nb_slice_make(literal, sizeof(literal) - 1);
    subs[1].subject = nb_slice_make(literal, sizeof(literal) - 3);
    subs[2].subject = nb_slice_make(stars, sizeof(stars) - 1);
    for (size_t i = 0; i < NB_ARRAY_LEN(subs); i++) {
        struct nsub_result *result;

        must_insert(trie, &subs[i]);
        assert_sound(trie);
        result = nsub_trie_match(trie, subs[0].subject);
        assert_int_equal(result->plain_count, i < 2 ? 1 : 2);
        nsub_result_free(result);
    }
    assert_true(nsub_trie_has_interest(trie, subs[1].subject));
    assert_false(nsub_trie_has_interest(trie, nb_slice_make(literal, sizeof(literal) - 5)));
    for (size_t i = 0; i < NB_ARRAY_LEN(subs); i++) {
        must_remove(trie, &subs[i]);
        assert_sound(trie);
    }
    nsub_trie_destroy(&trie);
}

// A client decides how deep the trie is, and how often wildcards and literals part: with a
// walk that recurses, or with a list of fixed size, this would not end well.
static void ten_thousand_levels_are_no_danger(void **state NB_UNUSED)
{
    enum { LEVEL_COUNT = 10000, BRANCH_COUNT = 400 };
    const size_t literal_room = (size_t)LEVEL_COUNT * 2;
    char *literal = malloc(literal_room);
    struct nsub_sub subs[2] = {{.weight = 1}, {.weight = 1}};
    struct nsub_sub *branches = calloc(BRANCH_COUNT, sizeof(*branches));
    struct nsub_trie *trie = nsub_trie_create();
    struct nsub_result *result;

    assert_non_null(literal);
    assert_non_null(branches);
    memset(literal, '.', literal_room);
    for (size_t i = 0; i < LEVEL_COUNT; i++) {
        literal[i * 2] = 'a';
    }
    subs[0].subject = nb_slice_make(literal, literal_room - 1);
    subs[1].subject = nb_slice_make(literal, literal_room - 3);
    must_insert(trie, &subs[0]);
    must_insert(trie, &subs[1]);
    for (size_t i = 0; i < BRANCH_COUNT; i++) { // two ways on behind each a.a.a.*
        const char *end = i % 2 == 0 ? "*.*.>" : "*.a.>";
        char *text = malloc(i + 5);

        assert_non_null(text);
        memcpy(text, literal, i / 2 * 2);
        memcpy(text + i / 2 * 2, end, 5);
        branches[i] = (struct nsub_sub){.subject = nb_slice_make(text, i / 2 * 2 + 5), .weight = 1};
        must_insert(trie, &branches[i]);
    }
    assert_sound(trie);
    assert_true(nsub_trie_has_interest(trie, subs[0].subject));
    result = nsub_trie_match(trie, subs[0].subject);
    assert_int_equal(result->plain_count, 1 + BRANCH_COUNT);
    nsub_result_free(result);
    result = nsub_trie_reverse_match(trie, subs[1].subject);
    assert_int_equal(result->plain_count, 1 + BRANCH_COUNT);
    nsub_result_free(result);
    must_remove(trie, &subs[0]);
    assert_sound(trie);
    nsub_trie_destroy(&trie);
    for (size_t i = 0; i < BRANCH_COUNT; i++) {
        free((void *)branches[i].subject.p);
    }
    free(branches);
    free(literal);
}

// Spec 01 section 13.
static void reverse_match_follows_the_vectors(void **state NB_UNUSED)
{
    static const struct {
        const char *pattern;
        const char *want;
    } cases[] = {
        {"foo", "a"},
        {"*", "ab"},
        {"foo.*", "cd"},
        {"*.bar", "c"},
        {"foo.>", "cde"},
        {">", "abcdef"},
        {"baz", ""},
        {"uplink.1.*.*.>", "f"},
        {"uplink.1.2.3.>", "f"},
        {"uplink.1.2.3", "f"},
        {"uplink.1.2", ""},
        {"foo..bar", ""},
        {"", ""},
        {"*.*.*", "e"},
        {"foo.bar.baz.>", ""},
        {"uplink.>", "f"},
        {"*.>", "cdef"},
    };
    struct nsub_sub subs[] = {SUB("foo"),     SUB("bar"),         SUB("foo.bar"),
                              SUB("foo.baz"), SUB("foo.bar.baz"), SUB("uplink.*.*.>")};
    struct nsub_trie *trie = nsub_trie_create();

    for (size_t i = 0; i < NB_ARRAY_LEN(subs); i++) {
        must_insert(trie, &subs[i]);
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nsub_result *result = nsub_trie_reverse_match(trie, nb_slice_of(cases[i].pattern));

        for (size_t k = 0; k < NB_ARRAY_LEN(subs); k++) {
            bool is_wanted = strchr(cases[i].want, (char)('a' + k)) != NULL;

            if (plain_places(result, &subs[k]) != is_wanted) {
                fail_msg("\"%s\" and the subscription %c", cases[i].pattern, (char)('a' + k));
            }
        }
        assert_int_equal(result->plain_count, strlen(cases[i].want));
        nsub_result_free(result);
    }
    nsub_trie_destroy(&trie);
}

static void has_exact_ignores_what_wildcards_mean(void **state NB_UNUSED)
{
    struct nsub_sub subs[] = {SUB("a.*"), SUB_QUEUE("a.b", "q"), SUB("a.>"), SUB_QUEUE("a.>", "r")};
    struct nsub_trie *trie = nsub_trie_create();

    for (size_t i = 0; i < NB_ARRAY_LEN(subs); i++) {
        struct slice queue = nsub_sub_queue(&subs[i]);

        assert_false(nsub_trie_has_exact(trie, subs[i].subject, queue));
        must_insert(trie, &subs[i]);
        assert_true(nsub_trie_has_exact(trie, subs[i].subject, queue));
        assert_false(nsub_trie_has_exact(trie, subs[i].subject, NB_SLICE("other")));
    }
    assert_false(nsub_trie_has_exact(trie, NB_SLICE("a.b"), NB_SLICE("")));
    assert_false(nsub_trie_has_exact(trie, NB_SLICE("a.c"), NB_SLICE("")));
    assert_false(nsub_trie_has_exact(trie, NB_SLICE("a"), NB_SLICE("")));
    assert_false(nsub_trie_has_exact(trie, NB_SLICE(""), NB_SLICE("")));
    nsub_trie_destroy(&trie);
}

static void generations_change_where_results_may(void **state NB_UNUSED)
{
    struct nsub_sub inbox = SUB("_INBOX.x.*");
    struct nsub_sub wild = SUB("*.x");
    struct nsub_sub group = SUB_QUEUE("orders.new", "q");
    struct nsub_trie *trie = nsub_trie_create();
    uint32_t orders = nsub_trie_region(trie, NB_SLICE("orders.new"));
    uint32_t inboxes = nsub_trie_region(trie, NB_SLICE("_INBOX.x.1"));
    uint64_t all = nsub_trie_generation(trie);
    uint64_t before = nsub_trie_region_generation(trie, inboxes);
    uint64_t unrelated = nsub_trie_region_generation(trie, orders);

    assert_int_equal(orders, nsub_trie_region(trie, NB_SLICE("orders")));
    must_insert(trie, &inbox);
    assert_int_not_equal(nsub_trie_region_generation(trie, inboxes), before);
    if (orders != inboxes) { // else the seed has put them together
        assert_int_equal(nsub_trie_region_generation(trie, orders), unrelated);
    }
    before = nsub_trie_region_generation(trie, orders);
    must_insert(trie, &wild);
    assert_int_not_equal(nsub_trie_region_generation(trie, orders), before);
    must_insert(trie, &group);
    before = nsub_trie_region_generation(trie, orders);
    assert_int_equal(nsub_trie_set_weight(trie, &group, 3), NB_OK);
    assert_int_not_equal(nsub_trie_region_generation(trie, orders), before);
    must_remove(trie, &wild);
    assert_int_equal(nsub_trie_generation(trie), all + 5);
    nsub_trie_destroy(&trie);
}

struct seen {
    const struct nsub_sub *subs;
    uint32_t places[5];
    uint32_t count;
    uint32_t stop_after;
};

static bool see(void *ctx, struct nsub_sub *sub)
{
    struct seen *seen = ctx;

    seen->places[sub - seen->subs]++;
    seen->count++;
    return seen->count != seen->stop_after;
}

static void each_calls_for_all_until_told_to_stop(void **state NB_UNUSED)
{
    struct nsub_sub subs[] = {SUB("a"), SUB("a.b"), SUB_QUEUE("a.b", "q"), SUB("a.>"),
                              SUB_QUEUE("a.b", "q")};
    struct nsub_trie *trie = nsub_trie_create();

    for (size_t i = 0; i < NB_ARRAY_LEN(subs); i++) {
        must_insert(trie, &subs[i]);
    }
    for (uint32_t stop_after = 0; stop_after <= NB_ARRAY_LEN(subs); stop_after++) {
        struct seen seen = {.subs = subs, .stop_after = stop_after};

        nsub_trie_each(trie, see, &seen);
        assert_int_equal(seen.count, stop_after == 0 ? NB_ARRAY_LEN(subs) : stop_after);
        for (size_t i = 0; i < NB_ARRAY_LEN(subs); i++) {
            assert_true(seen.places[i] <= 1);
        }
    }
    nsub_trie_destroy(&trie);
}

static void stats_count_what_happened(void **state NB_UNUSED)
{
    struct nsub_sub subs[] = {SUB("a"), SUB("b"), SUB("a")};
    struct nsub_trie *trie = nsub_trie_create();
    struct nsub_trie_stats stats;

    for (size_t i = 0; i < NB_ARRAY_LEN(subs); i++) {
        must_insert(trie, &subs[i]);
    }
    assert_int_equal(nsub_trie_insert(trie, &subs[0]), NB_EEXISTS);
    must_remove(trie, &subs[2]);
    assert_int_equal(nsub_trie_remove(trie, &subs[2]), NB_ENOTFOUND);
    nsub_result_free(nsub_trie_match(trie, NB_SLICE("a")));
    nsub_result_free(nsub_trie_match(trie, NB_SLICE("none")));
    nsub_trie_has_interest(trie, NB_SLICE("a"));
    stats = nsub_trie_stats(trie);
    assert_int_equal(stats.subscription_count, 2);
    assert_int_equal(stats.insert_count, 3);
    assert_int_equal(stats.remove_count, 1);
    assert_int_equal(stats.match_count, 2);
    nsub_trie_destroy(&trie);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(match_finds_literals_and_wildcards),
        cmocka_unit_test(wildcards_inside_a_token_are_text),
        cmocka_unit_test(insert_refuses_bad_subjects),
        cmocka_unit_test(unknown_and_double_subscriptions_are_refused),
        cmocka_unit_test(removal_prunes_branches),
        cmocka_unit_test(removed_subjects_are_not_looked_at_again),
        cmocka_unit_test(more_than_32_tokens_work),
        cmocka_unit_test(ten_thousand_levels_are_no_danger),
        cmocka_unit_test(reverse_match_follows_the_vectors),
        cmocka_unit_test(has_exact_ignores_what_wildcards_mean),
        cmocka_unit_test(generations_change_where_results_may),
        cmocka_unit_test(each_calls_for_all_until_told_to_stop),
        cmocka_unit_test(stats_count_what_happened),
    };
    return cmocka_run_group_tests_name("trie", tests, NULL, NULL);
}
