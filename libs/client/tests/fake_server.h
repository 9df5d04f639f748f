/* fake_server.h - the other end of a client, played by the test itself, line by line.
 *
 * The client has a thread of its own, so the test can wait for what it sends. Every wait has
 * a deadline that no working client comes near.
 */
#pragma once

#include "nb_test.h"

#include <natsd/client.h>
#include <natsd/clock.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    FAKE_DEADLINE_MS = 20000,
    FAKE_EVENTS_MAX = 256,
};

// -- a listening socket ----------------------------------------------------------------------

struct fake {
    int fd;
    uint16_t port;
    char url[64];
};

static inline void fake_open(struct fake *fake)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fake->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fake->fd >= 0);
    assert_int_equal(bind(fake->fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fake->fd, 16), 0);
    assert_int_equal(getsockname(fake->fd, (struct sockaddr *)&address, &size), 0);
    fake->port = ntohs(address.sin_port);
    snprintf(fake->url, sizeof(fake->url), "nats://127.0.0.1:%u", fake->port);
}

static inline void fake_close(struct fake *fake)
{
    close(fake->fd);
}

static inline void wait_readable(int fd, const char *for_what)
{
    struct pollfd entry = {.fd = fd, .events = POLLIN};

    if (poll(&entry, 1, FAKE_DEADLINE_MS) != 1) {
        fail_msg("nothing came: %s", for_what);
    }
}

// -- one connection of the client ------------------------------------------------------------

struct peer {
    int fd;
    char line[8192];    // the last one read, without CR LF
    char connect[8192]; // the CONNECT's JSON
};

static inline void peer_accept(struct peer *peer, const struct fake *fake)
{
    const int on = 1;

    wait_readable(fake->fd, "a connection");
    peer->fd = accept4(fake->fd, NULL, NULL, SOCK_CLOEXEC);
    assert_true(peer->fd >= 0);
    assert_int_equal(setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), 0);
}

static inline void peer_close(struct peer *peer)
{
    close(peer->fd);
    peer->fd = -1;
}

static inline void peer_send_bytes(struct peer *peer, const void *bytes, size_t n)
{
    const char *from = bytes;

    while (n > 0) {
        ssize_t sent = send(peer->fd, from, n, MSG_NOSIGNAL);

        assert_true(sent > 0);
        from += sent;
        n -= (size_t)sent;
    }
}

static inline void peer_send(struct peer *peer, const char *text)
{
    peer_send_bytes(peer, text, strlen(text));
}

static inline size_t peer_read(struct peer *peer, void *to, size_t n)
{
    wait_readable(peer->fd, "bytes");
    ssize_t got = recv(peer->fd, to, n, 0);

    if (got < 0) {
        assert_int_equal(errno, ECONNRESET);
        got = 0;
    }
    return (size_t)got;
}

static inline void peer_expect_bytes(struct peer *peer, const void *bytes, size_t n)
{
    char *got = test_malloc(n + 1);
    size_t used = 0;

    while (used < n) {
        size_t more = peer_read(peer, got + used, n - used);

        if (more == 0 || memcmp(got + used, (const char *)bytes + used, more) != 0) {
            got[used + more] = '\0';
            fail_msg("got \"%s\", want \"%.*s\"", got, (int)n, (const char *)bytes);
        }
        used += more;
    }
    test_free(got);
}

static inline void peer_expect(struct peer *peer, const char *text)
{
    peer_expect_bytes(peer, text, strlen(text));
}

static inline const char *peer_line(struct peer *peer)
{
    size_t n = 0;

    while (n < 2 || peer->line[n - 2] != '\r' || peer->line[n - 1] != '\n') {
        assert_true(n < sizeof(peer->line) - 1);
        if (peer_read(peer, peer->line + n, 1) == 0) {
            fail_msg("the client closed");
        }
        n++;
    }
    peer->line[n - 2] = '\0';
    return peer->line;
}

static inline void peer_expect_end(struct peer *peer)
{
    char byte;

    assert_int_equal(peer_read(peer, &byte, 1), 0);
}

#define FAKE_INFO                                                                    \
    "INFO {\"server_id\":\"NFAKE\",\"server_name\":\"fake\",\"version\":\"2.15.2\"," \
    "\"proto\":1,\"headers\":true,\"max_payload\":1048576,\"client_id\":7,"          \
    "\"client_ip\":\"127.0.0.1\"} \r\n"

// INFO, and what the client answers to it; the PONG is not sent yet.
static inline void peer_begin(struct peer *peer, const struct fake *fake, const char *info)
{
    peer_accept(peer, fake);
    peer_send(peer, info);
    assert_int_equal(strncmp(peer_line(peer), "CONNECT {", 9), 0);
    memcpy(peer->connect, peer->line + 8, sizeof(peer->line) - 8);
    peer_expect(peer, "PING\r\n");
}

static inline void peer_greet(struct peer *peer, const struct fake *fake)
{
    peer_begin(peer, fake, FAKE_INFO);
    peer_send(peer, "PONG\r\n");
}

// -- what the client tells -------------------------------------------------------------------

struct watcher {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct {
        enum nclient_event event;
        char text[512];
    } events[FAKE_EVENTS_MAX];
    unsigned count;
    unsigned seen;  // events the test has waited for
    unsigned marks; // raised by callbacks, lowered by watcher_await_mark()
    char last[512];
};

static inline void watcher_init(struct watcher *watcher)
{
    memset(watcher, 0, sizeof(*watcher));
    pthread_mutex_init(&watcher->mutex, NULL);
    pthread_cond_init(&watcher->changed, NULL);
}

static inline void watcher_fini(struct watcher *watcher)
{
    pthread_cond_destroy(&watcher->changed);
    pthread_mutex_destroy(&watcher->mutex);
}

static inline void watcher_event(void *ctx, struct nclient *client NB_UNUSED,
                                 enum nclient_event event, const char *text)
{
    struct watcher *watcher = ctx;

    pthread_mutex_lock(&watcher->mutex);
    if (watcher->count < FAKE_EVENTS_MAX) {
        watcher->events[watcher->count].event = event;
        snprintf(watcher->events[watcher->count].text, sizeof(watcher->events[0].text), "%s", text);
        watcher->count++;
    }
    pthread_cond_broadcast(&watcher->changed);
    pthread_mutex_unlock(&watcher->mutex);
}

static inline bool watcher_wait(struct watcher *watcher)
{
    int64_t now_ns = nb_wall_now().ns;
    const struct timespec end = {.tv_sec = now_ns / NB_NS_PER_S + FAKE_DEADLINE_MS / 1000,
                                 .tv_nsec = now_ns % NB_NS_PER_S};

    return pthread_cond_timedwait(&watcher->changed, &watcher->mutex, &end) == 0;
}

// The next event must be this one; its text.
static inline const char *watcher_await(struct watcher *watcher, enum nclient_event event)
{
    enum nclient_event got;

    pthread_mutex_lock(&watcher->mutex);
    while (watcher->seen == watcher->count && watcher_wait(watcher)) {
    }
    if (watcher->seen == watcher->count) {
        pthread_mutex_unlock(&watcher->mutex);
        fail_msg("event %d did not come", (int)event);
    }
    got = watcher->events[watcher->seen].event;
    memcpy(watcher->last, watcher->events[watcher->seen].text, sizeof(watcher->last));
    watcher->seen++;
    pthread_mutex_unlock(&watcher->mutex);
    if (got != event) {
        fail_msg("event %d (%s) came, not %d", (int)got, watcher->last, (int)event);
    }
    return watcher->last;
}

static inline void watcher_mark(struct watcher *watcher)
{
    pthread_mutex_lock(&watcher->mutex);
    watcher->marks++;
    pthread_cond_broadcast(&watcher->changed);
    pthread_mutex_unlock(&watcher->mutex);
}

static inline void watcher_await_mark(struct watcher *watcher)
{
    bool is_there;

    pthread_mutex_lock(&watcher->mutex);
    while (watcher->marks == 0 && watcher_wait(watcher)) {
    }
    is_there = watcher->marks > 0;
    watcher->marks -= is_there ? 1 : 0;
    pthread_mutex_unlock(&watcher->mutex);
    assert_true(is_there);
}

// -- both ends of a connection that is up ----------------------------------------------------

struct pair {
    struct fake fake;
    struct peer peer;
    struct watcher watcher;
    struct nclient *client;
};

// opts->urls is filled in.
static inline void pair_open_opts(struct pair *pair, struct nclient_opts *opts)
{
    struct nb_diag diag = {""};

    fake_open(&pair->fake);
    watcher_init(&pair->watcher);
    opts->urls = pair->fake.url;
    opts->event = watcher_event;
    opts->event_ctx = &pair->watcher;
    if (opts->reconnect_wait_ns == 0) {
        opts->reconnect_wait_ns = NB_NS_PER_MS;
    }
    assert_int_equal(nclient_connect(opts, &pair->client, &diag), NB_OK);
    peer_greet(&pair->peer, &pair->fake);
    watcher_await(&pair->watcher, NCLIENT_CONNECTED);
}

static inline void pair_open(struct pair *pair)
{
    struct nclient_opts opts = {.name = "test"};

    pair_open_opts(pair, &opts);
}

static inline void *peer_read_to_end(void *arg)
{
    struct peer *peer = arg;
    char bytes[4096];

    while (peer_read(peer, bytes, sizeof(bytes)) > 0) {
    }
    peer_close(peer);
    return NULL;
}

// A server closes when the client did; until then the client waits a moment.
static inline void close_client(struct nclient *client, struct peer *peer)
{
    pthread_t reader;

    assert_int_equal(pthread_create(&reader, NULL, peer_read_to_end, peer), 0);
    nclient_close_wait(client);
    pthread_join(reader, NULL);
}

// After the client was closed.
static inline void pair_fini(struct pair *pair)
{
    if (pair->peer.fd >= 0) {
        peer_close(&pair->peer);
    }
    fake_close(&pair->fake);
    watcher_fini(&pair->watcher);
}

static inline void pair_close(struct pair *pair)
{
    if (pair->peer.fd >= 0) {
        close_client(pair->client, &pair->peer);
    } else {
        nclient_close_wait(pair->client);
    }
    pair_fini(pair);
}

static inline struct slice text(const char *literal)
{
    return nb_slice_of(literal);
}
