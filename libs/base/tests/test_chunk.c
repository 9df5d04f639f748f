#include <natsd/chunk.h>

#include "nb_test.h"

#include <pthread.h>
#include <string.h>

static void the_last_reference_owns_the_chunk(void **state NB_UNUSED)
{
    struct nb_chunk *chunk = nb_chunk_create(100);

    assert_int_equal(chunk->size, 100);
    assert_int_equal((uintptr_t)chunk->data % 16, 0);
    memset(chunk->data, 'x', 100);
    assert_true(nb_chunk_is_unshared(chunk));
    assert_ptr_equal(nb_chunk_ref(chunk), chunk);
    assert_false(nb_chunk_is_unshared(chunk));
    assert_false(nb_chunk_drop(chunk));
    assert_true(nb_chunk_is_unshared(chunk));
    assert_true(nb_chunk_drop(chunk));
    nb_chunk_go_home(chunk, NULL);
    nb_chunk_unref(nb_chunk_create(0));
}

static const int me; // whose pools these are

static void pool_keeps_chunks_up_to_its_limit(void **state NB_UNUSED)
{
    struct nb_chunk_pool pool;
    struct nb_chunk *chunks[3];

    nb_chunk_pool_init(&pool, &me, 64, 2);
    for (size_t i = 0; i < 3; i++) {
        chunks[i] = nb_chunk_pool_get(&pool);
        assert_int_equal(chunks[i]->size, 64);
    }
    for (size_t i = 0; i < 3; i++) {
        nb_chunk_put(chunks[i], &me);
    }
    assert_int_equal(pool.idle_count, 2);
    assert_ptr_equal(nb_chunk_pool_get(&pool), chunks[1]); // the one that is warm
    assert_true(nb_chunk_is_unshared(chunks[1]));
    nb_chunk_put(chunks[1], &me);
    nb_chunk_pool_fini(&pool);
    nb_chunk_pool_fini(&pool);
    assert_int_equal(pool.idle_count, 0);
}

static void chunks_go_home_to_their_own_pool(void **state NB_UNUSED)
{
    struct nb_chunk_pool small;
    struct nb_chunk_pool large;
    struct nb_chunk *chunk;

    nb_chunk_pool_init(&small, &me, 64, 2);
    nb_chunk_pool_init(&large, &me, 128, 2);
    nb_chunk_put(nb_chunk_create(64), &me); // of no pool
    assert_int_equal(small.idle_count, 0);
    chunk = nb_chunk_ref(nb_chunk_pool_get(&large));
    nb_chunk_put(chunk, &me);
    assert_int_equal(large.idle_count, 0);
    nb_chunk_put(chunk, &me);
    assert_int_equal(large.idle_count, 1);
    assert_int_equal(small.idle_count, 0);
    nb_chunk_pool_fini(&small);
    nb_chunk_pool_fini(&large);
}

static void chunks_that_others_dropped_are_collected(void **state NB_UNUSED)
{
    struct nb_chunk_pool pool;
    struct nb_chunk *chunks[3];

    nb_chunk_pool_init(&pool, &me, 64, 2);
    for (size_t i = 0; i < 3; i++) {
        chunks[i] = nb_chunk_pool_get(&pool);
    }
    for (size_t i = 0; i < 3; i++) {
        nb_chunk_unref(chunks[i]); // the third one is above the limit
    }
    assert_int_equal(pool.idle_count, 0);
    for (size_t i = 0; i < 2; i++) {
        struct nb_chunk *chunk = nb_chunk_pool_get(&pool);

        assert_true(chunk == chunks[0] || chunk == chunks[1]);
        assert_true(nb_chunk_is_unshared(chunk));
        chunks[i] = chunk;
    }
    assert_int_equal(pool.idle_count, 0);
    nb_chunk_unref(chunks[0]); // is there when the pool ends
    nb_chunk_put(chunks[1], &me);
    nb_chunk_pool_fini(&pool);
}

static void trimming_frees_what_nobody_needed(void **state NB_UNUSED)
{
    enum { COUNT = 8 };
    struct nb_chunk_pool pool;
    struct nb_chunk *chunks[COUNT];

    nb_chunk_pool_init(&pool, &me, 64, COUNT);
    nb_chunk_pool_trim(&pool);
    assert_int_equal(pool.idle_count, 0);
    for (size_t i = 0; i < COUNT; i++) {
        chunks[i] = nb_chunk_pool_get(&pool);
    }
    for (size_t i = 0; i < COUNT; i++) {
        nb_chunk_put(chunks[i], &me);
    }
    nb_chunk_pool_trim(&pool); // all were needed since the last time
    assert_int_equal(pool.idle_count, COUNT);
    chunks[0] = nb_chunk_pool_get(&pool);
    chunks[1] = nb_chunk_pool_get(&pool);
    nb_chunk_put(chunks[0], &me);
    nb_chunk_put(chunks[1], &me);
    nb_chunk_pool_trim(&pool);
    assert_int_equal(pool.idle_count, 5); // half of the six that lay idle all the time
    for (size_t i = 0; i < COUNT; i++) {
        nb_chunk_pool_trim(&pool);
    }
    assert_int_equal(pool.idle_count, 0);
    nb_chunk_pool_fini(&pool);
}

enum { THREADS = 4, ROUNDS = 20000 };

static void *ref_and_unref(void *arg)
{
    struct nb_chunk *chunk = arg;

    for (unsigned i = 0; i < ROUNDS; i++) {
        nb_chunk_ref(chunk);
        nb_chunk_unref(chunk);
    }
    nb_chunk_unref(chunk); // the thread's own; the last one of all frees
    return NULL;
}

static void references_are_counted_across_threads(void **state NB_UNUSED)
{
    struct nb_chunk *chunk = nb_chunk_create(16);
    pthread_t threads[THREADS];

    for (unsigned i = 0; i < THREADS; i++) {
        nb_chunk_ref(chunk);
        assert_int_equal(pthread_create(&threads[i], NULL, ref_and_unref, chunk), 0);
    }
    nb_chunk_unref(chunk);
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
}

// One thread keeps putting chunks back that the other drops at the same moment.
static void *drop_what_is_posted(void *arg)
{
    _Atomic(struct nb_chunk *) *post = arg;

    for (unsigned i = 0; i < ROUNDS; i++) {
        struct nb_chunk *chunk;

        do {
            chunk = atomic_exchange(post, NULL);
        } while (chunk == NULL);
        nb_chunk_unref(chunk);
    }
    return NULL;
}

static void a_chunk_from_the_pool_always_has_one_reference(void **state NB_UNUSED)
{
    _Atomic(struct nb_chunk *) post = NULL;
    struct nb_chunk_pool pool;
    pthread_t thread;

    nb_chunk_pool_init(&pool, &me, 16, 4);
    assert_int_equal(pthread_create(&thread, NULL, drop_what_is_posted, &post), 0);
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct nb_chunk *chunk = nb_chunk_pool_get(&pool);

        assert_true(nb_chunk_is_unshared(chunk));
        atomic_store(&post, nb_chunk_ref(chunk));
        while (i % 2 == 0 && atomic_load(&post) != NULL) {
            // so that both drop at about the same time
        }
        nb_chunk_put(chunk, &me);
        while (atomic_load(&post) != NULL) {
        }
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    nb_chunk_pool_fini(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_reference_owns_the_chunk),
        cmocka_unit_test(pool_keeps_chunks_up_to_its_limit),
        cmocka_unit_test(chunks_go_home_to_their_own_pool),
        cmocka_unit_test(chunks_that_others_dropped_are_collected),
        cmocka_unit_test(trimming_frees_what_nobody_needed),
        cmocka_unit_test(references_are_counted_across_threads),
        cmocka_unit_test(a_chunk_from_the_pool_always_has_one_reference),
    };
    return cmocka_run_group_tests_name("chunk", tests, NULL, NULL);
}
