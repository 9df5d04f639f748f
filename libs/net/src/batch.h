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
