#include "clients/guard.h"

#include <natsd/hash.h>
#include <natsd/lock.h>
#include <natsd/map.h>
#include <natsd/memory.h>

#include "clients/client.h"

/* Answers about publishing are remembered, by subject, in a small table; one that allowed is also in
 * front of it (guard.h).
 */

enum {
    ANSWERS = 16,
};

struct nserver__publish_answers {
    struct {
        uint8_t size; // 0: none
        bool is_allowed;
        uint8_t subject[NSERVER__ANSWER_MAX_BYTES];
    } at[ANSWERS];
};

/* Replies that a client may publish to, because it was given them. */

enum {
    PERMITS_ADDED_MAX = 4096, // then those that are over are thrown away
};

#define PERMITS_CLEAN_NS NB_NS_PER_S

struct permit {
    struct nb_mono at;
    int64_t count;
    size_t size;
    uint8_t reply[];
};

struct nserver__permits {
    struct nb_epoch_item retired;
    struct nb_mutex lock;
    struct nb_map by_reply NB_GUARDED_BY(lock);
    struct nb_mono cleaned_at NB_GUARDED_BY(lock);
    unsigned added NB_GUARDED_BY(lock); // since then
    int64_t max, ttl_ns;                // negative: no limit
};

static struct nserver__permits *make_permits(const struct nauth_permissions *permissions)
{
    struct nserver__permits *permits = nb_zalloc(sizeof(*permits));

    nb_mutex_init(&permits->lock);
    permits->cleaned_at = nb_mono_now();
    permits->max = permissions->responses_max;
    permits->ttl_ns = permissions->responses_ttl_ns;
    return permits;
}

static void free_permits(struct nserver__permits *permits)
{
    struct permit *permit;
    size_t at = 0;

    nb_mutex_lock(&permits->lock);
    while ((permit = nb_map_next(&permits->by_reply, &at)) != NULL) {
        nb_free(permit);
    }
    nb_map_fini(&permits->by_reply);
    nb_mutex_unlock(&permits->lock);
    nb_mutex_fini(&permits->lock);
    nb_free(permits);
}

static bool is_over(const struct nserver__permits *permits, const struct permit *permit,
                    struct nb_mono now)
{
    return (permits->max > 0 && permit->count >= permits->max) ||
           (permits->ttl_ns > 0 && nb_mono_since(now, permit->at) > permits->ttl_ns);
}

// Under the lock.
static void clean_permits(struct nserver__permits *permits, struct nb_mono now)
{
    struct nb_map kept = {0};
    struct permit *permit;
    size_t at = 0;

    while ((permit = nb_map_next(&permits->by_reply, &at)) != NULL) {
        if (is_over(permits, permit, now)) {
            nb_free(permit);
        } else {
            nb_map_insert(&kept, nb_slice_make(permit->reply, permit->size), permit);
        }
    }
    nb_map_fini(&permits->by_reply);
    permits->by_reply = kept;
    permits->cleaned_at = now;
    permits->added = 0;
}

void nserver__guard_note_reply(const struct nserver__guard *guard, struct slice reply)
{
    struct nserver__permits *permits = guard->permits;
    struct nb_mono now;
    struct permit *permit;

    if (permits == NULL || reply.n == 0 || nauth_rules_may_publish(guard->rules, reply)) {
        return;
    }
    now = nb_mono_now();
    nb_mutex_lock(&permits->lock);
    if (permits->added > PERMITS_ADDED_MAX ||
        nb_mono_since(now, permits->cleaned_at) > PERMITS_CLEAN_NS) {
        clean_permits(permits, now);
    }
    permit = nb_map_find(&permits->by_reply, reply);
    if (permit == NULL) {
        permit = nb_zalloc(sizeof(*permit) + reply.n);
        permit->size = reply.n;
        memcpy(permit->reply, reply.p, reply.n);
        nb_map_insert(&permits->by_reply, nb_slice_make(permit->reply, reply.n), permit);
        permits->added++;
    }
    permit->at = now;
    permit->count = 0;
    nb_mutex_unlock(&permits->lock);
}

static bool use_permit(struct nserver__permits *permits, struct slice reply)
{
    struct permit *permit;
    bool is_good = false;

    nb_mutex_lock(&permits->lock);
    permit = nb_map_find(&permits->by_reply, reply);
    if (permit != NULL) {
        is_good = !is_over(permits, permit, nb_mono_now());
        permit->count++;
        if (!is_good) {
            nb_map_remove(&permits->by_reply, reply);
            nb_free(permit);
        }
    }
    nb_mutex_unlock(&permits->lock);
    return is_good;
}

/* The guard. Permits outlive it when another follows for the same rules. */

static void free_guard(struct nb_epoch_item *item)
{
    struct nserver__guard *guard = nb_container_of(item, struct nserver__guard, retired);

    nauth_rules_unref(guard->rules);
    nb_free(guard);
}

static void reclaim_permits(struct nb_epoch_item *item)
{
    free_permits(nb_container_of(item, struct nserver__permits, retired));
}

static void replace_guard(struct nserver__client *c, struct nserver__guard *guard)
{
    struct nserver__guard *old = atomic_exchange(&c->guard, guard);

    if (old != NULL) {
        nnet_worker_retire(c->worker->net, &old->retired, free_guard);
    }
}

static struct nserver__guard *make_guard(struct nauth_rules *rules, bool is_filtering)
{
    struct nserver__guard *guard = nb_zalloc(sizeof(*guard));

    guard->rules = nauth_rules_ref(rules);
    guard->is_filtering = is_filtering;
    return guard;
}

void nserver__client_set_rules(struct nserver__client *c, struct nauth_rules *rules)
{
    struct nserver__permits *old_permits = c->permits;
    struct nserver__guard *guard = NULL;

    c->permits = NULL;
    if (rules != NULL && nauth_rules_permissions(rules)->has_responses) {
        c->permits = make_permits(nauth_rules_permissions(rules));
        guard = make_guard(rules, false);
        guard->permits = c->permits;
    }
    replace_guard(c, guard);
    if (old_permits != NULL) {
        nnet_worker_retire(c->worker->net, &old_permits->retired, reclaim_permits);
    }
    nauth_rules_unref(c->rules);
    c->rules = rules;
    c->allowed_size = 0;
    nb_free(c->publish_answers);
    c->publish_answers = NULL;
}

void nserver__client_fini_rules(struct nserver__client *c)
{
    struct nserver__guard *guard = atomic_load(&c->guard);

    if (guard != NULL) { // nobody sees the client any more
        free_guard(&guard->retired);
        atomic_store(&c->guard, NULL);
    }
    if (c->permits != NULL) {
        free_permits(c->permits);
        c->permits = NULL;
    }
    nauth_rules_unref(c->rules);
    c->rules = NULL;
    nb_free(c->publish_answers);
    c->publish_answers = NULL;
}

static bool look_up(struct nserver__client *c, struct slice subject)
{
    unsigned place = (unsigned)(nb_hash(subject, nb_hash_process_seed()) % ANSWERS);

    if (c->publish_answers == NULL) {
        c->publish_answers = nb_zalloc(sizeof(*c->publish_answers));
    }
    if (c->publish_answers->at[place].size != subject.n ||
        memcmp(c->publish_answers->at[place].subject, subject.p, subject.n) != 0) {
        c->publish_answers->at[place].is_allowed = nauth_rules_may_publish(c->rules, subject);
        c->publish_answers->at[place].size = (uint8_t)subject.n;
        memcpy(c->publish_answers->at[place].subject, subject.p, subject.n);
    }
    return c->publish_answers->at[place].is_allowed;
}

static void keep_allowed(struct nserver__client *c, struct slice subject)
{
    c->allowed_size = (uint32_t)subject.n;
    memcpy(c->allowed, subject.p, subject.n);
}

bool nserver__client_weigh_publish(struct nserver__client *c, struct slice subject)
{
    bool is_short = subject.n > 0 && subject.n <= NSERVER__ANSWER_MAX_BYTES;

    if (is_short ? look_up(c, subject) : nauth_rules_may_publish(c->rules, subject)) {
        if (is_short) {
            keep_allowed(c, subject);
        }
        return true;
    }
    return c->permits != NULL && use_permit(c->permits, subject);
}

bool nserver__client_may_subscribe(struct nserver__client *c, struct slice subject,
                                   struct slice queue)
{
    struct nserver__guard *old = atomic_load_explicit(&c->guard, memory_order_relaxed);
    struct nserver__guard *guard;

    if (c->rules == NULL) {
        return true;
    }
    if (!nauth_rules_may_subscribe(c->rules, subject, queue)) {
        return false;
    }
    if ((old == NULL || !old->is_filtering) && nauth_rules_overlap_deny(c->rules, subject, queue)) {
        guard = make_guard(c->rules, true);
        guard->permits = c->permits;
        replace_guard(c, guard);
    }
    return true;
}
