/* natsd/http.h - a small HTTP/1.1 server for monitoring, on http-parser. Spec 04 section 2.
 *
 * Requests with a body have it read and ignored. Keep-alive and pipelining in order. Limits:
 * head at most 1 MiB, 5 s to read it, connections bounded. An answer may be given later.
 *
 * Threads: [owner] of the worker it was opened on.
 */
#pragma once

#include <natsd/conn.h>

struct nnet_http_server;
struct nnet_http_request; // lives until it is answered, also when its connection ended before

typedef void (*nnet_http_fn)(void *ctx, struct nnet_http_request *request);

struct nnet_http_opts {
    const char *host;
    int port;                     // 0 or -1: the system chooses
    struct nnet_tls_context *tls; // NULL: plain. Referenced
    nnet_http_fn serve;
    void *ctx;
};

NB_MUST_USE int nnet_http_open(struct nnet_worker *worker, const struct nnet_http_opts *opts,
                               struct nnet_http_server **out, struct nb_diag *diag);
// Stops listening, closes connections; `closed` runs once all of them are gone and every
// request was answered.
void nnet_http_close(struct nnet_http_server *server, void (*closed)(void *ctx), void *ctx);
uint16_t nnet_http_port(const struct nnet_http_server *server);
void nnet_http_set_tls(struct nnet_http_server *server,
                       struct nnet_tls_context *tls); // for new connections

struct slice nnet_http_method(const struct nnet_http_request *request);
struct slice nnet_http_path(
    const struct nnet_http_request *request); // percent-decoded, without query
// The first value of a query parameter, decoded; false when absent or empty. Borrowed, like the
// others, until the request is answered.
bool nnet_http_param(const struct nnet_http_request *request, const char *name, struct slice *out);

struct nnet_http_answer {
    int status;
    const char *content_type;
    const char *extra_headers; // complete lines with CR LF, or NULL
    struct slice body;         // copied
};

// Once per request. HEAD gets the headers only.
void nnet_http_respond(struct nnet_http_request *request, const struct nnet_http_answer *answer);
