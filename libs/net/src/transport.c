#include "transport.h"

#include "queue.h"
#include "tls_context.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pool.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <sys/socket.h>

// HANDSHAKE --> OPEN, or FAILED: then the user was told and closes.
enum tls_state { TLS_HANDSHAKE, TLS_OPEN, TLS_FAILED };

struct nnet_transport {
    struct nnet_conn *conn;
    struct nnet_tls_context *context;
    SSL *ssl;
    enum tls_state state;
    bool is_shut;       // close_notify was made
    bool has_input;     // the first byte came
    bool has_bad_name;  // the server's name is none that a certificate can have
    struct slice begun; // owned: ciphertext that the user had read
    struct slice in;    // borrowed during a call: ciphertext that SSL did not take yet
    struct nb_buf out;  // ciphertext that did not leave yet
    size_t out_sent;    // of it
    struct nnet_timer timeout;
};

enum {
    RECORD_BYTES = 16 * 1024, // plaintext in one record
    RECORDS_PER_WRITE = 4,
    GATHER_PIECES_MAX = 64,
    OUT_MAX_BYTES = 1024 * 1024, // flights of a handshake, or the records of one write
    TLS_RECORD_HANDSHAKE = 0x16,
    PEER_ALERT_REASON_MIN = 1000, // SSL_R_SSLV3_ALERT_*: the alert's number is behind it
    TEXT_MAX_BYTES = 256,
};

static_assert((int)RECORD_BYTES <= (int)NNET_OUT_RESERVE_MAX_BYTES,
              "the worker's scratch holds a record");

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

// Why the last call failed, as a person may want to read it. Empties the thread's error queue.
static void error_text(const SSL *ssl, char *out, size_t size)
{
    uint32_t error = ERR_get_error();
    int reason = ERR_GET_REASON(error);
    const char *text = ERR_reason_error_string(error);

    ERR_clear_error();
    if (ERR_GET_LIB(error) == ERR_LIB_SSL && reason >= PEER_ALERT_REASON_MIN) {
        snprintf(out, size, "remote error: tls: %s",
                 SSL_alert_desc_string_long(reason - PEER_ALERT_REASON_MIN));
        return;
    }
    if (ERR_GET_LIB(error) == ERR_LIB_SSL && reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
        snprintf(out, size, "tls: failed to verify certificate: %s",
                 X509_verify_cert_error_string(SSL_get_verify_result(ssl)));
        return;
    }
    snprintf(out, size, "tls: %s", text != NULL ? text : "internal error");
    for (char *p = out; *p != '\0'; p++) { // BoringSSL's are in capitals with underscores
        *p = *p == '_' ? ' ' : (char)tolower((unsigned char)*p);
    }
}

// Output.

// A buffer's memory goes from connection to connection of a worker: in the usual case each
// write begins and ends with none of its own.
static void borrow_out(struct nnet_transport *t)
{
    struct nb_buf *spare = &t->conn->worker->tls_output;

    if (nb_buf_slice(&t->out).p == NULL && nb_buf_slice(spare).p != NULL) {
        t->out = *spare;
        nb_buf_init(spare, OUT_MAX_BYTES);
    }
}

static void return_out(struct nnet_transport *t)
{
    struct nb_buf *spare = &t->conn->worker->tls_output;

    nb_buf_clear(&t->out);
    t->out_sent = 0;
    if (nb_buf_slice(spare).p != NULL) {
        nb_buf_fini(&t->out);
    } else {
        *spare = t->out;
    }
    nb_buf_init(&t->out, OUT_MAX_BYTES);
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
    borrow_out(t);
    for (unsigned i = 0; i < RECORDS_PER_WRITE && conn->out_first != NULL; i++) {
        struct slice record = gather_record(conn);
        int n;

        if (record.n == 0) { // an empty tail is all there is
            nnet__queue_clear(conn);
            break;
        }
        ERR_clear_error();
        n = SSL_write(t->ssl, record.p, (int)record.n);
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
    (void)SSL_shutdown(t->ssl); // without it the peer still sees the end of the stream
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

// Handshake.

static void fail_handshake(struct nnet_conn *conn, int rc, const char *text)
{
    struct nnet_transport *t = conn->transport;

    t->state = TLS_FAILED;
    nnet_timer_disarm(conn->worker, &t->timeout);
    conn->is_paused = true; // nothing that comes makes sense
    nnet__conn_update_poll(conn);
    if (conn->write_error == 0) {
        nnet__conn_write(conn); // an alert for the peer
    }
    if (conn->state == CONN_OPEN) {
        conn->handler->tls_done(conn, rc, text);
    }
}

static void on_timeout(struct nnet_timer *timer)
{
    struct nnet_transport *t = nb_container_of(timer, struct nnet_transport, timeout);

    fail_handshake(t->conn, NB_ETIMEDOUT, "TLS handshake timeout");
}

static bool peer_is_pinned(const struct nnet_transport *t)
{
    const struct nnet_tls_context *context = t->context;
    uint8_t digest[SHA256_DIGEST_LENGTH];
    X509 *leaf = SSL_get_peer_certificate(t->ssl);
    uint8_t *der = NULL;
    int n = leaf != NULL ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(leaf), &der) : -1;
    bool found = false;

    static_assert(SHA256_DIGEST_LENGTH == NNET_TLS_PIN_BYTES, "a pin is a SHA-256");
    if (n > 0) {
        SHA256(der, (size_t)n, digest);
        for (size_t i = 0; i < context->pin_count && !found; i++) {
            found = memcmp(context->pins[i], digest, sizeof(digest)) == 0;
        }
    }
    OPENSSL_free(der);
    X509_free(leaf);
    return found;
}

static void finish_handshake(struct nnet_conn *conn)
{
    struct nnet_transport *t = conn->transport;

    if (t->context->pin_count > 0 && !peer_is_pinned(t)) {
        fail_handshake(conn, NB_ECRYPTO, "tls: certificate not pinned");
        return;
    }
    t->state = TLS_OPEN;
    nnet_timer_disarm(conn->worker, &t->timeout);
    conn->handler->tls_done(conn, NB_OK, "");
    if (conn->state == CONN_OPEN && conn->write_error == 0 && !conn->is_blocked &&
        nnet__conn_pending(conn) > 0) {
        nnet__conn_mark_dirty(conn); // what was queued meanwhile
        nnet__conn_set_out_limit(conn);
    }
}

static void step_handshake(struct nnet_conn *conn)
{
    struct nnet_transport *t = conn->transport;
    char text[TEXT_MAX_BYTES];
    int rc;
    int error;

    borrow_out(t);
    ERR_clear_error();
    rc = SSL_do_handshake(t->ssl);
    error = SSL_get_error(t->ssl, rc);
    if (rc == 1) {
        finish_handshake(conn);
    } else if (error != SSL_ERROR_WANT_READ) {
        error_text(t->ssl, text, sizeof(text));
        fail_handshake(conn, NB_ECRYPTO, text);
    }
    if (conn->state == CONN_OPEN && conn->write_error == 0 && !conn->is_blocked) {
        nnet__conn_write(conn); // our flight; and gives the buffer back
    }
}

// The first byte tells what is no TLS at all: a probe, or a client in clear.
static bool looks_like_tls(struct nnet_transport *t)
{
    if (t->has_input || t->in.n == 0 || !t->context->is_server) {
        return true;
    }
    t->has_input = true;
    return t->in.p[0] == TLS_RECORD_HANDSHAKE;
}

// Input.

// As much as there is room for. Returns what SSL_get_error() says of the last read.
static int decrypt_into(struct nnet_transport *t, struct nnet_room room, size_t *used)
{
    *used = 0;
    while (*used < room.n) {
        int n;

        ERR_clear_error();
        n = SSL_read(t->ssl, room.p + *used, (int)(room.n - *used));
        if (n <= 0) {
            return SSL_get_error(t->ssl, n);
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
    if (t->state == TLS_HANDSHAKE && !looks_like_tls(t)) {
        fail_handshake(conn, NB_EMALFORMED, "tls: first record does not look like a TLS handshake");
        return;
    }
    if (t->state == TLS_HANDSHAKE) {
        step_handshake(conn);
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
        fail_handshake(conn, NB_ECLOSED, error_number == 0 ? "EOF" : strerror(error_number));
    } else {
        nnet__conn_report_end(conn, error_number == 0 ? NNET_END_EOF : NNET_END_READ, error_number);
    }
}

enum nnet__io nnet__tls_read(struct nnet_conn *conn)
{
    struct nnet_worker *worker = conn->worker;
    ssize_t n;
    int error_number;

    if (worker->tls_input == NULL) {
        worker->tls_input = nb_alloc(NNET__TLS_INPUT_BYTES);
    }
    n = recv(conn->fd, worker->tls_input, NNET__TLS_INPUT_BYTES, 0);
    error_number = n < 0 ? errno : 0;
    if (n < 0 && (error_number == EAGAIN || error_number == EWOULDBLOCK)) {
        return NNET__IO_BLOCKED;
    }
    if (n < 0 && error_number == EINTR) {
        return NNET__IO_MORE;
    }
    // After the read and before anybody sees the bytes (causality).
    nnet__worker_drain_mailbox(worker);
    if (conn->state != CONN_OPEN) { // a task closed it
        return NNET__IO_DONE;
    }
    if (n <= 0) {
        end_of_input(conn, error_number);
        return NNET__IO_FAILED;
    }
    take_input(conn, nb_slice_make(worker->tls_input, (size_t)n));
    return (size_t)n == NNET__TLS_INPUT_BYTES ? NNET__IO_MORE : NNET__IO_DONE;
}

// Beginning and end.

// False for a name that no host has.
static bool set_server_name(SSL *ssl, const struct nnet_tls_context *context, const char *name)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
    struct in6_addr address;
    bool is_ip =
        inet_pton(AF_INET, name, &address) == 1 || inet_pton(AF_INET6, name, &address) == 1;
    int ok = 1;

    if (!is_ip) {
        ok = SSL_set_tlsext_host_name(ssl, name);
    }
    if (ok == 1 && context->verify_peer) {
        X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
        ok = is_ip ? X509_VERIFY_PARAM_set1_ip_asc(param, name)
                   : X509_VERIFY_PARAM_set1_host(param, name, strlen(name));
    }
    ERR_clear_error();
    return ok == 1;
}

static void make_ssl(struct nnet_transport *t, const char *server_name)
{
    BIO *bio = BIO_new(t->context->bio_method);

    t->ssl = SSL_new(t->context->ctx);
    assert(t->ssl != NULL && bio != NULL);
    BIO_set_data(bio, t);
    BIO_set_init(bio, 1);
    SSL_set_bio(t->ssl, bio, bio); // taken
    if (t->context->is_server) {
        SSL_set_accept_state(t->ssl);
        return;
    }
    SSL_set_connect_state(t->ssl);
    if (server_name != NULL) {
        t->has_bad_name = !set_server_name(t->ssl, t->context, server_name);
    }
}

// What is queued in clear and the socket did not take goes before the first ciphertext.
static void move_clear_bytes(struct nnet_conn *conn, struct nnet_transport *t)
{
    size_t clear = nnet__conn_pending(conn);

    nb_buf_init(&t->out, clear + OUT_MAX_BYTES);
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
    make_ssl(t, server_name);
    t->begun = nb_slice_dup(begun);
    t->timeout.fire = on_timeout;
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
        fail_handshake(conn, NB_ECRYPTO, "tls: the server's name is not valid");
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

void nnet__tls_stop(struct nnet_conn *conn)
{
    if (conn->transport != NULL) {
        nnet_timer_disarm(conn->worker, &conn->transport->timeout);
    }
}

void nnet__tls_free(struct nnet_conn *conn)
{
    struct nnet_transport *t = conn->transport;

    if (t == NULL) {
        return;
    }
    conn->transport = NULL;
    SSL_free(t->ssl); // with its BIO
    nnet_tls_context_unref(t->context);
    nb_slice_free(&t->begun);
    nb_buf_fini(&t->out);
    nb_free(t);
}

// What it turned out to be.

bool nnet_conn_has_tls(const struct nnet_conn *conn)
{
    return conn->transport != NULL && conn->transport->state == TLS_OPEN;
}

const char *nnet_conn_tls_version(const struct nnet_conn *conn)
{
    if (!nnet_conn_has_tls(conn)) {
        return NULL;
    }
    return SSL_version(conn->transport->ssl) == TLS1_3_VERSION ? "1.3" : "1.2";
}

const char *nnet_conn_tls_cipher(const struct nnet_conn *conn)
{
    if (!nnet_conn_has_tls(conn)) {
        return NULL;
    }
    return SSL_CIPHER_standard_name(SSL_get_current_cipher(conn->transport->ssl));
}

bool nnet_conn_tls_peer_cert(const struct nnet_conn *conn, unsigned index, struct slice *der)
{
    const STACK_OF(CRYPTO_BUFFER) *certs = NULL;
    const CRYPTO_BUFFER *cert;

    if (nnet_conn_has_tls(conn)) {
        certs = SSL_get0_peer_certificates(conn->transport->ssl);
    }
    if (certs == NULL || index >= sk_CRYPTO_BUFFER_num(certs)) {
        return false;
    }
    cert = sk_CRYPTO_BUFFER_value(certs, index);
    *der = nb_slice_make(CRYPTO_BUFFER_data(cert), CRYPTO_BUFFER_len(cert));
    return true;
}
