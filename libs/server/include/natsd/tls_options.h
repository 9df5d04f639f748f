/* natsd/tls_options.h - a `tls` block (spec 02 section 4.4) as written; contexts are made from it
 * when it is used. A part of natsd/server_options.h, whose rules for ownership hold.
 */
#pragma once

#include <natsd/error.h>
#include <natsd/ocsp_options.h>
#include <natsd/tls.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nserver_tls_options {
    bool is_set;
    char *cert_file, *key_file, *ca_file;
    struct nserver_tls_pair {
        char *cert_file, *key_file;
    } * certs;
    size_t cert_count;
    bool verify; // also when one of the next two is set
    bool verify_and_map;
    bool check_known_urls; // clusters and gateways
    bool insecure;
    double timeout_s; // 0: default
    char **cipher_suites;
    size_t cipher_suite_count;
    char **curves;
    size_t curve_count;
    uint16_t min_version;
    int64_t connection_rate_limit; // per second; 0: off
    uint8_t (*pins)[NNET_TLS_PIN_BYTES];
    size_t pin_count;
    bool handshake_first;
    int64_t handshake_first_fallback_ns; // > 0: INFO in clear after this silence
    struct nserver_ocsp_peer_options ocsp_peer;
};

// A TLS context of a tls block; for a listener without client certificates `no_verify`.
NB_MUST_USE int nserver_tls_options_context(const struct nserver_tls_options *tls, bool no_verify,
                                            struct nnet_tls_context **out, struct nb_diag *diag);

#ifdef __cplusplus
}
#endif
