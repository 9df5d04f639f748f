/* settings.h - how to connect: command line, environment, context and defaults, in this order
 * (spec 12 section 6). Empty texts never override.
 *
 * Credentials: user (with a password; alone it is a token) before creds before nkey; a token
 * goes beside any of them.
 */
#pragma once

#include "cli.h"

#include <natsd/client.h>

struct settings {
    char *urls;
    char *user; // owned like the rest, NULL: none; secrets are wiped at the end
    char *password;
    char *token;
    char *creds; // the text of the file
    char *nkey_seed;
    char *tls_cert;
    char *tls_key;
    char *tls_ca;
    char *inbox_prefix;
    char *name;
    bool is_tls_first;
};

// NB_EINVALID with a text.
NB_MUST_USE int settings_resolve(const struct cli *cli, struct settings *out, struct nb_diag *diag);
void settings_fini(struct settings *settings);
// What of a client's options they say; borrowed from both. The rest is zero.
struct nclient_opts settings_client_opts(const struct settings *settings, const struct cli *cli);
