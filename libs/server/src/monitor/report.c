#include "monitor/report.h"

enum {
    STATUS_OK = 200,
};

void nserver__report_init(struct nserver__report *report, struct nserver *server,
                          enum nb_json_style style, nserver__report_fn ended)
{
    *report = (struct nserver__report){.server = server, .status = STATUS_OK, .ended = ended};
    nb_buf_init(&report->json, NSERVER__REPORT_MAX_BYTES);
    nb_json_begin(&report->w, &report->json, style);
}

void nserver__report_fini(struct nserver__report *report)
{
    nb_buf_fini(&report->json);
}

void nserver__report_end(struct nserver__report *report)
{
    bool is_whole = nb_json_end(&report->w) == NB_OK;

    report->ended(report, is_whole ? NULL : "answer too large: ask for fewer with a limit");
}

void nserver__report_fail(struct nserver__report *report, const char *text)
{
    report->ended(report, text);
}
