/* validate_cluster.c - spec 02 section 3.7, 9. */
#include <natsd/map.h>

#include "options/validate.h"

// What the cluster is called when nobody says so: a server that leaf nodes hang from has its own
// name in the place of one.
static const char *cluster_name(const struct nserver_options *opts)
{
    if (opts->cluster.name == NULL && opts->leafnodes.remote_count > 0 && opts->cluster.port == 0) {
        return opts->server_name;
    }
    return opts->cluster.name;
}

static int check_name(const struct nserver_options *opts, struct nb_diag *diag)
{
    const char *gateway = opts->gateway.name;
    const char *name = opts->cluster.name;

    if (gateway != NULL && name != NULL && strcmp(gateway, name) != 0) {
        return nserver__refuse(diag,
                               "cluster name conflicts between cluster and gateway definitions");
    }
    name = cluster_name(opts);
    return name != NULL && strcmp(name, "_") == 0
               ? nserver__refuse(diag, "cluster name is reserved")
               : NB_OK;
}

/* Accounts with routes of their own: the system account is one of them in a cluster that runs. */

static const char *own_system_account(const struct nserver_options *opts)
{
    if (opts->cluster.port == 0 || opts->cluster.pool_size < 0 ||
        (opts->system_account == NULL && opts->no_system_account)) {
        return NULL;
    }
    return opts->system_account != NULL ? opts->system_account : "$SYS";
}

static void list_accounts(const struct nserver_options *opts, struct nb_buf *out)
{
    enum { SHOWN_MAX = 16 };
    const struct nserver_cluster_options *cluster = &opts->cluster;
    const char *system = own_system_account(opts);
    bool has_system = system == NULL;

    for (size_t i = 0; i < cluster->account_count && i < SHOWN_MAX; i++) {
        nb_buf_must_format(out, "%s%s", i > 0 ? " " : "",
                           nserver__quote(cluster->accounts[i]).text);
        has_system = has_system || strcmp(cluster->accounts[i], system) == 0;
    }
    if (!has_system) {
        nb_buf_must_format(out, " %s", nserver__quote(system).text);
    }
}

static int refuse_double(const struct nserver_options *opts, const char *name, struct nb_diag *diag)
{
    struct nb_buf list;
    int rc;

    nb_buf_init(&list, 16 * 1024);
    list_accounts(opts, &list);
    rc = nserver__refuse(diag, "found duplicate account name %s in pinned accounts list [%.*s]",
                         nserver__quote(name).text, NB_SLICE_ARGS(nb_buf_slice(&list)));
    nb_buf_fini(&list);
    return rc;
}

static int check_accounts(const struct nserver_options *opts, struct nb_diag *diag)
{
    const struct nserver_cluster_options *cluster = &opts->cluster;
    struct nb_map names = {0};
    int rc = NB_OK;

    if (cluster->account_count > 0 && cluster->pool_size < 0) {
        return nserver__refuse(diag,
                               "pool_size cannot be negative if pinned accounts are specified");
    }
    for (size_t i = 0; i < cluster->account_count && rc == NB_OK; i++) {
        char *name = cluster->accounts[i];

        if (!nb_map_insert(&names, nb_slice_of(name), name)) {
            rc = refuse_double(opts, name, diag);
        }
    }
    nb_map_fini(&names);
    return rc;
}

int nserver__validate_cluster(const struct nserver_options *opts, struct nb_diag *diag)
{
    struct nserver_compression ignored;
    int rc;

    if (opts->cluster.name != NULL && strchr(opts->cluster.name, ' ') != NULL) {
        return nserver__refuse(diag, "cluster name cannot contain spaces"); // of a flag
    }
    rc = nserver_compression_resolve(&opts->cluster.compression, NSERVER_COMPRESSION_S2_FAST,
                                     NSERVER_COMPRESSION_ACCEPT, &ignored, diag);
    if (rc == NB_OK) {
        rc = check_name(opts, diag);
    }
    return rc == NB_OK ? check_accounts(opts, diag) : rc;
}
