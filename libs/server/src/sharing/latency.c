#include "sharing/latency.h"

#include <natsd/clock.h>
#include <natsd/json_writer.h>
#include <natsd/memory.h>

#include "clients/client.h"
#include "events/client_info.h"
#include "events/publish.h"
#include "events/server_info.h"
#include "monitor/monitor_text.h"
#include "sharing/latency_sample.h"
#include "sharing/service_import.h"

#define METRIC_TYPE "io.nats.server.metric.v1.service_latency"

enum {
    METRIC_MAX_BYTES = 1024 * 1024,
    HEADERS_MAX_BYTES = 64 * 1024,
};

struct nserver__latency {
    struct nb_mono began;
    struct nb_wall start; // when the requestor sent it
    int64_t requestor_rtt_ns;
    struct slice subject;   // of the metric; owned
    struct slice requestor; // JSON; owned
    struct slice headers;   // JSON; owned, empty: none
};

static struct slice client_json(const struct nserver__client *c, unsigned parts)
{
    struct nb_json_writer w;
    struct nb_buf json;
    struct slice text = {0};

    nb_buf_init(&json, METRIC_MAX_BYTES);
    nb_json_begin(&w, &json, NB_JSON_COMPACT);
    nb_json_object(&w);
    nserver__client_info_write(c, parts, (struct slice){0}, &w);
    nb_json_object_end(&w);
    if (nb_json_end(&w) == NB_OK) {
        text = nb_buf_take(&json);
    }
    nb_buf_fini(&json);
    return text;
}

struct nserver__latency *nserver__latency_begin(const struct nserver__service_import *import,
                                                const struct nserver__sender *from,
                                                const struct nproto_msg *request)
{
    const struct nserver__client *c = from->client;
    struct nserver__latency *latency;
    struct nb_buf headers;

    if (import->latency_subject.n == 0 || c == NULL) {
        return NULL;
    }
    nb_buf_init(&headers, HEADERS_MAX_BYTES);
    if (!nserver__latency_sample(import->latency_sampling,
                                 nb_slice_sub(request->payload, 0, request->header_size),
                                 nnet_worker_random(from->worker->net), &headers)) {
        nb_buf_fini(&headers);
        return NULL;
    }
    latency = nb_zalloc(sizeof(*latency));
    latency->began = nb_mono_now();
    latency->requestor_rtt_ns = c->rtt_ns;
    latency->start.ns = nb_wall_now().ns - c->rtt_ns;
    latency->subject = nb_slice_dup(import->latency_subject);
    latency->headers = nb_buf_take(&headers);
    latency->requestor =
        client_json(c, import->share ? CLIENT_INFO_PERSON | CLIENT_INFO_SERVER | CLIENT_INFO_RTT
                                     : CLIENT_INFO_RTT);
    nb_buf_fini(&headers);
    return latency;
}

void nserver__latency_free(struct nserver__latency *latency)
{
    if (latency != NULL) {
        nb_slice_free(&latency->subject);
        nb_slice_free(&latency->requestor);
        nb_slice_free(&latency->headers);
        nb_free(latency);
    }
}

size_t nserver__latency_bytes(const struct nserver__latency *latency)
{
    return latency != NULL
               ? sizeof(*latency) + latency->subject.n + latency->requestor.n + latency->headers.n
               : 0;
}

/* The metric. */

static void put_json(struct nb_json_writer *w, const char *key, struct slice json)
{
    if (json.n > 0) {
        nb_json_key(w, key);
        nb_json_raw(w, json);
    }
}

static const char *description(int status)
{
    switch (status) {
    case 400:
        return "Bad Request";
    case 408:
        return "Request Timeout";
    case 503:
        return "Service Unavailable";
    case 504:
        return "Service Timeout";
    default:
        return "";
    }
}

struct times {
    int64_t service_ns, system_ns, total_ns;
};

static struct slice metric(const struct nserver__latency *latency, int status,
                           struct slice responder, struct times times)
{
    struct nb_json_writer w;
    struct slice text = {0};
    struct nb_buf json;

    nb_buf_init(&json, METRIC_MAX_BYTES);
    nb_json_begin(&w, &json, NB_JSON_COMPACT);
    nb_json_object(&w);
    nserver__put_event_head(&w, METRIC_TYPE);
    nb_json_put_i64(&w, "status", status);
    nb_json_opt_str(&w, "description", nb_slice_of(description(status)));
    put_json(&w, "requestor", latency->requestor);
    put_json(&w, "responder", responder);
    put_json(&w, "header", latency->headers);
    nserver__write_time(&w, "start", latency->start);
    nb_json_put_i64(&w, "service", times.service_ns);
    nb_json_put_i64(&w, "system", times.system_ns);
    nb_json_put_i64(&w, "total", times.total_ns);
    nb_json_object_end(&w);
    if (nb_json_end(&w) == NB_OK) {
        text = nb_buf_take(&json);
    }
    nb_buf_fini(&json);
    return text;
}

static int64_t not_negative(int64_t ns)
{
    return ns > 0 ? ns : 0;
}

void nserver__latency_report(const struct nserver__latency *latency,
                             const struct nserver__sender *from, struct nserver__account *exporter)
{
    struct nb_mono answered = nb_mono_now();
    int64_t taken_ns = nb_mono_since(answered, latency->began);
    int64_t responder_rtt_ns = from->client != NULL ? from->client->rtt_ns : 0;
    struct slice responder = {0};
    struct slice body;
    struct times times = {.service_ns = not_negative(taken_ns - responder_rtt_ns)};

    if (from->client != NULL) {
        responder =
            client_json(from->client, CLIENT_INFO_PERSON | CLIENT_INFO_SERVER | CLIENT_INFO_RTT);
    }
    if (responder_rtt_ns > 0) {
        times.system_ns = not_negative(nb_mono_since(nb_mono_now(), answered));
    }
    times.total_ns = latency->requestor_rtt_ns + taken_ns + times.system_ns;
    body = metric(latency, 200, responder, times);
    nserver__publish(from->worker, exporter, latency->subject, (struct slice){0}, (struct slice){0},
                     body);
    nb_slice_free(&body);
    nb_slice_free(&responder);
}

void nserver__latency_report_failure(const struct nserver__latency *latency, struct nserver *server,
                                     struct nserver__account *exporter, int status)
{
    int64_t taken_ns = nb_mono_since(nb_mono_now(), latency->began);
    struct times times = {.total_ns = latency->requestor_rtt_ns + taken_ns};
    struct slice body = metric(latency, status, (struct slice){0}, times);

    nserver__publish_soon(server, exporter, latency->subject, (struct slice){0}, (struct slice){0},
                          body);
    nb_slice_free(&body);
}
