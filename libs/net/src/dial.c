#include <natsd/listener.h>

#include "address.h"
#include "worker.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>

/* Everything happens in steps that a timer or the socket starts, so that `done` never runs
 * inside a call of the user. The time is shared: each address that is left gets an equal part
 * of what is left.
 */
enum {
    ADDRESSES_MAX = 16,
    TEXT_MAX_BYTES = 320,
    HOST_MAX_BYTES = 256,
};

struct dial_address {
    struct sockaddr_storage storage;
    socklen_t size;
};

// A name being looked up in the pool. Outlives a dial that gave up.
struct lookup {
    struct nnet_job job;
    struct nnet_dial *dial; // NULL: nobody waits
    char *host;
    struct dial_address addresses[ADDRESSES_MAX];
    unsigned count;
};

// A socket being connected. Outlives its dial until the loop closed the handle.
struct attempt {
    uv_poll_t poll; // data: the attempt
    struct nnet_dial *dial;
    int fd;
};

struct nnet_dial {
    struct nnet_worker *worker;
    nnet_dial_fn done;
    void *ctx;
    char *host;
    uint16_t port;
    uint64_t end_ns;
    struct nnet_timer timer;
    struct lookup *lookup;
    struct attempt *attempt;
    struct dial_address addresses[ADDRESSES_MAX];
    unsigned count;
    unsigned next;
    bool is_canceled;
    bool has_begun;
    int rc; // of the last address
    char text[TEXT_MAX_BYTES];
};

static void close_attempt(struct nnet_dial *dial, int *keep_fd);

static void finish(struct nnet_dial *dial, int rc, int fd, const char *text)
{
    nnet_dial_fn done = dial->done;
    void *ctx = dial->ctx;
    char last[TEXT_MAX_BYTES];

    snprintf(last, sizeof(last), "%s", text);
    nnet_timer_disarm(dial->worker, &dial->timer);
    if (dial->lookup != NULL) {
        dial->lookup->dial = NULL;
    }
    close_attempt(dial, NULL);
    nb_free(dial->host);
    nb_free(dial);
    done(ctx, rc, fd, last);
}

static void on_attempt_closed(uv_handle_t *handle)
{
    nb_free(handle->data);
}

// The socket is closed, too, or becomes the caller's.
static void close_attempt(struct nnet_dial *dial, int *keep_fd)
{
    struct attempt *attempt = dial->attempt;

    if (attempt == NULL) {
        return;
    }
    dial->attempt = NULL;
    uv_close((uv_handle_t *)&attempt->poll, on_attempt_closed);
    if (keep_fd != NULL) {
        *keep_fd = attempt->fd;
    } else {
        (void)close(attempt->fd); // nothing was sent
    }
}

// Of the address that is tried.
static void note_failure(struct nnet_dial *dial, const char *step, int error_number)
{
    struct nnet_address address;
    const struct sockaddr *tried =
        (const struct sockaddr *)&dial->addresses[dial->next - 1].storage;
    bool is_ipv6 = tried->sa_family == AF_INET6;
    char why[128];

    nnet__address_from_sockaddr(tried, &address);
    dial->rc = nb_error_from_errno(error_number);
    snprintf(dial->text, sizeof(dial->text), "dial tcp %s%s%s:%u: %s%s", is_ipv6 ? "[" : "",
             address.ip, is_ipv6 ? "]" : "", address.port, step,
             error_number == ETIMEDOUT ? "i/o timeout"
                                       : nb_errno_text(error_number, why, sizeof(why)));
}

static void on_writable(uv_poll_t *handle, int status, int events);

// Returns an errno value.
static int start_attempt(struct nnet_dial *dial, const struct dial_address *address)
{
    const struct sockaddr *to = (const struct sockaddr *)&address->storage;
    int fd = socket(to->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct attempt *attempt;

    if (fd < 0) {
        return errno;
    }
    if (connect(fd, to, address->size) != 0 && errno != EINPROGRESS) {
        int error_number = errno;

        (void)close(fd);
        return error_number;
    }
    attempt = nb_zalloc(sizeof(*attempt));
    attempt->dial = dial;
    attempt->fd = fd;
    attempt->poll.data = attempt;
    dial->attempt = attempt;
    NNET_UV_OK(uv_poll_init(&dial->worker->loop, &attempt->poll, fd));
    NNET_UV_OK(uv_poll_start(&attempt->poll, UV_WRITABLE, on_writable));
    return 0;
}

static void arm_share(struct nnet_dial *dial)
{
    uint64_t now_ns = dial->worker->now.ns;
    uint64_t left_ns = dial->end_ns > now_ns ? dial->end_ns - now_ns : 0;
    unsigned addresses_left = dial->count - dial->next + 1;

    nnet_timer_arm(dial->worker, &dial->timer, (int64_t)(left_ns / addresses_left));
}

static void try_next(struct nnet_dial *dial)
{
    while (dial->next < dial->count) {
        int error_number = start_attempt(dial, &dial->addresses[dial->next++]);

        if (error_number == 0) {
            arm_share(dial);
            return;
        }
        note_failure(dial, "connect: ", error_number);
    }
    finish(dial, dial->rc, -1, dial->text);
}

static void on_writable(uv_poll_t *handle, int status NB_UNUSED, int events NB_UNUSED)
{
    struct attempt *attempt = handle->data;
    struct nnet_dial *dial = attempt->dial;
    struct nnet_worker *worker = dial->worker;
    int error_number = 0;
    socklen_t size = sizeof(error_number);
    int fd = -1;

    nnet__worker_enter(worker);
    if (getsockopt(attempt->fd, SOL_SOCKET, SO_ERROR, &error_number, &size) != 0) {
        error_number = errno;
    }
    if (error_number == 0) {
        close_attempt(dial, &fd);
        finish(dial, NB_OK, fd, "");
    } else {
        close_attempt(dial, NULL);
        note_failure(dial, "connect: ", error_number);
        try_next(dial);
    }
    nnet__worker_leave(worker);
}

// Looking up.

static void look_up(struct nnet_job *job)
{
    struct lookup *lookup = nb_container_of(job, struct lookup, job);
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *list = NULL;

    if (getaddrinfo(lookup->host, NULL, &hints, &list) != 0) {
        return; // no addresses
    }
    for (const struct addrinfo *it = list; it != NULL && lookup->count < ADDRESSES_MAX;
         it = it->ai_next) {
        struct dial_address *address = &lookup->addresses[lookup->count++];

        memcpy(&address->storage, it->ai_addr, it->ai_addrlen);
        address->size = it->ai_addrlen;
    }
    freeaddrinfo(list);
}

static void set_port(struct dial_address *address, uint16_t port)
{
    if (address->storage.ss_family == AF_INET6) {
        ((struct sockaddr_in6 *)&address->storage)->sin6_port = htons(port);
    } else {
        ((struct sockaddr_in *)&address->storage)->sin_port = htons(port);
    }
}

static void on_looked_up(struct nnet_job *job, int rc NB_UNUSED)
{
    struct lookup *lookup = nb_container_of(job, struct lookup, job);
    struct nnet_dial *dial = lookup->dial;

    if (dial != NULL) {
        dial->lookup = NULL;
        dial->count = lookup->count;
        memcpy(dial->addresses, lookup->addresses, sizeof(dial->addresses));
        for (unsigned i = 0; i < dial->count; i++) {
            set_port(&dial->addresses[i], dial->port);
        }
        try_next(dial);
    }
    nb_free(lookup->host);
    nb_free(lookup);
}

static void start_lookup(struct nnet_dial *dial)
{
    struct lookup *lookup = nb_zalloc(sizeof(*lookup));

    lookup->job.work = look_up;
    lookup->job.done = on_looked_up;
    lookup->dial = dial;
    lookup->host = nb_strdup(dial->host);
    dial->lookup = lookup;
    dial->rc = NB_ENOTFOUND;
    snprintf(dial->text, sizeof(dial->text), "dial tcp: lookup %.*s: no such host", HOST_MAX_BYTES,
             dial->host);
    nnet_worker_run_job(dial->worker, &lookup->job);
}

// An address in figures needs no lookup.
static bool parse_address(const char *host, uint16_t port, struct dial_address *out)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};

    memset(out, 0, sizeof(*out));
    if (inet_pton(AF_INET, host, &in.sin_addr) == 1) {
        memcpy(&out->storage, &in, sizeof(in));
        out->size = sizeof(in);
    } else if (inet_pton(AF_INET6, host, &in6.sin6_addr) == 1) {
        memcpy(&out->storage, &in6, sizeof(in6));
        out->size = sizeof(in6);
    } else {
        return false;
    }
    set_port(out, port);
    return true;
}

static void begin(struct nnet_dial *dial)
{
    uint64_t now_ns = dial->worker->now.ns;

    dial->has_begun = true;
    if (parse_address(dial->host, dial->port, &dial->addresses[0])) {
        dial->count = 1;
        try_next(dial);
        return;
    }
    nnet_timer_arm(dial->worker, &dial->timer,
                   dial->end_ns > now_ns ? (int64_t)(dial->end_ns - now_ns) : 0);
    start_lookup(dial);
}

static void on_timer(struct nnet_timer *timer)
{
    struct nnet_dial *dial = nb_container_of(timer, struct nnet_dial, timer);

    if (dial->is_canceled) {
        finish(dial, NB_ECANCELED, -1, "dial tcp: operation was canceled");
    } else if (!dial->has_begun) {
        begin(dial);
    } else if (dial->attempt == NULL) {
        snprintf(dial->text, sizeof(dial->text), "dial tcp: lookup %.*s: i/o timeout",
                 HOST_MAX_BYTES, dial->host);
        finish(dial, NB_ETIMEDOUT, -1, dial->text);
    } else {
        close_attempt(dial, NULL);
        note_failure(dial, "", ETIMEDOUT);
        try_next(dial);
    }
}

struct nnet_dial *nnet_dial_start(struct nnet_worker *worker, const char *host, uint16_t port,
                                  int64_t timeout_ns, nnet_dial_fn done, void *ctx)
{
    struct nnet_dial *dial = nb_zalloc(sizeof(*dial));

    nnet__assert_owner(worker);
    assert(timeout_ns >= 0);
    dial->worker = worker;
    dial->done = done;
    dial->ctx = ctx;
    dial->host = nb_strdup(host);
    dial->port = port;
    dial->end_ns = worker->now.ns + (uint64_t)timeout_ns;
    dial->timer.fire = on_timer;
    nnet_timer_arm(worker, &dial->timer, 0);
    return dial;
}

void nnet_dial_cancel(struct nnet_dial *dial)
{
    nnet__assert_owner(dial->worker);
    dial->is_canceled = true;
    close_attempt(dial, NULL);
    if (dial->lookup != NULL) {
        dial->lookup->dial = NULL;
        dial->lookup = NULL;
    }
    nnet_timer_arm(dial->worker, &dial->timer, 0);
}
