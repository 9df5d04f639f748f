#include "direct.h"

#include "conn.h"

#include "queue.h"

#include <sys/socket.h>

enum {
    // More is worth waking the other worker, which then writes while we go on.
    DIRECT_MAX_BYTES = 32 * 1024,
    DIRECT_MAX_RECORDS = 16,
};

// Few bytes, for one connection: the pieces of its message or messages, or NULL.
static struct nnet_conn *only_conn(const struct nnet__batch *batch, struct iovec *iov,
                                   size_t *total)
{
    struct nnet_conn *conn = nnet__batch_record_at(batch, 0)->conn;

    *total = 0;
    if (batch->following != NULL || batch->record_count > DIRECT_MAX_RECORDS) {
        return NULL;
    }
    for (uint32_t i = 0; i < batch->record_count; i++) {
        const struct nnet__batch_record *record = nnet__batch_record_at(batch, i);

        iov[i] = (struct iovec){.iov_base = (void *)(uintptr_t)record->p, .iov_len = record->n};
        *total += record->n;
        if (record->conn != conn || *total > DIRECT_MAX_BYTES) {
            return NULL;
        }
    }
    return conn;
}

static bool borrow(struct nnet_worker *target)
{
    unsigned state = NNET__ASLEEP;

    return atomic_load_explicit(&target->sleep, memory_order_relaxed) == NNET__ASLEEP &&
           atomic_compare_exchange_strong_explicit(&target->sleep, &state, NNET__LENT,
                                                   memory_order_acquire, memory_order_relaxed);
}

static void give_back(struct nnet_worker *target)
{
    atomic_store_explicit(&target->sleep, NNET__ASLEEP, memory_order_release);
}

static bool is_clear(const struct nnet_conn *conn)
{
    return nnet__conn_takes_output(conn) && conn->transport == NULL && conn->out_first == NULL &&
           !conn->is_blocked;
}

// What the socket did not take follows in the queue, ahead of anything that is posted: no other
// sender's bytes come into the middle of a message. `written` bytes of it are gone.
static void queue_rest(struct nnet_conn *conn, const struct nnet__batch *batch, size_t written)
{
    for (uint32_t i = 0; i < batch->record_count; i++) {
        struct nnet__batch_record *record = nnet__batch_record_at(batch, i);
        size_t skip = written < record->n ? written : record->n;
        size_t left = record->n - skip;

        written -= skip;
        if (left == 0) {
            continue;
        }
        nnet__queue_append_ref(conn,
                               nb_chunk_ref(record->chunk != NULL ? record->chunk : batch->chunk),
                               nb_slice_make(record->p + skip, left));
        nnet__conn_set_pending(conn, nnet__conn_pending(conn) + left);
    }
    nnet__conn_mark_dirty(conn);
    nnet__conn_set_out_limit(conn);
}

static void count_and_free(struct nnet_worker *self, struct nnet__batch *batch)
{
    for (uint32_t i = 0; i < batch->record_count; i++) {
        const struct nnet__batch_record *record = nnet__batch_record_at(batch, i);

        nnet__conn_count_items(record->conn, record->items, record->item_bytes);
        if (record->chunk != NULL) {
            nb_chunk_put(record->chunk, self);
        }
    }
    nb_chunk_put(batch->chunk, self);
}

// In possession of the target. False: nothing was written.
static bool write_and_free(struct nnet_worker *self, struct nnet_conn *conn,
                           struct nnet__batch *batch, struct iovec *iov, size_t total)
{
    struct msghdr message = {.msg_iov = iov, .msg_iovlen = batch->record_count};
    ssize_t n;

    // What was posted before, by us above all, goes first.
    if (!nnet__mailbox_is_empty(&conn->worker->mailbox) || !is_clear(conn)) {
        return false;
    }
    n = sendmsg(conn->fd, &message, MSG_NOSIGNAL);
    if (n <= 0) { // an error comes again to the owner
        return false;
    }
    if ((size_t)n < total) {
        queue_rest(conn, batch, (size_t)n);
        nnet__worker_wake(conn->worker);
    }
    count_and_free(self, batch);
    return true;
}

bool nnet__direct_write(struct nnet_worker *self, struct nnet__batch *batch)
{
    struct iovec iov[DIRECT_MAX_RECORDS];
    size_t total;
    struct nnet_conn *conn = only_conn(batch, iov, &total);
    bool is_written;

    if (conn == NULL || !borrow(conn->worker)) {
        return false;
    }
    is_written = write_and_free(self, conn, batch, iov, total);
    give_back(conn->worker);
    return is_written;
}
