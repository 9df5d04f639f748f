#include "table.h"

#include "nb_test.h"

#include <natsd/error.h>
#include <natsd/random.h>

enum {
    SEED = 7,
    ITEM_COUNT = 40000, // splits, and some parts split again when hashes crowd together
};

struct item {
    uint64_t hash;
    bool is_in;
};

static struct nsub__ref ref_of(const struct item *item)
{
    return (struct nsub__ref){(uintptr_t)item};
}

static struct nsub__slot *find(const struct nsub__table *table, const struct item *item)
{
    struct nsub__slot *slot = nsub__table_first(table, item->hash);

    while (slot != NULL && slot->value.bits != (uintptr_t)item) {
        slot = nsub__table_next(table, slot);
    }
    return slot;
}

static void assert_holds(const struct nsub__table *table, const struct item *items, size_t count)
{
    struct nsub__table_each each = {0};
    const struct nsub__slot *slot;
    uint32_t in_count = 0;
    uint32_t seen_count = 0;

    for (size_t i = 0; i < count; i++) {
        assert_int_equal(find(table, &items[i]) != NULL, items[i].is_in);
        in_count += items[i].is_in;
    }
    while ((slot = nsub__table_each(table, &each)) != NULL) {
        assert_true(((const struct item *)slot->value.bits)->is_in);
        seen_count++;
    }
    assert_null(nsub__table_each(table, &each));
    assert_int_equal(table->count, in_count);
    assert_int_equal(seen_count, in_count);
    assert_true(nsub__table_check(table));
}

static void toggle(struct nsub__table *table, struct item *item)
{
    if (item->is_in) {
        nsub__table_remove(table, find(table, item));
    } else {
        nsub__table_insert(table, item->hash, ref_of(item));
    }
    item->is_in = !item->is_in;
}

static void table_keeps_few_entries_with_equal_hashes_apart(void **state NB_UNUSED)
{
    struct item items[12] = {0};
    struct nsub__table table = {0};
    struct nb_random random;

    for (size_t i = 0; i < NB_ARRAY_LEN(items); i++) { // at the end of the table, and equal
        items[i].hash = i % 3 == 0 ? 0 : UINT64_MAX - i % 2;
    }
    nb_random_init(&random, SEED);
    for (int n = 0; n < 4000; n++) {
        toggle(&table, &items[nb_random_below(&random, NB_ARRAY_LEN(items))]);
        assert_holds(&table, items, NB_ARRAY_LEN(items));
    }
    nsub__table_fini(&table);
    nsub__table_fini(&table);
}

// Goes up to many and down to none; at each size one of many is looked at as a whole.
static void table_grows_splits_joins_and_shrinks(void **state NB_UNUSED)
{
    struct item *items = calloc(ITEM_COUNT, sizeof(*items));
    struct nsub__table table = {0};
    struct nb_random random;
    bool was_split_twice = false;

    assert_non_null(items);
    nb_random_init(&random, SEED);
    for (size_t i = 0; i < ITEM_COUNT; i++) {
        items[i].hash = nb_random_u64(&random);
        if (i % 2 == 0) { // one part of the table gets half of them
            items[i].hash >>= NSUB__TABLE_PART_LOG2;
        }
    }
    for (size_t i = 0; i < ITEM_COUNT; i++) {
        toggle(&table, &items[i]);
        if (i % 4001 == 0) {
            assert_holds(&table, items, ITEM_COUNT);
        }
    }
    was_split_twice = table.is_split && table.parts[0].is_split;
    assert_true(was_split_twice);
    for (size_t i = 0; i < ITEM_COUNT; i++) {
        toggle(&table, &items[i]);
        if (i % 4001 == 0 || i > ITEM_COUNT - 10) {
            assert_holds(&table, items, ITEM_COUNT);
        }
    }
    assert_false(table.is_split);
    assert_int_equal(table.room_log2, 0);
    nsub__table_fini(&table);
    free(items);
}

static void table_is_freed_while_it_is_split(void **state NB_UNUSED)
{
    struct item *items = calloc(ITEM_COUNT, sizeof(*items));
    struct nsub__table table = {0};
    struct nb_random random;

    assert_non_null(items);
    nb_random_init(&random, SEED);
    for (size_t i = 0; i < ITEM_COUNT; i++) {
        items[i].hash = nb_random_u64(&random);
        toggle(&table, &items[i]);
    }
    assert_true(table.is_split);
    assert_holds(&table, items, ITEM_COUNT);
    nsub__table_fini(&table);
    assert_int_equal(table.count, 0);
    free(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_keeps_few_entries_with_equal_hashes_apart),
        cmocka_unit_test(table_grows_splits_joins_and_shrinks),
        cmocka_unit_test(table_is_freed_while_it_is_split),
    };
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
