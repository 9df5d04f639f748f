/* conn.h - what the parts of a connection share: reading, writing, closing, TLS.
 *
 * Threads: [owner].
 */
#pragma once

#include "worker.h"

/* OPEN --close(FLUSH)--> FLUSHING --all written--> DRAINING --peer's end, time, bytes--> CLOSED
 *   \--close(NOW)------------------------------------------------------------------------^
 * A failed write or a deadline leads from any of them to CLOSED, too.
 */
enum nnet__conn_state {
    CONN_OPEN,
    CONN_FLUSHING, // closed by its user, what was queued still leaves
    CONN_DRAINING, // our side is shut; input is dropped for a moment, so that no reset
                   // destroys what the peer did not read yet
    CONN_CLOSED,   // no socket; `closed` comes from the loop
};

// Callbacks that can't be made in the middle of a call: conn->due
enum {
    CONN_DUE_FULL = 1,
    CONN_DUE_DRAINED = 2,
    CONN_DUE_WRITE_ENDED = 4, // a write failed and nothing will be read
    CONN_DUE_TLS = 8,         // the first step of a handshake
};

// How a step of writing ended.
enum nnet__io {
    NNET__IO_DONE,
    NNET__IO_BLOCKED, // the socket is full
    NNET__IO_FAILED,  // conn->write_error
};

struct nnet__poll { // conn->poll
    uv_poll_t handle;
    struct nnet_conn *conn;
    int events; // polled
};

// A failed read or write that is worth another try when the loop says so.
static inline bool nnet__is_momentary(int error_number)
{
    return error_number == EAGAIN || error_number == EWOULDBLOCK || error_number == EINTR;
}

// conn.c
void nnet__conn_update_poll(struct nnet_conn *conn);
void nnet__conn_finish_close(struct nnet_conn *conn);
// The last thing of a closed connection: calls `closed`.
void nnet__conn_end(struct nnet_conn *conn);
void nnet__conn_set_due(struct nnet_conn *conn, unsigned due);

// output.c
void nnet__conn_queue_copy(struct nnet_conn *conn, struct slice bytes);
// Takes the chunk's reference.
void nnet__conn_queue_ref(struct nnet_conn *conn, struct nb_chunk *chunk, struct slice bytes);
void nnet__conn_count_items(struct nnet_conn *conn, uint32_t items, uint64_t item_bytes);
void nnet__conn_set_out_limit(struct nnet_conn *conn);
void nnet__conn_stop_output(struct nnet_conn *conn); // what is queued stays
void nnet__conn_drop_output(struct nnet_conn *conn); // what is queued goes
void nnet__conn_mark_dirty(struct nnet_conn *conn);

static inline bool nnet__conn_takes_output(const struct nnet_conn *conn)
{
    return conn->state == CONN_OPEN && !conn->is_full && conn->write_error == 0;
}

static inline size_t nnet__conn_pending(const struct nnet_conn *conn)
{
    return atomic_load_explicit(&conn->pending_bytes, memory_order_relaxed);
}

static inline void nnet__conn_set_pending(struct nnet_conn *conn, size_t n)
{
    atomic_store_explicit(&conn->pending_bytes, n, memory_order_relaxed);
}

// write.c
void nnet__conn_write(struct nnet_conn *conn); // posts, then writes; calls nothing back
void nnet__conn_flush_dirty(struct nnet_worker *worker);
void nnet__conn_on_deadline(struct nnet_timer *timer);
// Bytes accepted by the system.
void nnet__conn_count_written(struct nnet_conn *conn, size_t n);

// read.c
void nnet__conn_on_readable(struct nnet_conn *conn);
// A place in the worker's chunk for bytes to be handed out.
struct nnet_room nnet__conn_read_room(struct nnet_worker *worker);
// Hands out what was read: `filled` bytes where the user asked for them, then n at p, which is
// in the worker's chunk.
void nnet__conn_hand_out(struct nnet_conn *conn, size_t filled, const uint8_t *p, size_t n);
void nnet__conn_report_end(struct nnet_conn *conn, enum nnet_end how, int error_number);
