#include <natsd/map.h>

#include <natsd/random.h>

#include "nb_test.h"

enum { KEYS = 400, STEPS = 60000, RANDOM_SEED = 7 };

struct entry {
    char key[16];
    bool is_in;
};

static struct slice key_of(const struct entry *entry)
{
    return nb_slice_of(entry->key);
}

static void assert_same_content(const struct nb_map *map, const struct entry *entries)
{
    size_t want = 0;
    size_t seen = 0;
    size_t position = 0;
    const struct entry *it;

    for (size_t i = 0; i < KEYS; i++) {
        want += entries[i].is_in ? 1 : 0;
        assert_ptr_equal(nb_map_find(map, key_of(&entries[i])),
                         entries[i].is_in ? &entries[i] : NULL);
    }
    while ((it = nb_map_next(map, &position)) != NULL) {
        assert_true(it->is_in);
        seen++;
    }
    assert_int_equal(nb_map_count(map), want);
    assert_int_equal(seen, want);
}

// A long random history beside an array of flags, in which the map fills and empties.
static void map_agrees_with_a_list_of_flags(void **state NB_UNUSED)
{
    static struct entry entries[KEYS];
    struct nb_map map;
    struct nb_random random;

    nb_random_init(&random, RANDOM_SEED);
    nb_map_init(&map);
    for (unsigned i = 0; i < KEYS; i++) {
        snprintf(entries[i].key, sizeof(entries[i].key), "%u", i);
    }
    for (unsigned step = 0; step < STEPS; step++) {
        bool is_filling = step / 3000 % 2 == 0;
        struct entry *entry = &entries[nb_random_below(&random, KEYS)];

        if (nb_random_below(&random, 10) < (is_filling ? 8U : 2U)) {
            assert_int_equal(nb_map_insert(&map, key_of(entry), entry), !entry->is_in);
            entry->is_in = true;
        } else {
            assert_ptr_equal(nb_map_remove(&map, key_of(entry)), entry->is_in ? entry : NULL);
            entry->is_in = false;
        }
        if (step % 500 == 0) {
            assert_same_content(&map, entries);
        }
    }
    assert_same_content(&map, entries);
    nb_map_fini(&map);
    nb_map_fini(&map);
}

static void u64map_agrees_with_a_list_of_flags(void **state NB_UNUSED)
{
    static bool is_in[KEYS];
    struct nb_u64map map = {0};
    struct nb_random random;
    size_t count = 0;

    nb_random_init(&random, RANDOM_SEED);
    for (unsigned step = 0; step < STEPS; step++) {
        uint32_t i = nb_random_below(&random, KEYS);
        uint64_t key = (uint64_t)i << 33; // only high bits differ

        if (nb_random_below(&random, 10) < (step / 3000 % 2 == 0 ? 8U : 2U)) {
            assert_int_equal(nb_u64map_insert(&map, key, &is_in[i]), !is_in[i]);
            count += is_in[i] ? 0 : 1;
            is_in[i] = true;
        } else {
            assert_ptr_equal(nb_u64map_remove(&map, key), is_in[i] ? &is_in[i] : NULL);
            count -= is_in[i] ? 1 : 0;
            is_in[i] = false;
        }
        assert_int_equal(nb_u64map_count(&map), count);
        assert_ptr_equal(nb_u64map_find(&map, key), is_in[i] ? &is_in[i] : NULL);
    }
    for (size_t i = 0; i < KEYS; i++) {
        assert_ptr_equal(nb_u64map_find(&map, (uint64_t)i << 33), is_in[i] ? &is_in[i] : NULL);
    }
    for (size_t position = 0; nb_u64map_next(&map, &position) != NULL;) {
        count--;
    }
    assert_int_equal(count, 0);
    nb_u64map_fini(&map);
    nb_u64map_fini(&map);
}

static void an_empty_map_finds_nothing(void **state NB_UNUSED)
{
    struct nb_map map = {0};
    struct nb_u64map u64map = {0};
    size_t position = 0;

    assert_null(nb_map_find(&map, NB_SLICE("x")));
    assert_null(nb_map_remove(&map, NB_SLICE("x")));
    assert_null(nb_map_next(&map, &position));
    assert_null(nb_u64map_find(&u64map, 0));
    assert_null(nb_u64map_remove(&u64map, 0));
    assert_null(nb_u64map_next(&u64map, &position));
}

static void insert_keeps_the_first_value(void **state NB_UNUSED)
{
    struct nb_map map = {0};
    int first = 1;
    int second = 2;

    assert_true(nb_map_insert(&map, NB_SLICE(""), &first)); // the empty key is a key
    assert_false(nb_map_insert(&map, (struct slice){0}, &second));
    assert_ptr_equal(nb_map_find(&map, NB_SLICE("")), &first);
    assert_ptr_equal(nb_map_remove(&map, NB_SLICE("")), &first);
    nb_map_fini(&map);
}

static void an_emptied_map_gives_memory_back(void **state NB_UNUSED)
{
    struct nb_u64map map = {0};
    int value = 0;

    for (uint64_t i = 0; i < 100000; i++) {
        assert_true(nb_u64map_insert(&map, i, &value));
    }
    assert_true(map.room >= 100000);
    for (uint64_t i = 0; i < 100000; i++) {
        assert_non_null(nb_u64map_remove(&map, i));
    }
    assert_true(map.room <= 16);
    nb_u64map_fini(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(map_agrees_with_a_list_of_flags),
        cmocka_unit_test(u64map_agrees_with_a_list_of_flags),
        cmocka_unit_test(an_empty_map_finds_nothing),
        cmocka_unit_test(insert_keeps_the_first_value),
        cmocka_unit_test(an_emptied_map_gives_memory_back),
    };
    return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
