#include "transport.h"

#include "queue.h"
#include "tls_transport.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pool.h>
#include <sys/socket.h>

// What SSL reads from and writes to.

static int bio_read(BIO *bio, char *out, int n)
{
    struct nnet_transport *t = BIO_get_data(bio);
    size_t take = t->in.n < (size_t)n ? t->in.n : (size_t)n;

    BIO_clear_retry_flags(bio);
    if (take == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    memcpy(out, t->in.p, take);
    t->in = nb_slice_make(t->in.p + take, t->in.n - take);
    return (int)take;
}

static int bio_write(BIO *bio, const char *p, int n)
{
    struct nnet_transport *t = BIO_get_data(bio);

    BIO_clear_retry_flags(bio);
    if (nb_buf_append(&t->out, nb_slice_make(p, (size_t)n)) != NB_OK) {
        return -1; // a handshake larger than any real one
    }
    nnet__conn_set_pending(t->conn, nnet__conn_pending(t->conn) + (size_t)n);
    return n;
}

static long bio_ctrl(BIO *bio NB_UNUSED, int command, long number NB_UNUSED, void *p NB_UNUSED)
{
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD *nnet__tls_make_bio_method(void)
{
    BIO_METHOD *method = BIO_meth_new(0, "natsd");

    assert(method != NULL);
    BIO_meth_set_read(method, bio_read);
    BIO_meth_set_write(method, bio_write);
    BIO_meth_set_ctrl(method, bio_ctrl);
    return method;
}

// Input.

// As much as there is room for. Returns what SSL_get_error() says of the last read.
static int decrypt_into(struct nnet_transport *t, struct nnet_room room, size_t *used)
{
    *used = 0;
    while (*used < room.n) {
        int n;

        ERR_clear_error();
        n = nnet__ssl.SSL_read(t->ssl, room.p + *used, (int)(room.n - *used));
        if (n <= 0) {
            return nnet__ssl.SSL_get_error(t->ssl, n);
        }
        *used += (size_t)n;
    }
    return SSL_ERROR_NONE;
}

static void end_of_decryption(struct nnet_conn *conn, int error)
{
    ERR_clear_error();
    if (error == SSL_ERROR_WANT_READ) {
        return;
    }
    if (error == SSL_ERROR_ZERO_RETURN) {
        nnet__conn_report_end(conn, NNET_END_EOF, 0);
        return;
    }
    nnet__conn_report_end(conn, NNET_END_READ, EPROTO);
}

// Hands out everything that can be decrypted now. Usually that is one callback: a record
// begun before and a read fit in a chunk.
static void decrypt(struct nnet_conn *conn)
{
    struct nnet_transport *t = conn->transport;
    int error = SSL_ERROR_NONE;

    while (error == SSL_ERROR_NONE && conn->state == CONN_OPEN && !conn->has_ended) {
        struct nnet_room room = conn->handler->wanted(conn);
        struct nnet_room chunk = nnet__conn_read_room(conn->worker);
        size_t filled;
        size_t n = 0;

        error = decrypt_into(t, room, &filled);
        if (error == SSL_ERROR_NONE) {
            error = decrypt_into(t, chunk, &n);
        }
        nnet__conn_hand_out(conn, filled, chunk.p, n);
    }
    if (conn->state == CONN_OPEN && nb_buf_slice(&t->out).n > 0 && !conn->is_blocked &&
        conn->write_error == 0) {
        nnet__conn_write(conn); // an alert, or the answer to a key update
    }
    if (conn->state == CONN_OPEN) {
        end_of_decryption(conn, error);
    }
}

static void take_input(struct nnet_conn *conn, struct slice bytes)
{
    struct nnet_transport *t = conn->transport;

    t->in = bytes;
    if (t->state == TLS_HANDSHAKE) {
        nnet__tls_step_handshake(conn);
    }
    if (t->state == TLS_OPEN && conn->state == CONN_OPEN && !conn->has_ended) {
        decrypt(conn);
    }
    t->in = nb_slice_make(NULL, 0);
}

static void end_of_input(struct nnet_conn *conn, int error_number)
{
    const struct nnet_transport *t = conn->transport;

    if (t->state == TLS_HANDSHAKE) {
        conn->has_ended = true;
        nnet__tls_fail_handshake(conn, NB_ECLOSED,
                                 error_number == 0 ? "EOF" : strerror(error_number));
    } else {
        nnet__conn_report_end(conn, error_number == 0 ? NNET_END_EOF : NNET_END_READ, error_number);
    }
}

void nnet__tls_read(struct nnet_conn *conn)
{
    struct nnet_worker *worker = conn->worker;
    ssize_t n;
    int error_number;

    if (worker->tls_input == NULL) {
        worker->tls_input = nb_alloc(NNET__TLS_INPUT_BYTES);
    }
    n = recv(conn->fd, worker->tls_input, NNET__TLS_INPUT_BYTES, 0);
    error_number = n < 0 ? errno : 0;
    if (n < 0 && nnet__is_momentary(error_number)) {
        return;
    }
    // After the read and before anybody sees the bytes (causality).
    nnet__worker_drain_mailbox(worker);
    if (conn->state != CONN_OPEN) { // a task closed it
        return;
    }
    if (n <= 0) {
        end_of_input(conn, error_number);
        return;
    }
    take_input(conn, nb_slice_make(worker->tls_input, (size_t)n));
}

// Beginning and end.

static SSL *make_ssl(struct nnet_transport *t)
{
    SSL *ssl = nnet__ssl.SSL_new(t->context->ctx);
    BIO *bio = BIO_new(t->context->bio_method);

    assert(ssl != NULL && bio != NULL);
    BIO_set_data(bio, t);
    BIO_set_init(bio, 1);
    nnet__ssl.SSL_set_bio(ssl, bio, bio); // taken
    if (nnet__ssl.SSL_set_ex_data(ssl, NNET__TLS_APP_DATA, t) != 1) {
        NB_UNREACHABLE("out of memory");
    }
    if (t->context->pair_count == 1) {
        nnet__tls_put_staple(t->context, ssl);
    }
    return ssl;
}

// What is queued in clear and the socket did not take goes before the first ciphertext.
static void move_clear_bytes(struct nnet_conn *conn, struct nnet_transport *t)
{
    size_t clear = nnet__conn_pending(conn);

    nb_buf_init(&t->out, clear + NNET__TLS_OUT_MAX_BYTES);
    while (conn->out_first != NULL) {
        struct iovec piece;
        size_t n;

        if (nnet__queue_peek(conn, &piece, 1, &n) == 0) {
            nnet__queue_clear(conn);
            break;
        }
        nb_buf_must(&t->out, nb_slice_make(piece.iov_base, n));
        nnet__queue_drop_front(conn, n);
    }
}

void nnet_conn_start_tls(struct nnet_conn *conn, struct nnet_tls_context *context,
                         struct slice begun, const char *server_name, int64_t timeout_ns)
{
    struct nnet_transport *t;

    nnet__assert_owner(conn->worker);
    assert(conn->transport == NULL);
    if (conn->state != CONN_OPEN) {
        return;
    }
    nnet_conn_flush(conn);
    t = nb_zalloc(sizeof(*t));
    t->conn = conn;
    t->context = nnet_tls_context_ref(context);
    t->state = TLS_HANDSHAKE;
    t->ssl = make_ssl(t);
    nnet__tls_prepare_handshake(t, server_name);
    t->begun = nb_slice_dup(begun);
    move_clear_bytes(conn, t);
    conn->transport = t;
    if (timeout_ns > 0) {
        nnet_timer_arm(conn->worker, &t->timeout, timeout_ns);
    }
    nnet__conn_set_due(conn, CONN_DUE_TLS);
}

void nnet__tls_begin(struct nnet_conn *conn)
{
    struct nnet_transport *t = conn->transport;
    struct slice begun = t->begun;

    t->begun = nb_slice_make(NULL, 0);
    if (t->has_bad_name) {
        nnet__tls_fail_handshake(conn, NB_ECRYPTO, "tls: the server's name is not valid");
    } else if (t->state == TLS_HANDSHAKE && !conn->has_ended) {
        take_input(conn, begun); // a client says hello now
    }
    nb_slice_free(&begun);
}

void nnet__tls_close(struct nnet_conn *conn)
{
    struct nnet_transport *t = conn->transport;

    if (t == NULL) {
        return;
    }
    nnet_timer_disarm(conn->worker, &t->timeout);
    if (t->state != TLS_OPEN) {
        nnet__queue_clear(conn);
        nnet__conn_set_pending(conn, nb_buf_slice(&t->out).n - t->out_sent);
    }
}

bool nnet__tls_owes_alert(const struct nnet_conn *conn)
{
    return conn->transport != NULL && conn->transport->has_alert && !conn->has_ended;
}

void nnet__tls_stop(struct nnet_conn *conn)
{
    if (conn->transport != NULL) {
        nnet_timer_disarm(conn->worker, &conn->transport->timeout);
        nnet__tls_cancel_check(conn->transport);
    }
}

void nnet__tls_free(struct nnet_conn *conn)
{
    struct nnet_transport *t = conn->transport;

    if (t == NULL) {
        return;
    }
    conn->transport = NULL;
    nnet__ssl.SSL_free(t->ssl); // with its BIO
    nnet_tls_context_unref(t->context);
    nb_slice_free(&t->begun);
    nb_buf_fini(&t->out);
    nb_free(t);
}
