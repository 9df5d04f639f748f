/* validate_gateway.c - spec 02 section 3.7, 8. */
#include "options/validate.h"

static int check_remote(const struct nserver_gateway_remote *remote, size_t index,
                        struct nb_diag *diag)
{
    if (remote->name == NULL) {
        return nserver__refuse(diag, "gateway in the list %zu has no name", index);
    }
    if (remote->url_count == 0) {
        return nserver__refuse(diag, "gateway %s has no URL", nserver__quote(remote->name).text);
    }
    return NB_OK;
}

int nserver__validate_gateway(const struct nserver_options *opts, struct nb_diag *diag)
{
    const struct nserver_gateway_options *gateway = &opts->gateway;
    int rc = NB_OK;

    if (gateway->name == NULL && gateway->port == 0) {
        return NB_OK;
    }
    if (gateway->name == NULL) {
        return nserver__refuse(diag, "gateway has no name");
    }
    if (strchr(gateway->name, ' ') != NULL) {
        return nserver__refuse(diag, "gateway name cannot contain spaces");
    }
    if (gateway->port == 0) {
        return nserver__refuse(diag, "gateway %s has no port specified (select -1 for random port)",
                               nserver__quote(gateway->name).text);
    }
    for (size_t i = 0; i < gateway->remote_count && rc == NB_OK; i++) {
        rc = check_remote(&gateway->remotes[i], i, diag);
    }
    return rc;
}
