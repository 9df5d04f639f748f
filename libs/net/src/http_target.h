/* http_target.h - the target of a request: its path and parameters, percent-decoded.
 * Threads: [any].
 */
#pragma once

#include <natsd/arena.h>
#include <natsd/slice.h>

// Cuts "/path?query#fragment", "http://host/path?query", "*" or "host:port" (a CONNECT) into
// its raw path and query; both may be empty.
void nnet__http_target_split(struct slice target, struct slice *path, struct slice *query);

// Decoded into the arena: NB_EMALFORMED for a % without two hexadecimal digits, NB_ELIMIT when
// the arena is full. In queries a + is a blank.
NB_MUST_USE int nnet__http_decode_path(struct slice raw, struct nb_arena *arena, struct slice *out);
NB_MUST_USE int nnet__http_decode_query(struct slice raw, struct nb_arena *arena,
                                        struct slice *out);

// The first value that a well-formed pair "name=value" of the query gives to the parameter;
// false when it is absent or empty. Malformed pairs are passed over, as the reference does.
bool nnet__http_query_find(struct slice query, struct slice name, struct nb_arena *arena,
                           struct slice *out);
