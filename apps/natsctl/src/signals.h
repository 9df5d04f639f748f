/* signals.h - the end of commands that run until they are told (spec 12 section 9.6). */
#pragma once

#include <pthread.h>
#include <stdbool.h>

typedef void (*signals_stop_fn)(void *ctx, int number); // in a thread of its own

struct signals {
    pthread_t thread;
    bool is_watching;
    signals_stop_fn stop;
    void *ctx;
};

// From now on the first SIGINT, SIGTERM or SIGHUP calls `stop` and the second one ends the
// program. Called before other threads are made: they inherit what is blocked.
void signals_watch(struct signals *signals, signals_stop_fn stop, void *ctx);
void signals_unwatch(struct signals *signals); // fine when nothing is watched
