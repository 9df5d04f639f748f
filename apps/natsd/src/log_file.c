#include "log_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <natsd/clock.h>

enum {
    FILE_MODE = 0640,
    OWN_LINE_MAX_BYTES = 8192,
    STAMP_BYTES = 29, // 2006.01.02.15.04.05.000000000
};

static int open_fd(const char *path, struct nb_diag *diag)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, FILE_MODE);

    if (fd < 0) {
        nb_diag_set(diag, "error opening file: open %s: %s", path, strerror(errno));
    }
    return fd;
}

static int64_t size_of(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 ? (int64_t)st.st_size : 0;
}

int log_file_open(struct log_file *file, const char *path, int64_t size_limit, int64_t files_max,
                  struct nb_diag *diag)
{
    int fd = open_fd(path, diag);

    if (fd < 0) {
        return NB_EIO;
    }
    *file = (struct log_file){
        .path = nb_strdup(path),
        .fd = fd,
        .size = size_of(fd),
        .size_limit = size_limit,
        .files_max = files_max,
    };
    return NB_OK;
}

void log_file_close(struct log_file *file)
{
    if (file->path != NULL) {
        close(file->fd);
        nb_free(file->path);
        *file = (struct log_file){0};
    }
}

// A log that cannot be written has nowhere to complain.
static void write_all(struct log_file *file, struct slice bytes)
{
    while (bytes.n > 0) {
        ssize_t n = write(file->fd, bytes.p, bytes.n);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return;
        }
        file->size += n;
        bytes = nb_slice_sub(bytes, (size_t)n, bytes.n);
    }
}

static void write_own(struct log_file *file, log_file_prefix_fn prefix, void *ctx,
                      const char *level, const char *format, ...) NB_PRINTF(5, 6);

static void write_own(struct log_file *file, log_file_prefix_fn prefix, void *ctx,
                      const char *level, const char *format, ...)
{
    struct nb_buf line;
    va_list args;

    nb_buf_init(&line, OWN_LINE_MAX_BYTES);
    prefix(ctx, &line, level);
    va_start(args, format);
    nb_buf_must_vformat(&line, format, args);
    va_end(args);
    nb_buf_must_text(&line, "\r\n");
    write_all(file, nb_buf_slice(&line));
    nb_buf_fini(&line);
}

// <file>.2006.01.02.15.04.05.000000000
static char *backup_path(const char *path)
{
    struct timespec now;
    struct tm tm;
    char stamp[64];
    char *backup = NULL;

    clock_gettime(CLOCK_REALTIME, &now); // the local calendar, which base has no need of
    localtime_r(&now.tv_sec, &tm);
    strftime(stamp, sizeof(stamp), "%Y.%m.%d.%H.%M.%S", &tm);
    if (asprintf(&backup, "%s.%s.%09ld", path, stamp, now.tv_nsec) < 0) {
        abort();
    }
    return backup;
}

static bool is_stamp(const char *text)
{
    static const char form[] = "dddd.dd.dd.dd.dd.dd.ddddddddd";

    for (size_t i = 0; i < STAMP_BYTES; i++) {
        if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != '.') {
            return false;
        }
    }
    return text[STAMP_BYTES] == '\0';
}

static bool is_backup_of(const char *base, const char *name)
{
    size_t n = strlen(base);

    return strncmp(name, base, n) == 0 && name[n] == '.' && is_stamp(name + n + 1);
}

static void remove_backup(struct log_file *file, const char *dir, const char *name,
                          log_file_prefix_fn prefix, void *ctx)
{
    char *path = NULL;

    if (asprintf(&path, "%s/%s", dir, name) < 0) {
        abort();
    }
    if (unlink(path) == 0) {
        write_own(file, prefix, ctx, "INF", "Purged log file \"%s\"", path);
    } else {
        write_own(file, prefix, ctx, "ERR",
                  "Unable to remove backup log file \"%s\" (%s), will attempt next rotation", path,
                  strerror(errno));
    }
    free(path);
}

// Names end in their time, so their order is that of age.
static void purge(struct log_file *file, log_file_prefix_fn prefix, void *ctx)
{
    char *dir_copy = nb_strdup(file->path);
    char *base_copy = nb_strdup(file->path);
    const char *dir = dirname(dir_copy);
    const char *base = basename(base_copy);
    struct dirent **entries = NULL;
    int count = scandir(dir, &entries, NULL, alphasort);
    int64_t backups = 0;

    for (int i = 0; i < count; i++) {
        backups += is_backup_of(base, entries[i]->d_name);
    }
    for (int i = 0; i < count; i++) {
        if (is_backup_of(base, entries[i]->d_name) && backups-- > file->files_max - 1) {
            remove_backup(file, dir, entries[i]->d_name, prefix, ctx);
        }
        free(entries[i]);
    }
    free(entries);
    nb_free(dir_copy);
    nb_free(base_copy);
}

// The line that passed the limit stays in the old file.
static void rotate(struct log_file *file, log_file_prefix_fn prefix, void *ctx)
{
    char *backup = backup_path(file->path);
    struct nb_diag diag;
    int fd;

    if (rename(file->path, backup) != 0 || (fd = open_fd(file->path, &diag)) < 0) {
        file->size_limit *= 2; // keep on in the old file, and don't try at each line
        write_own(file, prefix, ctx, "ERR", "Unable to rotate log file to \"%s\" (%s)", backup,
                  strerror(errno));
        free(backup);
        return;
    }
    close(file->fd);
    file->fd = fd;
    file->size = 0;
    write_own(file, prefix, ctx, "INF", "Rotated log, backup saved as \"%s\"", backup);
    free(backup);
    if (file->files_max > 0) {
        purge(file, prefix, ctx);
    }
}

void log_file_write(struct log_file *file, struct slice line, log_file_prefix_fn prefix, void *ctx)
{
    write_all(file, line);
    if (file->size_limit > 0 && file->size > file->size_limit) {
        rotate(file, prefix, ctx);
    }
}

int log_file_reopen(struct log_file *file, struct nb_diag *diag)
{
    int fd = open_fd(file->path, diag);

    if (fd < 0) {
        return NB_EIO;
    }
    close(file->fd);
    file->fd = fd;
    file->size = size_of(fd);
    return NB_OK;
}
