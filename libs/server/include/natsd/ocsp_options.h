/* natsd/ocsp_options.h - what is configured about the revocation of certificates (spec 02 section
 * 4.5). A part of natsd/server_options.h, whose rules for ownership hold.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// When the server's own certificates are stapled.
enum nserver_ocsp_mode {
    NSERVER_OCSP_AUTO,   // those that must be
    NSERVER_OCSP_ALWAYS, // all; the server ends when one is revoked
    NSERVER_OCSP_MUST,   // those that must be; the server ends when one is revoked
    NSERVER_OCSP_NEVER,
};

// The `ocsp` option.
struct nserver_ocsp_options {
    bool is_set;
    enum nserver_ocsp_mode mode;
    char **urls; // responders, instead of those that certificates name
    size_t url_count;
};

// `ocsp_peer` of a tls block: is the other side's certificate revoked?
struct nserver_ocsp_peer_options {
    bool is_set;
    bool verify;
    double ca_timeout_s;
    double allowed_clockskew_s;
    bool warn_only;
    bool unknown_is_good;
    bool allow_when_ca_unreachable;
    double cache_ttl_s; // of answers that don't say when the next one comes
};

#define NSERVER_OCSP_CA_TIMEOUT_DEFAULT_S 2.0
#define NSERVER_OCSP_CLOCKSKEW_DEFAULT_S 30.0
#define NSERVER_OCSP_CACHE_TTL_DEFAULT_S 3600.0

enum nserver_ocsp_cache_type {
    NSERVER_OCSP_CACHE_LOCAL,
    NSERVER_OCSP_CACHE_NONE,
};

// The `ocsp_cache` option, for what `ocsp_peer` was told.
struct nserver_ocsp_cache_options {
    bool is_set;
    enum nserver_ocsp_cache_type type;
    char *local_store; // a directory; NULL: NSERVER_OCSP_CACHE_STORE_DEFAULT
    bool preserve_revoked;
    int64_t save_interval_s; // 0: NSERVER_OCSP_CACHE_SAVE_INTERVAL_DEFAULT_S
};

#define NSERVER_OCSP_CACHE_STORE_DEFAULT "_rc_"
#define NSERVER_OCSP_CACHE_SAVE_INTERVAL_DEFAULT_S 300

#ifdef __cplusplus
}
#endif
