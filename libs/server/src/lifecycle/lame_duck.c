#include "lifecycle/lame_duck.h"

#include <natsd/memory.h>
#include <natsd/server.h>
#include <natsd/timer.h>

#include "clients/client.h"
#include "events/statsz.h"
#include "lifecycle/state.h"
#include "lifecycle/visit.h"

#define INTERVAL_MAX_NS NB_NS_PER_S

// Grace --every client is listed--> closing one (or several) per step --> done.
struct nserver__lame_duck {
    struct nserver *server;
    struct nnet_timer timer;
    void (*done)(void *ctx);
    void *ctx;
    struct nb_mutex lock;
    struct duck_client {
        uint64_t cid;
        unsigned worker;
    } * clients; // to be closed, in random order
    size_t client_count;
    size_t client_room;
    size_t next;
    size_t per_step;
    int64_t interval_ns;
};

static void finish(struct nserver__lame_duck *duck)
{
    duck->done(duck->ctx);
}

static void tell_clients(struct nserver__worker *worker, void *arg NB_UNUSED)
{
    NB_LIST_FOREACH (link, &worker->clients) {
        struct nserver__client *c = nb_container_of(link, struct nserver__client, link);

        if (c->phase == CLIENT_OPEN && c->wants_info && c->sent_first_pong) {
            nserver__client_send_lame_duck_info(c);
        }
    }
}

static void list_client(struct nserver__lame_duck *duck, uint64_t cid, unsigned worker)
{
    if (duck->client_count == duck->client_room) {
        duck->client_room = duck->client_room == 0 ? 64 : duck->client_room * 2;
        duck->clients = nb_realloc(duck->clients, duck->client_room * sizeof(*duck->clients));
    }
    duck->clients[duck->client_count++] = (struct duck_client){cid, worker};
}

static void list_clients(struct nserver__worker *worker, void *arg)
{
    struct nserver__lame_duck *duck = arg;

    nb_mutex_lock(&duck->lock);
    NB_LIST_FOREACH (link, &worker->clients) {
        const struct nserver__client *c = nb_container_of(link, struct nserver__client, link);

        if (c->phase != CLIENT_CLOSED) {
            list_client(duck, c->cid, worker->index);
        }
    }
    nb_mutex_unlock(&duck->lock);
}

static void shuffle(struct nserver__lame_duck *duck, struct nb_random *random)
{
    for (size_t i = duck->client_count; i > 1; i--) {
        size_t other = nb_random_below(random, (uint32_t)i);
        struct duck_client swap = duck->clients[i - 1];

        duck->clients[i - 1] = duck->clients[other];
        duck->clients[other] = swap;
    }
}

struct send_away {
    struct nnet_task task;
    uint64_t cid;
};

static void send_away(struct nnet_task *task, struct nnet_worker *net)
{
    struct send_away *order = nb_container_of(task, struct send_away, task);
    struct nserver__worker *worker = nserver__worker_of(net);
    struct nserver__client *c = nb_u64map_find(&worker->clients_by_cid, order->cid);

    if (c != NULL) {
        nserver__client_close(c, NSERVER__REASON_SERVER_SHUTDOWN);
    }
    nb_free(order);
}

static void close_next(struct nserver__lame_duck *duck)
{
    const struct duck_client *client = &duck->clients[duck->next++];
    struct send_away *order = nb_zalloc(sizeof(*order));

    order->task.run = send_away;
    order->cid = client->cid;
    nnet_worker_post(duck->server->workers[client->worker].net, &order->task);
}

static void on_step(struct nnet_timer *timer)
{
    struct nserver__lame_duck *duck = nb_container_of(timer, struct nserver__lame_duck, timer);
    struct nnet_worker *control = nnet_group_control(duck->server->group);
    int64_t half = duck->interval_ns / 2;

    for (size_t i = 0; i < duck->per_step && duck->next < duck->client_count; i++) {
        close_next(duck);
    }
    if (duck->next >= duck->client_count) {
        finish(duck);
        return;
    }
    nnet_timer_arm(
        control, timer,
        half + (half > 0 ? nb_random_below(nnet_worker_random(control), (uint32_t)half) : 0));
}

static void begin_closing(struct nserver *server, void *arg)
{
    struct nserver__lame_duck *duck = arg;
    const struct nserver_options *opts = &nserver__config(server)->opts;
    int64_t left_ns = opts->lame_duck_duration_ns - opts->lame_duck_grace_ns;

    if (atomic_load(&server->is_stopping)) {
        return;
    }
    if (duck->client_count == 0) {
        finish(duck);
        return;
    }
    shuffle(duck, nnet_worker_random(nnet_group_control(server->group)));
    duck->per_step = 1;
    duck->interval_ns = left_ns / (int64_t)duck->client_count;
    if (duck->interval_ns > INTERVAL_MAX_NS) {
        duck->interval_ns = INTERVAL_MAX_NS;
    }
    if (duck->interval_ns < NB_NS_PER_MS) { // more than a timer can do one by one
        duck->per_step =
            (size_t)(NB_NS_PER_MS / (duck->interval_ns > 0 ? duck->interval_ns : 1)) + 1;
        duck->interval_ns = NB_NS_PER_MS;
    }
    duck->timer.fire = on_step;
    on_step(&duck->timer);
}

static void on_grace_over(struct nnet_timer *timer)
{
    struct nserver__lame_duck *duck = nb_container_of(timer, struct nserver__lame_duck, timer);

    nb_log_info(duck->server->log, "Closing existing clients");
    nserver__visit_workers(duck->server, list_clients, begin_closing, duck);
}

static void begin(struct nserver *server, void *arg)
{
    struct nserver__lame_duck *duck = arg;

    nb_log_info(server->log, "Entering lame duck mode, stop accepting new clients");
    server->lame_duck = duck;
    nnet_listener_close(&server->listener);
    nserver__tell_lame_duck(server);
    if (atomic_load(&server->connection_count) == 0) {
        finish(duck);
        return;
    }
    nserver__visit_workers(server, tell_clients, NULL, NULL);
    duck->timer.fire = on_grace_over;
    nnet_timer_arm(nnet_group_control(server->group), &duck->timer,
                   nserver__config(server)->opts.lame_duck_grace_ns);
}

bool nserver_lame_duck(struct nserver *server, void (*done)(void *ctx), void *ctx)
{
    struct nserver__lame_duck *duck;

    if (!server->is_running || atomic_load(&server->is_stopping) ||
        atomic_exchange(&server->is_lame_duck, true)) {
        return false;
    }
    duck = nb_zalloc(sizeof(*duck));
    duck->server = server;
    duck->done = done;
    duck->ctx = ctx;
    nb_mutex_init(&duck->lock);
    nserver__call_control(server, begin, duck);
    return true;
}

void nserver__lame_duck_end(struct nserver *server)
{
    if (server->lame_duck != NULL) {
        nnet_timer_disarm(nnet_group_control(server->group), &server->lame_duck->timer);
    }
}

void nserver__lame_duck_fini(struct nserver *server)
{
    if (server->lame_duck != NULL) {
        nb_mutex_fini(&server->lame_duck->lock);
        nb_free(server->lame_duck->clients);
        nb_free(server->lame_duck);
        server->lame_duck = NULL;
    }
}
