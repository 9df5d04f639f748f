/* tls_options.c - a tls block made into a context of libs/net. */
#include <natsd/tls_options.h>

#include <natsd/memory.h>

int nserver_tls_options_context(const struct nserver_tls_options *tls, bool no_verify,
                                struct nnet_tls_context **out, struct nb_diag *diag)
{
    bool has_single = tls->cert_file != NULL;
    size_t count = has_single ? 1 : tls->cert_count;
    struct nnet_tls_cert_files *certs = nb_calloc(count + 1, sizeof(*certs));
    int rc;

    if (has_single) {
        certs[0] = (struct nnet_tls_cert_files){tls->cert_file, tls->key_file};
    }
    for (size_t i = 0; !has_single && i < count; i++) {
        certs[i] = (struct nnet_tls_cert_files){tls->certs[i].cert_file, tls->certs[i].key_file};
    }
    rc = nnet_tls_context_create(
        &(struct nnet_tls_opts){
            .is_server = true,
            .certs = certs,
            .cert_count = count,
            .ca_file = tls->ca_file,
            .verify_peer = tls->verify && !no_verify,
            .min_version = tls->min_version,
            .cipher_suites = (const char *const *)tls->cipher_suites,
            .cipher_suite_count = tls->cipher_suite_count,
            .curves = (const char *const *)tls->curves,
            .curve_count = tls->curve_count,
            .pins = (const uint8_t(*)[NNET_TLS_PIN_BYTES])tls->pins,
            .pin_count = no_verify ? 0 : tls->pin_count,
        },
        out, diag);
    nb_free(certs);
    return rc;
}
