#include <natsd/permissions.h>

#include "naive_rules.h"
#include "nb_test.h"

#include <natsd/buf.h>
#include <natsd/random.h>

#include <assert.h>
#include <pthread.h>

enum { LIST_MAX = 8 };

struct lists {
    const char *publish_allow[LIST_MAX];
    const char *publish_deny[LIST_MAX];
    const char *subscribe_allow[LIST_MAX];
    const char *subscribe_deny[LIST_MAX];
    bool has_publish_allow;
    bool has_subscribe_allow;
    bool has_responses;
};

static struct nauth_texts texts_of(const char *const list[LIST_MAX], struct slice items[LIST_MAX])
{
    struct nauth_texts texts = {.items = items};

    while (texts.count < LIST_MAX && list[texts.count] != NULL) {
        items[texts.count] = nb_slice_of(list[texts.count]);
        texts.count++;
    }
    return texts;
}

static struct nauth_rules *rules_of(const struct lists *lists)
{
    struct slice items[4][LIST_MAX];
    struct nauth_permissions permissions = {
        .publish_allow = texts_of(lists->publish_allow, items[0]),
        .publish_deny = texts_of(lists->publish_deny, items[1]),
        .subscribe_allow = texts_of(lists->subscribe_allow, items[2]),
        .subscribe_deny = texts_of(lists->subscribe_deny, items[3]),
        .has_publish_allow = lists->has_publish_allow,
        .has_subscribe_allow = lists->has_subscribe_allow,
        .has_responses = lists->has_responses,
    };

    return nauth_rules_create(&permissions);
}

// Spec 03 section 12.2.
static void publishing_needs_an_allow_and_no_deny(void **state NB_UNUSED)
{
    static const struct {
        const char *name;
        struct lists lists;
        const char *subject;
        bool may;
    } cases[] = {
        {"no lists", {.has_responses = false}, "foo", true},
        {"allowed", {.publish_allow = {"foo"}}, "foo", true},
        {"not allowed", {.publish_allow = {"foo"}}, "bar", false},
        {"a part of a literal", {.publish_allow = {"foo.bar"}}, "foo", false},
        {"more than a literal", {.publish_allow = {"foo"}}, "foo.bar", false},
        {"star", {.publish_allow = {"foo.*"}}, "foo.bar", true},
        {"star is one token", {.publish_allow = {"foo.*"}}, "foo.bar.baz", false},
        {"star is not none", {.publish_allow = {"foo.*"}}, "foo", false},
        {"star inside", {.publish_allow = {"foo.*.baz"}}, "foo.bar.baz", true},
        {"star inside, other end", {.publish_allow = {"foo.*.baz"}}, "foo.bar.bar", false},
        {"tail", {.publish_allow = {"foo.>"}}, "foo.bar.baz", true},
        {"tail is not none", {.publish_allow = {"foo.>"}}, "foo", false},
        {"tail and a longer token", {.publish_allow = {"foo.>"}}, "foobar.baz", false},
        {"everything", {.publish_allow = {">"}}, "a.b.c", true},
        {"an empty token is in no pattern", {.publish_allow = {">"}}, "a..c", false},
        {"an empty token at the end", {.publish_allow = {"a.>"}}, "a.", false},
        {"a list without items", {.has_publish_allow = true}, "foo", false},
        {"responses alone", {.has_responses = true}, "foo", false},
        {"responses and a deny", {.has_responses = true, .publish_deny = {"bar"}}, "foo", false},
        {"responses and an allow", {.has_responses = true, .publish_allow = {"foo"}}, "foo", true},
        {"denied", {.publish_deny = {"foo"}}, "foo", false},
        {"not denied", {.publish_deny = {"foo"}}, "bar", true},
        {"denied among allowed", {.publish_allow = {">"}, .publish_deny = {"a.*"}}, "a.b", false},
        {"a queue in an allow is invalid", {.publish_allow = {"foo q"}}, "foo", false},
        {"a queue in a deny is dropped", {.publish_deny = {"foo q"}}, "foo", false},
        {"subscribe lists don't matter", {.subscribe_deny = {">"}}, "foo", true},
        {"an invalid item allows nothing", {.publish_allow = {"a..b"}}, "a..b", false},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nauth_rules *rules = rules_of(&cases[i].lists);

        if (nauth_rules_may_publish(rules, nb_slice_of(cases[i].subject)) != cases[i].may) {
            fail_msg("%s", cases[i].name);
        }
        nauth_rules_unref(rules);
    }
}

// Spec 03 section 12.3; the last column is nauth_rules_may_subscribe().
static void subscribing_follows_every_row_of_the_table(void **state NB_UNUSED)
{
    static const struct {
        const char *name;
        struct lists lists;
        const char *subject;
        const char *queue;
        bool may;
    } cases[] = {
        {"allow foo: plain", {.subscribe_allow = {"foo"}}, "foo", "", true},
        {"allow foo: queue", {.subscribe_allow = {"foo"}}, "foo", "any", true},
        {"allow foo v1: plain", {.subscribe_allow = {"foo v1"}}, "foo", "", false},
        {"allow foo v1: v1", {.subscribe_allow = {"foo v1"}}, "foo", "v1", true},
        {"allow foo v1: v2", {.subscribe_allow = {"foo v1"}}, "foo", "v2", false},
        {"allow foo, foo v1: plain", {.subscribe_allow = {"foo", "foo v1"}}, "foo", "", true},
        {"allow foo, foo v1: v2", {.subscribe_allow = {"foo", "foo v1"}}, "foo", "v2", false},
        {"allow foo v1, foo: v1", {.subscribe_allow = {"foo v1", "foo"}}, "foo", "v1", true},
        {"allow *.dev: bar", {.subscribe_allow = {"> *.dev", "> *.stg"}}, "foo", "bar", false},
        {"allow *.dev: a.stg", {.subscribe_allow = {"> *.dev", "> *.stg"}}, "foo", "a.stg", true},
        {"deny > >: plain", {.subscribe_deny = {"> >"}}, "foo", "", true},
        {"deny > >: queue", {.subscribe_deny = {"> >"}}, "foo", "q", false},
        {"deny > >: no subject", {.subscribe_deny = {"> >"}}, "foo", "a..b", false},
        {"allow >, deny admin.>, > restricted",
         {.subscribe_allow = {">"}, .subscribe_deny = {"admin.>", "> restricted"}},
         "admin.secret",
         "workers",
         false},
        {"the same, the queue is denied",
         {.subscribe_allow = {">"}, .subscribe_deny = {"admin.>", "> restricted"}},
         "foo",
         "restricted",
         false},
        {"the same, neither",
         {.subscribe_allow = {">"}, .subscribe_deny = {"admin.>", "> restricted"}},
         "foo",
         "workers",
         true},
        {"literal look-up: allow", {.subscribe_allow = {"foo.*"}}, "foo.>", "", true},
        {"literal look-up: deny", {.subscribe_deny = {"foo.*"}}, "foo.>", "", false},
        {"literal look-up: star", {.subscribe_allow = {"foo.>"}}, "foo.*.*", "", true},
        {"literal look-up: broader", {.subscribe_allow = {"foo.bar"}}, "foo.*", "", false},
        {"literal look-up: broader deny", {.subscribe_deny = {"foo.bar"}}, "foo.*", "", true},
        {"a list without items", {.has_subscribe_allow = true}, "foo", "", false},
        {"a queue name with a wildcard", {.subscribe_deny = {"foo a.*"}}, "foo", "a.>", true},
        {"three fields are no item", {.subscribe_deny = {"foo a b"}}, "foo", "a", true},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nauth_rules *rules = rules_of(&cases[i].lists);

        if (nauth_rules_may_subscribe(rules, nb_slice_of(cases[i].subject),
                                      nb_slice_of(cases[i].queue)) != cases[i].may) {
            fail_msg("%s", cases[i].name);
        }
        nauth_rules_unref(rules);
    }
}

// Spec 03 section 12.4: is the subscription filtered, and is this message given to it?
struct delivery_case {
    const char *name;
    struct lists lists;
    const char *subscription;
    const char *queue;
    bool overlaps;
    const char *subject;
    bool may_receive;
};

static void check_deliveries(const struct delivery_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct nauth_rules *rules = rules_of(&cases[i].lists);
        struct slice queue = nb_slice_of(cases[i].queue);

        assert_true(nauth_rules_may_subscribe(rules, nb_slice_of(cases[i].subscription), queue));
        if (nauth_rules_overlap_deny(rules, nb_slice_of(cases[i].subscription), queue) !=
                cases[i].overlaps ||
            nauth_rules_may_receive(rules, nb_slice_of(cases[i].subject), queue) !=
                cases[i].may_receive) {
            fail_msg("%s", cases[i].name);
        }
        nauth_rules_unref(rules);
    }
}

static void deliveries_are_filtered_by_what_is_denied(void **state NB_UNUSED)
{
    static const struct delivery_case cases[] = {
        {"denied part", {.subscribe_deny = {"foo.bar"}}, "foo.*", "", true, "foo.bar", false},
        {"other part", {.subscribe_deny = {"foo.bar"}}, "foo.*", "", true, "foo.baz", true},
        {"no overlap", {.subscribe_deny = {"foo.bar"}}, "bar.*", "", false, "bar.bar", true},
        {"queue",
         {.subscribe_deny = {"admin.secret w"}},
         "admin.*",
         "w",
         true,
         "admin.secret",
         false},
        {"other queue",
         {.subscribe_deny = {"admin.secret w"}},
         "admin.*",
         "a",
         false,
         "admin.secret",
         true},
        {"no queue",
         {.subscribe_deny = {"admin.secret w"}},
         "admin.*",
         "",
         false,
         "admin.secret",
         true},
        {"literal", {.subscribe_deny = {"foo.bar"}}, "foo.baz", "", false, "foo.baz", true},
        {"no deny", {.subscribe_allow = {">"}}, ">", "", false, "foo", true},
    };

    check_deliveries(cases, NB_ARRAY_LEN(cases));
}

// Security history 26-17 and 2022-04: two patterns that overlap, neither a part of the other, with
// and without a queue.
static void overlapping_wildcard_denies_filter_deliveries_26_17_2022_04(void **state NB_UNUSED)
{
    static const struct delivery_case cases[] = {
        {"plain", {.subscribe_deny = {"*.secret"}}, "foo.*", "", true, "foo.secret", false},
        {"queue", {.subscribe_deny = {"*.secret"}}, "foo.*", "q", true, "foo.secret", false},
        {"plain, else", {.subscribe_deny = {"*.secret"}}, "foo.*", "", true, "foo.open", true},
        {"denied queue",
         {.subscribe_deny = {"*.secret q"}},
         "foo.*",
         "q",
         true,
         "foo.secret",
         false},
        {"allowed queue",
         {.subscribe_deny = {"*.secret q"}},
         "foo.*",
         "p",
         false,
         "foo.secret",
         true},
        {"tail", {.subscribe_deny = {"a.*.c.>"}}, "*.b.>", "q", true, "a.b.c.d", false},
        {"mixed, plain denies",
         {.subscribe_deny = {"*.s", "> r"}},
         "foo.*",
         "w",
         true,
         "foo.s",
         false},
        {"mixed, plain not concerned",
         {.subscribe_deny = {"*.s", "> r"}},
         "foo.*",
         "w",
         true,
         "foo.t",
         true},
    };

    check_deliveries(cases, NB_ARRAY_LEN(cases));
}

// Security history 26-18: any rule that denies wins, in any order.
static void queue_rules_do_not_undo_plain_denies_26_18(void **state NB_UNUSED)
{
    static const struct lists orders[] = {
        {.subscribe_deny = {"admin.>", "> restricted"}},
        {.subscribe_deny = {"> restricted", "admin.>"}},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(orders); i++) {
        struct nauth_rules *rules = rules_of(&orders[i]);

        assert_false(
            nauth_rules_may_subscribe(rules, NB_SLICE("admin.secret"), NB_SLICE("workers")));
        assert_false(nauth_rules_may_receive(rules, NB_SLICE("admin.secret"), NB_SLICE("workers")));
        assert_false(nauth_rules_may_receive(rules, NB_SLICE("open"), NB_SLICE("restricted")));
        assert_true(nauth_rules_may_receive(rules, NB_SLICE("open"), NB_SLICE("workers")));
        nauth_rules_unref(rules);
    }
}

static void rules_keep_what_they_were_made_of(void **state NB_UNUSED)
{
    struct slice item = nb_slice_dup(NB_SLICE("foo.*"));
    struct nauth_permissions permissions = {
        .publish_allow = {.items = &item, .count = 1}, .has_responses = true, .responses_max = 7};
    struct nauth_rules *rules = nauth_rules_create(&permissions);
    struct nauth_rules *again = nauth_rules_ref(rules);

    nb_slice_free(&item); // a copy remains
    nauth_rules_unref(rules);
    assert_true(nauth_rules_may_publish(again, NB_SLICE("foo.bar")));
    assert_int_equal(nauth_rules_permissions(again)->responses_max, 7);
    assert_true(nb_slice_is(nauth_rules_permissions(again)->publish_allow.items[0], "foo.*"));
    nauth_rules_unref(again);
    assert_null(nauth_rules_ref(NULL));
    nauth_rules_unref(NULL);
}

static void *share(void *rules)
{
    for (int i = 0; i < 1000; i++) {
        struct nauth_rules *mine = nauth_rules_ref(rules);

        assert(nauth_rules_may_publish(mine, NB_SLICE("foo")));
        nauth_rules_unref(mine);
    }
    nauth_rules_unref(rules);
    return NULL;
}

static void rules_are_shared_by_threads(void **state NB_UNUSED)
{
    struct nauth_rules *rules = rules_of(&(struct lists){.publish_allow = {"foo"}});
    pthread_t threads[4];

    for (size_t i = 0; i < NB_ARRAY_LEN(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, share, nauth_rules_ref(rules)), 0);
    }
    nauth_rules_unref(rules);
    for (size_t i = 0; i < NB_ARRAY_LEN(threads); i++) {
        pthread_join(threads[i], NULL);
    }
}

/* ---- against the oracle ---- */

static void append_subject(struct nb_buf *out, struct nb_random *random, bool is_pattern)
{
    static const char *const tokens[] = {"a", "b", "aa", "ab", "*"};
    uint64_t count = nb_random_below(random, 5) + 1;

    for (uint64_t i = 0; i < count; i++) {
        bool is_tail = is_pattern && i + 1 == count && nb_random_below(random, 4) == 0;

        nb_buf_must_format(out, "%s%s", i > 0 ? "." : "",
                           is_tail ? ">" : tokens[nb_random_below(random, is_pattern ? 5 : 4)]);
    }
}

static struct slice random_subject(struct nb_random *random, bool is_pattern)
{
    struct nb_buf out;

    nb_buf_init(&out, 100);
    append_subject(&out, random, is_pattern);
    return nb_buf_take(&out);
}

static struct slice random_item(struct nb_random *random)
{
    struct nb_buf out;

    nb_buf_init(&out, 100);
    append_subject(&out, random, true);
    if (nb_random_below(random, 3) == 0) {
        nb_buf_must_text(&out, " ");
        append_subject(&out, random, true);
    }
    return nb_buf_take(&out);
}

static void ask_both(const struct nauth_rules *rules, const struct nauth_permissions *permissions,
                     struct nb_random *random)
{
    struct slice subject = random_subject(random, nb_random_below(random, 2) == 0);
    struct slice queue = random_subject(random, false);

    queue.n = nb_random_below(random, 2) == 0 ? 0 : queue.n;
    assert_int_equal(nauth_rules_may_publish(rules, subject),
                     naive_may_publish(permissions, subject));
    assert_int_equal(nauth_rules_may_subscribe(rules, subject, queue),
                     naive_may_subscribe(permissions, subject, queue));
    assert_int_equal(nauth_rules_may_receive(rules, subject, queue),
                     naive_may_receive(permissions, subject, queue));
    assert_int_equal(nauth_rules_overlap_deny(rules, subject, queue),
                     naive_overlaps(permissions, subject, queue));
    nb_slice_free(&subject);
    nb_slice_free(&queue);
}

// Lists below and above the length from which they are indexed.
static void rules_answer_as_the_naive_way_does(void **state NB_UNUSED)
{
    enum { ITEMS_MAX = 60, ROUNDS = 300, QUESTIONS = 40 };
    struct nb_random random;

    nb_random_init(&random, 42);
    for (int round = 0; round < ROUNDS; round++) {
        struct slice items[ITEMS_MAX];
        struct slice subjects[ITEMS_MAX]; // publish lists have no queues
        uint32_t count = (uint32_t)nb_random_below(&random, ITEMS_MAX + 1);
        uint32_t half = count / 2;
        struct nauth_permissions permissions = {
            .publish_allow = {subjects, half},
            .publish_deny = {subjects + half, count - half},
            .subscribe_allow = {items, half},
            .subscribe_deny = {items + half, nb_random_below(&random, count - half + 1)},
        };
        struct nauth_rules *rules;

        for (size_t i = 0; i < count; i++) {
            items[i] = random_item(&random);
            subjects[i] = random_subject(&random, true);
        }
        rules = nauth_rules_create(&permissions);
        for (int i = 0; i < QUESTIONS; i++) {
            ask_both(rules, &permissions, &random);
        }
        nauth_rules_unref(rules);
        for (size_t i = 0; i < count; i++) {
            nb_slice_free(&items[i]);
            nb_slice_free(&subjects[i]);
        }
    }
}

// All patterns of "a" and "*" over 12 tokens: every way branches. And one of more tokens than the
// walk keeps ways for.
static void patterns_that_branch_at_every_token_are_found(void **state NB_UNUSED)
{
    enum { TOKENS = 12, COUNT = 1 << TOKENS };
    struct slice *items = nb_calloc(COUNT + 1, sizeof(*items));
    struct nauth_permissions permissions = {.publish_allow = {items, COUNT + 1}};
    struct nauth_rules *rules;
    struct nb_buf text;

    for (unsigned i = 0; i < COUNT; i++) {
        nb_buf_init(&text, 100);
        for (unsigned k = 0; k < TOKENS; k++) {
            nb_buf_must_format(&text, "%s%s", k > 0 ? "." : "", (i >> k & 1) != 0 ? "a" : "*");
        }
        nb_buf_must_text(&text, i == 0 ? ".>" : ".x");
        items[i] = nb_buf_take(&text);
    }
    nb_buf_init(&text, 1000);
    nb_buf_must_text(&text, "z");
    for (int k = 0; k < 100; k++) {
        nb_buf_must_text(&text, ".*");
    }
    items[COUNT] = nb_buf_take(&text);
    rules = nauth_rules_create(&permissions);
    assert_true(nauth_rules_may_publish(rules, NB_SLICE("a.a.a.a.a.a.a.a.a.a.a.a.y")));
    assert_true(nauth_rules_may_publish(rules, NB_SLICE("b.a.a.a.a.a.a.a.a.a.a.a.x")));
    assert_false(nauth_rules_may_publish(rules, NB_SLICE("a.a.a.a.a.a.a.a.a.a.a.a")));
    assert_true(nauth_rules_may_publish(rules, items[COUNT]));
    for (size_t i = 0; i <= COUNT; i++) {
        nb_slice_free(&items[i]);
    }
    nb_free(items);
    nauth_rules_unref(rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(publishing_needs_an_allow_and_no_deny),
        cmocka_unit_test(subscribing_follows_every_row_of_the_table),
        cmocka_unit_test(deliveries_are_filtered_by_what_is_denied),
        cmocka_unit_test(overlapping_wildcard_denies_filter_deliveries_26_17_2022_04),
        cmocka_unit_test(queue_rules_do_not_undo_plain_denies_26_18),
        cmocka_unit_test(rules_keep_what_they_were_made_of),
        cmocka_unit_test(rules_are_shared_by_threads),
        cmocka_unit_test(rules_answer_as_the_naive_way_does),
        cmocka_unit_test(patterns_that_branch_at_every_token_are_found),
    };
    return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
