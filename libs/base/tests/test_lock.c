#include <natsd/lock.h>

#include <natsd/error.h>

#include "nb_test.h"

enum { THREADS = 4, ROUNDS = 5000 };

struct shared {
    struct nb_mutex mutex;
    struct nb_rwlock rwlock;
    unsigned by_mutex;
    unsigned by_rwlock;
};

static void *count_up(void *arg)
{
    struct shared *shared = arg;

    for (unsigned i = 0; i < ROUNDS; i++) {
        nb_mutex_lock(&shared->mutex);
        shared->by_mutex++;
        nb_mutex_unlock(&shared->mutex);
        nb_rwlock_write(&shared->rwlock);
        shared->by_rwlock++;
        nb_rwlock_write_unlock(&shared->rwlock);
        nb_rwlock_read(&shared->rwlock);
        assert_true(shared->by_rwlock > i);
        nb_rwlock_read_unlock(&shared->rwlock);
    }
    return NULL;
}

static void locks_keep_threads_apart(void **state NB_UNUSED)
{
    struct shared shared = {.by_mutex = 0};
    pthread_t threads[THREADS];

    nb_mutex_init(&shared.mutex);
    nb_rwlock_init(&shared.rwlock);
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, count_up, &shared), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(shared.by_mutex, THREADS * ROUNDS);
    assert_int_equal(shared.by_rwlock, THREADS * ROUNDS);
    nb_mutex_fini(&shared.mutex);
    nb_rwlock_fini(&shared.rwlock);
}

static void readers_share_and_a_writer_does_not(void **state NB_UNUSED)
{
    struct nb_rwlock lock;

    nb_rwlock_init(&lock);
    nb_rwlock_read(&lock);
    nb_rwlock_read(&lock);
    assert_int_not_equal(pthread_rwlock_trywrlock(&lock.lock), 0);
    nb_rwlock_read_unlock(&lock);
    nb_rwlock_read_unlock(&lock);
    nb_rwlock_write(&lock);
    assert_int_not_equal(pthread_rwlock_tryrdlock(&lock.lock), 0);
    nb_rwlock_write_unlock(&lock);
    nb_rwlock_fini(&lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(locks_keep_threads_apart),
        cmocka_unit_test(readers_share_and_a_writer_does_not),
    };
    return cmocka_run_group_tests_name("lock", tests, NULL, NULL);
}
