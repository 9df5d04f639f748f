/* help.h - what --help says, and the manual page: both from the tables of the commands. */
#pragma once

#include "command.h"

// On standard output.
void help_print(const struct cli *cli);
// natsctl(1), in mdoc.
void help_print_manual(void);
