/* natsd/ocsp_staple.h - keeps the OCSP response fresh that a server presents with its certificate.
 * Spec 03 section 22.1.
 *
 * The response comes from a file where an earlier run left it, or from a responder; it is put into
 * the TLS context, and asked for again in time.
 *
 * Lifetime: until `stopped` was called after nnet_staple_stop(), from the loop.
 * Threads:  [owner] of the worker it was started on.
 */
#pragma once

#include <natsd/ocsp.h>
#include <natsd/tls.h>
#include <natsd/worker.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NNET_STAPLE_URLS_MAX = 16, // responders that are asked
};

struct nnet_staple_status {
    // NB_OK: there is a response, that is current, and presented. Otherwise no responder gave one,
    // or the certificate's issuer was not found; one that is still current is presented further.
    int rc;
    enum nnet_ocsp_status status; // with NB_OK: what it says
    int64_t next_update_s;        // the same; 0: it does not say
    int64_t next_check_s;         // from now on
    const char *text;             // what failed, for people; borrowed during the call
};

// After each attempt, the first one included. May stop the staple.
typedef void (*nnet_staple_fn)(void *ctx, const struct nnet_staple_status *status);

struct nnet_staple_opts {
    struct nnet_tls_context *context; // with a certificate; referenced
    const char *const *urls;          // responders, instead of those the certificate names
    size_t url_count;
    const char *dir;              // where responses are kept; NULL: they are not
    struct nnet_tls_context *tls; // for responders over https: a client's; referenced. NULL: none
    nnet_staple_fn updated;
    void *ctx;
};

struct nnet_staple;

struct nnet_staple *nnet_staple_start(struct nnet_worker *worker,
                                      const struct nnet_staple_opts *opts);
void nnet_staple_stop(struct nnet_staple *staple, void (*stopped)(void *ctx), void *ctx);

#ifdef __cplusplus
}
#endif
