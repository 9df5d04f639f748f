#include "resolver/token_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <natsd/jwt.h>
#include <natsd/memory.h>

#define TEMPORARY_SUFFIX ".jwt.new"
#define DELETED_SUFFIX ".jwt.deleted"

struct name {
    char text[NAUTH_NKEY_PUBLIC_TEXT_BYTES + sizeof(DELETED_SUFFIX)];
};

static_assert(sizeof(DELETED_SUFFIX) >= sizeof(TEMPORARY_SUFFIX), "the longest");

bool nserver__token_file_is_key(struct slice key)
{
    return key.n == NAUTH_NKEY_PUBLIC_TEXT_BYTES &&
           nauth_nkey_is_public_of(key, NAUTH_NKEY_ACCOUNT);
}

struct slice nserver__token_file_key(const char *name)
{
    struct slice text = nb_slice_of(name);
    struct slice key = nb_slice_sub(text, 0, NAUTH_NKEY_PUBLIC_TEXT_BYTES);
    struct slice suffix = nb_slice_sub(text, NAUTH_NKEY_PUBLIC_TEXT_BYTES, text.n);

    if (!nb_slice_is(suffix, NSERVER__TOKEN_FILE_SUFFIX) || !nserver__token_file_is_key(key)) {
        return (struct slice){0};
    }
    return key;
}

// Every name goes through here.
static int make_name(struct slice key, const char *suffix, struct name *out, struct nb_diag *diag)
{
    if (!nserver__token_file_is_key(key)) {
        nb_diag_set(diag, "invalid public key");
        return NB_EINVALID;
    }
    snprintf(out->text, sizeof(out->text), "%.*s%s", NB_SLICE_ARGS(key), suffix);
    return NB_OK;
}

static int fail(const char *what, const struct name *name, struct nb_diag *diag)
{
    int error = errno;
    char reason[128];

    nb_diag_set(diag, "%s %s: %s", what, name->text, nb_errno_text(error, reason, sizeof(reason)));
    return error == ENOENT ? NB_ENOTFOUND : nb_error_from_errno(error);
}

// What it has grown by meanwhile is left: who writes it by hand reloads afterwards.
static int read_all(int fd, size_t size, const struct name *name, struct slice *out,
                    struct nb_diag *diag)
{
    uint8_t *bytes = nb_alloc(size + 1); // with a NUL behind it, as all owned slices
    size_t done = 0;
    ssize_t n = 1;

    while (done < size && n != 0) {
        n = read(fd, bytes + done, size - done);
        if (n < 0 && errno != EINTR) {
            nb_free(bytes);
            return fail("read", name, diag);
        }
        done += n > 0 ? (size_t)n : 0;
    }
    bytes[done] = 0;
    *out = nb_slice_make(bytes, done);
    return NB_OK;
}

int nserver__token_file_read(int dir, struct slice key, struct slice *out, struct nb_diag *diag)
{
    struct name name;
    struct stat status;
    int rc = make_name(key, NSERVER__TOKEN_FILE_SUFFIX, &name, diag);
    int fd;

    if (rc != NB_OK) {
        return rc;
    }
    fd = openat(dir, name.text, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK); // no pipe holds us
    if (fd < 0) {
        return fail("open", &name, diag);
    }
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        nb_diag_set(diag, "%s is no plain file", name.text);
        rc = NB_EIO;
    } else if (status.st_size > NAUTH_JWT_MAX_BYTES) {
        nb_diag_set(diag, "%s is larger than a JWT may be", name.text);
        rc = NB_ELIMIT;
    } else {
        rc = read_all(fd, (size_t)status.st_size, &name, out, diag);
    }
    close(fd);
    return rc;
}

static int write_all(int fd, struct slice bytes)
{
    while (bytes.n > 0) {
        ssize_t n = write(fd, bytes.p, bytes.n);

        if (n < 0 && errno != EINTR) {
            return -1;
        }
        if (n > 0) {
            bytes = nb_slice_sub(bytes, (size_t)n, bytes.n);
        }
    }
    return fsync(fd);
}

int nserver__token_file_write(int dir, struct slice key, struct slice token, struct nb_diag *diag)
{
    enum { OWNER_ONLY = 0600 };
    struct name name;
    struct name temporary;
    int rc = make_name(key, NSERVER__TOKEN_FILE_SUFFIX, &name, diag);
    int fd;

    if (rc != NB_OK) {
        return rc;
    }
    if (token.n > NAUTH_JWT_MAX_BYTES) {
        nb_diag_set(diag, "the JWT is too large");
        return NB_ELIMIT;
    }
    (void)make_name(key, TEMPORARY_SUFFIX, &temporary, NULL); // the key is one
    (void)unlinkat(dir, temporary.text, 0);                   // of a write that was cut short
    fd = openat(dir, temporary.text, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, OWNER_ONLY);
    if (fd < 0) {
        return fail("create", &temporary, diag);
    }
    if (write_all(fd, token) != 0) {
        rc = fail("write", &temporary, diag);
    }
    if (close(fd) != 0 && rc == NB_OK) {
        rc = fail("write", &temporary, diag);
    }
    if (rc == NB_OK && renameat(dir, temporary.text, dir, name.text) != 0) {
        rc = fail("rename", &temporary, diag);
    }
    if (rc != NB_OK) {
        (void)unlinkat(dir, temporary.text, 0);
        return rc;
    }
    return fsync(dir) == 0 ? NB_OK : fail("sync", &name, diag);
}

int nserver__token_file_remove(int dir, struct slice key, struct nb_diag *diag)
{
    struct name name;
    int rc = make_name(key, NSERVER__TOKEN_FILE_SUFFIX, &name, diag);

    if (rc != NB_OK) {
        return rc;
    }
    if (unlinkat(dir, name.text, 0) != 0) {
        return errno == ENOENT ? NB_OK : fail("remove", &name, diag);
    }
    return fsync(dir) == 0 ? NB_OK : fail("sync", &name, diag);
}

int nserver__token_file_set_aside(int dir, struct slice key, struct nb_diag *diag)
{
    struct name name;
    struct name deleted;
    int rc = make_name(key, NSERVER__TOKEN_FILE_SUFFIX, &name, diag);

    if (rc != NB_OK) {
        return rc;
    }
    (void)make_name(key, DELETED_SUFFIX, &deleted, NULL);
    if (renameat(dir, name.text, dir, deleted.text) != 0) {
        return errno == ENOENT ? NB_OK : fail("rename", &name, diag);
    }
    return fsync(dir) == 0 ? NB_OK : fail("sync", &name, diag);
}
