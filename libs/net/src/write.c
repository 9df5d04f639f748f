#include "conn.h"

#include "batch.h"
#include "queue.h"
#include "transport.h"

#include <errno.h>
#include <sys/socket.h>

enum {
    WRITE_PIECES_MAX = 64, // in one system call
};

// What one write deadline is for.
#define BATCH_MAX_BYTES ((size_t)64 * 1024 * 1024)
// After a failed write: for reading what the peer sent before it went away.
#define LAST_INPUT_MAX_NS (1 * NB_NS_PER_S)

static void begin_batch(struct nnet_conn *conn)
{
    size_t pending = nnet__conn_pending(conn);

    conn->batch_left = pending < BATCH_MAX_BYTES ? pending : BATCH_MAX_BYTES;
    conn->batch_written = 0;
}

static void arm_write_deadline(struct nnet_conn *conn)
{
    if (conn->state == CONN_OPEN && conn->write_deadline_ns > 0) {
        nnet_timer_arm(conn->worker, &conn->deadline, conn->write_deadline_ns);
    }
}

void nnet__conn_count_written(struct nnet_conn *conn, size_t n)
{
    conn->batch_written += n;
    conn->batch_left -= n < conn->batch_left ? n : conn->batch_left;
}

static enum nnet__io write_plain(struct nnet_conn *conn)
{
    while (conn->out_first != NULL) {
        struct iovec iov[WRITE_PIECES_MAX];
        struct msghdr message = {.msg_iov = iov};
        size_t total;
        ssize_t n;

        message.msg_iovlen = (size_t)nnet__queue_peek(conn, iov, WRITE_PIECES_MAX, &total);
        n = sendmsg(conn->fd, &message, MSG_NOSIGNAL); // writev() would raise SIGPIPE
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return NNET__IO_BLOCKED;
        }
        if (n < 0) {
            conn->write_error = errno;
            return NNET__IO_FAILED;
        }
        nnet__queue_drop_front(conn, (size_t)n);
        nnet__conn_set_pending(conn, nnet__conn_pending(conn) - (size_t)n);
        nnet__conn_count_written(conn, (size_t)n);
        if ((size_t)n < total) {
            return NNET__IO_BLOCKED; // another call would only say so
        }
    }
    return NNET__IO_DONE;
}

static void start_draining(struct nnet_conn *conn)
{
    conn->state = CONN_DRAINING;
    if (conn->has_ended || shutdown(conn->fd, SHUT_WR) != 0) {
        nnet__conn_finish_close(conn);
        return;
    }
    conn->batch_written = 0;
    nnet_timer_arm(conn->worker, &conn->deadline,
                   conn->closes_soon ? NNET_CLOSE_SOON_DRAIN_MAX_NS : NNET_CLOSE_DRAIN_MAX_NS);
    nnet__conn_update_poll(conn);
}

static void on_all_written(struct nnet_conn *conn, bool was_blocked)
{
    conn->is_blocked = false;
    if (conn->state == CONN_FLUSHING) {
        start_draining(conn);
        return;
    }
    if (was_blocked) {
        nnet_timer_disarm(conn->worker, &conn->deadline);
        nnet__conn_update_poll(conn);
        if (conn->out_first == NULL) { // otherwise it waits for a handshake
            nnet__conn_set_due(conn, CONN_DUE_DRAINED);
        }
    }
    nnet__conn_set_out_limit(conn);
}

static void on_socket_full(struct nnet_conn *conn, bool was_blocked)
{
    conn->is_blocked = true;
    if (conn->batch_left == 0) { // it left; what came meanwhile is the next
        begin_batch(conn);
        arm_write_deadline(conn);
    } else if (!was_blocked) {
        arm_write_deadline(conn);
    }
    nnet__conn_update_poll(conn);
    nnet__conn_set_out_limit(conn);
}

// What the peer sent before it went away is still read: a client may publish and leave
// without waiting for anything. The end is then reported by the reader, as a write's.
static void on_write_failed(struct nnet_conn *conn)
{
    assert(conn->write_error != 0);
    conn->is_blocked = false;
    nnet__conn_drop_output(conn);
    if (conn->state != CONN_OPEN) {
        nnet__conn_finish_close(conn);
        return;
    }
    if (conn->is_paused || conn->has_ended) {
        nnet__conn_set_due(conn, CONN_DUE_WRITE_ENDED);
    } else {
        nnet_timer_arm(conn->worker, &conn->deadline, LAST_INPUT_MAX_NS);
    }
    nnet__conn_update_poll(conn);
}

void nnet__conn_write(struct nnet_conn *conn)
{
    bool was_blocked = conn->is_blocked;
    enum nnet__io io;

    nnet__batches_post(conn->worker); // others have it before anybody can know (causality)
    nb_link_remove(&conn->dirty_link);
    if (!was_blocked) {
        begin_batch(conn);
    }
    io = conn->transport != NULL ? nnet__tls_write(conn) : write_plain(conn);
    switch (io) {
    case NNET__IO_DONE:
        on_all_written(conn, was_blocked);
        return;
    case NNET__IO_BLOCKED:
        on_socket_full(conn, was_blocked);
        return;
    case NNET__IO_FAILED:
        on_write_failed(conn);
        return;
    }
    NB_UNREACHABLE("a write ends in no other way");
}

// One round: what callbacks add is for the next.
void nnet__conn_flush_dirty(struct nnet_worker *worker)
{
    struct nb_link round;
    struct nb_link *link;
    unsigned count = 0;

    nb_list_init(&round);
    nb_list_move_all(&round, &worker->dirty);
    while ((link = nb_list_take_first(&round)) != NULL) {
        nnet__conn_write(nb_container_of(link, struct nnet_conn, dirty_link));
        count++;
    }
    worker->read_fan_out = count;
    nnet__worker_leave(worker);
}

void nnet_conn_flush(struct nnet_conn *conn)
{
    nnet__assert_owner(conn->worker);
    if (conn->state == CONN_OPEN && conn->write_error == 0 && !conn->is_blocked) {
        nnet__conn_write(conn);
    } else {
        nnet__batches_post(conn->worker);
    }
}

static void on_stalled(struct nnet_conn *conn)
{
    size_t written = conn->batch_written;

    begin_batch(conn);
    conn->handler->write_stalled(conn, written);
    if (conn->state == CONN_OPEN && conn->is_blocked) {
        arm_write_deadline(conn);
    }
}

void nnet__conn_on_deadline(struct nnet_timer *timer)
{
    struct nnet_conn *conn = nb_container_of(timer, struct nnet_conn, deadline);

    if (conn->state != CONN_OPEN) { // the time for a last flush or for draining is over
        nnet__conn_finish_close(conn);
    } else if (conn->write_error != 0) {
        nnet__conn_set_due(conn, CONN_DUE_WRITE_ENDED);
    } else {
        on_stalled(conn);
    }
}
