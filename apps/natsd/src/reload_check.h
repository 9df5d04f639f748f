/* reload_check.h - the flag --reload-check: what would a reload change? */
#pragma once

#include "flags.h"

// Compares the file of -c, as a server runs with it, with the one of the flag. Lines of the reload
// go to standard output, reasons against it to standard error; with --json all of it is one object
// on standard output. 0 when the reload would be accepted.
int reload_check_run(const struct flags *flags);
