#include "bench/report.h"

#include "bench/host.h"
#include "output.h"
#include "table.h"
#include "value.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>

enum {
    PLAIN_COLUMNS = 7,
    CELL_MAX_BYTES = 64,
};

static const char *const heads[] = {"Role",  "Client", "Msgs", "Size",  "Time", "Msgs/s",
                                    "MiB/s", "Min",    "Avg",  "P50",   "P90",  "P99",
                                    "P99.9", "P99.99", "Max",  "StdDev"};
static_assert(NB_ARRAY_LEN(heads) <= TABLE_COLUMNS_MAX, "the table takes them all");

struct report {
    const struct bench_result *result;
    struct table table;
    bool has_latency;
};

static bool has_latencies(const struct bench_result *result)
{
    for (size_t i = 0; i < result->client_count; i++) {
        if (result->clients[i].latency.count > 0) {
            return true;
        }
    }
    return false;
}

static void NB_PRINTF(2, 3) add(struct report *report, const char *format, ...)
{
    char text[CELL_MAX_BYTES];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    table_add(&report->table, nb_slice_of(text));
}

static void add_count(struct report *report, uint64_t n)
{
    struct nb_buf text;

    nb_buf_init(&text, CELL_MAX_BYTES);
    value_format_count(n, &text);
    table_add(&report->table, nb_buf_slice(&text));
    nb_buf_fini(&text);
}

static void add_size(struct report *report)
{
    struct nb_buf text;

    nb_buf_init(&text, CELL_MAX_BYTES);
    value_format_bytes(report->result->message_bytes, &text);
    table_add(&report->table, nb_buf_slice(&text));
    nb_buf_fini(&text);
}

static void add_time(struct report *report, const struct bench_client *client)
{
    struct nb_buf text;

    nb_buf_init(&text, CELL_MAX_BYTES);
    value_format_duration(llround(bench_client_seconds(client) * 1e9), &text);
    table_add(&report->table, nb_buf_slice(&text));
    nb_buf_fini(&text);
}

static void add_us(struct report *report, double ns)
{
    add(report, "%.1f", ns / 1000);
}

static void add_latency(struct report *report, const struct bench_histogram *latency)
{
    static const double percents[] = {50, 90, 99, 99.9, 99.99};

    if (!report->has_latency) {
        return;
    }
    if (latency->count == 0) {
        for (size_t i = PLAIN_COLUMNS; i < NB_ARRAY_LEN(heads); i++) {
            add(report, "-");
        }
        return;
    }
    add_us(report, (double)latency->min_ns);
    add_us(report, bench_histogram_mean(latency));
    for (size_t i = 0; i < NB_ARRAY_LEN(percents); i++) {
        add_us(report, (double)bench_histogram_percentile(latency, percents[i]));
    }
    add_us(report, (double)latency->max_ns);
    add_us(report, bench_histogram_stddev(latency));
}

static void add_client(struct report *report, const char *name, const struct bench_client *client)
{
    add(report, "%s", bench_role_name(client->role));
    add(report, "%s", name);
    add_count(report, client->msgs);
    add_size(report);
    add_time(report, client);
    add_count(report, (uint64_t)llround(bench_client_per_second(client, client->msgs)));
    add(report, "%.2f", bench_client_per_second(client, client->bytes) / (1024 * 1024));
    add_latency(report, &client->latency);
}

// With a rate: how long it took from when each was really sent.
static void add_uncorrected(struct report *report, const struct bench_client *total)
{
    if (total->uncorrected.count == 0) {
        return;
    }
    add(report, "%s", bench_role_name(total->role));
    add(report, "uncorrected");
    for (size_t i = 2; i < PLAIN_COLUMNS; i++) {
        add(report, "-");
    }
    add_latency(report, &total->uncorrected);
}

static void add_clients(struct report *report, enum bench_role role)
{
    for (size_t i = 0; i < report->result->client_count; i++) {
        const struct bench_client *client = &report->result->clients[i];
        char name[16];

        if (client->role == role) {
            snprintf(name, sizeof(name), "%u", client->index);
            add_client(report, name, client);
        }
    }
}

// A single client is the total.
static void add_role(struct report *report, enum bench_role role, bool is_verbose)
{
    size_t size = bench_result_role_size(report->result, role);
    struct bench_client total;

    if (size > 1 && (is_verbose || size <= BENCH_REPORT_CLIENTS_MAX)) {
        add_clients(report, role);
    }
    if (bench_result_total(report->result, role, &total)) {
        add_client(report, "total", &total);
        add_uncorrected(report, &total);
        bench_client_fini(&total);
    }
}

static void begin_table(struct report *report)
{
    size_t columns = report->has_latency ? NB_ARRAY_LEN(heads) : PLAIN_COLUMNS;

    table_init(&report->table, columns);
    for (size_t i = 0; i < columns; i++) {
        add(report, "%s", heads[i]);
        report->table.is_right[i] = i >= 2;
    }
}

static void print_where(const struct bench_result *result)
{
    struct bench_host host;

    bench_host_read(&host);
    output_safe(nb_slice_of(result->server.url), false);
    output_text(", server ");
    output_safe(nb_slice_of(result->server.name), false);
    output_text(" ");
    output_safe(nb_slice_of(result->server.version), false);
    output_format(", natsctl %s on %s, %u cores, %s %s\n", NATSCTL_VERSION, host.names.nodename,
                  host.cores, host.names.sysname, host.names.release);
}

static void print_notes(const struct report *report)
{
    const struct bench_result *result = report->result;

    if (report->has_latency) {
        output_text("Latencies are in microseconds.\n");
    }
    if (result->is_partial) {
        output_text("Partial: it ended before all was done.\n");
    }
    for (size_t i = 0; i < result->warning_count; i++) {
        output_text("Warning: ");
        output_safe(nb_slice_of(result->warnings[i]), false);
        output_text("\n");
    }
}

void bench_report_table(const struct bench_result *result, bool is_verbose)
{
    struct report report = {.result = result, .has_latency = has_latencies(result)};

    begin_table(&report);
    for (unsigned role = 0; role < BENCH_ROLE_COUNT; role++) {
        add_role(&report, role, is_verbose);
    }
    table_print(&report.table);
    table_fini(&report.table);
    print_where(result);
    print_notes(&report);
}
