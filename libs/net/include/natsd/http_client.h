/* natsd/http_client.h - one HTTP/1.1 request to somebody else's server: of the account resolver
 * and for OCSP. Spec 03 sections 20.2 and 22, 13 section 5.34.
 *
 * http and https, GET and POST; names are resolved in the background. The server may be anybody:
 * there is one deadline over everything, the answer's body is limited, its head is, and no
 * redirect is followed. User info in the URL becomes basic authorization and appears in no text.
 *
 * Lifetime: a fetch lives until `done` was called, once, from the loop; nothing of it (socket,
 *           timer, lookup) is left then.
 * Threads:  [owner] of the worker it was started on, unless tagged.
 */
#pragma once

#include <natsd/buf.h>
#include <natsd/tls.h>
#include <natsd/worker.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NNET_FETCH_URL_MAX_BYTES = 64 * 1024,
    NNET_FETCH_BODY_MAX_BYTES = 1024 * 1024, // of the answer, unless the caller says less
};

struct nnet_fetch_opts {
    struct slice url; // copied
    // With a body it is a POST. Copied.
    bool is_post;
    struct slice body;
    const char *content_type;     // of the body, or NULL
    const char *accept;           // or NULL: anything
    struct nnet_tls_context *tls; // referenced; for https: a client's, that verifies. NULL: https
                                  // is refused
    int64_t timeout_ns;           // over everything; > 0
    size_t body_max_bytes;        // of the answer; 0: NNET_FETCH_BODY_MAX_BYTES
};

struct nnet_fetch_result {
    // NB_OK: an answer came, with whatever status. NB_EMALFORMED: the URL, or the answer is no
    // HTTP; NB_ELIMIT: the answer is too large; NB_ETIMEDOUT, NB_ENOTFOUND, NB_EREFUSED,
    // NB_ECLOSED, NB_ECRYPTO (TLS), NB_EUNSUPPORTED (the URL's scheme), NB_EIO, NB_ECANCELED.
    int rc;
    int status;               // with NB_OK: 200 to 599
    struct slice status_text; // "404 Not Found", printable. Borrowed during the call, as the rest
    struct slice body;
    const char *text; // what failed, for people
};

struct nnet_fetch;
typedef void (*nnet_fetch_done_fn)(void *ctx, const struct nnet_fetch_result *result);

// Never NULL; what is wrong with the options' URL is told by `done` as well.
struct nnet_fetch *nnet_fetch_start(struct nnet_worker *worker, const struct nnet_fetch_opts *opts,
                                    nnet_fetch_done_fn done, void *ctx);
void nnet_fetch_cancel(struct nnet_fetch *fetch); // done comes with NB_ECANCELED

// [any] Is this an http or https URL that could be fetched? NB_EMALFORMED, NB_EUNSUPPORTED,
// NB_ELIMIT.
NB_MUST_USE int nnet_fetch_check_url(struct slice url);
// [any] The URL as it may be shown: a password in it is "xxxxx". NB_ELIMIT when out is full.
NB_MUST_USE int nnet_fetch_print_url(struct slice url, struct nb_buf *out);

#ifdef __cplusplus
}
#endif
