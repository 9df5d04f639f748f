#include "resolver/desk.h"

#include <assert.h>
#include <stdio.h>

#include <natsd/json_writer.h>
#include <natsd/memory.h>
#include <natsd/nuid.h>
#include <natsd/number.h>
#include <natsd/parser.h>

#include "clients/sender.h"
#include "events/publish.h"
#include "events/server_info.h"
#include "lifecycle/state.h"
#include "resolver/resolver.h"
#include "sharing/inner_sub.h"

enum {
    INBOX_BYTES = 8,
    ANSWER_MAX_BYTES = 64 * 1024 * 1024,
    CODE_OK = 200,
    CODE_FAILED = 500,
};

// Lives as long as somebody may hand it a request, or has one.
struct nserver__claims_desk {
    _Atomic unsigned refs;
    _Atomic size_t waiting; // bytes
    struct nserver *server;
    struct listener {
        struct nserver__claims_desk *desk; // referenced
        const struct nserver__claims_service *service;
        struct nserver__inner_sub *inner;
    } * *listeners; // [control]
    size_t count;
    char inbox[INBOX_BYTES + 1];
};

static struct nserver__claims_desk *ref(struct nserver__claims_desk *desk)
{
    atomic_fetch_add(&desk->refs, 1);
    return desk;
}

static void unref(struct nserver__claims_desk *desk)
{
    if (atomic_fetch_sub(&desk->refs, 1) == 1) {
        nb_free(desk->listeners);
        nb_free(desk);
    }
}

/* A request comes. */

static size_t size_of(const struct nserver__claims_request *request)
{
    return sizeof(*request) + request->subject.n + request->reply.n + request->body.n;
}

void nserver__claims_request_free(struct nserver__claims_request *request)
{
    atomic_fetch_sub(&request->desk->waiting, size_of(request));
    unref(request->desk);
    nb_slice_free(&request->subject);
    nb_slice_free(&request->reply);
    nb_slice_free(&request->body);
    nb_free(request);
}

static bool serves(const struct nserver__resolver *resolver,
                   const struct nserver__claims_service *service)
{
    for (size_t i = 0; resolver != NULL && i < resolver->kind->service_count; i++) {
        if (&resolver->kind->services[i] == service) {
            return true;
        }
    }
    return false;
}

// There may be another resolver meanwhile, or none.
static void serve(struct nnet_task *task, struct nnet_worker *control NB_UNUSED)
{
    struct nserver__claims_request *request =
        nb_container_of(task, struct nserver__claims_request, task);
    struct nserver__resolver *resolver = request->server->resolver;

    if (serves(resolver, request->service)) {
        request->service->serve(resolver, request);
    } else {
        nserver__claims_request_free(request);
    }
}

// [any worker]
static unsigned on_message(struct nserver__inner_sub *inner, const struct nserver__sender *from,
                           const struct nproto_msg *msg)
{
    const struct listener *listener = inner->ctx;
    struct nserver__claims_desk *desk = listener->desk;
    struct slice body = nb_slice_sub(msg->payload, msg->header_size, msg->payload.n);
    struct nserver__claims_request *request;
    size_t size = sizeof(*request) + msg->subject.n + msg->reply.n + body.n;

    if (listener->service->ignores_own && from->client == NULL) {
        return 0;
    }
    if (atomic_fetch_add(&desk->waiting, size) > NSERVER__CLAIMS_WAITING_MAX_BYTES) {
        atomic_fetch_sub(&desk->waiting, size);
        return 0;
    }
    request = nb_zalloc(sizeof(*request));
    request->task.run = serve;
    request->desk = ref(desk);
    request->server = desk->server;
    request->service = listener->service;
    request->subject = nb_slice_dup(msg->subject);
    request->reply = nb_slice_dup(msg->reply);
    request->body = nb_slice_dup(body);
    nnet_worker_post(nnet_group_control(desk->server->group), &request->task);
    return 1;
}

/* Listening. */

static void on_ended(struct nserver__inner_sub *inner)
{
    struct listener *listener = inner->ctx;

    unref(listener->desk);
    nb_free(listener);
    nb_free(inner);
}

static void listen(struct nserver__claims_desk *desk, const struct nserver__claims_service *service)
{
    struct listener *listener = nb_zalloc(sizeof(*listener));
    size_t queue_size = service->queue != NULL ? strlen(service->queue) : 0;
    struct nsub_sub *index;
    char subject[128]; // and the name of the group right behind it, where the trie wants it
    int rc;

    if (service->subject == NULL) {
        snprintf(subject, sizeof(subject), "$SYS._INBOX.%s.*", desk->inbox);
    } else {
        snprintf(subject, sizeof(subject), "%s%s", service->subject,
                 queue_size > 0 ? service->queue : "");
    }
    listener->desk = ref(desk);
    listener->service = service;
    listener->inner = nserver__inner_sub_create(desk->server->system_account, nb_slice_of(subject),
                                                on_message, listener);
    index = &listener->inner->sub.index;
    index->subject.n -= queue_size;
    index->queue_size = (uint32_t)queue_size & INT32_MAX;
    listener->inner->ended = on_ended;
    rc = nserver__inner_sub_begin(listener->inner);
    assert(rc == NB_OK); // subjects of our own
    desk->listeners[desk->count++] = listener;
}

struct nserver__claims_desk *nserver__claims_desk_open(struct nserver__resolver *resolver)
{
    struct nserver__claims_desk *desk = nb_zalloc(sizeof(*desk));
    char id[NB_NUID_BYTES + 1];
    struct nb_nuid nuid;

    nb_nuid_init(&nuid);
    nb_nuid_next(&nuid, id);
    memcpy(desk->inbox, id, INBOX_BYTES);
    atomic_store(&desk->refs, 1);
    desk->server = resolver->server;
    desk->listeners = nb_calloc(resolver->kind->service_count + 1, sizeof(*desk->listeners));
    for (size_t i = 0; i < resolver->kind->service_count; i++) {
        listen(desk, &resolver->kind->services[i]);
    }
    return desk;
}

void nserver__claims_desk_close(struct nserver__claims_desk **desk)
{
    struct nserver__claims_desk *d = *desk;

    if (d == NULL) {
        return;
    }
    for (size_t i = 0; i < d->count; i++) {
        nserver__inner_sub_end(d->listeners[i]->inner, nnet_group_control(d->server->group));
    }
    d->count = 0;
    unref(d);
    *desk = NULL;
}

struct slice nserver__claims_desk_inbox(const struct nserver__claims_desk *desk, uint64_t number)
{
    char subject[64];

    snprintf(subject, sizeof(subject), "$SYS._INBOX.%s.%llu", desk->inbox,
             (unsigned long long)number);
    return nb_slice_dup(nb_slice_of(subject));
}

/* What it is about. */

struct slice nserver__claims_request_account(const struct nserver__claims_request *request)
{
    struct slice before = NB_SLICE("ACCOUNT.");
    size_t at = nb_slice_find(request->subject, before);
    struct slice rest = nb_slice_sub(request->subject, at + before.n, request->subject.n);

    return nb_slice_sub(rest, 0, nb_slice_find_byte(rest, '.'));
}

uint64_t nserver__claims_request_number(const struct nserver__claims_request *request)
{
    struct slice rest = request->subject;
    struct slice token = {0};
    uint64_t number = 0;

    while (nb_slice_take_field(&rest, '.', &token)) {
    }
    return nb_parse_u64(token, UINT64_MAX, &number) == NB_OK ? number : 0;
}

/* Answers. */

void nserver__claims_answer_raw(const struct nserver__claims_request *request, struct slice bytes)
{
    if (request->reply.n > 0) {
        nserver__publish_soon(request->server, request->server->system_account, request->reply,
                              (struct slice){0}, (struct slice){0}, bytes);
    }
}

static void begin(struct nb_json_writer *w, struct nb_buf *out)
{
    nb_buf_init(out, ANSWER_MAX_BYTES);
    nb_json_begin(w, out, NB_JSON_COMPACT);
    nb_json_object(w);
}

static void end(const struct nserver__claims_request *request, struct nb_json_writer *w,
                struct nb_buf *out)
{
    nb_json_object_end(w);
    if (nb_json_end(w) == NB_OK) {
        nserver__claims_answer_raw(request, nb_buf_slice(out));
    }
    nb_buf_fini(out);
}

void nserver__claims_answer(const struct nserver__claims_request *request, struct slice account,
                            const char *message)
{
    struct nb_json_writer w;
    struct nb_buf out;

    if (account.n > 0) {
        nb_log_debug(request->server->log, "%s - %.*s", message, NB_SLICE_ARGS(account));
    }
    begin(&w, &out);
    nserver__put_server_info(request->server, &w);
    nb_json_key(&w, "data");
    nb_json_object(&w);
    nb_json_opt_str(&w, "account", account);
    nb_json_put_i64(&w, "code", CODE_OK);
    nb_json_put_text(&w, "message", message);
    nb_json_object_end(&w);
    end(request, &w, &out);
}

static void log_refusal(const struct nserver__claims_request *request, struct slice account,
                        const char *message, struct slice error)
{
    const struct nb_logger *log = request->server->log;

    if (account.n > 0) {
        nb_log_error(log, "%s - %.*s - %.*s", message, NB_SLICE_ARGS(account),
                     NB_SLICE_ARGS(error));
    } else {
        nb_log_error(log, "%s - %.*s", message, NB_SLICE_ARGS(error));
    }
}

void nserver__claims_refuse(const struct nserver__claims_request *request, struct slice account,
                            const char *message, struct slice error)
{
    struct nb_json_writer w;
    struct nb_buf description;
    struct nb_buf out;

    nb_buf_init(&description, ANSWER_MAX_BYTES);
    nb_buf_must_format(&description, "%s - ", message);
    nb_buf_must(&description, error);
    log_refusal(request, account, message, error);
    begin(&w, &out);
    nserver__put_server_info(request->server, &w);
    nb_json_key(&w, "error");
    nb_json_object(&w);
    nb_json_opt_str(&w, "account", account);
    nb_json_put_i64(&w, "code", CODE_FAILED);
    nb_json_put_str(&w, "description", nb_buf_slice(&description));
    nb_json_object_end(&w);
    end(request, &w, &out);
    nb_buf_fini(&description);
}

void nserver__claims_answer_list(const struct nserver__claims_request *request,
                                 const struct slice *keys, size_t count)
{
    struct nb_json_writer w;
    struct nb_buf out;

    begin(&w, &out);
    nb_json_key(&w, "data");
    nb_json_array(&w);
    for (size_t i = 0; i < count; i++) {
        nb_json_str(&w, keys[i]);
    }
    nb_json_array_end(&w);
    nserver__put_server_info(request->server, &w);
    end(request, &w, &out);
}
