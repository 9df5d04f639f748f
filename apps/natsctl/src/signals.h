/* signals.h - the end of commands that run until they are told (spec 12 section 9.6). */
#pragma once

#include "queue.h"

struct signals {
    pthread_t thread;
    bool is_watching;
};

// From now on the first SIGINT, SIGTERM or SIGHUP stops the queue and the second one ends the
// program. Called before other threads are made: they inherit what is blocked.
void signals_watch(struct signals *signals, struct queue *queue);
void signals_unwatch(struct signals *signals); // fine when nothing is watched
