#include <natsd/log.h>

#include <stdio.h>

#define CUT_MARK "..."

static bool is_wanted(const struct nb_logger *log, enum nb_log_level level)
{
    return log->write != NULL && nb_log_is_on(log, level);
}

// The length to keep so that the mark fits and no UTF-8 sequence is torn.
static size_t cut_length(const uint8_t *line)
{
    size_t n = NB_LOG_LINE_MAX_BYTES - (sizeof(CUT_MARK) - 1);

    for (unsigned back = 0; back < 3 && (line[n] & 0xC0) == 0x80; back++) {
        n--;
    }
    return n;
}

// `line` has room for NB_LOG_LINE_MAX_BYTES and is at least that long.
static struct slice cut(uint8_t *line)
{
    size_t n = cut_length(line);

    memcpy(line + n, CUT_MARK, sizeof(CUT_MARK) - 1);
    return nb_slice_make(line, n + sizeof(CUT_MARK) - 1);
}

// Texts from outside are quoted where they are put in; should one not be, it still cannot make a line
// of its own, or speak to a terminal.
static void blank_controls(uint8_t *line, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if ((line[i] < ' ' && line[i] != '\t') || line[i] == 0x7F) {
            line[i] = '?';
        }
    }
}

void nb_log(const struct nb_logger *log, enum nb_log_level level, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    nb_vlog(log, level, format, args);
    va_end(args);
}

void nb_vlog(const struct nb_logger *log, enum nb_log_level level, const char *format, va_list args)
{
    uint8_t line[NB_LOG_LINE_MAX_BYTES + 1];
    int n;

    if (!is_wanted(log, level)) {
        return;
    }
    n = vsnprintf((char *)line, sizeof(line), format, args);
    if (n < 0) {
        return; // only a wrong conversion in our own format fails
    }
    blank_controls(line, (size_t)n < NB_LOG_LINE_MAX_BYTES ? (size_t)n : NB_LOG_LINE_MAX_BYTES);
    if ((size_t)n > NB_LOG_LINE_MAX_BYTES) {
        log->write(log->ctx, level, cut(line));
        return;
    }
    log->write(log->ctx, level, nb_slice_make(line, (size_t)n));
}

void nb_log_slice(const struct nb_logger *log, enum nb_log_level level, struct slice line)
{
    uint8_t copy[NB_LOG_LINE_MAX_BYTES];

    if (!is_wanted(log, level)) {
        return;
    }
    if (line.n <= NB_LOG_LINE_MAX_BYTES) {
        log->write(log->ctx, level, line);
        return;
    }
    memcpy(copy, line.p, sizeof(copy));
    log->write(log->ctx, level, cut(copy));
}
