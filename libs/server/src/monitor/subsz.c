/* subsz.c - /subsz: the subscription indexes (spec 04 section 3.7). */
#include <stdlib.h>

#include <natsd/memory.h>
#include <natsd/number.h>
#include <natsd/subject.h>

#include "clients/client.h"
#include "clients/subscription.h"
#include "lifecycle/state.h"
#include "lifecycle/visit.h"
#include "monitor/index_stats.h"
#include "monitor/monitor.h"
#include "monitor/monitor_text.h"

enum {
    LIMIT_DEFAULT = 1024,
    INNER_CID = 1, // of the server itself; no client has it
};

struct sub_detail {
    uint64_t cid;
    uint64_t msgs, max;
    struct slice subject, queue, sid, account; // owned
};

struct subsz {
    struct nserver__report *report;
    struct nserver__subsz_query query;
    struct nb_mutex lock;
    struct sub_detail *details; // of all workers, in the order of cid
    size_t count, room;
    struct nserver__index_stats stats;
};

static bool is_of_account(const struct subsz *subsz, const struct nserver__account *account)
{
    return subsz->query.account.n == 0 || nb_slice_equal(subsz->query.account, account->name);
}

static void add_stats(void *ctx, struct nserver__account *account)
{
    struct subsz *subsz = ctx;

    if (is_of_account(subsz, account)) {
        nserver__index_stats_add(&subsz->stats, account);
    }
}

static void add_detail(struct subsz *subsz, const struct sub_detail *detail)
{
    if (subsz->count == subsz->room) {
        subsz->room = subsz->room == 0 ? 64 : subsz->room * 2;
        subsz->details = nb_realloc(subsz->details, subsz->room * sizeof(*subsz->details));
    }
    subsz->details[subsz->count++] = *detail;
}

static bool is_tested(const struct subsz *subsz, const struct nsub_sub *index)
{
    return subsz->query.test.n == 0 || nsub_subject_matches(subsz->query.test, index->subject);
}

/* The server's own, which have no numbers of their own: those of their place in the list. */

struct inner_listing {
    struct subsz *subsz;
    const struct nserver__account *account;
    uint64_t number;
};

static bool add_inner(void *ctx, struct nsub_sub *index)
{
    struct inner_listing *listing = ctx;
    const struct nserver__sub *sub = nserver__sub_of(index);
    char sid[NB_U64_TEXT_MAX_BYTES];

    if (sub->kind != NSERVER__SUB_INNER) {
        return true;
    }
    listing->number++;
    if (is_tested(listing->subsz, index)) {
        add_detail(listing->subsz,
                   &(struct sub_detail){
                       .cid = INNER_CID,
                       .msgs = nserver__sub_delivered(sub),
                       .subject = nb_slice_dup(index->subject),
                       .sid = nb_slice_dup(nb_slice_make(sid, nb_format_u64(listing->number, sid))),
                       .account = nb_slice_dup(listing->account->name),
                   });
    }
    return true;
}

static void add_inner_of(void *ctx, struct nserver__account *account)
{
    struct inner_listing listing = {.subsz = ctx, .account = account};

    if (is_of_account(listing.subsz, account)) {
        nsub_trie_each(account->trie, add_inner, &listing);
    }
}

/* Those of clients. */

static void gather_client(struct subsz *subsz, const struct nserver__client *c)
{
    const struct nserver__sub *sub;
    size_t at = 0;

    if (!is_of_account(subsz, c->sender.account)) {
        return;
    }
    while ((sub = nserver__sid_table_next(&c->subs, &at)) != NULL) {
        if (is_tested(subsz, &sub->index)) {
            add_detail(subsz, &(struct sub_detail){
                                  .cid = c->cid,
                                  .msgs = nserver__sub_delivered(sub),
                                  .max = atomic_load_explicit(&sub->max, memory_order_relaxed),
                                  .subject = nb_slice_dup(sub->index.subject),
                                  .queue = nb_slice_dup(nsub_sub_queue(&sub->index)),
                                  .sid = nb_slice_dup(nserver__sub_sid(sub)),
                                  .account = nb_slice_dup(c->sender.account->name),
                              });
        }
    }
}

static void gather(struct nserver__worker *worker, void *arg)
{
    struct subsz *subsz = arg;

    nb_mutex_lock(&subsz->lock);
    NB_LIST_FOREACH (link, &worker->clients) {
        gather_client(subsz, nb_container_of(link, struct nserver__client, link));
    }
    nb_mutex_unlock(&subsz->lock);
}

static int compare_details(const void *a, const void *b)
{
    const struct sub_detail *x = a;
    const struct sub_detail *y = b;
    int by_account;

    if (x->cid != y->cid) {
        return x->cid < y->cid ? -1 : 1;
    }
    by_account = nb_slice_compare(x->account, y->account);
    return by_account != 0 ? by_account : nb_slice_compare(x->sid, y->sid);
}

static void write_details(const struct subsz *subsz, struct nb_json_writer *w)
{
    size_t end = subsz->count;

    if ((uint64_t)subsz->query.limit < end &&
        (uint64_t)subsz->query.offset < end - (uint64_t)subsz->query.limit) {
        end = (size_t)(subsz->query.offset + subsz->query.limit);
    }
    nb_json_key(w, "subscriptions_list");
    nb_json_array(w);
    for (size_t i = (size_t)subsz->query.offset; i < end; i++) {
        const struct sub_detail *sub = &subsz->details[i];

        nb_json_object(w);
        nb_json_put_str(w, "account", sub->account);
        nb_json_put_str(w, "account_tag", sub->account);
        nb_json_put_str(w, "subject", sub->subject);
        nb_json_opt_str(w, "qgroup", sub->queue);
        nb_json_put_str(w, "sid", sub->sid);
        nb_json_put_u64(w, "msgs", sub->msgs);
        nb_json_opt_u64(w, "max", sub->max);
        nb_json_put_u64(w, "cid", sub->cid);
        nb_json_object_end(w);
    }
    nb_json_array_end(w);
}

static void write_subsz(const struct subsz *subsz, struct nb_json_writer *w)
{
    nb_json_object(w);
    nb_json_put_text(w, "server_id", subsz->report->server->id);
    nserver__write_time(w, "now", nb_wall_now());
    nserver__index_stats_write(&subsz->stats, w);
    nb_json_put_u64(w, "total", subsz->query.wants_list ? subsz->count : 0);
    nb_json_put_i64(w, "offset", subsz->query.offset);
    nb_json_put_i64(w, "limit", subsz->query.limit);
    if (subsz->query.wants_list && (uint64_t)subsz->query.offset < subsz->count) {
        write_details(subsz, w);
    }
    nb_json_object_end(w);
}

static void free_subsz(struct subsz *subsz)
{
    for (size_t i = 0; i < subsz->count; i++) {
        nb_slice_free(&subsz->details[i].subject);
        nb_slice_free(&subsz->details[i].queue);
        nb_slice_free(&subsz->details[i].sid);
        nb_slice_free(&subsz->details[i].account);
    }
    nb_free(subsz->details);
    nb_mutex_fini(&subsz->lock);
    nb_free(subsz);
}

static void tell(struct nserver *server, void *arg)
{
    struct subsz *subsz = arg;
    struct nserver__report *report = subsz->report;

    nserver__registry_each(&server->accounts, add_stats, subsz);
    if (subsz->query.wants_list) {
        nserver__registry_each(&server->accounts, add_inner_of, subsz);
    }
    if (subsz->count > 0) {
        qsort(subsz->details, subsz->count, sizeof(*subsz->details), compare_details);
    }
    write_subsz(subsz, &report->w);
    free_subsz(subsz);
    nserver__report_end(report);
}

static bool is_test_refused(struct nserver__report *report, struct slice test)
{
    struct nb_diag diag = {0};

    if (test.n == 0 || nsub_subject_is_valid_publish(test)) {
        return false;
    }
    nb_diag_set(&diag, "invalid test subject, must be valid publish subject: %.*s",
                NB_SLICE_ARGS(nb_slice_sub(test, 0, 128)));
    nserver__report_fail(report, diag.text);
    return true;
}

void nserver__subsz(struct nserver__report *report, const struct nserver__subsz_query *query)
{
    struct subsz *subsz;

    if (is_test_refused(report, query->test)) {
        return;
    }
    subsz = nb_zalloc(sizeof(*subsz));
    subsz->report = report;
    subsz->query = *query;
    subsz->query.offset = query->offset > 0 ? query->offset : 0;
    subsz->query.limit = query->limit > 0 ? query->limit : LIMIT_DEFAULT;
    nb_mutex_init(&subsz->lock);
    if (query->wants_list) {
        nserver__visit_settled_workers(report->server, gather, tell, subsz);
    } else {
        tell(report->server, subsz);
    }
}
