/* monitor.h - the monitoring endpoints (spec 04 sections 2 and 3). [control] */
#pragma once

#include <natsd/http.h>
#include <natsd/json_writer.h>

struct nserver;

enum {
    NSERVER__MONITOR_ANSWER_MAX_BYTES = 512 * 1024 * 1024,
};

NB_MUST_USE int nserver__monitor_start(struct nserver *server,
                                       struct nb_diag *diag); // fine when off
// `closed` runs when all of it is gone, at once when there is none.
void nserver__monitor_stop(struct nserver *server, void (*closed)(void *ctx), void *ctx);

void nserver__monitor_fini(struct nserver *server);
// After a reload: new certificates for new connections.
void nserver__monitor_reload_tls(struct nserver *server);

// Each answers the request, at once or later.
void nserver__varz(struct nserver *server, struct nnet_http_request *request);
void nserver__connz(struct nserver *server, struct nnet_http_request *request);
void nserver__subsz(struct nserver *server, struct nnet_http_request *request);
void nserver__healthz(struct nserver *server, struct nnet_http_request *request);

// JSON of a buffer as the answer, with the headers that go with it; 400 and a text.
void nserver__monitor_answer(struct nnet_http_request *request, const struct nb_buf *json);
void nserver__monitor_refuse(struct nnet_http_request *request, const char *text);
// Counts a request for /varz.
void nserver__monitor_count(struct nserver *server, const char *path);
void nserver__monitor_write_counts(const struct nserver *server, struct nb_json_writer *w);
