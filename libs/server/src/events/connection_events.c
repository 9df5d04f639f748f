#include "events/connection_events.h"

#include <natsd/memory.h>

#include "clients/client.h"
#include "events/client_info.h"
#include "events/publish.h"
#include "events/server_info.h"
#include "events/services.h"
#include "monitor/account_traffic.h"
#include "monitor/monitor_text.h"

#define COUNT_INTERVAL_NS (30 * NB_NS_PER_S) // spec 04 section 6.7

enum {
    EVENT_MAX_BYTES = 1024 * 1024,
    SUBJECT_MAX_BYTES = 128 * 1024, // an account's name may be long
};

enum notice_kind { NOTICE_CONNECT, NOTICE_DISCONNECT, NOTICE_COUNT };

static const char *const types[] = {
    [NOTICE_CONNECT] = "io.nats.server.advisory.v1.client_connect",
    [NOTICE_DISCONNECT] = "io.nats.server.advisory.v1.client_disconnect",
    [NOTICE_COUNT] = "io.nats.server.advisory.v1.account_connections",
};

// An event on its way to the control worker.
struct notice {
    struct nnet_task task;
    struct nb_link link;
    struct nserver *server;
    enum notice_kind kind;
    struct nserver__account *account;
    struct nb_wall at;
    // of a connection
    struct slice client; // as JSON; owned
    uint64_t in_msgs, in_bytes, out_msgs, out_bytes;
    enum nserver__reason reason;
    // of an account
    int64_t count;   // of connections at that time
    bool is_covered; // the stats that are being gathered will do for it
};

/* Who listens to what. */

static const char *const count_subjects[][2] = {
    {"$SYS.SERVER.ACCOUNT.", ".CONNS"},
    {"$SYS.ACCOUNT.", ".SERVER.CONNS"},
};

static void put_subject(const struct nserver__account *account, const char *before,
                        const char *after, struct nb_buf *subject)
{
    nb_buf_init(subject, SUBJECT_MAX_BYTES);
    nb_buf_must_text(subject, before);
    nb_buf_must(subject, account->name);
    nb_buf_must_text(subject, after);
}

static bool is_heard(const struct nserver *server, const struct nserver__account *account,
                     const char *before, const char *after)
{
    struct nb_buf subject;
    bool is_heard;

    put_subject(account, before, after, &subject);
    is_heard = nsub_trie_has_interest(server->system_account->trie, nb_buf_slice(&subject));
    nb_buf_fini(&subject);
    return is_heard;
}

static void publish(struct nserver *server, const struct nserver__account *account,
                    const char *before, const char *after, struct slice body)
{
    struct nb_buf subject;

    put_subject(account, before, after, &subject);
    nserver__publish_soon(server, server->system_account, nb_buf_slice(&subject), (struct slice){0},
                          (struct slice){0}, body);
    nb_buf_fini(&subject);
}

/* In the control worker. */

static void free_notice(struct notice *notice)
{
    struct nserver *server = notice->server;

    nb_slice_free(&notice->client);
    nb_free(notice);
    nserver__services_leave(server, IN_FLIGHT_EVENTS);
}

static void write_connection(const struct notice *notice, struct nb_json_writer *w)
{
    nb_json_object(w);
    nserver__put_event_head_at(w, types[notice->kind], notice->at);
    nserver__put_server_info(notice->server, w);
    nb_json_key(w, "client");
    nb_json_raw(w, notice->client);
    if (notice->kind == NOTICE_DISCONNECT) { // as the client sees it
        nserver__write_amount(w, "sent", notice->in_msgs, notice->in_bytes);
        nserver__write_amount(w, "received", notice->out_msgs, notice->out_bytes);
        nb_json_put_text(w, "reason", nserver__reason_text(notice->reason));
    }
    nb_json_object_end(w);
}

static void publish_connection(const struct notice *notice)
{
    struct nb_json_writer w;
    struct nb_buf event;

    nb_buf_init(&event, EVENT_MAX_BYTES);
    nb_json_begin(&w, &event, NB_JSON_COMPACT);
    write_connection(notice, &w);
    if (nb_json_end(&w) == NB_OK) {
        publish(notice->server, notice->account, "$SYS.ACCOUNT.",
                notice->kind == NOTICE_CONNECT ? ".CONNECT" : ".DISCONNECT", nb_buf_slice(&event));
    }
    nb_buf_fini(&event);
}

void nserver__write_account_connections(struct nserver *server,
                                        const struct nserver__account_stat *stat,
                                        struct nb_json_writer *w)
{
    nb_json_object(w);
    nserver__put_event_head(w, types[NOTICE_COUNT]);
    nserver__put_server_info(server, w);
    nserver__account_stat_write(stat, w);
    nb_json_object_end(w);
}

static void publish_count(const struct notice *notice, const struct nserver__account_stat *stat)
{
    struct nserver__account_stat then = *stat;
    struct nb_json_writer w;
    struct nb_buf event;

    then.connection_count = notice->count;
    nb_buf_init(&event, EVENT_MAX_BYTES);
    nb_json_begin(&w, &event, NB_JSON_COMPACT);
    nserver__write_account_connections(notice->server, &then, &w);
    for (size_t i = 0; nb_json_end(&w) == NB_OK && i < NB_ARRAY_LEN(count_subjects); i++) {
        publish(notice->server, notice->account, count_subjects[i][0], count_subjects[i][1],
                nb_buf_slice(&event));
    }
    nb_buf_fini(&event);
}

/* Events leave in their order. A count waits for the workers to add up what its account's
 * connections sent and got; what comes behind it waits, too. One adding up does for all counts
 * that were there when it began.
 */

static void on_stats(void *ctx, struct nserver__account_stats *stats);

static void gather_stats(struct nserver__services *s)
{
    NB_LIST_FOREACH (link, &s->notices) {
        nb_container_of(link, struct notice, link)->is_covered = true;
    }
    s->is_gathering = true;
    nserver__account_stats_gather(s->server, on_stats, s);
}

// `stats` may be NULL: none are there.
static void publish_ready(struct nserver__services *s, const struct nserver__account_stats *stats)
{
    while (!nb_list_is_empty(&s->notices)) {
        struct notice *notice = nb_container_of(s->notices.next, struct notice, link);

        if (notice->kind != NOTICE_COUNT) {
            publish_connection(notice);
        } else if (stats != NULL && notice->is_covered) {
            const struct nserver__account_stat *stat =
                nserver__account_stats_find(stats, notice->account);

            if (stat != NULL) {
                publish_count(notice, stat);
            }
        } else {
            gather_stats(s);
            return;
        }
        nb_link_remove(&notice->link);
        free_notice(notice);
    }
}

static void on_stats(void *ctx, struct nserver__account_stats *stats)
{
    struct nserver__services *s = ctx;

    s->is_gathering = false;
    publish_ready(s, stats);
    nserver__account_stats_fini(stats);
}

static void take_notice(struct nnet_task *task, struct nnet_worker *worker NB_UNUSED)
{
    struct notice *notice = nb_container_of(task, struct notice, task);
    struct nserver__services *s = notice->server->services;

    nb_list_append(&s->notices, &notice->link);
    if (!s->is_gathering) {
        publish_ready(s, NULL);
    }
}

/* By whoever knows of it. */

static struct notice *make_notice(struct nserver *server, struct nserver__account *account,
                                  enum notice_kind kind, struct nb_wall at)
{
    struct notice *notice;

    if (!nserver__services_enter(server, IN_FLIGHT_EVENTS)) {
        return NULL; // too many are on their way, or it is the end
    }
    notice = nb_zalloc(sizeof(*notice));
    notice->task.run = take_notice;
    notice->server = server;
    notice->kind = kind;
    notice->account = account;
    notice->at = at;
    return notice;
}

static void send_notice(struct notice *notice)
{
    nnet_worker_post(nnet_group_control(notice->server->group), &notice->task);
}

static void tell_connection(const struct nserver__client *c, enum notice_kind kind,
                            struct nb_wall at)
{
    struct notice *notice = make_notice(c->server, c->sender.account, kind, at);
    struct nb_json_writer w;
    struct nb_buf client;

    if (notice == NULL) {
        return;
    }
    nb_buf_init(&client, EVENT_MAX_BYTES / 2);
    nb_json_begin(&w, &client, NB_JSON_COMPACT);
    nb_json_object(&w);
    if (kind == NOTICE_CONNECT) {
        nserver__client_info_write(c, CLIENT_INFO_PERSON | CLIENT_INFO_EVENT, (struct slice){0},
                                   &w);
    } else {
        nserver__client_info_write_stopped(c, at, &w);
    }
    nb_json_object_end(&w);
    notice->client =
        nb_slice_dup(nb_json_end(&w) == NB_OK ? nb_buf_slice(&client) : NB_SLICE("{}"));
    nb_buf_fini(&client);
    notice->in_msgs = c->in_msgs;
    notice->in_bytes = c->in_bytes;
    notice->out_msgs = c->conn.out_items;
    notice->out_bytes = c->conn.out_item_bytes;
    notice->reason = c->reason;
    send_notice(notice);
}

// Never of $G.
static void tell_count(struct nserver *server, struct nserver__account *account, struct nb_wall at)
{
    struct notice *notice;

    if (account == server->accounts.global ||
        (!is_heard(server, account, count_subjects[0][0], count_subjects[0][1]) &&
         !is_heard(server, account, count_subjects[1][0], count_subjects[1][1]))) {
        return;
    }
    notice = make_notice(server, account, NOTICE_COUNT, at);
    if (notice != NULL) {
        notice->count = atomic_load(&account->client_count);
        send_notice(notice);
    }
}

static void tell_if_used(void *ctx, struct nserver__account *account)
{
    if (atomic_load(&account->client_count) > 0) {
        tell_count(ctx, account, nb_wall_now());
    }
}

static void on_count_timer(struct nnet_timer *timer)
{
    struct nserver__services *s = nb_container_of(timer, struct nserver__services, count_timer);

    nserver__registry_each(&s->server->accounts, tell_if_used, s->server);
    nnet_timer_arm(nnet_group_control(s->server->group), timer, COUNT_INTERVAL_NS);
}

void nserver__account_counts_start(struct nserver *server)
{
    struct nnet_timer *timer = &server->services->count_timer;

    timer->fire = on_count_timer;
    nnet_timer_arm(nnet_group_control(server->group), timer, COUNT_INTERVAL_NS);
}

void nserver__account_counts_stop(struct nserver *server)
{
    nnet_timer_disarm(nnet_group_control(server->group), &server->services->count_timer);
}

void nserver__tell_connect(const struct nserver__client *c)
{
    struct nb_wall now = nb_wall_now();

    if (c->server->services == NULL) {
        return;
    }
    tell_count(c->server, c->sender.account, now);
    if (is_heard(c->server, c->sender.account, "$SYS.ACCOUNT.", ".CONNECT")) {
        tell_connection(c, NOTICE_CONNECT, now);
    }
}

void nserver__tell_disconnect(const struct nserver__client *c, bool was_counted)
{
    struct nb_wall now = nb_wall_now();

    if (c->server->services == NULL) {
        return;
    }
    if (was_counted) {
        tell_count(c->server, c->sender.account, now);
    }
    if (is_heard(c->server, c->sender.account, "$SYS.ACCOUNT.", ".DISCONNECT")) {
        tell_connection(c, NOTICE_DISCONNECT, now);
    }
}
