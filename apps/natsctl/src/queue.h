/* queue.h - messages on their way from the client's thread to main's, which writes them.
 *
 * The client's callbacks must not block, standard output may. So messages are copied and wait
 * here, up to a limit; beyond it they are dropped and counted.
 */
#pragma once

#include <natsd/client.h>

#include <pthread.h>

enum {
    QUEUE_MAX_BYTES = 64 * 1024 * 1024,
};

struct queue_message {
    struct queue_message *next;
    struct nclient_message message; // into `bytes`
    int64_t received_ns;            // wall clock
    uint8_t bytes[];
};

enum queue_outcome {
    QUEUE_MESSAGE,
    QUEUE_TIMEOUT,
    QUEUE_STOPPED, // a signal came
    QUEUE_CLOSED,  // the client ended for good
};

struct queue {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    // guarded by it
    struct queue_message *first;
    struct queue_message **last;
    size_t bytes;
    uint64_t dropped;
    bool is_stopped;
    bool is_closed;
};

void queue_init(struct queue *queue);
void queue_fini(struct queue *queue);

// [any]
void queue_put(struct queue *queue, const struct nclient_message *message);
void queue_stop(struct queue *queue);
void queue_close(struct queue *queue);
bool queue_is_empty(struct queue *queue);
uint64_t queue_take_dropped(struct queue *queue); // since the last call

// Waits for the time alone; false when a stop or the end came first.
bool queue_wait(struct queue *queue, int64_t ns);
// Waits; timeout_ns < 0: for ever. Messages that are there come before anything else, but for a
// stop. *out is freed with nb_free().
enum queue_outcome queue_take(struct queue *queue, int64_t timeout_ns, struct queue_message **out);
