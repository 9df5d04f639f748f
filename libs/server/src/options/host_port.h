/* host_port.h - "host:port" taken apart, as listen addresses and advertised ones are written.
 *
 * The port is what stands behind the last colon, as text. A host with colons is in brackets,
 * which are dropped.
 */
#pragma once

#include <natsd/slice.h>

#include <stdint.h>

// Slices of `text`. NB_ENOTFOUND when there is no port, or NB_EMALFORMED, with the reference's
// words in diag, which may be NULL: "address x: missing port in address".
NB_MUST_USE int nserver__split_host_port(struct slice text, struct slice *host, struct slice *port,
                                         struct nb_diag *diag);

// An address to tell others, "host" or "host:port": the port is 0 when none is named, or -1.
// NB_EMALFORMED or NB_ERANGE with the reference's words.
NB_MUST_USE int nserver__parse_advertise(struct slice text, struct slice *host, int64_t *port,
                                         struct nb_diag *diag);
static inline int nserver__check_advertise(const char *text, struct nb_diag *diag)
{
    struct slice host;
    int64_t port;

    return nserver__parse_advertise(nb_slice_of(text), &host, &port, diag);
}
