#include "bench/report.h"

int bench_report_hdr(const struct bench_result *result, struct nb_buf *out)
{
    static const struct bench_histogram nothing;
    struct bench_client total;
    int rc;

    if (!bench_result_total(result, bench_result_main_role(result), &total)) {
        return bench_histogram_write_text(&nothing, out);
    }
    rc = bench_histogram_write_text(&total.latency, out);
    bench_client_fini(&total);
    return rc;
}
