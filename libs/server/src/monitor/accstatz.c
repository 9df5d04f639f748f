/* accstatz.c - /accstatz: what the accounts do (spec 04 section 3.9). */
#include <natsd/memory.h>

#include "accounts/account.h"
#include "lifecycle/state.h"
#include "monitor/account_traffic.h"
#include "monitor/monitor.h"
#include "monitor/monitor_text.h"

struct accstatz {
    struct nserver__report *report;
    struct nserver__accstatz_query query;
};

static bool is_wanted(const struct nserver__accstatz_query *query,
                      const struct nserver__account_stat *stat)
{
    bool is_named = query->accounts == NULL;

    for (size_t i = 0; i < query->account_count; i++) {
        is_named = is_named || nb_slice_equal(query->accounts[i], stat->account->name);
    }
    if (!is_named || nserver__account_terms(stat->account)->is_gone) {
        return false;
    }
    return query->include_unused || stat->connection_count > 0;
}

static void write_stats(void *ctx, struct nserver__account_stats *stats)
{
    struct accstatz *accstatz = ctx;
    struct nserver__report *report = accstatz->report;
    struct nb_json_writer *w = &report->w;

    report->has_nothing = true;
    nb_json_object(w);
    nb_json_put_text(w, "server_id", report->server->id);
    nserver__write_time(w, "now", nb_wall_now());
    nb_json_key(w, "account_statz");
    nb_json_array(w);
    for (size_t i = 0; i < stats->count; i++) {
        if (is_wanted(&accstatz->query, &stats->items[i])) {
            report->has_nothing = false;
            nb_json_object(w);
            nserver__account_stat_write(&stats->items[i], w);
            nb_json_object_end(w);
        }
    }
    nb_json_array_end(w);
    nb_json_object_end(w);
    nserver__account_stats_fini(stats);
    nb_free(accstatz);
    nserver__report_end(report);
}

void nserver__accstatz(struct nserver__report *report, const struct nserver__accstatz_query *query)
{
    struct accstatz *accstatz = nb_zalloc(sizeof(*accstatz));

    accstatz->report = report;
    accstatz->query = *query;
    nserver__account_stats_gather(report->server, write_stats, accstatz);
}
