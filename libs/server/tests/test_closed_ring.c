#include "nb_test.h"

#include "clients/closed_ring.h"

#include <natsd/memory.h>

// A closed connection whose subscriptions took `subs_size` bytes; 0: it had none.
static void add(struct nserver__closed_ring *ring, uint64_t cid, size_t subs_size)
{
    struct nserver__conn_row row = {.cid = cid, .account = NB_SLICE("$G")};

    nserver__conn_row_own(&row);
    if (subs_size > 0) {
        row.sub_count = 1;
        row.subs = nb_alloc(subs_size);
        row.subs_size = subs_size;
    }
    nserver__closed_ring_add(ring, &row);
    assert_null(row.subs);
}

struct seen {
    uint64_t cids[32];
    bool has_subs[32];
    size_t count;
};

static void see(void *ctx, const struct nserver__conn_row *row)
{
    struct seen *seen = ctx;

    assert_true(nb_slice_is(row->account, "$G"));
    assert_int_equal(row->subs != NULL, row->subs_size > 0);
    seen->cids[seen->count] = row->cid;
    seen->has_subs[seen->count] = row->subs != NULL;
    seen->count++;
}

static struct seen look(struct nserver__closed_ring *ring)
{
    struct seen seen = {0};

    nserver__closed_ring_each(ring, see, &seen);
    assert_int_equal(nserver__closed_ring_count(ring), seen.count);
    return seen;
}

static void the_last_are_kept_oldest_first(void **state NB_UNUSED)
{
    enum { MAX = 10 };
    struct nserver__closed_ring ring;

    nserver__closed_ring_init(&ring, MAX);
    for (uint64_t cid = 1; cid <= 3 * MAX + 2; cid++) {
        uint64_t first = cid > MAX ? cid - MAX + 1 : 1;
        struct seen seen;

        add(&ring, cid, cid % 3 == 0 ? 100 : 0);
        seen = look(&ring);
        assert_int_equal(seen.count, cid - first + 1);
        for (size_t i = 0; i < seen.count; i++) {
            assert_int_equal(seen.cids[i], first + i);
            assert_int_equal(seen.has_subs[i], (first + i) % 3 == 0);
        }
    }
    nserver__closed_ring_fini(&ring);
}

static void a_ring_for_none_keeps_none(void **state NB_UNUSED)
{
    struct nserver__closed_ring ring;

    nserver__closed_ring_init(&ring, 0);
    add(&ring, 1, 100);
    assert_int_equal(look(&ring).count, 0);
    nserver__closed_ring_fini(&ring);
}

// Four rows of a third of the limit each: never more than the last three have theirs.
static void beyond_the_limit_the_oldest_lose_their_subscriptions(void **state NB_UNUSED)
{
    enum { MAX = 5 };
    size_t third = NSERVER__CLOSED_SUBS_MAX_BYTES / 3;
    struct nserver__closed_ring ring;

    nserver__closed_ring_init(&ring, MAX);
    for (uint64_t cid = 1; cid <= 4 * MAX; cid++) {
        struct seen seen;

        add(&ring, cid, third);
        seen = look(&ring);
        for (size_t i = 0; i < seen.count; i++) {
            assert_int_equal(seen.has_subs[i], i + 3 >= seen.count);
        }
    }
    nserver__closed_ring_fini(&ring);
}

static void the_limit_is_kept_one_past_it_is_not(void **state NB_UNUSED)
{
    struct nserver__closed_ring ring;
    struct seen seen;

    nserver__closed_ring_init(&ring, 4);
    add(&ring, 1, NSERVER__CLOSED_SUBS_MAX_BYTES - 1);
    add(&ring, 2, 1);
    seen = look(&ring);
    assert_true(seen.has_subs[0] && seen.has_subs[1]);
    add(&ring, 3, 1);
    seen = look(&ring);
    assert_true(!seen.has_subs[0] && seen.has_subs[1] && seen.has_subs[2]);
    add(&ring, 4, NSERVER__CLOSED_SUBS_MAX_BYTES + 1); // alone too much
    add(&ring, 5, 1);
    seen = look(&ring);
    assert_int_equal(seen.cids[0], 2);
    assert_true(!seen.has_subs[0] && !seen.has_subs[1] && !seen.has_subs[2] && seen.has_subs[3]);
    nserver__closed_ring_fini(&ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_are_kept_oldest_first),
        cmocka_unit_test(a_ring_for_none_keeps_none),
        cmocka_unit_test(beyond_the_limit_the_oldest_lose_their_subscriptions),
        cmocka_unit_test(the_limit_is_kept_one_past_it_is_not),
    };

    return cmocka_run_group_tests_name("closed_ring", tests, NULL, NULL);
}
