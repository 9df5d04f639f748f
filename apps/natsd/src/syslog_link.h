/* syslog_link.h - a connection to a syslog daemon, here or elsewhere (spec 02 section 7.4).
 * Threads: one at a time; log_output holds the lock.
 */
#pragma once

#include <natsd/log.h>

struct syslog_link {
    int fd;
    bool is_remote_form; // RFC 3339 time and host name; else as /dev/log wants it
    bool is_stream;
    char *tag; // owned
    int facility;
};

// url NULL: the local daemon. NB_EINVALID or NB_EIO with the message in diag.
NB_MUST_USE int syslog_link_open(struct syslog_link *link, const char *url, struct nb_diag *diag);
void syslog_link_close(struct syslog_link *link); // fine when not open
void syslog_link_write(struct syslog_link *link, enum nb_log_level level, struct slice line);
