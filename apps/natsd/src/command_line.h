/* command_line.h - the command line as monitoring shows it: without secrets (spec 02 section 5.3). */
#pragma once

#include "flags.h"

// Into opts->command_line. The flags were parsed without an error.
void command_line_show(const struct flags *flags, struct nserver_options *opts);
