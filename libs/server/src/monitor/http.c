/* http.c - HTTP requests for what monitoring knows: their parameters, and the answer. */
#include <natsd/memory.h>

#include "monitor/connz.h"
#include "monitor/monitor.h"
#include "monitor/params.h"

/* The answer. */

struct http_report {
    struct nserver__report report;
    struct nnet_http_request *request;
    const char *content_type;
    const char *extra_headers;
};

static void refuse(struct nnet_http_request *request, const char *text)
{
    nnet_http_respond(request, &(struct nnet_http_answer){
                                   .status = 400,
                                   .content_type = "text/plain; charset=utf-8",
                                   .body = nb_slice_of(text),
                               });
}

static void respond(struct nserver__report *report, const char *failure)
{
    struct http_report *http = nb_container_of(report, struct http_report, report);

    if (failure != NULL) {
        refuse(http->request, failure);
    } else {
        nnet_http_respond(http->request, &(struct nnet_http_answer){
                                             .status = report->status,
                                             .content_type = http->content_type,
                                             .extra_headers = http->extra_headers,
                                             .body = nb_buf_slice(&report->json),
                                         });
    }
    nserver__report_fini(report);
    nb_free(http);
}

static struct http_report *begin_http(struct nserver *server, struct nnet_http_request *request,
                                      enum nb_json_style style)
{
    struct http_report *http = nb_zalloc(sizeof(*http));

    http->request = request;
    http->content_type = "application/json";
    http->extra_headers = "Access-Control-Allow-Origin: *\r\n";
    nserver__report_init(&http->report, server, style, respond);
    return http;
}

static struct nserver__report *begin(struct nserver *server, struct nnet_http_request *request,
                                     enum nb_json_style style)
{
    return &begin_http(server, request, style)->report;
}

static struct slice text_of(struct nnet_http_request *request, const char *name)
{
    struct slice value = {0};

    return nnet_http_param(request, name, &value) ? value : (struct slice){0};
}

/* The questions. */

void nserver__http_varz(struct nserver *server, struct nnet_http_request *request)
{
    nserver__monitor_count(server, "/varz");
    nserver__varz(begin(server, request, NB_JSON_INDENTED));
}

void nserver__http_connz(struct nserver *server, struct nnet_http_request *request)
{
    struct nserver__connz_query query;
    struct nb_diag diag = {0};

    if (nserver__connz_read_query(request, &query, &diag) != NB_OK) {
        refuse(request, diag.text);
        return;
    }
    nserver__monitor_count(server, "/connz");
    nserver__connz(begin(server, request, NB_JSON_INDENTED), &query);
}

void nserver__http_subsz(struct nserver *server, struct nnet_http_request *request)
{
    struct nserver__subsz_query query = {.account = text_of(request, "acc"),
                                         .test = text_of(request, "test")};
    struct nb_diag diag = {0};

    nserver__monitor_count(server, "/subsz");
    if (nserver__param_bool(request, "subs", &query.wants_list, &diag) != NB_OK ||
        nserver__param_int(request, "offset", &query.offset, &diag) != NB_OK ||
        nserver__param_int(request, "limit", &query.limit, &diag) != NB_OK) {
        refuse(request, diag.text);
        return;
    }
    nserver__subsz(begin(server, request, NB_JSON_INDENTED), &query);
}

void nserver__http_accountz(struct nserver *server, struct nnet_http_request *request)
{
    nserver__monitor_count(server, "/accountz");
    nserver__accountz(begin(server, request, NB_JSON_INDENTED), text_of(request, "acc"));
}

void nserver__http_accstatz(struct nserver *server, struct nnet_http_request *request)
{
    struct nserver__accstatz_query query = {0};
    struct nb_diag diag = {0};

    if (nserver__param_bool(request, "unused", &query.include_unused, &diag) != NB_OK) {
        refuse(request, diag.text);
        return;
    }
    nserver__monitor_count(server, "/accstatz");
    nserver__accstatz(begin(server, request, NB_JSON_INDENTED), &query);
}

static int read_healthz(struct nnet_http_request *request, struct nserver__healthz_query *query,
                        struct nb_diag *diag)
{
    struct {
        const char *name;
        bool *value;
    } flags[] = {
        {"js-enabled", &query->js_enabled},
        {"js-enabled-only", &query->js_enabled_only},
        {"js-server-only", &query->js_server_only},
        {"js-meta-only", &query->js_meta_only},
        {"details", &query->details},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(flags); i++) {
        if (nserver__param_bool(request, flags[i].name, flags[i].value, diag) != NB_OK) {
            return NB_EINVALID;
        }
    }
    query->account = text_of(request, "account");
    query->stream = text_of(request, "stream");
    query->consumer = text_of(request, "consumer");
    return NB_OK;
}

void nserver__http_healthz(struct nserver *server, struct nnet_http_request *request)
{
    struct nserver__healthz_query query = {0};
    struct nb_diag diag = {0};

    nserver__monitor_count(server, "/healthz");
    if (read_healthz(request, &query, &diag) != NB_OK) {
        refuse(request, diag.text);
        return;
    }
    nserver__healthz(begin(server, request, NB_JSON_COMPACT), &query);
}

void nserver__http_expvar(struct nserver *server, struct nnet_http_request *request)
{
    struct http_report *http = begin_http(server, request, NB_JSON_INDENTED);

    http->content_type = "application/json; charset=utf-8";
    http->extra_headers = NULL; // other sites' pages may not read a command line
    nserver__expvar(&http->report);
}
