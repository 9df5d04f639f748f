#include "queue.h"

#include <natsd/clock.h>

#include <errno.h>

void queue_init(struct queue *queue)
{
    *queue = (struct queue){.bytes = 0};
    pthread_mutex_init(&queue->mutex, NULL);
    pthread_cond_init(&queue->changed, NULL);
    queue->last = &queue->first;
}

void queue_fini(struct queue *queue)
{
    struct queue_message *it = queue->first;

    while (it != NULL) {
        struct queue_message *next = it->next;

        nb_free(it);
        it = next;
    }
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->mutex);
}

static struct slice copy(uint8_t **to, struct slice from)
{
    struct slice copied = nb_slice_make(*to, from.n);

    if (from.n > 0) {
        memcpy(*to, from.p, from.n);
    }
    *to += from.n;
    return copied;
}

static size_t size_of(const struct nclient_message *message)
{
    return sizeof(struct queue_message) + message->subject.n + message->reply.n +
           message->headers.n + message->data.n;
}

static struct queue_message *copy_message(const struct nclient_message *message)
{
    struct queue_message *copied = nb_alloc(size_of(message));
    uint8_t *to = copied->bytes;

    copied->next = NULL;
    copied->received_ns = nb_wall_now().ns;
    copied->message.subject = copy(&to, message->subject);
    copied->message.reply = copy(&to, message->reply);
    copied->message.headers = copy(&to, message->headers);
    copied->message.data = copy(&to, message->data);
    return copied;
}

void queue_put(struct queue *queue, const struct nclient_message *message)
{
    size_t size = size_of(message);
    struct queue_message *copied = copy_message(message);

    pthread_mutex_lock(&queue->mutex);
    if (queue->first != NULL &&
        (queue->bytes > QUEUE_MAX_BYTES || size > QUEUE_MAX_BYTES - queue->bytes)) {
        queue->dropped++;
        nb_free(copied);
    } else {
        *queue->last = copied;
        queue->last = &copied->next;
        queue->bytes += size; // one alone may be larger than the limit
        pthread_cond_signal(&queue->changed);
    }
    pthread_mutex_unlock(&queue->mutex);
}

static void set(struct queue *queue, bool *flag)
{
    pthread_mutex_lock(&queue->mutex);
    *flag = true;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->mutex);
}

void queue_stop(struct queue *queue)
{
    set(queue, &queue->is_stopped);
}

void queue_close(struct queue *queue)
{
    set(queue, &queue->is_closed);
}

bool queue_is_empty(struct queue *queue)
{
    bool is_empty;

    pthread_mutex_lock(&queue->mutex);
    is_empty = queue->first == NULL;
    pthread_mutex_unlock(&queue->mutex);
    return is_empty;
}

uint64_t queue_take_dropped(struct queue *queue)
{
    uint64_t dropped;

    pthread_mutex_lock(&queue->mutex);
    dropped = queue->dropped;
    queue->dropped = 0;
    pthread_mutex_unlock(&queue->mutex);
    return dropped;
}

// False when the time is over. The lock is held.
static bool wait_change(struct queue *queue, int64_t end_ns)
{
    const struct timespec end = {.tv_sec = end_ns / NB_NS_PER_S, .tv_nsec = end_ns % NB_NS_PER_S};

    if (end_ns < 0) {
        return pthread_cond_wait(&queue->changed, &queue->mutex) == 0;
    }
    return pthread_cond_timedwait(&queue->changed, &queue->mutex, &end) != ETIMEDOUT;
}

bool queue_wait(struct queue *queue, int64_t ns)
{
    int64_t end_ns = nb_wall_now().ns + ns;
    bool is_over = false;

    pthread_mutex_lock(&queue->mutex);
    while (!queue->is_stopped && !queue->is_closed && wait_change(queue, end_ns)) {
    }
    is_over = queue->is_stopped || queue->is_closed;
    pthread_mutex_unlock(&queue->mutex);
    return !is_over;
}

static struct queue_message *take_first(struct queue *queue)
{
    struct queue_message *first = queue->first;

    queue->first = first->next;
    if (queue->first == NULL) {
        queue->last = &queue->first;
        queue->bytes = 0;
    } else {
        queue->bytes -= size_of(&first->message);
    }
    return first;
}

enum queue_outcome queue_take(struct queue *queue, int64_t timeout_ns, struct queue_message **out)
{
    int64_t end_ns = timeout_ns < 0 ? -1 : nb_wall_now().ns + timeout_ns;
    enum queue_outcome outcome = QUEUE_MESSAGE;

    *out = NULL;
    pthread_mutex_lock(&queue->mutex);
    while (queue->first == NULL && !queue->is_stopped && !queue->is_closed) {
        if (!wait_change(queue, end_ns)) {
            break;
        }
    }
    if (queue->is_stopped) {
        outcome = QUEUE_STOPPED;
    } else if (queue->first != NULL) {
        *out = take_first(queue);
    } else {
        outcome = queue->is_closed ? QUEUE_CLOSED : QUEUE_TIMEOUT;
    }
    pthread_mutex_unlock(&queue->mutex);
    return outcome;
}
