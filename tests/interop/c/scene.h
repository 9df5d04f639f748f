/* scene.h - what a test is made of: servers, connections and subscriptions that end with it.
 *
 * All of this is for the test's own thread; only bells are rung by the library's threads. What
 * fails here fails the test.
 */
#pragma once

#include "nb_test.h"
#include "server.h"

#include <nats/nats.h>
#include <pthread.h>
#include <stdbool.h>

// Counts events of one kind, for the test to await one by one.
struct bell {
    pthread_mutex_t mutex;
    pthread_cond_t rung;
    int events;
    int taken;
    natsStatus status; // of the last event, where the library gives one
};

void bell_open(struct bell *bell);
void bell_close(struct bell *bell);
void bell_ring(struct bell *bell, natsStatus status);

// Awaits the next event, and returns the status of the last.
natsStatus bell_await(struct bell *bell, const char *what);

// Whether there was no event yet, and comes none for so long.
bool bell_stays_silent(struct bell *bell, int milliseconds);

// A connection and its events.
struct link {
    natsConnection *nc;
    struct bell errors, disconnected, reconnected, closed, lame_duck;
};

struct scene;

int scene_setup(void **state);
int scene_teardown(void **state);
#define SCENE_TEST(function) \
    cmocka_unit_test_setup_teardown((function), scene_setup, scene_teardown)

// A server with these lines in its configuration.
struct server *scene_server(struct scene *scene, const char *config);

// Options for a connection to the server that reconnects fast; to be given to scene_connect.
natsOptions *scene_options(struct scene *scene, const struct server *server);

// Connects. The options, or NULL for the plain ones, are used up.
struct link *scene_connect(struct scene *scene, const struct server *server, natsOptions *options);

// Expects that connecting fails, and returns why. The options are used up.
natsStatus scene_refused(struct scene *scene, const struct server *server, natsOptions *options);

// Subscriptions known to the server, whose messages are taken by next().
natsSubscription *scene_subscribe(struct scene *scene, struct link *link, const char *subject);
natsSubscription *scene_join(struct scene *scene, struct link *link, const char *subject,
                             const char *queue);

// A subscription known to the server, with a handler in the library's thread.
natsSubscription *scene_handle(struct scene *scene, struct link *link, const char *subject,
                               natsMsgHandler handler, void *closure);

// A step of the library that must succeed.
#define WELL(call) well((call), #call, __FILE__, __LINE__)
void well(natsStatus status, const char *call, const char *file, int line);

void publish(struct link *link, const char *subject, const char *text);
void publish_numbered(struct link *link, const char *subject, int first, int count);

// Returns when the server has answered to all that was sent.
void flush(struct link *link);

// The next message, which the caller destroys.
natsMsg *next(natsSubscription *sub);
void want_next(natsSubscription *sub, const char *text);
void want_numbered(natsSubscription *sub, int first, int count);

// Relies on order: what was meant for the subscription came before a flush was answered.
void want_no_more(natsSubscription *sub);

// Checks that a connection is of use.
void want_exchange(struct scene *scene, struct link *link);

// Payloads up to the limit arrive; above it they are refused by the library.
void want_large_payloads(struct scene *scene, struct link *from, struct link *to);
