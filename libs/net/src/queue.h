/* queue.h - the bytes that wait to leave a connection: segments of chunks, first in first out.
 *
 * Small appends go into the room behind the last segment (conn->tail), whose end is only
 * brought up to date when somebody looks (nnet__queue_sync). A segment holds a reference to
 * its chunk. When all is written no memory is held.
 *
 * Threads: [owner] of the connection.
 */
#pragma once

#include "worker.h"

#include <sys/uio.h>

struct nnet_segment {
    struct nnet_segment *next;
    struct nb_chunk *chunk;
    const uint8_t *p;
    const uint8_t *end;
};

// Makes sure that there is room for n bytes at conn->tail, n <= NNET_OUT_RESERVE_MAX_BYTES.
void nnet__queue_make_room(struct nnet_conn *conn, size_t n);
// Appends bytes of a chunk whose reference is taken.
void nnet__queue_append_ref(struct nnet_conn *conn, struct nb_chunk *chunk, struct slice bytes);
// No more room at the tail: what is queued stays.
void nnet__queue_seal(struct nnet_conn *conn);

// The first bytes, in at most `max` pieces; returns how many pieces.
int nnet__queue_peek(struct nnet_conn *conn, struct iovec *iov, int max, size_t *total);
void nnet__queue_drop_front(struct nnet_conn *conn, size_t n);
void nnet__queue_clear(struct nnet_conn *conn);
