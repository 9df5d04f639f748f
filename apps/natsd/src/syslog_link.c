#include "syslog_link.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <natsd/memory.h>

enum {
    LINE_MAX_BYTES = NB_LOG_LINE_MAX_BYTES + 1024,
    HOST_MAX_BYTES = 256,
    ERRNO_TEXT_BYTES = 128,
};

/* Addresses. */

// "dial tcp: lookup x: no such host"
static int refuse_address(struct nb_diag *diag, const char *network, const char *what,
                          const char *address, const char *why)
{
    nb_diag_set(diag, "error connecting to syslog: \"dial %s: %s %.200s: %s\"", network, what,
                address, why);
    return NB_EINVALID;
}

// "dial tcp 127.0.0.1:1: connect: connection refused"
static int refuse_connection(struct nb_diag *diag, const char *network, const char *address,
                             int error_number)
{
    char text[ERRNO_TEXT_BYTES];

    nb_diag_set(diag, "error connecting to syslog: \"dial %s %.200s: connect: %s\"", network,
                address, nb_errno_text(error_number, text, sizeof(text)));
    return NB_EIO;
}

static int use_unix(struct syslog_link *link, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t n = strlen(path);

    if (n >= sizeof(address.sun_path)) {
        return ENAMETOOLONG;
    }
    memcpy(address.sun_path, path, n + 1);
    memcpy(&link->address, &address, sizeof(address));
    link->address_size = sizeof(address);
    return 0;
}

// "host:port"
static int use_inet(struct syslog_link *link, const char *network, const char *target,
                    struct nb_diag *diag)
{
    const char *colon = strrchr(target, ':');
    const struct addrinfo hints = {.ai_socktype = link->type};
    struct addrinfo *found = NULL;
    char host[HOST_MAX_BYTES];

    if (colon == NULL) {
        return refuse_address(diag, network, "address", target, "missing port in address");
    }
    snprintf(host, sizeof(host), "%.*s", (int)(colon - target), target);
    if (getaddrinfo(host, colon + 1, &hints, &found) != 0) {
        return refuse_address(diag, network, "lookup", host, "no such host");
    }
    memcpy(&link->address, found->ai_addr, found->ai_addrlen);
    link->address_size = found->ai_addrlen;
    freeaddrinfo(found);
    return NB_OK;
}

/* Connecting. */

// errno, or 0. What is connected while the server runs does not wait for the other side.
static int connect_socket(struct syslog_link *link, int flags)
{
    link->fd = socket(link->address.ss_family, link->type | SOCK_CLOEXEC | flags, 0);
    link->connected_at = nb_mono_now();
    if (link->fd >= 0 &&
        (connect(link->fd, (const struct sockaddr *)&link->address, link->address_size) == 0 ||
         errno == EINPROGRESS)) {
        return 0;
    }
    if (link->fd >= 0) {
        int error_number = errno;

        close(link->fd);
        link->fd = -1;
        return error_number;
    }
    return errno;
}

static int connect_local(struct syslog_link *link, struct nb_diag *diag)
{
    static const char *const paths[] = {"/dev/log", "/var/run/syslog", "/var/run/log"};
    static const int types[] = {SOCK_DGRAM, SOCK_STREAM};

    for (size_t i = 0; i < NB_ARRAY_LEN(paths) * NB_ARRAY_LEN(types); i++) {
        link->type = types[i % NB_ARRAY_LEN(types)];
        if (use_unix(link, paths[i / NB_ARRAY_LEN(types)]) == 0 && connect_socket(link, 0) == 0) {
            return NB_OK;
        }
    }
    nb_diag_set(diag, "error connecting to syslog: \"Unix syslog delivery error\"");
    return NB_EIO;
}

static int connect_unix(struct syslog_link *link, const char *path, struct nb_diag *diag)
{
    int error_number;

    link->type = SOCK_STREAM;
    error_number = use_unix(link, path);
    if (error_number == 0) {
        error_number = connect_socket(link, 0);
    }
    return error_number == 0 ? NB_OK : refuse_connection(diag, "unix", path, error_number);
}

static int connect_inet(struct syslog_link *link, const char *network, const char *target,
                        struct nb_diag *diag)
{
    const char *at = strrchr(target, '@'); // a user and a password are of no use
    int error_number;
    int rc;

    target = at != NULL ? at + 1 : target;
    rc = use_inet(link, network, target, diag);
    error_number = rc == NB_OK ? connect_socket(link, 0) : 0;

    return error_number == 0 ? rc : refuse_connection(diag, network, target, error_number);
}

static int connect_url(struct syslog_link *link, const char *url, struct nb_diag *diag)
{
    const char *colon = strchr(url, ':');
    struct slice scheme = nb_slice_make(url, colon != NULL ? (size_t)(colon - url) : 0);
    const char *rest = colon != NULL ? colon + 1 : url;

    rest += strncmp(rest, "//", 2) == 0 ? 2 : 0;
    link->is_remote_form = true;
    if (nb_slice_is(scheme, "udp")) {
        link->type = SOCK_DGRAM;
        return connect_inet(link, "udp", rest, diag);
    }
    if (nb_slice_is(scheme, "tcp")) {
        link->type = SOCK_STREAM;
        return connect_inet(link, "tcp", rest, diag);
    }
    if (nb_slice_is(scheme, "unix")) {
        link->is_remote_form = false;
        return connect_unix(link, rest, diag);
    }
    nb_diag_set(diag, "error invalid network type: \"%.*s\"",
                NB_SLICE_ARGS(nb_slice_sub(scheme, 0, 200)));
    return NB_EINVALID;
}

int syslog_link_open(struct syslog_link *link, const char *url, struct nb_diag *diag)
{
    int rc;

    *link = (struct syslog_link){.fd = -1, .facility = url != NULL ? LOG_KERN : LOG_DAEMON};
    rc = url != NULL ? connect_url(link, url, diag) : connect_local(link, diag);
    if (rc != NB_OK) {
        return rc;
    }
    nb_buf_init(&link->backlog, SYSLOG_BACKLOG_MAX_BYTES);
    link->tag = nb_strdup(program_invocation_short_name);
    link->is_open = true;
    return NB_OK;
}

void syslog_link_close(struct syslog_link *link)
{
    if (!link->is_open) {
        return;
    }
    if (link->fd >= 0) {
        close(link->fd);
    }
    nb_free(link->tag);
    nb_buf_fini(&link->backlog);
    *link = (struct syslog_link){.fd = -1};
}

/* Lines. */

static int severity(enum nb_log_level level)
{
    switch (level) {
    case NB_LOG_FATAL:
        return LOG_CRIT;
    case NB_LOG_ERROR:
        return LOG_ERR;
    case NB_LOG_WARN:
        return LOG_WARNING;
    case NB_LOG_INFO:
    case NB_LOG_TRACE:
        return LOG_NOTICE;
    case NB_LOG_DEBUG:
        return LOG_DEBUG;
    }
    NB_UNREACHABLE("log level");
}

static void add_local_time(struct nb_buf *out, time_t seconds)
{
    char stamp[64];
    struct tm tm;

    localtime_r(&seconds, &tm);
    strftime(stamp, sizeof(stamp), "%b %e %H:%M:%S", &tm);
    nb_buf_must_text(out, stamp);
}

static void add_head(const struct syslog_link *link, enum nb_log_level level, struct nb_buf *out)
{
    time_t seconds = (time_t)(nb_wall_now().ns / NB_NS_PER_S);
    char host[HOST_MAX_BYTES] = "";

    nb_buf_must_format(out, "<%d>", link->facility | severity(level));
    if (link->is_remote_form) {
        if (gethostname(host, sizeof(host) - 1) != 0 || host[0] == '\0') {
            snprintf(host, sizeof(host), "localhost");
        }
        nb_wall_format_local((struct nb_wall){seconds * NB_NS_PER_S}, out);
        nb_buf_must_format(out, " %s", host);
    } else {
        add_local_time(out, seconds);
    }
    nb_buf_must_format(out, " %s[%d]: ", link->tag, (int)getpid());
}

/* Sending. */

// Bytes that left, 0 when there is no room now, or -1 when the connection is lost.
static ssize_t try_send(const struct syslog_link *link, struct slice bytes)
{
    ssize_t n = send(link->fd, bytes.p, bytes.n, MSG_NOSIGNAL | MSG_DONTWAIT);

    if (n >= 0) {
        return n;
    }
    return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

static void lose(struct syslog_link *link)
{
    close(link->fd);
    link->fd = -1;
    nb_buf_clear(&link->backlog); // its beginning may have left
}

static bool has_connection(struct syslog_link *link)
{
    if (link->fd < 0 && nb_mono_since(nb_mono_now(), link->connected_at) >= NB_NS_PER_S) {
        (void)connect_socket(link, SOCK_NONBLOCK); // or the next line tries
    }
    return link->fd >= 0;
}

static bool send_backlog(struct syslog_link *link)
{
    ssize_t n;

    if (nb_buf_slice(&link->backlog).n == 0) {
        return true;
    }
    n = try_send(link, nb_buf_slice(&link->backlog));
    if (n < 0) {
        lose(link);
        return false;
    }
    nb_buf_drop_front(&link->backlog, (size_t)n);
    return nb_buf_slice(&link->backlog).n == 0;
}

// All of a line or nothing: a daemon cuts a stream at line ends.
static void send_on_stream(struct syslog_link *link, struct slice line)
{
    ssize_t n = 0;
    int rc;

    if (send_backlog(link)) {
        n = try_send(link, line);
    }
    if (n < 0) {
        lose(link);
    }
    if (link->fd >= 0 && (size_t)n < line.n) {
        rc = nb_buf_append(&link->backlog, nb_slice_sub(line, (size_t)n, line.n));
        (void)rc; // no room: the line is lost, there is nowhere to say so
    }
}

void syslog_link_write(struct syslog_link *link, enum nb_log_level level, struct slice line)
{
    struct nb_buf packet;

    if (!has_connection(link)) {
        return;
    }
    nb_buf_init(&packet, LINE_MAX_BYTES);
    add_head(link, level, &packet);
    nb_buf_must(&packet, nb_slice_sub(line, 0, NB_LOG_LINE_MAX_BYTES));
    if (line.n == 0 || line.p[line.n - 1] != '\n') {
        nb_buf_must_text(&packet, "\n");
    }
    if (link->type == SOCK_STREAM) {
        send_on_stream(link, nb_buf_slice(&packet));
    } else if (try_send(link, nb_buf_slice(&packet)) < 0 && link->address.ss_family == AF_UNIX) {
        lose(link); // a daemon that starts again makes a new socket; others lose a datagram
    }
    nb_buf_fini(&packet);
}
