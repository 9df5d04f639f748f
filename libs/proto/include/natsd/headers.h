/* natsd/headers.h - the header block of a message. Spec 01 section 10.
 *
 * "NATS/1.0[ <status>[ <description>]]\r\n" (<key>: <value>\r\n)* "\r\n". The server relays
 * blocks unread; these functions are for those who look inside. Lookup is by exact bytes.
 *
 * Threads: [any]. No allocation but in the writer's buffer.
 */
#pragma once

#include <natsd/buf.h>
#include <natsd/slice.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Spec 10.4: the first value of a key; false when there is none.
bool nproto_headers_get(struct slice block, const char *key, struct slice *value);
// Status code of the version line, 0 without one; its description.
int nproto_headers_status(struct slice block, struct slice *description);
// Calls for each line; stops when fn returns false. NB_EMALFORMED for a block that is none.
typedef bool (*nproto_headers_each_fn)(void *ctx, struct slice key, struct slice value);
NB_MUST_USE int nproto_headers_each(struct slice block, nproto_headers_each_fn fn, void *ctx);

// Changing: the new block is appended to `out`, which must not hold the old one. NB_EMALFORMED for
// a block that is none, NB_ELIMIT when `out` is full; it then holds a part of no use.

// Spec 10.4: removes all lines with the key and appends one; CR and LF in the value become blanks.
// An empty block begins a new one. NB_EINVALID for a key that nproto_headers_add() refuses.
NB_MUST_USE int nproto_headers_set(struct slice block, const char *key, struct slice value,
                                   struct nb_buf *out);
// An empty result means no headers are left.
NB_MUST_USE int nproto_headers_remove(struct slice block, const char *key, struct nb_buf *out);
// Spec 10.4: drops a status from the version line; an empty result means no headers are left.
NB_MUST_USE int nproto_headers_remove_status(struct slice block, struct nb_buf *out);

// Building: begin (with a status of at most 999, or 0 for none and then no description), add
// lines, end. add refuses empty keys, keys with ':', blanks or control bytes, and values with CR
// or LF; begin a description with those (NB_EINVALID). Each appends all of its line or nothing.
NB_MUST_USE int nproto_headers_begin(struct nb_buf *out, int status, struct slice description);
NB_MUST_USE int nproto_headers_add(struct nb_buf *out, struct slice key, struct slice value);
NB_MUST_USE int nproto_headers_end(struct nb_buf *out);

// The notice of spec 10.3: "NATS/1.0 503\r\nNats-Subject: <subject>\r\n\r\n"; returns its size,
// NPROTO_NO_RESPONDERS_BYTES + subject.n.
enum {
    NPROTO_NO_RESPONDERS_BYTES = 32,
};
size_t nproto_headers_write_no_responders(struct slice subject, uint8_t *out);

#ifdef __cplusplus
}
#endif
