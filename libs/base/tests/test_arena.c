#include <natsd/arena.h>

#include "nb_test.h"

static void memory_is_aligned_zeroed_and_stays(void **state NB_UNUSED)
{
    struct nb_arena arena;
    uint8_t *blocks[500];

    nb_arena_init(&arena, 1024 * 1024);
    for (size_t i = 0; i < NB_ARRAY_LEN(blocks); i++) {
        blocks[i] = nb_arena_alloc(&arena, i);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % _Alignof(max_align_t), 0);
        for (size_t j = 0; j < i; j++) {
            assert_int_equal(blocks[i][j], 0);
        }
        memset(blocks[i], (int)(i & 0xFF), i);
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(blocks); i++) {
        for (size_t j = 0; j < i; j++) {
            assert_int_equal(blocks[i][j], i & 0xFF);
        }
    }
    nb_arena_fini(&arena);
    nb_arena_fini(&arena);
}

static void alloc_refuses_at_the_limit(void **state NB_UNUSED)
{
    struct nb_arena arena;
    size_t count = 0;

    nb_arena_init(&arena, 4096);
    assert_null(nb_arena_alloc(&arena, 4097));
    assert_null(nb_arena_alloc(&arena, SIZE_MAX));
    while (nb_arena_alloc(&arena, 64) != NULL) {
        count++;
    }
    assert_int_equal(count, 4096 / 64);
    assert_null(nb_arena_dup(&arena, NB_SLICE("x")).p);
    nb_arena_fini(&arena);
}

static void the_whole_limit_can_be_one_allocation(void **state NB_UNUSED)
{
    struct nb_arena arena;
    uint8_t *all;

    nb_arena_init(&arena, 100000);
    all = nb_arena_alloc(&arena, 100000);
    assert_non_null(all);
    all[99999] = 1;
    assert_null(nb_arena_alloc(&arena, 1));
    nb_arena_fini(&arena);
    assert_non_null(nb_arena_alloc(&arena, 100000)); // usable again
    nb_arena_fini(&arena);
}

static void dup_copies_and_terminates(void **state NB_UNUSED)
{
    struct nb_arena arena;
    struct slice copy;

    nb_arena_init(&arena, 1000);
    copy = nb_arena_dup(&arena, NB_SLICE("abc"));
    assert_string_equal((const char *)copy.p, "abc");
    assert_int_equal(copy.n, 3);
    copy = nb_arena_dup(&arena, (struct slice){0});
    assert_non_null(copy.p);
    assert_int_equal(copy.n, 0);
    nb_arena_fini(&arena);
}

static void a_zeroed_arena_holds_nothing(void **state NB_UNUSED)
{
    struct nb_arena arena = {0};

    assert_null(nb_arena_alloc(&arena, 1));
    nb_arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_aligned_zeroed_and_stays),
        cmocka_unit_test(alloc_refuses_at_the_limit),
        cmocka_unit_test(the_whole_limit_can_be_one_allocation),
        cmocka_unit_test(dup_copies_and_terminates),
        cmocka_unit_test(a_zeroed_arena_holds_nothing),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
