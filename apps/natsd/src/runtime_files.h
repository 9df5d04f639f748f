/* runtime_files.h - the PID file and the ports file (spec 02 section 9). */
#pragma once

#include <natsd/server.h>

// The decimal process id, no line end, mode 0600. NB_EIO with the reason in diag.
NB_MUST_USE int pid_file_write(const char *path, struct nb_diag *diag);

// <dir>/<base name of program>_<pid>.ports; owned.
char *ports_file_path(const char *dir, const char *program);
// The URLs of every listener of a server that runs. NB_EIO with the reason in diag.
NB_MUST_USE int ports_file_write(const char *path, const struct nserver *server,
                                 const struct nserver_options *opts, struct nb_diag *diag);
// A file that is gone already is fine. NB_EIO with the reason in diag.
NB_MUST_USE int ports_file_remove(const char *path, struct nb_diag *diag);
