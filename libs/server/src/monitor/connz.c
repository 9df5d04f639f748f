/* connz.c - /connz: each worker copies the rows of its clients, the control worker tells. */
#include "monitor/connz.h"

#include <natsd/memory.h>
#include <natsd/subject.h>

#include "clients/client.h"
#include "clients/subscription.h"
#include "lifecycle/state.h"
#include "lifecycle/visit.h"
#include "monitor/monitor.h"

struct connz {
    struct nserver__report *report;
    struct nserver__connz_query query;
    struct nb_mutex lock;
    struct nserver__connz_rows rows NB_GUARDED_BY(lock);
    bool is_account_unknown;
};

static void add_row(struct nserver__connz_rows *rows, const struct nserver__conn_row *row)
{
    if (rows->count == rows->room) {
        rows->room = rows->room == 0 ? 64 : rows->room * 2;
        rows->rows = nb_realloc(rows->rows, rows->room * sizeof(*rows->rows));
    }
    rows->rows[rows->count++] = *row;
}

static bool is_of_account(const struct nserver__connz_query *query, struct slice account)
{
    return query->account.n == 0 || nb_slice_equal(query->account, account);
}

static bool is_wanted(const struct nserver__connz_query *query, const struct nserver__conn_row *row)
{
    return (query->cid == 0 || query->cid == row->cid) &&
           (query->user.n == 0 || nb_slice_equal(query->user, row->user)) &&
           query->mqtt_client.n == 0; // nobody speaks it
}

// Of those that are open: does one of its subscriptions overlap the subject?
static bool listens(const struct nserver__connz_query *query, const struct nserver__client *c)
{
    const struct nserver__sub *sub;
    size_t at = 0;

    if (query->filter_subject.n == 0) {
        return true;
    }
    while ((sub = nserver__sid_table_next(&c->subs, &at)) != NULL) {
        if (nsub_subject_collides(query->filter_subject, sub->index.subject)) {
            return true;
        }
    }
    return false;
}

static void gather(struct nserver__worker *worker, void *arg)
{
    struct connz *connz = arg;
    unsigned parts = (connz->query.subs == CONNZ_SUBS_NONE ? 0 : NSERVER__ROW_SUBS) |
                     (connz->query.auth ? NSERVER__ROW_PEER_CERTS : 0);

    NB_LIST_FOREACH (link, &worker->clients) {
        struct nserver__client *c = nb_container_of(link, struct nserver__client, link);
        struct nserver__conn_row row;

        if (!c->is_registered || !is_of_account(&connz->query, c->sender.account->name)) {
            continue;
        }
        nserver__client_measure_rtt(c);
        nserver__client_row(c, parts, &row);
        nb_mutex_lock(&connz->lock);
        connz->rows.total++;
        if (is_wanted(&connz->query, &row) && listens(&connz->query, c)) {
            add_row(&connz->rows, &row);
            row = (struct nserver__conn_row){0};
        }
        nb_mutex_unlock(&connz->lock);
        nserver__conn_row_fini(&row);
    }
}

static void gather_closed(void *ctx, const struct nserver__conn_row *row)
{
    struct connz *connz = ctx;
    struct nserver__conn_row copy;

    // The account of a closed connection of $G counts as none (spec 04 section 3.3).
    if (connz->query.account.n > 0 && (nb_slice_is(row->account, NSERVER__GLOBAL_ACCOUNT) ||
                                       !is_of_account(&connz->query, row->account))) {
        return;
    }
    connz->rows.total++;
    if (!is_wanted(&connz->query, row)) {
        return;
    }
    nserver__conn_row_copy(row, &copy);
    add_row(&connz->rows, &copy);
}

static void write_unknown_account(const struct nserver__connz_query *query,
                                  struct nb_json_writer *w)
{
    nb_json_object(w);
    nb_json_put_text(w, "server_id", "");
    nb_json_put_text(w, "now", "0001-01-01T00:00:00Z");
    nb_json_put_u64(w, "num_connections", 0);
    nb_json_put_u64(w, "total", 0);
    nb_json_put_i64(w, "offset", query->offset);
    nb_json_put_i64(w, "limit", query->limit);
    nb_json_key(w, "connections");
    nb_json_null(w);
    nb_json_object_end(w);
}

static void free_connz(struct connz *connz)
{
    for (size_t i = 0; i < connz->rows.count; i++) {
        nserver__conn_row_fini(&connz->rows.rows[i]);
    }
    nb_free(connz->rows.rows);
    nb_mutex_fini(&connz->lock);
    nb_free(connz);
}

static void tell(struct nserver *server, void *arg)
{
    struct connz *connz = arg;
    struct nserver__report *report = connz->report;

    if (connz->query.state != CONNZ_OPEN) {
        nserver__closed_ring_each(&server->closed, gather_closed, connz);
    }
    nserver__connz_sort(&connz->rows, connz->query.sort);
    if (connz->is_account_unknown) {
        write_unknown_account(&connz->query, &report->w);
    } else {
        nserver__connz_write(server, &connz->query, &connz->rows, &report->w);
    }
    free_connz(connz);
    nserver__report_end(report);
}

void nserver__connz(struct nserver__report *report, const struct nserver__connz_query *query)
{
    struct nserver *server = report->server;
    struct connz *connz = nb_zalloc(sizeof(*connz));

    connz->report = report;
    connz->query = *query;
    nb_mutex_init(&connz->lock);
    connz->is_account_unknown =
        query->account.n > 0 && nserver__registry_find(&server->accounts, query->account) == NULL;
    if (query->state == CONNZ_CLOSED || connz->is_account_unknown) {
        tell(server, connz);
    } else {
        nserver__visit_settled_workers(server, gather, tell, connz);
    }
}
