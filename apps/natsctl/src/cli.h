/* cli.h - reading the command line into a struct cli, and how a command says what went wrong. */
#pragma once

#include "command.h"

// NB_OK, or NB_EINVALID with a text. cli->path is as far as it was read in any case. Help and
// version are looked for before anything is missing.
NB_MUST_USE int cli_read(struct cli *cli, int argc, char *const *argv, struct nb_diag *diag);
void cli_fini(struct cli *cli);

bool cli_wants_json(const struct cli *cli); // one document, or a line each for what streams
int64_t cli_timeout_ns(const struct cli *cli);

// Says it on standard error, as JSON too when that is wanted; returns the code.
int cli_fail(const struct cli *cli, const char *format, ...) NB_PRINTF(2, 3);
int cli_fail_with(const struct cli *cli, enum exit_code code, const char *format, ...)
    NB_PRINTF(3, 4);
int cli_usage(const struct cli *cli, const char *format, ...) NB_PRINTF(2, 3);
void cli_warn(const struct cli *cli, const char *format, ...) NB_PRINTF(2, 3);
// A line with the time on standard error, unless it should be quiet.
void cli_note(const struct cli *cli, const char *format, ...) NB_PRINTF(2, 3);

// "natsctl server check", into a room of the caller's.
enum {
    CLI_NAME_MAX_BYTES = 128,
};
void cli_full_name(const struct cli *cli, char out[CLI_NAME_MAX_BYTES]);
