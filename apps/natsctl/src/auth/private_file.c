#include "auth/private_file.h"

#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FOLDER_MODE = 0700,
    FILE_MODE = 0600,
    ROOM_MIN_BYTES = 64 * 1024, // seeds and creds don't grow out of it
};

static int fail(struct nb_diag *diag, const char *path)
{
    int error = errno;

    nb_diag_set(diag, "%.300s: %s", path, strerror(error));
    return error == EEXIST ? NB_EEXISTS : error == ENOENT ? NB_ENOTFOUND : NB_EIO;
}

// Every folder above the file.
static int make_folders(const char *path, struct nb_diag *diag)
{
    char *room = nb_strdup(path);
    int rc = NB_OK;

    for (char *slash = strchr(room + 1, '/'); slash != NULL && rc == NB_OK;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(room, FOLDER_MODE) != 0 && errno != EEXIST) {
            rc = fail(diag, room);
        }
        *slash = '/';
    }
    nb_free(room);
    return rc;
}

static int write_all(int fd, struct slice bytes, const char *path, struct nb_diag *diag)
{
    while (bytes.n > 0) {
        ssize_t n = write(fd, bytes.p, bytes.n);

        if (n < 0 && errno != EINTR) {
            return fail(diag, path);
        }
        bytes = n > 0 ? nb_slice_sub(bytes, (size_t)n, bytes.n) : bytes;
    }
    return fsync(fd) == 0 ? NB_OK : fail(diag, path);
}

// The entry in the folder is to last, too.
static void sync_folder(const char *path)
{
    char *folder = nb_strdup(path);
    char *slash = strrchr(folder, '/');
    int fd;

    if (slash != NULL) {
        *slash = '\0';
    }
    fd = open(slash == NULL ? "." : *folder == '\0' ? "/" : folder, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd); // not every file system can
        (void)close(fd);
    }
    nb_free(folder);
}

// A link doesn't replace what is there, renaming does.
static int put_in_place(const char *draft, const char *path, enum private_file_mode mode,
                        struct nb_diag *diag)
{
    int done = mode == PRIVATE_FILE_NEW ? link(draft, path) : rename(draft, path);

    return done == 0 ? NB_OK : fail(diag, path);
}

int private_file_write(const char *path, struct slice bytes, enum private_file_mode mode,
                       struct nb_diag *diag)
{
    int rc = make_folders(path, diag);
    struct nb_buf name;
    char *draft;
    int fd;

    if (rc != NB_OK) {
        return rc;
    }
    nb_buf_init(&name, strlen(path) + 16);
    nb_buf_must_format(&name, "%s.tmp-XXXXXX", path);
    draft = nb_slice_cstr(nb_buf_slice(&name));
    nb_buf_fini(&name);
    fd = mkostemp(draft, O_CLOEXEC);
    if (fd < 0) {
        rc = fail(diag, path);
        nb_free(draft);
        return rc;
    }
    rc = fchmod(fd, FILE_MODE) == 0 ? write_all(fd, bytes, path, diag) : fail(diag, path);
    if (close(fd) != 0 && rc == NB_OK) {
        rc = fail(diag, path);
    }
    if (rc == NB_OK) {
        rc = put_in_place(draft, path, mode, diag);
    }
    (void)unlink(draft); // gone already after a rename
    if (rc == NB_OK) {
        sync_folder(path);
    }
    nb_free(draft);
    return rc;
}

// Room for the whole file: growing would leave copies of secrets.
static size_t room_for(const char *path)
{
    struct stat status;
    bool is_known = stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
                    status.st_size < PRIVATE_FILE_MAX_BYTES;

    return is_known && status.st_size > ROOM_MIN_BYTES ? (size_t)status.st_size : ROOM_MIN_BYTES;
}

int private_file_read(const char *path, struct slice *out, struct nb_diag *diag)
{
    struct nb_buf buf;
    uint8_t *room;
    int rc;

    nb_buf_init(&buf, PRIVATE_FILE_MAX_BYTES);
    rc = nb_buf_reserve(&buf, room_for(path), &room);
    if (rc == NB_OK) {
        rc = file_read(path, &buf, diag);
    }
    if (rc == NB_OK) {
        *out = nb_slice_dup(nb_buf_slice(&buf));
    } else if (rc == NB_EIO && strcmp(path, "-") != 0 && access(path, F_OK) != 0) {
        rc = NB_ENOTFOUND;
    }
    nb_buf_wipe_fini(&buf);
    return rc;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_folder(const char *folder, const char *name)
{
    int parent = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat status;
    bool is_one = parent >= 0 && fstatat(parent, name, &status, 0) == 0 && S_ISDIR(status.st_mode);

    if (parent >= 0) {
        (void)close(parent);
    }
    return is_one;
}

void private_names_read(const char *folder, const char *suffix, struct private_names *out)
{
    DIR *dir = opendir(folder);

    *out = (struct private_names){.items = NULL};
    for (struct dirent *it = dir != NULL ? readdir(dir) : NULL; it != NULL; it = readdir(dir)) {
        struct slice name = nb_slice_of(it->d_name);

        if (name.p[0] == '.' || (suffix != NULL && !nb_slice_ends(name, suffix)) ||
            (suffix == NULL) != is_folder(folder, it->d_name)) {
            continue;
        }
        out->items = nb_realloc(out->items, (out->count + 1) * sizeof(*out->items));
        out->items[out->count++] =
            nb_slice_cstr(nb_slice_sub(name, 0, name.n - (suffix != NULL ? strlen(suffix) : 0)));
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    if (out->count > 0) {
        qsort(out->items, out->count, sizeof(*out->items), compare_names);
    }
}

void private_names_fini(struct private_names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        nb_free(names->items[i]);
    }
    nb_free(names->items);
    *names = (struct private_names){.items = NULL};
}

bool private_file_exists(char *path)
{
    bool is_there = access(path, F_OK) == 0;

    nb_free(path);
    return is_there;
}
