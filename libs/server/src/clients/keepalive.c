/* keepalive.c - PING, PONG, round-trip times and peers that don't answer (spec 01 section 8). */
#include "clients/client.h"

#define FIRST_PING_NS (2 * NB_NS_PER_S)
#define RTT_REFRESH_NS (3600 * NB_NS_PER_S)

static void on_ping_timer(struct nnet_timer *timer);

static int64_t ping_interval_ns(const struct nserver__client *c)
{
    return nserver__config(c->server)->opts.ping_interval_ns;
}

void nserver__client_arm_first_ping(struct nserver__client *c, bool is_after_connect)
{
    int64_t delay_ns = ping_interval_ns(c);

    if (is_after_connect) { // soon, for the round-trip time; spread, so that not all come at once
        int64_t spread_ns;

        delay_ns = delay_ns < FIRST_PING_NS ? delay_ns : FIRST_PING_NS;
        spread_ns = delay_ns / 5;
        if (spread_ns > 0) {
            delay_ns += nb_random_below(nnet_worker_random(c->worker->net), (uint32_t)spread_ns);
        }
    }
    c->ping_timer.fire = on_ping_timer;
    nnet_timer_arm(c->worker->net, &c->ping_timer, delay_ns);
}

static void send_ping(struct nserver__client *c)
{
    c->pings_out++;
    c->ping_sent_at = nb_mono_now();
    nserver__client_send(c, NB_SLICE("PING\r\n"));
    if (c->sender.is_traced) {
        nserver__client_trace_out(c, NB_SLICE("PING"));
    }
}

static void on_ping_timer(struct nnet_timer *timer)
{
    struct nserver__client *c = nb_container_of(timer, struct nserver__client, ping_timer);
    const struct nserver_options *opts = &nserver__config(c->server)->opts;
    struct nb_mono now = nnet_worker_now(c->worker->net);
    bool needs_rtt = c->rtt_ns == 0 || nb_mono_since(now, c->ping_sent_at) > RTT_REFRESH_NS;

    if (needs_rtt || nb_mono_since(now, c->ping_active_at) >= opts->ping_interval_ns) {
        if (c->pings_out + 1 > (unsigned)opts->ping_max) {
            nserver__client_log(c, NB_LOG_DEBUG, "Stale Client Connection - Closing");
            nserver__client_send_err(c, "Stale Connection");
            nserver__client_close(c, NSERVER__REASON_STALE);
            return;
        }
        send_ping(c);
    }
    nnet_timer_arm(c->worker->net, &c->ping_timer, opts->ping_interval_ns);
}

void nserver__client_on_ping(struct nserver__client *c)
{
    c->ping_active_at = nnet_worker_now(c->worker->net);
    nserver__client_send(c, NB_SLICE("PONG\r\n"));
    if (c->sender.is_traced) {
        nserver__client_trace_out(c, NB_SLICE("PONG"));
    }
    if (c->has_connected && !c->sent_first_pong) {
        c->sent_first_pong = true;
        if (c->wants_info) {
            nserver__client_send_connect_info(c);
        }
    }
}

void nserver__client_on_pong(struct nserver__client *c)
{
    int64_t rtt_ns;

    c->pings_out = 0;
    if (c->ping_sent_at.ns == 0) {
        return; // nobody asked
    }
    rtt_ns = nb_mono_since(nb_mono_now(), c->ping_sent_at);
    c->rtt_ns = rtt_ns > 0 ? rtt_ns : 1;
}

void nserver__client_measure_rtt(struct nserver__client *c)
{
    struct nb_mono now = nnet_worker_now(c->worker->net);

    if (c->rtt_ns == 0 && c->phase == CLIENT_OPEN && c->connect != NULL && c->connect->lang.n > 0 &&
        c->pings_out == 0 &&
        (c->sent_first_pong || nb_mono_since(now, c->accepted_at) > FIRST_PING_NS)) {
        send_ping(c);
    }
}
