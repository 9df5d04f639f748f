/* source.c - files and environment of this process. */
#include <natsd/conf.h>

#include "message.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    READ_BYTES = 64 * 1024,
};

// "open x: no such file or directory"
static int fail(struct nb_buf *message, const char *call, const char *path, int error_number)
{
    char text[256];

    nconf__say_text(message, call);
    nconf__say_text(message, " ");
    nconf__say_text(message, path);
    nconf__say_text(message, ": ");
    nconf__say_text(message, nb_errno_text(error_number, text, sizeof(text)));
    return nb_error_from_errno(error_number);
}

static int read_all(int fd, const char *path, struct nb_buf *out, struct nb_buf *message)
{
    for (;;) {
        uint8_t bytes[READ_BYTES];
        ssize_t n = read(fd, bytes, sizeof(bytes));

        if (n == 0) {
            return NB_OK;
        }
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return fail(message, "read", path, errno);
        }
        if (nb_buf_append(out, nb_slice_make(bytes, (size_t)n)) != NB_OK) {
            (void)fail(message, "read", path, EFBIG);
            return NB_ELIMIT;
        }
    }
}

static int read_system_file(void *ctx NB_UNUSED, const char *path, struct nb_buf *out,
                            struct nb_buf *message)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int rc;

    if (fd < 0) {
        return fail(message, "open", path, errno);
    }
    rc = read_all(fd, path, out, message);
    close(fd);
    return rc;
}

static int check_system_include(void *ctx NB_UNUSED, const char *path, struct nb_buf *message)
{
    struct stat st;

    if (stat(path, &st) != 0 || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)) {
        return NB_OK; // reading tells what is wrong
    }
    nconf__say_text(message, "read ");
    nconf__say_text(message, path);
    nconf__say_text(message, ": not a regular file");
    return NB_EIO;
}

static bool get_system_env(void *ctx NB_UNUSED, const char *name, struct slice *value)
{
    const char *text = getenv(name);

    *value = nb_slice_of(text);
    return text != NULL;
}

const struct nconf_source nconf_source_system = {
    .read_file = read_system_file,
    .check_include = check_system_include,
    .get_env = get_system_env,
};
