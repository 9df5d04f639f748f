/* reload_log.h - what a reload changes, one line in the log for each (spec 02 section 11.2). */
#pragma once

#include "lifecycle/state.h"

// In the order in which the reference applies changes. `surplus` is how many connections have to
// go because of max_connections.
void nserver__log_changes(const struct nb_logger *log, const struct nserver__config *was,
                          const struct nserver__config *is, int64_t surplus);
