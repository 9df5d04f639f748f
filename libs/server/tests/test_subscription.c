#include "nb_test.h"

#include "clients/subscription.h"

#include <natsd/memory.h>

#include <pthread.h>

static void claim_without_a_maximum_is_always_granted(void **state NB_UNUSED)
{
    struct nserver__sub sub = {0};

    for (unsigned i = 0; i < 1000; i++) {
        assert_int_equal(nserver__sub_claim(&sub), CLAIM_GRANTED);
    }
    assert_int_equal(sub.delivered, 1000);
}

static void claim_grants_up_to_the_maximum_and_tells_the_last(void **state NB_UNUSED)
{
    struct nserver__sub sub = {.max = 3};

    assert_int_equal(nserver__sub_claim(&sub), CLAIM_GRANTED);
    assert_int_equal(nserver__sub_claim(&sub), CLAIM_GRANTED);
    assert_int_equal(nserver__sub_claim(&sub), CLAIM_LAST);
    assert_int_equal(nserver__sub_claim(&sub), CLAIM_REFUSED);
    assert_int_equal(nserver__sub_claim(&sub), CLAIM_REFUSED);
}

static void claim_of_a_closed_one_is_refused_and_not_counted(void **state NB_UNUSED)
{
    struct nserver__sub sub = {.is_closed = true};

    assert_int_equal(nserver__sub_claim(&sub), CLAIM_REFUSED);
    assert_int_equal(sub.delivered, 0);
}

enum {
    THREADS = 4,
    MAX = 50000,
    CLAIMS = 40000, // per thread: together more than the maximum
};

struct claimer {
    struct nserver__sub *sub;
    unsigned granted;
    unsigned last;
};

static void *claim_many(void *arg)
{
    struct claimer *claimer = arg;

    for (unsigned i = 0; i < CLAIMS; i++) {
        enum nserver__claim claim = nserver__sub_claim(claimer->sub);

        claimer->granted += claim != CLAIM_REFUSED;
        claimer->last += claim == CLAIM_LAST;
    }
    return NULL;
}

// However many deliver at once: exactly the maximum arrive, and exactly one is the last.
static void claims_of_several_threads_add_up_to_the_maximum(void **state NB_UNUSED)
{
    struct nserver__sub sub = {.max = MAX};
    struct claimer claimers[THREADS];
    pthread_t threads[THREADS];
    unsigned granted = 0;
    unsigned last = 0;

    for (unsigned i = 0; i < THREADS; i++) {
        claimers[i] = (struct claimer){.sub = &sub};
        assert_int_equal(pthread_create(&threads[i], NULL, claim_many, &claimers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
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
        cmocka_unit_test(claim_of_a_closed_one_is_refused_and_not_counted),
        cmocka_unit_test(claims_of_several_threads_add_up_to_the_maximum),
    };

    return cmocka_run_group_tests_name("subscription", tests, NULL, NULL);
}
