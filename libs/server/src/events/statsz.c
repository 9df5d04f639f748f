#include "events/statsz.h"

#include <unistd.h>

#include <natsd/memory.h>

#include "clients/deliver.h"
#include "events/publish.h"
#include "events/server_info.h"
#include "events/service_list.h"
#include "events/services.h"
#include "lifecycle/state.h"
#include "monitor/monitor_text.h"
#include "monitor/process_load.h"
#include "monitor/totals.h"

// The first comes soon after the start, the others ever later.
#define DELAY_FIRST_NS (250 * NB_NS_PER_MS)
#define DELAY_MAX_NS (10 * NB_NS_PER_S)

enum {
    BODY_MAX_BYTES = 1024 * 1024,
    SUBJECT_MAX_BYTES = 256,
};

/* The value. */

static void add_if_active(void *ctx, struct nserver__account *account)
{
    uint64_t *count = ctx;

    if (atomic_load(&account->client_count) > 0) {
        (*count)++;
    }
}

static void put_kinds(struct nb_json_writer *w, const char *key, uint64_t clients)
{
    if (clients > 0) {
        nserver__write_kinds(w, key, clients);
    }
}

static void put_traffic(const struct nserver *server, struct nb_json_writer *w)
{
    struct nserver__totals t = nserver__totals(server);

    // Clients are the only kind of connection so far: their share is all of it.
    nserver__write_amount(w, "sent", t.out_msgs, t.out_bytes);
    nserver__write_amount(w, "sent_to_clients", t.out_msgs, t.out_bytes);
    nserver__write_amount(w, "received", t.in_msgs, t.in_bytes);
    nserver__write_amount(w, "received_from_clients", t.in_msgs, t.in_bytes);
    nb_json_put_u64(w, "slow_consumers", t.slow_consumers);
    put_kinds(w, "slow_consumer_stats", t.slow_consumers);
    nb_json_opt_u64(w, "stale_connections", t.stale_connections);
    put_kinds(w, "stale_connection_stats", t.stale_connections);
    nb_json_opt_u64(w, "stalled_clients", t.stalls);
}

static void write_statsz(struct nserver *server, struct nb_json_writer *w)
{
    uint64_t active = 0;

    if (server->http == NULL) {
        nserver__process_load_sample(&server->load);
    }
    nserver__registry_each(&server->accounts, add_if_active, &active);
    nb_json_object(w);
    nserver__put_server_info(server, w);
    nb_json_key(w, "statsz");
    nb_json_object(w);
    nserver__write_time(w, "start", server->started_at);
    nb_json_put_u64(w, "mem", nserver__process_rss_bytes());
    nb_json_put_i64(w, "cores", sysconf(_SC_NPROCESSORS_ONLN));
    nb_json_put_double(w, "cpu", server->load.cpu_percent);
    nb_json_put_i64(w, "connections", atomic_load(&server->connection_count));
    nb_json_put_u64(w, "total_connections", atomic_load(&server->connections_total));
    nb_json_put_u64(w, "active_accounts", active);
    nb_json_put_u64(w, "subscriptions", nserver__count_subscriptions(server));
    put_traffic(server, w);
    nb_json_put_u64(w, "active_servers", 1);
    nb_json_put_u64(w, "gomaxprocs", server->worker_count);
    nb_json_object_end(w);
    nb_json_object_end(w);
}

/* To all who listen. */

static void put_subject(const struct nserver *server, const char *what, struct nb_buf *subject)
{
    nb_buf_init(subject, SUBJECT_MAX_BYTES);
    nb_buf_must_format(subject, "$SYS.SERVER.%s.%s", server->id, what);
}

static void broadcast(struct nserver *server, const char *what,
                      void (*write)(struct nserver *server, struct nb_json_writer *w))
{
    struct nb_json_writer w;
    struct nb_buf subject;
    struct nb_buf body;

    put_subject(server, what, &subject);
    if (nsub_trie_has_interest(server->system_account->trie, nb_buf_slice(&subject))) {
        nb_buf_init(&body, BODY_MAX_BYTES);
        nb_json_begin(&w, &body, NB_JSON_COMPACT);
        write(server, &w);
        if (nb_json_end(&w) == NB_OK) {
            nserver__publish_soon(server, server->system_account, nb_buf_slice(&subject),
                                  (struct slice){0}, (struct slice){0}, nb_buf_slice(&body));
        }
        nb_buf_fini(&body);
    }
    nb_buf_fini(&subject);
}

static void on_time(struct nnet_timer *timer)
{
    struct nserver__services *s = nb_container_of(timer, struct nserver__services, statsz_timer);

    broadcast(s->server, "STATSZ", write_statsz);
    if (s->statsz_delay_ns < DELAY_MAX_NS) {
        s->statsz_delay_ns *= 2;
    }
    if (s->statsz_delay_ns > DELAY_MAX_NS) {
        s->statsz_delay_ns = DELAY_MAX_NS;
    }
    nnet_timer_arm(nnet_group_control(s->server->group), timer, s->statsz_delay_ns);
}

void nserver__statsz_start(struct nserver *server)
{
    struct nserver__services *s = server->services;

    s->statsz_delay_ns = DELAY_FIRST_NS;
    s->statsz_timer.fire = on_time;
    nnet_timer_arm(nnet_group_control(server->group), &s->statsz_timer, DELAY_FIRST_NS);
}

void nserver__statsz_stop(struct nserver *server)
{
    nnet_timer_disarm(nnet_group_control(server->group), &server->services->statsz_timer);
}

void nserver__serve_statsz(struct nserver__call *call)
{
    struct nserver *server = nserver__call_server(call);

    if (call->reply.n == 0) {
        broadcast(server, "STATSZ", write_statsz);
        nserver__call_drop(call);
        return;
    }
    write_statsz(server, &call->report.w);
    nserver__report_end(&call->report);
}

/* The end. */

void nserver__tell_lame_duck(struct nserver *server)
{
    if (server->services != NULL) {
        broadcast(server, "LAMEDUCK", nserver__write_server_info);
    }
}

void nserver__tell_shutdown(struct nserver__worker *self)
{
    struct nserver *server = self->server;
    struct nb_json_writer w;
    struct nb_buf subject;
    struct nb_buf body;

    if (server->services == NULL) {
        return;
    }
    put_subject(server, "SHUTDOWN", &subject);
    nb_buf_init(&body, BODY_MAX_BYTES);
    nb_json_begin(&w, &body, NB_JSON_COMPACT);
    nserver__write_server_info(server, &w);
    if (nb_json_end(&w) == NB_OK) {
        nserver__publish(self, server->system_account, nb_buf_slice(&subject), (struct slice){0},
                         (struct slice){0}, nb_buf_slice(&body));
        nserver__deliver_end(self);
    }
    nb_buf_fini(&body);
    nb_buf_fini(&subject);
}
