/* config.h - what a client was told at connect: copied, with the defaults filled in.
 *
 * Threads: read-only once made.
 */
#pragma once

#include <natsd/client.h>
#include <natsd/nkey.h>
#include <natsd/tls.h>

struct nclient__config {
    struct nclient_opts opts; // texts are owned copies, defaults in place; the secrets among
                              // them that are parsed below are NULL
    struct slice jwt;         // owned, secret; n 0: none
    struct nauth_nkey key;    // secret
    bool has_key;
};

NB_MUST_USE int nclient__config_init(struct nclient__config *config,
                                     const struct nclient_opts *opts, struct nb_diag *diag);
void nclient__config_fini(struct nclient__config *config); // wipes; fine on a zeroed one

// Reads the TLS files: [pool].
NB_MUST_USE int nclient__config_load_tls(const struct nclient__config *config,
                                         struct nnet_tls_context **out, struct nb_diag *diag);
