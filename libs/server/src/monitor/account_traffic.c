#include "monitor/account_traffic.h"

#include <stdlib.h>

#include <natsd/memory.h>

#include "clients/client.h"
#include "lifecycle/state.h"
#include "lifecycle/visit.h"
#include "monitor/monitor_text.h"

struct gathering {
    struct nb_mutex lock;
    struct nserver__account_stats stats NB_GUARDED_BY(lock);
    size_t room;
    nserver__account_stats_fn done;
    void *ctx;
};

static int compare(const void *a, const void *b)
{
    const struct nserver__account_stat *x = a;
    const struct nserver__account_stat *y = b;

    return nb_slice_compare(x->account->name, y->account->name);
}

static void list_account(void *ctx, struct nserver__account *account)
{
    struct gathering *gathering = ctx;
    struct nserver__account_stats *stats = &gathering->stats;

    if (stats->count == gathering->room) {
        gathering->room = gathering->room == 0 ? 16 : gathering->room * 2;
        stats->items = nb_realloc(stats->items, gathering->room * sizeof(*stats->items));
    }
    stats->items[stats->count++] = (struct nserver__account_stat){.account = account};
}

static struct nserver__account_stat *find(const struct nserver__account_stats *stats,
                                          const struct nserver__account *account)
{
    size_t low = 0;
    size_t high = stats->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct nserver__account_stat *stat = &stats->items[middle];

        if (stat->account == account) {
            return stat;
        }
        if (nb_slice_compare(stat->account->name, account->name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL; // it was made meanwhile
}

static void add_clients(struct nserver__worker *worker, void *arg)
{
    struct gathering *gathering = arg;

    nb_mutex_lock(&gathering->lock);
    NB_LIST_FOREACH (link, &worker->clients) {
        const struct nserver__client *c = nb_container_of(link, struct nserver__client, link);
        struct nserver__account_stat *stat = NULL;

        if (c->is_counted) {
            stat = find(&gathering->stats, c->sender.account);
        }
        if (stat != NULL) {
            stat->connection_count++;
            stat->in_msgs += c->in_msgs;
            stat->in_bytes += c->in_bytes;
            stat->out_msgs += c->conn.out_items;
            stat->out_bytes += c->conn.out_item_bytes;
        }
    }
    nb_mutex_unlock(&gathering->lock);
}

static void add_closed(struct nserver__account_stat *stat)
{
    const struct nserver__account_past *past = &stat->account->past;

    stat->in_msgs += atomic_load_explicit(&past->in_msgs, memory_order_relaxed);
    stat->in_bytes += atomic_load_explicit(&past->in_bytes, memory_order_relaxed);
    stat->out_msgs += atomic_load_explicit(&past->out_msgs, memory_order_relaxed);
    stat->out_bytes += atomic_load_explicit(&past->out_bytes, memory_order_relaxed);
    stat->slow_consumers = atomic_load_explicit(&past->slow_consumers, memory_order_relaxed);
}

static void end(struct nserver *server NB_UNUSED, void *arg)
{
    struct gathering *gathering = arg;
    struct nserver__account_stats stats;

    nb_mutex_lock(&gathering->lock);
    stats = gathering->stats;
    nb_mutex_unlock(&gathering->lock);
    for (size_t i = 0; i < stats.count; i++) {
        add_closed(&stats.items[i]);
    }
    gathering->done(gathering->ctx, &stats);
    nb_mutex_fini(&gathering->lock);
    nb_free(gathering);
}

void nserver__account_stats_gather(struct nserver *server, nserver__account_stats_fn done,
                                   void *ctx)
{
    struct gathering *gathering = nb_zalloc(sizeof(*gathering));

    gathering->done = done;
    gathering->ctx = ctx;
    nb_mutex_init(&gathering->lock);
    nb_mutex_lock(&gathering->lock);
    nserver__registry_each(&server->accounts, list_account, gathering);
    qsort(gathering->stats.items, gathering->stats.count, sizeof(*gathering->stats.items), compare);
    nb_mutex_unlock(&gathering->lock);
    nserver__visit_settled_workers(server, add_clients, end, gathering);
}

void nserver__account_stats_fini(struct nserver__account_stats *stats)
{
    nb_free(stats->items);
    *stats = (struct nserver__account_stats){0};
}

const struct nserver__account_stat *nserver__account_stats_find(
    const struct nserver__account_stats *stats, const struct nserver__account *account)
{
    return find(stats, account);
}

static void put_data(struct nb_json_writer *w, const char *key, uint64_t msgs, uint64_t bytes)
{
    static const char *const others[] = {"gateways", "routes", "leafs"};

    nb_json_key(w, key);
    nb_json_object(w);
    nb_json_put_u64(w, "msgs", msgs);
    nb_json_put_u64(w, "bytes", bytes);
    for (size_t i = 0; i < NB_ARRAY_LEN(others); i++) {
        nserver__write_amount(w, others[i], 0, 0);
    }
    nb_json_object_end(w);
}

void nserver__account_stat_write(const struct nserver__account_stat *stat, struct nb_json_writer *w)
{
    struct nserver__account *account = stat->account;

    nb_json_put_str(w, "acc", account->name);
    nb_json_put_str(w, "name", nserver__account_label(account));
    nb_json_put_i64(w, "conns", stat->connection_count);
    nb_json_put_i64(w, "leafnodes", 0);
    nb_json_put_i64(w, "total_conns", stat->connection_count);
    nb_json_put_u64(w, "num_subscriptions", nsub_trie_stats(account->trie).subscription_count);
    put_data(w, "sent", stat->out_msgs, stat->out_bytes);
    put_data(w, "received", stat->in_msgs, stat->in_bytes);
    nb_json_put_u64(w, "slow_consumers", stat->slow_consumers);
}
