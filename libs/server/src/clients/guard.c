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

static struct nserver__restriction *make_restriction(struct nauth_rules *rules)
{
    struct nserver__restriction *restriction;

    if (rules == NULL) {
        return NULL;
    }
    restriction = nb_zalloc(sizeof(*restriction));
    restriction->rules = rules;
    if (nauth_rules_permissions(rules)->has_responses) {
        restriction->permits = nserver__permits_create(nauth_rules_permissions(rules));
    }
    return restriction;
}

// But for its permits, which others may be looking at.
static void free_restriction(struct nserver__restriction *restriction)
{
    if (restriction != NULL) {
        nauth_rules_unref(restriction->rules);
        nb_free(restriction->answers);
        nb_free(restriction);
    }
}

void nserver__client_set_rules(struct nserver__client *c, struct nauth_rules *rules)
{
    struct nserver__restriction *old = c->restriction;
    struct nserver__guard *guard = NULL;
    bool is_filtering;

    c->restriction = make_restriction(rules);
    if (rules != NULL) {
        // Other workers deliver to its subscriptions while those are looked at one by one.
        is_filtering =
            c->subs.count > 0 && nauth_rules_permissions(rules)->subscribe_deny.count > 0;
        if (is_filtering || c->restriction->permits != NULL) {
            guard = make_guard(rules, is_filtering);
            guard->permits = c->restriction->permits;
        }
    }
    replace_guard(c, guard);
    if (old != NULL) {
        nserver__permits_retire(old->permits, c->worker->net);
        free_restriction(old);
    }
}

void nserver__client_fini_rules(struct nserver__client *c)
{
    struct nserver__guard *guard = atomic_load(&c->guard);

    if (guard != NULL) { // nobody sees the client any more
        free_guard(&guard->retired);
        atomic_store(&c->guard, NULL);
    }
    if (c->restriction != NULL) {
        nserver__permits_destroy(c->restriction->permits);
        free_restriction(c->restriction);
        c->restriction = NULL;
    }
}

static bool look_up(struct nserver__restriction *r, struct slice subject)
{
    unsigned place = (unsigned)(nb_hash(subject, nb_hash_process_seed()) % ANSWERS);

    if (r->answers == NULL) {
        r->answers = nb_zalloc(sizeof(*r->answers));
    }
    if (r->answers->at[place].size != subject.n ||
        memcmp(r->answers->at[place].subject, subject.p, subject.n) != 0) {
        r->answers->at[place].is_allowed = nauth_rules_may_publish(r->rules, subject);
        r->answers->at[place].size = (uint8_t)subject.n;
        memcpy(r->answers->at[place].subject, subject.p, subject.n);
    }
    return r->answers->at[place].is_allowed;
}

bool nserver__client_weigh_publish(struct nserver__client *c, struct slice subject)
{
    struct nserver__restriction *r = c->restriction;
    bool is_short = subject.n > 0 && subject.n <= NSERVER__ANSWER_MAX_BYTES;

    if (!is_short && nauth_rules_may_publish(r->rules, subject)) {
        return true;
    }
    if (is_short && look_up(r, subject)) {
        r->allowed_size = (uint32_t)subject.n;
        memcpy(r->allowed, subject.p, subject.n);
        return true;
    }
    return r->permits != NULL && nserver__permits_use(r->permits, subject, nb_mono_now());
}

bool nserver__client_may_subscribe(struct nserver__client *c, struct slice subject,
                                   struct slice queue)
{
    struct nserver__guard *old = atomic_load_explicit(&c->guard, memory_order_relaxed);
    struct nserver__guard *guard;

    if (c->restriction == NULL) {
        return true;
    }
    if (!nauth_rules_may_subscribe(c->restriction->rules, subject, queue)) {
        return false;
    }
    if ((old == NULL || !old->is_filtering) &&
        nauth_rules_overlap_deny(c->restriction->rules, subject, queue)) {
        guard = make_guard(c->restriction->rules, true);
        guard->permits = c->restriction->permits;
        replace_guard(c, guard);
    }
    return true;
}
