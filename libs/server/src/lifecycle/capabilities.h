/* capabilities.h - what is configured and natsd doesn't have yet: the server runs without it, and
 * says so.
 */
#pragma once

#include <natsd/log.h>
#include <natsd/server_options.h>

// One warning for each block that asks for something; with `was` only for those that did not
// before.
void nserver__warn_of_missing(const struct nb_logger *log, const struct nserver_options *was,
                              const struct nserver_options *is);
// Would the addresses that other servers are told do? NB_EMALFORMED or NB_ERANGE with the text of
// the fatal line.
NB_MUST_USE int nserver__check_advertised(const struct nserver_options *opts, struct nb_diag *diag);
// The lines about feature flags, when some are configured (spec 02 section 4.18).
void nserver__log_feature_flags(const struct nb_logger *log, const struct nserver_options *opts);
