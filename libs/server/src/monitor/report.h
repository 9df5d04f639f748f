/* report.h - what monitoring found out, on its way to whoever asked: an HTTP request, or a message
 * in the system account.
 *
 * Whoever asks embeds a report; the endpoint writes its value into it, at once or after visiting
 * the workers, and ends it once. What the question borrows lives until then.
 *
 * Threads: [control].
 */
#pragma once

#include <natsd/json_writer.h>

struct nserver;

enum {
    NSERVER__REPORT_MAX_BYTES = 512 * 1024 * 1024,
};

struct nserver__report;

// With the reason why there is no value, or NULL. May free the report.
typedef void (*nserver__report_fn)(struct nserver__report *report, const char *failure);

struct nserver__report {
    struct nserver *server;
    struct nb_json_writer w; // into json
    struct nb_buf json;
    int status;       // as HTTP has it
    bool has_nothing; // there is a value, but nothing in it that was asked for
    nserver__report_fn ended;
};

void nserver__report_init(struct nserver__report *report, struct nserver *server,
                          enum nb_json_style style, nserver__report_fn ended);
void nserver__report_fini(struct nserver__report *report);

// All is written.
void nserver__report_end(struct nserver__report *report);
void nserver__report_fail(struct nserver__report *report, const char *text);
