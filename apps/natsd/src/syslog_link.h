/* syslog_link.h - a connection to a syslog daemon, here or elsewhere (spec 02 section 7.4).
 *
 * Writing never waits: what a daemon does not take at once is kept up to a limit, and lines
 * after that are lost. A stream that ended is connected anew, at most once in a second.
 *
 * Threads: one at a time; log_output holds the lock. Opening may block (names are resolved).
 */
#pragma once

#include <natsd/buf.h>
#include <natsd/clock.h>
#include <natsd/log.h>

#include <sys/socket.h>

enum {
    SYSLOG_BACKLOG_MAX_BYTES = 1024 * 1024,
};

struct syslog_link {
    bool is_open;
    int fd; // -1: lost
    struct sockaddr_storage address;
    socklen_t address_size;
    int type;            // SOCK_DGRAM or SOCK_STREAM
    bool is_remote_form; // RFC 3339 time and host name; else as /dev/log wants it
    int facility;
    char *tag;             // owned
    struct nb_buf backlog; // of a stream
    struct nb_mono connected_at;
};

// url NULL: the local daemon. NB_EINVALID or NB_EIO with the message in diag.
NB_MUST_USE int syslog_link_open(struct syslog_link *link, const char *url, struct nb_diag *diag);
void syslog_link_close(struct syslog_link *link); // fine when not open
void syslog_link_write(struct syslog_link *link, enum nb_log_level level, struct slice line);
