/* s2_stream.h - the framed form of compressed bytes: written as plain chunks, which every reader
 * of S2 takes, read with all kinds of chunks that S2 and Snappy have. Spec 03 section 22.3.
 *
 * Threads: [any].
 */
#pragma once

#include <natsd/buf.h>

// Appends `plain` as a stream of its own. NB_ELIMIT when out is full.
NB_MUST_USE int nnet__s2_write(struct slice plain, struct nb_buf *out);

// Appends what the stream holds. NB_EMALFORMED (also for a checksum that does not fit), NB_ELIMIT
// when out is full: its maximum is the limit.
NB_MUST_USE int nnet__s2_read(struct slice stream, struct nb_buf *out);
