/* runtime_files.h - the PID file and the ports file (spec 02 section 9). */
#pragma once

#include <natsd/server.h>

// The decimal process id, no line end, mode 0600. NB_EIO with the reason in diag.
NB_MUST_USE int pid_file_write(const char *path, struct nb_diag *diag);

// <dir>/<program>_<pid>.ports with the URLs of every listener; *path is owned.
NB_MUST_USE int ports_file_write(const char *dir, const char *program, const struct nserver *server,
                                 const struct nserver_options *opts, char **path,
                                 struct nb_diag *diag);
