#include "events/services.h"

#include <stdio.h>

#include <natsd/memory.h>

#include "clients/sender.h"
#include "events/administration.h"
#include "events/connection_events.h"
#include "events/service_list.h"
#include "events/statsz.h"
#include "events/system_trace.h"
#include "lifecycle/state.h"
#include "sharing/inner_sub.h"

enum {
    SUBJECT_MAX_BYTES = 256,
};

#define SERVERS SERVICE_OF_SERVERS, SERVICE_TAKES_OPTIONS
#define ACCOUNTS SERVICE_OF_ACCOUNTS, SERVICE_TAKES_OPTIONS

static const struct nserver__service services[] = {
    {"VARZ", SERVERS, .serve = nserver__serve_varz},
    {"CONNZ", SERVERS, .serve = nserver__serve_connz},
    {"SUBSZ", SERVERS, .serve = nserver__serve_subsz},
    {"ACCOUNTZ", SERVERS, .serve = nserver__serve_accountz},
    {"HEALTHZ", SERVERS, .serve = nserver__serve_healthz},
    {"EXPVARZ", SERVERS, .serve = nserver__serve_expvarz},
    {"IDZ", SERVICE_OF_SERVERS, SERVICE_TAKES_OWN, SERVICE_BARE, .serve = nserver__serve_idz},
    {"STATSZ", SERVERS, SERVICE_BARE, .works_unasked = true, .serve = nserver__serve_statsz},
    {"$SYS.REQ.SERVER.PING", SERVICE_NAMED, SERVICE_TAKES_OPTIONS, SERVICE_BARE,
     .works_unasked = true, .serve = nserver__serve_statsz},

    {"CONNZ", ACCOUNTS, .serve = nserver__serve_account_connz},
    {"SUBSZ", ACCOUNTS, .serve = nserver__serve_account_subsz},
    {"INFO", ACCOUNTS, .serve = nserver__serve_account_info},
    {"STATZ", ACCOUNTS, .serve = nserver__serve_account_statz},
    {"CONNS", SERVICE_OF_ACCOUNTS, SERVICE_TAKES_OWN, SERVICE_BARE,
     .serve = nserver__serve_account_conns},
    {"$SYS.REQ.ACCOUNT.PING.STATZ", SERVICE_NAMED, SERVICE_TAKES_OPTIONS,
     .serve = nserver__serve_accounts_statz},
    {"$SYS.REQ.ACCOUNT.NSUBS", SERVICE_NAMED, SERVICE_TAKES_OWN, SERVICE_BARE,
     .serve = nserver__serve_account_subscribers},
    {"$SYS.DEBUG.SUBSCRIBERS", SERVICE_NAMED, SERVICE_TAKES_OWN, SERVICE_BARE,
     .serve = nserver__serve_subscribers},
    {"$SYS.REQ.USER.*.INFO", SERVICE_NAMED, .serve_at_once = nserver__answer_user_info},

    {"RELOAD", SERVICE_OF_ONE, SERVICE_TAKES_OPTIONS, .serve = nserver__serve_reload},
    {"KICK", SERVICE_OF_ONE, SERVICE_TAKES_OWN, .serve = nserver__serve_kick},
    {"LDM", SERVICE_OF_ONE, SERVICE_TAKES_OWN, .serve = nserver__serve_lame_duck},
};

/* Hearing. */

static unsigned on_request(struct nserver__inner_sub *inner, const struct nserver__sender *from,
                           const struct nproto_msg *msg)
{
    return nserver__call_begin(inner->ctx, from, msg);
}

static void hear(struct nserver__services *s, const struct nserver__service *service,
                 const char *before, const char *after)
{
    struct nserver__inner_sub *inner;
    struct nb_buf subject;
    int rc;

    nb_buf_init(&subject, SUBJECT_MAX_BYTES);
    nb_buf_must_format(&subject, "%s%s%s", before, after, service->name);
    inner = nserver__inner_sub_create(s->server->system_account, nb_buf_slice(&subject),
                                      service->serve_at_once != NULL ? service->serve_at_once
                                                                     : on_request,
                                      (void *)(uintptr_t)service); // nobody changes it
    rc = nserver__inner_sub_begin(inner);
    assert(rc == NB_OK); // the names are ours
    s->subs[s->sub_count++] = inner;
    nb_buf_fini(&subject);
}

static void hear_all(struct nserver__services *s)
{
    char own[NSERVER__SERVER_ID_BYTES + 2];

    snprintf(own, sizeof(own), "%s.", s->server->id);
    for (size_t i = 0; i < NB_ARRAY_LEN(services); i++) {
        switch (services[i].place) {
        case SERVICE_OF_SERVERS:
            hear(s, &services[i], "$SYS.REQ.SERVER.", own);
            hear(s, &services[i], "$SYS.REQ.SERVER.", "PING.");
            break;
        case SERVICE_OF_ONE:
            hear(s, &services[i], "$SYS.REQ.SERVER.", own);
            break;
        case SERVICE_OF_ACCOUNTS:
            hear(s, &services[i], "$SYS.REQ.ACCOUNT.", "*.");
            break;
        case SERVICE_NAMED:
            hear(s, &services[i], "", "");
            break;
        }
    }
}

/* Their life. */

void nserver__services_create(struct nserver *server)
{
    struct nserver__services *s;

    if (server->system_account == NULL) {
        return;
    }
    s = nb_zalloc(sizeof(*s));
    s->server = server;
    s->subs = nb_calloc(2 * NB_ARRAY_LEN(services), sizeof(struct nserver__inner_sub *));
    nb_list_init(&s->reload_asked);
    nb_list_init(&s->reload_waiting);
    nb_list_init(&s->notices);
    server->services = s;
    hear_all(s);
}

void nserver__services_destroy(struct nserver *server)
{
    struct nserver__services *s = server->services;

    if (s == NULL) {
        return;
    }
    for (size_t i = 0; i < s->sub_count; i++) {
        nb_free(s->subs[i]);
    }
    nb_free(s->subs);
    nb_free(s);
    server->services = NULL;
}

void nserver__services_start(struct nserver *server)
{
    if (server->services != NULL) {
        nserver__trace_system_subs(server);
        nserver__statsz_start(server);
        nserver__account_counts_start(server);
    }
}

void nserver__services_stop(struct nserver *server)
{
    if (server->services != NULL) {
        nserver__statsz_stop(server);
        nserver__account_counts_stop(server);
        nserver__reloads_drop(server);
    }
}

/* What is on its way. */

static const unsigned in_flight_max[] = {
    [IN_FLIGHT_CALLS] = 1024,
    [IN_FLIGHT_EVENTS] = 16384,
};

bool nserver__services_enter(struct nserver *server, enum nserver__in_flight kind)
{
    if (atomic_load(&server->is_stopping)) {
        return false;
    }
    if (atomic_fetch_add(&server->services->in_flight[kind], 1) >= in_flight_max[kind]) {
        nserver__services_leave(server, kind);
        return false;
    }
    return true;
}

void nserver__services_leave(struct nserver *server, enum nserver__in_flight kind)
{
    if (atomic_fetch_sub(&server->services->in_flight[kind], 1) == 1 &&
        atomic_load(&server->is_stopping)) {
        nb_mutex_lock(&server->stop_lock);
        pthread_cond_signal(&server->stop_changed);
        nb_mutex_unlock(&server->stop_lock);
    }
}

bool nserver__services_are_idle(const struct nserver *server)
{
    const struct nserver__services *s = server->services;

    return s == NULL || (atomic_load(&s->in_flight[IN_FLIGHT_CALLS]) == 0 &&
                         atomic_load(&s->in_flight[IN_FLIGHT_EVENTS]) == 0);
}
