/* signal_command.h - natsd --signal <command>[=<pid or PID file>] (spec 02 section 10.3). */
#pragma once

#include <natsd/error.h>

// Sends the signal. NB_EINVALID with the message for standard error in diag.
NB_MUST_USE int signal_command_run(const char *argument, struct nb_diag *diag);
