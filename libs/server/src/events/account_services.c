/* account_services.c - services about one account, or some (spec 04 section 7.5). */
#include <natsd/memory.h>

#include "events/connection_events.h"
#include "events/json_options.h"
#include "events/service_list.h"
#include "lifecycle/state.h"
#include "monitor/account_traffic.h"
#include "monitor/monitor.h"

enum {
    OPTIONS_MEMORY_MAX_BYTES = 1024 * 1024,
};

void nserver__serve_account_info(struct nserver__call *call)
{
    if (nserver__call_is_for_asker(call)) {
        nserver__account_info(&call->report, call->account);
    }
}

/* STATZ */

struct statz_options {
    const struct nb_json_value *accounts; // NULL: all
    bool include_unused;
};

static const struct nserver__json_option statz_options[] = {
    {"accounts", JSON_OPTION_TEXTS, offsetof(struct statz_options, accounts)},
    {"include_unused", JSON_OPTION_BOOL, offsetof(struct statz_options, include_unused)},
};

static bool read_statz(struct nserver__call *call, struct statz_options *options)
{
    *options = (struct statz_options){0};
    if (!nserver__call_read(call, statz_options, NB_ARRAY_LEN(statz_options), options)) {
        return false;
    }
    call->needs_something = !options->include_unused;
    return true;
}

void nserver__serve_account_statz(struct nserver__call *call)
{
    struct statz_options options;

    if (nb_slice_is(call->account, "PING")) { // asked for all: the other service answers
        nserver__call_drop(call);
        return;
    }
    if (nserver__call_is_for_asker(call) && read_statz(call, &options)) {
        nserver__accstatz(&call->report, &(struct nserver__accstatz_query){
                                             .accounts = &call->account,
                                             .account_count = 1,
                                             .include_unused = options.include_unused,
                                         });
    }
}

static size_t take_names(struct nserver__call *call, const struct nb_json_value *list)
{
    size_t count = 0;

    for (const struct nb_json_value *item = list->first; item != NULL; item = item->next) {
        count++;
    }
    call->names = nb_calloc(count + 1, sizeof(*call->names));
    count = 0;
    for (const struct nb_json_value *item = list->first; item != NULL; item = item->next) {
        call->names[count++] = item->text;
    }
    return count;
}

void nserver__serve_accounts_statz(struct nserver__call *call)
{
    struct nserver__accstatz_query query = {0};
    struct statz_options options;

    if (!read_statz(call, &options)) {
        return;
    }
    query.include_unused = options.include_unused;
    if (options.accounts != NULL && options.accounts->first != NULL) {
        query.account_count = take_names(call, options.accounts);
        query.accounts = call->names;
    }
    nserver__accstatz(&call->report, &query);
}

/* CONNS: how many connections other servers have. */

static void write_conns(void *ctx, struct nserver__account_stats *stats)
{
    struct nserver__call *call = ctx;
    struct nserver *server = nserver__call_server(call);
    const struct nserver__account *account =
        nserver__registry_find(&server->accounts, call->account);
    const struct nserver__account_stat *stat =
        account != NULL ? nserver__account_stats_find(stats, account) : NULL;

    if (stat == NULL || stat->connection_count == 0) {
        nserver__call_drop(call);
    } else {
        nserver__write_account_connections(server, stat, &call->report.w);
        nserver__report_end(&call->report);
    }
    nserver__account_stats_fini(stats);
}

// What the payload names, if anything, has to be what the subject names.
static bool names_the_same(const struct nserver__call *call)
{
    static const struct nserver__json_option options[] = {{"acc", JSON_OPTION_TEXT, 0}};
    struct nb_json_doc doc = {0};
    struct nb_diag diag = {0};
    struct slice account = {0};
    bool is_same;

    if (call->payload.n == 0) {
        return true;
    }
    is_same = nb_json_parse(call->payload, OPTIONS_MEMORY_MAX_BYTES, &doc, &diag) == NB_OK &&
              nserver__json_options_read(doc.root, options, NB_ARRAY_LEN(options), &account,
                                         &diag) == NB_OK &&
              nb_slice_equal(account, call->account);
    nb_json_doc_fini(&doc);
    return is_same;
}

void nserver__serve_account_conns(struct nserver__call *call)
{
    struct nserver *server = nserver__call_server(call);

    if (!names_the_same(call)) {
        nserver__call_drop(call);
    } else if (nserver__call_is_for_asker(call)) {
        nserver__account_stats_gather(server, write_conns, call);
    }
}
