/* latency.h - how long exported services take to answer: sampling and the metric (spec 03 section
 * 17, spec 04 section 8). Threads: a measurement belongs to its response.
 */
#pragma once

#include <natsd/slice.h>

struct nproto_msg;
struct nserver;
struct nserver__account;
struct nserver__latency;
struct nserver__sender;
struct nserver__service_import;

// A request that came by an import: NULL when it is not measured.
struct nserver__latency *nserver__latency_begin(const struct nserver__service_import *import,
                                                const struct nserver__sender *from,
                                                const struct nproto_msg *request);
void nserver__latency_free(struct nserver__latency *latency);          // NULL is fine
size_t nserver__latency_bytes(const struct nserver__latency *latency); // of memory; NULL is fine

// The answer is there: tells it in the exporting account. `from` is who answered.
void nserver__latency_report(const struct nserver__latency *latency,
                             const struct nserver__sender *from, struct nserver__account *exporter);
// There will be none: status 400, 408, 503 or 504.
void nserver__latency_report_failure(const struct nserver__latency *latency, struct nserver *server,
                                     struct nserver__account *exporter, int status);
