/* mapping_check.h - whether a mapping that came in a JWT can be. Threads: [any]. */
#pragma once

#include <natsd/account_options.h>
#include <natsd/buf.h>
#include <natsd/error.h>

// NB_* with the reason alone.
NB_MUST_USE int nserver__mapping_check(const struct nserver_mapping *mapping, struct nb_diag *diag);
// The same, and what in it is wrong: "mapping \"a\" -> \"b\": " and the reason.
NB_MUST_USE int nserver__mapping_explain(const struct nserver_mapping *mapping, struct nb_buf *why);
