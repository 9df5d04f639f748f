/* subsz.c - /subsz: the subscription indexes (spec 04 section 3.7). */
#include <stdlib.h>

#include <natsd/memory.h>
#include <natsd/subject.h>

#include "clients/client.h"
#include "clients/subscription.h"
#include "lifecycle/state.h"
#include "lifecycle/visit.h"
#include "monitor/monitor.h"
#include "monitor/monitor_text.h"
#include "monitor/params.h"

enum {
    LIMIT_DEFAULT = 1024,
};

struct sub_detail {
    uint64_t cid;
    uint64_t msgs, max;
    struct slice subject, queue, sid, account; // owned
};

struct subsz {
    struct nserver *server;
    struct nnet_http_request *request;
    bool wants_list;
    int64_t offset, limit;
    struct slice account, test; // borrowed from the request
    struct nb_mutex lock;
    struct sub_detail *details; // of all workers, in the order of cid
    size_t count, room;
    struct nsub_trie_stats stats;
    struct nsub_match_cache_stats cache;
};

static int read_query(struct nnet_http_request *request, struct subsz *subsz, struct nb_diag *diag)
{
    if (nserver__param_bool(request, "subs", &subsz->wants_list, diag) != NB_OK ||
        nserver__param_int(request, "offset", &subsz->offset, diag) != NB_OK ||
        nserver__param_int(request, "limit", &subsz->limit, diag) != NB_OK) {
        return NB_EINVALID;
    }
    if (subsz->offset < 0) {
        subsz->offset = 0;
    }
    if (subsz->limit <= 0) {
        subsz->limit = LIMIT_DEFAULT;
    }
    if (!nnet_http_param(request, "acc", &subsz->account)) {
        subsz->account = (struct slice){0};
    }
    if (!nnet_http_param(request, "test", &subsz->test)) {
        subsz->test = (struct slice){0};
    } else if (!nsub_subject_is_valid_publish(subsz->test)) {
        nb_diag_set(diag, "invalid test subject, must be valid publish subject: %.*s",
                    NB_SLICE_ARGS(nb_slice_sub(subsz->test, 0, 128)));
        return NB_EINVALID;
    }
    return NB_OK;
}

static void add_stats(void *ctx, struct nserver__account *account)
{
    struct subsz *subsz = ctx;
    struct nsub_trie_stats stats;

    if (subsz->account.n > 0 && !nb_slice_equal(subsz->account, account->name)) {
        return;
    }
    stats = nsub_trie_stats(account->trie);
    subsz->stats.subscription_count += stats.subscription_count;
    subsz->stats.insert_count += stats.insert_count;
    subsz->stats.remove_count += stats.remove_count;
    subsz->stats.match_count += stats.match_count;
    for (unsigned i = 0; i < account->view_count; i++) {
        const struct nsub_match_cache *used =
            atomic_load_explicit(&account->views[i].cache, memory_order_acquire);
        struct nsub_match_cache_stats cache = {0};

        if (used != NULL) {
            cache = nsub_match_cache_stats(used);
        }
        subsz->cache.entry_count += cache.entry_count;
        subsz->cache.hit_count += cache.hit_count;
        subsz->cache.lookup_count += cache.lookup_count;
        subsz->cache.fanout_total += cache.fanout_total;
        if (cache.fanout_max > subsz->cache.fanout_max) {
            subsz->cache.fanout_max = cache.fanout_max;
        }
    }
}

static void add_detail(struct subsz *subsz, const struct nserver__client *c,
                       const struct nserver__sub *sub)
{
    if (subsz->count == subsz->room) {
        subsz->room = subsz->room == 0 ? 64 : subsz->room * 2;
        subsz->details = nb_realloc(subsz->details, subsz->room * sizeof(*subsz->details));
    }
    subsz->details[subsz->count++] = (struct sub_detail){
        .cid = c->cid,
        .msgs = nserver__sub_delivered(sub),
        .max = atomic_load_explicit(&sub->max, memory_order_relaxed),
        .subject = nb_slice_dup(sub->index.subject),
        .queue = nb_slice_dup(nsub_sub_queue(&sub->index)),
        .sid = nb_slice_dup(nserver__sub_sid(sub)),
        .account = nb_slice_dup(c->sender.account->name),
    };
}

static void gather_client(struct subsz *subsz, const struct nserver__client *c)
{
    const struct nserver__sub *sub;
    size_t at = 0;

    if (subsz->account.n > 0 && !nb_slice_equal(subsz->account, c->sender.account->name)) {
        return;
    }
    while ((sub = nserver__sid_table_next(&c->subs, &at)) != NULL) {
        if (subsz->test.n == 0 || nsub_subject_matches(subsz->test, sub->index.subject)) {
            add_detail(subsz, c, sub);
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

    if (x->cid != y->cid) {
        return x->cid < y->cid ? -1 : 1;
    }
    return nb_slice_compare(x->sid, y->sid);
}

static void write_details(const struct subsz *subsz, struct nb_json_writer *w)
{
    size_t end = subsz->count;

    if ((uint64_t)subsz->limit < end && (uint64_t)subsz->offset < end - (uint64_t)subsz->limit) {
        end = (size_t)(subsz->offset + subsz->limit);
    }
    nb_json_key(w, "subscriptions_list");
    nb_json_array(w);
    for (size_t i = (size_t)subsz->offset; i < end; i++) {
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

static double ratio(uint64_t part, uint64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : 0;
}

static void write_subsz(const struct subsz *subsz, struct nb_json_writer *w)
{
    uint64_t hits = subsz->cache.hit_count;

    nb_json_object(w);
    nb_json_put_text(w, "server_id", subsz->server->id);
    nserver__write_time(w, "now", nb_wall_now());
    nb_json_put_u64(w, "num_subscriptions", subsz->stats.subscription_count);
    nb_json_put_u64(w, "num_cache", subsz->cache.entry_count);
    nb_json_put_u64(w, "num_inserts", subsz->stats.insert_count);
    nb_json_put_u64(w, "num_removes", subsz->stats.remove_count);
    nb_json_put_u64(w, "num_matches", subsz->cache.lookup_count);
    nb_json_put_double(w, "cache_hit_rate", ratio(hits, subsz->cache.lookup_count));
    nb_json_put_u64(w, "max_fanout", subsz->cache.fanout_max);
    nb_json_put_double(w, "avg_fanout", ratio(subsz->cache.fanout_total, subsz->cache.entry_count));
    nb_json_put_u64(w, "total", subsz->wants_list ? subsz->count : 0);
    nb_json_put_i64(w, "offset", subsz->offset);
    nb_json_put_i64(w, "limit", subsz->limit);
    if (subsz->wants_list && (uint64_t)subsz->offset < subsz->count) {
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

static void answer(struct nserver *server, void *arg)
{
    struct subsz *subsz = arg;
    struct nb_json_writer w;
    struct nb_buf json;

    nserver__registry_each(&server->accounts, add_stats, subsz);
    if (subsz->count > 0) {
        qsort(subsz->details, subsz->count, sizeof(*subsz->details), compare_details);
    }
    nb_buf_init(&json, NSERVER__MONITOR_ANSWER_MAX_BYTES);
    nb_json_begin(&w, &json, NB_JSON_INDENTED);
    write_subsz(subsz, &w);
    if (nb_json_end(&w) == NB_OK) {
        nserver__monitor_answer(subsz->request, &json);
    } else {
        nserver__monitor_refuse(subsz->request, "answer too large: ask for fewer with limit=");
    }
    nb_buf_fini(&json);
    free_subsz(subsz);
}

void nserver__subsz(struct nserver *server, struct nnet_http_request *request)
{
    struct subsz *subsz = nb_zalloc(sizeof(*subsz));
    struct nb_diag diag = {0};

    subsz->server = server;
    subsz->request = request;
    nb_mutex_init(&subsz->lock);
    nserver__monitor_count(server, "/subsz");
    if (read_query(request, subsz, &diag) != NB_OK) {
        nserver__monitor_refuse(request, diag.text);
        free_subsz(subsz);
    } else if (subsz->wants_list) {
        nserver__visit_settled_workers(server, gather, answer, subsz);
    } else {
        answer(server, subsz);
    }
}
