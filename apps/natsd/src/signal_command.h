/* signal_command.h - `--signal <command>[=<pid>]`: a signal to a server that runs (spec 02 section
 * 10.3).
 */
#pragma once

#include <natsd/slice.h>

#include <sys/types.h>

enum {
    SIGNAL_PIDS_MAX = 4096,
};

struct signal_targets {
    pid_t pids[SIGNAL_PIDS_MAX];
    size_t count;
};

// What an argument asks for: the signal, and where to.
struct signal_command {
    struct slice name; // "quit"
    int number;
    const char *where; // a process id, the beginning of one and '*', a PID file; NULL: the server
};

// Takes the argument apart; slices of it. NB_EINVALID with the reason in diag.
NB_MUST_USE int signal_command_parse(struct signal_command *command, const char *argument,
                                     struct nb_diag *diag);
// NB_EINVALID or NB_ENOTFOUND with the reason in diag.
NB_MUST_USE int signal_command_find(const struct signal_command *command,
                                    struct signal_targets *targets, struct nb_diag *diag);
// All of it, up to the signal. NB_EINVALID or NB_ENOTFOUND with the reason in diag.
NB_MUST_USE int signal_command_run(const char *argument, struct nb_diag *diag);
