/* healthz.c - /healthz: may traffic be sent here? (spec 04 section 3.11) */
#include "lifecycle/state.h"
#include "monitor/monitor.h"

enum {
    STATUS_OK = 200,
    STATUS_BAD_REQUEST = 400,
    STATUS_DOWN = 500,
};

struct problem {
    int status;
    const char *type; // NULL: there is none
    const char *text;
};

// In the order in which the first one is told.
static struct problem find_problem(const struct nserver *server,
                                   const struct nserver__healthz_query *query)
{
    if (query->stream.n > 0 && query->account.n == 0) {
        return (struct problem){STATUS_BAD_REQUEST, "BAD_REQUEST",
                                "\"account\" must not be empty when checking stream health"};
    }
    if (query->consumer.n > 0 && query->stream.n == 0) {
        return (struct problem){STATUS_BAD_REQUEST, "BAD_REQUEST",
                                "\"stream\" must not be empty when checking consumer health"};
    }
    if (server->listener == NULL) {
        return (struct problem){STATUS_DOWN, "CONNECTION",
                                "failed to be ready for connections after 1ms: server"};
    }
    return (struct problem){.status = STATUS_OK};
}

static void write_problem(struct nb_json_writer *w, const struct problem *problem, bool details)
{
    if (!details) {
        nb_json_put_text(w, "error", problem->text);
        return;
    }
    nb_json_key(w, "errors");
    nb_json_array(w);
    nb_json_object(w);
    nb_json_put_text(w, "type", problem->type);
    nb_json_put_text(w, "error", problem->text);
    nb_json_object_end(w);
    nb_json_array_end(w);
}

void nserver__healthz(struct nserver__report *report, const struct nserver__healthz_query *query)
{
    struct problem problem = find_problem(report->server, query);
    struct nb_json_writer *w = &report->w;

    report->status = problem.status;
    nb_json_object(w);
    nb_json_put_text(w, "status", problem.type == NULL ? "ok" : "error");
    if (query->shows_code) {
        nb_json_put_i64(w, "status_code", problem.status);
    }
    if (problem.type != NULL) {
        write_problem(w, &problem, query->details);
    }
    nb_json_object_end(w);
    nserver__report_end(report);
}
