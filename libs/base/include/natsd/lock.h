/* natsd/lock.h - mutexes and reader-writer locks that cannot fail. A failure of the system's
 * lock is a mistake of ours and ends the process. Never call out under a lock. A writer that
 * waits keeps new readers out, so no thread takes a read lock twice.
 */
#pragma once

#include <pthread.h>

#if defined(__clang__)
#define NB_CAPABILITY __attribute__((capability("mutex")))
#define NB_ACQUIRE(...) __attribute__((acquire_capability(__VA_ARGS__)))
#define NB_RELEASE(...) __attribute__((release_capability(__VA_ARGS__)))
#define NB_ACQUIRE_SHARED(...) __attribute__((acquire_shared_capability(__VA_ARGS__)))
#define NB_RELEASE_SHARED(...) __attribute__((release_shared_capability(__VA_ARGS__)))
#else
#define NB_CAPABILITY
#define NB_ACQUIRE(...)
#define NB_RELEASE(...)
#define NB_ACQUIRE_SHARED(...)
#define NB_RELEASE_SHARED(...)
#endif

// What protects a field; for readers. Clang's attribute of this purpose cannot name a member of
// the same struct in C.
#define NB_GUARDED_BY(mutex)

#ifdef __cplusplus
extern "C" {
#endif

struct NB_CAPABILITY nb_mutex {
    pthread_mutex_t mutex;
};

struct NB_CAPABILITY nb_rwlock {
    pthread_rwlock_t lock;
};

void nb_mutex_init(struct nb_mutex *mutex);
void nb_mutex_fini(struct nb_mutex *mutex);
void nb_mutex_lock(struct nb_mutex *mutex) NB_ACQUIRE(mutex);
void nb_mutex_unlock(struct nb_mutex *mutex) NB_RELEASE(mutex);

void nb_rwlock_init(struct nb_rwlock *lock);
void nb_rwlock_fini(struct nb_rwlock *lock);
void nb_rwlock_read(struct nb_rwlock *lock) NB_ACQUIRE_SHARED(lock);
void nb_rwlock_read_unlock(struct nb_rwlock *lock) NB_RELEASE_SHARED(lock);
void nb_rwlock_write(struct nb_rwlock *lock) NB_ACQUIRE(lock);
void nb_rwlock_write_unlock(struct nb_rwlock *lock) NB_RELEASE(lock);

#ifdef __cplusplus
}
#endif
