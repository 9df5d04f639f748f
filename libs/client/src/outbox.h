/* outbox.h - what any thread asks of a client, in order, for its worker.
 *
 * A list of operations under a lock. Published messages are encoded by their own thread, into
 * a chunk that many share, and stand in the list as one operation for as many as follow each
 * other; the worker queues them to the socket by reference. The worker is woken once for all
 * that was put in before it came, and not at all while it is about to look anyway.
 *
 * Lifetime: an operation is embedded in what it is about, and lives until it ran.
 */
#pragma once

#include <natsd/chunk.h>
#include <natsd/conn.h>
#include <natsd/lock.h>

struct nclient;
struct nclient_message;

struct nclient__op {
    struct nclient__op *next;
    void (*run)(struct nclient__op *op, struct nclient *client); // [owner]
};

struct nclient__bytes { // whole PUB and HPUB operations, in a chunk
    struct nclient__op op;
    struct nb_chunk *chunk; // a reference
    size_t start;
    size_t end;
};

struct nclient__outbox {
    struct nb_mutex mutex;
    // guarded by it
    struct nclient__op *first;
    struct nclient__op **last;
    struct nclient__bytes *open; // the last operation, when more can be added to its bytes
    struct nb_chunk *chunk;      // where the next bytes go; a reference
    size_t chunk_used;
    size_t queued_bytes;          // in operations that did not run yet
    const struct nnet_conn *conn; // what waits there counts, too; NULL: away
    bool is_task_posted;          // the worker will come
    bool is_attended;             // the worker is in a callback and looks at its end
    bool is_closed;               // nothing is published or subscribed any more
    // [owner] writes, relaxed: it only decides about a limit
    _Atomic size_t held_bytes;
    size_t taken_bytes; // [owner] of queued_bytes: those that run now
    size_t max_bytes;
};

void nclient__outbox_init(struct nclient__outbox *outbox, size_t max_bytes);
void nclient__outbox_fini(struct nclient__outbox *outbox);
// The connection that takes the bytes from now on; NULL: none.
void nclient__outbox_set_conn(struct nclient__outbox *outbox, const struct nnet_conn *conn);
void nclient__outbox_set_closed(struct nclient__outbox *outbox);

// [any] Under the lock.
void nclient__outbox_add(struct nclient__outbox *outbox, struct nclient__op *op);
// NB_OK when a message of this size may be added now; NB_ECLOSED or NB_ELIMIT.
NB_MUST_USE int nclient__outbox_admit(const struct nclient__outbox *outbox, size_t size);
// Room for n bytes of one message, and those of it that were written.
uint8_t *nclient__outbox_reserve(struct nclient__outbox *outbox, size_t n);
void nclient__outbox_commit(struct nclient__outbox *outbox, size_t n);
// True when the worker must be woken; it counts as woken then.
bool nclient__outbox_should_wake(struct nclient__outbox *outbox);

// [owner] All there is, oldest first; NULL: nothing is left. Takes the lock. What was taken
// before has run.
struct nclient__op *nclient__outbox_take(struct nclient__outbox *outbox);

void nclient__bytes_free(struct nclient__bytes *bytes);
static inline struct slice nclient__bytes_slice(const struct nclient__bytes *bytes)
{
    return nb_slice_make(bytes->chunk->data + bytes->start, bytes->end - bytes->start);
}
