/* validate_ocsp.c - asking whether certificates of clients are revoked makes sense only where they
 * have to show one (spec 02 section 4.5).
 */
#include "options/validate.h"

int nserver__validate_ocsp(const struct nserver_options *opts, struct nb_diag *diag)
{
    const struct nserver_tls_options *const accepting[] = {&opts->tls, &opts->leafnodes.tls,
                                                           &opts->websocket.tls, &opts->mqtt.tls};

    for (size_t i = 0; i < NB_ARRAY_LEN(accepting); i++) {
        if (accepting[i]->ocsp_peer.verify && !accepting[i]->verify) {
            return nserver__refuse(diag, "OCSP peer verification for client connections requires "
                                         "TLS verify (mTLS) to be enabled");
        }
    }
    return NB_OK;
}
