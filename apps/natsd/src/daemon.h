/* daemon.h - a server with its log, its files and its signals: natsd from the options to the end.
 */
#pragma once

#include "flags.h"

// Checks the configuration file and says so on standard error. The exit status.
int daemon_test_config(const struct flags *flags);
// Runs until a signal ends it. `program` is how it was called. The exit status.
int daemon_run(const struct flags *flags, const char *program);

// "nats-server: <text>" on standard error; the exit status of a failure.
int daemon_fail(const char *text);
