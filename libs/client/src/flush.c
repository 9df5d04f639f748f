#include "state.h"

/* The server answers each PING with a PONG, in order; so `pongs` has an entry for each PING
 * that was sent on this connection, and the first PONG is for the first of them. An entry
 * whose time ran out stays until its PONG comes, with nobody to tell.
 */
struct nclient__flush {
    struct nclient__op op;
    struct nclient *client;
    struct nb_link link;
    struct nnet_timer timer;
    int64_t timeout_ns;    // 0: none
    nclient_flush_fn done; // NULL: nobody waits
    void *ctx;
    bool is_sent;
};

static void tell(struct nclient__flush *flush, int rc)
{
    nclient_flush_fn done = flush->done;

    flush->done = NULL;
    if (done != NULL) {
        done(flush->ctx, rc);
    }
}

static void finish(struct nclient__flush *flush, int rc)
{
    nb_link_remove(&flush->link);
    nnet_timer_disarm(flush->client->worker, &flush->timer);
    tell(flush, rc);
    nb_free(flush);
}

static void on_timer(struct nnet_timer *timer)
{
    struct nclient__flush *flush = nb_container_of(timer, struct nclient__flush, timer);

    if (flush->is_sent) {
        tell(flush, NB_ETIMEDOUT);
    } else {
        finish(flush, NB_ETIMEDOUT);
    }
}

struct nclient__flush *nclient__flush_create(int64_t timeout_ns, nclient_flush_fn done, void *ctx)
{
    struct nclient__flush *flush = nb_zalloc(sizeof(*flush));

    flush->timer.fire = on_timer;
    flush->timeout_ns = timeout_ns;
    flush->done = done;
    flush->ctx = ctx;
    return flush;
}

static void send_ping(struct nclient *client, struct nclient__flush *flush)
{
    flush->is_sent = true;
    nb_list_append(&client->pongs, &flush->link);
    nclient__link_write(client, NB_SLICE("PING\r\n"));
}

void nclient__flush_start(struct nclient *client, struct nclient__flush *flush)
{
    flush->client = client;
    if (nclient__is_ending(client)) {
        finish(flush, NB_ECLOSED);
        return;
    }
    if (flush->timeout_ns > 0) {
        nnet_timer_arm(client->worker, &flush->timer, flush->timeout_ns);
    }
    if (client->phase == NCLIENT__ONLINE) {
        send_ping(client, flush);
    } else {
        nb_list_append(&client->parked, &flush->link);
    }
}

static void on_begin(struct nclient__op *op, struct nclient *client)
{
    nclient__flush_start(client, nb_container_of(op, struct nclient__flush, op));
}

void nclient_flush(struct nclient *client, int64_t timeout_ns, nclient_flush_fn done, void *ctx)
{
    struct nclient__flush *flush = nclient__flush_create(timeout_ns, done, ctx);

    flush->op.run = on_begin;
    nclient__ask(client, &flush->op);
}

void nclient__flush_on_pong(struct nclient *client)
{
    client->pings_out = 0;
    if (!nb_list_is_empty(&client->pongs)) { // else nobody asked for it
        finish(nb_container_of(client->pongs.next, struct nclient__flush, link), NB_OK);
    }
}

static void fail_list(struct nb_link *list)
{
    while (!nb_list_is_empty(list)) {
        finish(nb_container_of(list->next, struct nclient__flush, link), NB_ECLOSED);
    }
}

void nclient__flush_on_loss(struct nclient *client)
{
    fail_list(&client->pongs);
}

void nclient__flush_on_online(struct nclient *client)
{
    struct nb_link *link;

    while ((link = nb_list_take_first(&client->parked)) != NULL) {
        send_ping(client, nb_container_of(link, struct nclient__flush, link));
    }
}

void nclient__flush_fail_all(struct nclient *client)
{
    fail_list(&client->pongs);
    fail_list(&client->parked);
}

// -- keep-alive ------------------------------------------------------------------------------

static void on_ping_timer(struct nnet_timer *timer)
{
    struct nclient *client = nb_container_of(timer, struct nclient, ping_timer);

    client->pings_out++;
    if (client->pings_out > client->config.opts.pings_out_max) {
        nclient__session_on_end(client, NB_ETIMEDOUT, "stale connection");
        return;
    }
    nclient__flush_start(client, nclient__flush_create(0, NULL, NULL));
    nnet_timer_arm(client->worker, &client->ping_timer, client->config.opts.ping_interval_ns);
}

void nclient__keepalive_start(struct nclient *client)
{
    client->pings_out = 0;
    client->ping_timer.fire = on_ping_timer;
    nnet_timer_arm(client->worker, &client->ping_timer, client->config.opts.ping_interval_ns);
}

void nclient__keepalive_stop(struct nclient *client)
{
    nnet_timer_disarm(client->worker, &client->ping_timer);
}
