/* folder.h - a folder of its own for a test program, which is also its working directory. */
#pragma once

#include "nb_test.h"

#include <natsd/buf.h>

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static inline int folder_enter(void **state NB_UNUSED)
{
    snprintf(folder, sizeof(folder), "/tmp/natsd-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return chdir(folder);
}

// Removes the files in it.
static inline void folder_clear(void)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != '.' && unlink(entry->d_name) != 0) {
            assert_int_equal(rmdir(entry->d_name), 0);
        }
    }
    closedir(dir);
}

static inline int folder_leave(void **state NB_UNUSED)
{
    folder_clear();
    assert_int_equal(chdir("/"), 0);
    return rmdir(folder);
}

// The whole of a file, terminated; the caller frees it. NULL: there is none.
static inline char *folder_read(const char *name)
{
    FILE *file = fopen(name, "rb");
    struct nb_buf text;
    char part[4096];
    char *all;
    size_t n;

    if (file == NULL) {
        return NULL;
    }
    nb_buf_init(&text, 64 * 1024 * 1024);
    while ((n = fread(part, 1, sizeof(part), file)) > 0) {
        nb_buf_must(&text, nb_slice_make(part, n));
    }
    fclose(file);
    all = nb_slice_cstr(nb_buf_slice(&text));
    nb_buf_fini(&text);
    return all;
}

static inline void folder_write(const char *name, const char *text)
{
    FILE *file = fopen(name, "wb");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}
