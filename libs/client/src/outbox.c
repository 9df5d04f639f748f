#include "outbox.h"

#include "state.h"

enum {
    CHUNK_BYTES = 64 * 1024,
    ALONE_MIN_BYTES = 16 * 1024, // a larger message has a chunk for itself
};

void nclient__outbox_init(struct nclient__outbox *outbox, size_t max_bytes)
{
    *outbox = (struct nclient__outbox){.max_bytes = max_bytes};
    nb_mutex_init(&outbox->mutex);
    outbox->last = &outbox->first;
}

void nclient__outbox_fini(struct nclient__outbox *outbox)
{
    assert(outbox->first == NULL);
    if (outbox->chunk != NULL) {
        nb_chunk_unref(outbox->chunk);
    }
    nb_mutex_fini(&outbox->mutex);
}

void nclient__outbox_set_conn(struct nclient__outbox *outbox, const struct nnet_conn *conn)
{
    nb_mutex_lock(&outbox->mutex);
    outbox->conn = conn;
    nb_mutex_unlock(&outbox->mutex);
}

void nclient__outbox_set_closed(struct nclient__outbox *outbox)
{
    nb_mutex_lock(&outbox->mutex);
    outbox->is_closed = true;
    nb_mutex_unlock(&outbox->mutex);
}

static void append(struct nclient__outbox *outbox, struct nclient__op *op)
{
    op->next = NULL;
    *outbox->last = op;
    outbox->last = &op->next;
}

void nclient__outbox_add(struct nclient__outbox *outbox, struct nclient__op *op)
{
    append(outbox, op);
    outbox->open = NULL; // what is published next comes behind it
}

// What is counted twice or not at all for a moment while the worker moves it does no harm.
static size_t unsent_bytes(const struct nclient__outbox *outbox)
{
    size_t n = outbox->queued_bytes;

    n += atomic_load_explicit(&outbox->held_bytes, memory_order_relaxed);
    if (outbox->conn != NULL) {
        n += atomic_load_explicit(&outbox->conn->pending_bytes, memory_order_relaxed);
    }
    return n;
}

int nclient__outbox_admit(const struct nclient__outbox *outbox, size_t size)
{
    size_t unsent;

    if (outbox->is_closed) {
        return NB_ECLOSED;
    }
    unsent = unsent_bytes(outbox);
    if (unsent > 0 && (unsent > outbox->max_bytes || size > outbox->max_bytes - unsent)) {
        return NB_ELIMIT;
    }
    return NB_OK;
}

static void run_bytes(struct nclient__op *op, struct nclient *client)
{
    nclient__send_bytes(client, nb_container_of(op, struct nclient__bytes, op));
}

static struct nclient__bytes *begin_bytes(struct nclient__outbox *outbox, struct nb_chunk *chunk,
                                          size_t start)
{
    struct nclient__bytes *bytes = nb_alloc(sizeof(*bytes));

    *bytes = (struct nclient__bytes){
        .op = {.run = run_bytes}, .chunk = nb_chunk_ref(chunk), .start = start, .end = start};
    append(outbox, &bytes->op);
    return bytes;
}

// A message that would fill much of a chunk.
static void begin_alone(struct nclient__outbox *outbox, size_t n)
{
    struct nb_chunk *chunk = nb_chunk_create(n);

    outbox->open = begin_bytes(outbox, chunk, 0);
    nb_chunk_unref(chunk); // the operation has its own
}

static void begin_shared(struct nclient__outbox *outbox, size_t n)
{
    if (outbox->chunk == NULL || n > outbox->chunk->size - outbox->chunk_used) {
        if (outbox->chunk != NULL) {
            nb_chunk_unref(outbox->chunk);
        }
        outbox->chunk = nb_chunk_create(CHUNK_BYTES);
        outbox->chunk_used = 0;
        outbox->open = NULL;
    }
    if (outbox->open == NULL) {
        outbox->open = begin_bytes(outbox, outbox->chunk, outbox->chunk_used);
    }
}

// The worker reads what was committed before in the same chunk, and none of this.
uint8_t *nclient__outbox_reserve(struct nclient__outbox *outbox, size_t n)
{
    if (n > ALONE_MIN_BYTES) {
        begin_alone(outbox, n);
    } else {
        begin_shared(outbox, n);
    }
    return outbox->open->chunk->data + outbox->open->end;
}

void nclient__outbox_commit(struct nclient__outbox *outbox, size_t n)
{
    struct nclient__bytes *open = outbox->open;

    assert(open != NULL && n <= open->chunk->size - open->end);
    open->end += n;
    outbox->queued_bytes += n;
    if (open->chunk == outbox->chunk) {
        outbox->chunk_used += n;
    } else {
        outbox->open = NULL; // it stays alone
    }
}

bool nclient__outbox_should_wake(struct nclient__outbox *outbox)
{
    bool should_wake = !outbox->is_task_posted && !outbox->is_attended;

    outbox->is_task_posted = outbox->is_task_posted || should_wake;
    return should_wake;
}

struct nclient__op *nclient__outbox_take(struct nclient__outbox *outbox)
{
    struct nclient__op *first;

    nb_mutex_lock(&outbox->mutex);
    outbox->queued_bytes -= outbox->taken_bytes;
    outbox->taken_bytes = outbox->queued_bytes;
    first = outbox->first;
    outbox->first = NULL;
    outbox->last = &outbox->first;
    outbox->open = NULL;
    nb_mutex_unlock(&outbox->mutex);
    return first;
}

void nclient__bytes_free(struct nclient__bytes *bytes)
{
    nb_chunk_unref(bytes->chunk);
    nb_free(bytes);
}
