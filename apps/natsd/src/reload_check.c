#include "reload_check.h"

#include <stdio.h>
#include <stdlib.h>

#include <natsd/json_writer.h>
#include <natsd/server.h>

#include "daemon.h"
#include "options_load.h"

enum {
    TEXT_MAX_BYTES = 16 * 1024 * 1024,
    JSON_MAX_BYTES = 8 * 2 * TEXT_MAX_BYTES, // a byte is six at most there
};

// What came of it: texts of lines, each with its end.
struct outcome {
    struct nb_buf changes;
    struct nb_buf refusals;
};

static void add_line(struct nb_buf *out, struct slice line)
{
    int rc = nb_buf_append(out, line);

    rc = rc == NB_OK ? nb_buf_append(out, NB_SLICE("\n")) : rc;
    (void)rc; // what was said before does
}

static void keep_change(void *ctx, enum nb_log_level level NB_UNUSED, struct slice line)
{
    add_line(&((struct outcome *)ctx)->changes, line);
}

// Faults of a file are told as they are, line by line.
static void refuse(struct outcome *outcome, struct slice fault)
{
    struct slice line;

    while (nb_slice_take_line(&fault, &line)) {
        add_line(&outcome->refusals, line);
    }
}

// False when there is none to compare.
static bool load(const struct flags *flags, const char *path, struct nserver_options *opts,
                 struct outcome *outcome)
{
    struct nserver_option_report report;
    struct nb_diag diag = {0};
    int rc;

    nserver_option_report_init(&report);
    rc = options_load(flags, path, opts, &report, &diag);
    if (rc != NB_OK) {
        refuse(outcome, options_fault(&report, &diag));
    }
    nserver_option_report_fini(&report);
    return rc == NB_OK;
}

static int compare(const struct flags *flags, struct outcome *outcome)
{
    const struct nb_logger log = {.write = keep_change, .ctx = outcome};
    struct nserver_options running = {0};
    struct nserver_options wanted = {0};
    int rc = NB_EMALFORMED;

    if (load(flags, options_path(flags), &running, outcome) &&
        load(flags, flags->values[FLAG_RELOAD_CHECK].text, &wanted, outcome)) {
        rc = nserver_reload_preview(&running, &wanted, &log, &outcome->refusals);
    }
    nserver_options_fini(&running);
    nserver_options_fini(&wanted);
    return rc;
}

/* The answer. */

static void print_lines(const char *before, struct slice lines, FILE *to)
{
    struct slice line;

    while (nb_slice_take_line(&lines, &line)) {
        fputs(before, to);
        fwrite(line.p, 1, line.n, to); // it may hold any byte
        fputc('\n', to);
    }
}

static void write_lines(struct nb_json_writer *json, const char *name, struct slice lines)
{
    struct slice line;

    nb_json_key(json, name);
    nb_json_array(json);
    while (nb_slice_take_line(&lines, &line)) {
        nb_json_str(json, line);
    }
    nb_json_array_end(json);
}

// As one object on one line.
static void print_json(const struct outcome *outcome, bool is_accepted)
{
    struct nb_json_writer json;
    struct nb_buf text;

    nb_buf_init(&text, JSON_MAX_BYTES);
    nb_json_begin(&json, &text, NB_JSON_COMPACT);
    nb_json_object(&json);
    nb_json_put_bool(&json, "accepted", is_accepted);
    write_lines(&json, "changes", nb_buf_slice(&outcome->changes));
    write_lines(&json, "refusals", nb_buf_slice(&outcome->refusals));
    nb_json_object_end(&json);
    if (nb_json_end(&json) != NB_OK) {
        NB_UNREACHABLE("JSON longer than its parts may grow to");
    }
    fwrite(nb_buf_slice(&text).p, 1, nb_buf_slice(&text).n, stdout);
    printf("\n");
    nb_buf_fini(&text);
}

int reload_check_run(const struct flags *flags)
{
    struct outcome outcome;
    bool is_accepted;

    if (options_path(flags) == NULL) {
        return daemon_fail("must specify [-c, --config] option to check a reload from");
    }
    nb_buf_init(&outcome.changes, TEXT_MAX_BYTES);
    nb_buf_init(&outcome.refusals, TEXT_MAX_BYTES);
    is_accepted = compare(flags, &outcome) == NB_OK;
    if (flags->values[FLAG_JSON].is_true) {
        print_json(&outcome, is_accepted);
    } else {
        print_lines("", nb_buf_slice(&outcome.changes), stdout);
        print_lines("nats-server: ", nb_buf_slice(&outcome.refusals), stderr);
    }
    nb_buf_fini(&outcome.changes);
    nb_buf_fini(&outcome.refusals);
    return is_accepted ? EXIT_SUCCESS : EXIT_FAILURE;
}
