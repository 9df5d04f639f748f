/* batch.h - output for connections of another worker, gathered during a pass.
 *
 * A batch is one chunk: bytes grow from its front, records of whose they are from its end, so
 * that it travels as one task and long runs can be queued by reference at the other side.
 * Consecutive output for one connection extends the last record. Payloads that are referenced
 * instead of copied are records of their own.
 *
 * A batch is cut only behind a commit that completes a message: between two batches of ours
 * those of other senders run, and must not find themselves inside a message. When a chunk is
 * full in the middle of one, another chunk follows in the same batch.
 *
 * Threads: gathered by the sender, run by the owner of the connections.
 */
#pragma once

#include "worker.h"

struct nnet__batch_record {
    struct nnet_conn *conn; // retired through the epoch: valid until the batch was run
    struct nb_chunk *chunk; // of a referenced payload; NULL: the batch's own bytes
    const uint8_t *p;
    uint32_t n;
    uint32_t items;
    bool is_counted; // in its connection's posted_bytes
    uint64_t item_bytes;
};

// The part of a batch that is in one chunk, at the front of its data.
struct nnet__batch {
    struct nnet_task task; // of the first part
    struct nb_chunk *chunk;
    struct nnet_worker *sender;
    struct nnet__batch *first;
    struct nnet__batch *following;   // NULL: this is the last part
    struct nnet__batch_record *last; // the record at record_count - 1; NULL: none
    uint32_t used;                   // of the chunk: this header and the bytes
    uint32_t limit; // `used` may grow up to here, and there is room for one more record
    uint32_t record_count;
    size_t counted_bytes; // in the first part: towards the sender's unreceived_bytes
    bool is_cuttable;     // the last commit completed a message
};

static_assert(NNET__LARGE_CHUNK_BYTES % _Alignof(struct nnet__batch_record) == 0,
              "records are aligned from the end");

static inline struct nnet__batch_record *nnet__batch_record_at(const struct nnet__batch *batch,
                                                               uint32_t index)
{
    struct nnet__batch_record *end =
        (struct nnet__batch_record *)(void *)(batch->chunk->data + batch->chunk->size);

    return end - 1 - index;
}

// Room for n bytes in the batch for conn's owner, n <= NNET_OUT_RESERVE_MAX_BYTES.
uint8_t *nnet__batch_reserve(struct nnet_worker *self, struct nnet_worker *target, size_t n);
void nnet__batch_commit(struct nnet_worker *self, struct nnet_conn *conn, size_t n, uint32_t items,
                        size_t item_bytes);
// Takes the chunk's reference.
void nnet__batch_append_ref(struct nnet_worker *self, struct nnet_conn *conn,
                            struct nb_chunk *chunk, struct slice bytes);

void nnet__batches_post_slow(struct nnet_worker *self);

// Posts everything gathered. Called before each write to a socket (causality).
static inline void nnet__batches_post(struct nnet_worker *self)
{
    if (self->open_batch_count > 0) {
        nnet__batches_post_slow(self);
    }
}
