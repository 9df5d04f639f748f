#include "monitor/connz.h"

#include <stdlib.h>

// Every order compares one number; "reason" compares texts.
typedef uint64_t (*key_fn)(const struct nserver__conn_row *row);

static uint64_t key_cid(const struct nserver__conn_row *row)
{
    return row->cid;
}

static uint64_t key_subs(const struct nserver__conn_row *row)
{
    return row->sub_count;
}

static uint64_t key_pending(const struct nserver__conn_row *row)
{
    return row->pending_bytes;
}

static uint64_t key_msgs_to(const struct nserver__conn_row *row)
{
    return row->out_msgs;
}

static uint64_t key_msgs_from(const struct nserver__conn_row *row)
{
    return row->in_msgs;
}

static uint64_t key_bytes_to(const struct nserver__conn_row *row)
{
    return row->out_bytes;
}

static uint64_t key_bytes_from(const struct nserver__conn_row *row)
{
    return row->in_bytes;
}

static uint64_t key_last(const struct nserver__conn_row *row)
{
    return (uint64_t)row->last_activity_at.ns;
}

// Longest idle: for those open now it is the oldest activity; closed ones stand still.
static uint64_t key_idle(const struct nserver__conn_row *row)
{
    int64_t end = row->stopped_at.ns != 0 ? row->stopped_at.ns : nb_wall_now().ns;

    return (uint64_t)(end - row->last_activity_at.ns);
}

static uint64_t key_uptime(const struct nserver__conn_row *row)
{
    int64_t end = row->stopped_at.ns != 0 ? row->stopped_at.ns : nb_wall_now().ns;

    return (uint64_t)(end - row->started_at.ns);
}

static uint64_t key_stop(const struct nserver__conn_row *row)
{
    return (uint64_t)row->stopped_at.ns;
}

static uint64_t key_rtt(const struct nserver__conn_row *row)
{
    return (uint64_t)row->rtt_ns;
}

enum direction { ASCENDING, DESCENDING };

static const struct order {
    const char *name;
    key_fn key; // NULL: by reason
    enum direction direction;
    bool is_closed_only;
} orders[] = {
    {"cid", key_cid, ASCENDING, false},
    {"start", key_cid, ASCENDING, false},
    {"subs", key_subs, DESCENDING, false},
    {"pending", key_pending, DESCENDING, false},
    {"msgs_to", key_msgs_to, DESCENDING, false},
    {"msgs_from", key_msgs_from, DESCENDING, false},
    {"bytes_to", key_bytes_to, DESCENDING, false},
    {"bytes_from", key_bytes_from, DESCENDING, false},
    {"last", key_last, DESCENDING, false},
    {"idle", key_idle, DESCENDING, false},
    {"uptime", key_uptime, ASCENDING, false},
    {"stop", key_stop, DESCENDING, true},
    {"reason", NULL, ASCENDING, true},
    {"rtt", key_rtt, DESCENDING, false},
};

static const struct order *find_order(struct slice name)
{
    if (name.n == 0) {
        return &orders[0];
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(orders); i++) {
        if (nb_slice_is(name, orders[i].name)) {
            return &orders[i];
        }
    }
    return NULL;
}

int nserver__connz_check_order(const struct nserver__connz_query *query, struct nb_diag *diag)
{
    const struct order *order = find_order(query->sort);

    if (order == NULL) {
        nb_diag_set(diag, "invalid sorting option: %.*s",
                    NB_SLICE_ARGS(nb_slice_sub(query->sort, 0, 64)));
        return NB_EINVALID;
    }
    if (order->is_closed_only && query->state != CONNZ_CLOSED) {
        nb_diag_set(diag, "sort by %s only valid on closed connections", order->name);
        return NB_EINVALID;
    }
    return NB_OK;
}

// Keys are taken once, so that a clock that goes on does not disturb the order.
struct sortable {
    struct nserver__conn_row row;
    uint64_t key;
    const char *text;
};

static int compare(const void *a, const void *b, void *arg)
{
    const struct sortable *x = a;
    const struct sortable *y = b;
    const struct order *order = arg;
    int by_key = x->text != NULL ? strcmp(x->text, y->text) : (x->key > y->key) - (x->key < y->key);

    if (by_key == 0) { // ties in the order of arrival
        return (x->row.cid > y->row.cid) - (x->row.cid < y->row.cid);
    }
    return order->direction == ASCENDING ? by_key : -by_key;
}

void nserver__connz_sort(struct nserver__connz_rows *rows, struct slice name)
{
    const struct order *order = find_order(name);
    struct sortable *sortable = nb_calloc(rows->count + 1, sizeof(*sortable));

    for (size_t i = 0; i < rows->count; i++) {
        sortable[i].row = rows->rows[i];
        sortable[i].key = order->key != NULL ? order->key(&rows->rows[i]) : 0;
        sortable[i].text = order->key == NULL ? nserver__reason_text(rows->rows[i].reason) : NULL;
    }
    qsort_r(sortable, rows->count, sizeof(*sortable), compare, (void *)(uintptr_t)order);
    for (size_t i = 0; i < rows->count; i++) {
        rows->rows[i] = sortable[i].row;
    }
    nb_free(sortable);
}
