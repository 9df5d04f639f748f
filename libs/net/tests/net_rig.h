/* net_rig.h - workers, connections that record what happens to them, and blocking sockets to
 * talk to them from the test's own thread. Nothing here sleeps: it waits for a condition, with
 * a deadline.
 */
#pragma once

#include "nb_test.h"

#include <natsd/clock.h>
#include <natsd/listener.h>
#include <natsd/lock.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <semaphore.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    RIG_DEADLINE_S = 60, // of a wait: long, for sanitizers on a busy machine
    RIG_RECORD_MAX_BYTES = 64 * 1024 * 1024,
};

struct rig {
    struct nnet_group *group;
    struct nb_logger log;
};

static inline void rig_start(struct rig *rig, unsigned worker_count)
{
    struct nnet_group_opts opts = {.worker_count = worker_count, .log = &rig->log};

    memset(rig, 0, sizeof(*rig));
    assert_int_equal(nnet_group_create(&opts, &rig->group), NB_OK);
}

static inline void rig_stop(struct rig *rig)
{
    nnet_group_destroy(&rig->group);
    assert_null(rig->group);
}

static inline struct timespec rig_deadline(void)
{
    struct nb_wall now = nb_wall_now();

    return (struct timespec){.tv_sec = now.ns / NB_NS_PER_S + RIG_DEADLINE_S,
                             .tv_nsec = now.ns % NB_NS_PER_S};
}

// Runs fn in a worker's thread and waits for it.
typedef void (*rig_fn)(void *arg, struct nnet_worker *worker);

struct rig_call {
    struct nnet_task task;
    rig_fn fn;
    void *arg;
    sem_t done;
};

static inline void rig_run_call(struct nnet_task *task, struct nnet_worker *worker)
{
    struct rig_call *call = nb_container_of(task, struct rig_call, task);

    call->fn(call->arg, worker);
    sem_post(&call->done);
}

static inline void rig_wait_sem(sem_t *sem)
{
    struct timespec at = rig_deadline();
    int rc;

    do {
        rc = sem_timedwait(sem, &at);
    } while (rc != 0 && errno == EINTR);
    if (rc != 0) {
        fail_msg("nothing happened for %d s", RIG_DEADLINE_S);
    }
}

static inline void rig_call(struct nnet_worker *worker, rig_fn fn, void *arg)
{
    struct rig_call call = {.task = {.run = rig_run_call}, .fn = fn, .arg = arg};

    sem_init(&call.done, 0, 0);
    nnet_worker_post(worker, &call.task);
    rig_wait_sem(&call.done);
    sem_destroy(&call.done);
}

/* A connection that records. Fields below `mutex` are read by the test through rig_wait() or
 * after the group has ended; the choices above are made before it is opened.
 */
struct rig_peer {
    struct nnet_conn conn;
    int fd; // to be opened with
    enum nnet_close on_end;
    bool echoes;
    bool keeps_on_stall;
    bool is_passive_on_end; // the test closes
    void (*on_received)(struct rig_peer *peer, struct nb_chunk *chunk, struct slice bytes);
    void (*on_drained)(struct rig_peer *peer);
    void (*on_tls)(struct rig_peer *peer);
    struct nnet_room wanted; // set by on_received
    void *user;

    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct nb_buf got;
    size_t filled;
    unsigned ended_count;
    enum nnet_end ended_how;
    int ended_error;
    unsigned drained_count;
    unsigned full_count;
    size_t full_pending;
    unsigned stalled_count;
    size_t stalled_written;
    unsigned tls_count;
    int tls_rc;
    char tls_text[256];
    unsigned closed_count;
};

static inline struct rig_peer *rig_peer_of(struct nnet_conn *conn)
{
    return nb_container_of(conn, struct rig_peer, conn);
}

static inline void rig_lock(struct rig_peer *peer)
{
    pthread_mutex_lock(&peer->mutex);
}

static inline void rig_unlock(struct rig_peer *peer) // something changed
{
    pthread_cond_broadcast(&peer->changed);
    pthread_mutex_unlock(&peer->mutex);
}

#define rig_wait(peer, condition)                                                       \
    do {                                                                                \
        struct timespec rig_at = rig_deadline();                                        \
        int rig_rc = 0;                                                                 \
        pthread_mutex_lock(&(peer)->mutex);                                             \
        while (!(condition) && rig_rc == 0) {                                           \
            rig_rc = pthread_cond_timedwait(&(peer)->changed, &(peer)->mutex, &rig_at); \
        }                                                                               \
        pthread_mutex_unlock(&(peer)->mutex);                                           \
        if (rig_rc != 0) {                                                              \
            fail_msg("%s:%d: still not: %s", __FILE__, __LINE__, #condition);           \
        }                                                                               \
    } while (0)

// The same for what must be so already.
#define rig_check(peer, condition)                                      \
    do {                                                                \
        pthread_mutex_lock(&(peer)->mutex);                             \
        bool rig_holds = (condition);                                   \
        pthread_mutex_unlock(&(peer)->mutex);                           \
        if (!rig_holds) {                                               \
            fail_msg("%s:%d: not: %s", __FILE__, __LINE__, #condition); \
        }                                                               \
    } while (0)

static inline void rig_on_received(struct nnet_conn *conn, struct nb_chunk *chunk,
                                   struct slice bytes)
{
    struct rig_peer *peer = rig_peer_of(conn);

    assert_true(nnet_worker_is_current(conn->worker));
    assert_true(bytes.n > 0);
    assert_true(bytes.p >= chunk->data && bytes.p + bytes.n <= chunk->data + chunk->size);
    rig_lock(peer);
    nb_buf_must(&peer->got, bytes);
    rig_unlock(peer);
    if (peer->echoes) {
        nnet_out_append(conn->worker, conn, bytes);
    }
    if (peer->on_received != NULL) {
        peer->on_received(peer, chunk, bytes);
    }
}

static inline struct nnet_room rig_on_wanted(struct nnet_conn *conn)
{
    return rig_peer_of(conn)->wanted;
}

static inline void rig_on_filled(struct nnet_conn *conn, size_t n)
{
    struct rig_peer *peer = rig_peer_of(conn);

    assert_true(n > 0 && n <= peer->wanted.n);
    peer->wanted.p += n;
    peer->wanted.n -= n;
    rig_lock(peer);
    peer->filled += n;
    rig_unlock(peer);
}

static inline void rig_on_ended(struct nnet_conn *conn, enum nnet_end how, int error_number)
{
    struct rig_peer *peer = rig_peer_of(conn);

    rig_lock(peer);
    peer->ended_count++;
    peer->ended_how = how;
    peer->ended_error = error_number;
    rig_unlock(peer);
    if (!peer->is_passive_on_end) {
        nnet_conn_close(conn, peer->on_end);
    }
}

static inline void rig_on_tls_done(struct nnet_conn *conn, int rc, const char *text)
{
    struct rig_peer *peer = rig_peer_of(conn);

    rig_lock(peer);
    peer->tls_count++;
    peer->tls_rc = rc;
    snprintf(peer->tls_text, sizeof(peer->tls_text), "%s", text);
    rig_unlock(peer);
    if (rc != NB_OK) {
        nnet_conn_close(conn, NNET_CLOSE_NOW);
    } else if (peer->on_tls != NULL) {
        peer->on_tls(peer);
    }
}

static inline void rig_on_stalled(struct nnet_conn *conn, size_t written)
{
    struct rig_peer *peer = rig_peer_of(conn);

    rig_lock(peer);
    peer->stalled_count++;
    peer->stalled_written = written;
    rig_unlock(peer);
    if (!peer->keeps_on_stall) {
        nnet_conn_close(conn, NNET_CLOSE_NOW);
    }
}

static inline void rig_on_drained(struct nnet_conn *conn)
{
    struct rig_peer *peer = rig_peer_of(conn);

    rig_lock(peer);
    peer->drained_count++;
    rig_unlock(peer);
    if (peer->on_drained != NULL) {
        peer->on_drained(peer);
    }
}

static inline void rig_on_full(struct nnet_conn *conn)
{
    struct rig_peer *peer = rig_peer_of(conn);

    rig_lock(peer);
    peer->full_count++;
    peer->full_pending = atomic_load(&conn->pending_bytes);
    rig_unlock(peer);
    nnet_conn_close(conn, NNET_CLOSE_NOW);
}

static inline void rig_on_closed(struct nnet_conn *conn)
{
    struct rig_peer *peer = rig_peer_of(conn);

    rig_lock(peer);
    peer->closed_count++;
    rig_unlock(peer);
}

static const struct nnet_conn_handler rig_handler = {.received = rig_on_received,
                                                     .wanted = rig_on_wanted,
                                                     .filled = rig_on_filled,
                                                     .ended = rig_on_ended,
                                                     .tls_done = rig_on_tls_done,
                                                     .write_stalled = rig_on_stalled,
                                                     .drained = rig_on_drained,
                                                     .output_full = rig_on_full,
                                                     .closed = rig_on_closed};

static inline struct rig_peer *rig_peer_create(int fd)
{
    struct rig_peer *peer = nb_zalloc(sizeof(*peer));

    pthread_mutex_init(&peer->mutex, NULL);
    pthread_cond_init(&peer->changed, NULL);
    nb_buf_init(&peer->got, RIG_RECORD_MAX_BYTES);
    peer->fd = fd;
    peer->conn.handler = &rig_handler;
    return peer;
}

static inline void rig_do_open(void *arg, struct nnet_worker *worker)
{
    struct rig_peer *peer = arg;

    nnet_conn_open(&peer->conn, worker, peer->fd);
}

static inline void rig_peer_open(struct rig_peer *peer, struct nnet_worker *worker)
{
    rig_call(worker, rig_do_open, peer);
}

static inline void rig_do_close_now(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    struct rig_peer *peer = arg;

    if (!atomic_load(&peer->conn.is_closing)) {
        nnet_conn_close(&peer->conn, NNET_CLOSE_NOW);
    }
}

static inline void rig_do_close_flush(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    struct rig_peer *peer = arg;

    nnet_conn_close(&peer->conn, NNET_CLOSE_FLUSH);
}

static inline void rig_do_nothing(void *arg NB_UNUSED, struct nnet_worker *worker NB_UNUSED)
{
}

// Closes it, if it is not closing by itself, waits for the end and frees it.
static inline void rig_peer_destroy(struct rig_peer **peer)
{
    struct rig_peer *p = *peer;

    rig_call(p->conn.worker, rig_do_close_now, p);
    rig_wait(p, p->closed_count > 0);
    rig_call(p->conn.worker, rig_do_nothing, NULL); // `closed` has returned
    assert_int_equal(p->closed_count, 1);
    nb_buf_fini(&p->got);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->mutex);
    nb_free(p);
    *peer = NULL;
}

// Sockets of the test's own.

// Two ends of a TCP connection. `small` limits what they buffer.
static inline void rig_tcp_pair(int out[2], bool small)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);
    const int bytes = 4096;
    int listening = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(listening >= 0);
    if (small) { // before listen and connect, or the window is large already
        assert_int_equal(setsockopt(listening, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)), 0);
    }
    assert_int_equal(bind(listening, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(listening, 1), 0);
    assert_int_equal(getsockname(listening, (struct sockaddr *)&address, &size), 0);
    out[0] = socket(AF_INET, SOCK_STREAM, 0);
    if (small) {
        assert_int_equal(setsockopt(out[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes)), 0);
        assert_int_equal(setsockopt(out[0], SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)), 0);
    }
    assert_int_equal(connect(out[0], (struct sockaddr *)&address, sizeof(address)), 0);
    out[1] = accept(listening, NULL, NULL);
    assert_true(out[1] >= 0);
    close(listening);
}

static inline int rig_connect(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static inline void rig_await(int fd, short events)
{
    struct pollfd pollfd = {.fd = fd, .events = events};

    if (poll(&pollfd, 1, RIG_DEADLINE_S * 1000) != 1) {
        fail_msg("nothing came for %d s", RIG_DEADLINE_S);
    }
}

static inline void rig_send(int fd, const void *p, size_t n)
{
    const uint8_t *bytes = p;

    while (n > 0) {
        ssize_t sent;

        rig_await(fd, POLLOUT);
        sent = send(fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EAGAIN) {
            continue;
        }
        assert_true(sent > 0);
        bytes += sent;
        n -= (size_t)sent;
    }
}

static inline void rig_send_text(int fd, const char *text)
{
    rig_send(fd, text, strlen(text));
}

// 0 at the end, -1 for a reset.
static inline ssize_t rig_recv_some(int fd, void *p, size_t n)
{
    rig_await(fd, POLLIN);
    return recv(fd, p, n, 0);
}

static inline void rig_recv(int fd, void *p, size_t n)
{
    uint8_t *bytes = p;

    while (n > 0) {
        ssize_t got = rig_recv_some(fd, bytes, n);

        assert_true(got > 0);
        bytes += got;
        n -= (size_t)got;
    }
}

static inline void rig_expect(int fd, const char *text)
{
    size_t n = strlen(text);
    char *got = nb_zalloc(n + 1);

    rig_recv(fd, got, n);
    assert_string_equal(got, text);
    nb_free(got);
}

static inline void rig_expect_end(int fd)
{
    char byte;

    assert_int_equal(rig_recv_some(fd, &byte, 1), 0);
}

// Bytes that differ from their neighbours far and near.
static inline uint8_t rig_byte(size_t i)
{
    return (uint8_t)((i * 2654435761u) >> 13);
}

static inline void rig_fill(uint8_t *p, size_t n, size_t from)
{
    for (size_t i = 0; i < n; i++) {
        p[i] = rig_byte(from + i);
    }
}

static inline void rig_expect_pattern(int fd, size_t from, size_t n)
{
    uint8_t block[4096];

    while (n > 0) {
        size_t want = n < sizeof(block) ? n : sizeof(block);

        rig_recv(fd, block, want);
        for (size_t i = 0; i < want; i++) {
            if (block[i] != rig_byte(from + i)) {
                fail_msg("byte %zu is wrong", from + i);
            }
        }
        from += want;
        n -= want;
    }
}
