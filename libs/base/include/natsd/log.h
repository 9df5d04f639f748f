/* natsd/log.h - where libraries send what a person may want to read.
 *
 * A sink is a table that somebody above fills in; a logger is a sink with its levels.
 * Threads: [any]; a sink must be callable from any thread. Level changes are seen soon.
 * Nothing is formatted before the level is checked.
 */
#pragma once

#include <natsd/slice.h>

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>

enum nb_log_level {
    NB_LOG_FATAL,
    NB_LOG_ERROR,
    NB_LOG_WARN,
    NB_LOG_INFO,
    NB_LOG_DEBUG,
    NB_LOG_TRACE,
};

// `line` is one message without level, time and line end; borrowed.
typedef void (*nb_log_write_fn)(void *ctx, enum nb_log_level level, struct slice line);

enum {
    NB_LOG_LINE_MAX_BYTES = 16 * 1024, // longer messages are cut, with "..." at the end
};

struct nb_logger {
    nb_log_write_fn write; // NULL: everything is dropped
    void *ctx;
    _Atomic bool is_debug; // relaxed: only decides whether a line is made
    _Atomic bool is_trace;
};

static inline bool nb_log_is_on(const struct nb_logger *log, enum nb_log_level level)
{
    if (level == NB_LOG_DEBUG) {
        return atomic_load_explicit(&log->is_debug, memory_order_relaxed);
    }
    if (level == NB_LOG_TRACE) {
        return atomic_load_explicit(&log->is_trace, memory_order_relaxed);
    }
    return true;
}

void nb_log(const struct nb_logger *log, enum nb_log_level level, const char *format, ...)
    NB_PRINTF(3, 4);
void nb_vlog(const struct nb_logger *log, enum nb_log_level level, const char *format, va_list args)
    NB_PRINTF(3, 0);
void nb_log_slice(const struct nb_logger *log, enum nb_log_level level, struct slice line);

#define nb_log_error(log, ...) nb_log(log, NB_LOG_ERROR, __VA_ARGS__)
#define nb_log_warn(log, ...) nb_log(log, NB_LOG_WARN, __VA_ARGS__)
#define nb_log_info(log, ...) nb_log(log, NB_LOG_INFO, __VA_ARGS__)
#define nb_log_debug(log, ...)                      \
    do {                                            \
        if (nb_log_is_on(log, NB_LOG_DEBUG)) {      \
            nb_log(log, NB_LOG_DEBUG, __VA_ARGS__); \
        }                                           \
    } while (0)
