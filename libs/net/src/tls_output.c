#include "tls_transport.h"

#include "queue.h"

#include <errno.h>
#include <openssl/err.h>
#include <sys/socket.h>

enum {
    RECORD_BYTES = 16 * 1024, // plaintext in one record
    RECORDS_PER_WRITE = 16,
    GATHER_PIECES_MAX = 64,
    SPARE_MAX_BYTES = 320 * 1024, // a buffer that had to hold more is not kept
};

static_assert((int)RECORD_BYTES <= (int)NNET_OUT_RESERVE_MAX_BYTES,
              "the worker's scratch holds a record");

// A buffer's memory goes from connection to connection of a worker: in the usual case each
// write begins and ends with none of its own.
void nnet__tls_borrow_out(struct nnet_transport *t)
{
    struct nb_buf *spare = &t->conn->worker->tls_output;

    if (nb_buf_slice(&t->out).p == NULL && nb_buf_slice(spare).p != NULL) {
        t->out = *spare;
        nb_buf_init(spare, NNET__TLS_OUT_MAX_BYTES);
    }
}

static void return_out(struct nnet_transport *t)
{
    struct nb_buf *spare = &t->conn->worker->tls_output;

    if (nb_buf_slice(spare).p != NULL || nb_buf_slice(&t->out).n > SPARE_MAX_BYTES) {
        nb_buf_fini(&t->out);
    } else {
        nb_buf_clear(&t->out);
        *spare = t->out;
    }
    t->out_sent = 0;
    nb_buf_init(&t->out, NNET__TLS_OUT_MAX_BYTES);
}

static enum nnet__io send_out(struct nnet_conn *conn, struct nnet_transport *t)
{
    struct slice out = nb_buf_slice(&t->out);

    while (t->out_sent < out.n) {
        size_t left = out.n - t->out_sent;
        ssize_t n = send(conn->fd, out.p + t->out_sent, left, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return NNET__IO_BLOCKED;
        }
        if (n < 0) {
            conn->write_error = errno;
            return NNET__IO_FAILED;
        }
        t->out_sent += (size_t)n;
        nnet__conn_set_pending(conn, nnet__conn_pending(conn) - (size_t)n);
        nnet__conn_count_written(conn, (size_t)n);
        if ((size_t)n < left) {
            return NNET__IO_BLOCKED;
        }
    }
    if (out.p != NULL) {
        return_out(t);
    }
    return NNET__IO_DONE;
}

// The first bytes of the queue, contiguous: where they are, or copied together.
static struct slice gather_record(struct nnet_conn *conn)
{
    uint8_t *scratch = conn->worker->scratch;
    struct iovec iov[GATHER_PIECES_MAX];
    size_t total;
    int count = nnet__queue_peek(conn, iov, GATHER_PIECES_MAX, &total);
    size_t n = 0;

    assert(count > 0);
    if (iov[0].iov_len >= RECORD_BYTES || count == 1) {
        return nb_slice_make(iov[0].iov_base,
                             iov[0].iov_len < RECORD_BYTES ? iov[0].iov_len : RECORD_BYTES);
    }
    for (int i = 0; i < count && n < RECORD_BYTES; i++) {
        size_t room = RECORD_BYTES - n;
        size_t take = iov[i].iov_len < room ? iov[i].iov_len : room;

        memcpy(scratch + n, iov[i].iov_base, take);
        n += take;
    }
    return nb_slice_make(scratch, n);
}

static bool encrypt_some(struct nnet_conn *conn, struct nnet_transport *t)
{
    nnet__tls_borrow_out(t);
    for (unsigned i = 0; i < RECORDS_PER_WRITE && conn->out_first != NULL; i++) {
        struct slice record = gather_record(conn);
        int n;

        if (record.n == 0) { // an empty tail is all there is
            nnet__queue_clear(conn);
            break;
        }
        ERR_clear_error();
        n = nnet__ssl.SSL_write(t->ssl, record.p, (int)record.n);
        if (n != (int)record.n) { // the BIO takes everything: only an error stops it
            ERR_clear_error();
            conn->write_error = EPROTO;
            return false;
        }
        nnet__queue_drop_front(conn, record.n);
        nnet__conn_set_pending(conn, nnet__conn_pending(conn) - record.n);
    }
    return true;
}

static void make_close_notify(struct nnet_transport *t)
{
    t->is_shut = true;
    ERR_clear_error();
    (void)nnet__ssl.SSL_shutdown(t->ssl); // without it the peer still sees the end of the stream
    ERR_clear_error();
}

enum nnet__io nnet__tls_write(struct nnet_conn *conn)
{
    struct nnet_transport *t = conn->transport;

    for (;;) {
        enum nnet__io io = send_out(conn, t);

        if (io != NNET__IO_DONE || t->state != TLS_OPEN) {
            return io; // what is queued waits for the handshake
        }
        if (conn->out_first != NULL) {
            if (!encrypt_some(conn, t)) {
                return NNET__IO_FAILED;
            }
        } else if (conn->state == CONN_FLUSHING && !t->is_shut) {
            make_close_notify(t);
        } else {
            return NNET__IO_DONE;
        }
    }
}
