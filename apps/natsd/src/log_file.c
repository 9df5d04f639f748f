#include "log_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <natsd/clock.h>

enum {
    FILE_MODE = 0640,
    OWN_LINE_MAX_BYTES = 16 * 1024,
    STAMP_BYTES = 29, // 2006.01.02.15.04.05.000000000
    ERRNO_TEXT_BYTES = 128,
};

static int open_fd(const char *path, struct nb_diag *diag)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, FILE_MODE);
    char text[ERRNO_TEXT_BYTES];

    if (fd < 0) {
        nb_diag_set(diag, "error opening file: open %.300s: %s", path,
                    nb_errno_text(errno, text, sizeof(text)));
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

/* Lines of our own. */

struct own_lines {
    struct log_file *file;
    log_file_prefix_fn prefix;
    void *ctx;
};

static void write_own(const struct own_lines *own, const char *level, const char *format, ...)
    NB_PRINTF(3, 4);

static void write_own(const struct own_lines *own, const char *level, const char *format, ...)
{
    char text[OWN_LINE_MAX_BYTES];
    struct nb_buf line;
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    nb_buf_init(&line, 2 * OWN_LINE_MAX_BYTES);
    own->prefix(own->ctx, &line, level);
    nb_buf_must_text(&line, text);
    nb_buf_must_text(&line, "\r\n");
    write_all(own->file, nb_buf_slice(&line));
    nb_buf_fini(&line);
}

/* Backups: <file>.2006.01.02.15.04.05.000000000 */

// Where the name of the file begins in its path.
static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

static char *backup_path(const char *path)
{
    struct nb_wall now = nb_wall_now();
    time_t seconds = (time_t)(now.ns / NB_NS_PER_S);
    struct tm tm;
    char stamp[64];
    struct nb_buf backup;
    char *text;

    localtime_r(&seconds, &tm);
    strftime(stamp, sizeof(stamp), "%Y.%m.%d.%H.%M.%S", &tm);
    nb_buf_init(&backup, strlen(path) + sizeof(stamp) + 32);
    nb_buf_must_format(&backup, "%s.%s.%09lld", path, stamp, (long long)(now.ns % NB_NS_PER_S));
    text = nb_slice_cstr(nb_buf_slice(&backup));
    nb_buf_fini(&backup);
    return text;
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

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

struct names {
    char **all; // owned
    size_t count;
};

static int find_backups(const struct log_file *file, struct names *names)
{
    const char *base = base_of(file->path);
    char *path = nb_slice_cstr(nb_slice_make(file->path, (size_t)(base - file->path)));
    DIR *dir = opendir(*path != '\0' ? path : ".");
    const struct dirent *entry;

    nb_free(path);
    if (dir == NULL) {
        return NB_EIO;
    }
    while ((entry = readdir(dir)) != NULL) {
        if (is_backup_of(base, entry->d_name)) {
            names->all = nb_realloc(names->all, (names->count + 1) * sizeof(*names->all));
            names->all[names->count++] = nb_strdup(entry->d_name);
        }
    }
    closedir(dir);
    if (names->count > 0) {
        qsort(names->all, names->count, sizeof(*names->all), compare_names);
    }
    return NB_OK;
}

// In the folder of the log file, shown as the configuration spells that.
static void remove_backup(const struct own_lines *own, const char *name)
{
    const char *path = own->file->path;
    char full[4096];
    char text[ERRNO_TEXT_BYTES];

    snprintf(full, sizeof(full), "%.*s%s", (int)(base_of(path) - path), path, name);
    if (unlink(full) == 0) {
        write_own(own, "INF", "Purged log file \"%s\"", full);
    } else {
        write_own(own, "ERR",
                  "Unable to remove backup log file \"%s\" (%s), will attempt next rotation", full,
                  nb_errno_text(errno, text, sizeof(text)));
    }
}

// Names end in their time, so their order is that of age. The active file counts, too.
static void purge(const struct own_lines *own)
{
    struct names names = {0};
    size_t kept = (size_t)(own->file->files_max - 1);
    char text[ERRNO_TEXT_BYTES];

    if (find_backups(own->file, &names) != NB_OK) {
        write_own(own, "ERR",
                  "Unable to read directory of \"%s\" for log purge (%s), will attempt next "
                  "rotation",
                  own->file->path, nb_errno_text(errno, text, sizeof(text)));
    }
    for (size_t i = 0; i < names.count; i++) {
        if (i + kept < names.count) {
            remove_backup(own, names.all[i]);
        }
        nb_free(names.all[i]);
    }
    nb_free(names.all);
}

/* Rotation. */

// The line that passed the limit stays in the old file.
static void rotate(const struct own_lines *own)
{
    struct log_file *file = own->file;
    char *backup = backup_path(file->path);
    char text[ERRNO_TEXT_BYTES];
    int fd = -1;

    if (rename(file->path, backup) == 0) {
        fd = open_fd(file->path, NULL);
    }
    if (fd < 0) { // on in the old file, and not again at the next line
        file->size_limit *= 2;
        write_own(own, "ERR",
                  "Unable to rename logfile for rotation (%s), will attempt next rotation at size "
                  "%lld",
                  nb_errno_text(errno, text, sizeof(text)), (long long)file->size_limit);
        nb_free(backup);
        return;
    }
    close(file->fd);
    file->fd = fd;
    file->size = 0;
    write_own(own, "INF", "Rotated log, backup saved as \"%s\"", backup);
    nb_free(backup);
    if (file->files_max > 0) {
        purge(own);
    }
}

void log_file_write(struct log_file *file, struct slice line, log_file_prefix_fn prefix, void *ctx)
{
    const struct own_lines own = {file, prefix, ctx};

    write_all(file, line);
    if (file->size_limit > 0 && file->size > file->size_limit) {
        rotate(&own);
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
