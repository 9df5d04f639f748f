/* natsd/conn.h - one connection: a socket, TLS on it or not, and the bytes that wait to leave.
 *
 * Embed struct nnet_conn in the object that speaks the protocol. It has one owner worker for
 * life; its callbacks run there. What it is to send is appended to its output queue and
 * written once at the end of the pass, gathered; what other workers have for it reaches it
 * through its owner's mailbox (nnet_out_*), in each sender's order.
 *
 * Sizes: an idle connection holds no buffers. Bytes read lie in a chunk of the worker's, only
 * until the callback returns, unless the callee takes a reference to the chunk.
 *
 * Closing: nnet_conn_close() once; `closed` is the last callback, from the loop, and the object
 * may then be retired (nnet_worker_retire: other workers may still be appending to it).
 */
#pragma once

#include <natsd/certificate.h>
#include <natsd/list.h>
#include <natsd/slice.h>
#include <natsd/timer.h>
#include <natsd/tls.h>
#include <natsd/worker.h>

struct nnet_conn;
struct nnet_transport; // private: what TLS adds
struct nnet_segment;   // private: bytes that wait, in a chunk

struct nnet_room { // where the next bytes should be put
    uint8_t *p;
    size_t n; // 0: anywhere
};

enum nnet_end {
    NNET_END_EOF,   // the peer closed in order
    NNET_END_READ,  // a read failed
    NNET_END_WRITE, // a write failed
};

// All [owner], all mandatory. After nnet_conn_close() only `closed` is called.
struct nnet_conn_handler {
    // Bytes arrived, inside `chunk`. May close the connection.
    void (*received)(struct nnet_conn *conn, struct nb_chunk *chunk, struct slice bytes);
    // Asked before each read: a place that the protocol wants filled first (a large payload
    // in assembly), and told how much of it was.
    struct nnet_room (*wanted)(struct nnet_conn *conn);
    void (*filled)(struct nnet_conn *conn, size_t n);
    // The transport ended by itself. Bytes read before were handed out. Call nnet_conn_close().
    void (*ended)(struct nnet_conn *conn, enum nnet_end how, int error_number);
    // The TLS handshake is over: NB_OK; NB_ETIMEDOUT; NB_EMALFORMED: the client speaks no TLS;
    // NB_ECLOSED: the peer went away; NB_ECRYPTO: anything else. The reason is in text,
    // borrowed. After a failure call nnet_conn_close(); an alert for the peer is sent and waited
    // for a moment also with NNET_CLOSE_NOW.
    void (*tls_done)(struct nnet_conn *conn, int rc, const char *text);
    // Queued bytes did not leave within write_deadline; `written` is how many of the batch did.
    // Either close, or return and it is tried for another deadline.
    void (*write_stalled)(struct nnet_conn *conn, size_t written);
    // Everything left after the socket had been full.
    void (*drained)(struct nnet_conn *conn);
    // The queue passed output_max. Nothing was dropped yet; close it (with NNET_CLOSE_NOW).
    void (*output_full)(struct nnet_conn *conn);
    // The last callback: no socket, no timer, no read is left.
    void (*closed)(struct nnet_conn *conn);
};

// The order keeps what the owner writes for each message a cache line away from what other
// workers read for each message.
struct nnet_conn {
    struct nnet_worker *worker; // owner; constant once open
    const struct nnet_conn_handler *handler;
    size_t output_max;         // [owner] bytes; 0: no limit
    int64_t write_deadline_ns; // [owner] 0: none
    _Atomic bool is_closing;   // [any] relaxed: nnet_conn_close() was called
    // private
    bool is_paused;
    bool closes_soon;
    bool has_ended; // nothing more is read
    bool is_held;   // the handshake waits for somebody else; nothing is read meanwhile
    int fd;
    int write_error; // errno of a failed write; nothing more is queued then
    void *poll;      // the loop's handle
    struct nnet_transport *transport;
    struct nnet_timer deadline;
    struct nb_link attention_link;
    // [any] relaxed: bytes queued here that the system has not taken. See
    // nnet_conn_backlog_bytes().
    _Atomic size_t pending_bytes;
    // [owner] Deliveries that were queued: messages and their payload bytes (as passed to
    // nnet_out_commit).
    uint64_t out_items;
    uint64_t out_item_bytes;
    // private
    uint8_t *tail;     // where the next queued byte goes: the end of out_last. NULL: nowhere
    uint8_t *tail_end; // end of the room there
    size_t out_limit;  // pending_bytes from here on take the slow way; 0 for a clean connection
    struct nnet_segment *out_first;
    struct nnet_segment *out_last;
    struct nb_link dirty_link;
    uint8_t state;
    uint8_t due;          // callbacks to be made
    bool is_blocked;      // the socket was full: the loop tells when it is not any more
    bool is_full;         // pending_bytes passed output_max; nothing more is queued
    size_t batch_left;    // bytes of the write batch that did not leave yet
    size_t batch_written; // and those that did; while closing: input drained
    // [any] relaxed: bytes that other workers posted and the owner has not received.
    _Atomic size_t posted_bytes;
};

struct nnet_address {
    char ip[46]; // text, IPv4 never in its mapped form; "" for none
    uint16_t port;
};

// [owner] Takes the socket (made non-blocking, TCP_NODELAY set here) and begins reading in the
// next pass. handler, output_max and write_deadline_ns are filled in by the caller before;
// the struct is zeroed otherwise.
void nnet_conn_open(struct nnet_conn *conn, struct nnet_worker *worker, int fd);

enum nnet_close {
    NNET_CLOSE_NOW,   // what is queued is dropped
    NNET_CLOSE_FLUSH, // what is queued is written first (within write_deadline, or
                      // NNET_CLOSE_FLUSH_MAX_NS without one), then the sending side is shut and
                      // input drained a moment, so that the peer can read it all
    NNET_CLOSE_SOON,  // the same with a much shorter moment: the program is about to end
};

#define NNET_CLOSE_FLUSH_MAX_NS (2 * NB_NS_PER_S)
// How long input is drained until the peer closes its side, too.
#define NNET_CLOSE_DRAIN_MAX_NS (1 * NB_NS_PER_S)
#define NNET_CLOSE_SOON_DRAIN_MAX_NS (NB_NS_PER_S / 20)

// [owner] From now on appends go nowhere and no bytes are handed out. Once.
void nnet_conn_close(struct nnet_conn *conn, enum nnet_close how);
// [owner] What nnet_conn_close() was called for with NNET_CLOSE_FLUSH goes on as with
// NNET_CLOSE_SOON, and what is queued is written within `flush_max_ns`. `closed` comes later.
void nnet_conn_hasten_close(struct nnet_conn *conn, int64_t flush_max_ns);

// [owner] Stops and resumes reading (back-pressure). Resuming hands out nothing itself.
void nnet_conn_pause(struct nnet_conn *conn);
void nnet_conn_resume(struct nnet_conn *conn);

// [owner] Writes what is queued now, after posting what this worker has for others.
void nnet_conn_flush(struct nnet_conn *conn);

// [owner] Begins a handshake as server or client, as the context is; `begun` are bytes already
// read that belong to it. What is queued in clear is written first. `server_name` (client only)
// is sent and verified. tls_done follows; no bytes are handed out until then.
void nnet_conn_start_tls(struct nnet_conn *conn, struct nnet_tls_context *context,
                         struct slice begun, const char *server_name, int64_t timeout_ns);
bool nnet_conn_has_tls(const struct nnet_conn *conn); // the handshake is done
// "1.2", "1.3"; and the IANA cipher name. NULL without TLS.
const char *nnet_conn_tls_version(const struct nnet_conn *conn);
const char *nnet_conn_tls_cipher(const struct nnet_conn *conn);
// DER of the peer's certificates, leaf first; false past the last.
bool nnet_conn_tls_peer_cert(const struct nnet_conn *conn, unsigned index, struct slice *der);
// Under which names the peer may be a user: of its first certificate. NB_ENOTFOUND without one;
// the errors of nnet_identity_read().
NB_MUST_USE int nnet_conn_tls_identity(const struct nnet_conn *conn, struct nnet_identity *out);
// The chain of the peer's certificates up to a root of the context, verified now (the handshake
// keeps none). NB_ENOTFOUND when the context asks for no verified peer, there is no certificate or
// no such chain (any more).
NB_MUST_USE int nnet_conn_tls_verified_chain(const struct nnet_conn *conn,
                                             struct nnet_cert_chain *out);
// Would `context` take the peer's certificate for one of its pins? True without pins or TLS.
bool nnet_conn_tls_fits_pins(const struct nnet_conn *conn, const struct nnet_tls_context *context);

// [owner] In how many pieces the queued bytes lie, for the log.
unsigned nnet_conn_segment_count(const struct nnet_conn *conn);

void nnet_conn_peer(const struct nnet_conn *conn, struct nnet_address *out);  // [owner]
void nnet_conn_local(const struct nnet_conn *conn, struct nnet_address *out); // [owner]

// [any] Bytes on their way to the peer: queued here, or posted by other workers, so that a
// mailbox can't hide them. Roughly, while others write.
static inline size_t nnet_conn_backlog_bytes(const struct nnet_conn *conn)
{
    return atomic_load_explicit(&conn->pending_bytes, memory_order_relaxed) +
           atomic_load_explicit(&conn->posted_bytes, memory_order_relaxed);
}

/* Output. `self` is the worker that runs; the connection may belong to any.
 *
 * hot: reserve and commit once per delivered message; no malloc in the usual case, no lock, no
 * system call. For a connection of another worker the bytes are gathered in a batch for that
 * worker; batches are posted at the end of the pass, or when they are large.
 *
 * A message may be put together by several of these calls (its line, a referenced payload, the
 * end of its line); other senders' output does not come between them, if all of them are made
 * in one go: in one callback, without output for another connection in between, and with
 * items > 0 in the last commit only.
 */

enum {
    NNET_OUT_RESERVE_MAX_BYTES = 16 * 1024,  // in one reserve
    NNET_OUT_REFERENCE_MIN_BYTES = 8 * 1024, // larger payloads are referenced, not copied
    NNET_OUT_EAGER_BYTES = 256 * 1024,       // written before the end of the pass
};

uint8_t *nnet_out_reserve_slow(struct nnet_worker *self, struct nnet_conn *conn, size_t n);
void nnet_out_commit_slow(struct nnet_worker *self, struct nnet_conn *conn, size_t n,
                          uint32_t items, size_t item_bytes);

// Room for n contiguous bytes, n <= NNET_OUT_RESERVE_MAX_BYTES; never NULL (bytes for a closing
// connection go nowhere). Nothing else may be reserved, and the connection not be closed,
// before the commit.
static inline uint8_t *nnet_out_reserve(struct nnet_worker *self, struct nnet_conn *conn, size_t n)
{
    if (NB_LIKELY(self == conn->worker && n <= (size_t)(conn->tail_end - conn->tail))) {
        return conn->tail;
    }
    return nnet_out_reserve_slow(self, conn, n);
}

// n <= reserved. `items` messages with `item_bytes` of payload are complete with these bytes.
// Calls nothing back.
static inline void nnet_out_commit(struct nnet_worker *self, struct nnet_conn *conn, size_t n,
                                   uint32_t items, size_t item_bytes)
{
    if (NB_LIKELY(self == conn->worker)) {
        // Only the owner writes pending_bytes: no read-modify-write is needed.
        size_t pending = atomic_load_explicit(&conn->pending_bytes, memory_order_relaxed) + n;

        if (NB_LIKELY(pending < conn->out_limit)) {
            conn->tail += n;
            conn->out_items += items;
            conn->out_item_bytes += item_bytes;
            atomic_store_explicit(&conn->pending_bytes, pending, memory_order_relaxed);
            return;
        }
    }
    nnet_out_commit_slow(self, conn, n, items, item_bytes);
}

// Copies any number of bytes.
void nnet_out_append(struct nnet_worker *self, struct nnet_conn *conn, struct slice bytes);
// Queues bytes inside `chunk` by reference (its own is taken; the caller keeps his).
void nnet_out_append_ref(struct nnet_worker *self, struct nnet_conn *conn, struct nb_chunk *chunk,
                         struct slice bytes);
// [owner of self] Is what other workers have not yet taken from `self` so much that it should
// stop reading for a while? Asked once per read. After it said so there is a pass when half of
// that was taken: ask again in pass_end, and resume.
bool nnet_out_is_congested(const struct nnet_worker *self);
