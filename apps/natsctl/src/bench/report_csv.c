#include "bench/report.h"

#include <assert.h>
#include <stdarg.h>

enum {
    FIELD_MAX_BYTES = 64,
    LINE_FIELDS = 7,
};

static double us(double ns)
{
    return ns / 1000;
}

static int NB_PRINTF(2, 3) put(struct nb_buf *out, const char *format, ...)
{
    char text[LINE_FIELDS * FIELD_MAX_BYTES];
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return nb_buf_append(out, nb_slice_make(text, (size_t)n));
}

static bool has_latencies(const struct bench_result *result)
{
    for (size_t i = 0; i < result->client_count; i++) {
        if (result->clients[i].has_latency) {
            return true;
        }
    }
    return false;
}

static int put_head(bool has_latency, struct nb_buf *out)
{
    int rc = put(out, "#RunID,ClientID,MsgCount,MsgBytes,MsgsPerSec,BytesPerSec,DurationSecs");

    if (rc == NB_OK && has_latency) {
        rc = put(out, ",MinLatencyMicroSecs,AvgLatencyMicroSecs,MaxLatencyMicroSecs,"
                      "P50LatencyMicroSecs,P90LatencyMicroSecs,P99LatencyMicroSecs,"
                      "P99.9LatencyMicroSecs,StdDevLatencyMicroSecs");
    }
    return rc == NB_OK ? put(out, "\n") : rc;
}

static int put_latency(const struct bench_histogram *latency, struct nb_buf *out)
{
    if (latency->count == 0) {
        return put(out, ",,,,,,,,"); // the columns of those who have some
    }
    const double ns[] = {
        (double)latency->min_ns,
        bench_histogram_mean(latency),
        (double)latency->max_ns,
        (double)bench_histogram_percentile(latency, 50),
        (double)bench_histogram_percentile(latency, 90),
        (double)bench_histogram_percentile(latency, 99),
        (double)bench_histogram_percentile(latency, 99.9),
        bench_histogram_stddev(latency),
    };
    int rc = NB_OK;

    for (size_t i = 0; i < NB_ARRAY_LEN(ns) && rc == NB_OK; i++) {
        rc = put(out, ",%.3f", us(ns[i]));
    }
    return rc;
}

static int put_client(const struct bench_result *result, const struct bench_client *client,
                      bool has_latency, struct nb_buf *out)
{
    int rc = put(out, "%s,%c%u,%llu,%llu,%.0f,%f,%f", result->run_id,
                 bench_role_letter(client->role), client->index, (unsigned long long)client->msgs,
                 (unsigned long long)client->bytes, bench_client_per_second(client, client->msgs),
                 bench_client_per_second(client, client->bytes), bench_client_seconds(client));

    if (rc == NB_OK && has_latency) {
        rc = put_latency(&client->latency, out);
    }
    return rc == NB_OK ? put(out, "\n") : rc;
}

int bench_report_csv(const struct bench_result *result, struct nb_buf *out)
{
    bool has_latency = has_latencies(result);
    int rc = put_head(has_latency, out);

    assert(result->run_id[0] != '\0'); // of bench_result_init()
    for (size_t i = 0; i < result->client_count && rc == NB_OK; i++) {
        rc = put_client(result, &result->clients[i], has_latency, out);
    }
    return rc;
}
