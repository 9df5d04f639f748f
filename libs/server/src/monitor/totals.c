#include "monitor/totals.h"

#include "lifecycle/state.h"

struct nserver__totals nserver__totals(const struct nserver *server)
{
    struct nserver__totals t = {0};

    for (unsigned i = 0; i < server->worker_count; i++) {
        const struct nserver__counters *counters = &server->workers[i].counters;

        t.in_msgs += nserver__counted(&counters->in_msgs);
        t.in_bytes += nserver__counted(&counters->in_bytes);
        t.out_msgs += nserver__counted(&counters->out_msgs);
        t.out_bytes += nserver__counted(&counters->out_bytes);
        t.slow_consumers += nserver__counted(&counters->slow_consumers);
        t.stale_connections += nserver__counted(&counters->stale_connections);
        t.stalls += nserver__counted(&counters->stalls);
    }
    return t;
}

static void add_subscriptions(void *ctx, struct nserver__account *account)
{
    uint64_t *count = ctx;

    *count += nsub_trie_stats(account->trie).subscription_count;
}

uint64_t nserver__count_subscriptions(struct nserver *server)
{
    uint64_t count = 0;

    nserver__registry_each(&server->accounts, add_subscriptions, &count);
    return count;
}
