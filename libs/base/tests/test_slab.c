#include <natsd/slab.h>

#include "nb_test.h"

#include <natsd/memory.h>
#include <natsd/random.h>

#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    OBJECT_COUNT = 3000,
    STEP_COUNT = 200000,
};

struct object {
    uint8_t *p; // NULL: not there
    size_t size;
    uint8_t mark;
};

static void fill(struct object *object)
{
    memset(object->p, object->mark, object->size);
}

static bool is_intact(const struct object *object)
{
    for (size_t i = 0; i < object->size; i++) {
        if (object->p[i] != object->mark) {
            return false;
        }
    }
    return true;
}

static void every_size_has_its_bytes_and_its_alignment(void **state NB_UNUSED)
{
    struct nb_slab_pool pool = {0};
    struct object objects[NB_SLAB_CELL_MAX_BYTES + 3];

    nb_slab_pool_init(&pool);
    for (size_t size = 0; size < NB_ARRAY_LEN(objects); size++) {
        objects[size] = (struct object){nb_slab_get(&pool, size), size, (uint8_t)size};
        assert_int_equal((uintptr_t)objects[size].p % 8, 0);
        fill(&objects[size]);
    }
    for (size_t size = 0; size < NB_ARRAY_LEN(objects); size++) {
        assert_true(is_intact(&objects[size]));
        nb_slab_put(&pool, objects[size].p, size);
    }
    nb_slab_pool_fini(&pool);
    nb_slab_pool_fini(&pool);
}

// Sizes 81 to 88 are one class: what one gives back, the next may have.
static void a_cell_is_used_again(void **state NB_UNUSED)
{
    struct nb_slab_pool pool = {0};
    void *kept = nb_slab_get(&pool, 88);
    void *first = nb_slab_get(&pool, 81);

    nb_slab_put(&pool, first, 81);
    assert_ptr_equal(nb_slab_get(&pool, 88), first);
    nb_slab_put(&pool, first, 88);
    assert_int_equal(pool.used_count, 1);
    nb_slab_put(&pool, kept, 88);
    nb_slab_pool_fini(&pool);
}

// Random gets and puts; nobody writes into another's bytes.
static void objects_never_overlap(void **state NB_UNUSED)
{
    struct nb_slab_pool pool = {0};
    struct object *objects = nb_calloc(OBJECT_COUNT, sizeof(*objects));
    struct nb_random random;

    nb_random_init(&random, 11);
    for (unsigned step = 0; step < STEP_COUNT; step++) {
        struct object *object = &objects[nb_random_below(&random, OBJECT_COUNT)];

        if (object->p == NULL) {
            object->size = 70 + nb_random_below(&random, 200);
            object->mark = (uint8_t)nb_random_below(&random, 256);
            object->p = nb_slab_get(&pool, object->size);
            fill(object);
        } else {
            assert_true(is_intact(object));
            nb_slab_put(&pool, object->p, object->size);
            object->p = NULL;
        }
    }
    for (unsigned i = 0; i < OBJECT_COUNT; i++) {
        if (objects[i].p != NULL) {
            assert_true(is_intact(&objects[i]));
            nb_slab_put(&pool, objects[i].p, objects[i].size);
        }
    }
    nb_slab_pool_fini(&pool);
    nb_free(objects);
}

static size_t resident_pages(void *const *objects, size_t count)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t last = 0;
    size_t resident = 0;

    for (size_t i = 0; i < count; i++) { // in the order of their addresses within each slab
        uintptr_t at = (uintptr_t)objects[i] & ~(page - 1);
        unsigned char is_resident = 0;

        if (at != last) {
            assert_int_equal(mincore((void *)at, page, &is_resident), 0);
            resident += is_resident & 1;
        }
        last = at;
    }
    return resident;
}

// In the order in which they came, and the other way round; the pool is used again after it.
static void what_is_empty_is_given_back(void **state NB_UNUSED)
{
    enum { SIZE = 88, COUNT = 20 * (NB_SLAB_BYTES / SIZE) };
    struct nb_slab_pool pool = {0};
    void **objects = nb_calloc(COUNT, sizeof(*objects));
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    for (unsigned round = 0; round < 4; round++) {
        for (size_t i = 0; i < COUNT; i++) {
            objects[i] = nb_slab_get(&pool, SIZE);
            memset(objects[i], 'x', SIZE);
        }
        assert_true(pool.used_count >= 20 && pool.used_count <= 22);
        assert_true(resident_pages(objects, COUNT) >= COUNT * SIZE / page);
        for (size_t i = 0; i < COUNT; i++) {
            nb_slab_put(&pool, objects[round % 2 == 0 ? i : COUNT - 1 - i], SIZE);
        }
        assert_int_equal(pool.used_count, 1); // the last one stays, with all its pages
        assert_true(resident_pages(objects, COUNT) <= NB_SLAB_BYTES / page + 22);
    }
    nb_slab_pool_fini(&pool);
    nb_free(objects);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_has_its_bytes_and_its_alignment),
        cmocka_unit_test(a_cell_is_used_again),
        cmocka_unit_test(objects_never_overlap),
        cmocka_unit_test(what_is_empty_is_given_back),
    };

    return cmocka_run_group_tests_name("slab", tests, NULL, NULL);
}
