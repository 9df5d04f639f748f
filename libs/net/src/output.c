#include "conn.h"

#include "batch.h"
#include "queue.h"

void nnet__conn_mark_dirty(struct nnet_conn *conn)
{
    if (!nb_link_is_linked(&conn->dirty_link)) {
        nb_list_append(&conn->worker->dirty, &conn->dirty_link);
    }
}

// Queued bytes from which on they are written at once: well before the queue is full.
static size_t early_bytes(const struct nnet_conn *conn)
{
    size_t half = conn->output_max / 2 + 1;

    return conn->output_max > 0 && half < NNET_OUT_EAGER_BYTES ? half : NNET_OUT_EAGER_BYTES;
}

// The fast way in nnet_out_commit() is for connections that are in the dirty list, or that
// the loop will write, and only below what needs a look: a full queue or an early write.
void nnet__conn_set_out_limit(struct nnet_conn *conn)
{
    size_t full = conn->output_max > 0 ? conn->output_max + 1 : SIZE_MAX;
    size_t early = early_bytes(conn);

    conn->out_limit = 0;
    if (nnet__conn_takes_output(conn)) {
        if (conn->is_blocked) {
            conn->out_limit = full;
        } else if (nb_link_is_linked(&conn->dirty_link)) {
            conn->out_limit = early;
        }
    }
}

void nnet__conn_stop_output(struct nnet_conn *conn)
{
    nnet__queue_seal(conn);
    conn->out_limit = 0;
}

void nnet__conn_drop_output(struct nnet_conn *conn)
{
    nnet__queue_clear(conn);
    nnet__conn_set_pending(conn, 0);
    conn->out_limit = 0;
}

// n bytes were added to the queue.
static void note_added(struct nnet_conn *conn, size_t n)
{
    size_t pending = nnet__conn_pending(conn) + n;

    nnet__conn_set_pending(conn, pending);
    if (conn->output_max > 0 && pending > conn->output_max) {
        conn->is_full = true;
        nnet__conn_stop_output(conn);
        nnet__conn_set_due(conn, CONN_DUE_FULL);
        return;
    }
    if (!conn->is_blocked) {
        nnet__conn_mark_dirty(conn);
        if (pending >= early_bytes(conn)) {
            nnet__conn_write(conn);
            return;
        }
    }
    nnet__conn_set_out_limit(conn);
}

void nnet__conn_queue_copy(struct nnet_conn *conn, struct slice bytes)
{
    while (bytes.n > 0 && nnet__conn_takes_output(conn)) {
        size_t n = bytes.n < NNET_OUT_RESERVE_MAX_BYTES ? bytes.n : NNET_OUT_RESERVE_MAX_BYTES;

        nnet__queue_make_room(conn, n);
        memcpy(conn->tail, bytes.p, n);
        conn->tail += n;
        bytes = nb_slice_make(bytes.p + n, bytes.n - n);
        note_added(conn, n);
    }
}

// A few bytes must not keep a large chunk from being reused for as long as a slow peer likes:
// what goes to a full socket is copied then.
static bool is_worth_reference(const struct nnet_conn *conn, const struct nb_chunk *chunk, size_t n)
{
    return !conn->is_blocked || n >= chunk->size / 2;
}

void nnet__conn_queue_ref(struct nnet_conn *conn, struct nb_chunk *chunk, struct slice bytes)
{
    if (!nnet__conn_takes_output(conn) || bytes.n == 0) {
        nb_chunk_put(chunk, conn->worker);
    } else if (is_worth_reference(conn, chunk, bytes.n)) {
        nnet__queue_append_ref(conn, chunk, bytes);
        note_added(conn, bytes.n);
    } else {
        nnet__conn_queue_copy(conn, bytes);
        nb_chunk_put(chunk, conn->worker);
    }
}

void nnet__conn_count_items(struct nnet_conn *conn, uint32_t items, uint64_t item_bytes)
{
    if (conn->state == CONN_OPEN) {
        conn->out_items += items;
        conn->out_item_bytes += item_bytes;
    }
}

uint8_t *nnet_out_reserve_slow(struct nnet_worker *self, struct nnet_conn *conn, size_t n)
{
    assert(n <= NNET_OUT_RESERVE_MAX_BYTES);
    if (self != conn->worker) {
        return nnet__batch_reserve(self, conn->worker, n);
    }
    if (!nnet__conn_takes_output(conn)) {
        return self->scratch;
    }
    nnet__queue_make_room(conn, n);
    return conn->tail;
}

void nnet_out_commit_slow(struct nnet_worker *self, struct nnet_conn *conn, size_t n,
                          uint32_t items, size_t item_bytes)
{
    if (self != conn->worker) {
        nnet__batch_commit(self, conn, n, items, item_bytes);
        return;
    }
    if (!nnet__conn_takes_output(conn) || n == 0) {
        return;
    }
    assert(n <= (size_t)(conn->tail_end - conn->tail));
    conn->tail += n;
    nnet__conn_count_items(conn, items, item_bytes);
    note_added(conn, n);
}

void nnet_out_append(struct nnet_worker *self, struct nnet_conn *conn, struct slice bytes)
{
    if (self == conn->worker) {
        nnet__conn_queue_copy(conn, bytes);
        return;
    }
    while (bytes.n > 0) {
        size_t n = bytes.n < NNET_OUT_RESERVE_MAX_BYTES ? bytes.n : NNET_OUT_RESERVE_MAX_BYTES;

        memcpy(nnet__batch_reserve(self, conn->worker, n), bytes.p, n);
        nnet__batch_commit(self, conn, n, 0, 0);
        bytes = nb_slice_make(bytes.p + n, bytes.n - n);
    }
}

void nnet_out_append_ref(struct nnet_worker *self, struct nnet_conn *conn, struct nb_chunk *chunk,
                         struct slice bytes)
{
    assert(bytes.n == 0 ||
           (bytes.p >= chunk->data && bytes.n <= (size_t)(chunk->data + chunk->size - bytes.p)));
    nb_chunk_ref(chunk);
    if (self == conn->worker) {
        nnet__conn_queue_ref(conn, chunk, bytes);
    } else {
        nnet__batch_append_ref(self, conn, chunk, bytes);
    }
}
