#include "queue.h"

#include "conn.h"

enum {
    // Less room than this behind a referenced payload is not worth a segment.
    TAIL_REST_MIN_BYTES = 256,
};

static void append_segment(struct nnet_conn *conn, struct nb_chunk *chunk, struct slice bytes)
{
    struct nnet_segment *segment = nb_slab_get(&conn->worker->segments, sizeof(*segment));

    *segment =
        (struct nnet_segment){.next = NULL, .chunk = chunk, .p = bytes.p, .end = bytes.p + bytes.n};
    if (conn->out_first == NULL) {
        conn->out_first = segment;
    } else {
        conn->out_last->next = segment;
    }
    conn->out_last = segment;
}

static void drop_first_segment(struct nnet_conn *conn)
{
    struct nnet_worker *worker = conn->worker;
    struct nnet_segment *segment = conn->out_first;

    conn->out_first = segment->next;
    if (conn->out_first == NULL) {
        conn->out_last = NULL;
        conn->tail = NULL;
        conn->tail_end = NULL;
    }
    nb_chunk_put(segment->chunk, worker);
    nb_slab_put(&worker->segments, segment, sizeof(*segment));
}

static void sync_tail(struct nnet_conn *conn)
{
    if (conn->tail != NULL) {
        conn->out_last->end = conn->tail;
    }
}

void nnet__queue_seal(struct nnet_conn *conn)
{
    sync_tail(conn);
    conn->tail = NULL;
    conn->tail_end = NULL;
}

// A connection that carries little gets a small chunk, so that a message to thousands of them
// stays cheap; one that fills its chunks before they could be written gets larger ones.
static struct nb_chunk_pool *pool_for(struct nnet_conn *conn, size_t n)
{
    size_t pending = nnet__conn_pending(conn);

    if (conn->out_first == NULL && n <= NNET__SMALL_TAIL_BYTES) {
        return &conn->worker->small_chunks;
    }
    return pending + n <= NNET__MEDIUM_TAIL_BYTES ? &conn->worker->medium_chunks
                                                  : &conn->worker->large_chunks;
}

void nnet__queue_make_room(struct nnet_conn *conn, size_t n)
{
    struct nb_chunk *chunk;

    if (n <= (size_t)(conn->tail_end - conn->tail)) {
        return;
    }
    chunk = nb_chunk_pool_get(pool_for(conn, n));
    nnet__queue_seal(conn);
    append_segment(conn, chunk, nb_slice_make(chunk->data, 0));
    conn->tail = chunk->data;
    conn->tail_end = chunk->data + chunk->size;
}

void nnet__queue_append_ref(struct nnet_conn *conn, struct nb_chunk *chunk, struct slice bytes)
{
    uint8_t *rest = conn->tail;
    uint8_t *rest_end = conn->tail_end;
    struct nb_chunk *rest_chunk = rest != NULL ? conn->out_last->chunk : NULL;

    nnet__queue_seal(conn);
    append_segment(conn, chunk, bytes);
    if (rest_end - rest < TAIL_REST_MIN_BYTES) {
        return;
    }
    // What follows goes into the room that was left before the reference.
    append_segment(conn, nb_chunk_ref(rest_chunk), nb_slice_make(rest, 0));
    conn->tail = rest;
    conn->tail_end = rest_end;
}

int nnet__queue_peek(struct nnet_conn *conn, struct iovec *iov, int max, size_t *total)
{
    int count = 0;

    *total = 0;
    sync_tail(conn);
    for (const struct nnet_segment *s = conn->out_first; s != NULL && count < max; s = s->next) {
        size_t n = (size_t)(s->end - s->p);

        if (n > 0) {
            iov[count++] = (struct iovec){.iov_base = (void *)(uintptr_t)s->p, .iov_len = n};
            *total += n;
        }
    }
    return count;
}

void nnet__queue_drop_front(struct nnet_conn *conn, size_t n)
{
    sync_tail(conn);
    while (conn->out_first != NULL) {
        struct nnet_segment *first = conn->out_first;
        size_t have = (size_t)(first->end - first->p);

        if (n < have) {
            first->p += n;
            return;
        }
        n -= have;
        drop_first_segment(conn);
    }
    assert(n == 0);
}

void nnet__queue_clear(struct nnet_conn *conn)
{
    while (conn->out_first != NULL) {
        drop_first_segment(conn);
    }
}

unsigned nnet_conn_segment_count(const struct nnet_conn *conn)
{
    unsigned count = 0;

    for (const struct nnet_segment *segment = conn->out_first; segment != NULL;
         segment = segment->next) {
        count++;
    }
    return count;
}
