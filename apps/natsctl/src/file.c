#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum {
    STEP_BYTES = 16 * 1024,
};

static int read_all(int fd, struct nb_buf *out, const char *path, struct nb_diag *diag)
{
    uint8_t step[STEP_BYTES];
    int rc = NB_OK;

    while (rc == NB_OK) {
        ssize_t n = read(fd, step, sizeof(step));

        if (n == 0) {
            break;
        }
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            nb_diag_set(diag, "%s: %s", path, strerror(errno));
            rc = NB_EIO;
        } else if (nb_buf_append(out, nb_slice_make(step, (size_t)n)) != NB_OK) {
            nb_diag_set(diag, "%s: file too large", path);
            rc = NB_ELIMIT;
        }
    }
    nb_wipe(step, sizeof(step)); // it may have been a secret
    return rc;
}

int file_read(const char *path, struct nb_buf *out, struct nb_diag *diag)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    int rc;

    if (fd < 0) {
        nb_diag_set(diag, "%s: %s", path, strerror(errno));
        return NB_EIO;
    }
    rc = read_all(fd, out, is_stdin ? "standard input" : path, diag);
    if (!is_stdin) {
        (void)close(fd); // nothing was written
    }
    return rc;
}
