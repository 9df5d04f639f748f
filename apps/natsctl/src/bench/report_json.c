#include "bench/report.h"

#include "bench/host.h"

#include <natsd/clock.h>
#include <natsd/json_writer.h>

#include <assert.h>
#include <math.h>

static const struct {
    const char *key;
    double percent;
} percentiles[] = {
    {"p50", 50},    {"p75", 75},      {"p90", 90},        {"p99", 99},
    {"p999", 99.9}, {"p9999", 99.99}, {"p99999", 99.999},
};

enum {
    DECIMALS = 1000, // of what was divided: more says nothing
    TIME_MAX_BYTES = 64,
    CELLS_MAX_BYTES = 1024 * 1024,
};

struct report {
    struct nb_json_writer w;
    bool has_cells;
};

static void put_quotient(struct nb_json_writer *w, const char *key, double value)
{
    nb_json_put_double(w, key, round(value * DECIMALS) / DECIMALS);
}

static void put_cells(struct nb_json_writer *w, const struct bench_histogram *histogram)
{
    struct nb_buf text;

    nb_buf_init(&text, CELLS_MAX_BYTES);
    if (bench_histogram_write_cells(histogram, &text) == NB_OK) {
        nb_json_put_str(w, "cells", nb_buf_slice(&text));
    }
    nb_buf_fini(&text);
}

static void put_histogram(struct report *report, const char *key,
                          const struct bench_histogram *histogram)
{
    struct nb_json_writer *w = &report->w;

    if (histogram->count == 0) {
        return;
    }
    nb_json_key(w, key);
    nb_json_object(w);
    nb_json_put_u64(w, "count", histogram->count);
    nb_json_put_u64(w, "min", histogram->min_ns);
    nb_json_put_u64(w, "max", histogram->max_ns);
    put_quotient(w, "mean", bench_histogram_mean(histogram));
    put_quotient(w, "stddev", bench_histogram_stddev(histogram));
    for (size_t i = 0; i < NB_ARRAY_LEN(percentiles); i++) {
        nb_json_put_u64(w, percentiles[i].key,
                        bench_histogram_percentile(histogram, percentiles[i].percent));
    }
    if (histogram->has_overflown) {
        nb_json_put_bool(w, "overflown", true);
    }
    if (report->has_cells) {
        put_cells(w, histogram);
    }
    nb_json_object_end(w);
}

static void put_client(struct report *report, const char *name, const struct bench_client *client)
{
    struct nb_json_writer *w = &report->w;

    nb_json_object(w);
    nb_json_put_text(w, "role", bench_role_name(client->role));
    nb_json_put_text(w, "client", name);
    nb_json_put_u64(w, "msgs", client->msgs);
    nb_json_put_u64(w, "bytes", client->bytes);
    nb_json_put_double(w, "seconds", bench_client_seconds(client));
    put_quotient(w, "msgs_per_sec", bench_client_per_second(client, client->msgs));
    put_quotient(w, "bytes_per_sec", bench_client_per_second(client, client->bytes));
    put_histogram(report, "latency_ns", &client->latency);
    put_histogram(report, "latency_uncorrected_ns", &client->uncorrected);
    nb_json_put_u64(w, "errors", client->errors);
    nb_json_put_u64(w, "reconnects", client->reconnects);
    nb_json_object_end(w);
}

static void put_clients(struct report *report, const struct bench_result *result)
{
    nb_json_key(&report->w, "clients");
    nb_json_array(&report->w);
    for (size_t i = 0; i < result->client_count; i++) {
        char name[16];

        snprintf(name, sizeof(name), "%u", result->clients[i].index);
        put_client(report, name, &result->clients[i]);
    }
    nb_json_array_end(&report->w);
}

static bool put_total(struct report *report, const char *key, const struct bench_result *result,
                      enum bench_role role)
{
    struct bench_client total;

    if (!bench_result_total(result, role, &total)) {
        return false;
    }
    nb_json_key(&report->w, key);
    put_client(report, "total", &total);
    bench_client_fini(&total);
    return true;
}

static unsigned count_roles(const struct bench_result *result)
{
    unsigned n = 0;

    for (unsigned role = 0; role < BENCH_ROLE_COUNT; role++) {
        n += bench_result_role_size(result, role) > 0;
    }
    return n;
}

static void put_totals(struct report *report, const struct bench_result *result)
{
    if (count_roles(result) > 1) {
        nb_json_key(&report->w, "totals");
        nb_json_object(&report->w);
        for (unsigned role = 0; role < BENCH_ROLE_COUNT; role++) {
            put_total(report, bench_role_name(role), result, role);
        }
        nb_json_object_end(&report->w);
    }
    if (!put_total(report, "total", result, bench_result_main_role(result))) {
        nb_json_key(&report->w, "total");
        nb_json_null(&report->w);
    }
}

static void put_arguments(struct nb_json_writer *w, const struct bench_result *result)
{
    nb_json_key(w, "args");
    nb_json_object(w);
    for (size_t i = 0; i < result->argument_count; i++) {
        const struct bench_argument *argument = &result->arguments[i];

        nb_json_key(w, argument->name);
        if (argument->is_number) {
            nb_json_raw(w, nb_slice_of(argument->text));
        } else {
            nb_json_str(w, nb_slice_of(argument->text));
        }
    }
    nb_json_object_end(w);
}

static void put_server(struct nb_json_writer *w, const struct nclient_server_info *server)
{
    nb_json_key(w, "server");
    nb_json_object(w);
    nb_json_put_text(w, "name", server->name);
    nb_json_put_text(w, "id", server->id);
    nb_json_put_text(w, "version", server->version);
    nb_json_put_text(w, "cluster", server->cluster);
    nb_json_object_end(w);
}

static void put_host(struct nb_json_writer *w)
{
    struct bench_host host;

    bench_host_read(&host);
    nb_json_key(w, "host");
    nb_json_object(w);
    nb_json_put_text(w, "name", host.names.nodename);
    nb_json_put_u64(w, "cores", host.cores);
    nb_json_put_text(w, "kernel", host.names.release);
    nb_json_put_text(w, "arch", host.names.machine);
    nb_json_object_end(w);
}

static void put_started(struct nb_json_writer *w, const struct bench_result *result)
{
    struct nb_buf text;

    nb_buf_init(&text, TIME_MAX_BYTES);
    nb_wall_format_utc((struct nb_wall){.ns = result->started_wall_ns}, &text);
    nb_json_put_str(w, "started", nb_buf_slice(&text));
    nb_buf_fini(&text);
}

static void put_warnings(struct nb_json_writer *w, const struct bench_result *result)
{
    nb_json_key(w, "warnings");
    nb_json_array(w);
    for (size_t i = 0; i < result->warning_count; i++) {
        nb_json_str(w, nb_slice_of(result->warnings[i]));
    }
    nb_json_array_end(w);
}

static void put_result(struct report *report, const struct bench_result *result)
{
    struct nb_json_writer *w = &report->w;

    nb_json_object(w);
    nb_json_put_text(w, "run_id", result->run_id);
    nb_json_put_text(w, "kind", result->kind);
    put_arguments(w, result);
    put_server(w, &result->server);
    put_host(w);
    put_started(w, result);
    nb_json_put_bool(w, "partial", result->is_partial);
    put_warnings(w, result);
    put_clients(report, result);
    put_totals(report, result);
    nb_json_object_end(w);
}

int bench_report_json(const struct bench_result *result, bool has_cells, struct nb_buf *out)
{
    struct report report = {.has_cells = has_cells};
    int rc;

    assert(result->run_id[0] != '\0'); // of bench_result_init()
    nb_json_begin(&report.w, out, NB_JSON_INDENTED);
    put_result(&report, result);
    rc = nb_json_end(&report.w);
    return rc == NB_OK ? nb_buf_append(out, NB_SLICE("\n")) : rc;
}
