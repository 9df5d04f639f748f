/* Writers that insert and remove subscriptions of their own, while readers match: a result
 * must have what was there all the time, and nothing that was away all the time. */
#include <natsd/match_cache.h>

#include "nb_test.h"

#include "naive_subject.h"
#include "sub_fixture.h"

#include <natsd/random.h>

#include <pthread.h>
#include <stdatomic.h>

enum {
    WRITER_COUNT = 2,
    READER_COUNT = 2,
    SUBS_OF_WRITER_COUNT = 48,
    SUB_COUNT = WRITER_COUNT * SUBS_OF_WRITER_COUNT,
    TOGGLE_COUNT = 80000,
    SUBJECT_ROOM_BYTES = 16,
    CACHE_ENTRY_COUNT = 16, // fewer than there are subjects: entries are evicted, too
};

// Only grows: 0 away, 1 coming, 2 there, 3 going, 4 away, ...
#define STATE_AWAY 0
#define STATE_THERE 2
#define STATE_MASK 3

struct shared {
    struct nsub_trie *trie;
    struct nsub_sub subs[SUB_COUNT];
    char subjects[SUB_COUNT][SUBJECT_ROOM_BYTES];
    struct naive_subject splits[SUB_COUNT];
    _Atomic uint32_t states[SUB_COUNT];
    _Atomic uint32_t writers_left;
    _Atomic uint32_t mistakes;
};

struct worker {
    struct shared *shared;
    uint32_t index;
    uint32_t lookups;
    pthread_t thread;
};

static const char *const literals[] = {"a",     "b",     "a.a",   "a.b", "b.a",   "b.b",    "a.a.a",
                                       "a.b.b", "b.b.b", "a.b.a", "c.a", "c.c.c", "b.a.b.a"};

static void make_subs(struct shared *shared)
{
    static const char *const tokens[] = {"a", "b", "*"};
    struct nb_random random;

    nb_random_init(&random, 1);
    for (size_t i = 0; i < SUB_COUNT; i++) {
        char *text = shared->subjects[i];
        uint32_t count = 1 + nb_random_below(&random, 4);
        size_t n = 0;

        for (uint32_t k = 0; k < count; k++) {
            const char *token = tokens[nb_random_below(&random, NB_ARRAY_LEN(tokens))];

            if (k > 0 && k + 1 == count && nb_random_below(&random, 4) == 0) {
                token = ">";
            }
            n +=
                (size_t)snprintf(text + n, SUBJECT_ROOM_BYTES - n, "%s%s", k > 0 ? "." : "", token);
        }
        shared->subs[i] = (struct nsub_sub){.subject = nb_slice_of(text), .weight = 1};
        set_queue(&shared->subs[i], i % 3 == 0 ? "q" : "");
        shared->splits[i] = naive_split(shared->subs[i].subject);
    }
}

static void *write_loop(void *ctx)
{
    struct worker *worker = ctx;
    struct shared *shared = worker->shared;
    struct nb_random random;

    nb_random_init(&random, worker->index + 1);
    for (uint32_t n = 0; n < TOGGLE_COUNT; n++) {
        uint32_t i =
            worker->index * SUBS_OF_WRITER_COUNT + nb_random_below(&random, SUBS_OF_WRITER_COUNT);
        bool is_away = (atomic_fetch_add(&shared->states[i], 1) & STATE_MASK) == STATE_AWAY;
        int rc = is_away ? nsub_trie_insert(shared->trie, &shared->subs[i])
                         : nsub_trie_remove(shared->trie, &shared->subs[i]);

        atomic_fetch_add(&shared->states[i], 1);
        atomic_fetch_add(&shared->mistakes, rc != NB_OK);
    }
    atomic_fetch_sub(&shared->writers_left, 1);
    return NULL;
}

static uint32_t places(const struct nsub_result *result, const struct nsub_sub *sub)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < result->plain_count; i++) {
        count += result->plain[i] == sub;
    }
    for (uint32_t g = 0; g < result->group_count; g++) {
        for (uint32_t i = 0; i < result->groups[g].member_count; i++) {
            count += result->groups[g].members[i] == sub;
        }
    }
    return count;
}

static void judge(struct shared *shared, const uint32_t before[SUB_COUNT], const char *subject,
                  const struct nsub_result *result)
{
    struct naive_subject split = naive_split(nb_slice_of(subject));

    for (size_t i = 0; i < SUB_COUNT; i++) {
        uint32_t found = places(result, &shared->subs[i]);
        uint32_t state = before[i] & STATE_MASK;
        bool covers = naive_matches(&split, &shared->splits[i]);
        bool is_wrong = found > 1 || (found == 1 && !covers);

        if (atomic_load(&shared->states[i]) == before[i]) {
            is_wrong |= state == STATE_THERE && covers && found == 0;
            is_wrong |= state == STATE_AWAY && found != 0;
        }
        atomic_fetch_add(&shared->mistakes, is_wrong);
    }
    naive_free(&split);
}

static void *read_loop(void *ctx)
{
    struct worker *worker = ctx;
    struct shared *shared = worker->shared;
    struct nsub_match_cache *cache = nsub_match_cache_create(shared->trie, CACHE_ENTRY_COUNT);
    uint32_t before[SUB_COUNT];

    while (atomic_load(&shared->writers_left) > 0) {
        const char *subject = literals[worker->lookups++ % NB_ARRAY_LEN(literals)];
        struct nsub_result *result;

        for (size_t i = 0; i < SUB_COUNT; i++) {
            before[i] = atomic_load(&shared->states[i]);
        }
        result = nsub_trie_match(shared->trie, nb_slice_of(subject));
        judge(shared, before, subject, result);
        nsub_result_free(result);

        for (size_t i = 0; i < SUB_COUNT; i++) {
            before[i] = atomic_load(&shared->states[i]);
        }
        judge(shared, before, subject, nsub_match_cache_find(cache, nb_slice_of(subject)));
        if (worker->lookups % 8 == 0) {
            nsub_match_cache_trim(cache);
        }
    }
    nsub_match_cache_destroy(&cache);
    return NULL;
}

static void results_have_what_was_there_and_not_what_was_away(void **state NB_UNUSED)
{
    struct shared *shared = calloc(1, sizeof(*shared));
    struct worker workers[WRITER_COUNT + READER_COUNT];

    assert_non_null(shared);
    shared->trie = nsub_trie_create();
    shared->writers_left = WRITER_COUNT;
    make_subs(shared);
    for (uint32_t i = 0; i < NB_ARRAY_LEN(workers); i++) {
        workers[i] = (struct worker){.shared = shared, .index = i};
        assert_int_equal(pthread_create(&workers[i].thread, NULL,
                                        i < WRITER_COUNT ? write_loop : read_loop, &workers[i]),
                         0);
    }
    for (uint32_t i = 0; i < NB_ARRAY_LEN(workers); i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
    }
    print_message("%u and %u lookups beside the changes\n", workers[WRITER_COUNT].lookups,
                  workers[WRITER_COUNT + 1].lookups);
    assert_int_equal(shared->mistakes, 0);
    nsub_trie_destroy(&shared->trie);
    for (size_t i = 0; i < SUB_COUNT; i++) {
        naive_free(&shared->splits[i]);
    }
    free(shared);
}

struct counter {
    _Atomic int32_t balance;
    _Atomic uint32_t calls;
};

static void count_notice(void *ctx, bool has_interest)
{
    struct counter *counter = ctx;

    atomic_fetch_add(&counter->balance, has_interest ? 1 : -1);
    atomic_fetch_add(&counter->calls, 1);
}

// Threads may be told out of order, but each first and each last is told once.
static void notices_of_several_threads_balance(void **state NB_UNUSED)
{
    struct shared *shared = calloc(1, sizeof(*shared));
    struct worker workers[WRITER_COUNT];
    struct counter counter = {0};
    bool has_interest = true;

    assert_non_null(shared);
    shared->trie = nsub_trie_create();
    shared->writers_left = WRITER_COUNT;
    for (size_t i = 0; i < SUB_COUNT; i++) {
        shared->subs[i] = (struct nsub_sub){.subject = NB_SLICE("a.b"), .weight = 1};
    }
    assert_int_equal(nsub_trie_notify(shared->trie, NB_SLICE("a.b"), NB_SLICE(""), count_notice,
                                      &counter, &has_interest),
                     NB_OK);
    assert_false(has_interest);
    for (uint32_t i = 0; i < WRITER_COUNT; i++) {
        workers[i] = (struct worker){.shared = shared, .index = i};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, write_loop, &workers[i]), 0);
    }
    for (uint32_t i = 0; i < WRITER_COUNT; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
    }
    assert_int_equal(shared->mistakes, 0);
    assert_true(counter.calls > 0);
    assert_int_equal(counter.balance,
                     nsub_trie_has_exact(shared->trie, NB_SLICE("a.b"), NB_SLICE("")));
    nsub_trie_destroy(&shared->trie);
    free(shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_have_what_was_there_and_not_what_was_away),
        cmocka_unit_test(notices_of_several_threads_balance),
    };
    return cmocka_run_group_tests_name("trie threads", tests, NULL, NULL);
}
