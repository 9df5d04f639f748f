/* token_file.h - files of account JWTs: read, replaced as a whole, removed (spec 03 section 20.5).
 *
 * A file's name is made of an account's public key and nothing else (spec 13, 2022-03): every
 * function refuses what is no such key before it touches the disk. What lies in the directory may
 * be anything: only plain files of a sensible size are read, and no link is followed.
 *
 * Threads: blocks: [pool] or before the start. The directory is an open descriptor.
 * Errors:  NB_EINVALID for a key; NB_ENOTFOUND; NB_ELIMIT for a file or text that is too large;
 *          NB_EIO and what errno makes of it, with the reason in diag.
 */
#pragma once

#include <natsd/error.h>
#include <natsd/slice.h>

#include <stdbool.h>

#define NSERVER__TOKEN_FILE_SUFFIX ".jwt"

// Would it be taken? Checks the key's form and checksum.
bool nserver__token_file_is_key(struct slice key);
// The key in a name "<key>.jwt", borrowed; empty for any other name.
struct slice nserver__token_file_key(const char *name);

// *out is owned.
NB_MUST_USE int nserver__token_file_read(int dir, struct slice key, struct slice *out,
                                         struct nb_diag *diag);
// After a crash at any moment the file is what it was, or what it is to be. Mode 0600.
NB_MUST_USE int nserver__token_file_write(int dir, struct slice key, struct slice token,
                                          struct nb_diag *diag);
// One that isn't there is no error.
NB_MUST_USE int nserver__token_file_remove(int dir, struct slice key, struct nb_diag *diag);
// The same, but it stays as "<key>.jwt.deleted".
NB_MUST_USE int nserver__token_file_set_aside(int dir, struct slice key, struct nb_diag *diag);
