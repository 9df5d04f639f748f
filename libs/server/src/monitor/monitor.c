#include "monitor/monitor.h"

#include <natsd/memory.h>

#include "lifecycle/state.h"
#include "monitor/process_load.h"

#define TEXT_TYPE "text/plain; charset=utf-8"

static void serve_index(struct nserver *server, struct nnet_http_request *request);

// One row per endpoint: its path below the base path, and who answers.
static const struct endpoint {
    const char *path;
    void (*serve)(struct nserver *server, struct nnet_http_request *request);
    const char *title; // on the index page; NULL: not there
} endpoints[] = {
    {"/", serve_index, NULL},
    {"/varz", nserver__http_varz, "General"},
    {"/connz", nserver__http_connz, "Connections"},
    {"/accountz", nserver__http_accountz, "Accounts"},
    {"/accstatz", nserver__http_accstatz, "Account Stats"},
    {"/subsz", nserver__http_subsz, "Subscriptions"},
    {"/subscriptionsz", nserver__http_subsz, NULL},
    {"/healthz", nserver__http_healthz, "Health Probe"},
    {"/debug/vars", nserver__http_expvar, "Expvar"},
};

/* Counting. A fixed set of paths, so the map cannot grow from outside. */

struct path_count {
    const char *path;
    uint64_t count;
};

void nserver__monitor_count(struct nserver *server, const char *path)
{
    struct path_count *row = nb_map_find(&server->http_req_stats, nb_slice_of(path));

    if (row == NULL) {
        row = nb_zalloc(sizeof(*row));
        row->path = path;
        nb_map_insert(&server->http_req_stats, nb_slice_of(path), row);
    }
    row->count++;
}

void nserver__monitor_write_counts(const struct nserver *server, struct nb_json_writer *w)
{
    nb_json_key(w, "http_req_stats");
    nb_json_object(w);
    for (size_t i = 0; i < NB_ARRAY_LEN(endpoints); i++) {
        const struct path_count *row =
            nb_map_find(&server->http_req_stats, nb_slice_of(endpoints[i].path));

        if (row != NULL) {
            nb_json_put_u64(w, row->path, row->count);
        }
    }
    nb_json_object_end(w);
}

/* The index page. */

static void serve_index(struct nserver *server, struct nnet_http_request *request)
{
    const char *base = server->http_base_path;
    struct nb_buf page;

    nserver__monitor_count(server, "/");
    nb_buf_init(&page, 64 * 1024);
    nb_buf_must_text(&page,
                     "<!DOCTYPE html>\n<html lang=\"en\">\n<head><title>natsd</title>\n<style>"
                     "body{font-family:sans-serif;margin:3em}a{display:block;margin:.4em 0}"
                     "</style></head>\n<body>\n<h1>natsd</h1>\n");
    nb_buf_must_format(&page, "<p>v%s (natsd %s)</p>\n", NSERVER_REFERENCE_VERSION,
                       NSERVER_VERSION);
    for (size_t i = 0; i < NB_ARRAY_LEN(endpoints); i++) {
        if (endpoints[i].title != NULL) {
            nb_buf_must_format(&page, "<a href=\".%s%s\" title=\"%s\">%s</a>\n", base,
                               endpoints[i].path, endpoints[i].path, endpoints[i].title);
        }
    }
    nb_buf_must_text(&page, "</body>\n</html>\n");
    nnet_http_respond(request, &(struct nnet_http_answer){
                                   .status = 200,
                                   .content_type = "text/html; charset=utf-8",
                                   .body = nb_buf_slice(&page),
                               });
    nb_buf_fini(&page);
}

/* Dispatch. */

// The path without the base path; an index is exactly at the base path.
static bool strip_base(const struct nserver *server, struct slice *path)
{
    struct slice base = nb_slice_of(server->http_base_path);

    if (base.n == 0) {
        return true;
    }
    if (nb_slice_equal(*path, base)) {
        *path = NB_SLICE("/");
        return true;
    }
    if (path->n <= base.n || memcmp(path->p, base.p, base.n) != 0 || path->p[base.n] != '/' ||
        path->n == base.n + 1) {
        return false;
    }
    *path = nb_slice_sub(*path, base.n, path->n);
    return true;
}

static void serve(void *ctx, struct nnet_http_request *request)
{
    struct nserver *server = ctx;
    struct slice path = nnet_http_path(request);

    if (strip_base(server, &path)) {
        for (size_t i = 0; i < NB_ARRAY_LEN(endpoints); i++) {
            if (nb_slice_is(path, endpoints[i].path)) {
                endpoints[i].serve(server, request);
                return;
            }
        }
    }
    nnet_http_respond(request, &(struct nnet_http_answer){
                                   .status = 404,
                                   .content_type = TEXT_TYPE,
                                   .extra_headers = "X-Content-Type-Options: nosniff\r\n",
                                   .body = NB_SLICE("404 page not found\n"),
                               });
}

/* Start and stop. */

// "x//y/" becomes "/x/y", "a/../b" becomes "/b"; the root becomes "".
static char *clean_base_path(const char *configured)
{
    struct slice rest = nb_slice_of(configured);
    char *path = nb_alloc(rest.n + 2); // a '/' in front, and the end
    struct slice part;
    size_t n = 0;

    while (nb_slice_take_field(&rest, '/', &part)) {
        if (nb_slice_is(part, "..")) {
            while (n > 0 && path[--n] != '/') {
            }
        } else if (part.n > 0 && !nb_slice_is(part, ".")) {
            path[n++] = '/';
            memcpy(path + n, part.p, part.n);
            n += part.n;
        }
    }
    path[n] = '\0';
    return path;
}

static int open_http(struct nserver *server, bool is_https, struct nb_diag *diag)
{
    const struct nserver_options *opts = &nserver__config(server)->opts;
    struct nnet_tls_context *tls = NULL;
    struct nb_diag reason = {0};
    bool is_ip6 = strchr(opts->http_host, ':') != NULL;
    int rc = NB_OK;

    if (is_https) {
        rc = nserver_tls_options_context(&opts->tls, true, &tls, diag);
    }
    if (rc != NB_OK) {
        return rc;
    }
    rc = nnet_http_open(nnet_group_control(server->group),
                        &(struct nnet_http_opts){
                            .host = opts->http_host,
                            .port = is_https ? opts->https_port : opts->http_port,
                            .tls = tls,
                            .serve = serve,
                            .ctx = server,
                        },
                        &server->http, &reason);
    nnet_tls_context_unref(tls);
    if (rc != NB_OK) {
        nb_diag_set(diag, "Can't start monitoring: can't listen to the monitor port: %s",
                    reason.text);
        return rc;
    }
    server->http_port = nnet_http_port(server->http);
    nb_log_info(server->log,
                is_ip6 ? "Starting %s monitor on [%s]:%u" : "Starting %s monitor on %s:%u",
                is_https ? "https" : "http", opts->http_host, server->http_port);
    return NB_OK;
}

int nserver__monitor_start(struct nserver *server, struct nb_diag *diag)
{
    const struct nserver_options *opts = &nserver__config(server)->opts;

    server->http_base_path =
        clean_base_path(opts->http_base_path != NULL ? opts->http_base_path : "");
    if (opts->http_port == 0 && opts->https_port == 0) {
        return NB_OK;
    }
    if (opts->http_port != 0 && opts->https_port != 0) {
        nb_diag_set(diag,
                    "Can't start monitoring: can't specify both HTTP (%d) and HTTPs (%d) ports",
                    opts->http_port, opts->https_port);
        return NB_EINVALID;
    }
    if (opts->https_port != 0 && !opts->tls.is_set) {
        nb_diag_set(diag, "Can't start monitoring: TLS cert and key required for HTTPS");
        return NB_EINVALID;
    }
    nserver__process_load_start(server);
    return open_http(server, opts->https_port != 0, diag);
}

void nserver__monitor_reload_tls(struct nserver *server)
{
    const struct nserver_options *opts = &nserver__config(server)->opts;
    struct nnet_tls_context *tls = NULL;
    struct nb_diag diag = {0};

    if (server->http == NULL || opts->https_port == 0) {
        return;
    }
    if (nserver_tls_options_context(&opts->tls, true, &tls, &diag) != NB_OK) {
        nb_log_error(server->log, "Monitoring keeps its earlier certificate: %s", diag.text);
        return;
    }
    nnet_http_set_tls(server->http, tls);
    nnet_tls_context_unref(tls);
}

void nserver__monitor_stop(struct nserver *server, void (*closed)(void *ctx), void *ctx)
{
    nserver__process_load_stop(server);
    if (server->http == NULL) {
        closed(ctx);
        return;
    }
    nnet_http_close(server->http, closed, ctx);
    server->http = NULL;
}

void nserver__monitor_fini(struct nserver *server)
{
    struct path_count *row;
    size_t at = 0;

    while ((row = nb_map_next(&server->http_req_stats, &at)) != NULL) {
        nb_free(row);
    }
    nb_map_fini(&server->http_req_stats);
    nb_free(server->http_base_path);
}
