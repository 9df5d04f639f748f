/* connz.c - /connz: each worker copies the rows of its clients, the control worker answers. */
#include "monitor/connz.h"

#include <natsd/memory.h>

#include "clients/client.h"
#include "lifecycle/state.h"
#include "lifecycle/visit.h"
#include "monitor/monitor.h"

struct connz {
    struct nnet_http_request *request;
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
           (query->user.n == 0 || nb_slice_equal(query->user, row->user));
}

static void gather(struct nserver__worker *worker, void *arg)
{
    struct connz *connz = arg;
    enum nserver__row_subs subs =
        connz->query.subs == CONNZ_SUBS_NONE ? ROW_WITHOUT_SUBS : ROW_WITH_SUBS;

    NB_LIST_FOREACH (link, &worker->clients) {
        struct nserver__client *c = nb_container_of(link, struct nserver__client, link);
        struct nserver__conn_row row;

        if (!c->is_registered || !is_of_account(&connz->query, c->sender.account->name)) {
            continue;
        }
        nserver__client_measure_rtt(c);
        nserver__client_row(c, subs, &row);
        nb_mutex_lock(&connz->lock);
        connz->rows.total++;
        if (is_wanted(&connz->query, &row)) {
            add_row(&connz->rows, &row);
            row = (struct nserver__conn_row){0};
        }
        nb_mutex_unlock(&connz->lock);
        nserver__conn_row_fini(&row);
    }
}

static struct nserver__sub_row *copy_subs(const struct nserver__conn_row *row)
{
    struct nserver__sub_row *subs;
    size_t size = row->sub_count * sizeof(*subs);
    uint8_t *text;

    if (row->subs == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; i < row->sub_count; i++) {
        size += row->subs[i].subject.n + row->subs[i].queue.n + row->subs[i].sid.n;
    }
    subs = nb_alloc(size + 1);
    text = (uint8_t *)(subs + row->sub_count);
    for (uint32_t i = 0; i < row->sub_count; i++) {
        struct slice *parts[] = {&subs[i].subject, &subs[i].queue, &subs[i].sid};

        subs[i] = row->subs[i];
        for (size_t k = 0; k < NB_ARRAY_LEN(parts); k++) {
            if (parts[k]->n > 0) {
                memcpy(text, parts[k]->p, parts[k]->n);
            }
            parts[k]->p = text;
            text += parts[k]->n;
        }
    }
    return subs;
}

static void gather_closed(void *ctx, const struct nserver__conn_row *row)
{
    struct connz *connz = ctx;
    struct nserver__conn_row copy = *row;

    // The account of a closed connection of $G counts as none (spec 04 section 3.3).
    if (connz->query.account.n > 0 && (nb_slice_is(row->account, NSERVER__GLOBAL_ACCOUNT) ||
                                       !is_of_account(&connz->query, row->account))) {
        return;
    }
    connz->rows.total++;
    if (!is_wanted(&connz->query, row)) {
        return;
    }
    copy.name = nb_slice_dup(row->name);
    copy.lang = nb_slice_dup(row->lang);
    copy.version = nb_slice_dup(row->version);
    copy.user = nb_slice_dup(row->user);
    copy.account = nb_slice_dup(row->account);
    copy.subs = copy_subs(row);
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

static void answer(struct nserver *server, void *arg)
{
    struct connz *connz = arg;
    struct nb_json_writer w;
    struct nb_buf json;

    if (connz->query.state != CONNZ_OPEN) {
        nserver__closed_ring_each(&server->closed, gather_closed, connz);
    }
    nserver__connz_sort(&connz->rows, connz->query.sort);
    nb_buf_init(&json, NSERVER__MONITOR_ANSWER_MAX_BYTES);
    nb_json_begin(&w, &json, NB_JSON_INDENTED);
    if (connz->is_account_unknown) {
        write_unknown_account(&connz->query, &w);
    } else {
        nserver__connz_write(server, &connz->query, &connz->rows, &w);
    }
    if (nb_json_end(&w) == NB_OK) {
        nserver__monitor_answer(connz->request, &json);
    } else {
        nserver__monitor_refuse(connz->request, "answer too large: ask for fewer with limit=");
    }
    nb_buf_fini(&json);
    free_connz(connz);
}

void nserver__connz(struct nserver *server, struct nnet_http_request *request)
{
    struct connz *connz = nb_zalloc(sizeof(*connz));
    struct nb_diag diag = {0};

    connz->request = request;
    nb_mutex_init(&connz->lock);
    if (nserver__connz_read_query(request, &connz->query, &diag) != NB_OK) {
        nserver__monitor_refuse(request, diag.text);
        free_connz(connz);
        return;
    }
    nserver__monitor_count(server, "/connz");
    connz->is_account_unknown =
        connz->query.account.n > 0 &&
        nserver__registry_find(&server->accounts, connz->query.account) == NULL;
    if (connz->query.state == CONNZ_CLOSED || connz->is_account_unknown) {
        answer(server, connz);
    } else {
        nserver__visit_settled_workers(server, gather, answer, connz);
    }
}
