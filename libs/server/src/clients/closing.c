/* closing.c - the end of a client connection (spec 01 section 6). */
#include <natsd/memory.h>

#include "clients/client.h"
#include "events/connection_events.h"
#include "login/login.h"

// Filed while the subscriptions are still there: monitoring shows them of closed ones too.
static void file_as_closed(struct nserver__client *c)
{
    // What the ring would not keep isn't copied.
    bool has_many =
        c->subs.count > NSERVER__CLOSED_SUBS_MAX_BYTES / sizeof(struct nserver__sub_row);
    struct nserver__conn_row row;

    nserver__client_row(c, has_many ? 0 : NSERVER__ROW_SUBS, &row);
    nserver__closed_ring_add(&c->server->closed, &row);
}

// Its account goes on showing what it sent and got.
static void add_to_past(const struct nserver__client *c)
{
    struct nserver__account_past *past = &c->sender.account->past;

    if (!c->is_counted) {
        return;
    }
    atomic_fetch_add_explicit(&past->in_msgs, c->in_msgs, memory_order_relaxed);
    atomic_fetch_add_explicit(&past->in_bytes, c->in_bytes, memory_order_relaxed);
    atomic_fetch_add_explicit(&past->out_msgs, c->conn.out_items, memory_order_relaxed);
    atomic_fetch_add_explicit(&past->out_bytes, c->conn.out_item_bytes, memory_order_relaxed);
    if (c->reason == NSERVER__REASON_SLOW_PENDING || c->reason == NSERVER__REASON_SLOW_DEADLINE) {
        atomic_fetch_add_explicit(&past->slow_consumers, 1, memory_order_relaxed);
    }
}

static enum nnet_close how_to_close(enum nserver__reason reason)
{
    if (reason == NSERVER__REASON_SERVER_SHUTDOWN) {
        return NNET_CLOSE_SOON;
    }
    return nserver__reason_flushes(reason) ? NNET_CLOSE_FLUSH : NNET_CLOSE_NOW;
}

void nserver__client_close(struct nserver__client *c, enum nserver__reason reason)
{
    bool was_counted = c->is_counted;

    if (c->phase == CLIENT_CLOSED) { // the first reason wins
        return;
    }
    c->phase = CLIENT_CLOSED;
    c->reason = reason;
    nnet_timer_disarm(c->worker->net, &c->ping_timer);
    nnet_timer_disarm(c->worker->net, &c->gate_timer);
    nnet_timer_disarm(c->worker->net, &c->stall_timer);
    nnet_timer_disarm(c->worker->net, &c->expiry_timer);
    nserver__client_forget_login(c);
    if (reason == NSERVER__REASON_STALE) {
        nserver__count(&c->worker->counters.stale_connections, 1);
    }
    nserver__client_log(c, NB_LOG_DEBUG, "Client connection closed: %s",
                        nserver__reason_text(reason));
    file_as_closed(c);
    nserver__client_drop_subs(c);
    add_to_past(c);
    nserver__client_leave_account(c);
    nserver__tell_disconnect(c, was_counted);
    if (c->is_registered) {
        c->is_registered = false;
        atomic_fetch_sub_explicit(&c->server->connection_count, 1, memory_order_relaxed);
    }
    nnet_conn_close(&c->conn, how_to_close(reason));
}

// What comes by itself, and what has its line already, is no error.
static enum nb_log_level level_of(enum nserver__reason reason)
{
    return reason == NSERVER__REASON_AUTH_TIMEOUT || reason == NSERVER__REASON_AUTH_EXPIRED ||
                   reason == NSERVER__REASON_REVOKED
               ? NB_LOG_DEBUG
               : NB_LOG_ERROR;
}

// What many can cause at once stands in the log once a second and worker.
static void log_refusal(struct nserver__client *c, const char *text, enum nserver__reason reason)
{
    struct nb_mono *logged_at = &c->worker->full_logged_at;
    struct nb_mono now = nnet_worker_now(c->worker->net);

    if (reason == NSERVER__REASON_MAX_CONNECTIONS) {
        if (logged_at->ns != 0 && nb_mono_since(now, *logged_at) < NB_NS_PER_S) {
            return;
        }
        *logged_at = now;
    }
    nserver__client_log(c, level_of(reason), "%s", text);
}

void nserver__client_refuse(struct nserver__client *c, const char *text,
                            enum nserver__reason reason)
{
    if (c->phase == CLIENT_CLOSED) {
        return;
    }
    log_refusal(c, text, reason);
    nserver__client_send_err(c, text);
    nserver__client_close(c, reason);
}
