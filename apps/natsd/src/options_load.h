/* options_load.h - options as the command line wants them: a file, and the flags over it. */
#pragma once

#include "flags.h"

// The file of -c, or NULL.
const char *options_path(const struct flags *flags);

// Reads `path` (NULL: no file) into *opts, which the caller frees in any case, and puts the flags
// over it. NB_EMALFORMED when the file has errors, which are in the report; other codes are of the
// flags, with diag. Warnings of the file are in the report.
NB_MUST_USE int options_load(const struct flags *flags, const char *path,
                             struct nserver_options *opts, struct nserver_option_report *report,
                             struct nb_diag *diag);
// What a reload of a file that cannot be loaded says: its errors, or what is wrong with the flags.
// Borrowed from the report or diag.
struct slice options_fault(const struct nserver_option_report *report, const struct nb_diag *diag);
