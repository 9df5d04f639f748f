/* s2_block.h - one compressed block of S2 or Snappy. Threads: [any]. */
#pragma once

#include <natsd/buf.h>

enum {
    NNET__S2_BLOCK_MAX_BYTES = 4 * 1024 * 1024, // decoded
};

// Appends what the block decodes to. NB_EMALFORMED, NB_ELIMIT when out is full.
NB_MUST_USE int nnet__s2_read_block(struct slice block, struct nb_buf *out);
