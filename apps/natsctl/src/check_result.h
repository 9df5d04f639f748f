/* check_result.h - what a check found, for a monitoring system (spec 12 section 12). */
#pragma once

#include <natsd/buf.h>

enum check_status { // exit codes, as Nagios defines them
    CHECK_OK = 0,
    CHECK_WARNING = 1,
    CHECK_CRITICAL = 2,
    CHECK_UNKNOWN = 3,
};

enum {
    CHECK_TEXTS_MAX = 16,
    CHECK_PERF_MAX = 16,
};

struct check_perf {
    const char *name;
    const char *unit; // "s", or ""
    double value;
    double warning; // 0: none
    double critical;
    const char *help;
};

struct check_text {
    enum check_status status; // not UNKNOWN
    char text[512];
};

struct check_result {
    const char *suite; // "connections"
    const char *name;  // "Connection"
    struct check_text texts[CHECK_TEXTS_MAX];
    size_t text_count;
    struct check_perf perfs[CHECK_PERF_MAX];
    size_t perf_count;
};

void check_add_text(struct check_result *result, enum check_status status, const char *format, ...)
    NB_PRINTF(3, 4);
void check_add_perf(struct check_result *result, const struct check_perf *perf);
// Adds the value and a text that says how it stands to its thresholds: at or above is bad.
void check_add_measured(struct check_result *result, const struct check_perf *perf,
                        const char *text);

enum check_status check_result_status(const struct check_result *result); // the worst

enum check_format { CHECK_NAGIOS, CHECK_JSON, CHECK_PROMETHEUS, CHECK_TABLE };
// On standard output; `name_space` is for CHECK_PROMETHEUS.
void check_result_print(const struct check_result *result, enum check_format format,
                        const char *name_space);
