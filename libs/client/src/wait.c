#include "state.h"

#include <errno.h>

void nclient__waiter_init(struct nclient__waiter *waiter)
{
    *waiter = (struct nclient__waiter){.rc = NB_OK};
    if (sem_init(&waiter->sem, 0, 0) != 0) {
        NB_UNREACHABLE("a semaphore in memory");
    }
}

void nclient__waiter_drop(struct nclient__waiter *waiter)
{
    (void)sem_destroy(&waiter->sem); // nobody waits
}

int nclient__waiter_wait(struct nclient__waiter *waiter)
{
    while (sem_wait(&waiter->sem) != 0) {
        assert(errno == EINTR);
    }
    nclient__waiter_drop(waiter);
    return waiter->rc;
}

void nclient__waiter_signal(struct nclient__waiter *waiter, int rc, const char *text)
{
    waiter->rc = rc;
    nb_diag_set(&waiter->diag, "%s", text);
    if (sem_post(&waiter->sem) != 0) { // the last touch: it lies on the other thread's stack
        NB_UNREACHABLE("a semaphore that is waited for once");
    }
}

static void on_flushed(void *ctx, int rc)
{
    nclient__waiter_signal(ctx, rc, "");
}

int nclient_flush_wait(struct nclient *client, int64_t timeout_ns)
{
    struct nclient__waiter waiter;

    assert(!nnet_worker_is_current(client->worker));
    nclient__waiter_init(&waiter);
    nclient_flush(client, timeout_ns, on_flushed, &waiter);
    return nclient__waiter_wait(&waiter);
}

static int64_t time_left(int64_t timeout_ns, struct nb_mono start)
{
    int64_t left_ns = timeout_ns - nb_mono_since(nb_mono_now(), start);

    if (timeout_ns == 0) {
        return 0; // no limit
    }
    return left_ns > 0 ? left_ns : 1;
}

int nclient_drain_wait(struct nclient *client, int64_t timeout_ns)
{
    struct nb_mono start = nb_mono_now();
    struct nclient__waiter waiter;
    int rc;

    assert(!nnet_worker_is_current(client->worker));
    nclient__waiter_init(&waiter);
    nclient__drain_subs(client, timeout_ns, on_flushed, &waiter);
    rc = nclient__waiter_wait(&waiter);
    if (rc == NB_OK) { // what the last callbacks published
        rc = nclient_flush_wait(client, time_left(timeout_ns, start));
    }
    nclient_close_wait(client);
    return rc;
}
