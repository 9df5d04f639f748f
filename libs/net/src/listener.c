#include <natsd/listener.h>

#include "address.h"
#include "worker.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>

enum {
    ACCEPTS_PER_EVENT = 64, // then others' turn
    RETRY_MIN_MS = 10,
    RETRY_MAX_MS = 1000,
};

struct nnet_listener {
    uv_poll_t poll; // data: the listener
    struct nnet_worker *worker;
    nnet_accept_fn accepted;
    void *ctx;
    struct nnet_timer retry;
    int64_t retry_ms; // 0: the last accept was fine
    int fd;
    uint16_t port;
    bool is_closing;
};

// The same address, with what went wrong where: "listen tcp 127.0.0.1:4222: bind: ...".
static int report(struct nb_diag *diag, const char *host, int port, const char *step,
                  int error_number)
{
    const char *open = strchr(host, ':') != NULL ? "[" : "";
    const char *close = *open != '\0' ? "]" : "";
    char buf[128];

    nb_diag_set(diag, "listen tcp %s%s%s:%d: %s: %s", open, host, close, port > 0 ? port : 0, step,
                nb_errno_text(error_number, buf, sizeof(buf)));
    return nb_error_from_errno(error_number);
}

// "", "0.0.0.0" and "::" mean all addresses of both families.
static bool is_any_host(const char *host)
{
    return *host == '\0' || strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
}

struct bind_address {
    struct sockaddr_storage storage;
    socklen_t size;
    bool is_any;
};

static void any_address(int family, int port, struct bind_address *out)
{
    uint16_t net_port = htons((uint16_t)(port > 0 ? port : 0));

    *out = (struct bind_address){.is_any = true};
    if (family == AF_INET6) {
        struct sockaddr_in6 in6 = {
            .sin6_family = AF_INET6, .sin6_port = net_port, .sin6_addr = in6addr_any};

        memcpy(&out->storage, &in6, sizeof(in6));
        out->size = sizeof(in6);
    } else {
        struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = net_port};

        memcpy(&out->storage, &in, sizeof(in));
        out->size = sizeof(in);
    }
}

// The first IPv4 address of the host, or the first of any kind.
static int resolve(const char *host, int port, struct bind_address *out, struct nb_diag *diag)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *list = NULL;
    const struct addrinfo *chosen;
    char service[16];

    snprintf(service, sizeof(service), "%d", port > 0 ? port : 0);
    if (getaddrinfo(host, service, &hints, &list) != 0) {
        nb_diag_set(diag, "listen tcp: lookup %s: no such host", host);
        return NB_ENOTFOUND;
    }
    assert(list != NULL); // or it would have failed
    chosen = list;
    for (const struct addrinfo *it = list; it != NULL; it = it->ai_next) {
        if (it->ai_family == AF_INET) {
            chosen = it;
            break;
        }
    }
    *out = (struct bind_address){.size = chosen->ai_addrlen};
    memcpy(&out->storage, chosen->ai_addr, chosen->ai_addrlen);
    freeaddrinfo(list);
    return NB_OK;
}

static int open_socket(struct bind_address *address, int port)
{
    const int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    const int on = 1;
    const int off = 0;
    int fd = socket(address->storage.ss_family, type, 0);

    if (fd < 0 && errno == EAFNOSUPPORT && address->is_any) { // a machine without IPv6
        any_address(AF_INET, port, address);
        fd = socket(AF_INET, type, 0);
    }
    if (fd < 0) {
        return -1;
    }
    // The listener works without these, only less well.
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (address->is_any && address->storage.ss_family == AF_INET6) {
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    }
    return fd;
}

// A bound and listening socket.
static int open_listening(const char *host, int port, int *out, struct nb_diag *diag)
{
    struct bind_address address;
    const char *step = "socket";
    int fd;
    int rc;

    if (port < -1 || port > UINT16_MAX) {
        nb_diag_set(diag, "listen tcp: address %d: invalid port", port);
        return NB_EINVALID;
    }
    if (is_any_host(host)) {
        any_address(AF_INET6, port, &address);
    } else {
        rc = resolve(host, port, &address, diag);
        if (rc != NB_OK) {
            return rc;
        }
    }
    fd = open_socket(&address, port);
    if (fd < 0) {
        goto fail;
    }
    step = "bind";
    if (bind(fd, (struct sockaddr *)&address.storage, address.size) != 0) {
        goto fail;
    }
    step = "listen";
    if (listen(fd, SOMAXCONN) != 0) {
        goto fail;
    }
    *out = fd;
    return NB_OK;

fail:
    rc = report(diag, host, port, step, errno);
    if (fd >= 0) {
        (void)close(fd);
    }
    return rc;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage storage = {0};
    socklen_t size = sizeof(storage);
    struct nnet_address address;

    if (getsockname(fd, (struct sockaddr *)&storage, &size) != 0) {
        NB_UNREACHABLE("a listening socket has an address");
    }
    nnet__address_from_sockaddr((struct sockaddr *)&storage, &address);
    return address.port;
}

static void on_acceptable(uv_poll_t *handle, int status, int events);

static void start_accepting(struct nnet_listener *listener)
{
    NNET_UV_OK(uv_poll_start(&listener->poll, UV_READABLE, on_acceptable));
}

static void on_retry(struct nnet_timer *timer)
{
    start_accepting(nb_container_of(timer, struct nnet_listener, retry));
}

// Out of descriptors or memory, most likely: the queued connections stay where they are.
static void wait_and_retry(struct nnet_listener *listener, int error_number)
{
    int64_t next_ms = listener->retry_ms > 0 ? listener->retry_ms * 2 : RETRY_MIN_MS;
    char buf[128];

    listener->retry_ms = next_ms < RETRY_MAX_MS ? next_ms : RETRY_MAX_MS;
    nb_log_warn(listener->worker->group->opts.log,
                "accept failed, retrying delay_ms=%d error=\"%s\"", (int)listener->retry_ms,
                nb_errno_text(error_number, buf, sizeof(buf)));
    NNET_UV_OK(uv_poll_stop(&listener->poll));
    nnet_timer_arm(listener->worker, &listener->retry, listener->retry_ms * NB_NS_PER_MS);
}

static void on_acceptable(uv_poll_t *handle, int status NB_UNUSED, int events NB_UNUSED)
{
    struct nnet_listener *listener = handle->data;
    struct nnet_worker *worker = listener->worker;

    nnet__worker_enter(worker);
    for (unsigned i = 0; i < ACCEPTS_PER_EVENT && !listener->is_closing; i++) {
        struct sockaddr_storage storage = {0};
        socklen_t size = sizeof(storage);
        struct nnet_address peer;
        int fd =
            accept4(listener->fd, (struct sockaddr *)&storage, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            break;
        }
        if (fd < 0 && (errno == EINTR || errno == ECONNABORTED)) {
            continue; // that peer is gone
        }
        if (fd < 0) {
            wait_and_retry(listener, errno);
            break;
        }
        listener->retry_ms = 0;
        nnet__address_from_sockaddr((struct sockaddr *)&storage, &peer);
        listener->accepted(listener->ctx, fd, &peer);
    }
    nnet__worker_leave(worker);
}

int nnet_listener_open(struct nnet_worker *worker, const char *host, int port,
                       nnet_accept_fn accepted, void *ctx, struct nnet_listener **out,
                       struct nb_diag *diag)
{
    struct nnet_listener *listener;
    int fd = -1;
    int rc;

    nnet__assert_owner(worker);
    assert(host != NULL);
    rc = open_listening(host, port, &fd, diag);
    if (rc != NB_OK) {
        return rc;
    }
    listener = nb_zalloc(sizeof(*listener));
    listener->worker = worker;
    listener->accepted = accepted;
    listener->ctx = ctx;
    listener->retry.fire = on_retry;
    listener->fd = fd;
    listener->port = port_of(fd);
    listener->poll.data = listener;
    NNET_UV_OK(uv_poll_init(&worker->loop, &listener->poll, fd));
    start_accepting(listener);
    *out = listener;
    return NB_OK;
}

static void on_listener_closed(uv_handle_t *handle)
{
    nb_free(handle->data);
}

void nnet_listener_close(struct nnet_listener **listener)
{
    struct nnet_listener *l = *listener;

    if (l == NULL) {
        return;
    }
    nnet__assert_owner(l->worker);
    *listener = NULL;
    l->is_closing = true;
    nnet_timer_disarm(l->worker, &l->retry);
    uv_close((uv_handle_t *)&l->poll, on_listener_closed);
    (void)close(l->fd); // nothing can be done about it
}

uint16_t nnet_listener_port(const struct nnet_listener *listener)
{
    return listener->port;
}
