#include "signals.h"

#include "exit_code.h"

#include <signal.h>
#include <unistd.h>

static void fill(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGHUP);
}

static void *watch(void *arg)
{
    const struct signals *signals = arg;
    sigset_t set;
    int number;

    fill(&set);
    if (sigwait(&set, &number) == 0) {
        signals->stop(signals->ctx, number);
    }
    if (sigwait(&set, &number) == 0) {
        _exit(EXIT_CODE_SIGNAL + number);
    }
    return NULL;
}

void signals_watch(struct signals *signals, signals_stop_fn stop, void *ctx)
{
    sigset_t set;

    fill(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signals->stop = stop;
    signals->ctx = ctx;
    signals->is_watching = pthread_create(&signals->thread, NULL, watch, signals) == 0;
    if (!signals->is_watching) {
        pthread_sigmask(SIG_UNBLOCK, &set, NULL); // then they just end the program
    }
}

void signals_unwatch(struct signals *signals)
{
    if (signals->is_watching) {
        pthread_cancel(signals->thread); // sigwait() is where it is
        pthread_join(signals->thread, NULL);
        signals->is_watching = false;
    }
}
