/* natsd/proxy_protocol.h - the PROXY protocol header, versions 1 and 2. Spec 01 section 2.5.
 *
 * Incremental: called with all bytes received so far until it decides. Threads: [any].
 */
#pragma once

#include <natsd/slice.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NPROTO_PROXY_V1_MAX_BYTES = 107,
    NPROTO_PROXY_DETECT_BYTES = 6,
    NPROTO_PROXY_V2_HEAD_BYTES = 16,
    NPROTO_PROXY_MAX_BYTES = NPROTO_PROXY_V2_HEAD_BYTES + 65535,
};

struct nproto_proxy {
    bool has_header;  // false: plain bytes, none consumed
    bool has_address; // false for LOCAL, UNKNOWN, UNSPEC: the socket's address counts
    char src_ip[46];
    uint16_t src_port;
    char dst_ip[46];
    uint16_t dst_port;
};

// NB_OK with *consumed (0 without a header); NB_EAGAIN: more bytes are needed; NB_EMALFORMED or
// NB_EUNSUPPORTED with the reference's text in diag ("invalid PROXY protocol header", ...).
NB_MUST_USE int nproto_proxy_read(struct slice bytes, struct nproto_proxy *out, size_t *consumed,
                                  struct nb_diag *diag);

#ifdef __cplusplus
}
#endif
