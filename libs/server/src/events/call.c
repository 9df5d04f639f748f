#include "events/service.h"

#include <natsd/headers.h>
#include <natsd/memory.h>
#include <natsd/parser.h>
#include <natsd/subject.h>

#include "clients/client.h"
#include "clients/sender.h"
#include "events/content_encoding.h"
#include "events/json_options.h"
#include "events/publish.h"
#include "events/server_filter.h"
#include "events/server_info.h"
#include "events/services.h"
#include "lifecycle/state.h"
#include "sharing/service_import.h"

enum {
    PAYLOAD_MAX_BYTES = 64 * 1024,
    OPTIONS_MEMORY_MAX_BYTES = 8 * 1024 * 1024,
    ENCODING_MAX_BYTES = 1024,
    CODE_BAD_REQUEST = 400,
    CODE_FAILED = 500,
    ACCOUNT_TOKEN = 3, // $SYS.REQ.ACCOUNT.<account>.<name>
};

/* The end. */

static void free_call(struct nserver__call *call)
{
    struct nserver *server = nserver__call_server(call);

    nserver__report_fini(&call->report);
    nb_json_doc_fini(&call->options);
    nb_slice_free(&call->subject);
    nb_slice_free(&call->reply);
    nb_slice_free(&call->payload);
    nb_slice_free(&call->encoding);
    nb_free(call->names);
    nb_free(call);
    nserver__services_leave(server, IN_FLIGHT_CALLS);
}

static void publish(struct nserver__call *call, struct slice headers, struct slice body)
{
    struct nserver *server = nserver__call_server(call);

    nserver__publish_soon(server, server->system_account, call->reply, (struct slice){0}, headers,
                          body);
    free_call(call);
}

static void publish_encoded(struct nserver__call *call, struct slice body)
{
    enum nserver__content_encoding encoding = nserver__content_encoding_of(call->encoding);
    struct nb_buf headers;
    struct nb_buf content;

    nb_buf_init(&headers, ENCODING_MAX_BYTES);
    nb_buf_init(&content, NSERVER__REPORT_MAX_BYTES);
    nb_buf_must_format(&headers, "NATS/1.0\r\nContent-Encoding: %s\r\n\r\n",
                       nserver__content_encoding_name(encoding));
    if (nserver__content_encode(encoding, body, &content) == NB_OK) {
        publish(call, nb_buf_slice(&headers), nb_buf_slice(&content));
    } else {
        nserver__call_fail(call, CODE_FAILED, "answer too large");
    }
    nb_buf_fini(&content);
    nb_buf_fini(&headers);
}

void nserver__call_drop(struct nserver__call *call)
{
    free_call(call);
}

void nserver__call_fail(struct nserver__call *call, int code, const char *text)
{
    struct nb_json_writer w;
    struct nb_buf body;

    nb_buf_init(&body, NSERVER__REPORT_MAX_BYTES);
    nb_json_begin(&w, &body, NB_JSON_COMPACT);
    nb_json_object(&w);
    nserver__put_server_info(nserver__call_server(call), &w);
    nb_json_key(&w, "error");
    nb_json_object(&w);
    nb_json_put_i64(&w, "code", code);
    nb_json_put_text(&w, "description", text);
    nb_json_object_end(&w);
    nb_json_object_end(&w);
    if (call->reply.n > 0 && nb_json_end(&w) == NB_OK) {
        publish(call, (struct slice){0}, nb_buf_slice(&body));
    } else {
        nserver__call_drop(call);
    }
    nb_buf_fini(&body);
}

static void end_in_envelope(struct nserver__call *call)
{
    struct slice value = nb_buf_slice(&call->report.json);
    struct nb_json_writer w;
    struct nb_buf body;

    nb_buf_init(&body, NSERVER__REPORT_MAX_BYTES);
    nb_json_begin(&w, &body, NB_JSON_COMPACT);
    nb_json_object(&w);
    nserver__put_server_info(nserver__call_server(call), &w);
    if (value.n > 0) {
        nb_json_key(&w, "data");
        nb_json_raw(&w, value);
    }
    nb_json_object_end(&w);
    if (nb_json_end(&w) != NB_OK) {
        nserver__call_fail(call, CODE_FAILED, "answer too large");
    } else if (call->encoding.p != NULL) {
        publish_encoded(call, nb_buf_slice(&body));
    } else {
        publish(call, (struct slice){0}, nb_buf_slice(&body));
    }
    nb_buf_fini(&body);
}

void nserver__call_end(struct nserver__call *call)
{
    if (call->reply.n == 0) {
        nserver__call_drop(call);
    } else if (call->service->form == SERVICE_BARE) {
        publish(call, (struct slice){0}, nb_buf_slice(&call->report.json));
    } else {
        end_in_envelope(call);
    }
}

static void on_report_ended(struct nserver__report *report, const char *failure)
{
    struct nserver__call *call = nb_container_of(report, struct nserver__call, report);

    if (failure != NULL) {
        nserver__call_fail(call, CODE_FAILED, failure);
    } else if (report->has_nothing && call->needs_something) {
        nserver__call_drop(call);
    } else {
        nserver__call_end(call);
    }
}

/* Serving, in the control worker. */

bool nserver__call_read(struct nserver__call *call, const struct nserver__json_option *table,
                        size_t count, void *out)
{
    struct nb_diag diag = {0};

    if (nserver__json_options_read(call->options.root, table, count, out, &diag) != NB_OK) {
        nserver__call_fail(call, CODE_BAD_REQUEST, diag.text);
        return false;
    }
    return true;
}

bool nserver__call_is_for_asker(struct nserver__call *call)
{
    const struct nserver__account *importer = call->importer;

    if (importer == NULL || importer == nserver__call_server(call)->system_account ||
        nb_slice_equal(importer->name, call->account)) {
        return true;
    }
    nserver__call_fail(call, CODE_FAILED, "bad request");
    return false;
}

// False: it was answered, or is not meant for us.
static bool read_options(struct nserver__call *call)
{
    struct nb_diag diag = {0};
    bool is_meant = true;
    int rc = NB_OK;

    if (call->payload.n > 0) {
        rc = nb_json_parse(call->payload, OPTIONS_MEMORY_MAX_BYTES, &call->options, &diag);
    }
    if (rc == NB_OK) {
        rc = nserver__server_filter_read(nserver__call_server(call), call->options.root, &is_meant,
                                         &diag);
    }
    if (rc != NB_OK) {
        nserver__call_fail(call, CODE_BAD_REQUEST, diag.text);
        return false;
    }
    if (!is_meant) {
        nserver__call_drop(call);
    }
    return is_meant;
}

static void run(struct nnet_task *task, struct nnet_worker *worker NB_UNUSED)
{
    struct nserver__call *call = nb_container_of(task, struct nserver__call, task);

    if (atomic_load(&nserver__call_server(call)->is_stopping)) {
        nserver__call_drop(call);
    } else if (call->is_too_long) {
        nserver__call_fail(call, CODE_BAD_REQUEST, "request too long");
    } else if (call->service->payload == SERVICE_TAKES_OWN || read_options(call)) {
        call->service->serve(call);
    }
}

/* The beginning, in the worker of whoever asks. */

static struct slice account_of(struct slice subject)
{
    struct slice token = {0};

    for (int i = 0; i <= ACCOUNT_TOKEN; i++) {
        if (!nsub_subject_take_token(&subject, &token)) {
            return (struct slice){0};
        }
    }
    return token;
}

static void take_message(struct nserver__call *call, const struct nproto_msg *msg)
{
    struct slice block = nb_slice_sub(msg->payload, 0, msg->header_size);
    struct slice body = nb_slice_sub(msg->payload, msg->header_size, msg->payload.n);
    struct slice encoding;

    call->subject = nb_slice_dup(msg->subject);
    call->reply = nb_slice_dup(msg->reply);
    call->is_too_long = body.n > PAYLOAD_MAX_BYTES;
    if (!call->is_too_long) {
        call->payload = nb_slice_dup(body);
    }
    if (block.n > 0 && nproto_headers_get(block, "Accept-Encoding", &encoding)) {
        call->encoding = nb_slice_dup(nb_slice_sub(encoding, 0, ENCODING_MAX_BYTES));
    }
    if (call->service->place == SERVICE_OF_ACCOUNTS) {
        call->account = account_of(call->subject);
    }
}

unsigned nserver__call_begin(const struct nserver__service *service,
                             const struct nserver__sender *from, const struct nproto_msg *msg)
{
    struct nserver *server = from->worker->server;
    struct nserver__call *call;

    if (msg->reply.n == 0 && !service->works_unasked) {
        return 1;
    }
    if (!nserver__services_enter(server, IN_FLIGHT_CALLS)) {
        return 0;
    }
    call = nb_zalloc(sizeof(*call));
    call->service = service;
    call->asker = from->client != NULL ? from->client->sender.account : NULL;
    call->importer = from->hops != NULL ? from->hops->import->importer : NULL;
    nserver__report_init(&call->report, server, NB_JSON_COMPACT, on_report_ended);
    take_message(call, msg);
    call->task.run = run;
    nnet_worker_post(nnet_group_control(server->group), &call->task);
    return 1;
}
