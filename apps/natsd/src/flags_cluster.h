/* flags_cluster.h - the part of flags_apply() that is about clusters. */
#pragma once

#include "flags.h"

// NB_EINVALID, NB_EMALFORMED or NB_ELIMIT with the message for standard error.
NB_MUST_USE int flags_apply_cluster(const struct flags *flags, struct nserver_options *opts,
                                    struct nb_diag *diag);
