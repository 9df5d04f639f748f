#include "sharing/responses.h"

#include <stdatomic.h>

#include <natsd/lock.h>
#include <natsd/map.h>
#include <natsd/memory.h>
#include <natsd/parser.h>
#include <natsd/subject.h>
#include <natsd/timer.h>
#include <natsd/worker.h>

#include "clients/deliver.h"
#include "clients/sender.h"
#include "lifecycle/state.h"
#include "sharing/inner_sub.h"
#include "sharing/latency.h"
#include "sharing/response_names.h"
#include "tracing/message_trace.h"

enum {
    PREFIX_BYTES = 4 + RESPONSE_TOKEN_BYTES + 1,                  // "_R_.<account>."
    SUBJECT_MAX_BYTES = PREFIX_BYTES + RESPONSE_TOKEN_BYTES + 16, // and ".<server>.T"
    AGES_MAX = 32,     // of different thresholds; what has another waits with the last
    ENTRY_BYTES = 256, // of the places in the indexes, more or less
    SWEEP_MAX = 4096,  // of a table at once: workers wait for its lock
    REST_FACTOR = 20,  // a look at many responses is followed by so much time without one
};

#define SWEEP_NS (100 * NB_NS_PER_MS)
#define SWEEP_SOON_NS (5 * NB_NS_PER_MS) // when a sweep has left some
#define WARN_NS (10 * NB_NS_PER_S)

struct nserver__response {
    struct nb_epoch_item retired;
    struct nb_link link; // in the list of its age
    struct nserver__responses *table;
    struct nserver__account *to;
    struct nserver__latency *latency;
    enum nauth_response_type type;
    size_t bytes; // that it counts for
    int64_t threshold_ns;
    unsigned age; // index of its list
    struct nb_mono used_at;
    bool is_over;
    struct nsub_sub waits; // by its reply, among what `to` awaits
    uint8_t subject_size;
    char subject[SUBJECT_MAX_BYTES];
    uint8_t reply[];
};

struct nserver__responses {
    struct nserver *server;
    struct nserver__account *account;
    char prefix[PREFIX_BYTES];
    struct nserver__inner_sub *hearing
        NB_GUARDED_BY(lock);         // NULL: _R_.<account>.> isn't subscribed
    struct nsub_trie *awaited_by_us; // replies that our clients listen to
    _Atomic uint64_t looks_from_ns;  // when they may be looked through again
    _Atomic uint64_t warned_at_ns;   // that there are too many
    struct nb_mutex lock;
    struct nb_map by_token NB_GUARDED_BY(lock);
    struct age {
        int64_t threshold_ns;
        struct nb_link list; // the longest unused first
    } ages[AGES_MAX] NB_GUARDED_BY(lock);
    unsigned age_count NB_GUARDED_BY(lock);
    struct nserver__random_tokens random NB_GUARDED_BY(lock);
    bool is_swept;         // [control] in the sweeper's list
    struct nb_link swept;  // [control]
    struct nnet_task task; // to begin being swept
    bool is_task_posted NB_GUARDED_BY(lock);
};

static unsigned on_response(struct nserver__inner_sub *inner, const struct nserver__sender *from,
                            const struct nproto_msg *msg);

/* The table of an account, made at its first use. */

static struct nserver__responses *make_table(struct nserver__account *account,
                                             struct nserver *server)
{
    struct nserver__responses *table = nb_zalloc(sizeof(*table));

    table->server = server;
    table->account = account;
    table->awaited_by_us = nsub_trie_create();
    memcpy(table->prefix, "_R_.", 4);
    nserver__random_token(&table->random, table->prefix + 4);
    table->prefix[PREFIX_BYTES - 1] = '.';
    nb_mutex_init(&table->lock);
    for (unsigned i = 0; i < AGES_MAX; i++) {
        nb_list_init(&table->ages[i].list);
    }
    return table;
}

void nserver__responses_destroy(struct nserver__responses *responses)
{
    struct nserver__response *response;
    size_t at = 0;

    if (responses == NULL) {
        return;
    }
    nb_mutex_lock(&responses->lock);
    while ((response = nb_map_next(&responses->by_token, &at)) != NULL) {
        nserver__latency_free(response->latency);
        nb_free(response);
    }
    nb_map_fini(&responses->by_token);
    nb_free(responses->hearing);
    nb_mutex_unlock(&responses->lock);
    nb_mutex_fini(&responses->lock);
    nsub_trie_destroy(&responses->awaited_by_us);
    nb_free(responses);
}

static struct nserver__responses *table_of(struct nserver__account *account, struct nserver *server)
{
    struct nserver__responses *table = atomic_load(&account->responses);
    struct nserver__responses *fresh;

    if (NB_LIKELY(table != NULL)) {
        return table;
    }
    fresh = make_table(account, server);
    if (!atomic_compare_exchange_strong(&account->responses, &table, fresh)) {
        nserver__responses_destroy(fresh); // another worker was faster
        return table;
    }
    return fresh;
}

/* The end of a response. */

static void free_response(struct nb_epoch_item *item)
{
    struct nserver__response *response = nb_container_of(item, struct nserver__response, retired);

    nserver__latency_free(response->latency);
    nb_free(response);
}

static struct slice token_of(const struct nserver__response *response)
{
    return nb_slice_make(response->subject + PREFIX_BYTES, RESPONSE_TOKEN_BYTES);
}

// False: it was over before. Under the lock of its table.
static bool take_out(struct nserver__response *response)
{
    if (response->is_over) {
        return false;
    }
    response->is_over = true;
    nb_link_remove(&response->link);
    nb_map_remove(&response->table->by_token, token_of(response));
    return true;
}

// Behind take_out(), without the lock.
static void let_go(struct nserver__response *response, struct nnet_worker *net)
{
    int rc = nsub_trie_remove(table_of(response->to, response->table->server)->awaited_by_us,
                              &response->waits);

    NB_DEBUG_ASSERT(rc == NB_OK);
    (void)rc; // it is there: only who has taken it out removes it
    atomic_fetch_sub_explicit(&response->to->awaited, 1, memory_order_relaxed);
    atomic_fetch_sub_explicit(&response->to->awaited_bytes, response->bytes, memory_order_relaxed);
    nnet_worker_retire(net, &response->retired, free_response);
}

static bool end_quietly(struct nserver__response *response, struct nnet_worker *net)
{
    bool was_there;

    nb_mutex_lock(&response->table->lock);
    was_there = take_out(response);
    nb_mutex_unlock(&response->table->lock);
    if (was_there) {
        let_go(response, net);
    }
    return was_there;
}

void nserver__response_end(struct nserver__response *response, const struct nserver__sender *sender,
                           enum nserver__response_end why)
{
    static const int statuses[] = {
        [RESPONSE_UNDELIVERED] = 503, [RESPONSE_LATE] = 504, [RESPONSE_UNWANTED] = 408};

    if (end_quietly(response, sender->worker->net) && response->latency != NULL) {
        nserver__latency_report_failure(response->latency, sender->worker->server,
                                        response->table->account, statuses[why]);
    }
}

/* Late ones. A timer of the control worker looks after the tables that have any response. */

// Moves those that are late to `late`, at most SWEEP_MAX. Under the lock. How many.
static unsigned take_late(struct nserver__responses *table, struct nb_link *late)
{
    struct nb_mono now = nb_mono_now();
    unsigned count = 0;

    for (unsigned i = 0; i < table->age_count; i++) {
        struct age *age = &table->ages[i];

        while (count < SWEEP_MAX && !nb_list_is_empty(&age->list)) {
            struct nserver__response *response =
                nb_container_of(age->list.next, struct nserver__response, link);

            if (nb_mono_since(now, response->used_at) <= age->threshold_ns) {
                break;
            }
            take_out(response);
            nb_list_append(late, &response->link);
            count++;
        }
    }
    return count;
}

enum sweep { SWEEP_EMPTY, SWEEP_DONE, SWEEP_MORE };

static enum sweep sweep_table(struct nserver *server, struct nserver__responses *table)
{
    struct nb_link late;
    unsigned count;
    bool is_empty;

    nb_list_init(&late);
    nb_mutex_lock(&table->lock);
    count = take_late(table, &late);
    is_empty = nb_map_count(&table->by_token) == 0;
    table->is_task_posted = !is_empty; // otherwise the next response posts it again
    nb_mutex_unlock(&table->lock);
    for (struct nb_link *link = nb_list_take_first(&late); link != NULL;
         link = nb_list_take_first(&late)) {
        struct nserver__response *response = nb_container_of(link, struct nserver__response, link);

        if (response->latency != NULL) {
            nserver__latency_report_failure(response->latency, server, table->account, 504);
        }
        let_go(response, nnet_group_control(server->group));
    }
    if (is_empty) {
        return SWEEP_EMPTY;
    }
    return count < SWEEP_MAX ? SWEEP_DONE : SWEEP_MORE;
}

static void on_sweep(struct nnet_timer *timer)
{
    struct nserver *server = nb_container_of(timer, struct nserver, response_timer);
    struct nb_link tables;
    struct nb_link *link;
    bool has_more = false;

    nb_list_init(&tables);
    nb_list_move_all(&tables, &server->response_tables);
    while ((link = nb_list_take_first(&tables)) != NULL) {
        struct nserver__responses *table = nb_container_of(link, struct nserver__responses, swept);
        enum sweep swept = sweep_table(server, table);

        if (swept == SWEEP_EMPTY) {
            table->is_swept = false;
        } else {
            nb_list_append(&server->response_tables, link);
        }
        has_more |= swept == SWEEP_MORE;
    }
    if (!nb_list_is_empty(&server->response_tables)) {
        nnet_timer_arm(nnet_group_control(server->group), timer,
                       has_more ? SWEEP_SOON_NS : SWEEP_NS);
    }
}

static void begin_sweeping(struct nnet_task *task, struct nnet_worker *control)
{
    struct nserver__responses *table = nb_container_of(task, struct nserver__responses, task);
    struct nserver *server = table->server;

    if (!table->is_swept) {
        table->is_swept = true;
        nb_list_append(&server->response_tables, &table->swept);
        server->response_timer.fire = on_sweep;
        if (!nnet_timer_is_armed(&server->response_timer) && !atomic_load(&server->is_stopping)) {
            nnet_timer_arm(control, &server->response_timer, SWEEP_NS);
        }
    }
}

void nserver__responses_stop(struct nserver *server)
{
    nnet_timer_disarm(nnet_group_control(server->group), &server->response_timer);
}

/* A new one. */

static unsigned age_of(struct nserver__responses *table, int64_t threshold_ns)
{
    for (unsigned i = 0; i < table->age_count; i++) {
        if (table->ages[i].threshold_ns == threshold_ns) {
            return i;
        }
    }
    if (table->age_count == AGES_MAX) {
        return AGES_MAX - 1;
    }
    table->ages[table->age_count].threshold_ns = threshold_ns;
    return table->age_count++;
}

// With a token that no other has. Under the lock.
static void name_it(struct nserver__responses *table, struct nserver__response *response)
{
    char *at = response->subject;

    memcpy(at, table->prefix, PREFIX_BYTES);
    do {
        nserver__random_token(&table->random, at + PREFIX_BYTES);
    } while (!nb_map_insert(&table->by_token, token_of(response), response));
    response->subject_size = PREFIX_BYTES + RESPONSE_TOKEN_BYTES;
    if (response->latency != NULL) { // marked, for the responder's server
        at += response->subject_size;
        *at++ = '.';
        nserver__name_hash(table->server->name, at);
        memcpy(at + RESPONSE_HASH_BYTES, ".T", 2);
        response->subject_size += 1 + RESPONSE_HASH_BYTES + 2;
    }
}

static void hear_responses(struct nserver__responses *table)
{
    char subject[PREFIX_BYTES + 1];
    int rc;

    memcpy(subject, table->prefix, PREFIX_BYTES);
    subject[PREFIX_BYTES] = '>';
    table->hearing = nserver__inner_sub_create(
        table->account, nb_slice_make(subject, sizeof(subject)), on_response, table);
    rc = nserver__inner_sub_begin(table->hearing);
    NB_DEBUG_ASSERT(rc == NB_OK);
    (void)rc; // the subject is ours
}

// Both where answers and where lost interest find it, under one lock: who finds it finds it whole.
// NB_EMALFORMED: nobody can listen to such a reply.
static int insert(struct nserver__responses *table, struct nserver__response *response,
                  int64_t threshold_ns)
{
    bool is_first;

    nb_mutex_lock(&table->lock);
    if (nsub_trie_insert(table_of(response->to, table->server)->awaited_by_us, &response->waits) !=
        NB_OK) {
        nb_mutex_unlock(&table->lock);
        return NB_EMALFORMED;
    }
    name_it(table, response);
    response->age = age_of(table, threshold_ns);
    nb_list_append(&table->ages[response->age].list, &response->link);
    if (table->hearing == NULL) {
        hear_responses(table);
    }
    is_first = !table->is_task_posted;
    table->is_task_posted = true;
    nb_mutex_unlock(&table->lock);
    if (is_first) {
        table->task.run = begin_sweeping;
        nnet_worker_post(nnet_group_control(table->server->group), &table->task);
    }
    return NB_OK;
}

static void warn_of_many(struct nserver *server, struct nserver__account *account)
{
    struct nserver__responses *table = table_of(account, server);
    uint64_t now = nb_mono_now().ns;
    uint64_t before = atomic_load(&table->warned_at_ns);

    if ((before == 0 || now - before > WARN_NS) &&
        atomic_compare_exchange_strong(&table->warned_at_ns, &before, now)) {
        nb_log_warn(server->log, "Account [%.*s] has too many unanswered service requests",
                    NB_SLICE_ARGS(account->name));
    }
}

bool nserver__responses_have_room(struct nserver *server, struct nserver__account *to)
{
    if (NB_LIKELY(atomic_load_explicit(&to->awaited_bytes, memory_order_relaxed) <
                  NSERVER__AWAITED_MAX_BYTES)) {
        return true;
    }
    warn_of_many(server, to);
    return false;
}

struct nserver__response *nserver__responses_add(const struct nserver__sender *sender,
                                                 const struct nserver__awaited *awaited)
{
    struct nserver *server = sender->worker->server;
    struct nserver__responses *table = table_of(sender->account, server);
    struct nserver__response *response = nb_zalloc(sizeof(*response) + awaited->reply.n);

    response->table = table;
    response->threshold_ns = awaited->threshold_ns;
    response->bytes = sizeof(*response) + awaited->reply.n + ENTRY_BYTES +
                      nserver__latency_bytes(awaited->latency);
    response->to = awaited->to;
    response->type = awaited->type;
    response->latency = awaited->latency;
    response->used_at = nb_mono_now();
    memcpy(response->reply, awaited->reply.p, awaited->reply.n);
    response->waits =
        (struct nsub_sub){.subject = {response->reply, awaited->reply.n}, .weight = 1};
    // Counted before anybody can end it.
    atomic_fetch_add_explicit(&awaited->to->awaited, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&awaited->to->awaited_bytes, response->bytes, memory_order_relaxed);
    if (insert(table, response, awaited->threshold_ns) != NB_OK) {
        atomic_fetch_sub_explicit(&awaited->to->awaited, 1, memory_order_relaxed);
        atomic_fetch_sub_explicit(&awaited->to->awaited_bytes, response->bytes,
                                  memory_order_relaxed);
        nserver__latency_free(response->latency);
        nb_free(response);
        return NULL;
    }
    return response;
}

struct slice nserver__response_subject(const struct nserver__response *response)
{
    return nb_slice_make(response->subject, response->subject_size);
}

/* An answer. */

// Finds it, and says whether it is the last one; one that is only traced is none. Valid until the
// end of the pass.
static struct nserver__response *find(struct nserver__responses *table,
                                      const struct nserver__sender *from,
                                      const struct nproto_msg *msg, bool *is_last)
{
    struct slice rest = nb_slice_sub(msg->subject, PREFIX_BYTES, msg->subject.n);
    struct nserver__response *response;

    nb_mutex_lock(&table->lock);
    response = nb_map_find(&table->by_token, nb_slice_sub(rest, 0, RESPONSE_TOKEN_BYTES));
    if (response != NULL && !nb_slice_equal(msg->subject, nserver__response_subject(response))) {
        response = NULL;
    }
    if (response != NULL && !nserver__trace_is_only(from->trace)) {
        *is_last = response->type == NAUTH_RESPONSE_SINGLETON ||
                   (msg->payload.n == 0 && msg->header_size == 0);
        if (*is_last) {
            take_out(response);
        } else {
            response->used_at = nb_mono_now();
            nb_link_remove(&response->link);
            nb_list_append(&table->ages[response->age].list, &response->link);
        }
    }
    nb_mutex_unlock(&table->lock);
    return response;
}

// A reply subject inside an answer is one of the answering account: it gets one where it arrives.
static void replace_reply(const struct nserver__sender *from, const struct nserver__sender *to,
                          struct nproto_msg *msg, int64_t threshold_ns)
{
    struct nserver__awaited awaited = {
        .to = from->account,
        .reply = msg->reply,
        .type = NAUTH_RESPONSE_SINGLETON,
        .threshold_ns = threshold_ns,
    };
    struct nserver__response *response =
        nserver__responses_have_room(from->worker->server, from->account)
            ? nserver__responses_add(to, &awaited)
            : NULL;

    msg->reply = response != NULL ? nserver__response_subject(response) : (struct slice){0};
}

static unsigned on_response(struct nserver__inner_sub *inner, const struct nserver__sender *from,
                            const struct nproto_msg *msg)
{
    struct nserver__responses *table = inner->ctx;
    struct nproto_msg answer = *msg;
    struct nserver__sender sender;
    bool is_last = false;
    struct nserver__response *response = find(table, from, msg, &is_last);
    uint8_t *untraced = NULL;
    unsigned count;

    if (response == NULL) {
        return 0;
    }
    sender = nserver__sender_in(from, response->to);
    sender.hops = NULL;
    answer.subject = response->waits.subject;
    if (from->trace != NULL) { // it ends where the account does
        nserver__trace_note_service_import(from->trace, response->to, msg->subject, answer.subject);
        if (from->trace->is_only) {
            return 0;
        }
        untraced = nserver__trace_disable(&answer);
    }
    if (answer.reply.n > 0) {
        replace_reply(from, &sender, &answer, response->threshold_ns);
    }
    count = nserver__deliver_on(&sender, &answer);
    nb_free(untraced);
    if (response->latency != NULL && is_last) {
        nserver__latency_report(response->latency, from, table->account);
    }
    if (is_last) {
        let_go(response, from->worker->net);
    } else if (count == 0) {
        end_quietly(response, from->worker->net);
    }
    return count;
}

/* Nobody listens any more. A pattern may touch all that is awaited, and somebody may subscribe to it
 * and unsubscribe again and again: so only a part of the time is spent on looking. What is not found
 * this way is late some day.
 */

static void end_unwanted(const struct nserver__sender *sender, struct nserver__responses *table,
                         struct slice subject)
{
    struct nsub_result *result = nsub_trie_reverse_match(table->awaited_by_us, subject);

    for (uint32_t i = 0; i < result->plain_count; i++) {
        struct nserver__response *response =
            nb_container_of(result->plain[i], struct nserver__response, waits);

        if (!nsub_trie_has_interest(sender->account->trie, response->waits.subject)) {
            nserver__response_end(response, sender, RESPONSE_UNWANTED);
        }
    }
    nsub_result_free(result);
}

void nserver__responses_note_unsubscribed(const struct nserver__sender *sender,
                                          struct slice subject)
{
    struct nserver__responses *table = atomic_load(&sender->account->responses);
    uint64_t began;
    uint64_t ended;

    if (table == NULL) {
        return;
    }
    began = nb_mono_now().ns;
    if (nsub_subject_has_wildcard(subject) &&
        began < atomic_load_explicit(&table->looks_from_ns, memory_order_relaxed)) {
        return;
    }
    end_unwanted(sender, table, subject);
    ended = nb_mono_now().ns;
    atomic_store_explicit(&table->looks_from_ns, ended + REST_FACTOR * (ended - began),
                          memory_order_relaxed);
}
