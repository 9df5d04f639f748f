/* validate_leafnodes.c - spec 02 section 3.7, 5. Much of it is found when the file is read. */
#include <natsd/nkey.h>

#include "options/validate.h"

// The global account and the system's are there without being named.
static bool is_account(const struct nserver_options *opts, const char *name)
{
    return name == NULL || strcmp(name, "$G") == 0 ||
           (strcmp(name, "$SYS") == 0 && !opts->no_system_account) ||
           nserver__find_account(opts, name) != NULL;
}

static int refuse_account(const char *name, const char *where, struct nb_diag *diag)
{
    return nserver__refuse(diag, "cannot find local account %s specified in leafnode %s",
                           nserver__quote(name).text, where);
}

static int check_accounts(const struct nserver_options *opts, struct nb_diag *diag)
{
    const struct nserver_leafnode_options *leaf = &opts->leafnodes;

    if (!is_account(opts, leaf->account)) {
        return refuse_account(leaf->account, "authorization", diag);
    }
    for (size_t i = 0; i < leaf->user_count; i++) {
        if (!is_account(opts, leaf->users[i].account)) {
            return refuse_account(leaf->users[i].account, "authorization", diag);
        }
    }
    for (size_t i = 0; i < leaf->remote_count; i++) {
        if (!is_account(opts, leaf->remotes[i].account)) {
            return refuse_account(leaf->remotes[i].account, "remote", diag);
        }
    }
    return NB_OK;
}

static int check_operator_mode(const struct nserver_options *opts, struct nb_diag *diag)
{
    const struct nserver_leafnode_options *leaf = &opts->leafnodes;

    if (leaf->user_count > 0) {
        return nserver__refuse(diag,
                               "operator mode does not allow specifying users in leafnode config");
    }
    for (size_t i = 0; i < leaf->remote_count; i++) {
        if (!nauth_nkey_is_public_of(nb_slice_of(leaf->remotes[i].account), NAUTH_NKEY_ACCOUNT)) {
            return nserver__refuse(
                diag, "operator mode requires account nkeys in remotes. Please add an `account` "
                      "key to each remote in your `leafnodes` section, to assign it to an account. "
                      "Each account value should be a 56 character public key, starting with the "
                      "letter 'A'");
        }
    }
    if (leaf->port != 0 && leaf->account != NULL &&
        !nauth_nkey_is_public_of(nb_slice_of(leaf->account), NAUTH_NKEY_ACCOUNT)) {
        return nserver__refuse(diag, "operator mode and non account nkeys are incompatible");
    }
    return NB_OK;
}

static int check_compression(const struct nserver_compression_options *options,
                             struct nb_diag *diag)
{
    struct nserver_compression ignored;

    return nserver_compression_resolve(options, NSERVER_COMPRESSION_S2_AUTO,
                                       NSERVER_COMPRESSION_S2_AUTO, &ignored, diag);
}

static bool is_websocket(const struct nserver_url *url)
{
    return strcmp(url->scheme, "ws") == 0 || strcmp(url->scheme, "wss") == 0;
}

static int check_urls(const struct nserver_leaf_remote *remote, struct nb_diag *diag)
{
    size_t websockets = 0;
    struct nb_buf urls;
    int rc;

    for (size_t i = 0; i < remote->url_count; i++) {
        websockets += is_websocket(&remote->urls[i]) ? 1 : 0;
    }
    if (websockets == 0 || websockets == remote->url_count) {
        return NB_OK;
    }
    nb_buf_init(&urls, 4096);
    rc = nserver_leaf_remote_urls(remote, &urls);
    (void)rc; // a part of them does
    rc = nserver__refuse(diag,
                         "remote leaf node configuration cannot have a mix of websocket and "
                         "non-websocket urls: %.*s",
                         NB_SLICE_ARGS(nb_buf_slice(&urls)));
    nb_buf_fini(&urls);
    return rc;
}

static int check_remotes(const struct nserver_leafnode_options *leaf, struct nb_diag *diag)
{
    int rc = NB_OK;

    for (size_t i = 0; i < leaf->remote_count && rc == NB_OK; i++) {
        rc = check_compression(&leaf->remotes[i].compression, diag);
        if (rc == NB_OK) {
            rc = check_urls(&leaf->remotes[i], diag);
        }
    }
    return rc;
}

int nserver__validate_leafnodes(const struct nserver_options *opts, struct nb_diag *diag)
{
    const struct nserver_leafnode_options *leaf = &opts->leafnodes;
    int rc =
        nserver__has_operators(opts) ? check_operator_mode(opts, diag) : check_accounts(opts, diag);

    if (rc == NB_OK) {
        rc = check_compression(&leaf->compression, diag);
    }
    if (rc == NB_OK) {
        rc = check_remotes(leaf, diag);
    }
    if (rc == NB_OK && leaf->port != 0 && opts->gateway.name != NULL &&
        opts->system_account == NULL) {
        rc = nserver__refuse(diag, "leaf nodes and gateways (both being defined) require a system "
                                   "account to also be configured");
    }
    return rc;
}
