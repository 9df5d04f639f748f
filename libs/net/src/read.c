#include "conn.h"

#include "queue.h"
#include "transport.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum {
    // Large reads make few system calls and wake-ups. But what is to be written to many
    // connections lies in memory for all of them at once, and should not leave the cache.
    READ_FAN_OUT_MAX = 16,
    READ_FANNED_OUT_BYTES = 64 * 1024,
    READ_ROOM_MIN_BYTES = 64 * 1024,    // less room in the chunk: take another
    CLOSE_DRAIN_MAX_BYTES = 256 * 1024, // of input dropped after our side was shut
};

static bool fans_out(const struct nnet_worker *worker)
{
    return worker->read_fan_out > READ_FAN_OUT_MAX;
}

// The worker's chunk, with room for a read: what users kept of it lies before read_used.
struct nnet_room nnet__conn_read_room(struct nnet_worker *worker)
{
    size_t wanted = fans_out(worker) ? (size_t)READ_FANNED_OUT_BYTES : NNET__READ_CHUNK_BYTES;
    size_t room;

    if (worker->read_chunk == NULL) {
        worker->read_chunk = nb_chunk_pool_get(&worker->read_chunks);
        worker->read_used = 0;
    }
    worker->has_read = true;
    room = worker->read_chunk->size - worker->read_used;
    return (struct nnet_room){.p = worker->read_chunk->data + worker->read_used,
                              .n = room < wanted ? room : wanted};
}

// After `n` bytes in it were handed out.
static void recycle_read_chunk(struct nnet_worker *worker, size_t n)
{
    struct nb_chunk *chunk = worker->read_chunk;

    if (nb_chunk_is_unshared(chunk)) {
        worker->read_used = 0;
        return;
    }
    worker->read_used += (n + 15) & ~(size_t)15;
    if (worker->read_used + READ_ROOM_MIN_BYTES > chunk->size) {
        nb_chunk_put(chunk, worker);
        worker->read_chunk = NULL;
    }
}

void nnet__conn_report_end(struct nnet_conn *conn, enum nnet_end how, int error_number)
{
    assert(conn->state == CONN_OPEN);
    if (conn->has_ended) {
        return;
    }
    conn->has_ended = true;
    nnet__conn_update_poll(conn);
    if (conn->write_error != 0) { // that is how it began
        nnet_timer_disarm(conn->worker, &conn->deadline);
        how = NNET_END_WRITE;
        error_number = conn->write_error;
    }
    conn->handler->ended(conn, how, error_number);
}

static bool is_reading(const struct nnet_conn *conn)
{
    return conn->state == CONN_OPEN && !conn->is_paused && !conn->has_ended && !conn->is_held;
}

void nnet__conn_hand_out(struct nnet_conn *conn, size_t filled, const uint8_t *p, size_t n)
{
    struct nnet_worker *worker = conn->worker;

    if (filled > 0) {
        conn->handler->filled(conn, filled);
    }
    if (n > 0 && conn->state == CONN_OPEN) {
        conn->handler->received(conn, worker->read_chunk, nb_slice_make(p, n));
        recycle_read_chunk(worker, n);
    }
}

static void read_plain(struct nnet_conn *conn)
{
    struct nnet_room room = conn->handler->wanted(conn);
    struct nnet_room chunk = nnet__conn_read_room(conn->worker);
    struct iovec iov[2] = {{.iov_base = room.p, .iov_len = room.n},
                           {.iov_base = chunk.p, .iov_len = chunk.n}};
    ssize_t n =
        room.n > 0 ? readv(conn->fd, iov, 2) : recv(conn->fd, iov[1].iov_base, iov[1].iov_len, 0);
    int error_number = n < 0 ? errno : 0;
    size_t filled;

    if (n < 0 && nnet__is_momentary(error_number)) {
        return;
    }
    // After the read and before anybody sees the bytes (causality).
    nnet__worker_drain_mailbox(conn->worker);
    if (conn->state != CONN_OPEN) { // a task closed it
        return;
    }
    if (n <= 0) {
        nnet__conn_report_end(conn, n == 0 ? NNET_END_EOF : NNET_END_READ, error_number);
        return;
    }
    filled = (size_t)n < room.n ? (size_t)n : room.n;
    nnet__conn_hand_out(conn, filled, chunk.p, (size_t)n - filled);
}

// While closing, input is read so that the peer is not stuck, and dropped.
static void drop_input(struct nnet_conn *conn)
{
    const struct nnet_worker *worker = conn->worker;
    ssize_t n = recv(conn->fd, worker->scratch, NNET_OUT_RESERVE_MAX_BYTES, 0);

    if (n < 0 && nnet__is_momentary(errno)) {
        return;
    }
    if (n <= 0 && conn->state == CONN_FLUSHING) {
        conn->has_ended = true; // the peer may still read
        nnet__conn_update_poll(conn);
    } else if (conn->state == CONN_DRAINING) {
        conn->batch_written += n > 0 ? (size_t)n : 0;
        if (n <= 0 || conn->batch_written > CLOSE_DRAIN_MAX_BYTES) {
            nnet__conn_finish_close(conn);
        }
    }
}

// One read, then it is another connection's turn; the loop tells again when more is there.
void nnet__conn_on_readable(struct nnet_conn *conn)
{
    if (conn->state == CONN_FLUSHING || conn->state == CONN_DRAINING) {
        drop_input(conn);
        return;
    }
    if (!is_reading(conn)) {
        return;
    }
    if (conn->transport != NULL) {
        nnet__tls_read(conn);
    } else {
        read_plain(conn);
    }
}
