/* natsd/trie.h - the subscription index of one account. Spec 01 sections 13 and 14.
 *
 * A trie by token holds the subscriptions of local clients and of remote servers. Matching a
 * published subject gives the plain subscriptions and, per queue group, its members.
 *
 * Ownership: the trie stores pointers to struct nsub_sub, which the caller embeds in its own
 *   subscription and keeps alive (and unmoved, with an unchanged subject and queue) until it
 *   was removed and no other thread can hold a result with it (natsd/epoch.h).
 * Threads:   [any]. Readers share a lock, writers exclude each other and them; what a reader
 *   gets is a copy. The generation changes with every change of what a match could give, so
 *   that caches (natsd/match_cache.h) are checked without the lock.
 * Errors:    NB_EMALFORMED for a bad subject (spec 13: "sublist: invalid subject"),
 *   NB_ENOTFOUND for an unknown subscription ("sublist: no matches found"), NB_EEXISTS,
 *   NB_ELIMIT.
 * Size:      a subscription with a subject of its own costs about 30 bytes beside its struct;
 *   a node stands only where the subjects of several part.
 */
#pragma once

#include <natsd/error.h>
#include <natsd/slice.h>

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NSUB_TRIE_SUBSCRIPTION_MAX = INT32_MAX,
    // Places of a group in a result. Beyond it, and with more than 16 groups beyond 16 times it
    // in all of them together, a remote member has its share of the places: what peers
    // announce doesn't decide how much memory a match takes.
    NSUB_GROUP_MEMBER_MAX = 64 * 1024,
};

// A subscription as the index sees it. Embed it; fill in all but the private part before the
// insert. Small, because there may be millions of them.
struct nsub_sub {
    struct slice subject;     // borrowed while it is in the trie; its queue stands right behind it
    uint32_t queue_size : 31; // 0: plain
    bool is_remote : 1;       // of a route or leaf node
    uint32_t weight;          // members that a remote queue subscription stands for; 1 for local
                              // ones; only nsub_trie_set_weight() changes it in the trie
    union {
        uint32_t slot_index;   // private
        struct nsub_sub *next; // the owner's from the removal on: to free many later as one
    };
};

static_assert(sizeof(struct nsub_sub) <= 32, "a subscription costs little");

static inline struct slice nsub_sub_queue(const struct nsub_sub *sub)
{
    return nb_slice_make(sub->subject.p + sub->subject.n, sub->queue_size);
}

struct nsub_queue_group {
    struct slice queue;              // borrowed from one of the members
    struct nsub_sub *const *members; // a remote one stands there weight times
    uint32_t member_count;
};

// What matches a subject. Read-only; lives as its container says.
struct nsub_result {
    struct nsub_sub *const *plain;
    const struct nsub_queue_group *groups;
    uint32_t plain_count;
    uint32_t group_count;
};

struct nsub_trie;

struct nsub_trie *nsub_trie_create(void);
void nsub_trie_destroy(struct nsub_trie **trie); // the subscriptions are the caller's

NB_MUST_USE int nsub_trie_insert(struct nsub_trie *trie, struct nsub_sub *sub);
NB_MUST_USE int nsub_trie_remove(struct nsub_trie *trie, struct nsub_sub *sub);
// A remote queue subscription's weight changes.
NB_MUST_USE int nsub_trie_set_weight(struct nsub_trie *trie, struct nsub_sub *sub, uint32_t weight);

// Changes with every insert, removal and change of weight. Acquire: what is read from the trie
// after a change of the generation was seen has that change.
uint64_t nsub_trie_generation(const struct nsub_trie *trie);

// The same for a part of all subjects, so that the coming and going of inboxes doesn't age
// what is known about others: a region is chosen by the first token of a literal subject.
// Its generation changes with every change of what its subjects match, and with some others.
uint32_t nsub_trie_region(const struct nsub_trie *trie, struct slice subject);
uint64_t nsub_trie_region_generation(const struct nsub_trie *trie, uint32_t region);

// The result is one allocation, freed by nsub_result_free(); never NULL. A subject with an
// empty token matches nothing. Wildcards in `subject` are literal characters.
struct nsub_result *nsub_trie_match(struct nsub_trie *trie, struct slice subject);
void nsub_result_free(struct nsub_result *result);

// Does a literal subject have any subscription? No allocation for up to 32 tokens.
bool nsub_trie_has_interest(struct nsub_trie *trie, struct slice subject);
// How many it has: plain ones and members of queue groups, each once.
void nsub_trie_count_interest(struct nsub_trie *trie, struct slice subject, uint32_t *plain,
                              uint32_t *queue);
// Is there a subscription with exactly this subject, wildcards taken as text, and this queue?
// With an empty queue: a plain one.
bool nsub_trie_has_exact(struct nsub_trie *trie, struct slice subject, struct slice queue);

// All subscriptions that the pattern covers or overlaps (spec 13, reverse match): exactly
// those whose subjects collide with it (natsd/subject.h).
struct nsub_result *nsub_trie_reverse_match(struct nsub_trie *trie, struct slice pattern);

// Calls for every subscription, in no order, under the read lock: `fn` calls nothing of the
// trie. Stops when fn returns false.
typedef bool (*nsub_trie_each_fn)(void *ctx, struct nsub_sub *sub);
void nsub_trie_each(struct nsub_trie *trie, nsub_trie_each_fn fn, void *ctx);

// Tells when the first subscription with exactly this literal subject and queue comes and
// when the last one goes; an empty queue means plain subscriptions. `fn` runs after the
// change, outside the lock, in the thread that made it, and may use the trie. So it may still
// run once after nsub_trie_unnotify() in another thread, and two threads' calls may come out
// of order: whoever depends on the order asks nsub_trie_has_exact(). *has_interest: whether
// there is one at the registration. NB_EMALFORMED for a wildcard or bad subject, NB_EEXISTS
// for the same listener twice ("sublist: notification already registered"), NB_ENOTFOUND.
typedef void (*nsub_trie_notify_fn)(void *ctx, bool has_interest);
NB_MUST_USE int nsub_trie_notify(struct nsub_trie *trie, struct slice subject, struct slice queue,
                                 nsub_trie_notify_fn fn, void *ctx, bool *has_interest);
NB_MUST_USE int nsub_trie_unnotify(struct nsub_trie *trie, struct slice subject, struct slice queue,
                                   nsub_trie_notify_fn fn, void *ctx);

struct nsub_trie_stats {
    uint32_t subscription_count;
    uint64_t insert_count;
    uint64_t remove_count;
    uint64_t match_count; // lookups that reached the trie
};

struct nsub_trie_stats nsub_trie_stats(struct nsub_trie *trie);

#ifdef __cplusplus
}
#endif
