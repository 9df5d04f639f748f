#include "log_output.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <natsd/clock.h>
#include <natsd/lock.h>
#include <natsd/memory.h>

#include "log_file.h"
#include "syslog_link.h"

enum {
    LINE_MAX_BYTES = NB_LOG_LINE_MAX_BYTES + 128,
};

enum destination {
    TO_STDERR,
    TO_FILE,
    TO_SYSLOG,
};

struct log_output {
    struct nb_mutex lock;
    enum destination destination;
    struct log_file file;
    struct syslog_link syslog;
    bool has_time;
    bool is_utc;
    bool is_coloured;
    char pid[16];
};

/* What stands in front of a line. */

static const struct {
    const char *tag;
    const char *colour;
} levels[] = {
    [NB_LOG_FATAL] = {"FTL", "31"}, [NB_LOG_ERROR] = {"ERR", "31"}, [NB_LOG_WARN] = {"WRN", "0;93"},
    [NB_LOG_INFO] = {"INF", "32"},  [NB_LOG_DEBUG] = {"DBG", "36"}, [NB_LOG_TRACE] = {"TRC", "33"},
};

static void add_seconds(struct nb_buf *out, struct nb_wall now, bool is_utc)
{
    time_t seconds = (time_t)(now.ns / NB_NS_PER_S);
    char text[64];
    struct tm tm;

    if (is_utc) {
        gmtime_r(&seconds, &tm);
    } else {
        localtime_r(&seconds, &tm);
    }
    strftime(text, sizeof(text), "%Y/%m/%d %H:%M:%S", &tm);
    nb_buf_must_text(out, text);
}

static void add_time(struct nb_buf *out, bool is_utc)
{
    struct nb_wall now = nb_wall_now();

    add_seconds(out, now, is_utc);
    nb_buf_must_format(out, ".%06lld ", (long long)(now.ns % NB_NS_PER_S / NB_NS_PER_US));
}

static void add_head(const struct log_output *output, enum nb_log_level level, struct nb_buf *out)
{
    nb_buf_must_format(out, "[%s] ", output->pid);
    if (output->has_time) {
        add_time(out, output->is_utc);
    }
    if (output->is_coloured) {
        nb_buf_must_format(out, "[\x1b[%sm%s\x1b[0m] ", levels[level].colour, levels[level].tag);
    } else {
        nb_buf_must_format(out, "[%s] ", levels[level].tag);
    }
}

// Of the lines that rotation writes by itself: always local time.
static void add_own_head(void *ctx, struct nb_buf *out, const char *level)
{
    const struct log_output *output = ctx;

    nb_buf_must_format(out, "[%s] ", output->pid);
    if (output->has_time) {
        add_time(out, false);
    }
    nb_buf_must_format(out, "[%s] ", level);
}

/* Writing. */

static void write_stderr(struct slice line)
{
    while (line.n > 0) {
        ssize_t n = write(STDERR_FILENO, line.p, line.n);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return;
        }
        line = nb_slice_sub(line, (size_t)n, line.n);
    }
}

static void write_formatted(struct log_output *output, enum nb_log_level level, struct slice line)
{
    struct nb_buf text;

    nb_buf_init(&text, LINE_MAX_BYTES);
    add_head(output, level, &text);
    nb_buf_must(&text, nb_slice_sub(line, 0, NB_LOG_LINE_MAX_BYTES));
    if (line.n == 0 || line.p[line.n - 1] != '\n') {
        nb_buf_must_text(&text, "\n");
    }
    if (output->destination == TO_FILE) {
        log_file_write(&output->file, nb_buf_slice(&text), add_own_head, output);
    } else {
        write_stderr(nb_buf_slice(&text));
    }
    nb_buf_fini(&text);
}

void log_output_write(void *ctx, enum nb_log_level level, struct slice line)
{
    struct log_output *output = ctx;

    nb_mutex_lock(&output->lock);
    if (output->destination == TO_SYSLOG) {
        syslog_link_write(&output->syslog, level, line);
    } else {
        write_formatted(output, level, line);
    }
    nb_mutex_unlock(&output->lock);
}

void log_output_complain(const char *text)
{
    struct nb_buf line;

    nb_buf_init(&line, LINE_MAX_BYTES);
    add_seconds(&line, nb_wall_now(), false);
    nb_buf_must_format(&line, " %.4096s\n", text);
    write_stderr(nb_buf_slice(&line));
    nb_buf_fini(&line);
}

/* Opening. */

static bool is_terminal(void)
{
    struct stat st;

    return fstat(STDERR_FILENO, &st) == 0 && S_ISCHR(st.st_mode);
}

// Fills in destination, file, syslog and format; nothing is kept on an error.
static int set_up(struct log_output *output, const struct nserver_options *opts,
                  struct nb_diag *diag)
{
    int rc = NB_OK;

    if (opts->log_file != NULL) {
        output->destination = TO_FILE;
        rc = log_file_open(&output->file, opts->log_file, opts->log_size_limit, opts->log_max_num,
                           diag);
    } else if (opts->remote_syslog != NULL || nserver_choice_is(opts->syslog, false)) {
        output->destination = TO_SYSLOG;
        rc = syslog_link_open(&output->syslog, opts->remote_syslog, diag);
    } else {
        output->destination = TO_STDERR;
    }
    output->has_time = nserver_choice_is(opts->logtime, true);
    output->is_utc = nserver_choice_is(opts->logtime_utc, false);
    output->is_coloured = output->destination == TO_STDERR && is_terminal();
    return rc;
}

int log_output_open(const struct nserver_options *opts, struct log_output **out,
                    struct nb_diag *diag)
{
    struct log_output *output = nb_zalloc(sizeof(*output));
    int rc;

    nb_mutex_init(&output->lock);
    snprintf(output->pid, sizeof(output->pid), "%d", (int)getpid());
    rc = set_up(output, opts, diag);
    if (rc != NB_OK) {
        log_output_close(&output);
        return rc;
    }
    *out = output;
    if (output->file.size_limit > 0 && output->file.size > output->file.size_limit) {
        log_output_write(output, NB_LOG_INFO, NB_SLICE("Rotating logfile..."));
    }
    return NB_OK;
}

static void release_destination(struct log_output *output)
{
    log_file_close(&output->file);
    syslog_link_close(&output->syslog);
}

void log_output_close(struct log_output **output)
{
    if (*output != NULL) {
        release_destination(*output);
        nb_mutex_fini(&(*output)->lock);
        nb_free(*output);
        *output = NULL;
    }
}

int log_output_reconfigure(struct log_output *output, const struct nserver_options *opts,
                           struct nb_diag *diag)
{
    struct log_output wanted = {0};
    int rc = set_up(&wanted, opts, diag);

    if (rc != NB_OK) {
        return rc;
    }
    nb_mutex_lock(&output->lock);
    release_destination(output);
    output->destination = wanted.destination;
    output->file = wanted.file;
    output->syslog = wanted.syslog;
    output->has_time = wanted.has_time;
    output->is_utc = wanted.is_utc;
    output->is_coloured = wanted.is_coloured;
    nb_mutex_unlock(&output->lock);
    return NB_OK;
}

void log_output_reopen(struct log_output *output)
{
    struct nb_diag diag = {0};
    bool is_file;
    int rc = NB_OK;

    nb_mutex_lock(&output->lock);
    is_file = output->destination == TO_FILE;
    if (is_file) {
        rc = log_file_reopen(&output->file, &diag);
    }
    nb_mutex_unlock(&output->lock);
    if (!is_file) {
        log_output_write(output, NB_LOG_INFO,
                         NB_SLICE("File log re-open ignored, not a file logger"));
    } else if (rc == NB_OK) {
        log_output_write(output, NB_LOG_INFO, NB_SLICE("File log re-opened"));
    } else {
        log_output_write(output, NB_LOG_ERROR, nb_slice_of(diag.text));
    }
}
