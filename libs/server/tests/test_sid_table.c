#include "nb_test.h"

#include "clients/sid_table.h"

#include <natsd/memory.h>
#include <natsd/random.h>

#include "clients/subscription.h"

enum {
    SIDS = 2000,
    STEPS = 200000,
};

static struct nserver__sub *make_sub(const char *sid)
{
    size_t n = strlen(sid);
    struct nserver__sub *sub = nb_zalloc(sizeof(*sub) + n);

    memcpy(sub->bytes, sid, n);
    sub->sid_size = (uint32_t)n & NSERVER__SID_SIZE_MAX;
    return sub;
}

static void sid_table_finds_nothing_when_empty(void **state NB_UNUSED)
{
    struct nserver__sid_table table = {0};
    size_t at = 0;

    assert_null(nserver__sid_table_find(&table, NB_SLICE("1")));
    assert_null(nserver__sid_table_next(&table, &at));
    nserver__sid_table_fini(&table);
}

static void sid_table_tells_sids_apart_that_begin_alike(void **state NB_UNUSED)
{
    struct nserver__sid_table table = {0};
    struct nserver__sub *a = make_sub("1");
    struct nserver__sub *b = make_sub("11");

    nserver__sid_table_insert(&table, a);
    assert_null(nserver__sid_table_find(&table, NB_SLICE("11")));
    nserver__sid_table_insert(&table, b);
    assert_ptr_equal(nserver__sid_table_find(&table, NB_SLICE("1")), a);
    assert_ptr_equal(nserver__sid_table_find(&table, NB_SLICE("11")), b);
    nserver__sid_table_remove(&table, a);
    assert_null(nserver__sid_table_find(&table, NB_SLICE("1")));
    assert_ptr_equal(nserver__sid_table_find(&table, NB_SLICE("11")), b);
    nserver__sid_table_fini(&table);
    nb_free(a);
    nb_free(b);
}

// Random inserts and removals; after each the table agrees with an array.
static void sid_table_agrees_with_an_array(void **state NB_UNUSED)
{
    struct nserver__sid_table table = {0};
    struct nserver__sub *subs[SIDS] = {0};
    struct nb_random random;
    size_t count = 0;

    nb_random_init(&random, 7);
    for (unsigned step = 0; step < STEPS; step++) {
        unsigned i = nb_random_below(&random, SIDS);
        char sid[16];

        snprintf(sid, sizeof(sid), "sid-%u", i);
        assert_ptr_equal(nserver__sid_table_find(&table, nb_slice_of(sid)), subs[i]);
        if (subs[i] == NULL) {
            subs[i] = make_sub(sid);
            nserver__sid_table_insert(&table, subs[i]);
            count++;
        } else {
            nserver__sid_table_remove(&table, subs[i]);
            nb_free(subs[i]);
            subs[i] = NULL;
            count--;
        }
        assert_int_equal(table.count, count);
    }
    for (unsigned i = 0; i < SIDS; i++) {
        nb_free(subs[i]);
    }
    nserver__sid_table_fini(&table);
}

static void sid_table_visits_each_once(void **state NB_UNUSED)
{
    struct nserver__sid_table table = {0};
    struct nserver__sub *subs[100];
    size_t at = 0;
    size_t seen = 0;
    struct nserver__sub *sub;

    for (unsigned i = 0; i < NB_ARRAY_LEN(subs); i++) {
        char sid[16];

        snprintf(sid, sizeof(sid), "%u", i);
        subs[i] = make_sub(sid);
        nserver__sid_table_insert(&table, subs[i]);
    }
    while ((sub = nserver__sid_table_next(&table, &at)) != NULL) {
        assert_int_equal(sub->own_count, 0);
        sub->own_count = 1;
        seen++;
    }
    assert_int_equal(seen, NB_ARRAY_LEN(subs));
    nserver__sid_table_fini(&table);
    for (unsigned i = 0; i < NB_ARRAY_LEN(subs); i++) {
        nb_free(subs[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sid_table_finds_nothing_when_empty),
        cmocka_unit_test(sid_table_tells_sids_apart_that_begin_alike),
        cmocka_unit_test(sid_table_agrees_with_an_array),
        cmocka_unit_test(sid_table_visits_each_once),
    };

    return cmocka_run_group_tests_name("sid_table", tests, NULL, NULL);
}
