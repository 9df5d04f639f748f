/* server_rig.h - a server inside the test, and blocking clients that speak to it in plain text.
 * Nothing sleeps: a read that takes longer than the deadline fails the test.
 */
#pragma once

#include "nb_test.h"

#include <natsd/memory.h>
#include <natsd/server.h>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    RIG_DEADLINE_S = 60, // long, for sanitizers on a busy machine
    RIG_LINE_MAX_BYTES = 64 * 1024,
};

struct rig {
    struct nserver *server;
    struct nb_logger log;
};

static inline void rig_start(struct rig *rig, struct nserver_options *opts)
{
    struct nb_diag diag = {0};

    memset(rig, 0, sizeof(*rig));
    opts->port = -1;
    nserver_options_set_text(&opts->host, nb_slice_of("127.0.0.1"));
    if (nserver_create(opts, &rig->log, &rig->server, &diag) != NB_OK ||
        nserver_start(rig->server, &diag) != NB_OK) {
        fail_msg("the server did not start: %s", diag.text);
    }
    nserver_options_fini(opts);
}

static inline void rig_start_workers(struct rig *rig, unsigned workers)
{
    struct nserver_options opts = {.workers = workers};

    rig_start(rig, &opts);
}

static inline void rig_stop(struct rig *rig)
{
    nserver_destroy(&rig->server);
}

// A connection with what was read and not yet used.
struct rig_client {
    int fd;
    char *buf;
    size_t n;
    size_t at;
};

static inline void rig_connect(struct rig_client *c, const struct rig *rig)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET,
        .sin_port = htons(nserver_client_port(rig->server)),
        .sin_addr = {htonl(INADDR_LOOPBACK)},
    };
    struct timeval deadline = {.tv_sec = RIG_DEADLINE_S};
    int on = 1;

    *c = (struct rig_client){.fd = socket(AF_INET, SOCK_STREAM, 0),
                             .buf = nb_alloc(RIG_LINE_MAX_BYTES)};
    assert_true(c->fd >= 0);
    assert_int_equal(connect(c->fd, (struct sockaddr *)&to, sizeof(to)), 0);
    assert_int_equal(setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof(deadline)), 0);
    assert_int_equal(setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), 0);
}

static inline void rig_close(struct rig_client *c)
{
    close(c->fd);
    nb_free(c->buf);
}

static inline void rig_send(struct rig_client *c, const char *text, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(c->fd, text, n, MSG_NOSIGNAL);

        assert_true(sent > 0);
        text += sent;
        n -= (size_t)sent;
    }
}

static inline void rig_say(struct rig_client *c, const char *text)
{
    rig_send(c, text, strlen(text));
}

// The next line, whatever it is, without its CR LF, terminated, valid until the next call.
static inline char *rig_raw_line(struct rig_client *c)
{
    for (;;) {
        char *end = memchr(c->buf + c->at, '\n', c->n - c->at);
        ssize_t got;

        if (end != NULL) {
            char *line = c->buf + c->at;

            assert_true(end > line && end[-1] == '\r');
            end[-1] = '\0';
            c->at = (size_t)(end + 1 - c->buf);
            return line;
        }
        memmove(c->buf, c->buf + c->at, c->n - c->at);
        c->n -= c->at;
        c->at = 0;
        assert_true(c->n < RIG_LINE_MAX_BYTES);
        got = recv(c->fd, c->buf + c->n, RIG_LINE_MAX_BYTES - c->n, 0);
        if (got <= 0) {
            fail_msg("no line within %d s, or closed", RIG_DEADLINE_S);
        }
        c->n += (size_t)got;
    }
}

// The next line that is not the server's PING, which is answered: when it comes is a matter of
// how busy the machine is.
static inline char *rig_line(struct rig_client *c)
{
    char *line;

    while (strcmp(line = rig_raw_line(c), "PING") == 0) {
        rig_say(c, "PONG\r\n");
    }
    return line;
}

static inline void rig_expect(struct rig_client *c, const char *line)
{
    assert_string_equal(rig_line(c), line);
}

// INFO, CONNECT and the first PONG.
static inline void rig_greet(struct rig_client *c, const struct rig *rig)
{
    rig_connect(c, rig);
    assert_memory_equal(rig_line(c), "INFO {", 6);
    rig_say(c, "CONNECT {\"verbose\":false,\"pedantic\":false}\r\nPING\r\n");
    rig_expect(c, "PONG");
}

static inline void rig_ping(struct rig_client *c)
{
    rig_say(c, "PING\r\n");
    rig_expect(c, "PONG");
}
