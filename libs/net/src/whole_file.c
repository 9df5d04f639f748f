#include "whole_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    READ_BYTES = 16 * 1024,
    DIR_MODE = 0700,
};

static int fail(const char *what, const char *path, struct nb_diag *diag)
{
    int error_number = errno;
    char text[128];

    nb_diag_set(diag, "%s %s: %s", what, path, nb_errno_text(error_number, text, sizeof(text)));
    return nb_error_from_errno(error_number);
}

int nnet__file_read(const char *path, struct nb_buf *out, struct nb_diag *diag)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int rc = NB_OK;
    ssize_t n = 1;

    if (fd < 0) {
        return fail("open", path, diag);
    }
    while (rc == NB_OK && n > 0) {
        uint8_t block[READ_BYTES];

        n = read(fd, block, sizeof(block));
        if (n < 0) {
            rc = fail("read", path, diag);
        } else {
            rc = nb_buf_append(out, nb_slice_make(block, (size_t)n));
        }
    }
    if (rc == NB_ELIMIT) {
        nb_diag_set(diag, "read %s: file too large", path);
    }
    (void)close(fd); // it was only read
    return rc;
}

static int write_all(int fd, struct slice content)
{
    while (content.n > 0) {
        ssize_t n = write(fd, content.p, content.n);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return -1;
        }
        content = nb_slice_sub(content, (size_t)n, content.n);
    }
    return fsync(fd);
}

// Makes the directory and those above it.
static int make_dirs(const char *dir)
{
    char path[PATH_MAX];
    size_t n = strlen(dir);

    if (n >= sizeof(path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(path, dir, n + 1);
    for (size_t i = 1; i <= n; i++) {
        if (path[i] != '/' && path[i] != '\0') {
            continue;
        }
        path[i] = '\0';
        if (mkdir(path, DIR_MODE) != 0 && errno != EEXIST) {
            return -1;
        }
        path[i] = i < n ? '/' : '\0';
    }
    return 0;
}

int nnet__file_replace(const char *dir, const char *name, const char *prefix, struct slice content,
                       struct nb_diag *diag)
{
    char path[PATH_MAX];
    char temporary[PATH_MAX];
    int n = snprintf(path, sizeof(path), "%s/%s", dir, name);
    int m = snprintf(temporary, sizeof(temporary), "%s/%sXXXXXX", dir, prefix);
    int rc = NB_OK;
    int fd;

    if (n < 0 || (size_t)n >= sizeof(path) || m < 0 || (size_t)m >= sizeof(temporary)) {
        errno = ENAMETOOLONG;
        return fail("open", dir, diag);
    }
    if (make_dirs(dir) != 0) {
        return fail("mkdir", dir, diag);
    }
    fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        return fail("open", temporary, diag);
    }
    if (write_all(fd, content) != 0) {
        rc = fail("write", temporary, diag);
    }
    if (close(fd) != 0 && rc == NB_OK) {
        rc = fail("close", temporary, diag);
    }
    if (rc == NB_OK && rename(temporary, path) != 0) {
        rc = fail("rename", temporary, diag);
    }
    if (rc != NB_OK) {
        (void)unlink(temporary); // the error is told already
    }
    return rc;
}
