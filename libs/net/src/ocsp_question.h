/* ocsp_question.h - one question to a responder: the request in the URL or as a body, the answer
 * read and verified. Spec 03 section 22.
 *
 * Lifetime: of the caller's; `done` comes once, from the loop, also after a cancel.
 * Threads:  [owner].
 */
#pragma once

#include <natsd/http_client.h>
#include <natsd/ocsp.h>

struct nnet__ocsp_question_result {
    // NB_OK; NB_EIO: no answer, or not with status 200 to `status_max`; NB_ECANCELED; others as
    // nnet_ocsp_read_response() has them.
    int rc;
    struct nnet_ocsp_answer answer;
    struct slice response; // borrowed
    const char *text;      // what failed
};

typedef void (*nnet__ocsp_question_fn)(void *ctx, const struct nnet__ocsp_question_result *result);

struct nnet__ocsp_question_opts {
    struct slice url;
    struct slice cert; // borrowed until `done`, as the issuer
    struct slice issuer;
    bool is_post;
    int status_max; // of what counts as an answer
    int64_t timeout_ns;
    struct nnet_tls_context *tls; // borrowed
};

struct nnet__ocsp_question;

struct nnet__ocsp_question *nnet__ocsp_ask(struct nnet_worker *worker,
                                           const struct nnet__ocsp_question_opts *opts,
                                           nnet__ocsp_question_fn done, void *ctx);
void nnet__ocsp_question_cancel(struct nnet__ocsp_question *question);
