#include "nb_test.h"

#include "clients/permits.h"

#include <natsd/permissions.h>

#include <stdio.h>

static struct nserver__permits *make(int64_t max, int64_t ttl_ns)
{
    struct nauth_permissions permissions = {
        .has_responses = true, .responses_max = max, .responses_ttl_ns = ttl_ns};

    return nserver__permits_create(&permissions);
}

static struct nb_mono at(uint64_t ns)
{
    return (struct nb_mono){.ns = 1000 + ns};
}

static void a_reply_is_permitted_as_often_as_allowed(void **state NB_UNUSED)
{
    struct nserver__permits *permits = make(2, 100);

    assert_false(nserver__permits_use(permits, NB_SLICE("r"), at(0)));
    nserver__permits_add(permits, NB_SLICE("r"), at(0));
    assert_false(nserver__permits_use(permits, NB_SLICE("rr"), at(0)));
    assert_true(nserver__permits_use(permits, NB_SLICE("r"), at(1)));
    assert_true(nserver__permits_use(permits, NB_SLICE("r"), at(100)));
    assert_false(nserver__permits_use(permits, NB_SLICE("r"), at(100)));
    assert_int_equal(nserver__permits_count(permits), 0);
    nserver__permits_destroy(permits);
}

static void a_reply_is_permitted_for_as_long_as_allowed(void **state NB_UNUSED)
{
    struct nserver__permits *permits = make(-1, 100);

    nserver__permits_add(permits, NB_SLICE("r"), at(0));
    for (unsigned i = 0; i <= 100; i++) {
        assert_true(nserver__permits_use(permits, NB_SLICE("r"), at(i)));
    }
    assert_false(nserver__permits_use(permits, NB_SLICE("r"), at(101)));
    assert_false(nserver__permits_use(permits, NB_SLICE("r"), at(1))); // it is forgotten
    nserver__permits_destroy(permits);
}

static void a_reply_that_comes_again_begins_anew(void **state NB_UNUSED)
{
    struct nserver__permits *permits = make(1, 100);

    nserver__permits_add(permits, NB_SLICE("r"), at(0));
    nserver__permits_add(permits, NB_SLICE("s"), at(50));
    nserver__permits_add(permits, NB_SLICE("r"), at(90));
    assert_int_equal(nserver__permits_count(permits), 2);
    assert_true(nserver__permits_use(permits, NB_SLICE("r"), at(180)));
    assert_false(nserver__permits_use(permits, NB_SLICE("r"), at(180)));
    nserver__permits_add(permits, NB_SLICE("r"), at(180));
    assert_true(nserver__permits_use(permits, NB_SLICE("r"), at(181)));
    nserver__permits_destroy(permits);
}

static void no_limit_is_none(void **state NB_UNUSED)
{
    struct nserver__permits *permits = make(-1, -1);

    nserver__permits_add(permits, NB_SLICE("r"), at(0));
    for (unsigned i = 0; i < 1000; i++) {
        assert_true(nserver__permits_use(permits, NB_SLICE("r"), at(i * UINT64_C(1000000000000))));
    }
    nserver__permits_destroy(permits);
}

static void what_is_over_goes_when_something_comes(void **state NB_UNUSED)
{
    struct nserver__permits *permits = make(-1, 100);
    char reply[32];

    for (unsigned i = 0; i < 5000; i++) {
        size_t n = (size_t)snprintf(reply, sizeof(reply), "r.%u", i);

        nserver__permits_add(permits, nb_slice_make(reply, n), at(i));
        assert_true(nserver__permits_count(permits) <= 101);
    }
    nserver__permits_destroy(permits);
}

static void the_oldest_makes_room_for_the_newest(void **state NB_UNUSED)
{
    struct nserver__permits *permits = make(-1, -1);
    char reply[32];

    for (unsigned i = 0; i < NSERVER__PERMITS_MAX + 3; i++) {
        size_t n = (size_t)snprintf(reply, sizeof(reply), "r.%u", i);

        nserver__permits_add(permits, nb_slice_make(reply, n), at(i));
    }
    assert_int_equal(nserver__permits_count(permits), NSERVER__PERMITS_MAX);
    assert_false(nserver__permits_use(permits, NB_SLICE("r.0"), at(0)));
    assert_false(nserver__permits_use(permits, NB_SLICE("r.2"), at(0)));
    assert_true(nserver__permits_use(permits, NB_SLICE("r.3"), at(0)));
    nserver__permits_destroy(permits);
}

static void long_replies_are_bounded_by_their_bytes(void **state NB_UNUSED)
{
    struct nserver__permits *permits = make(-1, -1);
    static char reply[64 * 1024];
    size_t n = 0;

    memset(reply, 'r', sizeof(reply));
    for (unsigned i = 0; i < 2000; i++) {
        n = (size_t)snprintf(reply, 16, "%u.", i);
        reply[n] = 'r';
        nserver__permits_add(permits, nb_slice_make(reply, sizeof(reply)), at(i));
    }
    assert_true(nserver__permits_count(permits) <= NSERVER__PERMITS_MAX_BYTES / sizeof(reply));
    assert_true(nserver__permits_count(permits) >= 400);
    assert_true(nserver__permits_use(permits, nb_slice_make(reply, sizeof(reply)), at(0)));
    nserver__permits_destroy(permits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_is_permitted_as_often_as_allowed),
        cmocka_unit_test(a_reply_is_permitted_for_as_long_as_allowed),
        cmocka_unit_test(a_reply_that_comes_again_begins_anew),
        cmocka_unit_test(no_limit_is_none),
        cmocka_unit_test(what_is_over_goes_when_something_comes),
        cmocka_unit_test(the_oldest_makes_room_for_the_newest),
        cmocka_unit_test(long_replies_are_bounded_by_their_bytes),
    };
    return cmocka_run_group_tests_name("permits", tests, NULL, NULL);
}
