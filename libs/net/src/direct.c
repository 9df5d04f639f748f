#include "direct.h"

#include "conn.h"

#include "queue.h"

#include <sys/socket.h>

enum {
    // More is worth waking the other worker, which then writes while we go on.
    DIRECT_MAX_BYTES = 32 * 1024,
    DIRECT_MAX_RECORDS = 16,
};

// A few bytes, in one piece of memory, for a few connections.
static bool is_small(const struct nnet__batch *batch)
{
    size_t total = 0;

    if (batch->following != NULL || batch->record_count > DIRECT_MAX_RECORDS) {
        return false;
    }
    for (uint32_t i = 0; i < batch->record_count; i++) {
        total += nnet__batch_record_at(batch, i)->n;
    }
    return total <= DIRECT_MAX_BYTES;
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

static bool are_clear(const struct nnet__batch *batch)
{
    for (uint32_t i = 0; i < batch->record_count; i++) {
        if (!is_clear(nnet__batch_record_at(batch, i)->conn)) {
            return false;
        }
    }
    return true;
}

// Records that follow each other and are for one connection: [first, end).
struct run {
    struct nnet_conn *conn;
    uint32_t first;
    uint32_t end;
    size_t size;
};

static struct run run_at(const struct nnet__batch *batch, uint32_t first, struct iovec *iov)
{
    struct run run = {
        .conn = nnet__batch_record_at(batch, first)->conn, .first = first, .end = first};

    while (run.end < batch->record_count) {
        const struct nnet__batch_record *record = nnet__batch_record_at(batch, run.end);

        if (record->conn != run.conn) {
            break;
        }
        iov[run.end - first] =
            (struct iovec){.iov_base = (void *)(uintptr_t)record->p, .iov_len = record->n};
        run.size += record->n;
        run.end++;
    }
    return run;
}

// What the socket did not take follows in the queue, ahead of anything that is posted: no other
// sender's bytes come into the middle of a message. `written` bytes of the run are gone.
static void queue_rest(const struct nnet__batch *batch, const struct run *run, size_t written)
{
    struct nnet_conn *conn = run->conn;

    for (uint32_t i = run->first; i < run->end; i++) {
        const struct nnet__batch_record *record = nnet__batch_record_at(batch, i);
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

// False: something was queued.
static bool write_run(const struct nnet__batch *batch, const struct run *run, struct iovec *iov)
{
    struct msghdr message = {.msg_iov = iov, .msg_iovlen = run->end - run->first};
    ssize_t n = 0;

    if (run->conn->out_first == NULL) { // not behind an earlier run's rest
        n = sendmsg(run->conn->fd, &message, MSG_NOSIGNAL);
    }
    if (n == (ssize_t)run->size) {
        return true;
    }
    queue_rest(batch, run, n > 0 ? (size_t)n : 0); // an error comes again to the owner
    return false;
}

static bool write_all(const struct nnet__batch *batch)
{
    struct iovec iov[DIRECT_MAX_RECORDS];
    bool is_all_written = true;

    for (uint32_t i = 0; i < batch->record_count;) {
        struct run run = run_at(batch, i, iov);

        is_all_written &= write_run(batch, &run, iov);
        i = run.end;
    }
    return is_all_written;
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

bool nnet__direct_write(struct nnet_worker *self, struct nnet_worker *target,
                        struct nnet__batch *batch)
{
    bool is_possible;

    if (!is_small(batch) || !borrow(target)) {
        return false;
    }
    // What was posted before, by us above all, goes first.
    is_possible = nnet__mailbox_is_empty(&target->mailbox) && are_clear(batch);
    if (is_possible) {
        if (!write_all(batch)) {
            nnet__worker_wake(target);
        }
        count_and_free(self, batch);
    }
    give_back(target);
    return is_possible;
}
