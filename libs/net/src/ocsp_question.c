#include "ocsp_question.h"

#include "ocsp_cache.h"

#include <natsd/clock.h>

#include <assert.h>
#include <openssl/base64.h>
#include <stdio.h>

enum {
    URL_MAX_BYTES = NNET_FETCH_URL_MAX_BYTES * 2, // what is too long is refused by the fetch
    STATUS_OK = 200,
};

struct nnet__ocsp_question {
    struct nnet_fetch *fetch;
    struct slice cert;
    struct slice issuer;
    int status_max;
    nnet__ocsp_question_fn done;
    void *ctx;
};

static void read_answer(const struct nnet__ocsp_question *question,
                        const struct nnet_fetch_result *fetched,
                        struct nnet__ocsp_question_result *result, struct nb_diag *diag)
{
    if (fetched->rc != NB_OK) {
        result->rc = fetched->rc == NB_ECANCELED ? NB_ECANCELED : NB_EIO;
        nb_diag_set(diag, "%s", fetched->text);
        return;
    }
    if (fetched->status > question->status_max) {
        result->rc = NB_EIO;
        nb_diag_set(diag, "non-ok http status: %d", fetched->status);
        return;
    }
    result->response = fetched->body;
    result->rc = nnet_ocsp_read_response(fetched->body, question->cert, question->issuer,
                                         nb_wall_now().ns / NB_NS_PER_S, &result->answer, diag);
}

static void on_fetched(void *ctx, const struct nnet_fetch_result *fetched)
{
    struct nnet__ocsp_question *question = ctx;
    struct nnet__ocsp_question_result result = {.rc = NB_OK};
    struct nb_diag diag = {.text = ""};

    read_answer(question, fetched, &result, &diag);
    result.text = diag.text;
    question->done(question->ctx, &result);
    nb_free(question);
}

// Base64 with what a URL gives another meaning escaped.
static void append_request(struct slice request, struct nb_buf *out)
{
    uint8_t *text = nb_alloc(request.n / 3 * 4 + 5); // whole groups, and a terminator
    size_t n = EVP_EncodeBlock(text, request.p, request.n);

    for (size_t i = 0; i < n; i++) {
        switch (text[i]) {
        case '+':
            nb_buf_must_text(out, "%2B");
            break;
        case '/':
            nb_buf_must_text(out, "%2F");
            break;
        case '=':
            nb_buf_must_text(out, "%3D");
            break;
        default:
            nb_buf_must(out, nb_slice_make(&text[i], 1));
        }
    }
    nb_free(text);
}

static void append_get_url(struct slice url, struct slice request, struct nb_buf *out)
{
    while (nb_slice_ends(url, "/")) {
        url = nb_slice_sub(url, 0, url.n - 1);
    }
    nb_buf_must(out, url);
    nb_buf_must_text(out, "/");
    append_request(request, out);
}

struct nnet__ocsp_question *nnet__ocsp_ask(struct nnet_worker *worker,
                                           const struct nnet__ocsp_question_opts *opts,
                                           nnet__ocsp_question_fn done, void *ctx)
{
    struct nnet__ocsp_question *question = nb_zalloc(sizeof(*question));
    struct nnet_fetch_opts fetch = {.is_post = opts->is_post,
                                    .accept = "application/ocsp-response",
                                    .tls = opts->tls,
                                    .timeout_ns = opts->timeout_ns,
                                    .body_max_bytes = NNET_OCSP_RESPONSE_MAX_BYTES};
    struct slice request = {.n = 0};
    struct nb_buf url;

    nb_buf_init(&url, URL_MAX_BYTES);
    // The certificates were verified: they can be read.
    if (nnet_ocsp_make_request(opts->cert, opts->issuer, &request) != NB_OK) {
        NB_UNREACHABLE("a verified certificate");
    }
    if (opts->is_post) {
        nb_buf_must(&url, opts->url);
        fetch.body = request;
        fetch.content_type = "application/ocsp-request";
    } else {
        append_get_url(opts->url, request, &url);
    }
    fetch.url = nb_buf_slice(&url);
    question->cert = opts->cert;
    question->issuer = opts->issuer;
    question->status_max = opts->status_max;
    question->done = done;
    question->ctx = ctx;
    question->fetch = nnet_fetch_start(worker, &fetch, on_fetched, question);
    nb_buf_fini(&url);
    nb_slice_free(&request);
    return question;
}

void nnet__ocsp_question_cancel(struct nnet__ocsp_question *question)
{
    nnet_fetch_cancel(question->fetch);
}
