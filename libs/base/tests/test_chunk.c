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
    nb_chunk_free(chunk);
    nb_chunk_unref(nb_chunk_create(0));
}

static void pool_keeps_chunks_up_to_its_limit(void **state NB_UNUSED)
{
    struct nb_chunk_pool pool;
    struct nb_chunk *chunks[3];

    nb_chunk_pool_init(&pool, 64, 2);
    for (size_t i = 0; i < 3; i++) {
        chunks[i] = nb_chunk_pool_get(&pool);
        assert_int_equal(chunks[i]->size, 64);
    }
    for (size_t i = 0; i < 3; i++) {
        nb_chunk_pool_put(&pool, chunks[i]);
    }
    assert_int_equal(pool.idle_count, 2);
    assert_ptr_equal(nb_chunk_pool_get(&pool), chunks[1]); // the one that is warm
    assert_true(nb_chunk_is_unshared(chunks[1]));
    nb_chunk_unref(chunks[1]);
    nb_chunk_pool_fini(&pool);
    nb_chunk_pool_fini(&pool);
    assert_int_equal(pool.idle_count, 0);
}

static void pool_does_not_keep_what_is_shared_or_of_another_size(void **state NB_UNUSED)
{
    struct nb_chunk_pool pool;
    struct nb_chunk *chunk;

    nb_chunk_pool_init(&pool, 64, 2);
    nb_chunk_pool_put(&pool, nb_chunk_create(65));
    assert_int_equal(pool.idle_count, 0);
    chunk = nb_chunk_ref(nb_chunk_pool_get(&pool));
    nb_chunk_pool_put(&pool, chunk);
    assert_int_equal(pool.idle_count, 0);
    nb_chunk_pool_put(&pool, chunk);
    assert_int_equal(pool.idle_count, 1);
    assert_true(nb_chunk_is_unshared(nb_chunk_ref(nb_chunk_pool_get(&pool))) == false);
    assert_false(nb_chunk_drop(chunk));
    nb_chunk_unref(chunk);
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

    nb_chunk_pool_init(&pool, 16, 4);
    assert_int_equal(pthread_create(&thread, NULL, drop_what_is_posted, &post), 0);
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct nb_chunk *chunk = nb_chunk_pool_get(&pool);

        assert_true(nb_chunk_is_unshared(chunk));
        atomic_store(&post, nb_chunk_ref(chunk));
        while (i % 2 == 0 && atomic_load(&post) != NULL) {
            // so that both drop at about the same time
        }
        nb_chunk_pool_put(&pool, chunk);
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
        cmocka_unit_test(pool_does_not_keep_what_is_shared_or_of_another_size),
        cmocka_unit_test(references_are_counted_across_threads),
        cmocka_unit_test(a_chunk_from_the_pool_always_has_one_reference),
    };
    return cmocka_run_group_tests_name("chunk", tests, NULL, NULL);
}
