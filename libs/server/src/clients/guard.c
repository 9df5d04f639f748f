#include "clients/guard.h"

#include <natsd/hash.h>
#include <natsd/memory.h>

#include "clients/client.h"
#include "clients/permits.h"

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

void nserver__guard_note_reply(const struct nserver__guard *guard, struct slice reply)
{
    if (guard->permits != NULL && reply.n > 0 && !nauth_rules_may_publish(guard->rules, reply)) {
        nserver__permits_add(guard->permits, reply, nb_mono_now());
    }
}

/* The guard. Permits outlive it when another follows for the same rules. */

static void free_guard(struct nb_epoch_item *item)
{
    struct nserver__guard *guard = nb_container_of(item, struct nserver__guard, retired);

    nauth_rules_unref(guard->rules);
    nb_free(guard);
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
    const struct nauth_permissions *permissions =
        rules != NULL ? nauth_rules_permissions(rules) : NULL;
    struct nserver__permits *old_permits = c->permits;
    struct nserver__guard *guard = NULL;
    bool is_filtering;

    c->permits = NULL;
    if (permissions != NULL) {
        // Other workers deliver to its subscriptions while those are looked at one by one.
        is_filtering = c->subs.count > 0 && permissions->subscribe_deny.count > 0;
        if (permissions->has_responses) {
            c->permits = nserver__permits_create(permissions);
        }
        if (is_filtering || c->permits != NULL) {
            guard = make_guard(rules, is_filtering);
            guard->permits = c->permits;
        }
    }
    replace_guard(c, guard);
    nserver__permits_retire(old_permits, c->worker->net);
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
    nserver__permits_destroy(c->permits);
    c->permits = NULL;
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
    return c->permits != NULL && nserver__permits_use(c->permits, subject, nb_mono_now());
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
