/* natsd/trace_line.h - operations as text for the protocol trace. Spec 01 section 3.9, 02 section 8.
 *
 * Only used when tracing is on. Threads: [any]. Output is cut by the buffer's limit: NB_ELIMIT.
 */
#pragma once

#include <natsd/buf.h>
#include <natsd/parser.h>

#ifdef __cplusplus
extern "C" {
#endif

// "[PUB foo 5]", "[PING]", "[CONNECT {...redacted...}]": the verb in capitals and the argument as it
// came, but for control bytes, which are shown as \xNN (TAB is kept).
NB_MUST_USE int nproto_trace_op(const struct nproto_msg *msg, struct nb_buf *out);

// `MSG_PAYLOAD: ["hello"]`. With headers_only the header block up to its last line end, nothing
// (false) without headers. length_max 0: whole; else cut with "...". False for an empty payload.
bool nproto_trace_payload(struct slice payload, uint32_t header_size, bool headers_only,
                          uint32_t length_max, struct nb_buf *out);

#ifdef __cplusplus
}
#endif
