/* private_file.h - files of the store: JWTs, seeds and creds. Folders are made with 0700 and files
 * with 0600; what is written is there as a whole or not at all.
 *
 * Threads: [main]. Errors: NB_EIO, NB_EEXISTS, NB_ENOTFOUND, NB_ELIMIT with a text naming the file.
 */
#pragma once

#include <natsd/buf.h>

enum private_file_mode {
    PRIVATE_FILE_NEW,     // NB_EEXISTS when there is one
    PRIVATE_FILE_REPLACE, // whatever was there
};

enum {
    PRIVATE_FILE_MAX_BYTES = 64 * 1024 * 1024,
};

NB_MUST_USE int private_file_write(const char *path, struct slice bytes,
                                   enum private_file_mode mode, struct nb_diag *diag);
// An owned copy, to be freed with nb_slice_wipe_free().
NB_MUST_USE int private_file_read(const char *path, struct slice *out, struct nb_diag *diag);
// Is there such a file? Takes `path`.
bool private_file_exists(char *path);

// Names in a folder, without dots in front, sorted; none when the folder isn't there.
struct private_names {
    char **items;
    size_t count;
};
// Of files that end in `suffix`, which is cut off; of folders when it is NULL.
void private_names_read(const char *folder, const char *suffix, struct private_names *out);
void private_names_fini(struct private_names *names);
