/* log_file.h - a log file that begins anew when it is too large, and keeps so many old ones
 * (spec 02 section 7.3). Threads: one at a time; log_output holds the lock.
 */
#pragma once

#include <natsd/buf.h>

#include <stdint.h>

struct log_file {
    char *path; // owned; NULL: not open
    int fd;
    int64_t size;
    int64_t size_limit; // 0: none
    int64_t files_max;  // with the active one; 0: all are kept
};

// Appends to what is there, mode 0640. NB_EIO with "error opening file: ..." in diag.
NB_MUST_USE int log_file_open(struct log_file *file, const char *path, int64_t size_limit,
                              int64_t files_max, struct nb_diag *diag);
void log_file_close(struct log_file *file); // fine when not open
// Writes one complete line; `prefix` makes the pid, time and level of lines of our own.
typedef void (*log_file_prefix_fn)(void *ctx, struct nb_buf *out, const char *level);
void log_file_write(struct log_file *file, struct slice line, log_file_prefix_fn prefix, void *ctx);
NB_MUST_USE int log_file_reopen(struct log_file *file, struct nb_diag *diag);
