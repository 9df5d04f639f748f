#include "syslog_link.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <natsd/buf.h>
#include <natsd/clock.h>

enum {
    LINE_MAX_BYTES = NB_LOG_LINE_MAX_BYTES + 1024,
};

static int connect_unix(const char *path, int type)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    if (strlen(path) >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
    fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static int connect_local(bool *is_stream)
{
    static const char *const paths[] = {"/dev/log", "/var/run/syslog", "/var/run/log"};

    for (size_t i = 0; i < 2 * NB_ARRAY_LEN(paths); i++) {
        int type = i % 2 == 0 ? SOCK_DGRAM : SOCK_STREAM;
        int fd = connect_unix(paths[i / 2], type);

        if (fd >= 0) {
            *is_stream = type == SOCK_STREAM;
            return fd;
        }
    }
    return -1;
}

// "host:port"
static int connect_inet(const char *target, int type)
{
    const char *colon = strrchr(target, ':');
    struct addrinfo hints = {.ai_socktype = type};
    struct addrinfo *found = NULL;
    char host[256];
    int fd = -1;

    if (colon == NULL || (size_t)(colon - target) >= sizeof(host)) {
        errno = EINVAL;
        return -1;
    }
    snprintf(host, sizeof(host), "%.*s", (int)(colon - target), target);
    if (getaddrinfo(host, colon + 1, &hints, &found) != 0) {
        errno = EHOSTUNREACH;
        return -1;
    }
    for (const struct addrinfo *at = found; at != NULL && fd < 0; at = at->ai_next) {
        fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
        if (fd >= 0 && connect(fd, at->ai_addr, at->ai_addrlen) != 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(found);
    return fd;
}

static int connect_url(struct syslog_link *link, const char *url, struct nb_diag *diag)
{
    link->facility = LOG_KERN;
    link->is_remote_form = true;
    if (strncmp(url, "udp://", 6) == 0) {
        link->fd = connect_inet(url + 6, SOCK_DGRAM);
    } else if (strncmp(url, "tcp://", 6) == 0) {
        link->is_stream = true;
        link->fd = connect_inet(url + 6, SOCK_STREAM);
    } else if (strncmp(url, "unix://", 7) == 0) {
        link->is_stream = true;
        link->is_remote_form = false;
        link->fd = connect_unix(url + 7, SOCK_STREAM);
    } else {
        const char *colon = strchr(url, ':');
        int n = colon != NULL ? (int)(colon - url) : (int)strlen(url);

        nb_diag_set(diag, "error invalid network type: \"%.*s\"", n, url);
        return NB_EINVALID;
    }
    return NB_OK;
}

int syslog_link_open(struct syslog_link *link, const char *url, struct nb_diag *diag)
{
    *link = (struct syslog_link){.fd = -1};
    if (url != NULL) {
        if (connect_url(link, url, diag) != NB_OK) {
            return NB_EINVALID;
        }
    } else {
        link->facility = LOG_DAEMON;
        link->fd = connect_local(&link->is_stream);
    }
    if (link->fd < 0) {
        nb_diag_set(diag, "error connecting to syslog: \"%s\"", strerror(errno));
        return NB_EIO;
    }
    link->tag = nb_strdup(program_invocation_short_name);
    return NB_OK;
}

void syslog_link_close(struct syslog_link *link)
{
    if (link->tag != NULL) {
        close(link->fd);
        nb_free(link->tag);
        *link = (struct syslog_link){.fd = -1};
    }
}

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

static void add_head(const struct syslog_link *link, enum nb_log_level level, struct nb_buf *out)
{
    struct nb_wall now = nb_wall_now();
    time_t seconds = (time_t)(now.ns / NB_NS_PER_S);
    char host[256] = "localhost";
    char stamp[64];
    struct tm tm;

    nb_buf_must_format(out, "<%d>", link->facility | severity(level));
    localtime_r(&seconds, &tm);
    if (link->is_remote_form) {
        nb_wall_format_local((struct nb_wall){seconds * NB_NS_PER_S}, out);
        if (gethostname(host, sizeof(host) - 1) != 0) {
            snprintf(host, sizeof(host), "localhost");
        }
        nb_buf_must_format(out, " %s", host);
    } else {
        strftime(stamp, sizeof(stamp), "%b %e %H:%M:%S", &tm);
        nb_buf_must_text(out, stamp);
    }
    nb_buf_must_format(out, " %s[%d]: ", link->tag, (int)getpid());
}

void syslog_link_write(struct syslog_link *link, enum nb_log_level level, struct slice line)
{
    struct nb_buf packet;
    struct slice bytes;

    nb_buf_init(&packet, LINE_MAX_BYTES);
    add_head(link, level, &packet);
    nb_buf_must(&packet, line);
    nb_buf_must_text(&packet, "\n");
    bytes = nb_buf_slice(&packet);
    // A daemon that is gone loses lines; there is nowhere to say so.
    (void)send(link->fd, bytes.p, bytes.n, MSG_NOSIGNAL);
    nb_buf_fini(&packet);
}
