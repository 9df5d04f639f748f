#include <natsd/lock.h>

#include <natsd/error.h>

// The bodies are what the annotations promise, but Clang can't see into pthreads.
#if defined(__clang__)
#define NO_LOCK_ANALYSIS __attribute__((no_thread_safety_analysis))
#else
#define NO_LOCK_ANALYSIS
#endif

static void must(int rc)
{
    if (rc != 0) {
        NB_UNREACHABLE("a lock was misused");
    }
}

void nb_mutex_init(struct nb_mutex *mutex)
{
    must(pthread_mutex_init(&mutex->mutex, NULL));
}

void nb_mutex_fini(struct nb_mutex *mutex)
{
    must(pthread_mutex_destroy(&mutex->mutex));
}

NO_LOCK_ANALYSIS void nb_mutex_lock(struct nb_mutex *mutex)
{
    must(pthread_mutex_lock(&mutex->mutex));
}

NO_LOCK_ANALYSIS void nb_mutex_unlock(struct nb_mutex *mutex)
{
    must(pthread_mutex_unlock(&mutex->mutex));
}

void nb_rwlock_init(struct nb_rwlock *lock)
{
    pthread_rwlockattr_t attr;

    // The default lets a stream of readers keep writers out for ever.
    must(pthread_rwlockattr_init(&attr));
    must(pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP));
    must(pthread_rwlock_init(&lock->lock, &attr));
    must(pthread_rwlockattr_destroy(&attr));
}

void nb_rwlock_fini(struct nb_rwlock *lock)
{
    must(pthread_rwlock_destroy(&lock->lock));
}

NO_LOCK_ANALYSIS void nb_rwlock_read(struct nb_rwlock *lock)
{
    must(pthread_rwlock_rdlock(&lock->lock));
}

NO_LOCK_ANALYSIS void nb_rwlock_read_unlock(struct nb_rwlock *lock)
{
    must(pthread_rwlock_unlock(&lock->lock));
}

NO_LOCK_ANALYSIS void nb_rwlock_write(struct nb_rwlock *lock)
{
    must(pthread_rwlock_wrlock(&lock->lock));
}

NO_LOCK_ANALYSIS void nb_rwlock_write_unlock(struct nb_rwlock *lock)
{
    must(pthread_rwlock_unlock(&lock->lock));
}
