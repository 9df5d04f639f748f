#include "batch.h"

#include "conn.h"
#include "direct.h"
#include "queue.h"

enum {
    // A run of at least this many bytes is queued by reference to the batch's chunk.
    RUN_REFERENCE_MIN_BYTES = 2 * 1024,
    // Of chunks and referenced payloads: posted at the next end of a message.
    EARLY_BYTES = 2 * NNET__LARGE_CHUNK_BYTES,
    // The sender should stop reading above it; half of it ends that.
    CONGESTED_BYTES = 8 * 1024 * 1024,
};

static_assert(sizeof(struct nnet__batch) + NNET_OUT_RESERVE_MAX_BYTES +
                      sizeof(struct nnet__batch_record) <=
                  NNET__LARGE_CHUNK_BYTES,
              "an empty batch has room for any reserve");
static void add_record(struct nnet__batch *batch, const struct nnet__batch_record *record)
{
    batch->last = nnet__batch_record_at(batch, batch->record_count++);
    *batch->last = *record;
    batch->limit -= (uint32_t)sizeof(*record);
}

// hot: once per run. Back-pressure counts from here on; the posting itself orders.
static void receive_record(struct nnet_worker *worker, const struct nnet__batch *batch,
                           const struct nnet__batch_record *record)
{
    struct nnet_conn *conn = record->conn;
    struct nb_chunk *chunk = record->chunk;
    struct slice bytes = nb_slice_make(record->p, record->n);

    assert(conn->worker == worker);
    if (chunk != NULL) {
        nnet__conn_queue_ref(conn, chunk, bytes); // with the reference
    } else if (bytes.n >= RUN_REFERENCE_MIN_BYTES && !conn->is_blocked) {
        nnet__conn_queue_ref(conn, nb_chunk_ref(batch->chunk), bytes);
    } else {
        nnet__conn_queue_copy(conn, bytes);
    }
    nnet__conn_count_items(conn, record->items, record->item_bytes);
    // After the bytes are counted as queued: for a moment they count twice, never not at all.
    // Relaxed, as the adding: a number for decisions that may be late.
    if (record->is_counted) {
        atomic_fetch_sub_explicit(&conn->posted_bytes, bytes.n, memory_order_relaxed);
    }
}

// [owner of the connections] Tells the sender that its bytes were received. It is woken when
// that ends a congestion it may be waiting for.
static void acknowledge(struct nnet_worker *sender, size_t n)
{
    // Relaxed: a counter for a decision that may be late; the wake-up orders.
    size_t before = atomic_fetch_sub_explicit(&sender->unreceived_bytes, n, memory_order_relaxed);

    if (before > CONGESTED_BYTES / 2 && before - n <= CONGESTED_BYTES / 2) {
        nnet__worker_wake(sender);
    }
}

static void run_batch(struct nnet_task *task, struct nnet_worker *worker)
{
    struct nnet__batch *batch = nb_container_of(task, struct nnet__batch, task);

    acknowledge(batch->sender, batch->counted_bytes);
    while (batch != NULL) {
        struct nnet__batch *following = batch->following;

        for (uint32_t i = 0; i < batch->record_count; i++) {
            receive_record(worker, batch, nnet__batch_record_at(batch, i));
        }
        nb_chunk_put(batch->chunk, worker); // runs that were queued hold it
        batch = following;
    }
}

// Behind `before` in the same batch, or, with NULL, the first part of one.
static struct nnet__batch *open_part(struct nnet_worker *self, unsigned target,
                                     struct nnet__batch *before)
{
    struct nb_chunk *chunk = nb_chunk_pool_get(&self->large_chunks);
    struct nnet__batch *batch = (struct nnet__batch *)(void *)chunk->data;

    *batch = (struct nnet__batch){.task = {.run = run_batch},
                                  .chunk = chunk,
                                  .sender = self,
                                  .first = before != NULL ? before->first : batch,
                                  .used = sizeof(struct nnet__batch),
                                  .limit = (uint32_t)(chunk->size - sizeof(*batch->last))};
    if (before != NULL) {
        before->following = batch;
    } else {
        self->open_batches[self->open_batch_count++] = target;
    }
    batch->first->counted_bytes += NNET__LARGE_CHUNK_BYTES;
    self->batches[target] = batch;
    return batch;
}

// A connection's backlog has its bytes from the moment they are posted. A few bytes are not
// worth two atomic operations, unless the connection is allowed little: what is not counted is
// less than a sender may have posted at all.
static bool is_worth_counting(const struct nnet__batch_record *record)
{
    size_t most = record->conn->output_max;

    return record->n >= RUN_REFERENCE_MIN_BYTES || (most > 0 && most < 4 * (size_t)CONGESTED_BYTES);
}

static void count_posted(const struct nnet__batch *batch)
{
    for (; batch != NULL; batch = batch->following) {
        for (uint32_t i = 0; i < batch->record_count; i++) {
            struct nnet__batch_record *record = nnet__batch_record_at(batch, i);

            record->is_counted = is_worth_counting(record);
            if (record->is_counted) {
                atomic_fetch_add_explicit(&record->conn->posted_bytes, record->n,
                                          memory_order_relaxed);
            }
        }
    }
}

static void post_batch(struct nnet_worker *self, unsigned target, bool is_last)
{
    struct nnet__batch *first = self->batches[target]->first;

    self->batches[target] = NULL;
    if (is_last && nnet__direct_write(self, &self->group->workers[target], first)) {
        return;
    }
    count_posted(first);
    // Relaxed: see acknowledge(). Added before the post, so that it can't go below zero.
    atomic_fetch_add_explicit(&self->unreceived_bytes, first->counted_bytes, memory_order_relaxed);
    nnet_worker_post(&self->group->workers[target], &first->task);
}

void nnet__batches_post_slow(struct nnet_worker *self)
{
    for (unsigned i = 0; i < self->open_batch_count; i++) {
        post_batch(self, self->open_batches[i], i + 1 == self->open_batch_count);
    }
    self->open_batch_count = 0;
}

// Before the end of the pass, because it is large.
static void post_early(struct nnet_worker *self, unsigned target)
{
    for (unsigned i = 0; i < self->open_batch_count; i++) {
        if (self->open_batches[i] == target) {
            self->open_batches[i] = self->open_batches[--self->open_batch_count];
            post_batch(self, target, false);
            return;
        }
    }
    NB_UNREACHABLE("no such batch");
}

static struct nnet__batch *batch_with_room(struct nnet_worker *self, unsigned target, size_t n)
{
    struct nnet__batch *batch = self->batches[target];

    if (NB_UNLIKELY(batch == NULL)) {
        return open_part(self, target, NULL);
    }
    if (NB_LIKELY(batch->used + n <= batch->limit)) {
        return batch;
    }
    if (!batch->is_cuttable) {
        return open_part(self, target, batch);
    }
    post_early(self, target);
    return open_part(self, target, NULL);
}

uint8_t *nnet__batch_reserve(struct nnet_worker *self, struct nnet_worker *target, size_t n)
{
    struct nnet__batch *batch;

    assert(target->group == self->group);
    batch = batch_with_room(self, target->index, n);
    return batch->chunk->data + batch->used;
}

void nnet__batch_commit(struct nnet_worker *self, struct nnet_conn *conn, size_t n, uint32_t items,
                        size_t item_bytes)
{
    struct nnet__batch *batch = self->batches[conn->worker->index];
    struct nnet__batch_record *last = batch->last;

    assert(batch->used + n <= batch->limit);
    if (last == NULL || last->conn != conn || last->chunk != NULL) {
        add_record(batch, &(struct nnet__batch_record){.conn = conn,
                                                       .p = batch->chunk->data + batch->used});
        last = batch->last;
    }
    batch->used += (uint32_t)n;
    last->n += (uint32_t)n;
    last->items += items;
    last->item_bytes += item_bytes;
    batch->is_cuttable = items > 0;
    if (NB_UNLIKELY(items > 0 && batch->first->counted_bytes >= EARLY_BYTES)) {
        post_early(self, conn->worker->index);
    }
}

void nnet__batch_append_ref(struct nnet_worker *self, struct nnet_conn *conn,
                            struct nb_chunk *chunk, struct slice bytes)
{
    unsigned target = conn->worker->index;
    struct nnet__batch *batch;

    assert(conn->worker->group == self->group);
    batch = batch_with_room(self, target, 0);
    add_record(batch, &(struct nnet__batch_record){
                          .conn = conn, .chunk = chunk, .p = bytes.p, .n = (uint32_t)bytes.n});
    batch->first->counted_bytes += bytes.n;
    batch->is_cuttable = false; // the end of its line is to come
}

bool nnet_out_is_congested(const struct nnet_worker *self)
{
    return atomic_load_explicit(&self->unreceived_bytes, memory_order_relaxed) > CONGESTED_BYTES;
}
