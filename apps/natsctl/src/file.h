/* file.h - small files, read whole. Errors: NB_EIO and NB_ELIMIT, with a text naming the file. */
#pragma once

#include <natsd/buf.h>

// Appends to `out`, up to its limit. "-" is standard input.
NB_MUST_USE int file_read(const char *path, struct nb_buf *out, struct nb_diag *diag);
