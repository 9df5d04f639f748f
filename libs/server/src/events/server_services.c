/* server_services.c - services of each server: what HTTP tells, for messages (spec 04 section 7.3). */
#include "events/json_options.h"
#include "events/service_list.h"
#include "lifecycle/state.h"
#include "monitor/connz.h"
#include "monitor/monitor.h"

enum {
    CODE_BAD_REQUEST = 400,
};

void nserver__serve_varz(struct nserver__call *call)
{
    nserver__varz(&call->report);
}

void nserver__serve_expvarz(struct nserver__call *call)
{
    nserver__expvar(&call->report);
}

/* CONNZ */

struct connz_options {
    struct nserver__connz_query query;
    bool has_list, has_details;
    int64_t state;
};

#define QUERY(member) offsetof(struct connz_options, query.member)

static const struct nserver__json_option connz_options[] = {
    {"sort", JSON_OPTION_TEXT, QUERY(sort)},
    {"auth", JSON_OPTION_BOOL, QUERY(auth)},
    {"subscriptions", JSON_OPTION_BOOL, offsetof(struct connz_options, has_list)},
    {"subscriptions_detail", JSON_OPTION_BOOL, offsetof(struct connz_options, has_details)},
    {"offset", JSON_OPTION_INT, QUERY(offset)},
    {"limit", JSON_OPTION_INT, QUERY(limit)},
    {"cid", JSON_OPTION_U64, QUERY(cid)},
    {"mqtt_client", JSON_OPTION_TEXT, QUERY(mqtt_client)},
    {"state", JSON_OPTION_INT, offsetof(struct connz_options, state)},
    {"user", JSON_OPTION_TEXT, QUERY(user)},
    {"acc", JSON_OPTION_TEXT, QUERY(account)},
    {"filter_subject", JSON_OPTION_TEXT, QUERY(filter_subject)},
};

static bool read_connz(struct nserver__call *call, struct connz_options *options)
{
    struct nserver__connz_query *query = &options->query;

    if (!nserver__call_read(call, connz_options, NB_ARRAY_LEN(connz_options), options)) {
        return false;
    }
    if (options->state < CONNZ_OPEN || options->state > CONNZ_ALL) {
        nserver__call_fail(call, CODE_BAD_REQUEST, "option \"state\" must be 0, 1 or 2");
        return false;
    }
    query->state = (enum nserver__connz_state)options->state;
    query->subs = options->has_list ? CONNZ_SUBS_LIST : CONNZ_SUBS_NONE;
    if (options->has_details) {
        query->subs = CONNZ_SUBS_DETAIL;
    }
    nserver__connz_set_limits(query);
    return true;
}

static void serve_connz(struct nserver__call *call, struct slice account)
{
    struct connz_options options = {0};
    struct nserver__connz_query *query = &options.query;
    struct nb_diag diag = {0};

    if (!read_connz(call, &options)) {
        return;
    }
    if (account.n > 0) {
        query->account = account;
    }
    if (nserver__connz_check_order(query, &diag) != NB_OK) {
        nserver__report_fail(&call->report, diag.text);
        return;
    }
    if (query->filter_subject.n > 0 && query->account.n == 0) {
        nserver__report_fail(&call->report, "filter by subject only valid with account filtering");
        return;
    }
    if (nb_slice_is(query->filter_subject, ">")) {
        query->filter_subject = (struct slice){0};
    }
    nserver__connz(&call->report, query);
}

void nserver__serve_connz(struct nserver__call *call)
{
    serve_connz(call, (struct slice){0});
}

void nserver__serve_account_connz(struct nserver__call *call)
{
    if (nserver__call_is_for_asker(call)) {
        serve_connz(call, call->account);
    }
}

/* SUBSZ */

static const struct nserver__json_option subsz_options[] = {
    {"offset", JSON_OPTION_INT, offsetof(struct nserver__subsz_query, offset)},
    {"limit", JSON_OPTION_INT, offsetof(struct nserver__subsz_query, limit)},
    {"subscriptions", JSON_OPTION_BOOL, offsetof(struct nserver__subsz_query, wants_list)},
    {"account", JSON_OPTION_TEXT, offsetof(struct nserver__subsz_query, account)},
    {"test", JSON_OPTION_TEXT, offsetof(struct nserver__subsz_query, test)},
};

void nserver__serve_subsz(struct nserver__call *call)
{
    struct nserver__subsz_query query = {0};

    if (nserver__call_read(call, subsz_options, NB_ARRAY_LEN(subsz_options), &query)) {
        nserver__subsz(&call->report, &query);
    }
}

void nserver__serve_account_subsz(struct nserver__call *call)
{
    struct nserver__subsz_query query = {0};

    if (!nserver__call_is_for_asker(call) ||
        !nserver__call_read(call, subsz_options, NB_ARRAY_LEN(subsz_options), &query)) {
        return;
    }
    query.account = call->account;
    query.wants_list = true;
    nserver__subsz(&call->report, &query);
}

/* ACCOUNTZ, HEALTHZ, IDZ */

void nserver__serve_accountz(struct nserver__call *call)
{
    static const struct nserver__json_option options[] = {{"account", JSON_OPTION_TEXT, 0}};
    struct slice account = {0};

    if (nserver__call_read(call, options, NB_ARRAY_LEN(options), &account)) {
        nserver__accountz(&call->report, account);
    }
}

#define HEALTHZ(member) offsetof(struct nserver__healthz_query, member)

void nserver__serve_healthz(struct nserver__call *call)
{
    static const struct nserver__json_option options[] = {
        {"js-enabled", JSON_OPTION_BOOL, HEALTHZ(js_enabled)},
        {"js-enabled-only", JSON_OPTION_BOOL, HEALTHZ(js_enabled_only)},
        {"js-server-only", JSON_OPTION_BOOL, HEALTHZ(js_server_only)},
        {"js-meta-only", JSON_OPTION_BOOL, HEALTHZ(js_meta_only)},
        {"account", JSON_OPTION_TEXT, HEALTHZ(account)},
        {"stream", JSON_OPTION_TEXT, HEALTHZ(stream)},
        {"consumer", JSON_OPTION_TEXT, HEALTHZ(consumer)},
        {"details", JSON_OPTION_BOOL, HEALTHZ(details)},
    };
    struct nserver__healthz_query query = {.shows_code = true};

    if (nserver__call_read(call, options, NB_ARRAY_LEN(options), &query)) {
        nserver__healthz(&call->report, &query);
    }
}

void nserver__serve_idz(struct nserver__call *call)
{
    struct nserver *server = nserver__call_server(call);
    struct nb_json_writer *w = &call->report.w;

    nb_json_object(w);
    nb_json_put_str(w, "name", server->name);
    nb_json_put_str(w, "host", nserver__config(server)->info_host);
    nb_json_put_text(w, "id", server->id);
    nb_json_object_end(w);
    nserver__report_end(&call->report);
}
