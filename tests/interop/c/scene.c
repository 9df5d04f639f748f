#include "scene.h"

#include <string.h>
#include <time.h>

// What is undone at the end of the test, the last first.
struct undo {
    void (*end)(void *object);
    void *object;
};

struct scene {
    struct undo *undos;
    size_t n;
    size_t capacity;
};

void bell_open(struct bell *bell)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&bell->rung, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&bell->mutex, NULL);
    bell->events = bell->taken = 0;
    bell->status = NATS_OK;
}

void bell_close(struct bell *bell)
{
    pthread_cond_destroy(&bell->rung);
    pthread_mutex_destroy(&bell->mutex);
}

void bell_ring(struct bell *bell, natsStatus status)
{
    pthread_mutex_lock(&bell->mutex);
    bell->events++;
    bell->status = status;
    pthread_cond_signal(&bell->rung);
    pthread_mutex_unlock(&bell->mutex);
}

// Whether there were more events than these, at the latest after so long.
static bool rings_beyond(struct bell *bell, int events, int milliseconds)
{
    struct timespec end;
    bool rang;
    int rc = 0;

    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_nsec += milliseconds % 1000 * 1000000L;
    end.tv_sec += milliseconds / 1000 + end.tv_nsec / 1000000000L;
    end.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&bell->mutex);
    while (bell->events <= events && rc == 0) {
        rc = pthread_cond_timedwait(&bell->rung, &bell->mutex, &end);
    }
    rang = bell->events > events;
    pthread_mutex_unlock(&bell->mutex);
    return rang;
}

natsStatus bell_await(struct bell *bell, const char *what)
{
    natsStatus status;

    if (!rings_beyond(bell, bell->taken, DEADLINE_MS)) {
        fail_msg("waited %d ms for %s", DEADLINE_MS, what);
    }
    bell->taken++;
    pthread_mutex_lock(&bell->mutex);
    status = bell->status;
    pthread_mutex_unlock(&bell->mutex);
    return status;
}

bool bell_stays_silent(struct bell *bell, int milliseconds)
{
    return !rings_beyond(bell, 0, milliseconds);
}

int scene_setup(void **state)
{
    *state = calloc(1, sizeof(struct scene));
    return *state == NULL ? -1 : 0;
}

int scene_teardown(void **state)
{
    struct scene *scene = *state;

    while (scene->n > 0) {
        struct undo undo = scene->undos[--scene->n];

        undo.end(undo.object);
    }
    free(scene->undos);
    free(scene);
    return 0;
}

static void scene_undo(struct scene *scene, void (*end)(void *object), void *object)
{
    if (scene->n == scene->capacity) {
        scene->capacity = 2 * scene->capacity + 16;
        scene->undos = realloc(scene->undos, scene->capacity * sizeof(scene->undos[0]));
        assert_non_null(scene->undos);
    }
    scene->undos[scene->n++] = (struct undo){end, object};
}

static void end_server(void *object)
{
    struct server *server = object;

    server_stop(server);
    free(server);
}

struct server *scene_server(struct scene *scene, const char *config)
{
    struct server *server = calloc(1, sizeof(*server));

    assert_non_null(server);
    scene_undo(scene, end_server, server);
    server_open(server, config);
    return server;
}

void well(natsStatus status, const char *call, const char *file, int line)
{
    if (status != NATS_OK) {
        const char *text = nats_GetLastError(NULL);

        print_error("%s: %s (%s)\n", call, natsStatus_GetText(status), text == NULL ? "" : text);
        _fail(file, line);
    }
}

static void on_error(natsConnection *nc, natsSubscription *sub, natsStatus status, void *closure)
{
    (void)nc;
    (void)sub;
    bell_ring(&((struct link *)closure)->errors, status);
}

// Handlers of the library for the events that come without a status.
#define DEFINE_HANDLER(event)                                 \
    static void on_##event(natsConnection *nc, void *closure) \
    {                                                         \
        (void)nc;                                             \
        bell_ring(&((struct link *)closure)->event, NATS_OK); \
    }
DEFINE_HANDLER(disconnected)
DEFINE_HANDLER(reconnected)
DEFINE_HANDLER(closed)
DEFINE_HANDLER(lame_duck)

natsOptions *scene_options(struct scene *scene, const struct server *server)
{
    natsOptions *options = NULL;

    (void)scene;
    WELL(natsOptions_Create(&options));
    WELL(natsOptions_SetURL(options, server->url));
    WELL(natsOptions_SetTimeout(options, DEADLINE_MS));
    WELL(natsOptions_SetReconnectWait(options, 10));
    WELL(natsOptions_SetReconnectJitter(options, 0, 0));
    WELL(natsOptions_SetMaxReconnect(options, -1));
    return options;
}

static void end_link(void *object)
{
    struct link *link = object;

    if (link->nc != NULL) {
        natsConnection_Close(link->nc);
        assert_true(rings_beyond(&link->closed, 0, DEADLINE_MS)); // its last event
        natsConnection_Destroy(link->nc);
    }
    bell_close(&link->errors);
    bell_close(&link->disconnected);
    bell_close(&link->reconnected);
    bell_close(&link->closed);
    bell_close(&link->lame_duck);
    free(link);
}

static struct link *new_link(struct scene *scene, natsOptions *options)
{
    struct link *link = calloc(1, sizeof(*link));

    assert_non_null(link);
    bell_open(&link->errors);
    bell_open(&link->disconnected);
    bell_open(&link->reconnected);
    bell_open(&link->closed);
    bell_open(&link->lame_duck);
    scene_undo(scene, end_link, link);
    WELL(natsOptions_SetErrorHandler(options, on_error, link));
    WELL(natsOptions_SetDisconnectedCB(options, on_disconnected, link));
    WELL(natsOptions_SetReconnectedCB(options, on_reconnected, link));
    WELL(natsOptions_SetClosedCB(options, on_closed, link));
    WELL(natsOptions_SetLameDuckModeCB(options, on_lame_duck, link));
    return link;
}

struct link *scene_connect(struct scene *scene, const struct server *server, natsOptions *options)
{
    natsOptions *used = options == NULL ? scene_options(scene, server) : options;
    struct link *link = new_link(scene, used);

    WELL(natsConnection_Connect(&link->nc, used));
    natsOptions_Destroy(used);
    return link;
}

natsStatus scene_refused(struct scene *scene, const struct server *server, natsOptions *options)
{
    natsOptions *used = options == NULL ? scene_options(scene, server) : options;
    struct link *link = new_link(scene, used);
    natsStatus status = natsConnection_Connect(&link->nc, used);

    natsOptions_Destroy(used);
    if (status == NATS_OK) {
        fail_msg("the connection was accepted");
    }
    return status;
}

static void end_subscription(void *object)
{
    natsSubscription_Destroy(object);
}

natsSubscription *scene_subscribe(struct scene *scene, struct link *link, const char *subject)
{
    natsSubscription *sub = NULL;

    WELL(natsConnection_SubscribeSync(&sub, link->nc, subject));
    scene_undo(scene, end_subscription, sub);
    flush(link);
    return sub;
}

natsSubscription *scene_join(struct scene *scene, struct link *link, const char *subject,
                             const char *queue)
{
    natsSubscription *sub = NULL;

    WELL(natsConnection_QueueSubscribeSync(&sub, link->nc, subject, queue));
    scene_undo(scene, end_subscription, sub);
    flush(link);
    return sub;
}

natsSubscription *scene_handle(struct scene *scene, struct link *link, const char *subject,
                               natsMsgHandler handler, void *closure)
{
    natsSubscription *sub = NULL;

    WELL(natsConnection_Subscribe(&sub, link->nc, subject, handler, closure));
    scene_undo(scene, end_subscription, sub);
    flush(link);
    return sub;
}

void publish(struct link *link, const char *subject, const char *text)
{
    WELL(natsConnection_PublishString(link->nc, subject, text));
}

void publish_numbered(struct link *link, const char *subject, int first, int count)
{
    char text[32];

    for (int i = first; i < first + count; i++) {
        snprintf(text, sizeof(text), "message %d", i);
        publish(link, subject, text);
    }
}

void flush(struct link *link)
{
    WELL(natsConnection_FlushTimeout(link->nc, DEADLINE_MS));
}

natsMsg *next(natsSubscription *sub)
{
    natsMsg *msg = NULL;

    WELL(natsSubscription_NextMsg(&msg, sub, DEADLINE_MS));
    return msg;
}

void want_next(natsSubscription *sub, const char *text)
{
    natsMsg *msg = next(sub);

    assert_string_equal(natsMsg_GetData(msg), text); // the library ends data with a NUL
    assert_int_equal(natsMsg_GetDataLength(msg), strlen(text));
    natsMsg_Destroy(msg);
}

void want_numbered(natsSubscription *sub, int first, int count)
{
    char text[32];

    for (int i = first; i < first + count; i++) {
        snprintf(text, sizeof(text), "message %d", i);
        want_next(sub, text);
    }
}

void want_no_more(natsSubscription *sub)
{
    uint64_t queued = 0;

    WELL(natsSubscription_QueuedMsgs(sub, &queued));
    assert_int_equal(queued, 0);
}

void want_exchange(struct scene *scene, struct link *link)
{
    natsInbox *inbox = NULL;
    natsSubscription *sub;

    WELL(natsInbox_Create(&inbox));
    sub = scene_subscribe(scene, link, (const char *)inbox);
    publish(link, (const char *)inbox, "hello");
    want_next(sub, "hello");
    natsInbox_Destroy(inbox);
}

// A payload in which no part is like another.
static char *patterned(size_t size)
{
    char *payload = malloc(size);
    uint32_t state = 1;

    assert_non_null(payload);
    for (size_t i = 0; i < size; i++) {
        state = state * 1664525U + 1013904223U;
        payload[i] = (char)(state >> 24);
    }
    return payload;
}

void want_large_payloads(struct scene *scene, struct link *from, struct link *to)
{
    natsSubscription *sub = scene_subscribe(scene, to, "large");
    int limit = (int)natsConnection_GetMaxPayload(from->nc);
    char *payload = patterned((size_t)limit + 1);
    const int sizes[] = {limit / 2, limit - 1, limit};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        natsMsg *msg;

        WELL(natsConnection_Publish(from->nc, "large", payload, sizes[i]));
        msg = next(sub);
        assert_int_equal(natsMsg_GetDataLength(msg), sizes[i]);
        assert_memory_equal(natsMsg_GetData(msg), payload, (size_t)sizes[i]);
        natsMsg_Destroy(msg);
    }
    assert_int_equal(natsConnection_Publish(from->nc, "large", payload, limit + 1),
                     NATS_MAX_PAYLOAD);
    free(payload);
}
