#include "nb_test.h"

#include "clients/subscription.h"

#include <natsd/memory.h>

#include <pthread.h>

static enum nserver__claim claim_one(struct nserver__sub *sub, bool is_own)
{
    return is_own ? nserver__sub_claim_own(sub) : nserver__sub_claim(sub);
}

static void claim_without_a_maximum_is_always_granted(void **state NB_UNUSED)
{
    struct nserver__sub sub = {0};

    for (unsigned i = 0; i < 1000; i++) {
        assert_int_equal(claim_one(&sub, i % 3 == 0), CLAIM_GRANTED);
    }
    assert_int_equal(nserver__sub_delivered(&sub), 1000);
}

static void claim_grants_up_to_the_maximum_and_tells_the_last(void **state NB_UNUSED)
{
    for (unsigned is_own = 0; is_own < 2; is_own++) {
        struct nserver__sub sub = {.max = 3};

        assert_int_equal(claim_one(&sub, is_own), CLAIM_GRANTED);
        assert_int_equal(claim_one(&sub, !is_own), CLAIM_GRANTED);
        assert_int_equal(claim_one(&sub, is_own), CLAIM_LAST);
        assert_int_equal(claim_one(&sub, is_own), CLAIM_REFUSED);
        assert_int_equal(claim_one(&sub, !is_own), CLAIM_REFUSED);
    }
}

static void limit_counts_what_was_delivered_before(void **state NB_UNUSED)
{
    struct nserver__sub sub = {0};

    assert_int_equal(claim_one(&sub, true), CLAIM_GRANTED);
    assert_int_equal(claim_one(&sub, false), CLAIM_GRANTED);
    assert_false(nserver__sub_limit(&sub, 0));
    assert_false(nserver__sub_limit(&sub, 1));
    assert_false(nserver__sub_limit(&sub, 2));
    assert_true(nserver__sub_limit(&sub, 4));
    assert_int_equal(claim_one(&sub, true), CLAIM_GRANTED);
    assert_int_equal(claim_one(&sub, false), CLAIM_LAST);
}

static void claim_of_a_closed_one_is_refused_and_not_counted(void **state NB_UNUSED)
{
    struct nserver__sub sub = {.is_closed = true};

    assert_int_equal(claim_one(&sub, false), CLAIM_REFUSED);
    assert_int_equal(claim_one(&sub, true), CLAIM_REFUSED);
    assert_int_equal(nserver__sub_delivered(&sub), 0);
}

static void what_is_counted_late_reaches_the_maximum_too(void **state NB_UNUSED)
{
    struct nserver__sub sub = {0};

    assert_true(nserver__sub_is_unlimited(&sub));
    assert_false(nserver__sub_count_late(&sub, 3));
    assert_int_equal(nserver__sub_delivered(&sub), 3);
    assert_true(nserver__sub_limit(&sub, 6));
    assert_false(nserver__sub_is_unlimited(&sub));
    assert_false(nserver__sub_count_late(&sub, 2)); // delivered before the limit was seen
    assert_true(nserver__sub_count_late(&sub, 2));
    assert_int_equal(nserver__sub_claim(&sub), CLAIM_REFUSED);
}

enum {
    THREADS = 4,
    MAX = 100000,
    CLAIMS_BEFORE = 15000, // of each thread, before there is a maximum
    CLAIMS = 40000,        // of each thread: together more than the maximum
};

struct claimer {
    struct nserver__sub *sub;
    _Atomic bool *has_limit;
    bool is_own;
    unsigned granted;
    unsigned last;
};

static void claim(struct claimer *claimer, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        enum nserver__claim claim = claim_one(claimer->sub, claimer->is_own);

        claimer->granted += claim != CLAIM_REFUSED;
        claimer->last += claim == CLAIM_LAST;
    }
}

static void *claim_from_another_worker(void *arg)
{
    struct claimer *claimer = arg;

    claim(claimer, CLAIMS_BEFORE);
    while (!atomic_load(claimer->has_limit)) {
    }
    claim(claimer, CLAIMS - CLAIMS_BEFORE);
    return NULL;
}

static void claim_as_owner(struct claimer *owner)
{
    claim(owner, CLAIMS_BEFORE);
    assert_true(nserver__sub_limit(owner->sub, MAX)); // others are claiming meanwhile
    atomic_store(owner->has_limit, true);
    claim(owner, CLAIMS - CLAIMS_BEFORE);
}

// However many deliver at once: exactly the maximum arrive, and exactly one is the last.
static void claims_of_several_threads_add_up_to_the_maximum(void **state NB_UNUSED)
{
    struct nserver__sub sub = {0};
    _Atomic bool has_limit = false;
    struct claimer claimers[THREADS];
    pthread_t threads[THREADS];
    unsigned granted = 0;
    unsigned last = 0;

    for (unsigned i = 0; i < THREADS; i++) {
        claimers[i] = (struct claimer){.sub = &sub, .has_limit = &has_limit, .is_own = i == 0};
        if (i > 0) {
            assert_int_equal(
                pthread_create(&threads[i], NULL, claim_from_another_worker, &claimers[i]), 0);
        }
    }
    claim_as_owner(&claimers[0]);
    for (unsigned i = 0; i < THREADS; i++) {
        assert_true(i == 0 || pthread_join(threads[i], NULL) == 0);
        granted += claimers[i].granted;
        last += claimers[i].last;
    }
    assert_int_equal(granted, MAX);
    assert_int_equal(last, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claim_without_a_maximum_is_always_granted),
        cmocka_unit_test(claim_grants_up_to_the_maximum_and_tells_the_last),
        cmocka_unit_test(limit_counts_what_was_delivered_before),
        cmocka_unit_test(what_is_counted_late_reaches_the_maximum_too),
        cmocka_unit_test(claim_of_a_closed_one_is_refused_and_not_counted),
        cmocka_unit_test(claims_of_several_threads_add_up_to_the_maximum),
    };

    return cmocka_run_group_tests_name("subscription", tests, NULL, NULL);
}
