#include "check_result.h"

#include "output.h"
#include "table.h"

#include <natsd/json_writer.h>

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

enum {
    JSON_ROOM = 1024 * 1024,
};

static const char *const status_names[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};

void check_add_text(struct check_result *result, enum check_status status, const char *format, ...)
{
    struct check_text *text = &result->texts[result->text_count];
    va_list args;

    assert(result->text_count < CHECK_TEXTS_MAX);
    result->text_count++;
    text->status = status;
    va_start(args, format);
    vsnprintf(text->text, sizeof(text->text), format, args);
    va_end(args);
}

void check_add_perf(struct check_result *result, const struct check_perf *perf)
{
    assert(result->perf_count < CHECK_PERF_MAX);
    result->perfs[result->perf_count++] = *perf;
}

void check_add_measured(struct check_result *result, const struct check_perf *perf,
                        const char *text)
{
    enum check_status status = CHECK_OK;

    if (perf->critical > 0 && perf->value >= perf->critical) {
        status = CHECK_CRITICAL;
    } else if (perf->warning > 0 && perf->value >= perf->warning) {
        status = CHECK_WARNING;
    }
    check_add_perf(result, perf);
    check_add_text(result, status, "%s", text);
}

enum check_status check_result_status(const struct check_result *result)
{
    enum check_status worst = CHECK_OK;

    for (size_t i = 0; i < result->text_count; i++) {
        worst = result->texts[i].status > worst ? result->texts[i].status : worst;
    }
    return worst;
}

// -- Nagios ----------------------------------------------------------------------------------

static void print_texts(const struct check_result *result, enum check_status status,
                        const char *label)
{
    for (size_t i = 0; i < result->text_count; i++) {
        if (result->texts[i].status == status) {
            output_format(" %s:", label);
            output_safe(nb_slice_of(result->texts[i].text), false);
        }
    }
}

static int digits_of(const struct check_perf *perf)
{
    return strcmp(perf->unit, "s") == 0 ? 4 : 0;
}

static void print_perf(const struct check_perf *perf)
{
    int digits = digits_of(perf);

    output_format(" %s=%.*f%s", perf->name, digits, perf->value, perf->unit);
    if (perf->warning > 0) {
        output_format(";%.*f", digits, perf->warning);
    } else if (perf->critical > 0) {
        output_text(";");
    }
    if (perf->critical > 0) {
        output_format(";%.*f", digits, perf->critical);
    }
}

static void print_nagios(const struct check_result *result)
{
    output_format("%s %s", status_names[check_result_status(result)], result->name);
    print_texts(result, CHECK_CRITICAL, "Crit");
    print_texts(result, CHECK_WARNING, "Warn");
    print_texts(result, CHECK_OK, "OK");
    if (result->perf_count > 0) {
        output_text(" |");
    }
    for (size_t i = 0; i < result->perf_count; i++) {
        print_perf(&result->perfs[i]);
    }
    output_text("\n");
}

// -- JSON ------------------------------------------------------------------------------------

static void put_texts(struct nb_json_writer *w, const struct check_result *result,
                      enum check_status status, const char *key)
{
    bool has_any = false;

    for (size_t i = 0; i < result->text_count; i++) {
        if (result->texts[i].status != status) {
            continue;
        }
        if (!has_any) {
            nb_json_key(w, key);
            nb_json_array(w);
            has_any = true;
        }
        nb_json_str(w, nb_slice_of(result->texts[i].text));
    }
    if (has_any) {
        nb_json_array_end(w);
    }
}

static void put_perfs(struct nb_json_writer *w, const struct check_result *result)
{
    nb_json_key(w, "perf_data");
    nb_json_array(w);
    for (size_t i = 0; i < result->perf_count; i++) {
        const struct check_perf *perf = &result->perfs[i];

        nb_json_object(w);
        nb_json_put_text(w, "name", perf->name);
        nb_json_put_double(w, "value", perf->value);
        nb_json_put_double(w, "warning", perf->warning);
        nb_json_put_double(w, "critical", perf->critical);
        nb_json_opt_str(w, "unit", nb_slice_of(perf->unit));
        nb_json_object_end(w);
    }
    nb_json_array_end(w);
}

static void print_json(const struct check_result *result)
{
    struct nb_json_writer w;
    struct nb_buf buf;

    nb_buf_init(&buf, JSON_ROOM);
    nb_json_begin(&w, &buf, NB_JSON_INDENTED);
    nb_json_object(&w);
    nb_json_put_text(&w, "status", status_names[check_result_status(result)]);
    nb_json_put_text(&w, "check_suite", result->suite);
    nb_json_put_text(&w, "check_name", result->name);
    put_texts(&w, result, CHECK_WARNING, "warning");
    put_texts(&w, result, CHECK_CRITICAL, "critical");
    put_texts(&w, result, CHECK_OK, "ok");
    put_perfs(&w, result);
    nb_json_object_end(&w);
    if (nb_json_end(&w) == NB_OK) {
        output_write(nb_buf_slice(&buf));
        output_text("\n");
    }
    nb_buf_fini(&buf);
}

// -- Prometheus ------------------------------------------------------------------------------

static void print_prometheus(const struct check_result *result, const char *name_space)
{
    enum check_status status = check_result_status(result);

    for (size_t i = 0; i < result->perf_count; i++) {
        const struct check_perf *perf = &result->perfs[i];

        output_format("# HELP %s_%s_%s %s\n", name_space, result->suite, perf->name, perf->help);
        output_format("# TYPE %s_%s_%s gauge\n", name_space, result->suite, perf->name);
        output_format("%s_%s_%s{item=\"%s\"} %.*g\n", name_space, result->suite, perf->name,
                      result->name, 9, perf->value);
    }
    output_format("# HELP %s_%s_status_code Nagios compatible status code\n", name_space,
                  result->suite);
    output_format("# TYPE %s_%s_status_code gauge\n", name_space, result->suite);
    output_format("%s_%s_status_code{item=\"%s\",status=\"%s\"} %d\n", name_space, result->suite,
                  result->name, status_names[status], (int)status);
}

// -- tables ----------------------------------------------------------------------------------

static void add_number(struct table *table, const struct check_perf *perf, double number)
{
    char text[64] = "";

    if (number > 0) {
        snprintf(text, sizeof(text), "%.*f", digits_of(perf), number);
    }
    table_add(table, nb_slice_of(text));
}

static void print_messages(const struct check_result *result)
{
    struct table table;

    table_init(&table, 2);
    table_add(&table, NB_SLICE("Status"));
    table_add(&table, NB_SLICE("Message"));
    for (size_t i = 0; i < result->text_count; i++) {
        table_add(&table, nb_slice_of(status_names[result->texts[i].status]));
        table_add(&table, nb_slice_of(result->texts[i].text));
    }
    table_print(&table);
    table_fini(&table);
}

static void print_metrics(const struct check_result *result)
{
    static const char *const heads[] = {"Metric",   "Value",   "Unit",
                                        "Critical", "Warning", "Description"};
    struct table table;

    table_init(&table, NB_ARRAY_LEN(heads));
    for (size_t i = 0; i < NB_ARRAY_LEN(heads); i++) {
        table_add(&table, nb_slice_of(heads[i]));
    }
    table.is_right[1] = table.is_right[3] = table.is_right[4] = true;
    for (size_t i = 0; i < result->perf_count; i++) {
        const struct check_perf *perf = &result->perfs[i];

        table_add(&table, nb_slice_of(perf->name));
        add_number(&table, perf, perf->value);
        table_add(&table, nb_slice_of(perf->unit));
        add_number(&table, perf, perf->critical);
        add_number(&table, perf, perf->warning);
        table_add(&table, nb_slice_of(perf->help));
    }
    table_print(&table);
    table_fini(&table);
}

static void print_table(const struct check_result *result)
{
    output_format("%s: %s\n\n", result->name, status_names[check_result_status(result)]);
    print_messages(result);
    if (result->perf_count > 0) {
        output_text("\n");
        print_metrics(result);
    }
}

void check_result_print(const struct check_result *result, enum check_format format,
                        const char *name_space)
{
    switch (format) {
    case CHECK_NAGIOS:
        print_nagios(result);
        return;
    case CHECK_JSON:
        print_json(result);
        return;
    case CHECK_PROMETHEUS:
        print_prometheus(result, name_space);
        return;
    case CHECK_TABLE:
        print_table(result);
        return;
    }
    NB_UNREACHABLE("format of a check");
}
