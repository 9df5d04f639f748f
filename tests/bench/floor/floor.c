/* floor.c - how little a message can cost: one thread, one epoll loop, no checks.
 *
 * It understands just enough of the protocol for a load generator: INFO, CONNECT, PING, SUB and
 * PUB, with subjects compared byte by byte against a short list; a star at the end of one stands
 * for whatever comes there, which inboxes need. Nothing is limited, verified or freed early; it is
 * no server, but the third column beside two of them.
 *
 *     floor PORT        listens on 127.0.0.1 until it is ended
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    READ_BYTES = 256 * 1024,
    EVENTS_MAX = 64,
    SUBJECT_MAX_BYTES = 64,
    SID_MAX_BYTES = 16,
    SUBS_MAX = 4096,
};

struct conn {
    int fd;
    char *in;
    size_t in_used, in_room;
    char *out;
    size_t out_used, out_sent, out_room;
    bool is_blocked;
    bool is_dirty;
    struct conn *dirty_next;
};

struct sub {
    struct conn *conn;
    char subject[SUBJECT_MAX_BYTES];
    size_t subject_size; // without a star
    bool has_star;
    char sid[SID_MAX_BYTES];
    size_t sid_size;
    bool is_queue;
};

struct loop {
    int epoll;
    struct sub subs[SUBS_MAX];
    size_t sub_count;
    size_t queue_turn;
    struct conn *dirty;
};

static const char info[] =
    "INFO {\"server_id\":\"FLOOR\",\"server_name\":\"floor\",\"version\":\"2.15.2\",\"proto\":1,"
    "\"go\":\"c\",\"host\":\"127.0.0.1\",\"port\":0,\"headers\":true,\"max_payload\":8388608,"
    "\"client_id\":1} \r\n";

static void *grown(void *p, size_t size)
{
    p = realloc(p, size);
    if (p == NULL) {
        abort();
    }
    return p;
}

static char *out_room(struct loop *loop, struct conn *c, size_t n)
{
    if (c->out_used + n > c->out_room) {
        c->out_room = (c->out_used + n) * 2;
        c->out = grown(c->out, c->out_room);
    }
    if (!c->is_dirty) {
        c->is_dirty = true;
        c->dirty_next = loop->dirty;
        loop->dirty = c;
    }
    return c->out + c->out_used;
}

static void put(struct loop *loop, struct conn *c, const char *text, size_t n)
{
    memcpy(out_room(loop, c, n), text, n);
    c->out_used += n;
}

static void set_events(const struct loop *loop, struct conn *c)
{
    struct epoll_event event = {.events = EPOLLIN | (c->is_blocked ? EPOLLOUT : 0U), .data.ptr = c};

    epoll_ctl(loop->epoll, EPOLL_CTL_MOD, c->fd, &event);
}

static void flush(const struct loop *loop, struct conn *c)
{
    bool was_blocked = c->is_blocked;

    c->is_blocked = false;
    while (c->out_sent < c->out_used) {
        ssize_t n = send(c->fd, c->out + c->out_sent, c->out_used - c->out_sent, MSG_NOSIGNAL);

        if (n < 0) {
            c->is_blocked = errno == EAGAIN;
            break;
        }
        c->out_sent += (size_t)n;
    }
    if (!c->is_blocked) {
        c->out_sent = 0;
        c->out_used = 0;
    }
    if (c->is_blocked != was_blocked) {
        set_events(loop, c);
    }
}

// "MSG <subject> <sid> [<reply> ]<size>\r\n<payload>\r\n"; `rest` is what follows the subject in
// the publisher's line up to the payload's end.
static void deliver(struct loop *loop, const struct sub *sub, const char *subject,
                    size_t subject_size, const char *rest, size_t rest_size)
{
    size_t n = 4 + subject_size + 1 + sub->sid_size + 1 + rest_size;
    char *out = out_room(loop, sub->conn, n);

    memcpy(out, "MSG ", 4);
    out += 4;
    memcpy(out, subject, subject_size);
    out += subject_size;
    *out++ = ' ';
    memcpy(out, sub->sid, sub->sid_size);
    out += sub->sid_size;
    *out++ = ' ';
    memcpy(out, rest, rest_size);
    sub->conn->out_used += n;
}

static bool matches(const struct sub *sub, const char *subject, size_t subject_size)
{
    return (sub->has_star ? subject_size > sub->subject_size : subject_size == sub->subject_size) &&
           memcmp(sub->subject, subject, sub->subject_size) == 0;
}

static void publish(struct loop *loop, const char *subject, size_t subject_size, const char *rest,
                    size_t rest_size)
{
    size_t members = 0;

    for (size_t i = 0; i < loop->sub_count; i++) {
        const struct sub *sub = &loop->subs[i];

        if (!matches(sub, subject, subject_size)) {
            continue;
        }
        if (sub->is_queue) {
            members++;
        } else {
            deliver(loop, sub, subject, subject_size, rest, rest_size);
        }
    }
    if (members > 0) {
        size_t turn = loop->queue_turn++ % members;

        for (size_t i = 0; i < loop->sub_count; i++) {
            const struct sub *sub = &loop->subs[i];

            if (sub->is_queue && matches(sub, subject, subject_size) && turn-- == 0) {
                deliver(loop, sub, subject, subject_size, rest, rest_size);
            }
        }
    }
}

static void subscribe(struct loop *loop, struct conn *c, const char *line)
{
    struct sub *sub = &loop->subs[loop->sub_count];
    char words[3][SUBJECT_MAX_BYTES] = {"", "", ""};
    int count = sscanf(line, "%63s %63s %63s", words[0], words[1], words[2]);

    if (count < 2 || loop->sub_count == SUBS_MAX) {
        return;
    }
    sub->conn = c;
    sub->is_queue = count == 3;
    sub->subject_size = (size_t)snprintf(sub->subject, sizeof(sub->subject), "%s", words[0]);
    sub->has_star = sub->subject[sub->subject_size - 1] == '*';
    sub->subject_size -= sub->has_star;
    sub->sid_size = (size_t)snprintf(sub->sid, sizeof(sub->sid), "%.15s", words[count - 1]);
    loop->sub_count++;
}

// One operation at the front of [at, end); NULL when it is not whole.
static const char *take_operation(struct loop *loop, struct conn *c, const char *at,
                                  const char *end)
{
    const char *eol = memchr(at, '\n', (size_t)(end - at));
    size_t size = 0;
    const char *digits;
    const char *subject_end;

    if (eol == NULL) {
        return NULL;
    }
    if (at[0] != 'P' || at[1] != 'U') {
        if (at[0] == 'P' && at[1] == 'I') {
            put(loop, c, "PONG\r\n", 6);
        } else if (at[0] == 'S') {
            char line[256];

            snprintf(line, sizeof(line), "%.*s", (int)(eol - at - 4), at + 4);
            subscribe(loop, c, line);
        }
        return eol + 1;
    }
    digits = eol - 1;
    while (digits[-1] != ' ') {
        digits--;
    }
    for (const char *d = digits; *d != '\r'; d++) {
        size = size * 10 + (size_t)(*d - '0');
    }
    if ((size_t)(end - eol - 1) < size + 2) {
        return NULL;
    }
    subject_end = memchr(at + 4, ' ', (size_t)(eol - at - 4));
    publish(loop, at + 4, (size_t)(subject_end - at - 4), subject_end + 1,
            (size_t)(eol + 1 - subject_end - 1) + size + 2);
    return eol + 1 + size + 2;
}

static bool take_input(struct loop *loop, struct conn *c)
{
    const char *at;
    const char *next;
    ssize_t n;

    if (c->in_room - c->in_used < READ_BYTES) {
        c->in_room = c->in_used + 2 * (size_t)READ_BYTES;
        c->in = grown(c->in, c->in_room);
    }
    n = recv(c->fd, c->in + c->in_used, READ_BYTES, 0);
    if (n <= 0) {
        return n < 0 && errno == EAGAIN;
    }
    c->in_used += (size_t)n;
    at = c->in;
    while (at < c->in + c->in_used &&
           (next = take_operation(loop, c, at, c->in + c->in_used)) != NULL) {
        at = next;
    }
    c->in_used -= (size_t)(at - c->in);
    memmove(c->in, at, c->in_used);
    return true;
}

static void forget(struct loop *loop, struct conn *c)
{
    for (size_t i = 0; i < loop->sub_count;) {
        if (loop->subs[i].conn == c) {
            loop->subs[i] = loop->subs[--loop->sub_count];
        } else {
            i++;
        }
    }
    close(c->fd); // the rest is leaked: an event of this round may still point to it
}

static void take_connection(struct loop *loop, int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    struct conn *c = calloc(1, sizeof(*c));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    int on = 1;

    if (fd < 0 || c == NULL) {
        free(c);
        return;
    }
    c->fd = fd;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event);
    put(loop, c, info, sizeof(info) - 1);
}

static int listen_on(int port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr = {htonl(INADDR_LOOPBACK)},
    };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int on = 1;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 1024) != 0) {
        perror("listen");
        exit(1);
    }
    return fd;
}

static void flush_dirty(struct loop *loop)
{
    while (loop->dirty != NULL) {
        struct conn *c = loop->dirty;

        loop->dirty = c->dirty_next;
        c->is_dirty = false;
        if (!c->is_blocked) {
            flush(loop, c);
        }
    }
}

int main(int argc, char **argv)
{
    struct loop *loop = calloc(1, sizeof(*loop));
    int port = argc == 2 ? (int)strtol(argv[1], NULL, 10) : 0;
    int listener;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};

    if (loop == NULL || port == 0) {
        fprintf(stderr, "usage: floor PORT\n");
        return 2;
    }
    listener = listen_on(port);
    loop->epoll = epoll_create1(0);
    epoll_ctl(loop->epoll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        struct epoll_event events[EVENTS_MAX];
        int count = epoll_wait(loop->epoll, events, EVENTS_MAX, -1);

        for (int i = 0; i < count; i++) {
            struct conn *c = events[i].data.ptr;

            if (c == NULL) {
                take_connection(loop, listener);
                continue;
            }
            if ((events[i].events & EPOLLOUT) != 0) {
                flush(loop, c);
            }
            if ((events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && !take_input(loop, c)) {
                forget(loop, c);
            }
        }
        flush_dirty(loop);
    }
}
