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
    struct queue *queue = arg;
    sigset_t set;
    int number;

    fill(&set);
    if (sigwait(&set, &number) == 0) {
        queue_stop(queue);
    }
    if (sigwait(&set, &number) == 0) {
        _exit(EXIT_CODE_SIGNAL + number);
    }
    return NULL;
}

void signals_watch(struct signals *signals, struct queue *queue)
{
    sigset_t set;

    fill(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signals->is_watching = pthread_create(&signals->thread, NULL, watch, queue) == 0;
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
