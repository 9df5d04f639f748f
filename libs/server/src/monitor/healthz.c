/* healthz.c - /healthz: may traffic be sent here? (spec 04 section 3.11) */
#include "lifecycle/state.h"
#include "monitor/monitor.h"
#include "monitor/params.h"

enum {
    STATUS_OK = 200,
    STATUS_DOWN = 500,
};

static int check_params(struct nnet_http_request *request, bool *details, struct nb_diag *diag)
{
    static const char *const flags[] = {"js-enabled", "js-enabled-only", "js-server-only",
                                        "js-meta-only"};
    bool ignored = false; // they choose between checks that only a server with JetStream has

    for (size_t i = 0; i < NB_ARRAY_LEN(flags); i++) {
        if (nserver__param_bool(request, flags[i], &ignored, diag) != NB_OK) {
            return NB_EINVALID;
        }
    }
    return nserver__param_bool(request, "details", details, diag);
}

static void write_problem(struct nb_json_writer *w, bool details)
{
    const char *text = "failed to be ready for connections after 1ms: server";

    nb_json_put_text(w, "status", "error");
    if (!details) {
        nb_json_put_text(w, "error", text);
        return;
    }
    nb_json_key(w, "errors");
    nb_json_array(w);
    nb_json_object(w);
    nb_json_put_text(w, "type", "CONNECTION");
    nb_json_put_text(w, "error", text);
    nb_json_object_end(w);
    nb_json_array_end(w);
}

void nserver__healthz(struct nserver *server, struct nnet_http_request *request)
{
    struct nb_diag diag = {0};
    struct nb_json_writer w;
    struct nb_buf json;
    bool details = false;
    bool is_up = server->listener != NULL;

    nserver__monitor_count(server, "/healthz");
    if (check_params(request, &details, &diag) != NB_OK) {
        nserver__monitor_refuse(request, diag.text);
        return;
    }
    nb_buf_init(&json, 4096);
    nb_json_begin(&w, &json, NB_JSON_COMPACT);
    nb_json_object(&w);
    if (is_up) {
        nb_json_put_text(&w, "status", "ok");
    } else {
        write_problem(&w, details);
    }
    nb_json_object_end(&w);
    if (nb_json_end(&w) != NB_OK) {
        NB_UNREACHABLE("a few fixed words do not fit");
    }
    nnet_http_respond(request, &(struct nnet_http_answer){
                                   .status = is_up ? STATUS_OK : STATUS_DOWN,
                                   .content_type = "application/json",
                                   .extra_headers = "Access-Control-Allow-Origin: *\r\n",
                                   .body = nb_buf_slice(&json),
                               });
    nb_buf_fini(&json);
}
