/* whole_file.h - small files, read and replaced as a whole. Threads: [pool] or [main]: they block.
 */
#pragma once

#include <natsd/buf.h>

// Appends the file. NB_ENOTFOUND, NB_ELIMIT when out is full, or another error of the system with
// its text in diag.
NB_MUST_USE int nnet__file_read(const char *path, struct nb_buf *out, struct nb_diag *diag);

// Through a temporary file beside it (dir/prefix and something) that takes its place: whoever
// reads sees the old one or the new one, also after a crash. Makes the directory, mode 0700.
NB_MUST_USE int nnet__file_replace(const char *dir, const char *name, const char *prefix,
                                   struct slice content, struct nb_diag *diag);
