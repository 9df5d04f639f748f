/* host_port.h - "host:port" taken apart, as listen addresses and advertised ones are written.
 *
 * The port is what stands behind the last colon, as text. A host with colons is in brackets,
 * which are dropped.
 */
#pragma once

#include <natsd/slice.h>

// Slices of `text`. NB_ENOTFOUND when there is no port, or NB_EMALFORMED, with the reference's
// words in diag, which may be NULL: "address x: missing port in address".
NB_MUST_USE int nserver__split_host_port(struct slice text, struct slice *host, struct slice *port,
                                         struct nb_diag *diag);
