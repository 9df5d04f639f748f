/* validate.h - do the options fit together, block by block (spec 02 section 3.7)? Defaults are in.
 *
 * Each returns NB_EINVALID with the reference's text in diag for the first thing that is wrong.
 */
#pragma once

#include <natsd/server_options.h>

NB_MUST_USE int nserver__validate_operators(const struct nserver_options *opts,
                                            struct nb_diag *diag);
NB_MUST_USE int nserver__validate_auth(const struct nserver_options *opts, struct nb_diag *diag);
NB_MUST_USE int nserver__validate_proxies(const struct nserver_options *opts, struct nb_diag *diag);
NB_MUST_USE int nserver__validate_system_account(const struct nserver_options *opts,
                                                 struct nb_diag *diag);
NB_MUST_USE int nserver__validate_leafnodes(const struct nserver_options *opts,
                                            struct nb_diag *diag);
NB_MUST_USE int nserver__validate_gateway(const struct nserver_options *opts, struct nb_diag *diag);
NB_MUST_USE int nserver__validate_cluster(const struct nserver_options *opts, struct nb_diag *diag);
NB_MUST_USE int nserver__validate_mqtt(const struct nserver_options *opts, struct nb_diag *diag);
NB_MUST_USE int nserver__validate_jetstream(const struct nserver_options *opts,
                                            struct nb_diag *diag);
NB_MUST_USE int nserver__validate_websocket(const struct nserver_options *opts,
                                            struct nb_diag *diag);
NB_MUST_USE int nserver__validate_ocsp(const struct nserver_options *opts, struct nb_diag *diag);
// Is there a user or an nkey of that name? NULL names none.
NB_MUST_USE int nserver__validate_no_auth_user(const struct nserver_options *opts,
                                               const char *no_auth_user, struct nb_diag *diag);

bool nserver__has_operators(const struct nserver_options *opts);
// Is it configured, or there anyway ($G, and $SYS unless there is to be none)?
const struct nserver_account_options *nserver__find_account(const struct nserver_options *opts,
                                                            const char *name);
// NB_EINVALID, with the text in diag.
NB_MUST_USE int nserver__refuse(struct nb_diag *diag, const char *format, ...) NB_PRINTF(2, 3);

// A text in Go's quotes for a message; "..." when it is too long.
struct nserver__quoted {
    char text[300];
};
struct nserver__quoted nserver__quote(const char *text);
