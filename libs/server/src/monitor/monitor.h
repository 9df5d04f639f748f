/* monitor.h - the monitoring endpoints (spec 04 sections 2 and 3).
 *
 * Each gathers what was asked for and writes it into a report; http.c asks for HTTP requests, the
 * services in events/ for messages in the system account.
 *
 * Threads: [control].
 */
#pragma once

#include <natsd/http.h>
#include <natsd/json_writer.h>

#include "monitor/report.h"

struct nserver;
struct nserver__account;
struct nserver__connz_query;

// monitor.c
NB_MUST_USE int nserver__monitor_start(struct nserver *server,
                                       struct nb_diag *diag); // fine when off
// `closed` runs when all of it is gone, at once when there is none.
void nserver__monitor_stop(struct nserver *server, void (*closed)(void *ctx), void *ctx);

void nserver__monitor_fini(struct nserver *server);
// After a reload: new certificates for new connections.
void nserver__monitor_reload_tls(struct nserver *server);
// Counts a request for /varz.
void nserver__monitor_count(struct nserver *server, const char *path);
void nserver__monitor_write_counts(const struct nserver *server, struct nb_json_writer *w);

// http.c: each answers the request, at once or later.
void nserver__http_varz(struct nserver *server, struct nnet_http_request *request);
void nserver__http_connz(struct nserver *server, struct nnet_http_request *request);
void nserver__http_subsz(struct nserver *server, struct nnet_http_request *request);
void nserver__http_accountz(struct nserver *server, struct nnet_http_request *request);
void nserver__http_accstatz(struct nserver *server, struct nnet_http_request *request);
void nserver__http_healthz(struct nserver *server, struct nnet_http_request *request);
void nserver__http_expvar(struct nserver *server, struct nnet_http_request *request);

void nserver__varz(struct nserver__report *report);
void nserver__expvar(struct nserver__report *report);

// Its order was checked (connz.h).
void nserver__connz(struct nserver__report *report, const struct nserver__connz_query *query);

struct nserver__subsz_query {
    bool wants_list;
    int64_t offset, limit;      // below 0 is none; no limit is the usual one
    struct slice account, test; // empty: any
};
void nserver__subsz(struct nserver__report *report, const struct nserver__subsz_query *query);

struct nserver__healthz_query {
    // They choose between checks that only a server with JetStream has.
    bool js_enabled, js_enabled_only, js_server_only, js_meta_only;
    bool details;
    bool shows_code; // in the value, too
    struct slice account, stream, consumer;
};
void nserver__healthz(struct nserver__report *report, const struct nserver__healthz_query *query);

// Of one account, or the names of all when it is empty.
void nserver__accountz(struct nserver__report *report, struct slice account);
// The account alone.
void nserver__account_info(struct nserver__report *report, struct slice account);

struct nserver__accstatz_query {
    const struct slice *accounts; // NULL: all
    size_t account_count;
    bool include_unused;
};
void nserver__accstatz(struct nserver__report *report, const struct nserver__accstatz_query *query);
