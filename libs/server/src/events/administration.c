#include "events/administration.h"

#include <natsd/memory.h>
#include <natsd/server.h>

#include "clients/client.h"
#include "events/json_options.h"
#include "events/service_list.h"
#include "events/services.h"
#include "lifecycle/state.h"
#include "lifecycle/visit.h"

enum {
    CODE_FAILED = 500,
    OPTIONS_MEMORY_MAX_BYTES = 1024 * 1024,
};

/* One client, wherever it is. */

enum client_found {
    CLIENT_UNKNOWN,
    CLIENT_UNABLE, // to do what is asked of it
    CLIENT_DONE,
};

struct search {
    struct nserver__call *call;
    uint64_t cid;
    _Atomic int found; // written by one worker
};

// The payload has to be there, and right; false: there is no answer.
static bool read_cid(const struct nserver__call *call, uint64_t *cid)
{
    static const struct nserver__json_option options[] = {{"cid", JSON_OPTION_U64, 0}};
    struct nb_json_doc doc = {0};
    struct nb_diag diag = {0};
    bool is_read =
        nb_json_parse(call->payload, OPTIONS_MEMORY_MAX_BYTES, &doc, &diag) == NB_OK &&
        nserver__json_options_read(doc.root, options, NB_ARRAY_LEN(options), cid, &diag) == NB_OK;

    nb_json_doc_fini(&doc);
    if (!is_read) {
        nb_log_error(nserver__call_server(call)->log, "Error unmarshalling %s request: %s",
                     call->service->name, diag.text);
    }
    return is_read;
}

static void search_client(struct nserver__call *call, nserver__visit_fn fn, nserver__call_fn done)
{
    struct search *search;
    uint64_t cid = 0;

    if (!read_cid(call, &cid)) {
        nserver__call_drop(call);
        return;
    }
    search = nb_zalloc(sizeof(*search));
    search->call = call;
    search->cid = cid;
    nserver__visit_workers(nserver__call_server(call), fn, done, search);
}

static struct nserver__client *find(const struct nserver__worker *worker,
                                    const struct search *search)
{
    struct nserver__client *c = nb_u64map_find(&worker->clients_by_cid, search->cid);

    return c != NULL && c->phase != CLIENT_CLOSED ? c : NULL;
}

static void end_search(struct search *search, const char *unknown)
{
    struct nserver__call *call = search->call;

    switch ((enum client_found)atomic_load(&search->found)) {
    case CLIENT_UNKNOWN:
        nserver__call_fail(call, CODE_FAILED, unknown);
        break;
    case CLIENT_UNABLE:
        nserver__call_fail(call, CODE_FAILED,
                           "client does not support Lame Duck Mode or is not ready to receive the "
                           "notification");
        break;
    case CLIENT_DONE:
        nserver__call_end(call);
        break;
    }
    nb_free(search);
}

/* KICK */

static void kick(struct nserver__worker *worker, void *arg)
{
    struct search *search = arg;
    struct nserver__client *c = find(worker, search);

    if (c != NULL) {
        nserver__client_close(c, NSERVER__REASON_KICKED);
        atomic_store(&search->found, CLIENT_DONE);
    }
}

static void end_kick(struct nserver *server NB_UNUSED, void *arg)
{
    end_search(arg, "no such client or leafnode id");
}

void nserver__serve_kick(struct nserver__call *call)
{
    search_client(call, kick, end_kick);
}

/* LDM */

static void send_lame_duck(struct nserver__worker *worker, void *arg)
{
    struct search *search = arg;
    struct nserver__client *c = find(worker, search);

    if (c == NULL) {
        return;
    }
    if (c->phase == CLIENT_OPEN && c->wants_info && c->sent_first_pong) {
        nserver__client_send_lame_duck_info(c);
        atomic_store(&search->found, CLIENT_DONE);
    } else {
        atomic_store(&search->found, CLIENT_UNABLE);
    }
}

static void end_lame_duck(struct nserver *server NB_UNUSED, void *arg)
{
    end_search(arg, "no such client id");
}

void nserver__serve_lame_duck(struct nserver__call *call)
{
    search_client(call, send_lame_duck, end_lame_duck);
}

/* RELOAD: the program reads its file. Who asks while it does has to wait for the next time: the
 * file may be another now.
 */

static void ask_program(struct nserver *server)
{
    struct nserver__services *s = server->services;
    struct nb_link *link;

    while ((link = nb_list_take_first(&s->reload_waiting)) != NULL) {
        nb_list_append(&s->reload_asked, link);
    }
    server->on_reload_asked(server->on_reload_asked_ctx);
}

void nserver__serve_reload(struct nserver__call *call)
{
    struct nserver *server = nserver__call_server(call);
    struct nserver__services *s = server->services;

    if (server->on_reload_asked == NULL) {
        nserver__call_fail(call, CODE_FAILED,
                           "can only reload config when a file is provided using -c or --config");
        return;
    }
    nb_list_append(&s->reload_waiting, &call->link);
    if (nb_list_is_empty(&s->reload_asked)) {
        ask_program(server);
    }
}

static void answer_reloads(struct nserver *server, void *arg)
{
    const char *failure = arg;
    struct nserver__services *s = server->services;
    struct nb_link *link;

    while ((link = nb_list_take_first(&s->reload_asked)) != NULL) {
        struct nserver__call *call = nb_container_of(link, struct nserver__call, link);

        if (failure != NULL) {
            nserver__call_fail(call, CODE_FAILED, failure);
        } else {
            nserver__call_end(call);
        }
    }
    if (!nb_list_is_empty(&s->reload_waiting)) {
        ask_program(server);
    }
}

void nserver_answer_reload(struct nserver *server, const char *failure)
{
    if (server->is_running && server->services != NULL) {
        nserver__call_control(server, answer_reloads, (void *)(uintptr_t)failure); // read there
    }
}

void nserver_set_on_reload_asked(struct nserver *server, void (*fn)(void *ctx), void *ctx)
{
    assert(!server->is_running);
    server->on_reload_asked = fn;
    server->on_reload_asked_ctx = ctx;
}

static void drop_all(struct nb_link *list)
{
    struct nb_link *link;

    while ((link = nb_list_take_first(list)) != NULL) {
        nserver__call_drop(nb_container_of(link, struct nserver__call, link));
    }
}

void nserver__reloads_drop(struct nserver *server)
{
    drop_all(&server->services->reload_asked);
    drop_all(&server->services->reload_waiting);
}
