/* log_output.h - where the log goes: standard error, a file with rotation, or syslog (spec 02
 * section 7). Threads: [any]; lines of several threads do not mix.
 */
#pragma once

#include <natsd/log.h>
#include <natsd/server_options.h>

struct log_output;

// Opens what the options name. NB_EIO or NB_EINVALID with the message for standard error in diag.
NB_MUST_USE int log_output_open(const struct nserver_options *opts, struct log_output **out,
                                struct nb_diag *diag);
void log_output_close(struct log_output **output);

// A line, as nb_logger.write wants it. `ctx` is the struct log_output.
void log_output_write(void *ctx, enum nb_log_level level, struct slice line);
// Changes destination and format; on an error everything stays.
NB_MUST_USE int log_output_reconfigure(struct log_output *output,
                                       const struct nserver_options *opts, struct nb_diag *diag);
// After an external rename of the file.
void log_output_reopen(struct log_output *output);

// One line on standard error with the time in front, while there is no log: why it didn't open.
void log_output_complain(const char *text);
