#include "accounts/change.h"

#include <stdlib.h>

#include <natsd/memory.h>

#include "clients/client.h"
#include "lifecycle/visit.h"

/* More connections than allowed: who came last goes first. Their ids are gathered, and the
 * smallest of those that have to go is where to cut.
 */

struct surplus {
    struct nserver__account *account;
    struct nb_mutex lock;
    uint64_t *cids;
    size_t count;
    uint64_t cut; // this cid and those above go
};

static void gather_cids(struct nserver__worker *worker, void *arg)
{
    struct surplus *surplus = arg;

    nb_mutex_lock(&surplus->lock);
    NB_LIST_FOREACH (link, &worker->clients) {
        const struct nserver__client *c = nb_container_of(link, struct nserver__client, link);

        if (c->is_counted && c->sender.account == surplus->account) {
            surplus->cids =
                nb_realloc(surplus->cids, (surplus->count + 1) * sizeof(*surplus->cids));
            surplus->cids[surplus->count++] = c->cid;
        }
    }
    nb_mutex_unlock(&surplus->lock);
}

static void close_newest(struct nserver__worker *worker, void *arg)
{
    const struct surplus *surplus = arg;

    NB_LIST_FOREACH (link, &worker->clients) {
        struct nserver__client *c = nb_container_of(link, struct nserver__client, link);

        if (c->is_counted && c->sender.account == surplus->account && c->cid >= surplus->cut) {
            nserver__client_refuse(c, "maximum account active connections exceeded",
                                   NSERVER__REASON_MAX_ACCOUNT_CONNECTIONS);
        }
    }
}

static void free_surplus(struct nserver *server NB_UNUSED, void *arg)
{
    struct surplus *surplus = arg;

    nb_mutex_fini(&surplus->lock);
    nb_free(surplus->cids);
    nb_free(surplus);
}

static int compare_cids(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

static void on_cids_gathered(struct nserver *server, void *arg)
{
    struct surplus *surplus = arg;
    int64_t max = nserver__account_terms(surplus->account)->max_connections;

    if (max < 0 || surplus->count <= (uint64_t)max) {
        free_surplus(server, surplus);
        return;
    }
    qsort(surplus->cids, surplus->count, sizeof(*surplus->cids), compare_cids);
    surplus->cut = surplus->cids[max];
    nserver__visit_workers(server, close_newest, free_surplus, surplus);
}

static void end_surplus(struct nserver *server, struct nserver__account *account)
{
    int64_t max = nserver__account_terms(account)->max_connections;
    struct surplus *surplus;

    if (max < 0 || atomic_load(&account->client_count) <= max) {
        return;
    }
    surplus = nb_zalloc(sizeof(*surplus));
    surplus->account = account;
    nb_mutex_init(&surplus->lock);
    nserver__visit_workers(server, gather_cids, on_cids_gathered, surplus);
}

static void end_surplus_of(void *ctx, struct nserver__account *account)
{
    end_surplus(ctx, account);
}

void nserver__accounts_end_surplus(struct nserver *server)
{
    nserver__registry_each(&server->accounts, end_surplus_of, server);
}

/* A change. */

static void meet_terms(struct nserver__worker *worker, void *arg)
{
    const struct nserver__account *account = arg;

    NB_LIST_FOREACH (link, &worker->clients) {
        struct nserver__client *c = nb_container_of(link, struct nserver__client, link);

        if (c->sender.account == account && c->phase != CLIENT_CLOSED) {
            nserver__client_meet_terms(c);
        }
    }
}

void nserver__account_changed(struct nserver *server, struct nserver__account *account)
{
    nserver__visit_workers(server, meet_terms, NULL, account);
    end_surplus(server, account);
}
