#include "conn.h"

#include "batch.h"
#include "queue.h"
#include "transport.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

static void on_poll(uv_poll_t *handle, int status, int events)
{
    struct nnet__poll *poll = handle->data;
    struct nnet_conn *conn = poll->conn;
    struct nnet_worker *worker = conn->worker;

    nnet__worker_enter(worker);
    if (status < 0) {
        // An error of the socket: libuv stopped polling. Reading and writing will say what it
        // is, after the bytes that came before it.
        poll->events = 0;
        events = UV_READABLE | UV_WRITABLE;
    }
    if ((events & UV_WRITABLE) != 0 && conn->is_blocked) {
        nnet__conn_write(conn);
    }
    if ((events & UV_READABLE) != 0 && conn->state != CONN_CLOSED) {
        nnet__conn_on_readable(conn);
    }
    if (status < 0 && conn->state != CONN_CLOSED) {
        nnet__conn_update_poll(conn);
    }
    nnet__worker_leave(worker);
}

static int wanted_events(const struct nnet_conn *conn)
{
    int events = conn->is_blocked ? UV_WRITABLE : 0;

    switch ((enum nnet__conn_state)conn->state) {
    case CONN_OPEN:
        return events | (conn->is_paused || conn->has_ended || conn->is_held ? 0 : UV_READABLE);
    case CONN_FLUSHING:
        return events | (conn->has_ended ? 0 : UV_READABLE);
    case CONN_DRAINING:
        return events | UV_READABLE;
    case CONN_CLOSED:
        return 0;
    }
    NB_UNREACHABLE("connection state");
}

void nnet__conn_update_poll(struct nnet_conn *conn)
{
    struct nnet__poll *poll = conn->poll;
    int events = wanted_events(conn);

    if (events == poll->events) {
        return;
    }
    poll->events = events;
    if (events != 0) {
        NNET_UV_OK(uv_poll_start(&poll->handle, events, on_poll));
    } else {
        NNET_UV_OK(uv_poll_stop(&poll->handle));
    }
}

void nnet_conn_open(struct nnet_conn *conn, struct nnet_worker *worker, int fd)
{
    struct nnet__poll *poll = nb_zalloc(sizeof(*poll));
    const int on = 1;

    nnet__assert_owner(worker);
    assert(conn->handler != NULL && conn->poll == NULL);
    // Not for sockets that have no such thing; a slow connection is still a connection.
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    conn->worker = worker;
    conn->fd = fd;
    conn->state = CONN_OPEN;
    conn->deadline.fire = nnet__conn_on_deadline;
    conn->poll = poll;
    poll->conn = conn;
    poll->handle.data = poll;
    NNET_UV_OK(uv_poll_init(&worker->loop, &poll->handle, fd)); // makes it non-blocking
    nnet__conn_set_out_limit(conn);
    nnet__conn_update_poll(conn);
}

static void on_poll_closed(uv_handle_t *handle)
{
    struct nnet__poll *poll = handle->data;
    struct nnet_conn *conn = poll->conn;
    struct nnet_worker *worker = conn->worker;

    nnet__worker_enter(worker);
    nb_free(poll);
    conn->poll = NULL;
    if (!nnet__tls_is_checking(conn)) { // otherwise it ends with the check
        nnet__conn_end(conn);
    }
    nnet__worker_leave(worker);
}

void nnet__conn_end(struct nnet_conn *conn)
{
    assert(conn->state == CONN_CLOSED && conn->poll == NULL);
    nnet__tls_free(conn);
    conn->handler->closed(conn); // last: it may free the connection
}

void nnet__conn_finish_close(struct nnet_conn *conn)
{
    struct nnet__poll *poll = conn->poll;

    assert(conn->state != CONN_CLOSED);
    conn->state = CONN_CLOSED;
    nnet__conn_drop_output(conn);
    conn->is_blocked = false;
    conn->due = 0;
    nb_link_remove(&conn->dirty_link);
    nb_link_remove(&conn->attention_link);
    nnet_timer_disarm(conn->worker, &conn->deadline);
    nnet__tls_stop(conn);
    uv_close((uv_handle_t *)&poll->handle, on_poll_closed); // it polls no more
    (void)close(conn->fd);                                  // nothing can be done about it
    conn->fd = -1;
}

static void start_flushing(struct nnet_conn *conn)
{
    int64_t time_ns =
        conn->write_deadline_ns > 0 ? conn->write_deadline_ns : NNET_CLOSE_FLUSH_MAX_NS;

    conn->state = CONN_FLUSHING;
    conn->due = 0;
    nb_link_remove(&conn->attention_link);
    nnet__tls_close(conn);
    nnet__conn_stop_output(conn);
    nnet_timer_arm(conn->worker, &conn->deadline, time_ns);
    if (!conn->is_blocked) {
        nnet__conn_mark_dirty(conn);
    }
    nnet__conn_update_poll(conn);
}

void nnet_conn_close(struct nnet_conn *conn, enum nnet_close how)
{
    nnet__assert_owner(conn->worker);
    assert(conn->state == CONN_OPEN);
    atomic_store_explicit(&conn->is_closing, true, memory_order_relaxed);
    if (how == NNET_CLOSE_NOW && nnet__tls_owes_alert(conn)) {
        how = NNET_CLOSE_SOON; // a reset could destroy it
    }
    conn->closes_soon = how == NNET_CLOSE_SOON;
    if (how == NNET_CLOSE_NOW || conn->write_error != 0) {
        nnet__conn_finish_close(conn);
    } else {
        start_flushing(conn);
    }
}

static void bring_deadline_forward(struct nnet_conn *conn, int64_t time_ns)
{
    uint64_t due_ns = nnet_worker_now(conn->worker).ns + (uint64_t)time_ns;

    if (conn->deadline.due_ns > due_ns) {
        nnet_timer_arm(conn->worker, &conn->deadline, time_ns);
    }
}

void nnet_conn_hasten_close(struct nnet_conn *conn, int64_t flush_max_ns)
{
    nnet__assert_owner(conn->worker);
    assert(conn->state != CONN_OPEN);
    conn->closes_soon = true;
    if (conn->state == CONN_FLUSHING) {
        bring_deadline_forward(conn, flush_max_ns);
    } else if (conn->state == CONN_DRAINING) {
        bring_deadline_forward(conn, NNET_CLOSE_SOON_DRAIN_MAX_NS);
    }
}

void nnet_conn_pause(struct nnet_conn *conn)
{
    nnet__assert_owner(conn->worker);
    if (conn->state != CONN_OPEN || conn->is_paused) {
        return;
    }
    conn->is_paused = true;
    if (conn->write_error != 0 && !conn->has_ended) { // the reader won't report it
        nnet__conn_set_due(conn, CONN_DUE_WRITE_ENDED);
    }
    nnet__conn_update_poll(conn);
}

void nnet_conn_resume(struct nnet_conn *conn)
{
    nnet__assert_owner(conn->worker);
    if (conn->state != CONN_OPEN || !conn->is_paused) {
        return;
    }
    conn->is_paused = false;
    nnet__conn_update_poll(conn);
}

void nnet__conn_set_due(struct nnet_conn *conn, unsigned due)
{
    conn->due = (uint8_t)(conn->due | due);
    if (!nb_link_is_linked(&conn->attention_link)) {
        nb_list_append(&conn->worker->attention, &conn->attention_link);
    }
}

static void settle(struct nnet_conn *conn)
{
    unsigned due = conn->due;

    conn->due = 0;
    if ((due & CONN_DUE_FULL) != 0) {
        conn->handler->output_full(conn);
        assert(conn->state != CONN_OPEN); // the contract: bytes would be missing from here on
        return;
    }
    if ((due & CONN_DUE_TLS) != 0) {
        nnet__tls_begin(conn);
    }
    if ((due & CONN_DUE_DRAINED) != 0 && conn->state == CONN_OPEN && !conn->is_blocked) {
        conn->handler->drained(conn);
    }
    if ((due & CONN_DUE_WRITE_ENDED) != 0 && conn->state == CONN_OPEN) {
        nnet__conn_report_end(conn, NNET_END_WRITE, conn->write_error);
    }
}

// Closed connections are not in the list.
void nnet__conn_settle_all(struct nnet_worker *worker)
{
    struct nb_link *link;

    while ((link = nb_list_take_first(&worker->attention)) != NULL) {
        settle(nb_container_of(link, struct nnet_conn, attention_link));
    }
}
